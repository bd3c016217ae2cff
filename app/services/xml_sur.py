"""The only door by which XML from outside enters the services floor (design §2 rule 3).

No DTD, no entity, no network, bounded size and depth. Elements are found by namespace, never by
prefix: the services change prefixes from one answer to the next (`spec/ins.md` §4.3).
"""

from collections.abc import Iterator, Mapping

from lxml import etree

from app.services.errors import Invalide
from app.services.noms import nom_service

#: Largest XML accepted, in bytes. A list of 2,000 documents takes about 10 MB.
TAILLE_MAX = 64 * 1024 * 1024


def lire_xml(corps: bytes, *, service: str = "", taille_max: int = TAILLE_MAX) -> etree._Element:
    """Parse an answer with a hardened parser.

    Args:
        corps: the bytes received.
        service: short name of the service, for the error.
        taille_max: largest size accepted, in bytes.

    Raises:
        Invalide: too large, not well formed, too deep, or with a document type declaration.
    """
    if len(corps) > taille_max:
        raise Invalide(f"{nom_service(service)} a renvoyé une réponse trop volumineuse.",
                       service=service)
    if b"<!DOCTYPE" in corps[:4096]:
        raise _doctype(service)
    lecteur = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False,
                              huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        racine = etree.fromstring(corps, lecteur)
    except (etree.XMLSyntaxError, ValueError) as erreur:
        raise Invalide(f"{nom_service(service)} a renvoyé une réponse illisible.",
                       service=service) from erreur
    # An encoding other than ASCII-compatible hides the declaration from the search above.
    if racine.getroottree().docinfo.internalDTD is not None:
        raise _doctype(service)
    return racine


def _doctype(service: str) -> Invalide:
    return Invalide(f"{nom_service(service)} a renvoyé une réponse avec une déclaration de type, "
                    "refusée par sécurité.", service=service)


def ajouter(parent: etree._Element, nom: str, texte: str | None = None,
            attributs: Mapping[str, str] | None = None,
            nsmap: dict[str | None, str] | None = None) -> etree._Element:
    """Append a child and return it. `nom` is in Clark notation, `{namespace}local`."""
    # The stubs of lxml refuse None among the prefixes of a nsmap.
    fils = etree.SubElement(parent, nom, dict(attributs or {}),
                            nsmap=nsmap)  # type: ignore[arg-type]
    if texte is not None:
        fils.text = texte
    return fils


def element(nom: str, nsmap: dict[str | None, str],
            attributs: Mapping[str, str] | None = None) -> etree._Element:
    """A root element with its prefixes. `nom` is in Clark notation."""
    return etree.Element(nom, dict(attributs or {}), nsmap=nsmap)  # type: ignore[arg-type]


def texte(parent: etree._Element | None, chemin: str) -> str:
    """Trimmed text at `chemin` (Clark notation, as `find` takes it), or ""."""
    trouve = None if parent is None else parent.find(chemin)
    return "" if trouve is None or not trouve.text else trouve.text.strip()


def attribut(parent: etree._Element | None, chemin: str, nom: str) -> str:
    """Trimmed attribute of the element at `chemin`, or ""."""
    trouve = None if parent is None else parent.find(chemin)
    return "" if trouve is None else str(trouve.get(nom, "")).strip()


def nom_local(noeud: etree._Element) -> str:
    """Local name of an element; "" for a comment or a processing instruction."""
    balise = noeud.tag
    return balise.rpartition("}")[2] if isinstance(balise, str) else ""


def enfants(noeud: etree._Element, local: str) -> Iterator[etree._Element]:
    """Children with this local name, whatever their namespace."""
    return (fils for fils in noeud if nom_local(fils) == local)


def enfant(noeud: etree._Element | None, local: str) -> etree._Element | None:
    """First child with this local name, whatever its namespace."""
    return None if noeud is None else next(enfants(noeud, local), None)
