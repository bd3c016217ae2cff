"""Places of the text that the editor goes to: fields that wait, misspelt words."""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QTextCursor

from app.documents.champs import ValeurChamp, marquer
from app.documents.model import Fragment, Paragraphe
from app.documents.orthographe import MOT
from app.ui.views.editeur.conversion import niveau

if TYPE_CHECKING:
    from app.ui.views.editeur.souligneur import Souligneur
    from app.ui.views.editeur.zone import ZoneTexte

_GARDE = QTextCursor.MoveMode.KeepAnchor


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
