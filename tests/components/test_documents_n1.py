"""Level 1 documents against judges from outside: ANS schematrons, Preflight, zxing, PDFium."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from documents_outils import (
    datamatrix_pdf,
    erreurs_cda,
    preflight,
    sans_blanc,
    texte_pdf,
)
from documents_valeurs import DATE, OPERATEURS, document, documents
from hypothesis import HealthCheck, given, settings
from lxml import etree

from app.documents.datamatrix import charge_ins
from app.documents.libelles import lignes_destinataire, traits_imprimes
from app.documents.model import (
    DocumentClinique,
    Fragment,
    Intertitre,
    Intervenant,
    Liste,
    Operateur,
    Paragraphe,
    RoleIntervenant,
    Tableau,
    texte_brut,
)
from app.documents.pdf_polices import imprimable
from app.documents.pdfa import rendre_pdf
from app.documents.pdfa_controle import verifier_structure
from app.documents.production import produire
from app.documents.texte import propre
from app.documents.types import types_documents
from app.domain.identity import StatutIdentite

NS = {"h": "urn:hl7-org:v3"}
RAPIDE = settings(max_examples=12, deadline=None, derandomize=True,
                  suppress_health_check=list(HealthCheck))
N1 = [t.cle for t in types_documents() if t.modele == "N1"]


def completer(doc: DocumentClinique) -> DocumentClinique:
    """Give a document what its kind demands beyond the plain one."""
    preleveur = Intervenant(RoleIntervenant.PRELEVEUR, replace(
        doc.destinataires[0], nom=doc.auteur.nom, identifiant=doc.auteur.identifiant), DATE)
    return replace(doc, intervenants=(preleveur,))


@pytest.mark.parametrize("cle", N1)
def test_every_kind_of_level_1_is_valid(cle: str, shared: Path) -> None:
    doc = completer(document(cle))
    produit = produire(doc)
    assert erreurs_cda(shared, produit.cda, qualifiee=True) == []
    assert verifier_structure(produit.pdf) == []


@pytest.mark.exigence("LABEL.04")
@pytest.mark.parametrize("operateur", OPERATEURS, ids=("secretaire", "collegue"))
@pytest.mark.parametrize("structure", ["499900000001001", "1630009999", "313000000000017"])
def test_who_typed_for_the_author_is_the_data_enterer(operateur: Operateur, structure: str,
                                                      shared: Path) -> None:
    """`spec/cda.md` §1, n° 14: between author and custodian; the author signs alone."""
    doc = document()
    doc = replace(doc, saisi_par=operateur,
                  structure=replace(doc.structure, identifiant=structure))
    produit = produire(doc)
    assert erreurs_cda(shared, produit.cda, qualifiee=True) == []
    arbre = etree.fromstring(produit.cda)
    noms = [etree.QName(e).localname for e in arbre]
    assert noms[noms.index("author"):][:3] == ["author", "dataEnterer", "custodian"]

    def qui(chemin: str) -> tuple[str | None, ...]:
        entite = arbre.find(chemin, NS)
        assert entite is not None
        code, ident = entite.find("h:code", NS), entite.find("h:id", NS)
        assert code is not None and ident is not None
        return (entite.findtext(".//h:family", namespaces=NS), ident.get("root"),
                ident.get("extension"), code.get("code"))

    personne = operateur.personne
    prefixe = {"4": "6", "1": "3", "3": "5"}[structure[0]]
    assert qui("h:dataEnterer/h:assignedEntity") == (
        personne.nom, "1.2.250.1.71.4.2.1",
        personne.identifiant if personne.profession else
        f"{prefixe}{structure[1:]}/{personne.identifiant}",
        "G15_50" if personne.profession else "SECRETARIAT_MEDICAL")
    for chemin in ("h:author/h:assignedAuthor", "h:legalAuthenticator/h:assignedEntity",
                   ".//h:performer/h:assignedEntity"):
        assert qui(chemin)[0] == doc.auteur.nom


@RAPIDE
@given(documents())
def test_any_value_is_valid_and_says_the_same_everywhere(shared: Path,
                                                         doc: DocumentClinique) -> None:
    produit = produire(doc)
    qualifiee = bool(doc.patient.matricule_ins)
    assert erreurs_cda(shared, produit.cda, qualifiee=qualifiee) == []
    assert verifier_structure(produit.pdf) == []
    arbre = etree.fromstring(produit.cda)
    assert base64.b64decode(arbre.findtext(".//h:text", namespaces=NS) or "") == produit.pdf
    _meme_contenu(doc, arbre, sans_blanc(texte_pdf(produit.pdf)))
    lus = datamatrix_pdf(produit.pdf)
    assert lus == ([charge_ins(doc.patient).encode()] if qualifiee else [])


def _meme_contenu(doc: DocumentClinique, arbre: etree._Element, texte: str) -> None:
    """Header values stand in the PDF; so does every block, and no matricule that may not leave."""
    def present(valeur: str) -> None:
        assert sans_blanc(imprimable(propre(valeur))) in texte

    for _, valeur in traits_imprimes(doc.patient):
        present(valeur)
    ids = arbre.findall("h:recordTarget/h:patientRole/h:id", NS)
    assert [i.get("root") for i in ids][-1] == doc.patient.ipp_root
    assert len(ids) == (2 if doc.patient.matricule_ins else 1)
    if not doc.patient.matricule_ins:
        assert "MatriculeINS" not in texte and "INSàscanner" not in texte
    present(doc.titre)
    present(arbre.findtext("h:author//h:assignedPerson/h:name/h:family", namespaces=NS) or "")
    present(arbre.findtext("h:custodian//h:name", namespaces=NS) or "")
    assert len(arbre.findall("h:informationRecipient", NS)) == len(doc.destinataires)
    for destinataire in doc.destinataires:
        present(lignes_destinataire(destinataire)[0])
    if doc.mention_rgpd:
        present(doc.mention_rgpd)
    assert arbre.find("h:versionNumber", NS).get("value") == str(doc.version)  # type: ignore[union-attr]
    for bloc in doc.corps:
        match bloc:
            case Paragraphe() | Intertitre():
                # A paragraph may run over a page: its beginning is enough.
                present(texte_brut(bloc.texte)[:60])
            case Liste():
                for element in bloc.elements:
                    present(texte_brut(element)[:40])
            case Tableau():
                for ligne in bloc.lignes[:3]:
                    for cellule in ligne:
                        assert all(mot in texte for mot in texte_brut(cellule)[:20].split()[:2])


def test_pdfs_of_hard_values_are_pdfa(tmp_path: Path) -> None:
    numeros = iter(range(1000))

    @settings(RAPIDE, max_examples=15)
    @given(documents())
    def rendre(doc: DocumentClinique) -> None:
        (tmp_path / f"{next(numeros)}.pdf").write_bytes(rendre_pdf(doc))

    rendre()
    etrange = document(corps=(Paragraphe("😀 中文 ﷽ \u202eabc\u0000\u0007 \ud7ff ½ ☐ ✓"),
                              Tableau((), ()), Liste(()), Paragraphe(""),
                              Paragraphe((Fragment("x" * 4000, gras=True),)),
                              Tableau(("A", "B"), (("mot " * 3000, "y" * 900),))))
    (tmp_path / "etrange.pdf").write_bytes(rendre_pdf(etrange))
    verdicts = preflight(tmp_path)
    assert len(verdicts) == 16
    assert {nom: v for nom, v in verdicts.items() if v} == {}


def test_the_meter_works(tmp_path: Path, shared: Path) -> None:
    """Negative control: both judges see a fault that we put in."""
    produit = produire(document())
    (tmp_path / "faux.pdf").write_bytes(produit.pdf.replace(b"<pdfaid:part>1", b"<pdfaid:part>3"))
    assert preflight(tmp_path)["faux.pdf"]
    assert erreurs_cda(shared, produit.cda.replace(b"+0100", b""))
    assert erreurs_cda(shared, produire(document(patient=replace(
        document().patient, matricule_ins="", oid=""))).cda, qualifiee=True)


def test_the_same_value_gives_the_same_bytes() -> None:
    doc = document()
    assert produire(doc) == produire(doc)


@pytest.mark.parametrize("statut", [s for s in StatutIdentite if s is not StatutIdentite.QUALIFIEE])
@settings(RAPIDE, max_examples=3)
@given(donnees=documents(statut=StatutIdentite.QUALIFIEE))
def test_no_matricule_leaves_unless_qualified(statut: StatutIdentite,
                                              donnees: DocumentClinique) -> None:
    """The value itself can't carry it; the bytes are searched to be sure."""
    from documents_valeurs import ADRUN, RACINE

    from app.documents.model import patient_document
    patient = patient_document(replace(ADRUN, statut=statut), "7", RACINE + ".3")
    produit = produire(replace(donnees, patient=patient))
    assert b"275126322074974" not in produit.cda + produit.pdf
