"""Helpers of the store's tests: throw-away files, fictive values, a throw-away PostgreSQL."""

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, text

from app.domain.document import EtatDocument, FicheDocument, OrigineDocument
from app.domain.identity import Identite, Traits
from app.domain.people import Professionnel, Structure
from app.store.engine import Store, ouvrir
from app.store.upgrade import mettre_a_niveau

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


def installation_postgresql() -> Path:
    """Folder of the server's programs."""
    binaires = _binaires()
    if binaires is None:
        raise RuntimeError("PostgreSQL is not installed: run `make setup`")
    return binaires


def executer(commande: list[str], utilisateur: str | None) -> None:
    """Run a program of the server, as the user that it wants."""
    def prendre_identite() -> None:
        assert utilisateur is not None
        compte = pwd.getpwnam(utilisateur)
        os.initgroups(utilisateur, compte.pw_gid)
        os.setgid(compte.pw_gid)
        os.setuid(compte.pw_uid)

    subprocess.run(commande, check=True, capture_output=True, timeout=120, cwd="/",
                   preexec_fn=prendre_identite if utilisateur else None)


@cache
def serveur_commun() -> str:
    """URL of one throw-away server for the whole process, which holds an empty file `modele`."""
    pile = ExitStack()
    atexit.register(pile.close)
    url = pile.enter_context(postgresql())
    nouvelle_base(url, "modele", "template1")
    ouvrir(base(url, "modele")).fermer()
    return url


def base(url: str, nom: str) -> str:
    """URL of another database of the server."""
    return url.replace("/postgres?", f"/{nom}?")


def nouvelle_base(url: str, nom: str, modele: str = "modele") -> str:
    """Make a database of the server; returns its URL."""
    _administrer(url, f"CREATE DATABASE {nom} TEMPLATE {modele}")
    return base(url, nom)


def supprimer_base(url: str, nom: str) -> None:
    """Drop a database of the server."""
    _administrer(url, f"DROP DATABASE {nom} WITH (FORCE)")


def _administrer(url: str, ordre: str) -> None:
    moteur = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with moteur.connect() as connexion:
        connexion.execute(text(ordre))


@contextmanager
def postgresql() -> Iterator[str]:
    """A throw-away PostgreSQL on a Unix socket; yields the URL of its server database.

    The server refuses to run as root: it is then given to the user `postgres`.
    """
    url = os.environ.get("PLEIADE_TEST_POSTGRESQL")
    if url:
        yield url
        return
    binaires = installation_postgresql()
    utilisateur = "postgres" if os.geteuid() == 0 else None
    dossier = Path(tempfile.mkdtemp(prefix="pg"))
    if utilisateur:
        shutil.chown(dossier, utilisateur)
    donnees = dossier / "d"
    port = 54329
    try:
        executer([str(binaires / "initdb"), "-D", str(donnees), "-A", "trust", "-U", "postgres",
                   "-E", "UTF8", "--locale=C.UTF-8", "-N"], utilisateur)
        executer([str(binaires / "pg_ctl"), "-D", str(donnees), "-w", "-l",
                   str(dossier / "journal"), "-o",
                   f"-k {dossier} -c listen_addresses='' -c fsync=off -p {port}", "start"],
                  utilisateur)
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={dossier}&port={port}"
        finally:
            executer([str(binaires / "pg_ctl"), "-D", str(donnees), "-m", "immediate", "stop"],
                      utilisateur)
    finally:
        shutil.rmtree(dossier, ignore_errors=True)


#: Rows of a file of the first revision, in SQL: repositories only write the newest one.
SEMENCE_0001 = (
    "INSERT INTO professionnel VALUES (1, '899700000016', 'INFIRMIERE', 'LINE', '60', '', '', '', "
    "true)",
    "INSERT INTO patient VALUES (1, 'DURAND', 'MARIE', 'MARIE', '', '', '1975-03-12', 'F', "
    "'75112', 'provisoire', '', '', '', '', '', '', '[]', '', '', '', '', '', '', "
    "'2026-01-05T09:00:00+01:00', 1)",
    "INSERT INTO recherche_rang VALUES (4096, 1, 'DURAND MARIE 1975-03-12')",
    "INSERT INTO contenu VALUES "
    "('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 3, {abc})",
    "INSERT INTO document VALUES (1, 1, 'cabinet', 'valide', '11488-4', 'Compte rendu', "
    "'2026-01-15', 'LINE', '1.1', 's', 1, '', '', "
    "'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', null, "
    "'2026-01-15T09:00:00+01:00', true, 1)",
    "INSERT INTO passage VALUES (1, '2026-01-15', '10:00', 1, 1, '', 15, 'domicile', 'a_venir', "
    "'', 1)",
)


def semer_0001(moteur: Engine) -> None:
    """Make a file of the first revision with one patient and one document."""
    octets = "'\\x616263'::bytea" if moteur.dialect.name == "postgresql" else "x'616263'"
    with moteur.begin() as connexion:
        mettre_a_niveau(connexion, "0001")
        for ordre in SEMENCE_0001:
            connexion.exec_driver_sql(ordre.replace("{abc}", octets))
