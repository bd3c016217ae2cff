"""The key store of a real desktop session: gnome-keyring on a bus of its own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import vault
from tests.sauvegarde_outils import MOT, creer

_SCRIPT = """
echo -n essai | gnome-keyring-daemon --unlock --components=secrets >/dev/null
P="$PYTHON -m app"
$P cles etat --json
$P cles poste activer --json
$P cles etat --json
$P cles changer --json
$PYTHON -c 'if True:
    import json, os, pathlib
    from app.usecases import access
    dossier = pathlib.Path(os.environ["PLEIADE_DOSSIER"])
    ctx = access.deverrouiller_par_trousseau(dossier)
    print(json.dumps({"qui": ctx.qui})); ctx.fermer()'
$P cles poste retirer --json
$P cles etat --json
"""


@pytest.fixture
def environnement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                  racine: Path) -> Iterator[dict[str, str]]:
    cabinet = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    cabinet.ctx.fermer()
    (tmp_path / "maison").mkdir(mode=0o700)
    # Sockets live there: their path is 107 characters at most.
    with tempfile.TemporaryDirectory(dir="/tmp") as execution:
        yield {"PATH": os.environ["PATH"], "PYTHON": sys.executable, "PYTHONPATH": str(racine),
               "HOME": str(tmp_path / "maison"), "XDG_RUNTIME_DIR": execution,
               "PLEIADE_DOSSIER": str(tmp_path / "cabinet.pleiade"), "PLEIADE_MOT_DE_PASSE": MOT,
               "LC_ALL": "C.UTF-8"}


@pytest.mark.attaque(
    "Fichiers du trousseau de clés volés avec le dossier",
    tente="chercher la clé du dossier dans tout ce que gnome-keyring a écrit sur le disque",
    constat="elle n’y est sous aucune forme : le trousseau ne garde qu’un secret, chiffré par la "
            "session, qui n’ouvre rien sans le coffre")
def test_a_real_key_store_opens_the_practice_and_writes_nothing_in_clear(
        environnement: dict[str, str], tmp_path: Path) -> None:
    fait = subprocess.run(["dbus-run-session", "--", "sh", "-ec", _SCRIPT], env=environnement,
                          cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert fait.returncode == 0, fait.stderr
    avant, active, pendant, change, ouvert, retire, apres = (
        json.loads(bloc) for bloc in _objets(fait.stdout))
    assert avant["trousseau"] == "le trousseau de clés de la session"
    assert not avant["trousseau_actif"] and active["fait"] and pendant["trousseau_actif"]
    assert change["fait"] and "LINE" in ouvert["qui"]
    assert retire["fait"] and not apres["trousseau_actif"] and apres["coffre_intact"]
    cle = vault.ouvrir_coffre(tmp_path / "cabinet.pleiade", MOT)
    ecrit = [p for p in (tmp_path / "maison").rglob("*") if p.is_file()]
    assert ecrit
    for fichier in ecrit:
        contenu = fichier.read_bytes()
        assert cle not in contenu and cle.hex().encode() not in contenu


def _objets(texte: str) -> list[str]:
    """The JSON objects that the commands wrote one after the other."""
    lecteur, reste, objets = json.JSONDecoder(), texte.strip(), []
    while reste:
        _, fin = lecteur.raw_decode(reste)
        objets.append(reste[:fin])
        reste = reste[fin:].strip()
    return objets


def test_without_a_session_the_store_is_said_absent(
        environnement: dict[str, str], tmp_path: Path) -> None:
    commande = [sys.executable, "-m", "app", "cles"]
    etat = subprocess.run([*commande, "etat"], env=environnement, cwd=tmp_path,
                          capture_output=True, text=True, timeout=60)
    assert etat.returncode == 0 and "Trousseau de clés : aucun sur ce poste" in etat.stdout
    refus = subprocess.run([*commande, "poste", "activer"], env=environnement, cwd=tmp_path,
                           capture_output=True, text=True, timeout=60)
    assert refus.returncode == 1 and "Tapez votre mot de passe" in refus.stderr
