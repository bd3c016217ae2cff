"""Show a document with its producer's own style sheet, without trusting it (`spec/cda.md` §1.6).

The sheet is a program of somebody else. It runs in libxslt with every right denied (no file, no
network, nothing written), without import, include nor document(); its result is cleaned. It may
still loop: callers run it in the worker process, with a deadline after which that process ends.
"""

import re
from dataclasses import dataclass

from lxml import etree

from app.documents.assainir import assainir
from app.documents.cda_lecture import localiser
from app.documents.illisible import DocumentIllisible
from app.documents.lu import Emballage
from app.documents.xml_sur import analyser

#: Seconds that a sheet may take.
DELAI_S = 8.0
#: Characters of HTML kept; beyond, the sheet is held to be mad.
TAILLE_MAX = 8_000_000
_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_NS = "urn:pleiade:xslt"
#: No file, no network, nothing written.
_AUCUN_DROIT = etree.XSLTAccessControl.DENY_ALL  # type: ignore[attr-defined]
_DOCUMENT = re.compile(r"(?<![\w:.-])document\s*\(")
#: Namespaces of extensions that libexslt implements: pure functions of their arguments.
_EXTENSIONS = frozenset({f"http://exslt.org/{nom}" for nom in (
    "common", "strings", "sets", "math", "dates-and-times", "regular-expressions",
    "functions")} | {""})


@dataclass(frozen=True, slots=True)
class Presentation:
    """The page made by the sheet, or the French sentence that says why there is none."""

    html: str = ""
    raison: str = ""
    remarque: str = ""


def a_une_feuille(emballage: Emballage, feuille_de_style: str) -> bool:
    """True when the document refers to a sheet of its producer, delivered or not."""
    return emballage is Emballage.AUTO_PRESENTABLE or bool(feuille_de_style.strip("# "))


def presenter(cda: bytes, feuille: bytes | None) -> Presentation:
    """Run the producer's sheet on its document.

    Args:
        cda: the file as it came, auto-presentable or not.
        feuille: the separate sheet that was delivered with it; None without one.

    Raises:
        DocumentIllisible: the document itself can't be parsed.
    """
    localise = localiser(cda)
    if localise.emballage is Emballage.AUTO_PRESENTABLE:
        source, programme = localise.xml.racine, analyser(cda).racine
    elif feuille is None:
        nom = localise.xml.feuille_de_style.rpartition("/")[2]
        return Presentation(raison=(
            f"La feuille de style du producteur («\u00a0{nom[:80]}\u00a0») n’est pas arrivée avec "
            "le document. La vue structurée de Pléiade la remplace." if nom.strip("#") else
            "Le producteur n’a pas joint de feuille de style à ce document."))
    else:
        try:
            programme = analyser(feuille).racine
        except DocumentIllisible:
            return Presentation(raison="La feuille de style du producteur est illisible. La vue "
                                       "structurée de Pléiade la remplace.")
        # Signed documents: the sheet expects the ClinicalDocument at the root.
        source = localise.element
    if refus := _refus(programme):
        return Presentation(raison=refus)
    programme, sans_fichier = _sans_document(programme)
    try:
        transformation = etree.XSLT(
            programme, access_control=_AUCUN_DROIT,
            extensions={(_NS, "document"): _rien})
        page = bytes(transformation(etree.ElementTree(source)))
    except (etree.XSLTError, etree.XPathError, ValueError):
        # The text of libxslt may quote the content: it goes nowhere.
        return Presentation(raison="La feuille de style du producteur contient une erreur ou "
                                   "demande ce qui est interdit. La vue structurée de Pléiade la "
                                   "remplace.")
    if len(page) > TAILLE_MAX:
        return Presentation(raison="La feuille de style du producteur donne une page trop grande.")
    if not page.strip():
        return Presentation(raison="La feuille de style du producteur ne donne aucune page.")
    html, coupe = assainir(page)
    remarques = []
    if sans_fichier:
        remarques.append("Cette feuille de style demande des fichiers qui ne sont pas arrivés "
                         "avec le document\u00a0: des libellés peuvent manquer.")
    if coupe:
        remarques.append("La fin du document n’est pas affichée\u00a0: il est trop grand.")
    return Presentation(html, remarque=" ".join(remarques))


def _rien(contexte: object, *arguments: object) -> list[object]:
    """document() of a sheet: there is never anything to read."""
    del contexte, arguments
    return []


def _refus(programme: etree._Element) -> str:
    """French reason why this sheet isn't run; empty when it may be."""
    if programme.tag not in (_XSL + "stylesheet", _XSL + "transform"):
        return "Le fichier joint par le producteur n’est pas une feuille de style XSLT."
    if not str(programme.get("version", "1.0")).startswith("1"):
        return ("La feuille de style du producteur est écrite en XSLT "
                f"{str(programme.get('version'))[:5]}, que Pléiade n’exécute pas. La vue "
                "structurée de Pléiade la remplace.")
    for element in programme.iter(_XSL + "import", _XSL + "include"):
        del element
        return ("La feuille de style du producteur en appelle d’autres, qui ne sont pas arrivées "
                "avec le document. La vue structurée de Pléiade la remplace.")
    permis = _EXTENSIONS
    prefixes = str(programme.get("extension-element-prefixes", "")).split()
    if any(programme.nsmap.get(p) not in permis for p in prefixes):
        return ("La feuille de style du producteur demande une extension que Pléiade n’exécute "
                "pas.")
    return ""


def _sans_document(programme: etree._Element) -> tuple[etree._Element, bool]:
    """The same sheet whose document() finds nothing, instead of failing; True when it had one."""
    espaces: dict[str | None, str] = {**programme.nsmap, "pleiade": _NS}
    copie = etree.Element(programme.tag, {str(c): str(v) for c, v in programme.attrib.items()},
                          nsmap=espaces)  # type: ignore[arg-type]
    copie.text = programme.text
    for fils in list(programme):
        copie.append(fils)
    trouve = False
    for element in copie.iter(etree.Element):
        for nom, valeur in element.attrib.items():
            neuve = _DOCUMENT.sub("pleiade:document(", str(valeur))
            if neuve != valeur:
                element.set(nom, neuve)
                trouve = True
    return copie, trouve
