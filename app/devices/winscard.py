"""PC/SC as the monitor needs it: the only place that knows pyscard.

pyscard is imported at first use: a workstation without PC/SC must start all the same.
"""

import contextlib
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from app.devices.events import CarteArrachee, CarteMuette, CarteOccupee, EchangeEchoue


class ServiceAbsent(Exception):
    """PC/SC doesn't run, stopped, or isn't installed (`installe` is False)."""

    def __init__(self, installe: bool = True) -> None:
        self.installe = installe
        super().__init__("PC/SC")


@dataclass(frozen=True, slots=True)
class EtatLecteur:
    """State of a reader. `brut` is given back to wait for the next change."""

    brut: int
    present: bool = False
    muette: bool = False
    absent: bool = False
    atr: bytes = b""

    @property
    def numero(self) -> int:
        """Counter of insertions and removals, where the system keeps one."""
        return self.brut >> 16 & 0xFFFF


class Contexte:
    """A connection to the PC/SC service; one per thread.

    Raises:
        ServiceAbsent.
    """

    def __init__(self) -> None:
        try:
            self._s: Any = importlib.import_module("smartcard.scard")
        except (ImportError, OSError) as exc:
            raise ServiceAbsent(installe=False) from exc
        statut, self._contexte = self._s.SCardEstablishContext(self._s.SCARD_SCOPE_USER)
        if statut != self._s.SCARD_S_SUCCESS:
            raise ServiceAbsent

    def __enter__(self) -> "Contexte":
        return self

    def __exit__(self, genre: type[BaseException] | None, valeur: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._s.SCardReleaseContext(self._contexte)

    def lecteurs(self) -> list[str]:
        """Names of the readers.

        Raises:
            ServiceAbsent: the service stopped.
        """
        statut, noms = self._s.SCardListReaders(self._contexte, [])
        if _est(statut, self._s.SCARD_E_NO_READERS_AVAILABLE):
            return []
        if statut != self._s.SCARD_S_SUCCESS:
            raise ServiceAbsent
        return list(noms)

    def attendre(self, connus: Mapping[str, int], delai_ms: int) -> dict[str, EtatLecteur]:
        """Wait for a change at one of the readers; `connus` holds the last raw states.

        Gives {} after `delai_ms` without a change, or when cancelled.

        Raises:
            ServiceAbsent: the service stopped.
        """
        s = self._s
        statut, etats = s.SCardGetStatusChange(self._contexte, delai_ms, list(connus.items()))
        if (_est(statut, s.SCARD_E_TIMEOUT) or _est(statut, s.SCARD_E_CANCELLED)
                or _est(statut, s.SCARD_E_UNKNOWN_READER)
                or _est(statut, s.SCARD_E_READER_UNAVAILABLE)):
            return {}
        if statut != s.SCARD_S_SUCCESS:
            raise ServiceAbsent
        absent = s.SCARD_STATE_UNAVAILABLE | s.SCARD_STATE_UNKNOWN | s.SCARD_STATE_IGNORE
        return {nom: EtatLecteur(
            brut=etat & ~s.SCARD_STATE_CHANGED, present=bool(etat & s.SCARD_STATE_PRESENT),
            muette=bool(etat & s.SCARD_STATE_MUTE), absent=bool(etat & absent), atr=bytes(atr))
            for nom, etat, atr in etats}

    def annuler(self) -> None:
        """Wake `attendre` up, from another thread."""
        self._s.SCardCancel(self._contexte)

    @contextlib.contextmanager
    def carte(self, lecteur: str) -> Iterator["Carte"]:
        """Talk to the card of a reader, alone, and leave it reset for the next one.

        Raises:
            CarteArrachee, CarteMuette, CarteOccupee.
        """
        s = self._s
        statut, poignee, protocole = s.SCardConnect(
            self._contexte, lecteur, s.SCARD_SHARE_SHARED,
            s.SCARD_PROTOCOL_T0 | s.SCARD_PROTOCOL_T1)
        self._verifier(statut)
        try:
            self._verifier(s.SCardBeginTransaction(poignee))
            try:
                yield Carte(self, s, poignee, protocole)
            finally:
                s.SCardEndTransaction(poignee, s.SCARD_RESET_CARD)
        finally:
            s.SCardDisconnect(poignee, s.SCARD_RESET_CARD)

    def _verifier(self, statut: int) -> None:
        s = self._s
        if statut == s.SCARD_S_SUCCESS:
            return
        if any(_est(statut, c) for c in (
                s.SCARD_W_REMOVED_CARD, s.SCARD_E_NO_SMARTCARD, s.SCARD_E_READER_UNAVAILABLE,
                s.SCARD_E_UNKNOWN_READER, s.SCARD_E_NO_SERVICE, s.SCARD_E_SERVICE_STOPPED)):
            raise CarteArrachee
        if any(_est(statut, c) for c in (
                s.SCARD_W_UNRESPONSIVE_CARD, s.SCARD_W_UNPOWERED_CARD, s.SCARD_W_UNSUPPORTED_CARD,
                s.SCARD_E_PROTO_MISMATCH, s.SCARD_E_NOT_READY)):
            raise CarteMuette
        if _est(statut, s.SCARD_E_SHARING_VIOLATION):
            raise CarteOccupee
        raise EchangeEchoue


class Carte:
    """A connected card."""

    def __init__(self, contexte: Contexte, scard: Any, poignee: int, protocole: int) -> None:
        self._contexte = contexte
        self._s = scard
        self._poignee = poignee
        self._protocole = protocole

    def transmettre(self, commande: bytes) -> tuple[bytes, int]:
        """Send one command; gives data and status word.

        Raises:
            CarteArrachee, CarteMuette: the card is gone or dead.
            EchangeEchoue: worth another attempt.
        """
        statut, reponse = self._s.SCardTransmit(self._poignee, self._protocole, list(commande))
        self._contexte._verifier(statut)
        octets = bytes(o & 0xFF for o in reponse)
        if len(octets) < 2:
            raise EchangeEchoue
        return octets[:-2], octets[-2] << 8 | octets[-1]


def _est(statut: int, constante: int) -> bool:
    """Compare status codes, signed or not as the platform gives them."""
    return statut & 0xFFFFFFFF == constante & 0xFFFFFFFF
