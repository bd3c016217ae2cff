"""The document value: what may enter it, and its identifiers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.documents.model import DocumentClinique, Fragment, patient_document, texte_brut
from app.documents.oids import CategorieOid, est_oid, nouvel_oid, racine_patients
from app.domain.identity import OID_NIR, Identite, StatutIdentite, Traits
from app.domain.patient import Contact, Patient
from app.domain.people import Professionnel, Structure

RACINE = "1.2.250.1.999.1.1"
TRAITS = Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220", prenoms="ZOE")
QUALIFIEE = Identite(TRAITS, StatutIdentite.QUALIFIEE, "275126322074974", OID_NIR)


def test_a_qualified_identity_gives_its_matricule() -> None:
    patient = patient_document(Patient(7, QUALIFIEE, Contact(telephone="0600000000")), "7",
                               racine_patients(RACINE))
    assert (patient.matricule_ins, patient.oid) == ("275126322074974", OID_NIR)
    assert patient.ipp_root == RACINE + ".3"
    assert patient.contact.telephone == "0600000000"


@pytest.mark.parametrize("statut", [s for s in StatutIdentite if s is not StatutIdentite.QUALIFIEE])
def test_no_other_status_does(statut: StatutIdentite) -> None:
    patient = patient_document(replace(QUALIFIEE, statut=statut), "7", RACINE)
    assert (patient.matricule_ins, patient.oid) == ("", "")
    assert patient.nom_naissance == "ADRUN"


def _document(**remplace: object) -> DocumentClinique:
    date = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    valeurs: dict[str, object] = {
        "id": RACINE + ".1.1", "set_id": RACINE + ".2.1", "type_code": "11488-4",
        "type_libelle": "x", "titre": "Titre", "date_creation": date, "date_acte": date,
        "patient": patient_document(QUALIFIEE, "7", RACINE),
        "auteur": Professionnel("810000000001", "DURAND", "Camille"),
        "structure": Structure("1750000000", "Cabinet")}
    return DocumentClinique(**(valeurs | remplace))  # type: ignore[arg-type]


@pytest.mark.parametrize("faute", [
    {"titre": ""}, {"titre": "x" * 129}, {"version": 2}, {"remplace_id": "1.2.3"},
    {"date_acte": datetime(2026, 3, 2)}])
def test_what_no_rendering_could_mend_is_refused(faute: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        _document(**faute)


def test_a_new_version_names_what_it_replaces() -> None:
    assert _document(version=2, remplace_id="1.2.3").version == 2


def test_oids_are_short_unique_and_under_the_root() -> None:
    tous = {nouvel_oid(RACINE, CategorieOid.DOCUMENT) for _ in range(500)}
    assert len(tous) == 500
    assert all(est_oid(oid) and oid.startswith(RACINE + ".1.") for oid in tous)


def test_a_long_root_shortens_the_random_part_and_a_longer_one_is_refused() -> None:
    longue = "1.2.250.1.213.99999.12345.678901.2"
    assert est_oid(nouvel_oid(longue, 2))
    with pytest.raises(ValueError):
        nouvel_oid(longue + ".123456", 2)
    with pytest.raises(ValueError):
        nouvel_oid("1.02.3", 1)


def test_text_of_runs() -> None:
    assert texte_brut((Fragment("a "), Fragment("b", gras=True))) == "a b"
