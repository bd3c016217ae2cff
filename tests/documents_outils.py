"""Judges that nobody of this house wrote: the ANS schematrons, Apache Preflight, zxing, PDFium."""

import importlib.util
import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pypdfium2
import zxingcpp
from lxml import etree

_JAVA = Path("/usr/share/java")
_JARS = ("preflight", "pdfbox2", "xmpbox", "fontbox2", "commons-logging", "javax.activation",
         "jaxb-api")


@cache
def _kit(shared: Path) -> ModuleType:
    chemin = shared / "cda-kit" / "validate_cda.py"
    spec = importlib.util.spec_from_file_location("validate_cda", chemin)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["validate_cda"] = module
    spec.loader.exec_module(module)
    return module


@cache
def _validateur(shared: Path) -> object:
    return _kit(shared).Validator()


def erreurs_cda(shared: Path, cda: bytes, *, qualifiee: bool = False) -> list[str]:
    """Errors of the ANS chain and of the producer checks; `qualifiee` demands the INS."""
    kit, validateur = _kit(shared), _validateur(shared)
    with tempfile.NamedTemporaryFile(suffix=".xml") as fichier:
        fichier.write(cda)
        fichier.flush()
        constats, _ = validateur.validate(Path(fichier.name))  # type: ignore[attr-defined]
    constats = [*constats, *kit.plus_checks(etree.fromstring(cda), kit.KIT, qualifiee)]
    return [f"[{c.stage}] {c.location} {c.message}" for c in constats if c.level == "error"]


def preflight(dossier: Path) -> dict[str, str]:
    """Verdict of Apache Preflight on every PDF of a folder: name -> "" when valid, else why.

    An exit code of 1 with no verdict is a JVM that could not start, and raises.
    """
    chemin = ":".join(str(_JAVA / f"{jar}.jar") for jar in _JARS)
    fait = subprocess.run(
        ["java", "-cp", chemin, "org.apache.pdfbox.preflight.Validator_A1b", "xml", "batch",
         str(dossier)], capture_output=True, text=True, timeout=120, check=False)
    verdicts: dict[str, str] = {}
    for pdf in dossier.glob("*.pdf"):
        rapport = pdf.with_name(f"{pdf.name}.preflight.xml")
        assert rapport.exists(), f"Preflight gave no verdict: {fait.stderr[-2000:]}"
        texte = rapport.read_text(encoding="utf-8", errors="replace")
        verdicts[pdf.name] = "" if ">true</isValid>" in texte else " ".join(
            re.findall(r"<(?:code|details)>([^<]*)<", texte)) or texte
    return verdicts


def texte_pdf(pdf: bytes) -> str:
    """Text of all pages, blanks collapsed."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [document[n].get_textpage().get_text_range() for n in range(len(document))]
    return " ".join("\n".join(pages).replace("\ufffe", "-").replace("\x02", "-").split())


def sans_blanc(texte: str) -> str:
    """Text without any blank: lines are cut where the page ends."""
    return re.sub(r"[\s\u00a0\u202f]", "", texte)


def datamatrix_pdf(pdf: bytes, ppp: int = 200) -> list[bytes]:
    """Payload of every datamatrix of the first page, as zxing reads it on the rendered page."""
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=ppp / 72, grayscale=True).to_numpy()
    codes = zxingcpp.read_barcodes(np.ascontiguousarray(image.squeeze()),
                                   formats=zxingcpp.BarcodeFormat.DataMatrix)
    return [bytes(code.bytes) for code in codes]
