"""Backup and restore of a practice: rotation, refusals, attacks, fresh machine (GEN.21.BIS)."""

import errno
import json
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from app.__main__ import main
from app.domain.outbox import Destination
from app.domain.rotation import a_garder
from app.domain.sauvegarde import EtatSauvegardes, ReglagesSauvegarde
from app.store import backup as depot
from app.store import files, vault
from app.store import restore as depot_restauration
from app.store.engine import ouvrir
from app.store.errors import (
    DisquePlein,
    ErreurSauvegarde,
    ErreurStore,
    FichierAbime,
    FichierOccupe,
)
from app.usecases import access, backup
from app.usecases.errors import Refus
from app.usecases.planificateur import Planificateur
from app.usecases.restore import restaurer
from tests.sauvegarde_outils import MOT, Cabinet, creer
from tests.store_outils import NOM_RARE, fiche


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT)
    (tmp_path / "poste").mkdir()
    cree = creer(tmp_path / "poste" / "cabinet.pleiade", monkeypatch)
    yield cree
    cree.ctx.fermer()


@pytest.fixture
def cle_usb(tmp_path: Path) -> Path:
    dossier = tmp_path / "usb"
    dossier.mkdir()
    return dossier


def _photo(dossier: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in dossier.iterdir() if p.is_file()}


def test_rotation_keeps_days_weeks_and_months() -> None:
    jour = datetime(2026, 11, 21, 12)
    moments = [jour - timedelta(days=n, hours=h) for n in range(400) for h in (0, 5)]
    gardes = a_garder(moments, jours=7, semaines=4, mois=12)
    assert sorted(gardes, reverse=True)[:7] == [
        jour - timedelta(days=n) for n in range(7)]
    assert 12 + 7 <= len(gardes) <= 12 + 7 + 4
    assert len({m.strftime("%Y-%m") for m in gardes}) == 12
    assert a_garder([jour], jours=0, semaines=0, mois=0) == {jour}
    assert a_garder([], jours=7, semaines=4, mois=12) == set()


def test_rotation_does_not_count_days_without_a_backup() -> None:
    moments = [datetime(2026, 1, 1) + timedelta(days=30 * n) for n in range(7)]
    assert a_garder(moments, jours=7, semaines=0, mois=0) == set(moments)


def test_a_backup_restores_on_a_fresh_machine_by_the_recovery_key_alone(
        cabinet: Cabinet, cle_usb: Path, tmp_path: Path) -> None:
    faite = backup.sauvegarder(cabinet.ctx, cle_usb)
    assert sorted(p.name for p in cle_usb.iterdir()) == sorted(
        [faite.chemin.name, faite.chemin.stem + ".coffre.json"])
    assert NOM_RARE.encode() not in faite.chemin.read_bytes()
    cabinet.ctx.fermer()
    shutil.rmtree(tmp_path / "poste")  # the laptop is stolen
    neuf = tmp_path / "neuf" / "cabinet.pleiade"
    rendu = restaurer(faite.chemin, neuf, cle_secours=cabinet.cle_secours)
    assert rendu.rapport.bon and rendu.mis_de_cote is None
    assert sorted(p.name for p in neuf.parent.iterdir()) == [
        "cabinet.coffre.json", "cabinet.coffre.json.copie", "cabinet.pleiade"]
    ctx = access.deverrouiller(neuf, MOT)
    with ctx.store.lecture() as u:
        assert [p.nom_naissance for p in u.patients.chercher(NOM_RARE)] == [NOM_RARE]
        assert "sauvegarde.restauration" in [t.quoi for t in u.trail.lister()]
        assert u.trail.verifier_chaine().intacte
    ctx.fermer()


def test_the_backup_is_read_only_and_leaves_a_trace(cabinet: Cabinet, cle_usb: Path) -> None:
    faite = backup.sauvegarder(cabinet.ctx, cle_usb)
    assert faite.chemin.stat().st_mode & 0o777 == 0o400
    with cabinet.ctx.store.lecture() as u:
        ligne = u.trail.lister(1)[0]
    assert (ligne.quoi, ligne.resultat, ligne.detail) == ("sauvegarde", "ok", faite.chemin.name)
    etat = backup.etat_sauvegardes(cabinet.ctx)
    assert etat.chemin == str(faite.chemin) and not etat.rappel and etat.meme_disque


def test_old_backups_leave_with_their_vaults_and_only_ours(
        cabinet: Cabinet, cle_usb: Path) -> None:
    marque = vault.marque(cabinet.fichier)[:8]
    for nom in (f"pleiade-{marque}-20200101-080000", f"pleiade-{marque}-20200101-090000",
                "pleiade-00000000-20200101-080000", "photos"):
        (cle_usb / f"{nom}.pleiade").write_bytes(b"x")
        (cle_usb / f"{nom}.coffre.json").write_bytes(b"x")
    faite = backup.sauvegarder(cabinet.ctx, cle_usb)
    noms = {p.name for p in cle_usb.iterdir()}
    # The newest of that day, week and month stays: rotation counts periods that have a backup.
    assert f"pleiade-{marque}-20200101-080000.pleiade" not in noms
    assert f"pleiade-{marque}-20200101-080000.coffre.json" not in noms
    assert {f"pleiade-{marque}-20200101-090000.pleiade", "photos.pleiade",
            "pleiade-00000000-20200101-080000.pleiade", faite.chemin.name} <= noms


def test_an_unplugged_disk_is_said_and_makes_no_folder(cabinet: Cabinet, cle_usb: Path) -> None:
    backup.enregistrer_reglages_sauvegarde(
        cabinet.ctx, ReglagesSauvegarde(dossier=str(cle_usb)))
    cle_usb.rmdir()
    with pytest.raises(Refus, match="Branchez le disque"):
        backup.sauvegarder(cabinet.ctx)
    assert not cle_usb.exists()
    assert "Branchez" in backup.etat_sauvegardes(cabinet.ctx).echec


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_full_disk_or_a_torn_out_stick_leaves_the_former_backups(
        cabinet: Cabinet, cle_usb: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    backup.sauvegarder(cabinet.ctx, cle_usb)
    avant = _photo(cle_usb)

    def casser(chemin: Path) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(depot, "synchroniser", casser)
    with pytest.raises(DisquePlein if code == errno.ENOSPC else ErreurSauvegarde):
        backup.sauvegarder(cabinet.ctx, cle_usb)
    assert _photo(cle_usb) == avant
    assert backup.etat_sauvegardes(cabinet.ctx).echec
    with cabinet.ctx.store.lecture() as u:
        assert (u.trail.lister(1)[0].quoi, u.trail.lister(1)[0].resultat) == ("sauvegarde",
                                                                              "echec")


@pytest.mark.parametrize("etape", ["créer", "écrire", "renommer"])
@pytest.mark.parametrize(("code", "dit"), [
    (errno.EROFS, "refuse l’écriture"), (errno.EACCES, "refuse l’écriture"),
    (errno.EIO, "a disparu"), (errno.ESTALE, "a disparu"), (errno.EFBIG, "FAT32"),
    (errno.ENOSPC, "est plein")])
def test_what_the_disk_answers_is_said_as_it_is(
        cabinet: Cabinet, cle_usb: Path, monkeypatch: pytest.MonkeyPatch, etape: str, code: int,
        dit: str) -> None:
    """« La sauvegarde a échoué » left the nurse with nothing to do."""
    backup.sauvegarder(cabinet.ctx, cle_usb)
    avant = _photo(cle_usb)

    def refuser(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    cible = {"créer": (Path, "touch"), "écrire": (depot, "synchroniser"),
             "renommer": (Path, "replace")}[etape]
    with monkeypatch.context() as disque:
        disque.setattr(*cible, refuser)
        with pytest.raises((DisquePlein, ErreurSauvegarde), match=dit) as erreur:
            backup.sauvegarder(cabinet.ctx, cle_usb)
    assert "modifié" in erreur.value.message
    assert _photo(cle_usb) == avant
    backup.sauvegarder(cabinet.ctx, cle_usb)


def test_a_stick_that_knows_no_rights_is_good_enough(
        cabinet: Cabinet, cle_usb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAT refuses chmod; a share may refuse to flush a folder's names by ENOTSUP."""
    def refuser(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "chmod", refuser)
    faite = backup.sauvegarder(cabinet.ctx, cle_usb)
    assert backup.lister(cle_usb) == [faite]


def test_a_share_whose_folders_can_t_be_flushed_is_good_enough(
        cabinet: Cabinet, cle_usb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CIFS and some FUSE disks answer EINVAL to the flush of a folder; the file itself was."""
    vrai = os.fsync

    def fsync(descripteur: int) -> None:
        if stat.S_ISDIR(os.fstat(descripteur).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        vrai(descripteur)

    monkeypatch.setattr(os, "fsync", fsync)
    faite = backup.sauvegarder(cabinet.ctx, cle_usb)
    assert backup.lister(cle_usb) == [faite]


def test_a_vault_that_can_t_be_copied_fails_the_backup(
        cabinet: Cabinet, cle_usb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def casser(chemin: Path, contenu: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(vault, "ecrire_durablement", casser)
    with pytest.raises(DisquePlein):
        backup.sauvegarder(cabinet.ctx, cle_usb)
    assert _photo(cle_usb) == {}


def test_no_room_is_said_before_writing(cabinet: Cabinet, cle_usb: Path,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 8, 1))
    with pytest.raises(DisquePlein, match="intactes"):
        backup.sauvegarder(cabinet.ctx, cle_usb)
    faite = cle_usb / "x.pleiade"
    faite.write_bytes(b"0" * 99)
    assert _photo(cle_usb) == {"x.pleiade": b"0" * 99}


def test_what_a_killed_program_left_is_swept(cabinet: Cabinet, cle_usb: Path) -> None:
    marque = vault.marque(cabinet.fichier)[:8]
    vieux = cle_usb / f"pleiade-{marque}-20260101-080000-000.pleiade.partiel"
    frais = cle_usb / f"pleiade-{marque}-20260101-090000-000.pleiade.partiel"
    for reste in (vieux, frais):
        reste.write_bytes(b"x")
    os.utime(vieux, (0, 0))
    backup.sauvegarder(cabinet.ctx, cle_usb)
    assert not vieux.exists() and frais.exists()


def test_two_backups_of_one_instant_have_two_names(
        cabinet: Cabinet, cle_usb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock set back gives a name again: what is there isn't written over, nor removed."""
    instant = datetime(2026, 10, 25, 2, 30, 0, 999_000)

    class Horloge(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return instant if tz is None else instant.astimezone(tz)

    with monkeypatch.context() as m:
        m.setattr(backup, "datetime", Horloge)
        premiere = backup.sauvegarder(cabinet.ctx, cle_usb)
        seconde = backup.sauvegarder(cabinet.ctx, cle_usb)
        assert [s.chemin.name[17:] for s in (premiere, seconde)] == [
            "20261025-023000-999.pleiade", "20261025-023001-000.pleiade"]
        avant = _photo(cle_usb)

        def casser(chemin: Path) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        m.setattr(depot, "synchroniser", casser)
        with pytest.raises(ErreurSauvegarde):
            backup.sauvegarder(cabinet.ctx, cle_usb)
    assert _photo(cle_usb) == avant


# --- restoring ---------------------------------------------------------------------------------

@pytest.fixture
def faite(cabinet: Cabinet, cle_usb: Path) -> Path:
    return backup.sauvegarder(cabinet.ctx, cle_usb).chemin


@pytest.mark.attaque(
    "Écraser un cabinet par une sauvegarde",
    tente="restaurer sur un cabinet existant, puis ouvert",
    constat="refusé ; mis de côté entier quand on le demande")
def test_an_existing_practice_is_never_overwritten(cabinet: Cabinet, faite: Path) -> None:
    assert isinstance(cabinet.fichier, Path)
    with cabinet.ctx.store.ecriture() as u:
        u.reglages.ecrire("essai", "après la sauvegarde")
    with pytest.raises(ErreurSauvegarde, match="existe déjà"):
        restaurer(faite, cabinet.fichier, mot_de_passe=MOT)
    with pytest.raises(FichierOccupe, match="fermez Pléiade"):
        restaurer(faite, cabinet.fichier, mot_de_passe=MOT, mettre_de_cote=True)
    cabinet.ctx.fermer()
    rendu = restaurer(faite, cabinet.fichier, mot_de_passe=MOT, mettre_de_cote=True)
    assert rendu.mis_de_cote is not None
    ancien = access.deverrouiller(rendu.mis_de_cote / cabinet.fichier.name, MOT)
    with ancien.store.lecture() as u:
        assert u.reglages.lire("essai") == "après la sauvegarde"
    ancien.fermer()
    nouveau = access.deverrouiller(cabinet.fichier, MOT)
    with nouveau.store.lecture() as u:
        assert u.reglages.lire("essai") is None
    nouveau.fermer()


@pytest.mark.attaque(
    "Sauvegarde altérée",
    tente="un octet changé, moitié coupée, vide, en clair, page effacée",
    constat="refusée en français, rien n’apparaît, la sauvegarde n’est pas touchée")
@pytest.mark.parametrize("degat", ["milieu", "tronquee", "vide", "clair", "zeros"])
def test_a_damaged_backup_is_refused_and_nothing_appears(
        faite: Path, tmp_path: Path, degat: str) -> None:
    octets = bytearray(faite.read_bytes())
    if degat == "milieu":
        octets[len(octets) // 2] ^= 1
    elif degat == "tronquee":
        del octets[len(octets) // 2:]
    elif degat == "vide":
        octets.clear()
    elif degat == "clair":
        octets[:16] = depot.ENTETE_CLAIR
    else:
        octets[4096:8192] = bytes(4096)
    faite.chmod(0o600)
    faite.write_bytes(octets)
    avant = faite.read_bytes()
    vers = tmp_path / "neuf" / "cabinet.pleiade"
    with pytest.raises(FichierAbime, match="Rien n’a été modifié"):
        restaurer(faite, vers, mot_de_passe=MOT)
    assert list(vers.parent.iterdir()) == [] and faite.read_bytes() == avant


@pytest.mark.attaque(
    "Coffre de sauvegarde forgé",
    tente="un coffre qui demande toute la mémoire, un JSON de 5 000 niveaux, un fichier géant, "
          "rien",
    constat="refusé aussitôt, rien n’apparaît")
def test_a_missing_or_forged_vault_is_said(faite: Path, tmp_path: Path) -> None:
    coffre = vault.chemin_coffre(faite)
    bon = json.loads(coffre.read_bytes())
    coffre.chmod(0o600)
    vers = tmp_path / "neuf" / "cabinet.pleiade"
    # A vault that asks for all the memory of the machine.
    bombe = json.loads(json.dumps(bon))
    bombe["enveloppes"][0]["memoire_kio"] = 1 << 30
    for contenu in (json.dumps(bombe), "{}", "[" * 5000, "x" * (2 << 20)):
        coffre.write_text(contenu)
        with pytest.raises(ErreurStore):
            restaurer(faite, vers, mot_de_passe=MOT)
    coffre.unlink()
    with pytest.raises(vault.CoffreAbime, match="copiez les deux fichiers"):
        restaurer(faite, vers, mot_de_passe=MOT)
    assert not vers.parent.exists() or not list(vers.parent.iterdir())


def test_wrong_secrets_are_refused(faite: Path, tmp_path: Path, cabinet: Cabinet) -> None:
    vers = tmp_path / "neuf.pleiade"
    with pytest.raises(vault.MotDePasseRefuse):
        restaurer(faite, vers, mot_de_passe="Un autre mot 9")
    with pytest.raises(ErreurStore, match="groupe"):
        restaurer(faite, vers, cle_secours="A" + cabinet.cle_secours[1:][::-1])
    with pytest.raises(Refus):
        restaurer(faite, vers)
    with pytest.raises(Refus, match="même fichier"):
        restaurer(faite, faite, mot_de_passe=MOT)
    assert not vers.exists()


@pytest.mark.attaque(
    "Fichier spécial à la place d’une sauvegarde",
    tente="un dossier, un tube nommé, rien",
    constat="refusé, le programme ne reste pas suspendu")
@pytest.mark.parametrize("cible", ["dossier", "fifo", "absente"])
def test_what_is_not_a_file_is_refused(faite: Path, tmp_path: Path, cible: str) -> None:
    intrus = tmp_path / "intrus.pleiade"
    if cible == "dossier":
        intrus.mkdir()
    elif cible == "fifo":
        os.mkfifo(intrus)
    with pytest.raises(ErreurSauvegarde):
        restaurer(intrus, tmp_path / "neuf.pleiade", mot_de_passe=MOT)


@pytest.mark.attaque(
    "Traversée de chemin à la restauration",
    tente="un chemin « .. » glissé dans le coffre de la sauvegarde",
    constat="rien n’est écrit hors du dossier choisi")
def test_hostile_names_inside_the_vault_write_nowhere(faite: Path, tmp_path: Path) -> None:
    coffre = vault.chemin_coffre(faite)
    coffre.chmod(0o600)
    contenu = json.loads(coffre.read_bytes())
    contenu["chemin"] = "../../ailleurs.pleiade"
    coffre.write_text(json.dumps(contenu))
    avant = set(tmp_path.rglob("*"))
    vers = tmp_path / "neuf" / "cabinet.pleiade"
    restaurer(faite, vers, mot_de_passe=MOT)
    assert {p.parent for p in set(tmp_path.rglob("*")) - avant} == {vers.parent, tmp_path}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_while_restoring_puts_the_old_practice_back(
        cabinet: Cabinet, faite: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    assert isinstance(cabinet.fichier, Path)
    cabinet.ctx.fermer()
    avant = _photo(cabinet.fichier.parent)

    def casser(chemin: Path, contenu: bytes) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(depot_restauration, "ecrire_durablement", casser)
    with pytest.raises(ErreurStore, match="Rien n’a été modifié"):
        restaurer(faite, cabinet.fichier, mot_de_passe=MOT, mettre_de_cote=True)
    apres = _photo(cabinet.fichier.parent)
    assert set(apres) == set(avant)
    access.deverrouiller(cabinet.fichier, MOT).fermer()
    assert [p for p in cabinet.fichier.parent.iterdir() if p.is_dir()] == []


def test_orders_not_sent_yet_are_asked_about_before_leaving_again(
        cabinet: Cabinet, cle_usb: Path, tmp_path: Path) -> None:
    ctx = cabinet.ctx
    with ctx.store.ecriture() as u:
        f = u.documents.ajouter(fiche(1, "1.1"), cda=b"<cda/>", pdf=b"%PDF")
        ordre = u.outbox.ajouter(Destination.DMP, f.id, 1, ctx.compte_id,
                                 "2026-01-01T00:00:00+00:00")
        assert not ordre.incertain
    vers = tmp_path / "neuf.pleiade"
    restaurer(backup.sauvegarder(ctx, cle_usb).chemin, vers, mot_de_passe=MOT)
    store = ouvrir(vers, vault.ouvrir_coffre(vers, MOT))
    with store.lecture() as u:
        assert [o.incertain for o in u.outbox.lister()] == [True]
    store.fermer()


@pytest.mark.parametrize("cle_changee", [False, True])
def test_going_back_can_itself_be_undone(cabinet: Cabinet, faite: Path, cle_changee: bool) -> None:
    """An old backup over a newer practice: the state of today is a backup like another.

    With another key since, its last lines are still in its log: they come along.
    """
    if cle_changee:
        cabinet.ctx.store.changer_cle()
    assert isinstance(cabinet.fichier, Path)
    with cabinet.ctx.store.ecriture() as u:
        u.reglages.ecrire("essai", "aujourd’hui")
    # Killed, then restored: the log was never emptied.
    poste = cabinet.fichier.parent
    garde = {p.name: p.read_bytes() for p in poste.iterdir() if p.is_file()}
    assert len(garde["cabinet.pleiade-wal"]) > 1000
    cabinet.ctx.fermer()
    for nom, octets in garde.items():
        if not nom.endswith("-shm"):
            (poste / nom).write_bytes(octets)
    rendu = restaurer(faite, cabinet.fichier, mot_de_passe=MOT, mettre_de_cote=True)
    assert rendu.mis_de_cote is not None
    retour = restaurer(rendu.mis_de_cote / cabinet.fichier.name, cabinet.fichier,
                       mot_de_passe=MOT, mettre_de_cote=True)
    assert retour.rapport.bon
    ctx = access.deverrouiller(cabinet.fichier, MOT)
    with ctx.store.lecture() as u:
        assert u.reglages.lire("essai") == "aujourd’hui"
        assert [x.detail for x in u.trail.lister() if x.quoi == "sauvegarde.restauration"] == [
            "cabinet.pleiade"]
    ctx.fermer()


# --- settings, reminders, scheduler ------------------------------------------------------------

def test_settings_are_kept_and_checked(cabinet: Cabinet, cle_usb: Path) -> None:
    voulus = ReglagesSauvegarde(intervalle_h=4, dossier=str(cle_usb), jours=3)
    backup.enregistrer_reglages_sauvegarde(cabinet.ctx, voulus)
    assert backup.lire_reglages_sauvegarde(cabinet.ctx) == voulus
    for mauvais in (replace(voulus, intervalle_h=0), replace(voulus, jours=0),
                    replace(voulus, dossier="relatif"), replace(voulus, rappel_jours=0),
                    replace(voulus, dossier=str(cle_usb / "absent"))):
        with pytest.raises(Refus):
            backup.enregistrer_reglages_sauvegarde(cabinet.ctx, mauvais)
    assert backup.lire_reglages_sauvegarde(cabinet.ctx) == voulus


def test_due_and_reminder_follow_the_clock(cabinet: Cabinet) -> None:
    ctx, maintenant = cabinet.ctx, datetime.now()
    assert backup.prochaine_due(ctx)
    backup.sauvegarder(ctx)
    assert not backup.prochaine_due(ctx, maintenant + timedelta(hours=23))
    assert backup.prochaine_due(ctx, maintenant + timedelta(hours=25))
    assert backup.prochaine_due(ctx, maintenant - timedelta(days=2))  # clock moved back
    assert not backup.etat_sauvegardes(ctx, maintenant + timedelta(days=2)).rappel
    rappel = backup.etat_sauvegardes(ctx, maintenant + timedelta(days=9)).rappel
    assert "9 jours" in rappel or "8 jours" in rappel
    assert [s.avec_coffre for s in backup.sauvegardes(ctx)] == [True]


def test_the_scheduler_backs_up_once_then_waits_after_a_failure(
        cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    etats: list[EtatSauvegardes] = []
    planificateur = Planificateur(cabinet.ctx, etats.append)

    def plein(chemin: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as m:
        m.setattr(depot, "synchroniser", plein)
        assert planificateur.un_tour()
    assert "plein" in etats[-1].echec and etats[-1].rappel
    assert not planificateur.un_tour(premier=True)  # not before an hour
    assert etats[-1].rappel
    with cabinet.ctx.store.ecriture() as u:
        u.reglages.ecrire("sauvegarde.etat", {})
    assert planificateur.un_tour()
    assert etats[-1].reussie_le and not etats[-1].echec
    assert not planificateur.un_tour()


def test_the_scheduler_s_thread_starts_and_ends(cabinet: Cabinet) -> None:
    import threading

    fait = threading.Event()
    planificateur = Planificateur(cabinet.ctx, lambda _: fait.set(), depart_s=0)
    planificateur.demarrer()
    assert fait.wait(60)
    planificateur.arreter()
    assert planificateur._fil is not None and not planificateur._fil.is_alive()


# --- commands ----------------------------------------------------------------------------------

def test_the_commands_from_end_to_end(cabinet: Cabinet, cle_usb: Path, tmp_path: Path,
                                      monkeypatch: pytest.MonkeyPatch,
                                      capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sauvegarder", "--dossier", str(cabinet.fichier), "--vers", str(cle_usb),
                 "--json"]) == 0  # while the window has the file open
    dit = json.loads(capsys.readouterr().out)
    assert dit["verifiee"] and Path(dit["coffre"]).exists()
    assert main(["verifier", dit["sauvegarde"]]) == 0
    monkeypatch.delenv("PLEIADE_MOT_DE_PASSE")
    monkeypatch.setenv("PLEIADE_CLE_SECOURS", cabinet.cle_secours)
    vers = tmp_path / "neuf" / "cabinet.pleiade"
    commande = ["restaurer", dit["sauvegarde"], "--vers", str(vers), "--cle-secours"]
    assert main([*commande, "--json"]) == 0
    capsys.readouterr()
    assert main(commande) == 1
    assert "existe déjà" in capsys.readouterr().err
    assert main([*commande, "--mettre-de-cote"]) == 0
    assert "mis de côté" in capsys.readouterr().out
    monkeypatch.delenv("PLEIADE_CLE_SECOURS")
    assert main(commande) == 2
    assert main(["restaurer", dit["sauvegarde"], "--vers", str(vers), "--json",
                 "--mot-de-passe-fichier", str(tmp_path / "absent")]) == 2


def test_files_forget_cache_only_for_files_that_exist(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        files.oublier_cache(tmp_path / "absent")
