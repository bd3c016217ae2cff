"""What is missing is told in French; what isn't PDF/A is seen without Java."""

import io
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pytest
from documents_valeurs import CABINET, DATE, INFIRMIERE, MEDECIN, document

from app.documents.controle import DocumentIncomplet, manques
from app.documents.icc import profil_srgb
from app.documents.model import DocumentClinique
from app.documents.pdfa import rendre_pdf
from app.documents.pdfa_controle import verifier_structure
from app.documents.production import produire


def test_a_plain_document_lacks_nothing() -> None:
    assert manques(document()) == []


def _sans(**patient: str) -> DocumentClinique:
    return document(patient=replace(document().patient, **patient))  # type: ignore[arg-type]


@pytest.mark.parametrize("doc, mot", [
    (_sans(nom_naissance=" "), "nom de naissance"), (_sans(premier_prenom=""), "prénom"),
    (_sans(date_naissance="31/12/1975"), "date de naissance"), (_sans(sexe=""), "sexe"),
    (_sans(ipp=""), "IPP"), (_sans(lieu_naissance=""), "lieu de naissance"),
    (_sans(sexe="I"), "sexe"), (_sans(nom_naissance="ÉMILE"), "capitales"),
    (document(auteur=replace(INFIRMIERE, identifiant="")), "RPPS"),
    (document(auteur=replace(INFIRMIERE, profession="00")), "profession"),
    (document(structure=replace(CABINET, identifiant="")), "structure"),
    (document(structure=replace(CABINET, raison_sociale="")), "raison sociale"),
    (document(structure=replace(CABINET, secteur="X")), "secteur"),
    (document(id="abc"), "OID"), (document(id="1.2.3", set_id="1.2.3"), "différer"),
    (document(cadre="LUNE"), "cadre"), (document(date_fin=DATE - timedelta(days=9)), "fin"),
    (document(type_code="00"), "liste du CI-SIS"), (document(type_libelle="x"), "libellé"),
    (document(corps=()), "vide"), (replace(document(), type_cle="rien"), "n’existe pas"),
    (document(destinataires=(replace(MEDECIN, nom="", structure=""),)), "destinataire"),
    (document("bilan-orthoptique", auteur=INFIRMIERE), "profession de l’auteur"),
    (document("attestation-identite-prelevement"), "préleveur"),
    (document("attestation-identite-prelevement", titre="Autre"), "fixé"),
])
def test_what_is_missing_is_told(doc: DocumentClinique, mot: str) -> None:
    assert any(mot in phrase for phrase in manques(doc)), manques(doc)
    with pytest.raises(DocumentIncomplet):
        produire(doc)


def test_the_attestation_needs_a_qualified_identity() -> None:
    doc = document("attestation-identite-prelevement",
                   patient=replace(document().patient, matricule_ins="", oid=""))
    assert any("qualifiée" in phrase for phrase in manques(doc))


def test_icc_profile_is_version_2() -> None:
    profil = profil_srgb()
    assert profil[8] == 2 and profil[36:40] == b"acsp"
    assert int.from_bytes(profil[:4], "big") == len(profil) < 3000


def _modifier(geste: object) -> bytes:
    with pikepdf.open(io.BytesIO(rendre_pdf(document()))) as pdf:
        geste(pdf)  # type: ignore[operator]
        sortie = io.BytesIO()
        pdf.save(sortie)
    return sortie.getvalue()


def _helvetica(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Resources.Font.F9 = pdf.make_indirect(pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica))


def _alpha(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Resources.ExtGState = pikepdf.Dictionary(G=pikepdf.Dictionary(ca=0.5))


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _sans_xmp(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Metadata


def _sans_profil(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


@pytest.mark.parametrize("geste, mot", [
    (_helvetica, "Helvetica"), (_alpha, "transparence"), (_script, "action"),
    (_sans_xmp, "XMP"), (_sans_profil, "profil")])
def test_what_is_not_pdfa_is_seen(geste: object, mot: str) -> None:
    assert any(mot in phrase for phrase in verifier_structure(_modifier(geste)))


@pytest.mark.parametrize("octets", [b"", b"%PDF-1.4", b"bonjour", b"%PDF-1.4\n" + bytes(2000)])
def test_an_unreadable_pdf_is_a_reason(octets: bytes) -> None:
    assert len(verifier_structure(octets)) == 1
