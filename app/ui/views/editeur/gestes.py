"""Gestures of the editor on the shape of the text: lists, tables, headings."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import (
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextListFormat,
    QTextTable,
)

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
from app.ui.views.editeur.conversion import (
    format_bloc,
    format_liste,
    format_tableau,
    format_titre,
    niveau,
)

if TYPE_CHECKING:
    from app.ui.views.editeur.zone import ZoneTexte

_GARDE = QTextCursor.MoveMode.KeepAnchor
_ALLER = QTextCursor.MoveOperation


def blocs_choisis(curseur: QTextCursor) -> Iterator[QTextCursor]:
    """A cursor in each block of the selection (or in the one of the cursor), tables left aside."""
    document = curseur.document()
    bloc = document.findBlock(curseur.selectionStart())
    fin = curseur.selectionEnd()
    while bloc.isValid() and bloc.position() <= fin:
        place = QTextCursor(bloc)
        if place.currentTable() is None:
            yield place
        if bloc.position() + bloc.length() > fin:
            return
        bloc = bloc.next()


def formater_titre(bloc: QTextBlock, voulu: int) -> None:
    """Give the characters of a block the shape of its level; the author's styles stay in a body."""
    curseur = QTextCursor(bloc)
    curseur.movePosition(_ALLER.EndOfBlock, _GARDE)
    if voulu:
        forme = format_titre(voulu)
    else:
        forme = QTextCharFormat()
        forme.setFontWeight(400)
        forme.setProperty(QTextCharFormat.Property.FontSizeAdjustment.value, 0)
    curseur.mergeCharFormat(forme)


# -- Lists ------------------------------------------------------------------------------------


def nature_liste(curseur: QTextCursor) -> str:
    """`puces`, `numeros`, or nothing."""
    liste = curseur.currentList()
    if liste is None:
        return ""
    numeros = liste.format().style() == QTextListFormat.Style.ListDecimal
    return "numeros" if numeros else "puces"


def quitter_liste(curseur: QTextCursor) -> None:
    """The block of the cursor is a paragraph again."""
    liste = curseur.currentList()
    if liste is not None:
        liste.remove(curseur.block())
        curseur.setBlockFormat(format_bloc())


def basculer_liste(curseur: QTextCursor, nature: str) -> None:
    """A list of that nature, another nature, or paragraphs again."""
    curseur.beginEditBlock()
    if nature_liste(curseur) == nature:
        for place in list(blocs_choisis(curseur)):
            quitter_liste(place)
    elif (liste := curseur.currentList()) is not None:
        liste.setFormat(format_liste(nature == "numeros"))
    else:
        cree = None
        for place in list(blocs_choisis(curseur)):
            if niveau(place.block()):
                formater_titre(place.block(), 0)
            place.setBlockFormat(format_bloc())
            if cree is None:
                cree = place.createList(format_liste(nature == "numeros"))
            else:
                cree.add(place.block())
    curseur.endEditBlock()


def entree(zone: "ZoneTexte") -> bool:
    """Return: leaves a list from a blank item, goes back to the body after a heading."""
    curseur = zone.textCursor()
    if curseur.currentTable() is not None or curseur.hasSelection():
        return False
    if curseur.currentList() is not None and not curseur.block().text():
        curseur.beginEditBlock()
        quitter_liste(curseur)
        curseur.endEditBlock()
        return True
    if niveau(curseur.block()) and curseur.atBlockEnd():
        curseur.insertBlock(format_bloc(), QTextCharFormat())
        zone.setTextCursor(curseur)
        zone.setCurrentCharFormat(QTextCharFormat())
        return True
    return False


def effacement(zone: "ZoneTexte") -> bool:
    """Backspace at the beginning of an item or of a heading takes its shape away first."""
    curseur = zone.textCursor()
    if curseur.hasSelection() or not curseur.atBlockStart() or curseur.currentTable() is not None:
        return False
    if curseur.currentList() is not None:
        quitter_liste(curseur)
        return True
    if niveau(curseur.block()):
        zone.definir_style(0)
        return True
    return False


# -- Tables -----------------------------------------------------------------------------------


def cellule_voisine(curseur: QTextCursor, sens: int) -> QTextCursor | None:
    """Cursor in the next or former cell; after the last one, in a new row."""
    table = curseur.currentTable()
    if table is None:
        return None
    cellule = table.cellAt(curseur)
    rang = cellule.row() * table.columns() + cellule.column() + sens
    if rang < 0:
        return None
    if rang >= table.rows() * table.columns():
        table.appendRows(1)
    return table.cellAt(rang // table.columns(), rang % table.columns()).firstCursorPosition()


def changer_tableau(curseur: QTextCursor, geste: str) -> None:
    """One of `ligne+`, `ligne-`, `colonne+`, `colonne-`, `supprimer`, `entete`."""
    table = curseur.currentTable()
    if table is None:
        return
    cellule = table.cellAt(curseur)
    match geste:
        case "ligne+":
            table.insertRows(cellule.row() + 1, 1)
        case "colonne+":
            table.insertColumns(cellule.column() + 1, 1)
        case "ligne-" if table.rows() > 1:
            if cellule.row() == 0:
                _entete(table, False)
            table.removeRows(cellule.row(), 1)
        case "colonne-" if table.columns() > 1:
            table.removeColumns(cellule.column(), 1)
        case "entete":
            _entete(table, table.format().headerRowCount() == 0)
        case "ligne-" | "colonne-" | "supprimer":
            supprimer_table(table)


def _entete(table: QTextTable, voulu: bool) -> None:
    table.setFormat(format_tableau(voulu))


def supprimer_table(table: QTextTable) -> None:
    """Take a table away."""
    table.removeRows(0, table.rows())


def en_lignes(blocs: Sequence[Bloc]) -> Texte:
    """Blocks as the lines of one cell."""
    runs: list[Fragment] = []
    for bloc in blocs:
        textes: tuple[Texte, ...] = ()
        match bloc:
            case Paragraphe() | Intertitre():
                textes = (bloc.texte,)
            case Liste():
                textes = bloc.elements
            case Tableau():
                textes = tuple(c for rang in (bloc.entetes, *bloc.lignes) for c in rang)
        for texte in textes:
            if runs:
                runs.append(Fragment("\n"))
            runs += fragments(texte)
    return tuple(runs)
