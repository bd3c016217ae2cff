"""Parts of the text that come from the record: which one is here, take one away."""

from PySide6.QtGui import QTextBlock, QTextCursor

from app.ui.views.editeur.conversion import ORIGINE, format_bloc, niveau
from app.ui.views.editeur.gestes import quitter_liste, supprimer_table

_GARDE = QTextCursor.MoveMode.KeepAnchor
_ALLER = QTextCursor.MoveOperation


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
