"""Names of PDF files and subjects of mails."""

from dataclasses import replace

from documents_valeurs import document
from hypothesis import given
from hypothesis import strategies as st

from app.documents.noms import nom_pdf, nom_pdf_du_cda, sujet_xdm
from app.documents.production import produire


def test_names_follow_the_rule() -> None:
    assert nom_pdf("20261121", "Certificat, déclaration", "Dupont", "MARIE") == (
        "20261121_Certificat, déclaration_DUPONT_MARIE.pdf")
    assert nom_pdf("2026-11-21", "A" * 60, "D'ALEMBERT", "ANNE", "42") == (
        f"20261121_{'A' * 40}_D'ALEMBERT_ANNE_42.pdf")


def test_name_of_a_produced_document() -> None:
    cda = produire(document()).cda
    assert nom_pdf_du_cda(cda) == (
        "20260302_CR ou fiche de suivi de soins par auxili_ADRUN_ZOE.pdf")
    sans = replace(document(), patient=replace(document().patient, nom_utilise="MARTIN"))
    assert "ADRUN" in nom_pdf_du_cda(produire(sans).cda)


@given(st.text(max_size=80), st.text(max_size=30), st.text(max_size=30))
def test_no_name_leaves_its_folder(libelle: str, nom: str, prenom: str) -> None:
    fichier = nom_pdf("20261121", libelle, nom, prenom)
    assert not set('\\/:*?"<>|\n\x00') & set(fichier)
    assert fichier.startswith("20261121") and fichier.endswith(".pdf")


def test_subjects() -> None:
    assert sujet_xdm("Certificat, déclaration", "Dupont", "MARIE", "1980-06-15") == (
        "XDM/1.0/DDM+Certificat, déclaration DUPONT MARIE 15/06/1980")
    assert sujet_xdm("Note", "DUPONT", "MARIE", annule_et_remplace=True) == (
        "XDM/1.0/DDM+Note (annule et remplace) DUPONT MARIE")
    long = sujet_xdm("x" * 400, "DUPONT", "MARIE\r\nBcc: a@b", "1980-06-15")
    assert len(long) == 255 and long.endswith("15/06/1980") and "\n" not in long
