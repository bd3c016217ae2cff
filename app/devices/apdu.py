"""Exchange of commands with a card: T=0 particulars and new attempts (`spec/cards.md` §1.2)."""

import time
from collections.abc import Callable

from app.devices.events import CarteMuette, EchangeEchoue, LectureIncomplete

Transmettre = Callable[[bytes], tuple[bytes, int]]
"""Sends one command, gives data and status word; raises EchangeEchoue or an ErreurCarte."""

#: Readers built into keyboards hiccup: attempts at one command.
ESSAIS = 4
PAUSE_S = 0.03
#: A card can't keep us in a loop of 61xx or 6Cxx.
SUITES_MAX = 32
#: Largest file read, bytes.
FICHIER_MAX = 8192

_FIN_DE_FICHIER = (0x6B00, 0x6282, 0x6A86, 0x6700)


def envoyer(transmettre: Transmettre, commande: bytes) -> tuple[bytes, int]:
    """Send a command, following 61xx (more to fetch) and 6Cxx (other length).

    Raises:
        CarteMuette: no answer after several attempts.
        LectureIncomplete: an endless chain of answers.
    """
    donnees, statut = _essayer(transmettre, commande)
    recu = bytearray(donnees)
    for _ in range(SUITES_MAX):
        if statut >> 8 == 0x6C:
            recu.clear()
            donnees, statut = _essayer(transmettre, commande[:-1] + bytes([statut & 0xFF]))
        elif statut >> 8 == 0x61:
            donnees, statut = _essayer(transmettre, bytes([0x00, 0xC0, 0, 0, statut & 0xFF]))
        else:
            return bytes(recu), statut
        recu += donnees
    raise LectureIncomplete


def _essayer(transmettre: Transmettre, commande: bytes) -> tuple[bytes, int]:
    for essai in range(ESSAIS):
        try:
            return transmettre(commande)
        except EchangeEchoue:
            time.sleep(PAUSE_S * (essai + 1))
    raise CarteMuette


def lire_fichier(transmettre: Transmettre, sfi: int) -> tuple[bytes, int]:
    """Read a whole transparent file by its short identifier; gives content and first status."""
    contenu, premier = envoyer(transmettre, bytes([0x00, 0xB0, 0x80 | sfi, 0x00, 0x00]))
    if premier != 0x9000:
        return contenu, premier
    tout = bytearray(contenu)
    while len(contenu) >= 256 and len(tout) < FICHIER_MAX:
        # Beyond 255 the short form has no offset: 15 bits on the file that is now current.
        contenu, statut = envoyer(
            transmettre, bytes([0x00, 0xB0, len(tout) >> 8, len(tout) & 0xFF, 0x00]))
        tout += contenu
        if statut in _FIN_DE_FICHIER:
            break
        if statut != 0x9000:
            raise LectureIncomplete
    return bytes(tout), premier
