"""Backups of the practice: make, list, rotate, know when they are too old (GEN.21.BIS).

A backup is two files side by side: `pleiade-<mark>-<date>.pleiade`, encrypted, and its vault
`.coffre.json`, which the recovery key opens on any machine. Nothing but the system's copy command
is needed to carry them elsewhere.
"""

import contextlib
import itertools
import logging
import shutil
import threading
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.roles import Droit
from app.domain.rotation import a_garder
from app.domain.sauvegarde import EtatSauvegardes, ReglagesSauvegarde, Sauvegarde
from app.store import places, vault
from app.store.errors import DisquePlein, ErreurSauvegarde, ErreurStore
from app.store.files import synchroniser_dossier
from app.usecases.concurrence import Champ, enregistrer_valeur, oui_non
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre

if TYPE_CHECKING:
    from app.store.unite import Unite
    from app.usecases.context import Contexte

journal = logging.getLogger("pleiade.sauvegarde")

_ACTE_REGLAGES = "sauvegarde.reglages"
_CHAMPS_REGLAGES = {
    "active": Champ("Sauvegarde automatique", oui_non),
    "intervalle_h": Champ("Intervalle", lambda v: f"{v} h"),
    "dossier": Champ("Dossier"),
    "jours": Champ("Sauvegardes quotidiennes gardées"),
    "semaines": Champ("Sauvegardes hebdomadaires gardées"),
    "mois": Champ("Sauvegardes mensuelles gardées"),
    "rappel_jours": Champ("Rappel", lambda v: f"{v} jours"),
}
_CLE_REGLAGES, _CLE_ETAT = "sauvegarde.reglages", "sauvegarde.etat"
#: Room left on the disk after a backup, at least.
_MARGE = 16 << 20
#: A partial copy this old belongs to a program that was killed.
_PARTIEL_PERDU = timedelta(hours=6)
#: One backup at a time in this process (scheduler and button).
_SEULE = threading.Lock()


@libre("réglages sans donnée de patient")
def lire_reglages_sauvegarde(ctx: "Contexte") -> ReglagesSauvegarde:
    """Settings of the backup."""
    with ctx.store.lecture() as u:
        return _lire_reglages(u)


def _lire_reglages(u: "Unite") -> ReglagesSauvegarde:
    valeurs = u.reglages.lire(_CLE_REGLAGES, {})
    connus = {f.name for f in fields(ReglagesSauvegarde)}
    return ReglagesSauvegarde(**{c: v for c, v in valeurs.items() if c in connus})


@exige(Droit.SAUVEGARDE)
def enregistrer_reglages_sauvegarde(ctx: "Contexte", reglages: ReglagesSauvegarde,
                                    base: ReglagesSauvegarde | None = None
                                    ) -> ReglagesSauvegarde:
    """Check and store the settings.

    :param base: the settings as the user read them.
    :raises Refus: a French sentence says what to correct.
    :raises ConflitSaisie: a colleague changed the same ones.
    """
    if not 1 <= reglages.intervalle_h <= 24 * 31:
        raise Refus("L’intervalle va d’une heure à 31 jours.")
    if not 1 <= reglages.rappel_jours <= 365:
        raise Refus("Le rappel va de 1 à 365 jours.")
    if not 1 <= reglages.jours <= 366 or not (0 <= reglages.semaines <= 520
                                              and 0 <= reglages.mois <= 240):
        raise Refus("Gardez au moins une sauvegarde quotidienne ; 366 jours, 520 semaines et "
                    "240 mois au plus.")
    if reglages.dossier:
        dossier = Path(reglages.dossier)
        if not dossier.is_absolute():
            raise Refus("Indiquez le chemin complet du dossier de sauvegarde.")
        _exiger_dossier(dossier)
        avant = lire_reglages_sauvegarde(ctx)
        # The same folder, saved again while its disk is away, stays on its disk.
        reglages = replace(reglages, disque_a_part=not _meme_disque(ctx, dossier) or (
            avant.disque_a_part and avant.dossier == reglages.dossier))

    def ecrire(u: "Unite", voulus: ReglagesSauvegarde) -> None:
        u.reglages.ecrire(_CLE_REGLAGES, asdict(voulus))
        u.trail.ecrire(qui=ctx.qui, quoi=_ACTE_REGLAGES, resultat="ok")

    return enregistrer_valeur(ctx, "les réglages des sauvegardes", _CHAMPS_REGLAGES, reglages,
                              base, lire=_lire_reglages, ecrire=ecrire, acte=_ACTE_REGLAGES)


@libre("un nom de dossier")
def dossier_de(ctx: "Contexte", reglages: ReglagesSauvegarde) -> Path:
    """Folder where the backups go."""
    return (Path(reglages.dossier) if reglages.dossier
            else places.dossier_sauvegardes(ctx.store.emplacement))


def _exiger_dossier(dossier: Path) -> None:
    """A folder chosen by the user must exist: an unplugged disk must not become a folder."""
    try:
        present = dossier.is_dir()
    except OSError:
        present = False
    if not present:
        raise Refus(f"Le dossier de sauvegarde « {dossier} » n’est pas accessible. Branchez le "
                    "disque ou choisissez un autre dossier.", code="DOSSIER-ABSENT")


@exige(Droit.SAUVEGARDE)
def annoncer_restauration(ctx: "Contexte") -> str:
    """Trace, in the practice that will be set aside, who goes back to a backup; path of the last
    one when it is within reach.

    :raises Refus: the practice is on a server, where a backup is restored into an empty base.
    """
    if not isinstance(ctx.store.emplacement, Path):
        raise Refus("Ce cabinet est sur un serveur\u00a0: une sauvegarde s’y restaure dans une "
                    "base neuve, sans toucher à celle-ci. Demandez-la à qui tient le serveur, puis "
                    "lancez «\u00a0pleiade restaurer\u00a0» vers elle.", code="RESTAURER-SERVEUR")
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="sauvegarde.retour", resultat="ok")
    presentes = sauvegardes(ctx)
    return str(presentes[0].chemin) if presentes else ""


def _exiger_disque(ctx: "Contexte", dossier: Path, reglages: ReglagesSauvegarde) -> None:
    """An unplugged disk may leave its mount point, an empty folder of the disk of the machine."""
    _exiger_dossier(dossier)
    if reglages.disque_a_part and _meme_disque(ctx, dossier):
        raise Refus(f"Le disque de sauvegarde n’est pas branché\u00a0: le dossier «\u00a0{dossier}"
                    "\u00a0» est, pour l’instant, sur le disque de ce poste. Rien n’y a été écrit. "
                    "Branchez le disque, ou choisissez un autre dossier.", code="DISQUE-ABSENT")


@exige(Droit.SAUVEGARDE)
def sauvegarder(ctx: "Contexte", vers: Path | None = None) -> Sauvegarde:
    """Make a backup now: online, encrypted, read again; then thin out the older ones.

    :param vers: folder; by default that of the settings. Its parent must exist.
    :raises Refus, ErreurSauvegarde, DisquePlein: nothing is left of the attempt, the former
        backups and the file are untouched; the failure is noted.
    """
    return _faire(ctx, vers)


@libre("tâche de fond, réglée par un compte habilité")
def sauvegarde_planifiee(ctx: "Contexte") -> Sauvegarde:
    """The scheduled backup, whoever has the file open. :raises: as `sauvegarder`."""
    return _faire(ctx, None)


def _faire(ctx: "Contexte", vers: Path | None) -> Sauvegarde:
    reglages = lire_reglages_sauvegarde(ctx)
    dossier = Path(vers).absolute() if vers is not None else dossier_de(ctx, reglages)
    choisi = vers is None and bool(reglages.dossier)
    with seule():
        try:
            if choisi:
                _exiger_disque(ctx, dossier, reglages)
            faite = _sauvegarder(ctx, dossier, choisi=choisi)
        except (Refus, ErreurStore) as erreur:
            _noter_echec(ctx, erreur.message)
            raise
    _noter_reussite(ctx, faite)
    if choisi and not reglages.disque_a_part and not _meme_disque(ctx, dossier):
        with ctx.store.ecriture() as u:
            u.reglages.ecrire(_CLE_REGLAGES, asdict(replace(reglages, disque_a_part=True)))
    _elaguer(ctx, dossier, reglages, faite)
    return faite


@contextlib.contextmanager
def seule() -> Iterator[None]:
    """One backup, or one change of key, at a time in this process. :raises Refus: one runs."""
    if not _SEULE.acquire(timeout=1):
        raise Refus("Une sauvegarde est déjà en cours. Patientez un instant.")
    try:
        yield
    finally:
        _SEULE.release()


def _sauvegarder(ctx: "Contexte", dossier: Path, *, choisi: bool) -> Sauvegarde:
    if choisi or not dossier.parent.is_dir():
        _exiger_dossier(dossier)
    if not vault.chemin_coffre(ctx.store.emplacement).exists():
        raise ErreurSauvegarde("Le coffre des clés est introuvable : une sauvegarde sans lui ne "
                               "pourrait pas être ouverte.")
    maintenant = datetime.now()
    chemin = _nom_libre(dossier, _marque(ctx), maintenant)
    try:
        dossier.mkdir(exist_ok=True)
        _exiger_place(ctx, dossier)
        _balayer(ctx, dossier)
        ctx.store.sauvegarder(chemin)
        if not places.chemin_coffre(chemin).exists():
            raise ErreurSauvegarde("Le coffre des clés n’a pas pu être copié : la sauvegarde est "
                                   "refusée.")
        synchroniser_dossier(dossier)
        faite = Sauvegarde(chemin, maintenant.replace(microsecond=0), chemin.stat().st_size, True)
    except BaseException as erreur:
        _effacer(chemin)
        if isinstance(erreur, OSError):
            raise ErreurSauvegarde("Le dossier de sauvegarde ne répond pas ou refuse l’écriture. "
                                   "Le dossier du cabinet n’a pas été modifié.") from erreur
        raise
    _proteger(chemin)
    return faite


def _nom_libre(dossier: Path, marque: str, maintenant: datetime) -> Path:
    """A name that nothing has: a clock set back, or another workstation of the centre, may give the
    same one twice, and what fails is removed under its name."""
    for rang in itertools.count(maintenant.microsecond // 1000):
        moment = maintenant.replace(microsecond=0) + timedelta(milliseconds=rang)
        chemin = dossier / (f"pleiade-{marque}-{moment.strftime(places.FORME_DATE)}-"
                            f"{moment.microsecond // 1000:03d}.pleiade")
        if not (chemin.exists() or chemin.with_name(chemin.name + ".partiel").exists()):
            return chemin
    raise AssertionError


def _marque(ctx: "Contexte") -> str:
    """First digits of the vault's public mark: several practices may share a folder."""
    return vault.marque(ctx.store.emplacement)[:8]


def _exiger_place(ctx: "Contexte", dossier: Path) -> None:
    """Refuse before writing when the room obviously lacks (a database gives no size: it tries)."""
    if not isinstance(ctx.store.emplacement, Path):
        return
    taille = sum(f.stat().st_size for f in (
        ctx.store.emplacement, ctx.store.emplacement.with_name(
            ctx.store.emplacement.name + "-wal")) if f.exists())
    if shutil.disk_usage(dossier).free < taille + _MARGE:
        raise DisquePlein("Le disque de sauvegarde est plein : il manque de la place pour une "
                          "copie. Libérez-en, ou choisissez un autre disque. Les sauvegardes "
                          "existantes sont intactes.")


def _balayer(ctx: "Contexte", dossier: Path) -> None:
    """Remove what a killed program left behind."""
    limite = (datetime.now() - _PARTIEL_PERDU).timestamp()
    for reste in dossier.glob(f"pleiade-{_marque(ctx)}-*.partiel*"):
        with contextlib.suppress(OSError):
            if reste.stat().st_mtime < limite:
                reste.unlink()


def _proteger(chemin: Path) -> None:
    """Read-only, best effort: some disks know no rights."""
    for fichier in (chemin, places.chemin_coffre(chemin)):
        with contextlib.suppress(OSError):
            fichier.chmod(0o400)


def _effacer(chemin: Path) -> None:
    # Reading a read-only backup may leave its empty log behind.
    annexes = (chemin.with_name(chemin.name + suffixe) for suffixe in ("-wal", "-shm"))
    for fichier in (chemin, places.chemin_coffre(chemin), *annexes):
        with contextlib.suppress(OSError):
            if fichier.exists():
                fichier.chmod(0o600)  # Windows doesn't delete a read-only file
                fichier.unlink()


def lister(dossier: Path, marque: str = "") -> list[Sauvegarde]:
    """Backups of a folder, newest first. Only names of our form count; nothing is opened."""
    trouvees = []
    try:
        for chemin in dossier.iterdir():
            forme = places.NOM_SAUVEGARDE.fullmatch(chemin.name)
            if (forme is None or not forme[1] or (marque and forme[1] != marque)
                    or not chemin.is_file()):
                continue
            with contextlib.suppress(ValueError):
                trouvees.append(Sauvegarde(
                    chemin, datetime.strptime(forme[2], places.FORME_DATE), chemin.stat().st_size,
                    places.chemin_coffre(chemin).exists()))
    except OSError:
        return []
    return sorted(trouvees, key=lambda s: s.chemin.name, reverse=True)


@libre("des noms de fichiers chiffrés")
def sauvegardes(ctx: "Contexte") -> list[Sauvegarde]:
    """Backups of this practice in its folder, newest first."""
    return lister(dossier_de(ctx, lire_reglages_sauvegarde(ctx)), _marque(ctx))


def _elaguer(ctx: "Contexte", dossier: Path, reglages: ReglagesSauvegarde,
             faite: Sauvegarde) -> int:
    """Remove the backups of this practice that rotation doesn't keep; returns how many.

    Called only after a new one was verified; `faite` always stays, even if the clock went back.
    """
    presentes = lister(dossier, _marque(ctx))
    gardes = a_garder((s.cree_le for s in presentes), jours=reglages.jours,
                      semaines=reglages.semaines, mois=reglages.mois)
    enlevees = 0
    for s in presentes:
        if s.cree_le not in gardes and s.chemin != faite.chemin:
            _effacer(s.chemin)
            enlevees += 1
    if enlevees:
        journal.info("rotation : %d sauvegarde(s) effacée(s)", enlevees)
    return enlevees


# --- state -------------------------------------------------------------------------------------

def _ecrire_etat(ctx: "Contexte", resultat: str, detail: str, **valeurs: Any) -> None:
    with ctx.store.ecriture() as u:
        u.reglages.ecrire(_CLE_ETAT, u.reglages.lire(_CLE_ETAT, {}) | valeurs)
        u.trail.ecrire(qui=ctx.qui, quoi="sauvegarde", resultat=resultat, detail=detail)


def _noter_reussite(ctx: "Contexte", faite: Sauvegarde) -> None:
    _ecrire_etat(ctx, "ok", faite.chemin.name, reussie_le=_iso(datetime.now()),
                 chemin=str(faite.chemin), taille=faite.taille, echec_le="", echec="")


def _noter_echec(ctx: "Contexte", message: str) -> None:
    """Note a failure; when even that can't be written (full disk), the first error stands."""
    try:
        _ecrire_etat(ctx, "echec", message, echec_le=_iso(datetime.now()), echec=message)
    except ErreurStore as erreur:
        journal.error("sauvegarde : %s", erreur.message)


def _iso(moment: datetime) -> str:
    return moment.astimezone().isoformat(timespec="seconds")


@libre("dates des sauvegardes")
def etat_sauvegardes(ctx: "Contexte", maintenant: datetime | None = None) -> EtatSauvegardes:
    """Last backup, last failure, and the reminder when it is too old."""
    reglages = lire_reglages_sauvegarde(ctx)
    with ctx.store.lecture() as u:
        brut = u.reglages.lire(_CLE_ETAT, {})
    connus = {f.name for f in fields(EtatSauvegardes)} - {"rappel", "meme_disque"}
    etat = EtatSauvegardes(**{c: v for c, v in brut.items() if c in connus})
    return replace(etat, rappel=_rappel(etat, reglages, maintenant or datetime.now()),
                   meme_disque=not reglages.disque_a_part
                   and isinstance(ctx.store.emplacement, Path)
                   and _meme_disque(ctx, dossier_de(ctx, reglages)))


def _rappel(etat: EtatSauvegardes, reglages: ReglagesSauvegarde, maintenant: datetime) -> str:
    if not etat.reussie_le:
        return "Aucune sauvegarde n’a encore été faite." if etat.echec or not reglages.active \
            else ""
    age = maintenant.astimezone() - datetime.fromisoformat(etat.reussie_le)
    if age < timedelta(days=reglages.rappel_jours):
        return ""
    return (f"La dernière sauvegarde a {age.days} jours. Branchez le disque de sauvegarde, ou "
            "faites une sauvegarde maintenant.")


def _meme_disque(ctx: "Contexte", dossier: Path) -> bool:
    """True when the backups are on the disk of the file, or of this workstation when the practice
    is on a server, as far as the system tells."""
    lieu = ctx.store.emplacement
    try:
        poste = lieu if isinstance(lieu, Path) else places.dossier_donnees()
        proche = dossier if dossier.exists() else dossier.parent
        return poste.stat().st_dev == proche.stat().st_dev
    except OSError:
        return False


@libre("une date")
def prochaine_due(ctx: "Contexte", maintenant: datetime | None = None) -> bool:
    """True when the scheduled backup should be made now.

    After a failure it is tried again each hour at most. A date of the future, left by a clock that
    was wrong, counts as no backup.
    """
    reglages = lire_reglages_sauvegarde(ctx)
    if not reglages.active:
        return False
    maintenant = (maintenant or datetime.now()).astimezone()
    etat = etat_sauvegardes(ctx, maintenant)
    if etat.echec_le:
        depuis = maintenant - datetime.fromisoformat(etat.echec_le)
        if timedelta(0) <= depuis < timedelta(hours=1):
            return False
    if not etat.reussie_le:
        return True
    age = maintenant - datetime.fromisoformat(etat.reussie_le)
    return age < timedelta(0) or age >= timedelta(hours=reglages.intervalle_h)
