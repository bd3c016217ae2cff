"""Nothing of a patient lies in clear in anything that the program writes."""

import base64
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.cli.demo import MOT_DE_PASSE
from app.cli.serveurs import BacASable, bac_a_sable
from tests.components.poste_isole import TEXTE

PATIENT = ("ADRUN", "impasse du Moulin", "31/12/1975", "1975-12-31", "0100000005")


@contextmanager
def sur_disque() -> Iterator[Path]:
    """A folder on a disk: the child's shared memory, where other tests keep theirs, is hidden."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as dossier:
        yield Path(dossier)


@pytest.fixture(scope="module")
def bac() -> Iterator[BacASable]:
    with sur_disque() as dossier, bac_a_sable(dossier) as servers:
        yield servers


def formes(texte: str) -> Iterator[bytes]:
    """How a text may lie in a file: encodings, cases, base 64 at its three phases."""
    for variante in {texte, texte.lower(), texte.upper(), texte.title()}:
        for codage in ("utf-8", "utf-16-le", "latin-1"):
            yield variante.encode(codage)
        octets = variante.encode()
        for phase in range(3):
            codes = base64.b64encode(bytes(phase) + octets)
            # Only whole groups that depend on nothing around.
            debut = 4 if phase else 0
            if len(codes) - debut - 4 >= 8:
                yield codes[debut:-4]


def fuites(dossier: Path, cherches: list[str]) -> list[str]:
    """« file: text » for each text found in any file, name or link below a folder."""
    trouvees = []
    for chemin in sorted(dossier.rglob("*")):
        contenu = os.fsencode(chemin.name)
        if chemin.is_symlink():
            contenu += os.fsencode(chemin.readlink())
        elif chemin.is_file():
            contenu += chemin.read_bytes()
        trouvees += [f"{chemin.relative_to(dossier)} : {texte}" for texte in cherches
                     if any(forme in contenu for forme in formes(texte))]
    return trouvees


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """On a disk."""
    with sur_disque() as dossier:
        yield dossier


def test_the_search_itself_finds_what_lies_in_clear(tmp_path: Path) -> None:
    """The control: without it, finding nothing would prove nothing."""
    (tmp_path / "a.log").write_bytes(b"x" + base64.b64encode(b"zz" + TEXTE.encode() + b"zzz"))
    (tmp_path / "b.ini").write_text("nom=Adrun", encoding="utf-16")
    (tmp_path / "ADRUN.pdf").touch()
    assert {f.split(" : ")[0] for f in fuites(tmp_path, [TEXTE, "ADRUN"])} == {
        "a.log", "b.ini", "ADRUN.pdf"}


def test_the_child_can_write_nowhere_else(tmp_path: Path) -> None:
    """The other control: a file elsewhere would have been refused."""
    (tmp_path / "ici").mkdir()
    for lieu in (tmp_path / "dehors", Path("/tmp/pleiade-dehors"), Path.home() / "dehors"):
        code = ("import sys, pathlib; from tests.isolement import ecrire_seulement_dans as e; "
                "e(pathlib.Path(sys.argv[1])); pathlib.Path('dedans').touch(); "
                "pathlib.Path(sys.argv[2]).touch()")
        fait = subprocess.run([sys.executable, "-c", code, str(tmp_path / "ici"), str(lieu)],
                              capture_output=True, text=True)
        assert "Read-only file system" in fait.stderr and (tmp_path / "ici" / "dedans").exists()
        assert not lieu.exists()


@pytest.mark.attaque(
    "Chercher un patient dans tout ce que le programme a écrit",
    tente="la vraie fenêtre joue le geste principal (carte, INSi, DMP, document, envoi, "
          "sauvegarde, changement de clé) dans un espace où elle ne peut écrire que dans un "
          "dossier ; puis on y cherche nom, date, matricule, adresse, texte saisi et mot de passe, "
          "en clair, en UTF-16 et en base 64 : dossier ouvert, après un plantage, après la "
          "fermeture",
    constat="aucun fichier, journal, réglage, cache, mémoire partagée ni image mémoire ne les "
            "contient")
@pytest.mark.parametrize("fin", ["fermer", "mourir"])
def test_nothing_of_a_patient_is_in_clear_on_the_disk(
        bac: BacASable, tmp_path: Path, racine: Path, fin: str) -> None:
    import httpx

    httpx.post(f"{bac.controle}/controle/reinitialiser").raise_for_status()
    poste = tmp_path / "poste"
    for nom in ("maison", "tmp", "execution"):
        (poste / nom).mkdir(parents=True, mode=0o700)
    adresses = tmp_path / "serveurs.json"
    adresses.write_text(json.dumps({"bac": bac.bac.etat, "proxy": bac.proxy.etat}))
    environnement = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(racine), "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1", "PYTHONFAULTHANDLER": "1",
        "QT_QPA_PLATFORM": "offscreen", "HOME": str(poste / "maison"),
        "TMPDIR": str(poste / "tmp"), "XDG_RUNTIME_DIR": str(poste / "execution")}
    enfant = subprocess.Popen(
        ["sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh", sys.executable, "-m",
         "tests.components.poste_isole", str(poste), str(adresses)], env=environnement,
        cwd=poste, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert enfant.stdin is not None and enfant.stdout is not None and enfant.stderr is not None
    ligne = enfant.stdout.readline()
    if not ligne:
        pytest.fail(enfant.stderr.read()[-3000:])
    matricule = str(json.loads(ligne)["matricule"])
    assert enfant.stdout.readline() == "pret\n" and len(matricule) >= 13
    cherches = [*PATIENT, matricule, TEXTE, MOT_DE_PASSE]
    assert (poste / "cabinet.pleiade-wal").stat().st_size > 0
    assert fuites(poste, cherches) == []
    _, erreurs = enfant.communicate(fin + "\n", timeout=60)
    if fin == "mourir":
        assert enfant.returncode == -signal.SIGABRT
        assert not [p for p in poste.rglob("core*") if p.is_file()]
        assert "Fatal Python error" in erreurs
    else:
        assert enfant.returncode == 0, erreurs[-3000:]
    assert fuites(poste, cherches) == []
    assert not [t for t in cherches if t in erreurs]
    ecrits = {p.name for p in poste.rglob("*") if p.is_file()}
    assert {"cabinet.pleiade", "cabinet.coffre.json"} <= ecrits
