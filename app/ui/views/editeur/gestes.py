"""Gestures of the editor on a cursor: lists, tables, headings, fields, parts from the record."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import (
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextListFormat,
    QTextTable,
)

from app.documents.champs import ValeurChamp, marquer
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
from app.documents.orthographe import MOT
from app.ui.views.editeur.conversion import (
    ORIGINE,
    format_bloc,
    format_liste,
    format_tableau,
    format_titre,
    niveau,
)

if TYPE_CHECKING:
    from app.ui.views.editeur.souligneur import Souligneur
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


# -- Fields and spelling ----------------------------------------------------------------------


def aller_motif(zone: "ZoneTexte", motif: re.Pattern[str], sens: int) -> bool:
    """Select the next place of a pattern, all around the document."""
    places = []
    bloc = zone.document().begin()
    while bloc.isValid():
        places += [(bloc.position() + m.start(), bloc.position() + m.end())
                   for m in motif.finditer(bloc.text())]
        bloc = bloc.next()
    return _choisir(zone, places, sens)


def aller_faute(zone: "ZoneTexte", souligneur: "Souligneur") -> bool:
    """Select the next misspelt word, all around the document."""
    places = []
    bloc = zone.document().begin()
    while bloc.isValid():
        places += [(bloc.position() + debut, bloc.position() + debut + longueur)
                   for debut, longueur in souligneur.fautes(bloc)]
        bloc = bloc.next()
    return _choisir(zone, places, 1)


def _choisir(zone: "ZoneTexte", places: Sequence[tuple[int, int]], sens: int) -> bool:
    if not places:
        return False
    ici = zone.textCursor()
    if sens > 0:
        debut, fin = next((p for p in places if p[0] >= ici.selectionEnd()), places[0])
    else:
        debut, fin = next((p for p in reversed(places) if p[1] <= ici.selectionStart()),
                          places[-1])
    curseur = zone.textCursor()
    curseur.setPosition(debut)
    curseur.setPosition(fin, _GARDE)
    zone.setTextCursor(curseur)
    zone.ensureCursorVisible()
    return True


def mot_faux(curseur: QTextCursor, souligneur: "Souligneur") -> QTextCursor | None:
    """The misspelt word at the cursor, selected."""
    bloc = curseur.block()
    ici = min(curseur.position(), curseur.anchor()) - bloc.position()
    for debut, longueur in souligneur.fautes(bloc):
        if debut <= ici <= debut + longueur:
            choisi = QTextCursor(bloc)
            choisi.setPosition(bloc.position() + debut)
            choisi.setPosition(bloc.position() + debut + longueur, _GARDE)
            return choisi
    return None


def mot_quitte(texte: str, avant: int, ici: int) -> bool:
    """True when two places of a block aren't in the same word."""
    return not any(m.start() <= avant <= m.end() and m.start() <= ici <= m.end()
                   for m in MOT.finditer(texte))


def remplir(zone: "ZoneTexte", motif: re.Pattern[str],
            valeur: Callable[[str], tuple[str, ValeurChamp] | None]) -> int:
    """Fill the fields that wait and now have a value, each where it stands; gives their number.

    Args:
        valeur: label of a field -> its label as the record writes it, and its value.
    """
    remplis, depart = 0, 0
    avant = zone.textCursor()
    zone.textCursor().beginEditBlock()
    while (place := _prochain(zone, motif, depart)) is not None:
        debut, fin, nom = place
        depart = fin
        trouve = valeur(nom)
        if trouve is None:
            continue
        libelle, lue = trouve
        curseur = zone.textCursor()
        curseur.setPosition(debut)
        curseur.setPosition(fin, _GARDE)
        seul = curseur.block().text().strip() == curseur.selectedText()
        zone.setTextCursor(curseur)
        longueur = zone.document().characterCount()
        if seul and lue.blocs and niveau(curseur.block()) == 0:
            zone.inserer(marquer(lue.blocs, libelle))
        else:
            zone.inserer((Paragraphe((Fragment(lue.texte, origine=libelle),)),))
        depart = fin + zone.document().characterCount() - longueur
        remplis += 1
    zone.textCursor().endEditBlock()
    if remplis:
        avant.setPosition(min(avant.position(), zone.document().characterCount() - 1))
        zone.setTextCursor(avant)
    return remplis


def _prochain(zone: "ZoneTexte", motif: re.Pattern[str], depart: int
              ) -> tuple[int, int, str] | None:
    bloc = zone.document().findBlock(depart)
    while bloc.isValid():
        for m in motif.finditer(bloc.text()):
            if bloc.position() + m.start() >= depart:
                return bloc.position() + m.start(), bloc.position() + m.end(), m[1]
        bloc = bloc.next()
    return None


# -- Parts from the record --------------------------------------------------------------------


def origine(curseur: QTextCursor) -> str:
    """Label of the part under the cursor (or just after it)."""
    for pas in (0, 1):
        place = QTextCursor(curseur)
        place.setPosition(curseur.selectionStart())
        if pas and (place.atBlockEnd() or not place.movePosition(_ALLER.NextCharacter)):
            continue
        if libelle := place.charFormat().property(ORIGINE):
            return str(libelle)
    return ""


def au_milieu(curseur: QTextCursor, propriete: int) -> bool:
    """True when the characters on both sides share the value of a property."""
    if curseur.atBlockEnd():
        return False
    apres = QTextCursor(curseur)
    apres.movePosition(_ALLER.NextCharacter)
    return bool(curseur.charFormat().property(propriete)
                == apres.charFormat().property(propriete))


def _porte(bloc: QTextBlock, libelle: str) -> bool:
    """True when every character of a block, and one at least, comes from that field."""
    place, vu = bloc.begin(), False
    while not place.atEnd():
        if str(place.fragment().charFormat().property(ORIGINE) or "") != libelle:
            return False
        vu = True
        place += 1
    return vu


def retirer_partie(curseur: QTextCursor) -> str:
    """Take the part under the cursor away; gives its label."""
    libelle = origine(curseur)
    if not libelle:
        return ""
    curseur.beginEditBlock()
    table = curseur.currentTable()
    if table is not None:
        place = QTextCursor(curseur.document())
        place.setPosition(table.firstPosition() - 1)  # follows the text, where a block would not
        supprimer_table(table)
        _sans_titre(place.block())
    elif _porte(curseur.block(), libelle):
        premier = dernier = curseur.block()
        while _porte(premier.previous(), libelle) and _hors_table(premier.previous()):
            premier = premier.previous()
        while _porte(dernier.next(), libelle) and _hors_table(dernier.next()):
            dernier = dernier.next()
        place = QTextCursor(premier)
        place.setPosition(dernier.position() + dernier.length() - 1, _GARDE)
        place.removeSelectedText()
        quitter_liste(place)
        _sans_titre(place.block().previous())
        _sans_blanc(place)
    else:
        _retirer_run(curseur, libelle)
    curseur.endEditBlock()
    return libelle


def _sans_blanc(place: QTextCursor) -> None:
    """Take the blank paragraph of a cursor away, when its neighbour is no table."""
    bloc = place.block()
    if not bloc.text() and bloc.previous().isValid() and _hors_table(bloc.previous()):
        QTextCursor(bloc).deletePreviousChar()
    elif not bloc.text() and bloc.next().isValid() and _hors_table(bloc.next()) \
            and not bloc.previous().isValid():
        QTextCursor(bloc).deleteChar()


def _hors_table(bloc: QTextBlock) -> bool:
    return QTextCursor(bloc).currentTable() is None


def _retirer_run(curseur: QTextCursor, libelle: str) -> None:
    """Take away the run of a part that stands in a sentence."""
    bloc = curseur.block()
    ici = curseur.selectionStart()
    place = bloc.begin()
    while not place.atEnd():
        morceau = place.fragment()
        debut, fin = morceau.position(), morceau.position() + morceau.length()
        if debut <= ici <= fin and morceau.charFormat().property(ORIGINE) == libelle:
            choisi = QTextCursor(bloc)
            choisi.setPosition(debut)
            choisi.setPosition(fin, _GARDE)
            choisi.removeSelectedText()
            return
        place += 1


def _sans_titre(titre: QTextBlock) -> None:
    """Take a heading away when nothing stands between it and the next one."""
    while titre.isValid() and not titre.text() and niveau(titre) == 0:
        titre = titre.previous()
    suite = titre.next()
    while suite.isValid() and not suite.text() and _hors_table(suite):
        suite = suite.next()
    if not titre.isValid() or not niveau(titre) or (
            suite.isValid() and not 0 < niveau(suite) <= niveau(titre)):
        return
    place = QTextCursor(titre)
    place.movePosition(_ALLER.EndOfBlock, _GARDE)
    place.removeSelectedText()
    place.setBlockFormat(format_bloc())
    if not place.atStart():
        place.deletePreviousChar()
