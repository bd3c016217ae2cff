"""A throw-away Redis of Debian's for tests.

It is started on a free port; the package `redis-tools` holds the same binary under the name of its
checker, and starts no service on the machine.
"""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from app.proxy.resp import Address, Resp
from app.proxy.store_redis import RedisStore
from tests.ports import port_reserve

CLE = "ab" * 32


class Redis:
    """A throw-away server."""

    def __init__(self, dossier: Path) -> None:
        binaire = (shutil.which("redis-server") or shutil.which("valkey-server")
                   or shutil.which("redis-check-rdb"))
        assert binaire, "packaging/setup.sh installs redis-tools"
        self._nom = dossier / "redis-server"
        self._nom.symlink_to(binaire)
        self._dossier = dossier
        self.port = port_reserve()
        self.demarrer()

    def demarrer(self) -> None:
        """Start, and wait until it answers."""
        self._processus = subprocess.Popen(
            [str(self._nom), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--dir", str(self._dossier), "--requirepass", "mot-de-passe"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        fin = time.monotonic() + 30
        while time.monotonic() < fin:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("redis didn't start")

    def arreter(self) -> None:
        """End it."""
        self._processus.terminate()
        self._processus.wait(30)

    def magasin(self, idle: float = 100.0, absolute: float = 1000.0, cle: str = CLE,
                mot: str = "mot-de-passe", horloge: Callable[[], float] = time.time) -> RedisStore:
        """A store of its own connection, as another process would have."""
        return RedisStore(Resp(Address.parse(f"redis://127.0.0.1:{self.port}/1"), mot),
                          bytes.fromhex(cle), idle, absolute, horloge)

    def tuer(self) -> None:
        """End it without a goodbye."""
        self._processus.kill()
        self._processus.wait(30)

    def geler(self, oui: bool) -> None:
        """Stop it answering, or let it go on."""
        self._processus.send_signal(signal.SIGSTOP if oui else signal.SIGCONT)

    def configurer(self, dossier: Path, base: int = 2) -> str:
        """Write its secrets beside a configuration; gives the section that names it."""
        for nom, texte in (("cle", CLE), ("mot", "mot-de-passe")):
            (dossier / nom).write_text(texte)
        return (f'[session]\nmagasin = "redis://127.0.0.1:{self.port}/{base}"\n'
                'magasin_cle_fichier = "cle"\nmagasin_mot_de_passe_fichier = "mot"\n')
