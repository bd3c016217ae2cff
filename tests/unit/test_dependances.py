"""What the program is made of: locked, licensed, listed (SC.SSI/GEN.20)."""

import ast
import hashlib
import importlib.metadata as metadonnees
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from license_expression import AND, OR, LicenseSymbol, get_spdx_licensing

from app import livraison

#: SPDX licences that a program under AGPL-3.0-or-later may contain. Apache-2.0 and MPL-2.0 are
#: compatible with version 3 of the GNU licences; GPL-3.0-only may be combined (§13 of both).
COMPATIBLES = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "GPL-2.0-or-later",
    "GPL-3.0-only", "ISC", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT",
    "MIT-0", "MIT-CMU",
    "MPL-2.0", "PSF-2.0", "Zlib", "blessing", "PostgreSQL", "libtiff", "FTL"}
#: Licences of data, in French as the reference files say them.
DONNEES = {"Donnée publique", "Données publiques", "Licence Ouverte 2.0", "Spécification publique",
           "Données fictives", "Textes officiels", "SIL Open Font License 1.1", "MIT",
           "AGPL-3.0 ou ultérieure", "AGPL-3.0", "CC BY-SA 4.0", "MPL 2.0"}
#: Module -> distribution, where the metadata of the package doesn't say it.
MODULES = {"smartcard": "pyscard", "zxingcpp": "zxing-cpp", "PIL": "pillow",
           "PySide6": "pyside6-essentials", "shiboken6": "shiboken6",
           "cv2": "opencv-python-headless", "pkcs11": "python-pkcs11"}


@pytest.fixture(scope="module")
def outil(racine: Path) -> ModuleType:
    fiche = importlib.util.spec_from_file_location("nomenclature",
                                                   racine / "packaging/nomenclature.py")
    assert fiche is not None and fiche.loader is not None
    module = importlib.util.module_from_spec(fiche)
    sys.modules["nomenclature"] = module
    fiche.loader.exec_module(module)
    return module


def compatible(noeud: object) -> bool:
    """One side of an OR is enough, every side of an AND is needed."""
    if isinstance(noeud, LicenseSymbol):
        return noeud.key in COMPATIBLES
    if isinstance(noeud, OR):
        return any(compatible(n) for n in noeud.args)
    return isinstance(noeud, AND) and all(compatible(n) for n in noeud.args)


def expression_bonne(texte: str) -> bool:
    """A known SPDX expression that AGPL-3.0-or-later accepts."""
    spdx = get_spdx_licensing()
    return bool(texte) and not spdx.unknown_license_keys(texte) and compatible(spdx.parse(texte))


def test_the_judge_knows_good_from_bad() -> None:
    """The control of the next test."""
    for bonne in ("MIT", "Apache-2.0 OR BSD-2-Clause", "GPL-2.0-only OR LGPL-3.0-only"):
        assert expression_bonne(bonne), bonne
    for mauvaise in ("", "Proprietary", "GPL-2.0-only", "MIT AND SSPL-1.0", "CC-BY-NC-4.0"):
        assert not expression_bonne(mauvaise), mauvaise


def test_every_dependency_has_a_licence_that_ours_accepts(outil: ModuleType) -> None:
    fautives = {p.nom: outil.licence(p.nom) for p in outil.lire_verrou()
                if not expression_bonne(outil.licence(p.nom))}
    assert fautives == {}


def test_locks_are_hashed_and_name_no_index(outil: ModuleType, racine: Path) -> None:
    for nom in ("runtime", "dev"):
        fichier = racine / "requirements" / f"{nom}.txt"
        verrou = outil.lire_verrou(fichier)
        assert len(verrou) > 40
        assert [p.nom for p in verrou
                if not p.empreintes or any(len(e) != 64 for e in p.empreintes)] == []
        assert not re.search(r"^\s*(--(extra-)?index-url|--find-links)|https?://|@ file",
                             fichier.read_text(), re.MULTILINE)
    assert {(p.nom, p.version) for p in outil.lire_verrou()} <= {
        (p.nom, p.version) for p in outil.lire_verrou(racine / "requirements" / "dev.txt")}


def test_what_is_installed_is_what_is_locked(outil: ModuleType) -> None:
    ecarts = {}
    for p in outil.lire_verrou():
        if p.condition:
            continue  # another system, or another Python
        ici = metadonnees.version(p.nom)
        if ici != p.version:
            ecarts[p.nom] = (p.version, ici)
    assert ecarts == {}


def test_the_program_imports_only_what_is_declared(outil: ModuleType, racine: Path) -> None:
    """A module that comes along by chance, through another package, would vanish one day."""
    declares = {re.split(r"[\[=<>! ]", ligne)[0].lower() for ligne in
                (racine / "requirements" / "runtime.in").read_text().splitlines()
                if ligne.strip() and not ligne.startswith("#")}
    paquets = metadonnees.packages_distributions()
    inconnus = set()
    for fichier in (racine / "app").rglob("*.py"):
        for noeud in ast.walk(ast.parse(fichier.read_text(encoding="utf-8"))):
            noms = ([a.name for a in noeud.names] if isinstance(noeud, ast.Import) else
                    [noeud.module or ""] if isinstance(noeud, ast.ImportFrom)
                    and not noeud.level else [])
            for nom in {n.split(".")[0] for n in noms} - {"app", "tests"}:
                if nom in sys.stdlib_module_names or nom == "_typeshed":  # for mypy alone
                    continue
                distributions = {MODULES[nom]} if nom in MODULES else {
                    d.lower().replace("_", "-") for d in paquets.get(nom, [])}
                if distributions.isdisjoint(declares):
                    inconnus.add((nom, fichier.relative_to(racine).as_posix()))
    assert inconnus == set()


def test_the_bill_of_materials_is_valid_and_whole(outil: ModuleType, tmp_path: Path) -> None:
    sortie = tmp_path / "dist" / "pleiade.cdx.json"
    assert outil.main([str(sortie)]) == 0
    texte = sortie.read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(texte) is None
    bom = json.loads(texte)
    par_nom = {(c["name"], c["version"]): c for c in bom["components"]}
    for p in outil.lire_verrou():
        composant = par_nom[p.nom, p.version]
        assert composant["licenses"], p.nom
        assert len(composant["externalReferences"][0]["hashes"]) == len(p.empreintes)
    natives = {n["name"]: n["version"] for c in bom["components"] for n in c.get("components", [])}
    assert {"SQLCipher", "SQLite", "OpenSSL", "Qt", "PDFium", "qpdf", "libxml2", "libpq"} <= set(
        natives) and all(re.match(r"\d", v) for v in natives.values())
    for c in bom["components"]:
        for n in c.get("components", []):
            assert expression_bonne(n["licenses"][0]["expression"]), n["name"]
    donnees = [c for c in bom["components"] if c["type"] == "data"]
    assert len(donnees) >= 8
    assert {c["licenses"][0]["license"]["name"] for c in donnees} <= DONNEES
    # The same tree gives the same bill.
    assert outil.nomenclature() == bom


def test_a_version_carries_its_bill_its_matrix_and_its_signature(racine: Path,
                                                                tmp_path: Path) -> None:
    """Sources, bill, matrix and digests agree; the program accepts the signature; a tree with
    changes is refused, a matrix of another commit isn't joined."""
    depot = tmp_path / "depot"
    git = ["git", "-c", "user.name=Test", "-c", "user.email=test@exemple.fr"]
    for dossier in ("app", "packaging/livraison", "resources/livraison", ".venv/bin", "dist"):
        (depot / dossier).mkdir(parents=True)
    (depot / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (depot / "app" / "__init__.py").write_text('__version__ = "9.8.7"\n')
    for nom in ("livraison.sh", "livraison/signer.py"):
        shutil.copy(racine / "packaging" / nom, depot / "packaging" / nom)
    # The real script, judged above, in the place of this small repository's.
    (depot / "packaging" / "nomenclature.py").write_text(
        "import sys\nopen(sys.argv[1], 'w').write('{\"bomFormat\": \"CycloneDX\"}')\n")
    cle = tmp_path / "cle.pem"
    secret = {**os.environ, "PLEIADE_CLE_SIGNATURE": str(cle),
              "PLEIADE_CLE_SIGNATURE_MOT": "un mot de passe fictif"}
    secret.pop("PYTHONPATH", None)

    def lancer(*ordre: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(ordre, cwd=depot, check=False, capture_output=True, text=True,
                              env=env)

    fait = lancer(sys.executable, "packaging/livraison/signer.py", "creer", str(cle), env=secret)
    ligne = fait.stdout.splitlines()[-1]
    (depot / "resources" / "livraison" / "cles.csv").write_text(
        f"cle;depuis;jusqu_au;note\n{ligne}\n")
    for ordre in (["init", "-q"], ["add", "app", "packaging", "resources"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *ordre], cwd=depot, check=True)

    fait = lancer("sh", "packaging/livraison.sh")
    assert fait.returncode == 0, fait.stderr
    assert "NON SIGNÉE" in fait.stderr and "SANS MATRICE" in fait.stderr
    commit = lancer("git", "rev-parse", "HEAD").stdout
    for suffixe, contenu in (("json", "{}"), ("csv", ""), ("html", ""), ("commit", commit)):
        (depot / "dist" / f"matrice.{suffixe}").write_text(contenu)
    fait = lancer("sh", "packaging/livraison.sh", env=secret)
    assert (fait.returncode, fait.stderr) == (0, "")
    dits = dict(reversed(ligne.split()) for ligne in
                (depot / "dist" / "pleiade-9.8.7.sha256").read_text().splitlines())
    assert set(dits) == {f"pleiade-9.8.7.{x}" for x in (
        "zip", "cdx.json", "matrice.json", "matrice.csv", "matrice.html")}
    cles = livraison.cles_connues(depot / "resources" / "livraison" / "cles.csv")
    for nom, empreinte in dits.items():
        assert hashlib.sha256((depot / "dist" / nom).read_bytes()).hexdigest() == empreinte
        assert livraison.verifier(depot / "dist" / nom, cles).version == "9.8.7"
    with zipfile.ZipFile(depot / "dist" / "pleiade-9.8.7.zip") as archive:
        assert "pleiade-9.8.7/app/__init__.py" in archive.namelist()
    (depot / "dist" / "matrice.commit").write_text("un autre\n")
    assert "SANS MATRICE" in lancer("sh", "packaging/livraison.sh", env=secret).stderr
    (depot / "app" / "__init__.py").write_text('__version__ = "9.8.8"\n')
    assert lancer("sh", "packaging/livraison.sh").returncode == 1
