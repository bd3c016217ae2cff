"""Carte Vitale 2, the part that can be read in clear: beneficiaries and their NIR.

`spec/cards.md` §1.2–1.5. No PIN, no CPS, no vendor code; not an approved path of GIE SESAM-Vitale
(see `port.LecteurVitale.agree`). Never logs what it reads.
"""

import unicodedata

from app.devices.apdu import Transmettre, envoyer, lire_fichier
from app.devices.events import (
    CarteArrachee,
    CarteMuette,
    CarteVitale1,
    LectureIncomplete,
    PasUneVitale,
)
from app.devices.tlv import lire_tlv
from app.domain.identity import Beneficiaire

__all__ = ["CarteArrachee", "CarteMuette", "CarteVitale1", "PasUneVitale", "decoder",
           "lire_vitale"]

SELECT_MF = bytes.fromhex("00A40000023F00")
SELECT_VITALE = bytes.fromhex("00A404000BD250000002564954414C45")
SFI = 2
BENEFICIAIRE = 0x65
NOM, PRENOM, NAISSANCE, NIR = 0x80, 0x81, 0x82, 0x93
#: A card holds a family, not a crowd.
BENEFICIAIRES_MAX = 32


def lire_vitale(transmettre: Transmettre) -> list[Beneficiaire]:
    """Read the beneficiaries of the card.

    Args:
        transmettre: sends one command, gives data and status word.

    Raises:
        PasUneVitale: a card without these files.
        LectureIncomplete: files there, but cut or empty.
        CarteMuette, CarteArrachee: from the exchange.
    """
    _, statut = envoyer(transmettre, SELECT_MF)
    if statut != 0x9000:
        raise PasUneVitale
    identites, statut = lire_fichier(transmettre, SFI)
    if statut != 0x9000:
        raise PasUneVitale
    _, statut = envoyer(transmettre, SELECT_VITALE)
    if statut != 0x9000:
        raise PasUneVitale
    numeros, statut = lire_fichier(transmettre, SFI)
    if statut != 0x9000:
        raise LectureIncomplete
    return decoder(identites, numeros)


def decoder(identites: bytes, numeros: bytes) -> list[Beneficiaire]:
    """Join the two files by the position of their templates (§1.3).

    Raises:
        LectureIncomplete: cut content, or nobody on the card.
    """
    nirs = [_nir(gabarit) for tag, gabarit in lire_tlv(numeros) if tag == BENEFICIAIRE]
    trouves = []
    position = 0
    for tag, gabarit in lire_tlv(identites):
        if tag != BENEFICIAIRE:
            continue
        champs = dict(lire_tlv(gabarit))
        nom, prenom = _texte(champs.get(NOM, b"")), _texte(champs.get(PRENOM, b""))
        if nom or prenom:
            trouves.append(Beneficiaire(
                nom=nom, prenom=prenom, date_naissance_brute=_date(champs.get(NAISSANCE, b"")),
                nir=nirs[position] if position < len(nirs) else "", position=position))
        position += 1
        if position >= BENEFICIAIRES_MAX:
            break
    if not trouves:
        raise LectureIncomplete
    return trouves


def _texte(octets: bytes) -> str:
    """Latin-1, without control characters, spaces collapsed."""
    visibles = "".join(c if unicodedata.category(c)[0] not in "CZ" else " "
                       for c in octets.decode("latin-1"))
    return " ".join(visibles.split())


def _date(octets: bytes) -> str:
    """Raw date AAAAMMJJ, lunar or not (§1.5): kept as the card gives it."""
    return "".join(c for c in octets.decode("latin-1") if c.isascii() and c.isalnum())[:8]


def _nir(gabarit: bytes) -> str:
    """NIR and key, 15 characters; letters may occur (§1.6). Anything else is left out."""
    for tag, valeur in lire_tlv(gabarit):
        if tag == NIR:
            texte = "".join(c for c in valeur.decode("latin-1").upper()
                            if c.isascii() and c.isalnum())
            return texte if len(texte) == 15 else ""
    return ""
