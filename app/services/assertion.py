"""What the SAML 2.0 assertions of the DMP (VIHF) and of INSi have in common."""

import uuid
from datetime import UTC, datetime

from lxml import etree

from app.services.logiciel import IdentiteLogiciel
from app.services.signature import NS_SAML, Signataire
from app.services.xml_sur import ajouter, element

NS_XS = "http://www.w3.org/2001/XMLSchema"
NS_XSI = "http://www.w3.org/2001/XMLSchema-instance"
FORMAT_DN = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"


def saml(nom: str) -> str:
    """Name of the SAML namespace, in Clark notation."""
    return f"{{{NS_SAML}}}{nom}"


def instant(moment: datetime) -> str:
    """UTC with milliseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def debuter(prefixe: str, logiciel: IdentiteLogiciel, signataire: Signataire | None,
            maintenant: datetime) -> etree._Element:
    """An assertion with its Issuer.

    Without a key the issuer is the software by its name: nothing vouches for it.
    """
    assertion = element(saml("Assertion"), {prefixe: NS_SAML, "xs": NS_XS, "xsi": NS_XSI},
                        {"ID": f"_{uuid.uuid4()}", "IssueInstant": instant(maintenant),
                         "Version": "2.0"})
    nom = f"CN={logiciel.nom}" if signataire is None else signataire.dn
    ajouter(assertion, saml("Issuer"), nom, {"Format": FORMAT_DN})
    return assertion


def finir(assertion: etree._Element, signataire: Signataire | None) -> etree._Element:
    """Sign when there is a key."""
    return assertion if signataire is None else signataire.signer_assertion(assertion)


def attribut_texte(enonce: etree._Element, nom: str, valeur: str) -> None:
    """Add an attribute of type xs:string."""
    porteur = ajouter(enonce, saml("Attribute"), None, {"Name": nom})
    ajouter(porteur, saml("AttributeValue"), valeur, {f"{{{NS_XSI}}}type": "xs:string"})
