"""kill −9 at each step of a backup and of a restoration: nothing is ever lost (GEN.21.BIS)."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.store import files, restore
from app.store.engine import ouvrir
from app.store.errors import ErreurSauvegarde, FichierOccupe
from app.store.vault import chemin_coffre, ouvrir_par_secours
from app.usecases import access, backup
from app.usecases.restore import restaurer
from tests.sauvegarde_outils import MOT, Cabinet, creer
from tests.store_outils import NOM_RARE

#: More than the renames of either gesture.
ETAPES = 14


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cabinet:
    (tmp_path / "poste").mkdir()
    (tmp_path / "usb").mkdir()
    return creer(tmp_path / "poste" / "cabinet.pleiade", monkeypatch)


def _mourir_a(etape: int, geste: Callable[[], object]) -> bool:
    """Do the gesture in a process that dies before its `etape`-th rename or flush; True if it
    died."""
    enfant = os.fork()
    if enfant == 0:
        reste = [etape]

        def compter(vraie: Callable[..., object]) -> Callable[..., object]:
            def faire(*args: object, **autres: object) -> object:
                reste[0] -= 1
                if reste[0] == 0:
                    os._exit(9)
                return vraie(*args, **autres)
            return faire

        Path.rename = compter(Path.rename)  # type: ignore[method-assign,assignment]
        Path.replace = compter(Path.replace)  # type: ignore[method-assign,assignment]
        files.os.fsync = compter(os.fsync)  # type: ignore[assignment]
        code = 1
        try:
            geste()
            code = 0
        finally:
            os._exit(code)
    _, etat = os.waitpid(enfant, 0)
    assert os.waitstatus_to_exitcode(etat) in (0, 9)
    return os.waitstatus_to_exitcode(etat) == 9


def _contient(fichier: Path, cle_secours: str) -> bool:
    store = ouvrir(fichier, ouvrir_par_secours(fichier, cle_secours), creer=False)
    try:
        with store.lecture() as u:
            return bool(u.patients.chercher(NOM_RARE)) and store.verifier().bon
    finally:
        store.fermer()


@pytest.mark.attaque(
    "Arrêt brutal pendant une sauvegarde",
    tente="tuer le programme avant chaque écriture",
    constat="il ne reste que des sauvegardes entières, le cabinet est intact")
def test_a_killed_backup_leaves_only_whole_backups(cabinet: Cabinet, tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    backup.sauvegarder(cabinet.ctx, usb)
    cabinet.ctx.fermer()

    def geste() -> None:
        ctx = access.deverrouiller(cabinet.fichier, MOT)
        backup.sauvegarder(ctx, usb)
        ctx.fermer()

    mortes = 0
    for etape in range(1, ETAPES):
        mortes += _mourir_a(etape, geste)
        presentes = list(usb.glob("*.pleiade"))
        assert presentes
        for fichier in presentes:
            assert chemin_coffre(fichier).exists() and _contient(fichier, cabinet.cle_secours)
    assert mortes >= 3
    assert isinstance(cabinet.fichier, Path) and _contient(cabinet.fichier, cabinet.cle_secours)


@pytest.mark.attaque(
    "Arrêt brutal pendant une restauration",
    tente="tuer le programme avant chaque renommage",
    constat="l’ancien cabinet ou le nouveau est là, la même commande finit le travail")
def test_a_killed_restoration_loses_neither_the_old_nor_the_new(
        cabinet: Cabinet, tmp_path: Path) -> None:
    faite = backup.sauvegarder(cabinet.ctx, tmp_path / "usb").chemin
    cabinet.ctx.fermer()
    fichier = cabinet.fichier
    assert isinstance(fichier, Path)
    mortes = 0
    for etape in range(1, ETAPES):
        avant = len([p for p in fichier.parent.iterdir() if "mis-de-cote" in p.name])
        mortes += _mourir_a(etape, lambda: restaurer(faite, fichier, mot_de_passe=MOT,
                                                     mettre_de_cote=True))
        assert _contient(faite, cabinet.cle_secours)
        cotes = sorted((p for p in fichier.parent.iterdir() if "mis-de-cote" in p.name),
                       key=lambda p: p.stat().st_mtime)
        # The practice is in place, or whole in the folder just set aside and beside it.
        morceaux = {p.name for d in [fichier.parent, *cotes[avant:]] for p in d.iterdir()}
        assert {"cabinet.pleiade", "cabinet.coffre.json"} <= morceaux
        # Whatever was left, the same command ends the work.
        restaurer(faite, fichier, mot_de_passe=MOT, mettre_de_cote=True)
        assert _contient(fichier, cabinet.cle_secours)
    assert mortes >= 5


@pytest.mark.attaque(
    "Deux restaurations à la fois au même endroit",
    tente="lancer quatre programmes ensemble, deux avec une sauvegarde d’avant le changement de "
          "clé, deux avec une d’après",
    constat="une seule se fait, les autres sont refusées ; le dossier et son coffre vont ensemble")
@pytest.mark.parametrize("existe", [False, True])
def test_restorations_at_once_don_t_mix(cabinet: Cabinet, tmp_path: Path, existe: bool) -> None:
    usb = tmp_path / "usb"
    faites = [backup.sauvegarder(cabinet.ctx, usb).chemin]
    cabinet.ctx.store.changer_cle()
    faites.append(backup.sauvegarder(cabinet.ctx, usb).chemin)
    cabinet.ctx.fermer()
    vers = cabinet.fichier if existe else tmp_path / "neuf" / "cabinet.pleiade"
    assert isinstance(vers, Path)
    depart, feu = os.pipe()
    enfants = []
    for rang in range(4):
        enfant = os.fork()
        if enfant == 0:
            code = 3
            try:
                os.close(feu)
                os.read(depart, 1)  # all at the same instant
                restaurer(faites[rang % 2], vers, cle_secours=cabinet.cle_secours,
                          mettre_de_cote=existe)
                code = 0
            except (FichierOccupe, ErreurSauvegarde):
                code = 1
            finally:
                os._exit(code)
        enfants.append(enfant)
    os.close(feu)
    codes = [os.waitstatus_to_exitcode(os.waitpid(e, 0)[1]) for e in enfants]
    os.close(depart)
    assert set(codes) <= {0, 1} and 0 in codes
    assert existe or codes.count(0) == 1
    assert _contient(vers, cabinet.cle_secours)
    restes = {p.name for p in vers.parent.iterdir() if p.name.startswith(".")}
    assert restes == set()
    # Those set aside one after the other are whole too.
    for cote in vers.parent.glob("*-mis-de-cote-*"):
        assert _contient(cote / vers.name, cabinet.cle_secours)


def test_what_a_killed_restoration_left_is_swept(cabinet: Cabinet, tmp_path: Path) -> None:
    faite = backup.sauvegarder(cabinet.ctx, tmp_path / "usb").chemin
    neuf = tmp_path / "neuf"
    for nom, age in (("vieux", 7 * 3600), ("frais", 60)):
        reste = neuf / f".pleiade-restauration-{nom}"
        reste.mkdir(parents=True)
        (reste / "cabinet.pleiade").write_bytes(b"x")
        os.utime(reste, (time.time() - age,) * 2)
    restaurer(faite, neuf / "cabinet.pleiade", mot_de_passe=MOT)
    assert {p.name for p in neuf.iterdir() if p.name.startswith(".")} == {
        ".pleiade-restauration-frais"}


def test_a_practice_made_meanwhile_is_not_overwritten(
        cabinet: Cabinet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faite = backup.sauvegarder(cabinet.ctx, tmp_path / "usb").chemin
    vers = tmp_path / "neuf" / "cabinet.pleiade"
    preparer = restore._preparer

    def pendant(copie: Path, cle: bytes, nom: str) -> object:
        creer(vers, monkeypatch).ctx.fermer()
        return preparer(copie, cle, nom)

    monkeypatch.setattr(restore, "_preparer", pendant)
    with pytest.raises(ErreurSauvegarde, match="existe déjà"):
        restaurer(faite, vers, mot_de_passe=MOT)
    access.deverrouiller(vers, MOT).fermer()
    assert {p.name for p in vers.parent.iterdir() if p.name.startswith(".")} == set()
