"""Blocks of a document <-> QTextDocument.

Only what a block can hold is written; what Qt adds of its own (a blank paragraph around a table)
means nothing and is not read back. `lire(ecrire(blocs)) == normaliser(blocs)`.
"""

from collections.abc import Iterator, Sequence

from PySide6.QtGui import (
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextListFormat,
    QTextTable,
    QTextTableFormat,
)

from app.documents.corps import normaliser
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

#: Properties of a run: label of its field of the record, ID that structured entries point to.
ORIGINE = int(QTextFormat.Property.UserProperty) + 1
REF = int(QTextFormat.Property.UserProperty) + 2
LIGNE = "\u2028"
_PUCES = QTextListFormat.Style.ListDisc
_NUMEROS = QTextListFormat.Style.ListDecimal
_FORCE = int(QFont.Weight.DemiBold)
#: Steps of size above the body, by level of heading.
_TAILLE_TITRE = {1: 1, 2: 0}


# -- Formats ----------------------------------------------------------------------------------


def format_bloc(niveau: int = 0) -> QTextBlockFormat:
    """Format of a paragraph, or of a heading of that level."""
    forme = QTextBlockFormat()
    forme.setHeadingLevel(niveau)
    forme.setTopMargin({0: 0, 1: 10, 2: 6}[niveau])
    forme.setBottomMargin({0: 7, 1: 4, 2: 3}[niveau])
    forme.setLineHeight(125, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    return forme


def format_titre(niveau: int) -> QTextCharFormat:
    """Format of the characters of a heading; of the body at level 0."""
    forme = QTextCharFormat()
    if niveau:
        forme.setFontWeight(_FORCE)
        forme.setProperty(QTextFormat.Property.FontSizeAdjustment.value, _TAILLE_TITRE[niveau])
    return forme


def format_run(f: Fragment, niveau: int = 0) -> QTextCharFormat:
    """Format of a run."""
    forme = format_titre(niveau)
    if f.gras:
        forme.setFontWeight(_FORCE)
    if f.italique:
        forme.setFontItalic(True)
    if f.souligne:
        forme.setFontUnderline(True)
    if f.origine:
        forme.setProperty(ORIGINE, f.origine)
    if f.ref:
        forme.setProperty(REF, f.ref)
    return forme


def format_liste(ordonnee: bool) -> QTextListFormat:
    """Format of a list."""
    forme = QTextListFormat()
    forme.setStyle(_NUMEROS if ordonnee else _PUCES)
    forme.setIndent(1)
    return forme


def format_tableau(entete: bool) -> QTextTableFormat:
    """Format of a table, as wide as the page."""
    forme = QTextTableFormat()
    forme.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    forme.setCellPadding(4)
    forme.setCellSpacing(0)
    forme.setBorder(1)
    forme.setBorderCollapse(True)
    forme.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    forme.setHeaderRowCount(1 if entete else 0)
    forme.setTopMargin(4)
    forme.setBottomMargin(8)
    return forme


def niveau(bloc: QTextBlock) -> int:
    """Level of heading of a block, 0 for the body."""
    return min(2, bloc.blockFormat().headingLevel())


# -- Writing ----------------------------------------------------------------------------------


def ecrire(document: QTextDocument, blocs: Sequence[Bloc]) -> None:
    """Replace the whole document; its history of changes begins anew."""
    document.setUndoRedoEnabled(False)
    document.clear()
    curseur = QTextCursor(document)
    curseur.setBlockFormat(format_bloc())
    ajouter(curseur, normaliser(blocs), libre=True)
    document.setUndoRedoEnabled(True)
    document.setModified(False)


def ajouter(curseur: QTextCursor, blocs: Sequence[Bloc], *, libre: bool) -> None:
    """Write blocks after the cursor. `libre`: its block is blank and takes the first of them."""
    for bloc in blocs:
        match bloc:
            case Paragraphe():
                _ouvrir(curseur, 0, libre)
                inserer_texte(curseur, bloc.texte)
            case Intertitre():
                _ouvrir(curseur, bloc.niveau, libre)
                inserer_texte(curseur, bloc.texte, bloc.niveau)
            case Liste():
                for n, element in enumerate(bloc.elements):
                    if n == 0:
                        _ouvrir(curseur, 0, libre)
                        curseur.createList(format_liste(bloc.ordonnee))
                    else:
                        curseur.insertBlock()
                    inserer_texte(curseur, element)
            case Tableau():
                if not libre or curseur.currentList() is not None:
                    curseur.insertBlock(format_bloc(), QTextCharFormat())
                inserer_tableau(curseur, bloc)
                libre = True
                continue
        libre = False


def _ouvrir(curseur: QTextCursor, niveau: int, libre: bool) -> None:
    forme = format_titre(niveau)
    if libre:
        curseur.setBlockFormat(format_bloc(niveau))
        curseur.setBlockCharFormat(forme)
        curseur.setCharFormat(forme)
    else:
        curseur.insertBlock(format_bloc(niveau), forme)


def inserer_texte(curseur: QTextCursor, texte: Texte, niveau: int = 0) -> None:
    """Write a text in the current block; its line feeds are line breaks."""
    for f in fragments(texte):
        curseur.insertText(f.texte.replace("\n", LIGNE), format_run(f, niveau))


def inserer_tableau(curseur: QTextCursor, tableau: Tableau) -> QTextTable:
    """Write a table; the cursor is left in the block after it."""
    rangs = [tableau.entetes, *tableau.lignes] if tableau.entetes else list(tableau.lignes)
    table = curseur.insertTable(len(rangs), len(rangs[0]), format_tableau(bool(tableau.entetes)))
    for r, rang in enumerate(rangs):
        for c, cellule in enumerate(rang):
            place = table.cellAt(r, c).firstCursorPosition()
            place.setBlockFormat(QTextBlockFormat())
            inserer_texte(place, cellule)
    curseur.setPosition(table.lastPosition() + 1)
    curseur.setBlockFormat(format_bloc())
    curseur.setBlockCharFormat(QTextCharFormat())
    return table


# -- Reading ----------------------------------------------------------------------------------


def lire(document: QTextDocument) -> tuple[Bloc, ...]:
    """The canonical blocks of a document."""
    sortie: list[Bloc] = []
    liste: list[Texte] = []
    rang_liste, ordonnee = -1, False

    def finir() -> None:
        nonlocal rang_liste
        if liste:
            sortie.append(Liste(tuple(liste), ordonnee))
            liste.clear()
        rang_liste = -1

    bloc = document.begin()
    while bloc.isValid():
        table = QTextCursor(bloc).currentTable()
        if table is not None:
            finir()
            sortie.append(_lire_tableau(table))
            bloc = document.findBlock(table.lastPosition() + 1)
            continue
        courante = bloc.textList()
        if courante is not None:
            if courante.objectIndex() != rang_liste:
                finir()
                rang_liste = courante.objectIndex()
                ordonnee = courante.format().style() == _NUMEROS
            liste.append(tuple(_runs(bloc)))
        else:
            finir()
            if n := niveau(bloc):
                sortie.append(Intertitre("".join(f.texte for f in _runs(bloc)), n))
            else:
                sortie.append(Paragraphe(tuple(_runs(bloc))))
        bloc = bloc.next()
    finir()
    return normaliser(sortie)


def _runs(bloc: QTextBlock) -> Iterator[Fragment]:
    titre = niveau(bloc) > 0
    place = bloc.begin()
    while not place.atEnd():
        morceau = place.fragment()
        forme = morceau.charFormat()
        yield Fragment(
            morceau.text().replace(LIGNE, "\n"),
            gras=not titre and forme.fontWeight() >= _FORCE, italique=forme.fontItalic(),
            souligne=forme.fontUnderline(), ref=str(forme.property(REF) or ""),
            origine=str(forme.property(ORIGINE) or ""))
        place += 1


def _lire_tableau(table: QTextTable) -> Tableau:
    rangs = [tuple(_cellule(table, r, c) for c in range(table.columns()))
             for r in range(table.rows())]
    entete = table.format().headerRowCount() > 0
    return Tableau(rangs[0] if entete else (), tuple(rangs[1:] if entete else rangs))


def _cellule(table: QTextTable, rang: int, colonne: int) -> Texte:
    """Text of a cell; its paragraphs are lines."""
    cellule = table.cellAt(rang, colonne)
    bloc = cellule.firstCursorPosition().block()
    dernier = cellule.lastCursorPosition().block()
    runs = list(_runs(bloc))
    while bloc != dernier:
        bloc = bloc.next()
        runs += [Fragment("\n"), *_runs(bloc)]
    return tuple(runs)
