"""Blocks as CDA narrative (`section/text`): the same blocks that the PDF prints."""

from collections.abc import Sequence

from app.documents.cda_xml import Element, el
from app.documents.model import (
    Bloc,
    Fragment,
    Intertitre,
    Liste,
    Paragraphe,
    Tableau,
    Texte,
    fragments,
)
from app.documents.texte import propre


def narratif(section: Element, blocs: Sequence[Bloc]) -> Element:
    """Append the `text` of a section."""
    texte = el(section, "text")
    for bloc in blocs:
        match bloc:
            case Intertitre():
                _ecrire(el(texte, "paragraph"), (Fragment(bloc.texte, gras=True),))
            case Paragraphe():
                _ecrire(el(texte, "paragraph"), bloc.texte)
            case Liste():
                if bloc.elements:
                    liste = el(texte, "list",
                               listType="ordered" if bloc.ordonnee else "unordered")
                    for element in bloc.elements:
                        _ecrire(el(liste, "item"), element)
            case Tableau():
                _tableau(texte, bloc)
    return texte


def _tableau(texte: Element, tableau: Tableau) -> None:
    if not tableau.lignes:
        return
    table = el(texte, "table", border="0")
    if tableau.titre:
        el(table, "caption", tableau.titre)
    if tableau.entetes:
        rang = el(el(table, "thead"), "tr")
        for cellule in tableau.entetes:
            _ecrire(el(rang, "th"), cellule)
    corps = el(table, "tbody")
    for ligne in tableau.lignes:
        rang = el(corps, "tr")
        for cellule in ligne:
            _ecrire(el(rang, "td"), cellule)


def _ecrire(porteur: Element, texte: Texte) -> None:
    """Runs of a text; plain ones are text nodes, line feeds are `br`."""
    for f in fragments(texte):
        style = " ".join(nom for nom, voulu in (("Bold", f.gras), ("Italics", f.italique),
                                                ("Underline", f.souligne)) if voulu)
        if style or f.ref:
            _lignes(el(porteur, "content", ID=f.ref or None, styleCode=style or None), f.texte)
        else:
            _lignes(porteur, f.texte)


def _lignes(porteur: Element, texte: str) -> None:
    premiere, *suite = propre(texte).split("\n")
    _ajouter(porteur, premiere)
    for ligne in suite:
        el(porteur, "br").tail = ligne


def _ajouter(porteur: Element, texte: str) -> None:
    if len(porteur):
        porteur[-1].tail = (porteur[-1].tail or "") + texte
    else:
        porteur.text = (porteur.text or "") + texte
