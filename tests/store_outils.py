"""Helpers of the store's tests: throw-away files, fictive values, a throw-away PostgreSQL."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from app.domain.document import EtatDocument, FicheDocument, OrigineDocument
from app.domain.identity import Identite, Traits
from app.domain.people import Professionnel, Structure
from app.store.engine import Store, ouvrir

#: The key of every throw-away file.
CLE = bytes(range(32))
#: A name that stands in no program, library or table: looked for in raw bytes.
NOM_RARE = "ZWYXKOWSKITEST"


@cache
def _modele() -> Path:
    """An empty patient file, made once a process; tests open copies of it."""
    dossier = Path(tempfile.mkdtemp(prefix="pleiade-modele-"))
    ouvrir(dossier / "modele.pleiade", CLE).fermer()
    return dossier / "modele.pleiade"


def fichier_neuf(dossier: Path, nom: str = "cabinet.pleiade") -> Path:
    """An empty, up-to-date patient file under CLE."""
    return Path(shutil.copy(_modele(), dossier / nom))


def traits(nom: str = "DURAND", prenom: str = "MARIE", date: str = "1975-03-12",
           utilise: str = "", prenoms: str = "", prenom_utilise: str = "") -> Traits:
    """Fictive traits."""
    return Traits(nom, prenom, date, "F", "75112", prenoms or prenom, utilise, prenom_utilise)


def identite(nom: str = "DURAND", prenom: str = "MARIE", date: str = "1975-03-12",
             utilise: str = "", prenoms: str = "", prenom_utilise: str = "") -> Identite:
    """A fictive provisional identity."""
    return Identite(traits(nom, prenom, date, utilise, prenoms, prenom_utilise))


@dataclass(frozen=True, slots=True)
class Decor:
    """A file with a practice, one professional and one patient."""

    store: Store
    compte: int
    patient: int


def decor(store: Store) -> Decor:
    """Fill an empty file with the least that a test needs."""
    with store.ecriture() as u:
        u.comptes.enregistrer_structure(Structure("10B0000000", "CABINET FICTIF"))
        compte = u.comptes.ajouter_professionnel(
            Professionnel("899700000016", "INFIRMIERE", "LINE"))
        patient = u.patients.ajouter(identite(), auteur="LINE INFIRMIERE", cause="création").id
    return Decor(store, compte, patient)


def fiche(patient: int, cda_id: str = "", set_id: str = "", version: int = 1,
          **autres: object) -> FicheDocument:
    """A fictive document."""
    return replace(FicheDocument(
        0, patient, OrigineDocument.CABINET, EtatDocument.VALIDE, "11488-4", "Compte rendu",
        "2026-01-15", "LINE INFIRMIERE", cda_id=cda_id, set_id=set_id, version_number=version),
        **autres)  # type: ignore[arg-type]


def _binaires() -> Path | None:
    for racine in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (racine / "initdb").exists():
            return racine
    trouve = shutil.which("initdb")
    return Path(trouve).parent if trouve else None


def _executer(commande: list[str], utilisateur: str | None) -> None:
    def prendre_identite() -> None:
        assert utilisateur is not None
        compte = pwd.getpwnam(utilisateur)
        os.initgroups(utilisateur, compte.pw_gid)
        os.setgid(compte.pw_gid)
        os.setuid(compte.pw_uid)

    subprocess.run(commande, check=True, capture_output=True, timeout=120, cwd="/",
                   preexec_fn=prendre_identite if utilisateur else None)


@contextmanager
def postgresql() -> Iterator[str]:
    """A throw-away PostgreSQL on a Unix socket; yields the URL of its server database.

    The server refuses to run as root: it is then given to the user `postgres`.
    """
    url = os.environ.get("PLEIADE_TEST_POSTGRESQL")
    if url:
        yield url
        return
    binaires = _binaires()
    if binaires is None:
        raise RuntimeError("PostgreSQL is not installed: run `make setup`")
    utilisateur = "postgres" if os.geteuid() == 0 else None
    dossier = Path(tempfile.mkdtemp(prefix="pg"))
    if utilisateur:
        shutil.chown(dossier, utilisateur)
    donnees = dossier / "d"
    port = 54329
    try:
        _executer([str(binaires / "initdb"), "-D", str(donnees), "-A", "trust", "-U", "postgres",
                   "-E", "UTF8", "--locale=C.UTF-8", "-N"], utilisateur)
        _executer([str(binaires / "pg_ctl"), "-D", str(donnees), "-w", "-l",
                   str(dossier / "journal"), "-o",
                   f"-k {dossier} -c listen_addresses='' -c fsync=off -p {port}", "start"],
                  utilisateur)
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={dossier}&port={port}"
        finally:
            _executer([str(binaires / "pg_ctl"), "-D", str(donnees), "-m", "immediate", "stop"],
                      utilisateur)
    finally:
        shutil.rmtree(dossier, ignore_errors=True)
