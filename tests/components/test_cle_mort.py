"""The key of the file is changed and the machine stops, at every step: nothing is lost."""

import os
import resource
import shutil
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.store import files, recovery, rekey, vault
from app.store.connections import ouvre
from app.store.engine import ouvrir
from app.store.errors import ErreurStore, FichierOccupe
from tests.petit_disque import sur_petit_disque
from tests.store_outils import NOM_RARE, identite

MOT = "Un mot de passe fictif 1"
ETAPES = 12


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, vault.CoffreCree]:
    monkeypatch.setattr(vault, "MEMOIRE_KIO", 64)
    fichier = tmp_path / "cabinet.pleiade"
    cree = vault.creer_coffre(fichier, MOT, "line")
    store = ouvrir(fichier, cree.cle)
    with store.ecriture() as u:
        u.patients.ajouter(identite(NOM_RARE), auteur="LINE", cause="création")
        for rang in range(12):
            u.reglages.ecrire(f"poids.{rang}", os.urandom(700_000).hex())
    store.fermer()
    return fichier, cree


def _enfant(geste: Callable[[], object]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = int(geste() or 0)  # type: ignore[call-overload]
        finally:
            os._exit(code)
    return pid


def _changer(fichier: Path) -> None:
    store = ouvrir(fichier, vault.ouvrir_coffre(fichier, MOT))
    store.changer_cle()
    store.fermer()


def _entier(fichier: Path, cle_secours: str) -> bytes:
    """Both means open the whole file; returns its key."""
    cle = vault.ouvrir_coffre(fichier, MOT)
    assert vault.ouvrir_par_secours(fichier, cle_secours) == cle
    store = ouvrir(fichier, cle, creer=False)
    try:
        with store.lecture() as u:
            assert u.patients.chercher(NOM_RARE)
            assert len(u.reglages.lire("poids.11")) == 1_400_000
        assert store.verifier().bon and store.coffre_intact()
    finally:
        store.fermer()
    # The vault keeps one key alone: nothing of the other is left beside the file.
    assert "suivant" not in vault.lire(vault.chemin_coffre(fichier))
    return cle


def _mourir_a(etape: int, geste: Callable[[], object]) -> bool:
    """Do the gesture in a process that dies before its `etape`-th write; True if it died."""
    def compte() -> None:
        reste = [etape]

        def compter(vraie: Callable[..., object]) -> Callable[..., object]:
            def faire(*args: object, **autres: object) -> object:
                reste[0] -= 1
                if reste[0] == 0:
                    os._exit(9)
                return vraie(*args, **autres)
            return faire

        Path.replace = compter(Path.replace)  # type: ignore[method-assign,assignment]
        files.os.fsync = compter(os.fsync)  # type: ignore[assignment]
        geste()

    code = os.waitstatus_to_exitcode(os.waitpid(_enfant(compte), 0)[1])
    assert code in (0, 9)
    return code == 9


@pytest.mark.attaque("Arrêt brutal pendant le remplacement de la clé de secours",
                     tente="le programme est tué avant chaque écriture du coffre",
                     constat="l’ancienne feuille ou la nouvelle ouvre, le mot de passe toujours")
def test_killed_while_the_recovery_key_is_replaced(
        cabinet: tuple[Path, vault.CoffreCree]) -> None:
    fichier, cree = cabinet
    feuilles, mortes = [cree.cle_secours], 0
    for etape in range(1, 8):
        nouvelle = recovery.ecrire(recovery.nouvelle())
        mortes += _mourir_a(etape, lambda n=nouvelle: vault.poser_secours(  # type: ignore[misc]
            fichier, cree.cle, n))
        feuilles.append(nouvelle)
        bonnes = [f for f in feuilles[-2:] if _ouvre_par(fichier, f)]
        assert len(bonnes) == 1 and vault.ouvrir_coffre(fichier, MOT) == cree.cle
        feuilles = bonnes
    assert mortes >= 4


def _ouvre_par(fichier: Path, feuille: str) -> bool:
    try:
        vault.ouvrir_par_secours(fichier, feuille)
    except vault.MotDePasseRefuse:
        return False
    return True


@pytest.mark.attaque("Arrêt brutal pendant le changement de clé, étape par étape",
                     tente="le programme est tué avant chaque écriture du coffre et du dossier",
                     constat="le dossier s’ouvre entier, par le mot de passe et par la clé de "
                             "secours, sous l’ancienne clé ou sous la nouvelle")
def test_killed_before_each_write(cabinet: tuple[Path, vault.CoffreCree]) -> None:
    fichier, cree = cabinet
    mortes = 0
    for etape in range(1, ETAPES):
        mortes += _mourir_a(etape, lambda: _changer(fichier))
        _entier(fichier, cree.cle_secours)
    assert mortes >= 6


@pytest.mark.attaque("Arrêt brutal au milieu du rechiffrement",
                     tente="le système tue le programme à l’octet près pendant que SQLCipher "
                           "réécrit les pages, à dix endroits du dossier",
                     constat="les pages déjà réécrites sont rendues à l’ancienne clé au premier "
                             "accès ; rien n’est perdu")
def test_killed_while_pages_are_written(cabinet: tuple[Path, vault.CoffreCree]) -> None:
    fichier, cree = cabinet
    journal = fichier.with_name(fichier.name + "-journal")
    taille = fichier.stat().st_size
    for part in range(1, 11):
        def geste(limite: int = taille * part // 12) -> None:
            # Writing past the limit kills at once, as kill −9 would: Python only ignores it.
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (limite, limite))
            _changer(fichier)

        assert os.waitstatus_to_exitcode(os.waitpid(_enfant(geste), 0)[1]) == -signal.SIGXFSZ
        assert journal.stat().st_size > 0  # pages were being written
        assert "suivant" in vault.lire(vault.chemin_coffre(fichier))
        assert _entier(fichier, cree.cle_secours) == cree.cle


def _essayer(fichier: Path, avant: bytes, cle_secours: str) -> int:
    """Change the key where it can't be; 5 = said, and all is there."""
    code = 0
    try:
        _changer(fichier)
    except ErreurStore as erreur:
        dit = [m in erreur.message for m in ("disque est plein", "ancienne clé reste valable")]
        code = 5 if all(dit) else 6
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert _entier(fichier, cle_secours) == avant
    return code


@pytest.mark.attaque("Disque plein pendant le changement de clé",
                     tente="un vrai disque de la taille du dossier et demie, contrôle préalable "
                           "de la place désarmé",
                     constat="« Le disque est plein », l’ancienne clé ouvre tout")
def test_the_disk_fills_while_the_key_changes(cabinet: tuple[Path, vault.CoffreCree],
                                              tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    fichier, cree = cabinet
    avant = vault.ouvrir_coffre(fichier, MOT)
    petit = tmp_path / "petit"
    monkeypatch.setattr(rekey, "_MARGE", -(1 << 40))

    def geste() -> int:
        for source in (fichier, vault.chemin_coffre(fichier)):
            shutil.copy2(source, petit / source.name)
        return _essayer(petit / fichier.name, avant, cree.cle_secours)

    assert sur_petit_disque(petit, fichier.stat().st_size * 3 // 2, geste) == 5


@pytest.mark.attaque("Disque qui refuse l’écriture pendant le changement de clé",
                     tente="le système refuse tout fichier plus grand que la moitié du dossier",
                     constat="le changement est refusé en français, l’ancienne clé ouvre tout")
def test_the_disk_refuses_while_the_key_changes(cabinet: tuple[Path, vault.CoffreCree]) -> None:
    fichier, cree = cabinet
    avant = vault.ouvrir_coffre(fichier, MOT)

    def geste() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        taille = fichier.stat().st_size // 2  # the journal wants as much as the file
        resource.setrlimit(resource.RLIMIT_FSIZE, (taille, resource.RLIM_INFINITY))
        return _essayer(fichier, avant, cree.cle_secours)

    assert os.waitstatus_to_exitcode(os.waitpid(_enfant(geste), 0)[1]) == 5
    assert _entier(fichier, cree.cle_secours) == avant


def test_a_file_open_elsewhere_keeps_its_key(cabinet: tuple[Path, vault.CoffreCree]) -> None:
    fichier, cree = cabinet
    ailleurs = ouvrir(fichier, cree.cle)
    with ailleurs.lecture() as u:
        u.reglages.lire("poids.1")
        with pytest.raises(FichierOccupe, match="fermez les autres fenêtres"):
            _changer(fichier)
    ailleurs.fermer()
    assert _entier(fichier, cree.cle_secours) == cree.cle


def test_units_of_work_wait_and_find_the_new_key(
        cabinet: tuple[Path, vault.CoffreCree]) -> None:
    fichier, cree = cabinet
    store = ouvrir(fichier, cree.cle)
    fin, vus, erreurs = threading.Event(), [0], []

    def travailler() -> None:
        while not fin.is_set():
            try:
                with store.ecriture() as u:
                    u.reglages.ecrire("compte", vus[0] + 1)
                    with store.lecture() as dedans:  # a unit inside a unit must never be stuck
                        dedans.reglages.lire("poids.1")
                vus[0] += 1
            except ErreurStore as erreur:
                erreurs.append(erreur)

    fil = threading.Thread(target=travailler)
    fil.start()
    for _ in range(2):
        store.changer_cle()
    fin.set()
    fil.join(30)
    with store.lecture() as u:
        assert u.reglages.lire("compte") == vus[0] > 0
    assert erreurs == []
    store.fermer()
    assert not ouvre(fichier, cree.cle)
    _entier(fichier, cree.cle_secours)
