"""The hardened XML parser: what comes from outside is hostile until it went through here.

No DTD, hence no entity of any kind; no network, no file; size, number of tags and depth bounded;
the encoding is chosen here and imposed, so that the parser never guesses.
"""

import re
from dataclasses import dataclass

from lxml import etree

from app.documents.illisible import DocumentIllisible

#: The largest XML document read, in bytes. A CDA with its PDF weighs 10 MB at most in practice.
TAILLE_MAX = 64_000_000
#: The largest number of tags: fifty times the largest document of the ANS.
BALISES_MAX = 1_000_000
#: From here a text node (a PDF in base64) may outgrow libxml2's default limit of 10 MB.
_TAILLE_ORDINAIRE = 9_500_000

#: Encodings that are supersets of ASCII: the prologue can be read as bytes in them.
_ENCODAGES = re.compile(r"utf-?8|(us-)?ascii|iso[-_]?8859[-_]\d{1,2}|latin-?[19]|windows-125\d|"
                        r"cp125\d", re.IGNORECASE)
_DECLARATION = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_FEUILLE = re.compile(r"href\s*=\s*[\"']([^\"']{0,300})[\"']")


@dataclass(frozen=True, slots=True)
class DocumentXml:
    """A parsed document. `feuille_de_style` is the href of its xml-stylesheet, or empty.

    `encodage_corrige` says that the bytes were not in the encoding they announce.
    """

    racine: etree._Element
    feuille_de_style: str = ""
    encodage_corrige: bool = False


def analyser(contenu: bytes, *, taille_max: int = TAILLE_MAX) -> DocumentXml:
    """Parse XML that nobody vouches for. Comments and processing instructions are left out.

    Raises:
        DocumentIllisible: too large, DOCTYPE present, encoding unknown, too deep, malformed.
    """
    if len(contenu) > taille_max:
        raise DocumentIllisible(
            "trop_gros", f"Document trop volumineux : plus de {taille_max // 1_000_000} Mo.")
    octets, encodage, annonce = _en_ascii_compatible(contenu)
    if octets.count(b"<") > 2 * BALISES_MAX:
        raise DocumentIllisible("trop_de_balises", "Document refusé : trop d’éléments.")
    feuille = _lire_prologue(octets)
    corrige = False
    if encodage == "utf-8" and not _est_utf8(octets):
        # Old software announces UTF-8, or nothing, and writes Latin-1.
        encodage, corrige = "windows-1252", True
    try:
        racine = etree.fromstring(octets, _analyseur(encodage, len(octets)))
    except etree.XMLSyntaxError as erreur:
        raise _refus(erreur) from None
    except (LookupError, ValueError) as erreur:
        raise DocumentIllisible("encodage_refuse",
                                f"Encodage « {annonce} » non accepté.") from erreur
    return DocumentXml(racine, feuille, corrige)


def _analyseur(encodage: str, taille: int) -> etree.XMLParser:
    """A parser for one document: parsers keep state, and must not be shared between threads."""
    return etree.XMLParser(
        encoding=encodage, resolve_entities=False, no_network=True, load_dtd=False,
        dtd_validation=False, huge_tree=taille > _TAILLE_ORDINAIRE, remove_comments=True,
        remove_pis=True, collect_ids=False)


def _en_ascii_compatible(contenu: bytes) -> tuple[bytes, str, str]:
    """Bytes whose ASCII characters are ASCII, their encoding, and the announced one."""
    for marque, nom in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"),
                        (b"<\x00?\x00", "utf-16-le"), (b"\x00<\x00?", "utf-16-be"),
                        (b"<\x00C\x00", "utf-16-le"), (b"\x00<\x00C", "utf-16-be")):
        if contenu.startswith(marque):
            try:
                texte = contenu.decode(nom).lstrip("\ufeff")
                return texte.encode("utf-8"), "utf-8", "UTF-16"
            except UnicodeError:
                raise DocumentIllisible(
                    "xml_mal_forme", "XML mal formé : encodage UTF-16 endommagé.") from None
    octets = contenu.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    declaration = _DECLARATION.match(octets)
    annonce = declaration[1].decode("ascii") if declaration else "UTF-8"
    if _ENCODAGES.fullmatch(annonce) is None:
        raise DocumentIllisible("encodage_refuse", f"Encodage « {annonce} » non accepté.")
    # A byte order mark outranks the declaration.
    if contenu.startswith(b"\xef\xbb\xbf") or annonce.lower() in {"utf-8", "utf8"}:
        return octets, "utf-8", annonce
    return octets, annonce, annonce


def _est_utf8(octets: bytes) -> bool:
    if octets.isascii():
        return True
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _lire_prologue(octets: bytes) -> str:
    """Walk what precedes the root; refuse a DOCTYPE; return the href of an xml-stylesheet."""
    place, feuille = 0, ""
    while True:
        place = octets.find(b"<", place)
        if place < 0:
            raise DocumentIllisible("xml_mal_forme", "XML mal formé : aucun élément.")
        if octets.startswith(b"<?", place):
            fin = octets.find(b"?>", place)
            instruction = octets[place:max(fin, place)]
            if instruction.startswith(b"<?xml-stylesheet") and (
                    href := _FEUILLE.search(instruction.decode("latin-1"))):
                feuille = href[1]
        elif octets.startswith(b"<!--", place):
            fin = octets.find(b"-->", place)
        elif octets.startswith(b"<!", place):
            raise DocumentIllisible(
                "xml_doctype", "Document refusé : il contient une déclaration DOCTYPE, "
                "qu’un document de santé n’a pas à contenir.")
        else:
            return feuille
        if fin < 0:
            raise DocumentIllisible("xml_mal_forme", "XML mal formé : en-tête inachevé.")
        place = fin + 2


def _refus(erreur: etree.XMLSyntaxError) -> DocumentIllisible:
    """Translate a refusal of the parser; its text may quote content, so it is not passed on."""
    texte = str(erreur)
    if "depth" in texte:
        return DocumentIllisible("xml_trop_profond",
                                 "Document refusé : éléments imbriqués trop profondément.")
    if "limit" in texte or "too long" in texte:
        return DocumentIllisible("trop_gros", "Document refusé : un élément est trop volumineux.")
    ligne, _ = erreur.position
    return DocumentIllisible("xml_mal_forme", f"XML mal formé, ligne {ligne}.")
