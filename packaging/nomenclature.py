"""The bill of materials of the program, in CycloneDX 1.6 (SC.SSI/GEN.20).

    python packaging/nomenclature.py SORTIE.cdx.json

Sources: the hashed lock `requirements/runtime.txt` (what is installed, and by which digests), the
licences that the installed packages declare, the versions of the native libraries that they carry
(asked of each), and the reference data of `resources/`. The same tree gives the same file.
"""

import importlib.metadata as metadonnees
import json
import re
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RACINE = Path(__file__).resolve().parents[1]
VERROU = RACINE / "requirements" / "runtime.txt"
_LIGNE = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")
_ESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")

#: Licences that the package doesn't declare as SPDX, read in its own licence file.
LICENCES = {
    "authlib": "BSD-3-Clause", "backports-tarfile": "MIT", "certifi": "MPL-2.0",
    # The binding, and the Hunspell that it carries.
    "chunspell": "MIT AND (MPL-1.1 OR GPL-2.0-or-later OR LGPL-2.1-or-later)",
    # Its wheels carry FFmpeg.
    "opencv-python-headless": "Apache-2.0 AND LGPL-2.1-or-later",
    # Each file says which: public domain, or BSD.
    "pycryptodomex": "BSD-2-Clause",
    "jaraco-classes": "MIT", "pypdfium2": "BSD-3-Clause OR Apache-2.0",
    "pyscard": "LGPL-2.1-or-later", "pywin32-ctypes": "BSD-3-Clause", "reportlab": "BSD-3-Clause",
    "signxml": "Apache-2.0", "sqlcipher3": "Zlib", "tzdata": "Apache-2.0",
}


@dataclass(frozen=True, slots=True)
class Verrouillee:
    """One line of the lock. `condition`: environment marker, "" = everywhere."""

    nom: str
    version: str
    condition: str
    empreintes: tuple[str, ...]


def lire_verrou(fichier: Path = VERROU) -> list[Verrouillee]:
    """Packages of a hashed lock."""
    lues: list[Verrouillee] = []
    for ligne in fichier.read_text(encoding="utf-8").splitlines():
        texte = ligne.strip()
        if texte.startswith("--hash=sha256:") and lues:
            derniere = lues[-1]
            empreinte = texte.removeprefix("--hash=sha256:").rstrip(" \\")
            lues[-1] = Verrouillee(derniere.nom, derniere.version, derniere.condition,
                                   (*derniere.empreintes, empreinte))
        elif (forme := _LIGNE.match(ligne)) is not None:
            lues.append(Verrouillee(forme[1].lower(), forme[2], forme[3] or "", ()))
    return lues


def licence(nom: str) -> str:
    """SPDX expression of a package, "" when nobody declares it."""
    if nom in LICENCES:
        return LICENCES[nom]
    try:
        declare = metadonnees.metadata(nom)
    except metadonnees.PackageNotFoundError:
        return ""
    texte = str(declare.get("License-Expression") or declare.get("License") or "").strip()
    return texte if len(texte) < 80 else ""


def _sqlcipher() -> Iterator[tuple[str, str, str]]:
    from sqlcipher3 import dbapi2

    connexion = dbapi2.connect(":memory:")
    version = connexion.execute("PRAGMA cipher_version").fetchone()[0].split()[0]
    connexion.close()
    yield "SQLCipher", version, "BSD-3-Clause"
    yield "SQLite", dbapi2.sqlite_version, "blessing"


def _lxml() -> Iterator[tuple[str, str, str]]:
    from lxml import etree

    for nom, version in (("libxml2", etree.LIBXML_VERSION), ("libxslt", etree.LIBXSLT_VERSION)):
        yield nom, ".".join(map(str, version)), "MIT"


def _cryptography() -> Iterator[tuple[str, str, str]]:
    from cryptography.hazmat.backends.openssl import backend

    yield "OpenSSL", backend.openssl_version_text().split()[1], "Apache-2.0"


def _pikepdf() -> Iterator[tuple[str, str, str]]:
    import pikepdf

    yield "qpdf", pikepdf.__libqpdf_version__, "Apache-2.0"


def _pdfium() -> Iterator[tuple[str, str, str]]:
    import pypdfium2

    yield "PDFium", str(pypdfium2.PDFIUM_INFO).split("@")[0], "BSD-3-Clause"


def _pillow() -> Iterator[tuple[str, str, str]]:
    from PIL import features

    for nom, cle, permis in (("libjpeg-turbo", "libjpeg_turbo", "BSD-3-Clause"),
                             ("zlib-ng", "zlib_ng", "Zlib"), ("libtiff", "libtiff", "libtiff"),
                             ("FreeType", "freetype2", "FTL"), ("libwebp", "webp", "BSD-3-Clause"),
                             ("Little CMS", "littlecms2", "MIT")):
        version = features.version(cle)
        if version:
            yield nom, version, permis


def _qt() -> Iterator[tuple[str, str, str]]:
    from PySide6.QtCore import qVersion

    yield "Qt", qVersion(), "LGPL-3.0-only"


def _libpq() -> Iterator[tuple[str, str, str]]:
    from psycopg import pq

    yield "libpq", f"{pq.version() // 10000}.{pq.version() % 10000}", "PostgreSQL"


#: Package -> native libraries inside its wheel: the ones that security bulletins name.
NATIVES: dict[str, Callable[[], Iterator[tuple[str, str, str]]]] = {
    "sqlcipher3": _sqlcipher, "lxml": _lxml, "cryptography": _cryptography, "pikepdf": _pikepdf,
    "pypdfium2": _pdfium, "pillow": _pillow, "pyside6-essentials": _qt, "psycopg-binary": _libpq,
}


def _licences(expression: str) -> list[dict[str, Any]]:
    return [{"expression": expression}] if expression else []


def _composant(p: Verrouillee) -> dict[str, Any]:
    purl = f"pkg:pypi/{p.nom}@{p.version}"
    composant: dict[str, Any] = {
        "type": "library", "bom-ref": purl, "name": p.nom, "version": p.version, "purl": purl,
        "licenses": _licences(licence(p.nom)),
        "externalReferences": [{
            "type": "distribution", "url": f"https://pypi.org/project/{p.nom}/{p.version}/",
            "hashes": [{"alg": "SHA-256", "content": e} for e in sorted(p.empreintes)]}]}
    if p.condition:
        composant["properties"] = [{"name": "pleiade:condition", "value": p.condition}]
    if p.nom in NATIVES:
        composant["components"] = [
            {"type": "library", "bom-ref": f"{purl}#{nom}", "name": nom, "version": version,
             "licenses": _licences(permis)} for nom, version, permis in NATIVES[p.nom]()]
    return composant


def _donnees() -> Iterator[dict[str, Any]]:
    for fichier in sorted((RACINE / "resources").glob("*/reference.json")):
        for rang, fiche in enumerate(json.loads(fichier.read_text(encoding="utf-8"))):
            yield {"type": "data", "bom-ref": f"resources/{fichier.parent.name}/{rang}",
                   "name": fiche["nom"], "version": fiche["version"],
                   "description": f"Source : {fiche['source']}",
                   "licenses": [{"license": {"name": fiche["licence"]}}]}


def nomenclature() -> dict[str, Any]:
    """The whole bill."""
    from app import __version__

    verrou = lire_verrou()
    composants = [*map(_composant, verrou), *_donnees()]
    programme = f"pkg:generic/pleiade@{__version__}"
    corps = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {
            "type": "application", "bom-ref": programme, "name": "pleiade",
            "version": __version__, "licenses": _licences("AGPL-3.0-or-later")}},
        "components": composants,
        "dependencies": [{"ref": programme,
                          "dependsOn": sorted({c["bom-ref"] for c in composants})}]}
    numero = uuid.uuid5(_ESPACE, json.dumps(corps, sort_keys=True))
    return {**corps, "serialNumber": f"urn:uuid:{numero}"}


def main(arguments: list[str]) -> int:
    """Write the bill to a file, or to standard output."""
    sys.path.insert(0, str(RACINE))
    texte = json.dumps(nomenclature(), ensure_ascii=False, indent=1) + "\n"
    if arguments:
        sortie = Path(arguments[0])
        sortie.parent.mkdir(parents=True, exist_ok=True)
        sortie.write_text(texte, encoding="utf-8")
    else:
        sys.stdout.write(texte)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
