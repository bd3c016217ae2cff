"""What is printed of an identity: mandatory traits always, the others by choice (rule 32)."""

from dataclasses import replace

import pytest

from app.documents.libelles import traits_imprimes
from app.documents.model import patient_document
from app.domain.identity import OID_NIR, Identite, StatutIdentite, Traits
from app.usecases.reglages_identite import TRAITS_OPTIONNELS

QUALIFIEE = Identite(
    Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220", "ZOE LOUISE", "MARTIN", "LOU"),
    StatutIdentite.QUALIFIEE, "275126322074974", OID_NIR)
OBLIGATOIRES = ["Nom de naissance", "1er prénom de naissance", "Date de naissance", "Sexe",
                "Matricule INS"]


@pytest.mark.parametrize(("choisis", "attendus"), [
    ((), []), (("oid",), ["OID"]), (("prenoms", "nom_utilise"), ["Prénoms de naissance",
                                                                "Nom utilisé"]),
    (TRAITS_OPTIONNELS, ["Lieu de naissance (INSEE)", "Prénoms de naissance", "Nom utilisé",
                         "Prénom utilisé", "OID"])])
def test_the_choice_adds_and_takes_only_the_optional(choisis: tuple[str, ...],
                                                     attendus: list[str]) -> None:
    imprimes = dict(traits_imprimes(patient_document(QUALIFIEE, "1", "1.2", imprimes=choisis)))
    assert list(imprimes) == [*OBLIGATOIRES, *attendus]
    assert " ".join(imprimes["Matricule INS"].split()) == "2 75 12 63 220 749 74 (NIR)"


def test_no_matricule_nor_oid_unless_qualified() -> None:
    recuperee = replace(QUALIFIEE, statut=StatutIdentite.RECUPEREE)
    imprimes = dict(traits_imprimes(patient_document(recuperee, "1", "1.2",
                                                     imprimes=TRAITS_OPTIONNELS)))
    assert "Matricule INS" not in imprimes and "OID" not in imprimes


