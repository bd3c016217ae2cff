"""Identity gestures against the real doubles: verification, NIA that becomes NIR, ApCV."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.cli.demo_donnees import creer_dossier_demo
from app.cli.serveurs import BacASable, NavigateurSimule, bac_a_sable
from app.devices.apcv import ApcvBacASable
from app.domain.identity import (
    OID_NIA,
    OID_NIR,
    Identite,
    ModeQualification,
    StatutIdentite,
    Traits,
)
from app.domain.verification import EtatVerification
from app.sandbox.identites import charger
from app.services.errors import Indisponible
from app.usecases import apcv, identify, session, verification
from app.usecases.access import deverrouiller
from app.usecases.context import Contexte

MOT_DE_PASSE = "Démonstration du matin, 2026"


@pytest.fixture(scope="module")
def bac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BacASable]:
    with bac_a_sable(tmp_path_factory.mktemp("bac")) as servi:
        yield servi


@pytest.fixture
def ctx(bac: BacASable, tmp_path: Path) -> Iterator[Contexte]:
    httpx.post(f"{bac.controle}/controle/reinitialiser").raise_for_status()
    creer_dossier_demo(tmp_path / "c.pleiade", MOT_DE_PASSE, bac.reglages_services)
    ctx = deverrouiller(tmp_path / "c.pleiade", MOT_DE_PASSE)
    session.connecter_navigateur(ctx, NavigateurSimule(bac).ouvrir)
    yield ctx
    ctx.fermer()


def recuperer(ctx: Contexte, nom: str, prenom: str, date: str, sexe: str, cog: str) -> int:
    """A new file, qualified by INSi and a document."""
    with ctx.store.ecriture() as u:
        patient = u.patients.ajouter(Identite(Traits(nom, prenom, date, sexe, cog)), auteur="T",
                                     cause="C")
    assert identify.qualifier_insi(ctx, patient.id).etat == "applique"
    identify.controler_document(ctx, patient.id, "CN")
    return patient.id


def test_insi_confirms_what_it_gave(ctx: Contexte) -> None:
    id = recuperer(ctx, "ADRUN", "ZOE", "1975-12-31", "F", "63220")
    assert verification.verifier_identite(ctx, id).etat is EtatVerification.CONFIRMEE


def test_a_nia_that_became_a_nir_comes_back_by_itself(ctx: Contexte) -> None:
    personne = next(p for p in charger() if p.comportement == "devient_nir")
    id = recuperer(ctx, personne.nom, personne.prenom or personne.liste_prenoms.split()[0],
                   personne.date_naissance, personne.sexe, personne.cog)
    with ctx.store.lecture() as u:
        assert u.patients.lire(id).identite.oid == OID_NIA
    assert verification.evenement(ctx, id)
    bilan = verification.traiter_file(ctx)
    with ctx.store.lecture() as u:
        identite = u.patients.lire(id).identite
        causes = [x.cause for x in u.patients.historique(id)]
    assert (bilan.recuperees, identite.oid) == (1, OID_NIR)
    assert identite.statut is StatutIdentite.RECUPEREE
    assert identite.historique[0].matricule_ins == personne.matricule
    assert any("KO" in cause for cause in causes)


def test_a_service_that_is_down_changes_nothing_and_keeps_the_place(
        ctx: Contexte, bac: BacASable) -> None:
    id = recuperer(ctx, "ADRUN", "ZOE", "1975-12-31", "F", "63220")
    with ctx.store.lecture() as u:
        avant = u.patients.lire(id)
    httpx.post(f"{bac.controle}/controle/pannes", json={
        "service": "insi", "type": "http", "valeur": 503, "fois": -1}).raise_for_status()
    with pytest.raises(Indisponible):
        verification.verifier_identite(ctx, id)
    assert verification.traiter_file(ctx).restantes == 1
    with ctx.store.lecture() as u:
        assert u.patients.lire(id) == avant


def test_an_appli_carte_vitale_qualifies_at_once(ctx: Contexte, bac: BacASable) -> None:
    qr = httpx.post(f"{bac.controle}/controle/apcv/qr",
                    json={"scenario": "enfants", "utilisateur": "ADRUN"}).json()["qr"]
    port = ApcvBacASable(bac.controle)
    lecture, personnes = apcv.lire_apcv(ctx, port, qr.encode())
    assert len(personnes) == 3
    fait = apcv.qualifier_par_apcv(ctx, lecture, personnes[0].beneficiaire,
                                   personnes[0].patient_id)
    assert fait.patient is not None
    assert fait.patient.identite.statut is StatutIdentite.QUALIFIEE
    assert fait.patient.identite.mode_qualification is ModeQualification.APCV
    apcv.fermer_apcv(port, lecture)
    assert httpx.get(f"{bac.controle}/controle/apcv").json()["contextes"] == []
