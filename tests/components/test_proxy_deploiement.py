"""What an operator installs from `docs/deploiement` runs: image, packages, unit."""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from proxy_amont import Amont

RACINE = Path(__file__).parents[2]
UNITE = RACINE / "docs" / "deploiement" / "pleiade-proxy.service"


def _image(dossier: Path) -> Path:
    """The files that the Containerfile copies into the image, as it places them."""
    texte = (RACINE / "docs" / "deploiement" / "Containerfile").read_text()
    for ligne in re.findall(r"^COPY (?!--from)(.+)$", texte, re.M):
        *sources, cible = ligne.split()
        for source in map(RACINE.joinpath, sources):
            if source.is_dir():
                shutil.copytree(source, dossier / cible, dirs_exist_ok=True,
                                ignore=shutil.ignore_patterns("__pycache__"))
            else:
                (dossier / cible).mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, dossier / cible)
    return dossier


def test_the_image_holds_all_that_the_proxy_needs(tmp_path: Path) -> None:
    """Its files alone, and of the packages installed here only those that it installs."""
    image = _image(tmp_path / "image")
    paquets = subprocess.run(
        [sys.executable, "packaging/proxy/paquets.py", "requirements/runtime.txt"], cwd=image,
        capture_output=True, text=True, check=True).stdout
    permis = {p.lower() for p in re.findall(r"^([A-Za-z0-9._-]+)==", paquets, re.M)}
    assert len(permis) > 10
    absents = [module for module, distributions in packages_distributions().items()
               if module != "app" and not permis & {
                   d.lower().replace("_", "-") for d in distributions}]
    assert "PySide6" in absents
    (tmp_path / "conf").mkdir()
    config = Amont(tmp_path / "conf").ecrire_config()
    lance = (f"import sys; sys.modules.update(dict.fromkeys({absents!r}))\n"
             "import app; from app.__main__ import main; print(app.__file__)\n"
             f"sys.exit(main(['proxy', '--config', {str(config)!r}, '--verifier']))")
    fini = subprocess.run([sys.executable, "-c", lance], cwd=image, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(image)})
    assert fini.returncode == 0, fini.stderr
    ou, correcte = fini.stdout.splitlines()
    assert correcte == "Configuration correcte." and ou.startswith(str(image))


def test_the_unit_is_one(tmp_path: Path) -> None:
    """Nothing that systemd doesn't understand; the exposure that the page claims."""
    unite = tmp_path / UNITE.name
    # The program isn't installed on this machine.
    unite.write_text(UNITE.read_text().replace("/opt/pleiade/.venv/bin/python", sys.executable))
    verifie = subprocess.run(["systemd-analyze", "verify", str(unite)], capture_output=True,
                             text=True)
    assert UNITE.name not in verifie.stderr, verifie.stderr
    note = subprocess.run(["systemd-analyze", "security", "--offline=true", str(unite)],
                          capture_output=True, text=True).stdout
    page = (UNITE.parent / "proxy.md").read_text()
    trouve = re.search(r"Overall exposure level.*: ([0-9.]+)", note)
    assert trouve and trouve[1].replace(".", ",") in page


def test_the_secrets_of_the_unit_are_made_by_the_page() -> None:
    """A credential that the page doesn't put there would keep the service from starting."""
    page = (UNITE.parent / "proxy.md").read_text()
    installation = page.partition("## Sur une machine")[2].partition("## ")[0]
    secrets = re.findall(r"^LoadCredential=([^:]+):", UNITE.read_text(), re.M)
    commandes = installation.partition("```")[2].partition("```")[0]
    assert secrets and all(nom in commandes for nom in secrets)
