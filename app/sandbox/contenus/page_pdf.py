"""The PDF of a fictive document: letterhead, patient, sections; Inter embedded.

Not PDF/A on purpose: what arrives from others is not always clean.
"""

import io
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    ListFlowable,
    ListItem,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from app.sandbox.contenus.modeles import Auteur, Modele
from app.sandbox.identites import Personne

_POLICES = Path(__file__).parents[3] / "resources" / "fonts"
_ENCRE, _GRIS = colors.HexColor("#1c2733"), colors.HexColor("#5a6875")
_TEINTE, _FOND = colors.HexColor("#1f5fa8"), colors.HexColor("#eef3f9")


@cache
def _styles() -> dict[str, ParagraphStyle]:
    for nom in ("Regular", "SemiBold"):
        pdfmetrics.registerFont(TTFont(f"Inter-{nom}", str(_POLICES / f"Inter-{nom}.ttf")))
    corps = ParagraphStyle("corps", fontName="Inter-Regular", fontSize=9.5, leading=13.5,
                           textColor=_ENCRE, spaceAfter=4)
    return {
        "corps": corps,
        "petit": ParagraphStyle("petit", corps, fontSize=8, leading=11, textColor=_GRIS),
        "droite": ParagraphStyle("droite", corps, alignment=TA_RIGHT, fontSize=8.5, leading=12),
        "titre": ParagraphStyle("titre", corps, fontName="Inter-SemiBold", fontSize=14,
                                leading=18, spaceBefore=10, spaceAfter=8),
        "section": ParagraphStyle("section", corps, fontName="Inter-SemiBold", fontSize=10.5,
                                  textColor=_TEINTE, spaceBefore=9, spaceAfter=4),
        "cellule": ParagraphStyle("cellule", corps, fontSize=8.5, leading=11.5, spaceAfter=0),
        "entete": ParagraphStyle("entete", corps, fontName="Inter-SemiBold", fontSize=8,
                                 leading=11, spaceAfter=0, textColor=_GRIS),
    }


def rendre(modele: Modele, auteur: Auteur, patient: Personne, jour: str) -> bytes:
    """Lay a document out.

    Parameters
    ----------
    jour
        Date shown, JJ/MM/AAAA.

    Returns
    -------
    The PDF; the same values give the same bytes.
    """
    st, sortie = _styles(), io.BytesIO()
    histoire: list[Flowable] = [_entete(auteur, jour), Spacer(1, 4 * mm), _patient(patient),
                                Paragraph(escape(modele.titre), st["titre"])]
    for section in modele.sections:
        histoire.append(Paragraph(escape(section["titre"]), st["section"]))
        histoire += [_bloc(b) for b in section["blocs"]]
    histoire += [Spacer(1, 8 * mm),
                 Paragraph(escape(f"{auteur.prenom.title()} {auteur.nom}"), st["droite"])]

    def pied(toile: Canvas, _document: Any) -> None:
        toile.setFont("Inter-Regular", 7.5)
        toile.setFillColor(_GRIS)
        toile.drawString(20 * mm, 12 * mm, "Document fictif du bac à sable Pléiade – aucune "
                                           "personne réelle")
        toile.drawRightString(190 * mm, 12 * mm, f"Page {toile.getPageNumber()}")

    SimpleDocTemplate(sortie, pagesize=A4, leftMargin=20 * mm, rightMargin=20 * mm,
                      topMargin=16 * mm, bottomMargin=20 * mm, title=modele.titre,
                      author=f"{auteur.prenom} {auteur.nom}", lang="fr-FR", invariant=1,
                      ).build(histoire, onFirstPage=pied, onLaterPages=pied)
    return sortie.getvalue()


def _entete(auteur: Auteur, jour: str) -> Flowable:
    st = _styles()
    nom = f"{auteur.prenom.title()} {auteur.nom}"
    gauche = [Paragraph(_gras(auteur.structure or nom), st["corps"])]
    if auteur.structure:
        gauche.append(Paragraph(escape(f"{nom} – {auteur.specialite[1]}"), st["petit"]))
        gauche.append(Paragraph(escape(f"{auteur.adresse}, {auteur.code_postal} {auteur.ville} · "
                                       f"{_telephone(auteur.telephone)}"), st["petit"]))
    table = Table([[gauche, Paragraph(f"Le {jour}", st["droite"])]], [130 * mm, 40 * mm])
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"),
                               ("LINEBELOW", (0, 0), (-1, 0), 1.2, _TEINTE),
                               ("LEFTPADDING", (0, 0), (-1, -1), 0),
                               ("RIGHTPADDING", (0, 0), (-1, -1), 0)]))
    return table


def _gras(texte: str) -> str:
    return f'<font name="Inter-SemiBold">{escape(texte)}</font>'


def _telephone(numero: str) -> str:
    return " ".join(numero[i:i + 2] for i in range(0, len(numero), 2))


def _patient(p: Personne) -> Flowable:
    st = _styles()
    annee, mois, jour = p.date_naissance.split("-")
    prenoms = p.liste_prenoms or p.prenom
    ne, sexe = ("Née", "féminin") if p.sexe == "F" else ("Né", "masculin")
    contenu = [Paragraph(f"{_gras(p.nom)} {escape(prenoms.title())}", st["corps"]),
               Paragraph(f"{ne} le {jour}/{mois}/{annee} · sexe {sexe} · INS {p.matricule}",
                         st["petit"])]
    table = Table([[contenu]], [170 * mm])
    table.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, -1), _FOND),
                               ("LEFTPADDING", (0, 0), (-1, -1), 8),
                               ("TOPPADDING", (0, 0), (-1, -1), 6)]))
    return table


def _bloc(bloc: dict[str, Any]) -> Flowable:
    st = _styles()
    if "liste" in bloc:
        points: list[Any] = [ListItem(Paragraph(escape(x), st["corps"]), leftIndent=12)
                             for x in bloc["liste"]]
        return ListFlowable(points, bulletType="bullet", start="•",
                            bulletFontName="Inter-Regular", bulletFontSize=9, leftIndent=12)
    if "lignes" in bloc:
        donnees = [[Paragraph(escape(c), st["entete"]) for c in bloc["entetes"]]]
        donnees += [[Paragraph(escape(c), st["cellule"]) for c in ligne]
                    for ligne in bloc["lignes"]]
        largeur = 170 * mm / len(bloc["entetes"])
        table = Table(donnees, [largeur] * len(bloc["entetes"]), repeatRows=1, spaceAfter=6)
        table.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#d5dde6")),
                                   ("BACKGROUND", (0, 0), (-1, 0), _FOND),
                                   ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
        return table
    return Paragraph(escape(bloc["p"]), st["corps"])
