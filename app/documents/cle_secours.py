"""The printable page of the recovery key."""

from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from app.documents import pdf_polices as polices

#: Groups of the key on one line of the page.
GROUPES_PAR_LIGNE = 4
_CONSIGNES = (
    "Cette clé ouvre le dossier du cabinet si le mot de passe est perdu.",
    "Rangez cette feuille dans un lieu fermé, jamais avec l’ordinateur.",
    "Pléiade n’en garde aucune copie : perdue avec le mot de passe, elle ne peut pas être "
    "retrouvée.",
)


def rendre_cle_secours(cle: str, cabinet: str) -> bytes:
    """PDF of one A4 page.

    Args:
        cle: recovery key, groups parted by hyphens.
        cabinet: name of the practice, as printed at the top.
    """
    polices.enregistrer()
    sortie = BytesIO()
    options: dict[str, Any] = {"initialFontName": polices.NORMAL}  # the stubs want a number
    page = Canvas(sortie, pagesize=A4, **options)
    _, hauteur = A4
    page.setTitle("Clé de secours Pléiade")
    page.setFillColor(polices.TEXTE2)
    page.setFont(polices.NORMAL, 11)
    page.drawString(60, hauteur - 70, polices.imprimable(cabinet))
    page.setFillColor(polices.TEXTE)
    page.setFont(polices.GRAS, 20)
    page.drawString(60, hauteur - 100, "Clé de secours du dossier")
    page.setFont(polices.NORMAL, 10.5)
    for rang, consigne in enumerate(_CONSIGNES):
        page.drawString(60, hauteur - 130 - 17 * rang, consigne)
    groupes: list[str] = cle.split("-")
    lignes = [groupes[i:i + GROUPES_PAR_LIGNE] for i in range(0, len(groupes), GROUPES_PAR_LIGNE)]
    haut = hauteur - 210
    page.setFillColor(polices.FOND)
    page.roundRect(60, haut - 34 * len(lignes), 475, 34 * len(lignes) + 16, 6, stroke=0, fill=1)
    page.setFillColor(polices.TEXTE)
    page.setFont(polices.DEMI_GRAS, 16)
    for rang, ligne in enumerate(lignes):
        for colonne, groupe in enumerate(ligne):
            page.drawString(80 + 112 * colonne, haut - 14 - 34 * rang, groupe)
    page.showPage()
    page.save()
    return sortie.getvalue()
