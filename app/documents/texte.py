"""Text that enters documents: cleaning, French dates, blocks from what people typed."""

import re
import unicodedata
from datetime import datetime

from app.documents.model import Bloc, Fragment, Intertitre, Liste, Paragraphe, Tableau, Texte

#: Characters that XML 1.0 forbids, and those that turn the reading direction: a name must show
#: what it holds.
_INTERDITS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff"
    "\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_MOIS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
         "octobre", "novembre", "décembre")


def propre(texte: str) -> str:
    """Text fit for XML and print: composed form, line feeds only, no control character."""
    texte = texte.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return unicodedata.normalize("NFC", _INTERDITS.sub("", texte))


def majuscule(texte: str) -> str:
    """The text with a capital first letter, the rest unchanged."""
    return texte[:1].upper() + texte[1:]


def date_longue(moment: datetime) -> str:
    """2 mars 2026."""
    jour = "1er" if moment.day == 1 else str(moment.day)
    return f"{jour}\u00a0{_MOIS[moment.month - 1]}\u00a0{moment.year}"


def date_courte(moment: datetime) -> str:
    """02/03/2026."""
    return f"{moment:%d/%m/%Y}"


def date_heure(moment: datetime) -> str:
    """02/03/2026 à 09:30."""
    return f"{moment:%d/%m/%Y} à\u00a0{moment:%H:%M}"


# --- What people typed --------------------------------------------------------------------------

_PUCE = re.compile(r"\s*[-•*]\s+(.*)")
_NUMERO = re.compile(r"\s*\d{1,3}[.)]\s+(.*)")


def blocs_depuis_texte(texte: str) -> tuple[Bloc, ...]:
    """Blocks of a plain text: blank lines separate, `- ` and `1. ` make lists, lines are kept."""
    return _blocs(propre(texte), style=False)


def blocs_depuis_markdown(texte: str) -> tuple[Bloc, ...]:
    """Blocks of the Markdown that the editor writes: headings, lists, tables, bold, italic.

    A line feed inside a paragraph is a space, as Markdown has it, unless two spaces precede it.
    """
    return _blocs(propre(texte), style=True)


def _blocs(texte: str, *, style: bool) -> tuple[Bloc, ...]:
    blocs: list[Bloc] = []
    for groupe in re.split(r"\n[ ]*\n", texte):
        lignes = [ligne for ligne in groupe.split("\n") if ligne.strip()]
        while lignes:
            lignes = _bloc(lignes, blocs, style)
    return tuple(blocs)


def _bloc(lignes: list[str], blocs: list[Bloc], style: bool) -> list[str]:
    """Move the first block of `lignes` to `blocs`; give the remaining lines."""
    premiere = lignes[0]
    if style and (titre := re.match(r"\s*(#{1,6})\s+(.*)", premiere)):
        blocs.append(Intertitre(_sans_style(titre[2]), min(2, len(titre[1]))))
        return lignes[1:]
    if style and premiere.lstrip().startswith("|") and len(lignes) > 1 and re.fullmatch(
            r"[\s|:\-]+", lignes[1]):
        return _tableau(lignes, blocs)
    for motif in (_PUCE, _NUMERO):
        if motif.fullmatch(premiere):
            elements: list[str] = []
            while lignes and (lu := motif.fullmatch(lignes[0])):
                elements.append(lu[1])
                lignes = lignes[1:]
                while style and lignes and lignes[0].startswith("  ") and not _debut(lignes[0]):
                    elements[-1] += " " + lignes[0].strip()
                    lignes = lignes[1:]
            blocs.append(Liste(tuple(_texte(e, style) for e in elements), motif is _NUMERO))
            return lignes
    fin = next((n for n, ligne in enumerate(lignes) if n and _debut(ligne)), len(lignes))
    if style:
        contenu = "".join(ligne.rstrip(" ").rstrip("\\") + "\n" if re.search(r"(  |\\)$", ligne)
                          else ligne.strip() + " " for ligne in lignes[:fin]).strip()
    else:
        contenu = "\n".join(ligne.rstrip() for ligne in lignes[:fin])
    blocs.append(Paragraphe(_texte(contenu, style)))
    return lignes[fin:]


def _debut(ligne: str) -> bool:
    return bool(_PUCE.fullmatch(ligne) or _NUMERO.fullmatch(ligne))


def _tableau(lignes: list[str], blocs: list[Bloc]) -> list[str]:
    fin = next((n for n, ligne in enumerate(lignes) if not ligne.lstrip().startswith("|")),
               len(lignes))
    rangs = [[_texte(c.strip(), True) for c in re.split(r"(?<!\\)\|", ligne.strip().strip("|"))]
             for n, ligne in enumerate(lignes[:fin]) if n != 1]
    largeur = len(rangs[0])
    blocs.append(Tableau(tuple(rangs[0]), tuple(
        tuple((rang + [""] * largeur)[:largeur]) for rang in rangs[1:])))
    return lignes[fin:]


_MARQUES = re.compile(r"(\\.)|(\*{1,3}|(?<!\w)_(?=\S)|(?<=\S)_(?!\w))")


def _texte(contenu: str, style: bool) -> Texte:
    """Runs of a text with Markdown emphasis (`**gras**`, `*italique*`, `_italique_`)."""
    if not style or not _MARQUES.search(contenu):
        return contenu
    runs: list[Fragment] = []
    gras = italique = False
    debut, courant = 0, ""
    for marque in _MARQUES.finditer(contenu):
        courant += contenu[debut:marque.start()]
        debut = marque.end()
        if marque[1]:
            courant += marque[1][1]
            continue
        if courant:
            runs.append(Fragment(courant, gras=gras, italique=italique))
            courant = ""
        etoiles = len(marque[2])
        gras ^= etoiles >= 2
        italique ^= etoiles != 2
    courant += contenu[debut:]
    if courant:
        runs.append(Fragment(courant, gras=gras, italique=italique))
    return runs[0].texte if len(runs) == 1 and not (runs[0].gras or runs[0].italique) else tuple(
        runs)


def _sans_style(contenu: str) -> str:
    texte = _texte(contenu, True)
    return texte if isinstance(texte, str) else "".join(f.texte for f in texte)
