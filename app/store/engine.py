"""The patient file: opening, units of work, closing.

SQLite (SQLCipher) by a path and a key, PostgreSQL by a URL: same tables, same units of work.
"""

import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, TimeoutError

from app.domain.confidentialite import Regard
from app.store import (
    backup,
    coffre_serveur,
    places,
    rekey,
    serveur,
    temoin,
    upgrade,
    vault,
    vault_psc,
)
from app.store.changes import Changements, Ecoute, releve
from app.store.connections import (
    ATTENTE_S,
    OPTION_ECRITURE,
    moteur_postgresql,
    moteur_sqlite,
    operation_longue,
)
from app.store.errors import (
    CleRefusee,
    DossierFerme,
    ErreurSauvegarde,
    ErreurStore,
    FichierAbime,
    FichierIntrouvable,
    FichierOccupe,
    FichierTropRecent,
    traduire,
)
from app.store.porte import Porte
from app.store.repos.erasure import tables_effacees
from app.store.unite import Unite
from app.store.verify import RapportVerification, point_coffre, point_repere
from app.store.verify import verifier as verifier_fichier

journal = logging.getLogger("pleiade.store")

_MOTIF_MISE_A_NIVEAU = "avant-mise-a-niveau"
#: Advisory lock of a server's base: upgraded or restored by one workstation at a time. Any number
#: that nobody else takes.
VERROU_BASE = 5063041
#: One writer at a time on a server, as on a file: what a unit reads is still true when it writes
#: (last administrator, document not yet filed…). Units that compare the version of each row they
#: write need no such care: they run beside one another, never beside the former. A workstation that
#: falls asleep inside a unit is cut off by the server, and the others go on. The revision is read
#: by a second statement, in the same exchange: the first one's view is older than the lock.
_VERROU_ECRITURE = ("SELECT set_config('idle_in_transaction_session_timeout', '8s', true), "
                    "pg_advisory_xact_lock{partage}(5063043); "
                    "SELECT version_num FROM alembic_version")
#: An upgrade waits for the units that write, and they for it.
_VERROU_MIGRATION = "SET LOCAL lock_timeout = '60s'; SELECT pg_advisory_xact_lock(5063043)"
_VIDE = "Ce fichier est vide : le dossier n’y est plus. Restaurez la dernière sauvegarde."
_DEPASSE = ("Un autre poste a mis le dossier du cabinet à niveau pour une version plus récente "
            "de Pléiade\u00a0: ce poste n’y écrit plus, rien n’a été enregistré. Fermez Pléiade "
            "sur ce poste et installez-y la même version.")


class Store:
    """An open patient file. Safe from any thread; a `Unite` stays in its own."""

    def __init__(self, moteur: Engine, emplacement: Path | str, cle: bytes | None) -> None:
        self._moteur = moteur
        self._cle = cle
        self.emplacement = emplacement
        #: Whose eyes read through the units; None = the program's own.
        self.regard_de: Callable[[Unite], Regard] | None = None
        # Writers of this process queue here: waiting inside SQLite is a poll with long sleeps.
        self._ecrivain = threading.Lock() if moteur.dialect.name == "sqlite" else None
        self._porte = Porte()
        #: Names this open file among those of other workstations.
        self.poste = secrets.token_hex(8)
        self._ferme = False
        self._repere_pose = False

    def __repr__(self) -> str:
        return f"Store({self._nom()!r})"

    def _nom(self) -> str:
        if isinstance(self.emplacement, Path):
            return str(self.emplacement)
        return make_url(self.emplacement).render_as_string(hide_password=True)

    @contextmanager
    def lecture(self, *, entiere: bool = False) -> Iterator[Unite]:
        """A unit that reads one instant of the file; nothing that it writes is kept.

        :param entiere: the program reads for itself (a sending): nothing is hidden.
        :raises ErreurStore: the file can't be read.
        """
        with _erreurs(), self._porte.passer(), self._connexion() as connexion:
            if self._moteur.dialect.name == "postgresql":
                connexion.execution_options(isolation_level="REPEATABLE READ",
                                            postgresql_readonly=True)
            with connexion.begin() as transaction:
                yield Unite(connexion, None if entiere else self.regard_de, self._cle)
                transaction.rollback()

    @contextmanager
    def ecriture(self, *, par_versions: bool = False) -> Iterator[Unite]:
        """A unit that commits at its end, and rolls back if anything is raised.

        Returning from the `with` means: on the disk.

        :param par_versions: it only adds rows, or changes them under the version that it read: on a
            server it doesn't wait for others of its kind.
        :raises ErreurStore: nothing was written.
        """
        with self._porte.passer():
            if self._ecrivain is None:
                with self._ecriture(par_versions=par_versions) as unite:
                    yield unite
                return
            if not self._ecrivain.acquire(timeout=ATTENTE_S):
                raise FichierOccupe()
            try:
                with self._ecriture() as unite:
                    yield unite
            finally:
                self._ecrivain.release()

    @contextmanager
    def _ecriture(self, *, par_versions: bool = False) -> Iterator[Unite]:
        with _erreurs(), self._connexion() as connexion:
            connexion.execution_options(**{OPTION_ECRITURE: True})
            with connexion.begin(), releve(connexion, self.poste):
                if self._moteur.dialect.name == "postgresql":
                    _prendre_tour(connexion, "_shared" if par_versions else "")
                yield Unite(connexion, self.regard_de, self._cle)

    def _connexion(self) -> Connection:
        if self._ferme:
            # A late worker must not open again what the user has locked.
            raise DossierFerme()
        return self._moteur.connect()

    def fermer(self) -> None:
        """Close the file for good; units that still run end in their own threads."""
        if self._repere_pose:
            self.poser_repere()  # verified since it was opened: the lines of the session count
        self._ferme = True
        self._cle = None
        self._moteur.dispose()

    def sauvegarder(self, vers: Path) -> None:
        """Make an encrypted copy, with its vault, and read it again.

        :raises ErreurSauvegarde, DisquePlein: no copy was left.
        """
        if self._ferme:
            raise DossierFerme()
        if self._cle is None:
            raise ErreurSauvegarde("La clé du cabinet est nécessaire pour chiffrer la sauvegarde.")
        if isinstance(self.emplacement, Path):
            backup.sauvegarder_sqlite(self.emplacement, self._cle, Path(vers))
        else:
            backup.sauvegarder_postgresql(self._moteur, self.emplacement, self._cle, Path(vers))

    def changer_cle(self) -> None:
        """Encrypt the file again under a new key; units of work wait meanwhile.

        On a server only the backups are encrypted by this key: the vault alone changes.

        :raises ErreurStore: the key is the former one, nothing was lost.
        """
        with self._porte.fermer():
            ancienne = self._cle_ouverte()
            if not isinstance(self.emplacement, Path):
                self._changer_cle_serveur(self.emplacement, ancienne)
                return
            self._moteur.dispose()
            try:
                self._cle = rekey.changer(self.emplacement, ancienne)
            finally:
                self._moteur = moteur_sqlite(self.emplacement, self._cle)
        if self._repere_pose:
            self.poser_repere()  # sealed by the new key

    def _changer_cle_serveur(self, url: str, ancienne: bytes) -> None:
        """Vault first, then what the key of the practice seals in the base (certificates).

        Killed in between, a certificate is read no more and says that it must be imported again.
        """
        with _erreurs(), self._coffre(), self._moteur.begin() as connexion:
            cles = Unite(connexion, cle=ancienne).certificats.cles()
            self._cle = rekey.changer_coffre(url, ancienne)
            Unite(connexion, cle=self._cle).certificats.resceller(cles)
        serveur.sceller(url, self._cle)

    @contextmanager
    def _coffre(self) -> Iterator[None]:
        """Around a change of the vault: on a server it is shared by the workstations."""
        if isinstance(self.emplacement, Path):
            yield
            return
        with _erreurs(), coffre_serveur.partage(self._moteur, self.emplacement):
            yield

    def ecouter(self, rappel: Callable[[Changements], None],
                lien: Callable[[bool], None] | None = None) -> Ecoute | None:
        """Hear what the other workstations write; None for a file, which has no others.

        :param rappel: called from a thread of the listener.
        :param lien: called from there when the server goes away (False) and comes back (True).
        """
        if isinstance(self.emplacement, Path):
            return None
        return Ecoute(self.emplacement, self.poste, rappel, lien)

    def _cle_ouverte(self) -> bytes:
        if self._ferme or self._cle is None:
            raise DossierFerme()
        return self._cle

    def tasser(self) -> bool:
        """After an erasure: what was deleted leaves the log of the file, or the server's tables.

        The rows are gone before this is called; here go the copies that the engine keeps of them.
        False when somebody reads meanwhile: the file does it when it is closed, the server by
        itself later.
        """
        try:
            with _erreurs(), self._porte.passer(), self._connexion() as connexion:
                if isinstance(self.emplacement, Path):
                    occupe, *_ = connexion.connection.cursor().execute(
                        "PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                    return not occupe
                connexion.execution_options(isolation_level="AUTOCOMMIT")
                connexion.exec_driver_sql(f"VACUUM {', '.join(tables_effacees())}")
                return True
        except ErreurStore as erreur:
            journal.info("journal du fichier gardé\u00a0: %s", type(erreur).__name__)
            return False

    def poser_secours(self, cle_secours: str) -> None:
        """Replace the recovery key by one that the user has already written down."""
        with self._coffre():
            vault.poser_secours(self.emplacement, self._cle_ouverte(), cle_secours)

    def poser_enveloppe(self, champs: dict[str, Any], derivee: bytes) -> None:
        """Give an account another means to open the file (see `vault.remplacer`)."""
        with self._coffre():
            vault.remplacer(self.emplacement, self._cle_ouverte(), champs, derivee)

    def retirer_enveloppe(self, champs: dict[str, Any]) -> None:
        """Withdraw such a means."""
        with self._coffre():
            vault.retirer(self.emplacement, self._cle_ouverte(), champs)

    def sceller_psc(self, acces: vault_psc.AccesPsc, cle_publique: str) -> None:
        """Let Pro Santé Connect open the file for an account."""
        with self._coffre():
            vault_psc.sceller(self.emplacement, self._cle_ouverte(), acces, cle_publique)

    def retirer_psc(self, compte: str) -> None:
        """Pro Santé Connect doesn't open the file for that account any more."""
        with self._coffre():
            vault_psc.retirer(self.emplacement, self._cle_ouverte(), compte)

    def coffre_intact(self) -> bool:
        """True when nobody touched the vault without the key of the file."""
        return vault.intact(self.emplacement, self._cle_ouverte())

    def ecart_repere(self, unite: Unite) -> str | None:
        """Why the trail isn't the one that this workstation saw last; empty when it is, None when
        it remembers nothing."""
        repere = None if self._cle is None else temoin.lire(self.emplacement, self._cle)
        return None if repere is None else temoin.comparer(unite.trail, repere)

    def poser_repere(self) -> None:
        """Remember how far the trail goes; the caller has verified it. Best effort."""
        self._repere_pose = True
        if self._cle is None or self._ferme:
            return
        try:
            with self.lecture() as unite:
                tete = unite.trail.tete()
            temoin.poser(self.emplacement, self._cle, tete)
        except (OSError, ErreurStore) as erreur:
            journal.info("repère du journal\u00a0: %s", type(erreur).__name__)

    def poser_mot_de_passe(self, compte: str, mot_de_passe: str) -> None:
        """Give an account its envelope in the vault, or replace it."""
        with self._coffre():
            vault.poser_mot_de_passe(self.emplacement, self._cle_ouverte(), compte, mot_de_passe)

    def retirer_mot_de_passe(self, compte: str) -> None:
        """Take an account's envelope away. :raises MotDePasseRefuse: it is the last one."""
        with self._coffre():
            vault.retirer_compte(self.emplacement, self._cle_ouverte(), compte)

    def verifier(self) -> RapportVerification:
        """Check the whole file; changes nothing."""
        with self.lecture() as unite:
            emplacement = (self.emplacement if isinstance(self.emplacement, Path)
                           else self._nom())
            rapport = verifier_fichier(unite.connexion, emplacement)
            ecart = self.ecart_repere(unite)
        if ecart is not None:
            rapport = rapport.avec(point_repere(ecart))
        if self._cle is None or not vault.chemin_coffre(self.emplacement).exists():
            return rapport
        return rapport.avec(point_coffre(self.coffre_intact()))


def _prendre_tour(connexion: Connection, partage: str) -> None:
    """Wait for the turn to write. A workstation that was open while another one upgraded the base
    writes no more: the upgrade takes the same lock, and can't come between.

    :raises FichierTropRecent: this program is now the older one.
    """
    with closing(connexion.exec_driver_sql(_VERROU_ECRITURE.format(partage=partage))) as reponse:
        reponse.cursor.nextset()
        ligne = reponse.cursor.fetchone()
    if ligne is None or ligne[0] != upgrade.REVISION:
        raise FichierTropRecent(_DEPASSE)


@contextmanager
def _erreurs() -> Iterator[None]:
    try:
        yield
    except TimeoutError as erreur:
        raise FichierOccupe() from erreur
    except DBAPIError as erreur:
        raise traduire(erreur) from erreur


def ouvrir(emplacement: Path | str, cle: bytes | None = None, *, creer: bool = True,
           mettre_a_niveau: bool = True) -> Store:
    """Open a patient file; make it if there is none; upgrade an older one after a backup.

    :param emplacement: path of the encrypted file, or URL of a PostgreSQL database.
    :param cle: the 32 bytes that the vault gave; optional for PostgreSQL, where it encrypts the
        backups.
    :param creer: False refuses a missing or empty file: once a practice exists, an empty file in
        its place is a loss, not a beginning.
    :param mettre_a_niveau: False reads an older file as it is, and creates nothing.
    :raises FichierIntrouvable: nothing there, and `creer` is False.
    :raises CleRefusee: wrong key. :raises FichierAbime: damaged, in clear, or not a patient file.
    :raises FichierTropRecent: written by a newer program.
    :raises ErreurSauvegarde, DisquePlein: no upgrade without a backup.
    """
    if places.est_url(emplacement):
        if cle is not None:
            serveur.desceller(str(emplacement), cle)
        store = Store(moteur_postgresql(str(emplacement)), str(emplacement), cle)
    else:
        chemin = Path(emplacement).absolute()
        if cle is None or len(cle) != vault.TAILLE_CLE:
            raise CleRefusee("La clé du dossier est nécessaire pour l’ouvrir.")
        _preparer(chemin, creer=creer and mettre_a_niveau)
        store = Store(moteur_sqlite(chemin, cle), chemin, cle)
    try:
        _mettre_a_jour(store, creer=creer, mettre_a_niveau=mettre_a_niveau)
        if cle is not None and mettre_a_niveau:
            with store._coffre():
                pass  # the base has the vault, this workstation the one of the base
            if not isinstance(store.emplacement, Path):
                serveur.sceller(store.emplacement, cle)
    except BaseException:
        store.fermer()
        raise
    return store


def _preparer(chemin: Path, *, creer: bool) -> None:
    """Look at an existing file before opening it; make a missing one, for its owner alone."""
    try:
        if chemin.exists() and chemin.stat().st_size:
            if backup.est_en_clair(chemin):
                raise FichierAbime("Ce fichier n’est pas chiffré : ce n’est pas un dossier de "
                                   "Pléiade. Rien n’a été modifié.")
            return
        if not creer:
            raise FichierAbime(_VIDE) if chemin.exists() else FichierIntrouvable()
        chemin.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(chemin, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as erreur:
        raise ErreurStore(f"Le dossier « {chemin.name} » n’est pas accessible : vérifiez les "
                          "droits et le disque.") from erreur


def _mettre_a_jour(store: Store, *, creer: bool, mettre_a_niveau: bool) -> None:
    revision = _revision_lue(store)
    if revision == upgrade.REVISION:
        return
    if revision is None and not (creer and mettre_a_niveau):
        raise FichierAbime(_VIDE)
    if not mettre_a_niveau:
        return
    with _erreurs(), _seul(store._moteur):
        revision = _revision_lue(store)
        if revision == upgrade.REVISION:
            return  # another workstation did it while we waited
        if revision is not None:
            dossier = places.dossier_sauvegardes(store.emplacement)
            store.sauvegarder(backup.nom_automatique(dossier, _MOTIF_MISE_A_NIVEAU))
            backup.elaguer(dossier, _MOTIF_MISE_A_NIVEAU)
        _migrer(store, revision)


def _revision_lue(store: Store) -> str | None:
    """Revision of the file, known to this program or older; None when it is empty."""
    try:
        with store._moteur.connect() as connexion, connexion.begin():
            revision = _revision(connexion)
            if revision not in (upgrade.REVISION, None):
                upgrade.verifier_connue(str(revision), upgrade.version_programme(connexion))
            return revision
    except DBAPIError as erreur:
        raise _illisible(store, erreur) from erreur


@contextmanager
def _seul(moteur: Engine) -> Iterator[None]:
    """One upgrade at a time among the workstations of a server, its backup included.

    SQLite needs none: the second one finds the file locked, then upgraded.
    """
    if moteur.dialect.name != "postgresql":
        yield
        return
    with moteur.connect() as connexion, connexion.begin():
        operation_longue(connexion)
        connexion.exec_driver_sql("SET LOCAL lock_timeout = '15min'")
        connexion.exec_driver_sql(f"SELECT pg_advisory_xact_lock({VERROU_BASE})")
        yield


def _revision(connexion: Connection) -> str | None:
    """Revision of the file; the usual case is one read."""
    try:
        with connexion.begin_nested():
            return connexion.exec_driver_sql(
                "SELECT version_num FROM alembic_version").scalar()
    except DBAPIError as erreur:
        if "alembic_version" not in str(erreur.orig):
            raise
        return upgrade.revision_du_fichier(connexion)


def _illisible(store: Store, erreur: DBAPIError) -> ErreurStore:
    """SQLCipher can't tell a wrong key from a damaged first page: the vault can."""
    traduite = traduire(erreur)
    if (isinstance(traduite, FichierAbime) and isinstance(store.emplacement, Path)
            and store._cle is not None
            and "not a database" in str(erreur.orig)
            and not vault.cle_attendue(store.emplacement, store._cle)):
        return CleRefusee()
    return traduite


def _migrer(store: Store, depuis: str | None) -> None:
    """Run the migrations in one transaction: whole, or not at all."""
    from app import __version__

    if isinstance(store.emplacement, Path):
        moteur = moteur_sqlite(store.emplacement, store._cle, references=False)
    else:
        moteur = store._moteur
    try:
        with moteur.connect() as connexion:
            connexion.execution_options(**{OPTION_ECRITURE: True})
            with connexion.begin():
                operation_longue(connexion)
                if moteur.dialect.name == "postgresql":
                    connexion.exec_driver_sql(_VERROU_MIGRATION)
                if upgrade.revision_du_fichier(connexion) != depuis:
                    return  # another process did it while we waited
                upgrade.mettre_a_niveau(connexion)
                if (moteur.dialect.name == "sqlite"
                        and connexion.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise FichierAbime("La mise à niveau a trouvé des données incohérentes. Le "
                                       "dossier n’a pas été modifié.")
                unite = Unite(connexion)
                unite.reglages.ecrire(upgrade.CLE_VERSION, __version__)
                unite.trail.ecrire(
                    qui="Pléiade", resultat="ok",
                    quoi="fichier.creation" if depuis is None else "fichier.mise_a_niveau",
                    detail=upgrade.REVISION if depuis is None
                    else f"{depuis} vers {upgrade.REVISION}")
    finally:
        if moteur is not store._moteur:
            moteur.dispose()
