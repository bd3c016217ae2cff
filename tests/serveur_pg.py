"""A throw-away PostgreSQL with TLS on loopback, whose certificate can be changed while it runs."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.sandbox.certificats import Pki, ouvrir
from tests.ports import port_reserve
from tests.store_outils import executer, installation_postgresql


@dataclass
class ServeurTls:
    """The server: `url(base)` for its user, `presenter` another certificate, `redemarrer`."""

    dossier: Path
    port: int
    pki: Pki
    _binaires: Path
    _utilisateur: str | None

    def url(self, base: str = "postgres", ca: str = "ca", hote: str = "127.0.0.1",
            utilisateur: str = "postgres", **autres: str) -> str:
        """Address of a base; `ca` names the authority given to the client, "" gives none."""
        suite = {"sslrootcert": str(self.pki.certificat(ca))} if ca else {}
        question = "&".join(f"{k}={v}" for k, v in (suite | autres).items())
        return (f"postgresql+psycopg://{utilisateur}:secret@{hote}:{self.port}/{base}"
                + (f"?{question}" if question else ""))

    def presenter(self, nom: str) -> None:
        """Show the certificate `nom` from now on; "" stops TLS."""
        if nom:
            self._copier(nom)
        (self.dossier / "d" / "conf.d" / "tls.conf").write_text(
            f"ssl = {'on' if nom else 'off'}\n")
        self._ctl("-m", "fast", "-w", "-l", str(self.dossier / "journal"), "restart")

    def redemarrer(self) -> None:
        """Stop at once, as a power cut would, and start again."""
        self._ctl("-m", "immediate", "stop")
        self.demarrer()

    def demarrer(self) -> None:
        """Start and wait."""
        self._ctl("-w", "-l", str(self.dossier / "journal"), "start")

    @contextmanager
    def gele(self) -> Iterator[None]:
        """Freeze each process of the server, without killing any: its sockets stay open, the
        system answers for them, and nobody reads (a virtual machine on pause)."""
        pere = int((self.dossier / "d" / "postmaster.pid").read_text().split("\n")[0])
        fils = Path(f"/proc/{pere}/task/{pere}/children")
        geles = [pere]
        os.kill(pere, signal.SIGSTOP)  # first: it makes no other child
        geles += [int(pid) for pid in fils.read_text().split()]
        for pid in geles[1:]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(geles):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _ctl(self, *ordres: str) -> None:
        executer([str(self._binaires / "pg_ctl"), "-D", str(self.dossier / "d"), *ordres],
                 self._utilisateur)

    def _copier(self, nom: str) -> None:
        for origine, cible in ((self.pki.certificat(nom), "server.crt"),
                               (self.pki.cle(nom), "server.key")):
            chemin = self.dossier / "d" / cible
            chemin.write_bytes(origine.read_bytes())
            if self._utilisateur:
                shutil.chown(chemin, self._utilisateur)
            chemin.chmod(0o600)


@contextmanager
def postgresql_tls() -> Iterator[ServeurTls]:
    """Start one; passwords are checked (scram), TLS alone is accepted over TCP."""
    binaires = installation_postgresql()
    utilisateur = "postgres" if os.geteuid() == 0 else None
    dossier = Path(tempfile.mkdtemp(prefix="pgtls"))
    port = port_reserve()
    if utilisateur:
        shutil.chown(dossier, utilisateur)
    secret = dossier / "secret"
    secret.write_text("secret\n")
    if utilisateur:
        shutil.chown(secret, utilisateur)
    serveur = ServeurTls(dossier, port, ouvrir(dossier.with_name(dossier.name + "-pki")),
                         binaires, utilisateur)
    donnees = dossier / "d"
    try:
        executer([str(binaires / "initdb"), "-D", str(donnees), "-A", "scram-sha-256", "-U",
                  "postgres", f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
                 utilisateur)
        (donnees / "conf.d").mkdir()
        with (donnees / "postgresql.conf").open("a") as conf:
            conf.write(f"port = {port}\nlisten_addresses = '127.0.0.1'\nfsync = off\n"
                       f"unix_socket_directories = '{dossier}'\nmax_connections = 200\n"
                       "include_dir = 'conf.d'\n")
        (donnees / "conf.d" / "tls.conf").write_text("ssl = on\n")
        if utilisateur:  # whatever the umask: the bench runs under the program's own
            for chemin in (donnees / "conf.d", donnees / "conf.d" / "tls.conf"):
                shutil.chown(chemin, utilisateur)
        serveur._copier("serveur")
        serveur.demarrer()
        try:
            yield serveur
        finally:
            serveur._ctl("-m", "immediate", "stop")
    finally:
        shutil.rmtree(dossier, ignore_errors=True)
        shutil.rmtree(serveur.pki.dossier, ignore_errors=True)
