"""Backups on real disks that fill or go away, and backups that lie about what they are."""

import os
import resource
import shutil
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.sauvegarde import ReglagesSauvegarde
from app.store import backup as depot
from app.store import places, vault
from app.store.engine import ouvrir
from app.store.errors import DisquePlein, ErreurSauvegarde, ErreurStore, FichierAbime
from app.usecases import backup
from app.usecases.errors import Refus
from app.usecases.restore import restaurer
from tests.petit_disque import espace_de_montage, sur_petit_disque
from tests.sauvegarde_outils import MOT, Cabinet, creer
from tests.store_outils import NOM_RARE

BON = 7


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cabinet:
    (tmp_path / "poste").mkdir()
    cree = creer(tmp_path / "poste" / "cabinet.pleiade", monkeypatch)
    with cree.ctx.store.ecriture() as u:
        for rang in range(6):
            u.reglages.ecrire(f"poids.{rang}", os.urandom(500_000).hex())
    return cree


def _sain(cabinet: Cabinet) -> bool:
    with cabinet.ctx.store.lecture() as u:
        return bool(u.patients.chercher(NOM_RARE)) and cabinet.ctx.store.verifier().bon


def _entieres(dossier: Path, secours: str) -> int:
    """Number of backups of a folder, each of which opens whole."""
    fichiers = list(dossier.glob("*.pleiade"))
    for fichier in fichiers:
        depot.controler(fichier, vault.ouvrir_par_secours(fichier, secours))
    return len(fichiers)


@pytest.mark.attaque("Disque de sauvegarde plein, pour de vrai",
                     tente="sauvegarder deux fois sur un disque où la seconde ne tient pas, le "
                           "contrôle préalable de la place désarmé",
                     constat="« Le disque de sauvegarde est plein » ; la première sauvegarde et le "
                             "cabinet sont entiers, aucun reste")
def test_a_real_disk_fills(cabinet: Cabinet, tmp_path: Path,
                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "_MARGE", -(1 << 40))
    usb = tmp_path / "usb"

    def geste() -> int:
        backup.sauvegarder(cabinet.ctx, usb)
        with pytest.raises(DisquePlein, match="Le disque de sauvegarde est plein"):
            backup.sauvegarder(cabinet.ctx, usb)
        assert _entieres(usb, cabinet.cle_secours) == 1 and _sain(cabinet)
        assert not list(usb.glob("*.partiel*"))
        assert "plein" in backup.etat_sauvegardes(cabinet.ctx).echec
        return BON

    taille = backup.sauvegarder(cabinet.ctx).taille
    assert sur_petit_disque(usb, taille * 3 // 2, geste) == BON


@pytest.mark.attaque("Disque du poste plein pendant une restauration, pour de vrai",
                     tente="restaurer sur un disque trop petit, avec et sans contrôle préalable",
                     constat="« Le disque est plein », rien n’apparaît")
def test_a_real_disk_fills_while_restoring(cabinet: Cabinet, tmp_path: Path,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    from app.store import restore

    faite = backup.sauvegarder(cabinet.ctx).chemin
    neuf = tmp_path / "neuf"

    def geste() -> int:
        for marge in (16 << 20, -(1 << 40)):
            monkeypatch.setattr(restore, "_MARGE", marge)
            with pytest.raises(DisquePlein, match="Rien n’a été modifié"):
                restaurer(faite, neuf / "cabinet.pleiade", cle_secours=cabinet.cle_secours)
            assert list(neuf.iterdir()) == []
        return BON

    assert sur_petit_disque(neuf, faite.stat().st_size // 2, geste) == BON


def _enfant(geste: Callable[[], int]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            code = geste()
        finally:
            if code == 99:
                import traceback

                traceback.print_exc()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.attaque("Clé USB arrachée pendant une sauvegarde",
                     tente="démonter le disque entre la copie et sa relecture",
                     constat="échec dit en français et noté au journal, le cabinet est entier ; "
                             "rebranchée, la clé reçoit la suivante")
def test_a_stick_is_torn_out(cabinet: Cabinet, tmp_path: Path,
                             monkeypatch: pytest.MonkeyPatch) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    vraie = depot.synchroniser

    def geste() -> int:
        libc = espace_de_montage()
        assert libc.mount(b"tmpfs", os.fsencode(usb), b"tmpfs", 0, b"size=64m") == 0

        def arracher(chemin: Path) -> None:
            vraie(chemin)
            assert libc.umount2(os.fsencode(usb), 2) == 0  # MNT_DETACH

        monkeypatch.setattr(depot, "synchroniser", arracher)
        with pytest.raises(ErreurSauvegarde, match="n’a pas été modifié"):
            backup.sauvegarder(cabinet.ctx, usb)
        assert _sain(cabinet) and list(usb.iterdir()) == []
        assert backup.etat_sauvegardes(cabinet.ctx).echec
        monkeypatch.setattr(depot, "synchroniser", vraie)
        assert libc.mount(b"tmpfs", os.fsencode(usb), b"tmpfs", 0, b"size=64m") == 0
        backup.sauvegarder(cabinet.ctx, usb)
        assert _entieres(usb, cabinet.cle_secours) == 1
        return BON

    assert _enfant(geste) == BON


@pytest.mark.attaque("Disque de sauvegarde débranché, son point de montage resté là",
                     tente="choisir un dossier d’un disque, démonter le disque, sauvegarder",
                     constat="« Le disque de sauvegarde n’est pas branché » : rien n’est écrit sur "
                             "le disque du poste ; rebranché, il reçoit la suivante")
def test_an_unmounted_disk_is_not_taken_for_its_mount_point(
        cabinet: Cabinet, tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()

    def geste() -> int:
        libc = espace_de_montage()

        def brancher() -> None:
            assert libc.mount(b"tmpfs", os.fsencode(usb), b"tmpfs", 0, b"size=64m") == 0

        brancher()
        backup.enregistrer_reglages_sauvegarde(
            cabinet.ctx, ReglagesSauvegarde(dossier=str(usb)))
        backup.sauvegarder(cabinet.ctx)
        assert libc.umount2(os.fsencode(usb), 0) == 0
        with pytest.raises(Refus, match="n’est pas branché"):
            backup.sauvegarde_planifiee(cabinet.ctx)
        assert list(usb.iterdir()) == []
        etat = backup.etat_sauvegardes(cabinet.ctx)
        assert "branché" in etat.echec and not etat.meme_disque
        brancher()
        backup.sauvegarder(cabinet.ctx)
        assert _entieres(usb, cabinet.cle_secours) == 1
        # Another setting changed while it is away: the folder stays on its disk.
        assert libc.umount2(os.fsencode(usb), 0) == 0
        backup.enregistrer_reglages_sauvegarde(
            cabinet.ctx, ReglagesSauvegarde(dossier=str(usb), intervalle_h=4))
        with pytest.raises(Refus, match="n’est pas branché"):
            backup.sauvegarder(cabinet.ctx)
        # Another folder, on the disk of the machine, is a choice.
        (tmp_path / "ici").mkdir()
        backup.enregistrer_reglages_sauvegarde(
            cabinet.ctx, ReglagesSauvegarde(dossier=str(tmp_path / "ici")))
        backup.sauvegarder(cabinet.ctx)
        assert backup.etat_sauvegardes(cabinet.ctx).meme_disque
        return BON

    assert _enfant(geste) == BON


@pytest.mark.attaque("Disque qui refuse d’écrire au milieu d’une sauvegarde",
                     tente="une limite du système interdit tout fichier plus grand que la moitié "
                           "du cabinet",
                     constat="échec dit en français, aucun reste, le cabinet est entier")
def test_the_system_refuses_to_write_further(cabinet: Cabinet, tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    assert isinstance(cabinet.fichier, Path)
    taille = cabinet.fichier.stat().st_size // 2
    if not taille:  # everything may still be in the log
        taille = 1 << 20

    monkeypatch.setattr(depot, "FAT_MAX", taille)

    def geste() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (taille, resource.RLIM_INFINITY))
        try:
            backup.sauvegarder(cabinet.ctx, usb)
        except ErreurStore as erreur:
            assert erreur.message.endswith(".") and "modifié" in erreur.message
            assert "FAT32" in erreur.message
        else:
            return 1
        resource.setrlimit(resource.RLIMIT_FSIZE,
                           (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert list(usb.iterdir()) == [] and _sain(cabinet)
        return BON

    assert _enfant(geste) == BON


@pytest.mark.attaque("Bombe de décompression à la place d’une sauvegarde",
                     tente="un ZIP de zéros d’un gigaoctet, un fichier creux d’un téraoctet, un "
                           "lien vers /dev/zero, nommés comme des sauvegardes, avec le vrai coffre",
                     constat="refusés avant toute écriture : rien n’est décompressé, aucune taille "
                             "annoncée n’est crue")
def test_bombs_are_refused_before_anything_is_written(cabinet: Cabinet, tmp_path: Path) -> None:
    bonne = backup.sauvegarder(cabinet.ctx).chemin
    pieges = tmp_path / "pieges"
    pieges.mkdir()
    with zipfile.ZipFile(pieges / "zip.pleiade", "w", zipfile.ZIP_DEFLATED) as archive, \
            archive.open("cabinet.pleiade", "w") as entree:
        for _ in range(64):
            entree.write(bytes(16 << 20))
    with (pieges / "creux.pleiade").open("wb") as creux:
        creux.truncate(1 << 40)
    (pieges / "zero.pleiade").symlink_to("/dev/zero")
    neuf = tmp_path / "neuf"
    for piege in sorted(pieges.glob("*.pleiade")):
        shutil.copy(places.chemin_coffre(bonne), places.chemin_coffre(piege))
        with pytest.raises(ErreurStore) as refus:
            restaurer(piege, neuf / "cabinet.pleiade", cle_secours=cabinet.cle_secours)
        assert isinstance(refus.value, FichierAbime | DisquePlein | ErreurSauvegarde), piege
        assert refus.value.message.endswith(".")
        assert not neuf.exists() or list(neuf.iterdir()) == []


@pytest.mark.attaque("Sauvegarde d’un autre cabinet sous le coffre de celui-ci",
                     tente="marier le fichier d’un cabinet et le coffre d’un autre",
                     constat="refusée : la clé n’authentifie aucune page")
def test_a_foreign_backup_under_our_vault_is_refused(
        cabinet: Cabinet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ailleurs").mkdir()
    autre = creer(tmp_path / "ailleurs" / "cabinet.pleiade", monkeypatch)
    leur = backup.sauvegarder(autre.ctx).chemin
    la_mienne = backup.sauvegarder(cabinet.ctx).chemin
    coffre = places.chemin_coffre(leur)
    coffre.chmod(0o600)
    shutil.copy(places.chemin_coffre(la_mienne), coffre)
    with pytest.raises(FichierAbime, match="abîmée"):
        restaurer(leur, tmp_path / "neuf.pleiade", mot_de_passe=MOT)
    assert not (tmp_path / "neuf.pleiade").exists()
    with pytest.raises(vault.MotDePasseRefuse):
        vault.ouvrir_par_secours(la_mienne, autre.cle_secours)
    ouvrir(autre.ctx.store.emplacement, vault.ouvrir_coffre(autre.fichier, MOT)).fermer()
