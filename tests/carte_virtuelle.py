"""Virtual smart cards for the tests: in the process, or in the reader of vpcd (`spec/cards.md` §1).

The card speaks T=0: it announces answers by 61xx, corrects lengths by 6Cxx, and pads its files with
zeros like a real one. Everything on it is fictive.
"""

import socket
import struct
import threading
from collections.abc import Callable, Sequence

ATR_VITALE = bytes.fromhex("3B7513000044 09EA9000".replace(" ", ""))
ATR_VITALE_1 = bytes.fromhex("3F6525002209699000")
ATR_CPS3 = bytes.fromhex("3BAC00402A001225006480000310009000")
ATR_CPS4 = bytes.fromhex("3BDC18FF000012250064800004010 09000".replace(" ", ""))
ATR_AUTRE = bytes.fromhex("3B02 1450".replace(" ", ""))

#: name, first name, raw date, NIR with key (or None for none).
FAMILLE: tuple[tuple[str, str, str, str | None], ...] = (
    ("ADRUN", "ZOÉ", "19780917", "278091234567890"),
    ("ADRUN", "LÉO-PAUL", "20190332", None),
    ("D’ARTAGNAN".replace("’", "'"), "AGNÈS", "19421901", "24219012A004148"),
)


def tlv(tag: int, valeur: bytes) -> bytes:
    """One element; long form of the length when needed."""
    n = len(valeur)
    longueur = bytes([n]) if n < 0x80 else b"\x81" + bytes([n]) if n < 0x100 else (
        b"\x82" + n.to_bytes(2, "big"))
    return bytes([tag]) + longueur + valeur


class Carte:
    """A carte Vitale 2.

    Args:
        t0: answer 61xx and 6Cxx as T=0 cards do.
        tronquer: cut the identity file after this many bytes.
    """

    def __init__(self, famille: Sequence[tuple[str, str, str, str | None]] = FAMILLE, *,
                 atr: bytes = ATR_VITALE, t0: bool = False, tronquer: int = 0,
                 bourrage: int = 12) -> None:
        self.atr = atr
        self._t0 = t0
        identites = b"".join(tlv(0x65, tlv(0x80, nom.ljust(26).encode("latin-1"))
                                 + tlv(0x81, prenom.encode("latin-1"))
                                 + tlv(0x82, date.encode())) for nom, prenom, date, _ in famille)
        numeros = b"".join(tlv(0x65, tlv(0x90, b"FR") + (tlv(0x93, nir.encode()) if nir else b""))
                           for *_, nir in famille)
        if tronquer:
            identites = identites[:tronquer]
            bourrage = 0
        self.fichiers = {"MF": identites + b"\0" * bourrage,
                         "VITALE": numeros + b"\0" * bourrage}
        self.recus: list[bytes] = []
        self._dossier = "MF"
        self._attente = b""

    def reset(self) -> None:
        """Power on: the master file is current."""
        self._dossier = "MF"
        self._attente = b""

    def apdu(self, commande: bytes) -> bytes:
        """Answer one command: data and status word."""
        self.recus.append(commande)
        ins = commande[1]
        if ins == 0xC0:
            donnees, self._attente = self._attente[:commande[4] or 256], b""
            return donnees + b"\x90\x00"
        if ins == 0xA4:
            if commande[2] == 0 and commande[5:7] == b"\x3f\x00":
                self._dossier = "MF"
            elif commande[2] == 4 and commande[5:16] == bytes.fromhex("D250000002564954414C45"):
                self._dossier = "VITALE"
            else:
                return b"\x6a\x82"
            if self._t0:
                self._attente = b"\x6f\x00"
                return b"\x61\x02"
            return b"\x90\x00"
        if ins == 0xB0:
            return self._lire(commande)
        return b"\x6d\x00"

    def _lire(self, commande: bytes) -> bytes:
        p1, p2, le = commande[2], commande[3], commande[4] or 256
        debut = p2 if p1 & 0x80 else p1 << 8 | p2
        if p1 & 0x80 and p1 & 0x1F != 2:
            return b"\x6a\x82"
        contenu = self.fichiers[self._dossier]
        if debut >= len(contenu):
            return b"\x6b\x00"
        morceau = contenu[debut:debut + le]
        if self._t0 and len(morceau) < le:
            return bytes([0x6C, len(morceau)])
        return morceau + b"\x90\x00"

    def transmettre(self, commande: bytes) -> tuple[bytes, int]:
        """The card without a reader, as `vitale.lire_vitale` wants it."""
        reponse = self.apdu(commande)
        return reponse[:-2], int.from_bytes(reponse[-2:], "big")


class Autre(Carte):
    """A card that refuses the master file, as a CPS does."""

    def apdu(self, commande: bytes) -> bytes:
        self.recus.append(commande)
        return b"\x6e\x00"


class DansLecteur:
    """A card put into the virtual reader: connecting inserts it, closing removes it.

    Args:
        carte: what answers.
        port: 35963 for the first slot, 35964 for the second.
        pendant: called before each command; may sleep, or pull the card by raising EOFError.
    """

    def __init__(self, carte: Carte, port: int = 35963,
                 pendant: Callable[[bytes], None] | None = None) -> None:
        self._carte = carte
        self._pendant = pendant
        self._prise = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._prise.settimeout(None)
        # Without these two, Nagle and delayed acknowledgements cost 44 ms a command.
        self._prise.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._fil = threading.Thread(target=self._vivre, daemon=True)
        self._fil.start()

    def retirer(self) -> None:
        """Pull the card out."""
        try:
            self._prise.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._prise.close()
        self._fil.join(2)  # short: a card that hangs on purpose stays so

    def __enter__(self) -> "DansLecteur":
        return self

    def __exit__(self, *_: object) -> None:
        self.retirer()

    def _recevoir(self, n: int) -> bytes:
        recu = b""
        while len(recu) < n:
            quickack = getattr(socket, "TCP_QUICKACK", None)
            if quickack is not None:
                self._prise.setsockopt(socket.IPPROTO_TCP, quickack, 1)
            morceau = self._prise.recv(n - len(recu))
            if not morceau:
                raise EOFError
            recu += morceau
        return recu

    def _vivre(self) -> None:
        try:
            while True:
                message = self._recevoir(struct.unpack(">H", self._recevoir(2))[0])
                if len(message) == 1:
                    if message[0] in (1, 2):
                        self._carte.reset()
                    elif message[0] == 4:
                        self._repondre(self._carte.atr)
                    continue
                if self._pendant is not None:
                    self._pendant(message)
                self._repondre(self._carte.apdu(message))
        except (OSError, EOFError):
            self._prise.close()

    def _repondre(self, octets: bytes) -> None:
        self._prise.sendall(struct.pack(">H", len(octets)) + octets)
