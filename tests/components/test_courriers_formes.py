"""What the editor writes, in every form: PDF/A, CDA N1, the narrative of an N3; judged outside."""

import base64
from collections.abc import Sequence
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
from documents_valeurs import RACINE, blocs, contacts, destinataires, document, identites
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from PySide6.QtWidgets import QApplication

from app.documents.cda_narratif import narratif
from app.documents.champs import restants, sans_restants
from app.documents.corps import normaliser, textes
from app.documents.courrier import Courrier, EnteteCourrier, depuis_texte, en_texte
from app.documents.datamatrix import charge_ins
from app.documents.model import Bloc, Fragment, Liste, Paragraphe, patient_document
from app.documents.modeles_courriers import modeles_maison
from app.documents.oids import racine_patients
from app.documents.pdf_polices import imprimable
from app.documents.production import produire
from app.documents.types import type_document
from app.ui.views.editeur.conversion import ecrire, lire

NS = {"h": "urn:hl7-org:v3"}
#: As the ANS kit knows them; an editor gives no other construct.
CONSTRUCTIONS = frozenset({"text", "paragraph", "content", "list", "item", "table", "caption",
                           "thead", "tbody", "tr", "th", "td", "br"})
remplis = Paragraphe((Fragment("Zoé D’ARTAGNAN", origine="Patient"),
                      Fragment(" va bien.", italique=True)))


def par_l_editeur(corps: Sequence[Bloc]) -> tuple[Bloc, ...]:
    """The body as it is after the screen and the draft."""
    from PySide6.QtGui import QTextDocument

    ecran = QTextDocument()
    ecrire(ecran, corps)
    return depuis_texte(en_texte(Courrier(lire(ecran), EnteteCourrier()))).corps


def texte_narratif(corps: Sequence[Bloc]) -> str:
    """Words of the narrative of an N3, in the order of reading."""
    section = etree.Element("{urn:hl7-org:v3}section")
    element = narratif(section, corps)
    noms = {etree.QName(e).localname for e in element.iter()}
    assert noms <= CONSTRUCTIONS, noms
    return "".join(element.itertext())


@settings(max_examples=12, deadline=None, derandomize=True,
          suppress_health_check=list(HealthCheck))
@given(st.lists(blocs, min_size=1, max_size=4), identites(), contacts,
       st.one_of(st.just([]), st.lists(destinataires, min_size=12, max_size=12)))
def test_hard_values_through_the_editor_are_valid_and_say_the_same(
        qapp: QApplication, shared: Path, corps: list[Bloc], identite: object, contact: object,
        a_qui: list[object]) -> None:
    """Long names, Corsica, NIA, twins' given names, 0 or 12 recipients, every construct."""
    ecrit = par_l_editeur([*corps, remplis])
    assert ecrit == normaliser([*corps, remplis])
    patient = patient_document(identite, "7", racine_patients(RACINE), contact)  # type: ignore[arg-type]
    doc = document("courrier", corps=ecrit, patient=patient,
                   destinataires=tuple(a_qui))  # type: ignore[arg-type]
    produit = produire(doc)
    qualifiee = bool(patient.matricule_ins)
    assert erreurs_cda(shared, produit.cda, qualifiee=qualifiee) == []
    arbre = etree.fromstring(produit.cda)
    assert base64.b64decode(arbre.findtext(".//h:text", namespaces=NS) or "") == produit.pdf
    assert len(arbre.findall("h:informationRecipient", NS)) == len(a_qui)
    assert datamatrix_pdf(produit.pdf) == ([charge_ins(patient).encode()] if qualifiee else [])
    imprime, narre = sans_blanc(texte_pdf(produit.pdf)), sans_blanc(texte_narratif(ecrit))
    for texte in textes(ecrit):
        for mot in texte.split():
            assert sans_blanc(mot) in narre
            assert sans_blanc(imprimable(mot))[:20] in imprime


def test_the_narrative_and_the_pdf_have_the_same_words_in_the_same_order() -> None:
    """One page, so that no running head cuts the text: equal, character for character."""
    corps = par_l_editeur((
        Paragraphe((Fragment("Un "), Fragment("gras", gras=True), Fragment(" l’été\nligne"))),
        Liste(("un", "deux")), Paragraphe("« fin » ≤ 4 cm²")))
    pdf = sans_blanc(texte_pdf(produire(document("courrier", corps=corps)).pdf))
    assert sans_blanc(texte_narratif(corps)) in pdf.replace("•", "")


@pytest.mark.parametrize("modele", modeles_maison(), ids=lambda m: m.cle)
def test_every_template_makes_a_valid_document(modele: object, shared: Path) -> None:
    from documents_valeurs import AUTEURS

    corps = sans_restants((*modele.corps, remplis))  # type: ignore[attr-defined]
    genre = type_document(modele.type_cle)  # type: ignore[attr-defined]
    qui = (modele.professions or genre.professions)[0]  # type: ignore[attr-defined]
    doc = document(genre.cle, corps=corps, auteur=AUTEURS[qui],
                   titre=modele.titre)  # type: ignore[attr-defined]
    assert not restants(corps)
    assert erreurs_cda(shared, produire(doc).cda, qualifiee=True) == []


def test_pdfs_of_the_editor_are_pdfa(qapp: QApplication, tmp_path: Path) -> None:
    """Italics embedded, every construct, a page that overflows."""
    numeros = iter(range(100))

    @settings(max_examples=8, deadline=None, derandomize=True,
              suppress_health_check=list(HealthCheck))
    @given(st.lists(blocs, min_size=1, max_size=6))
    def rendre(corps: list[Bloc]) -> None:
        italiques = [Paragraphe(tuple(
            Fragment("été ", gras=g, italique=True, souligne=s) for g in (False, True)
            for s in (False, True)))]
        doc = document("courrier", corps=par_l_editeur([*corps, *italiques]))
        (tmp_path / f"{next(numeros)}.pdf").write_bytes(
            produire(replace(doc, titre="Titre d’essai")).pdf)

    rendre()
    verdicts = preflight(tmp_path)
    assert verdicts and {n: v for n, v in verdicts.items() if v} == {}
