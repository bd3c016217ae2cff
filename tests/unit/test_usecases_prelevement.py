"""Home sampling and scanned datamatrix: what leaves, what waits, what is only an aid."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.documents.datamatrix import charge_ins
from app.documents.model import Destinataire
from app.documents.reader import lire
from app.domain import statuts
from app.domain.identity import OID_NIR, Identite
from app.domain.outbox import Destination, EtatOrdre
from app.domain.patient import Patient
from app.domain.prelevement import CHECKLIST
from app.usecases import datamatrix_ins, outbox, prelevement
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.identite_outils import ADRUN, MATRICULE, contexte

QUALIFIEE = statuts.controler_document(
    statuts.recuperer(Identite(ADRUN), ADRUN, MATRICULE, OID_NIR, (), "2026-01-01T08:00:00+01:00"),
    "CN")
LABO = Destinataire(structure="Laboratoire des Fleurs", structure_identifiant="1690000023",
                    messagerie="labo@exemple.mssante.fr")
TOUT = frozenset(p.code for p in CHECKLIST)


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path)
    yield ctx
    ctx.fermer()


def ajouter(ctx: Contexte, identite: Identite = QUALIFIEE) -> Patient:
    with ctx.store.ecriture() as u:
        return u.patients.ajouter(identite, auteur="T", cause="C")


def demande(patient: Patient, **autres: object) -> prelevement.DemandeAttestation:
    return replace(prelevement.DemandeAttestation(
        patient.id, LABO, datetime.now(UTC) - timedelta(minutes=10), TOUT,
        (prelevement.Echantillon("Tube EDTA", 2),)), **autres)  # type: ignore[arg-type]


def test_attestation_is_kept_and_its_archive_waits_for_the_mail(ctx: Contexte) -> None:
    patient = ajouter(ctx)
    faite = prelevement.attester(ctx, demande(patient))
    assert (faite.ordre.destination, faite.ordre.etat) == (Destination.MSSANTE, EtatOrdre.RETENU)
    nom, octets = prelevement.archive_prete(ctx, faite.ordre.id)
    (lu,) = lire(octets, nom)
    assert lu.titre == "Attestation d'identité qualifiée concernant un prélèvement externe"
    assert lu.patient is not None and lu.patient.matricule_ins == MATRICULE
    with ctx.store.lecture() as u:
        fiche = u.documents.lire(faite.document.id)
        assert u.documents.contenu(fiche.pdf_sha256)[:5] == b"%PDF-"
        assert u.archives.lire(faite.ordre.id).adresse == "labo@exemple.mssante.fr"
    assert ctx.store.verifier().bon


def test_an_order_for_the_mail_never_goes_to_the_dmp(ctx: Contexte) -> None:
    faite = prelevement.attester(ctx, demande(ajouter(ctx)))
    outbox.liberer(ctx, faite.ordre.id, faite.ordre.version)
    tente = outbox.traiter_un(ctx)
    assert tente is not None
    assert (tente.etat, tente.code) == (EtatOrdre.ATTENTE_TECHNIQUE, outbox.CODE_MSSANTE)


def test_a_second_document_of_the_patient_goes_along(ctx: Contexte) -> None:
    patient = ajouter(ctx)
    premiere = prelevement.attester(ctx, demande(patient))
    faite = prelevement.attester(ctx, demande(patient,
                                              document_prescription=premiere.document.id))
    nom, octets = prelevement.archive_prete(ctx, faite.ordre.id)
    assert len(lire(octets, nom)) == 2
    autre = ajouter(ctx, replace(QUALIFIEE, traits=replace(ADRUN, nom_naissance="AUTRE")))
    with pytest.raises(Refus, match="autre patient"):
        prelevement.attester(ctx, demande(autre, document_prescription=premiere.document.id))


@pytest.mark.parametrize(("changement", "mot"), [
    ({"coches": TOUT - {"etiquetage"}}, "étiquetés"),
    ({"preleve_le": datetime.now(UTC) + timedelta(days=1)}, "futur"),
    ({"laboratoire": Destinataire(nom="X")}, "laboratoire")])
def test_nothing_is_attested_when_something_is_missing(
        ctx: Contexte, changement: dict[str, object], mot: str) -> None:
    patient = ajouter(ctx)
    with pytest.raises(Refus, match=mot):
        prelevement.attester(ctx, demande(patient, **changement))
    with ctx.store.lecture() as u:
        assert u.documents.lister(patient.id) == []


def test_only_a_qualified_identity_is_attested(ctx: Contexte) -> None:
    recuperee = statuts.recuperer(Identite(ADRUN), ADRUN, MATRICULE, OID_NIR, (), "2026-01-01")
    with pytest.raises(Refus, match="qualifiée"):
        prelevement.attester(ctx, demande(ajouter(ctx, recuperee)))


# --- Datamatrix ---------------------------------------------------------------------------------

def test_a_scan_opens_the_file_of_that_matricule(ctx: Contexte) -> None:
    patient = ajouter(ctx)
    lecture = datamatrix_ins.lire_datamatrix(ctx, charge_ins(QUALIFIEE))
    assert (lecture.patient_id, lecture.traits) == (patient.id, ADRUN)


def test_a_scan_of_an_unknown_person_only_proposes_traits(ctx: Contexte) -> None:
    lecture = datamatrix_ins.lire_datamatrix(ctx, charge_ins(QUALIFIEE))
    assert (lecture.patient_id, lecture.candidats, lecture.traits) == (None, (), ADRUN)


def test_a_wrong_key_is_not_searched_and_another_birth_date_is_not_opened(ctx: Contexte) -> None:
    ajouter(ctx, replace(QUALIFIEE, traits=replace(ADRUN, date_naissance="1980-01-01")))
    lecture = datamatrix_ins.lire_datamatrix(ctx, charge_ins(QUALIFIEE))
    assert lecture.patient_id is None and len(lecture.candidats) == 1
    assert "pas les mêmes traits (date de naissance)" in lecture.avertissements[-1]
    fausse = charge_ins(QUALIFIEE).replace(MATRICULE, MATRICULE[:-1] + "5")
    lecture = datamatrix_ins.lire_datamatrix(ctx, fausse)
    assert lecture.patient_id is None and "clé" in lecture.avertissements[0]
    assert not lecture.rapprochement.porte_ins


def test_a_scan_opens_the_only_file_that_nothing_contradicts(ctx: Contexte) -> None:
    """A provisional file of the same traits is opened, a namesake born another day isn't."""
    autre = ajouter(ctx, Identite(replace(ADRUN, date_naissance="1980-01-01")))
    lecture = datamatrix_ins.lire_datamatrix(ctx, charge_ins(QUALIFIEE))
    assert (lecture.patient_id, [p.id for p in lecture.candidats]) == (None, [autre.id])
    compose = ajouter(ctx, Identite(replace(ADRUN, premier_prenom="ZOE")))
    assert datamatrix_ins.lire_datamatrix(ctx, charge_ins(QUALIFIEE)).patient_id == compose.id


def test_a_scan_typed_by_a_us_scanner_on_azerty_is_read(ctx: Contexte) -> None:
    azerty = charge_ins(QUALIFIEE).translate(str.maketrans(
        "1234567890-AQWZM.,", "&é\"'(-è_çà)QAZW?:;"))
    assert datamatrix_ins.lire_datamatrix(ctx, azerty).traits == ADRUN


@pytest.mark.parametrize("texte", ["", "3400930000001", "IS01" + "0" * 22, "IS01" + "x" * 5000])
def test_another_code_is_refused(ctx: Contexte, texte: str) -> None:
    with pytest.raises(Refus):
        datamatrix_ins.lire_datamatrix(ctx, texte)
