"""Reading of XML that comes from outside: no DTD, no entity, no network, bounded."""

from lxml import etree

Element = etree._Element

NS_SOAP = "http://www.w3.org/2003/05/soap-envelope"
NS_WSA = "http://www.w3.org/2005/08/addressing"
NS_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
NS_SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
NS_DS = "http://www.w3.org/2000/09/xmldsig#"
NS_HL7 = "urn:hl7-org:v3"


class XmlRefuse(ValueError):
    """Not well-formed, or carrying a document type."""


def lire(octets: bytes) -> Element:
    """Parse a document and return its root.

    Raises
    ------
    XmlRefuse
        Not well-formed, too deep (libxml2's limits), or with a DOCTYPE.
    """
    analyseur = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False,
                                dtd_validation=False, huge_tree=False, remove_pis=False)
    try:
        racine = etree.fromstring(octets, analyseur)
    except (etree.XMLSyntaxError, ValueError) as e:
        raise XmlRefuse(str(e)) from e
    if racine.getroottree().docinfo.internalDTD is not None:
        raise XmlRefuse("DOCTYPE is not allowed")
    return racine


def enfants(element: Element | None, nom: str = "", ns: str | None = None) -> list[Element]:
    """Child elements of a local name (any when empty), of a namespace (any when None)."""
    if element is None:
        return []
    trouves = []
    for fils in element:
        if isinstance(fils.tag, str):
            q = etree.QName(fils)
            if (not nom or q.localname == nom) and (ns is None or (q.namespace or "") == ns):
                trouves.append(fils)
    return trouves


def enfant(element: Element | None, *chemin: str) -> Element | None:
    """First descendant along local names, one level a name; None as soon as one is missing."""
    for nom in chemin:
        element = next(iter(enfants(element, nom)), None)
    return element


def texte(element: Element | None, *chemin: str) -> str:
    """Text of `enfant(...)`, stripped; empty when the element is missing."""
    cible = enfant(element, *chemin)
    return "" if cible is None else str(cible.xpath("string()")).strip()


def nom_local(element: Element) -> str:
    """Local name of an element."""
    return etree.QName(element).localname
