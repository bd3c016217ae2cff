"""Traces of the proxy: persistent, rotated, kept for a while (`spec/psc.md` §4.4).

JSON lines, one file at a time beside its older ones (`traces.jsonl`, then
`traces-2026-11-21-1.jsonl`). Each line is appended in one write, so several processes may share
the file. The members and their spelling are the official contract's: `IdRPPS`, `proxy_id_session`,
`nomApiPsc`, `methode`. A member `motif`, which the contract doesn't know, says why a session ended
by itself; it isn't given by `/traces`.

The file holds session ids only where `/traces` is open, since the conformity run compares them;
elsewhere their SHA-256 stands for them, so that the file can't be used to take a session over.

A call or an opening that can't be traced isn't done (`TraceDown`: a full disk, a file taken away).
What ends a session is done all the same, and the log says that its trace is lost.
"""

import errno
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.proxy import clock
from app.proxy.clock import Clock
from app.proxy.sessions import Session

journal = logging.getLogger("pleiade.proxy.traces")

CONNECT_SUCCESS = "CONNECT_SUCCESS"
CONNECT_REPLAY = "CONNECT_REPLAY"
CONNECT_FAILURE = "CONNECT_FAILURE"
SEND = "SEND"
DISCONNECT = "DISCONNECT"


class TraceDown(Exception):
    """A trace that must be written can't be."""


class TraceLog:
    """Writes and reads the traces.

    Args:
        path: the current file; None keeps the traces in memory (tests).
        clear_ids: write session ids as they are (see above).
        keep_days: older files are deleted by `purge`.
        max_bytes: size from which the file is put aside.
    """

    #: Traces kept when there is no file.
    MEMOIRE_MAX = 10_000
    #: Less room than this on the disk is as good as none, bytes.
    PLACE_MIN = 1 << 20

    def __init__(self, path: Path | None, *, clear_ids: bool, keep_days: int = 365,
                 max_bytes: int = 64 << 20, now: Clock = clock.now) -> None:
        self._path = path
        self._clear = clear_ids
        self._keep = keep_days
        self._max = max_bytes
        self._now = now
        self._memoire: list[dict[str, Any]] = []
        self._fd: int | None = None
        self._inode = 0
        self._taille = 0
        self._jour = ""
        self._coupee = False
        """The last line is cut: the next one must not be glued to it."""
        self._en_panne = False
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._ouvrir()

    # --- writing -------------------------------------------------------------------------

    def connect_success(self, session: Session, *, ports: list[int]) -> None:
        """A session was opened.

        Raises:
            TraceDown: the session must not go on.
        """
        self._session(CONNECT_SUCCESS, session, session.ip, ports, exigee=True)

    def connect_replay(self, session: Session, *, ip: str, ports: list[int],
                       other_user: str = "") -> None:
        """`/connect` came with a live session; `other_user` when its body names another one."""
        motif = f"autre utilisateur demandé : {other_user}" if other_user else ""
        self._session(CONNECT_REPLAY, session, ip, ports, motif=motif)

    def connect_failure(self, *, national_id: str, client_id: str, ip: str, ports: list[int],
                        dn: str | None = None, reason: str = "") -> None:
        """A connection didn't succeed."""
        self._ecrire(CONNECT_FAILURE, client_id, national_id, ip, ports, None, None, dn, reason)

    def send(self, session: Session, *, ip: str, ports: list[int], api: str, method: str,
             path: str) -> None:
        """A call is about to be forwarded; `path` is the one at the target, without query.

        Raises:
            TraceDown: the call must not be made.
        """
        self._session(SEND, session, ip, ports, exigee=True,
                      request={"nomApiPsc": api, "methode": method, "path": path})

    def disconnect(self, session: Session, *, ip: str, ports: list[int],
                   reason: str = "") -> None:
        """A session ended."""
        self._session(DISCONNECT, session, ip, ports, motif=reason)

    def _session(self, genre: str, session: Session, ip: str, ports: list[int], *,
                 request: dict[str, str] | None = None, motif: str = "",
                 exigee: bool = False) -> None:
        numero = session.id
        if not self._clear:
            numero = "sha256:" + hashlib.sha256(numero.encode()).hexdigest()
        self._ecrire(genre, session.asked_client_id, session.subject, ip, ports, numero,
                     session.psc.session_state or None, session.dn, motif, request, exigee)

    def _ecrire(self, genre: str, client_id: str, id_rpps: str, ip: str, ports: list[int],
                numero: str | None, etat: str | None, dn: str | None, motif: str = "",
                request: dict[str, str] | None = None, exigee: bool = False) -> None:
        ligne: dict[str, Any] = {
            "type": genre, "clientId": client_id, "IdRPPS": id_rpps, "ipAddress": ip,
            "ports": ports, "proxy_id_session": numero, "session_state": etat, "dn": dn,
            "timestamp": clock.iso(self._now())}
        if request is not None:
            ligne["apiRequest"] = request
        if motif:
            ligne["motif"] = motif
        if self._path is None:
            self._memoire.append(ligne)
            del self._memoire[:-self.MEMOIRE_MAX]
            return
        octets = json.dumps(ligne, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        try:
            self._poser(octets)
        except OSError as exc:
            self._en_panne = True
            journal.error("trace_impossible" if exigee else "trace_perdue",
                          extra={"evenement": genre, "cause": exc.strerror})
            if exigee:
                raise TraceDown(genre) from exc
            return
        self._en_panne = False

    def _poser(self, octets: bytes) -> None:
        self._tourner()
        try:
            self._ajouter(octets)
        except OSError as exc:
            if exc.errno != errno.EFBIG:
                raise
            # This file may not grow any more (a quota of the system); the next one may.
            self._tourner(pleine=True)
            self._ajouter(octets)

    def _ajouter(self, octets: bytes) -> None:
        if self._fd is None:
            self._ouvrir()
        assert self._fd is not None
        debut = b"\n" if self._coupee else b""
        ecrits = os.write(self._fd, debut + octets)
        self._taille += ecrits
        if ecrits:
            self._coupee = ecrits != len(debut + octets)
        if ecrits != len(debut + octets):
            # A line is whole or worthless: several processes may share the file, so what is
            # there isn't taken away; readers skip it.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def ready(self) -> bool:
        """True when the next trace can be written, as far as one can tell."""
        if self._path is None:
            return True
        try:
            place = shutil.disk_usage(self._path.parent).free
            if self._en_panne and place >= self.PLACE_MIN:
                # Nothing is written while nobody calls: try.
                self._poser(b"\n")
                self._en_panne = False
        except OSError:
            return False
        return place >= self.PLACE_MIN and not self._en_panne

    # --- files ---------------------------------------------------------------------------

    def _ouvrir(self) -> None:
        assert self._path is not None
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
        binaire = getattr(os, "O_BINARY", 0)
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | binaire, 0o600)
        etat = os.fstat(self._fd)
        # A power failure, or a disk that filled, cut the last line.
        self._coupee = bool(etat.st_size) and not _finit_par_retour(self._path)
        self._inode, self._taille = etat.st_ino, etat.st_size
        self._jour = _jour(etat.st_mtime if etat.st_size else self._now())

    def _tourner(self, *, pleine: bool = False) -> None:
        """Put the file aside when the day changes or it is too big, or follow who did.

        Args:
            pleine: the system says that it is too big.
        """
        assert self._path is not None
        try:
            actuel = self._path.stat().st_ino
        except FileNotFoundError:
            actuel = -1
        if actuel != self._inode:
            self._ouvrir()
        aujourdhui = _jour(self._now())
        if self._taille and (pleine or self._jour != aujourdhui or self._taille >= self._max):
            if os.name == "nt" and self._fd is not None:
                # Windows doesn't rename an open file.
                os.close(self._fd)
                self._fd = None
            self._mettre_de_cote()
            self._ouvrir()
        self._jour = aujourdhui

    def _mettre_de_cote(self) -> None:
        """Give the file its dated name.

        Another process may do so at the same instant: the name is taken first, so that nothing but
        this empty place is replaced; whichever file is then moved, it is moved whole.
        """
        assert self._path is not None
        numero = 1
        while True:
            cible = self._path.with_name(
                f"{self._path.stem}-{self._jour}-{numero}{self._path.suffix}")
            try:
                os.close(os.open(cible, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                break
            except FileExistsError:
                numero += 1
        try:
            self._path.replace(cible)
        except OSError as exc:
            cible.unlink()
            if not isinstance(exc, FileNotFoundError):
                raise

    def _fichiers(self) -> list[Path]:
        assert self._path is not None
        anciens = self._path.parent.glob(f"{self._path.stem}-????-??-??-*{self._path.suffix}")
        numerotes = [f for f in anciens if f.stem.rpartition("-")[2].isdecimal()]
        ordre = sorted(numerotes, key=lambda f: (f.stem.rpartition("-")[0],
                                                 int(f.stem.rpartition("-")[2])))
        return [*ordre, self._path]

    def purge(self) -> int:
        """Delete the files that are older than the retention; gives their number.

        The age is counted on both clocks: a wall clock set ahead deletes nothing before its time.
        """
        if self._path is None or not self._keep:
            return 0
        limite = min(self._now(), clock.now()) - self._keep * 86400
        vieux = [f for f in self._fichiers()[:-1] if f.stat().st_mtime < limite]
        for fichier in vieux:
            fichier.unlink(missing_ok=True)
        return len(vieux)

    # --- reading -------------------------------------------------------------------------

    def read(self, start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
        """Traces with `start` < timestamp < `end`, in the order they were recorded."""
        for ligne in self._lignes(start):
            instant = datetime.fromisoformat(ligne["timestamp"])
            if start < instant < end:
                yield {cle: valeur for cle, valeur in ligne.items() if cle != "motif"}

    def _lignes(self, start: datetime) -> Iterator[dict[str, Any]]:
        if self._path is None:
            yield from list(self._memoire)
            return
        debut = start.astimezone(UTC).timestamp()
        for fichier in self._fichiers():
            try:
                if fichier.stat().st_mtime < debut - 1:
                    continue
                with fichier.open(encoding="utf-8") as flux:
                    for texte in flux:
                        if texte == "\n":
                            continue
                        try:
                            yield json.loads(texte)
                        except ValueError:
                            journal.warning("trace_illisible", extra={"fichier": fichier.name})
            except FileNotFoundError:
                continue

    def close(self) -> None:
        """Close the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _jour(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).astimezone().strftime("%Y-%m-%d")


def _finit_par_retour(fichier: Path) -> bool:
    with fichier.open("rb") as flux:
        flux.seek(-1, os.SEEK_END)
        return flux.read(1) == b"\n"
