"""The blocks of a document as flowables of reportlab."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    Flowable,
    ListFlowable,
    ListItem,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from app.documents import pdf_polices as p
from app.documents.model import (
    Bloc,
    Intertitre,
    Liste,
    Paragraphe,
    Tableau,
    Texte,
    fragments,
    texte_brut,
)
from app.documents.texte import propre

_MARGE_CELLULE = 4.0
#: A row lower than this, in points, always fits on a page.
_HAUTEUR_ENTIERE = 480.0


@cache
def style(nom: str) -> ParagraphStyle:
    """A paragraph style by name."""
    base = {"fontName": p.NORMAL, "bulletFontName": p.NORMAL, "textColor": p.TEXTE,
            "alignment": TA_LEFT, "splitLongWords": 1, "allowWidows": 0, "allowOrphans": 0}
    formes: dict[str, dict[str, object]] = {
        "corps": {"fontSize": 10, "leading": 14.4, "spaceAfter": 6},
        "puce": {"fontSize": 10, "leading": 14.4},
        "cellule": {"fontSize": 8.8, "leading": 11.8},
        "entete": {"fontSize": 8.2, "leading": 10.8, "fontName": p.DEMI_GRAS,
                   "textColor": p.TEXTE2},
        "legende": {"fontSize": 9, "leading": 12, "fontName": p.DEMI_GRAS, "spaceBefore": 4,
                    "spaceAfter": 3, "keepWithNext": 1},
        "titre": {"fontSize": 15.5, "leading": 19.5, "fontName": p.GRAS, "textColor": p.NUIT,
                  "spaceAfter": 3},
        "inter1": {"fontSize": 11.5, "leading": 15, "fontName": p.DEMI_GRAS,
                   "textColor": p.ACCENT, "spaceBefore": 9, "spaceAfter": 4, "keepWithNext": 1},
        "inter2": {"fontSize": 10, "leading": 13.5, "fontName": p.DEMI_GRAS, "spaceBefore": 5,
                   "spaceAfter": 3, "keepWithNext": 1},
        "petit": {"fontSize": 8.2, "leading": 11, "textColor": p.TEXTE2},
        "petit_droite": {"fontSize": 8.2, "leading": 11, "textColor": p.TEXTE2,
                         "alignment": TA_RIGHT},
        "libelle": {"fontSize": 7.2, "leading": 9.2, "textColor": p.TEXTE2},
        "valeur": {"fontSize": 9.4, "leading": 12, "fontName": p.DEMI_GRAS},
        "cabinet": {"fontSize": 13, "leading": 16, "fontName": p.GRAS, "textColor": p.NUIT},
        "auteur": {"fontSize": 10, "leading": 13.5, "fontName": p.MOYEN},
        "rgpd": {"fontSize": 6.8, "leading": 8.6, "textColor": p.TEXTE2},
    }
    return ParagraphStyle(nom, **(base | formes[nom]))  # type: ignore[arg-type]


def balise(texte: Texte) -> str:
    """Markup of reportlab for a text: escaped, styled, with its line breaks."""
    morceaux = []
    for f in fragments(texte):
        mot = escape(p.imprimable(propre(f.texte))).replace("\n", "<br/>")
        if f.gras:
            mot = f"<b>{mot}</b>"
        if f.italique:
            mot = f"<i>{mot}</i>"
        if f.souligne:
            mot = f"<u>{mot}</u>"
        morceaux.append(mot)
    return "".join(morceaux)


def para(texte: Texte, nom: str) -> Paragraph:
    """A paragraph of that style."""
    return Paragraph(balise(texte), style(nom))


def regles(*autres: tuple[Any, ...]) -> TableStyle:
    """Rules of a table without borders; its font is ours, or an unembedded one would be listed."""
    return TableStyle([
        ("FONTNAME", (0, 0), (-1, -1), p.NORMAL), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 6),
        ("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 3), *autres])


def flux(blocs: Sequence[Bloc], largeur: float) -> list[Flowable]:
    """Flowables of the blocks, `largeur` points wide."""
    sortie: list[Flowable] = []
    for bloc in blocs:
        match bloc:
            case Intertitre():
                sortie.append(para(bloc.texte, f"inter{min(2, max(1, bloc.niveau))}"))
            case Paragraphe():
                sortie.append(para(bloc.texte, "corps"))
            case Liste():
                sortie += [_liste(bloc), Spacer(1, 5)]
            case Tableau():
                sortie += _tableau(bloc, largeur)
    return sortie


def _liste(liste: Liste) -> Flowable:
    elements: list[Any] = [ListItem(para(e, "puce"), spaceAfter=1.5) for e in liste.elements]
    return ListFlowable(
        elements, bulletType="1" if liste.ordonnee else "bullet",
        start=1 if liste.ordonnee else "•", bulletFontName=p.NORMAL,
        bulletFontSize=10 if liste.ordonnee else 11, bulletColor=p.ACCENT, leftIndent=14,
        bulletFormat="%s." if liste.ordonnee else None)


def _tableau(tableau: Tableau, largeur: float) -> list[Flowable]:
    colonnes = len(tableau.entetes) or max((len(li) for li in tableau.lignes), default=0)
    if not colonnes:
        return []
    entetes = [tableau.entetes] if tableau.entetes else []
    rangs = [[para(c, "entete") for c in rang] for rang in entetes]
    rangs += [[para(c, "cellule") for c in (*rang, *[""] * colonnes)[:colonnes]]
              for rang in tableau.lignes]
    forme = regles(
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, p.BORDURE),
        ("LINEABOVE", (0, 0), (-1, 0), 0.5, p.BORDURE),
        ("LEFTPADDING", (0, 0), (-1, -1), _MARGE_CELLULE),
        ("RIGHTPADDING", (0, 0), (-1, -1), _MARGE_CELLULE),
        ("TOPPADDING", (0, 0), (-1, -1), 3), ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        *([("BACKGROUND", (0, 0), (-1, 0), p.FOND_ENTETE)] if entetes else []))
    largeurs = _largeurs(tableau, colonnes, largeur)
    # A row may be cut only when no page could hold it: the cut repeats the head at once.
    coupe = any(_hauteur(c, la) > _HAUTEUR_ENTIERE for rang in tableau.lignes
                for c, la in zip(rang, largeurs, strict=False))
    table = Table(rangs, colWidths=largeurs, repeatRows=len(entetes), splitInRow=int(coupe),
                  style=forme, hAlign="LEFT")
    titre = [para(tableau.titre, "legende")] if tableau.titre else []
    return [*titre, table, Spacer(1, 3 * mm)]


def _hauteur(cellule: Texte, largeur: float) -> float:
    """Rough height of a cell, on the safe side."""
    texte = texte_brut(cellule)
    lignes = texte.count("\n") + 1 + 1.2 * len(texte) * 4.6 / max(12.0, largeur - 9)
    return lignes * style("cellule").leading


def _largeurs(tableau: Tableau, colonnes: int, largeur: float) -> list[float]:
    """Column widths: those asked for, else by content with room for the longest word."""
    if len(tableau.largeurs) == colonnes:
        total = sum(tableau.largeurs)
        return [largeur * part / total for part in tableau.largeurs]
    voulues, minimales = [0.0] * colonnes, [0.0] * colonnes
    polices = [(tableau.entetes, p.DEMI_GRAS, 8.2)] if tableau.entetes else []
    # A sample is enough to share the width; the longest word may always be split.
    polices += [(rang, p.NORMAL, 8.8) for rang in tableau.lignes[:60]]
    for rang, police, corps in polices:
        for n, cellule in enumerate(rang[:colonnes]):
            texte = p.imprimable(propre(texte_brut(cellule)))
            marge = 2 * _MARGE_CELLULE + 1
            voulues[n] = max(voulues[n], marge + max(
                (p.largeur(ligne, police, corps) for ligne in texte.split("\n")), default=0))
            minimales[n] = max(minimales[n], marge + max(
                (p.largeur(mot, police, corps) for mot in texte.split()), default=0))
    if sum(voulues) <= largeur:
        return [v + (largeur - sum(voulues)) / colonnes for v in voulues]
    plafond = largeur / colonnes
    minimales = [min(m, max(plafond, largeur * 0.3)) for m in minimales]
    if (place := largeur - sum(minimales)) <= 0:
        return [largeur * m / sum(minimales) for m in minimales]
    manques = [min(v, largeur) - m for v, m in zip(voulues, minimales, strict=True)]
    return [m + place * max(0.0, q) / (sum(max(0.0, x) for x in manques) or 1)
            for m, q in zip(minimales, manques, strict=True)]
