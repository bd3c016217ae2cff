"""Appli carte Vitale: port, component of the bac à sable, qualification at once."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from app.devices.apcv import ApcvBacASable, ContexteApcv, ErreurApcv, LectureApcv
from app.domain import statuts
from app.domain.identity import Attribut, Identite, ModeQualification, StatutIdentite
from app.sandbox.apcv import SCENARIOS, Apcv, routes_apcv
from app.sandbox.controle import corps_json, protege
from app.sandbox.horloge import Horloge
from app.usecases import apcv
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.identite_outils import ADRUN, MATRICULE, contexte


@pytest.fixture
def horloge() -> Horloge:
    return Horloge()


@pytest.fixture
def double(horloge: Horloge) -> Apcv:
    return Apcv(horloge)


@pytest.fixture
def port(double: Apcv) -> ApcvBacASable:
    composant = httpx.ASGITransport(Starlette(routes=routes_apcv(double, protege, corps_json)))

    async def appeler(requete: httpx.Request) -> httpx.Response:
        async with httpx.AsyncClient(transport=composant, base_url="http://127.0.0.1") as client:
            return await client.request(requete.method, requete.url.path, content=requete.read())

    def repondre(requete: httpx.Request) -> httpx.Response:
        reponse = asyncio.run(appeler(requete))
        return httpx.Response(reponse.status_code, content=reponse.content)

    return ApcvBacASable("http://127.0.0.1", transport=httpx.MockTransport(repondre))


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path)
    yield ctx
    ctx.fermer()


def ouvrir(double: Apcv, port: ApcvBacASable, scenario: str = "seul",
           utilisateur: str = "ADRUN") -> LectureApcv:
    return port.ouvrir("QR", double.afficher(scenario, utilisateur).encode(), "899700000016")


def test_an_unknown_patient_is_created_qualified(ctx: Contexte, double: Apcv,
                                                 port: ApcvBacASable) -> None:
    qr = double.afficher("seul", "ADRUN").encode()
    lecture, (personne,) = apcv.lire_apcv(ctx, port, qr)
    assert personne.patient_id is None
    fait = apcv.qualifier_par_apcv(ctx, lecture, personne.beneficiaire)
    assert fait.patient is not None
    identite = fait.patient.identite
    assert (identite.statut, identite.mode_qualification, identite.matricule_ins) == (
        StatutIdentite.QUALIFIEE, ModeQualification.APCV, MATRICULE)
    assert identite.traits == ADRUN
    assert ctx.services.insi.appels == []  # type: ignore[union-attr]
    with ctx.store.lecture() as u:
        trail = " ".join(f"{x.detail} {x.resultat}" for x in u.trail.lister())
        causes = [x.cause for x in u.patients.historique(fait.patient.id)]
    assert lecture.contexte.jeton not in trail + str(causes) + repr(lecture)
    assert lecture.contexte.id not in trail + str(causes)
    with pytest.raises(Refus, match="déjà ce matricule"):
        apcv.qualifier_par_apcv(ctx, lecture, personne.beneficiaire)


def test_a_known_patient_is_found_and_qualified(ctx: Contexte, double: Apcv,
                                                port: ApcvBacASable) -> None:
    with ctx.store.ecriture() as u:
        patient = u.patients.ajouter(Identite(ADRUN), auteur="T", cause="C")
    lecture, (personne,) = apcv.lire_apcv(ctx, port, double.afficher("seul", "ADRUN").encode())
    assert personne.patient_id == patient.id
    fait = apcv.qualifier_par_apcv(ctx, lecture, personne.beneficiaire, patient.id)
    assert fait.etat == "qualifie"


def test_another_person_is_compared_before(ctx: Contexte, double: Apcv,
                                           port: ApcvBacASable) -> None:
    from dataclasses import replace

    with ctx.store.ecriture() as u:
        patient = u.patients.ajouter(Identite(replace(ADRUN, nom_naissance="AUTRE")), auteur="T",
                                     cause="C")
    lecture = ouvrir(double, port)
    un = lecture.beneficiaires[0]
    compare = apcv.qualifier_par_apcv(ctx, lecture, un, patient.id)
    assert compare.etat == "a_comparer" and compare.comparaison is not None
    assert [x.trait for x in compare.comparaison.bloquantes] == ["nom_naissance"]
    with ctx.store.lecture() as u:
        assert u.patients.lire(patient.id) == patient
    fait = apcv.qualifier_par_apcv(ctx, lecture, un, patient.id, accepte=True)
    assert fait.etat == "qualifie"


def test_a_twin_is_compared_before(ctx: Contexte, double: Apcv, port: ApcvBacASable) -> None:
    """Same name, birth date and sex: only the given name tells two twins apart."""
    from dataclasses import replace

    with ctx.store.ecriture() as u:
        jumelle = u.patients.ajouter(Identite(replace(ADRUN, premier_prenom="LEA", prenoms="LEA")),
                                     auteur="T", cause="C")
    lecture, (personne,) = apcv.lire_apcv(ctx, port, double.afficher("seul", "ADRUN").encode())
    assert personne.patient_id is None
    fait = apcv.qualifier_par_apcv(ctx, lecture, personne.beneficiaire, jumelle.id)
    assert fait.etat == "a_comparer"
    with ctx.store.lecture() as u:
        assert u.patients.lire(jumelle.id) == jumelle


def test_a_look_alike_is_proposed_not_chosen(ctx: Contexte, double: Apcv,
                                             port: ApcvBacASable) -> None:
    from dataclasses import replace

    with ctx.store.ecriture() as u:
        proche = u.patients.ajouter(Identite(replace(ADRUN, nom_naissance="ADRUM")), auteur="T",
                                    cause="C")
    _, (personne,) = apcv.lire_apcv(ctx, port, double.afficher("seul", "ADRUN").encode())
    assert (personne.patient_id, [c.id for c in personne.candidats]) == (None, [proche.id])


def test_a_doubtful_identity_is_not_qualified(ctx: Contexte, double: Apcv,
                                              port: ApcvBacASable) -> None:
    with ctx.store.ecriture() as u:
        patient = u.patients.ajouter(statuts.poser_attribut(Identite(ADRUN), Attribut.DOUTEUSE),
                                     auteur="T", cause="C")
    lecture = ouvrir(double, port)
    with pytest.raises(Refus, match="douteuse"):
        apcv.qualifier_par_apcv(ctx, lecture, lecture.beneficiaires[0], patient.id)


def test_several_beneficiaries_are_all_told(double: Apcv, port: ApcvBacASable) -> None:
    lecture = ouvrir(double, port, "enfants")
    assert lecture.beneficiaires[0].nom == "ADRUN"
    assert len({b.ins.matricule_ins for b in lecture.beneficiaires if b.ins}) == 3


@pytest.mark.parametrize(("scenario", "etat"), [("demo", "demo"), ("sans_ins", "administratif")])
def test_what_proves_nothing_qualifies_nothing(ctx: Contexte, double: Apcv, port: ApcvBacASable,
                                               scenario: str, etat: str) -> None:
    lecture = ouvrir(double, port, scenario)
    fait = apcv.qualifier_par_apcv(ctx, lecture, lecture.beneficiaires[0])
    assert (fait.etat, fait.patient) == (etat, None)
    with ctx.store.lecture() as u:
        assert u.patients.compter() == 0


@pytest.mark.parametrize(("scenario", "code"), [("expire", "QR_EXPIRED"), ("refuse", "DECLINED")])
def test_a_refusal_says_what_to_do(ctx: Contexte, double: Apcv, port: ApcvBacASable,
                                   scenario: str, code: str) -> None:
    with pytest.raises(Refus) as refus:
        apcv.lire_apcv(ctx, port, double.afficher(scenario).encode())
    assert refus.value.code == code and refus.value.message.endswith(".")


def test_a_code_serves_once_and_not_for_long(double: Apcv, port: ApcvBacASable,
                                             horloge: Horloge) -> None:
    qr = double.afficher("seul").encode()
    lecture = port.ouvrir("QR", qr, "8")
    with pytest.raises(ErreurApcv, match="déjà servi"):
        port.ouvrir("QR", qr, "8")
    tard = double.afficher("seul").encode()
    horloge.decalage_s = 600
    with pytest.raises(ErreurApcv, match="expiré"):
        port.ouvrir("QR", tard, "8")
    assert double.contextes
    apcv.fermer_apcv(port, lecture)
    assert not double.contextes


def test_an_expired_context_qualifies_nobody(ctx: Contexte, double: Apcv,
                                             port: ApcvBacASable) -> None:
    from dataclasses import replace

    lecture = ouvrir(double, port)
    hier = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    for date in (hier, "illisible", ""):
        vieille = replace(lecture, contexte=ContexteApcv("x", date))
        with pytest.raises(Refus, match="expiré"):
            apcv.qualifier_par_apcv(ctx, vieille, lecture.beneficiaires[0])


@pytest.mark.parametrize("corps", [
    b"", b"[]", b"{}", b'{"contexte":1,"beneficiaires":[]}',
    json.dumps({"contexte": {}, "beneficiaires": []}).encode()])
def test_an_answer_that_makes_no_sense_is_an_error_in_french(corps: bytes) -> None:
    port = ApcvBacASable("http://127.0.0.1", transport=httpx.MockTransport(
        lambda _r: httpx.Response(201, content=corps)))
    with pytest.raises(ErreurApcv) as erreur:
        port.ouvrir("QR", b"x", "8")
    assert erreur.value.message.endswith(".")


def test_the_component_is_local_and_scans_are_bounded() -> None:
    with pytest.raises(ValueError, match="machine"):
        ApcvBacASable("http://192.0.2.1")
    with pytest.raises(ErreurApcv):
        ApcvBacASable("http://127.0.0.1").ouvrir("QR", b"x" * 5000, "8")
    assert set(SCENARIOS) >= {"seul", "enfants", "expire", "refuse", "demo"}
