"""The signature document of a TD2.1 lot (`spec/dmp.md` §6): detached XAdES 1.1.1.

It signs a manifest: one reference to the submission set (constant digest) and one to each
document, canonicalised. Everything is in default namespaces on purpose: inclusive C14N of a part
then doesn't depend on prefixes declared above it, and each part can be digested alone.
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes
from lxml import etree

from app.services.assertion import instant
from app.services.errors import Invalide
from app.services.signature import NS_DS, Signataire
from app.services.xml_sur import TAILLE_MAX, ajouter, element

NS_XADES = "http://uri.etsi.org/01903/v1.1.1#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
BUT_SIGNATURE = "1.2.840.10065.1.12.1.14"


def signer_lot(signataire: Signataire, soumission_id: str,
               empreintes: Sequence[tuple[str, str]], maintenant: datetime | None = None) -> bytes:
    """Build and sign the signature document.

    Args:
        signataire: software key of the installation.
        soumission_id: uniqueId (OID) of the submission set.
        empreintes: uniqueId and digest (`empreinte_cda`) of each document of the lot.
        maintenant: signing time, aware.

    Returns:
        The bytes to send and to keep, exactly as signed.

    Raises:
        Indisponible: the certificate is out of its time.
    """
    racine = element(_ds("Signature"), {None: NS_DS}, {"Id": "S0"})
    info = ajouter(racine, _ds("SignedInfo"))
    ajouter(info, _ds("CanonicalizationMethod"), None, {"Algorithm": C14N})
    ajouter(info, _ds("SignatureMethod"), None, {"Algorithm": RSA_SHA256})
    valeur = ajouter(racine, _ds("SignatureValue"))
    cle = ajouter(ajouter(racine, _ds("KeyInfo")), _ds("X509Data"))
    ajouter(cle, _ds("X509Certificate"), signataire.certificat_base64)

    proprietes = _proprietes_signees(racine, signataire, maintenant or datetime.now(UTC))
    but = ajouter(ajouter(racine, _ds("Object")), _ds("SignatureProperties"))
    ajouter(but, _ds("SignatureProperty"), BUT_SIGNATURE,
            {"Id": "purposeOfSignature", "Target": "S0"})
    manifeste = _manifeste(racine, soumission_id, empreintes)

    _reference(info, "#IHEManifest", empreinte(manifeste),
               genre="http://www.w3.org/2000/09/xmldsig#Manifest", transforme=True)
    _reference(info, "#S0-SignedProperties", empreinte(proprietes),
               genre="http://uri.etsi.org/01903/v1.1.1#SignedProperties", transforme=True)
    valeur.text = base64.b64encode(signataire.signer_octets(_c14n(info))).decode()
    return bytes(etree.tostring(racine, encoding="UTF-8", xml_declaration=True))


def empreinte_cda(contenu: bytes) -> str:
    """Digest of a document for the manifest: SHA-256 of its C14N with comments, base64.

    Pure and picklable: large documents are digested in the worker process.

    Raises:
        Invalide: the document isn't well formed XML, or declares a document type.
    """
    if len(contenu) > TAILLE_MAX:
        raise Invalide("Le document est trop volumineux pour être signé.", service="dmp")
    lecteur = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False,
                              huge_tree=False)
    try:
        racine = etree.fromstring(contenu, lecteur)
    except (etree.XMLSyntaxError, ValueError) as erreur:
        raise Invalide("Le document n’est pas lisible\u00a0: il ne peut pas être signé.",
                       service="dmp") from erreur
    arbre = racine.getroottree()
    if arbre.docinfo.internalDTD is not None:
        raise Invalide("Le document contient une déclaration de type, refusée par sécurité.",
                       service="dmp")
    # The tree, not its root: comments beside the root belong to the canonical form.
    canonique = etree.tostring(arbre, method="c14n", exclusive=False, with_comments=True)
    return base64.b64encode(hashlib.sha256(canonique).digest()).decode()


def empreinte(noeud: etree._Element) -> str:
    """SHA-256 of the C14N of a part, base64."""
    return base64.b64encode(hashlib.sha256(_c14n(noeud)).digest()).decode()


def _c14n(noeud: etree._Element) -> bytes:
    # lxml canonicalises a part of a tree with spurious xmlns="": a document of its own is right,
    # and the same as the part in its place since no prefix is declared above it.
    seul = etree.fromstring(etree.tostring(noeud, with_tail=False)).getroottree()
    return bytes(etree.tostring(seul, method="c14n", exclusive=False, with_comments=True))


def _ds(nom: str) -> str:
    return f"{{{NS_DS}}}{nom}"


def _xades(nom: str) -> str:
    return f"{{{NS_XADES}}}{nom}"


def _manifeste(racine: etree._Element, soumission_id: str,
               empreintes: Sequence[tuple[str, str]]) -> etree._Element:
    manifeste = ajouter(ajouter(racine, _ds("Object")), _ds("Manifest"), None,
                        {"Id": "IHEManifest"})
    # The submission set isn't a thing of bytes: its digest is the constant 0 (IHE DSG).
    _reference(manifeste, f"urn:oid:{soumission_id}", "AA==")
    for unique_id, valeur in empreintes:
        _reference(manifeste, f"urn:oid:{unique_id}", valeur, transforme=True)
    return manifeste


def _reference(parent: etree._Element, uri: str, valeur: str, *, genre: str = "",
               transforme: bool = False) -> None:
    attributs = {"URI": uri}
    if genre:
        attributs["Type"] = genre
    reference = ajouter(parent, _ds("Reference"), None, attributs)
    if transforme:
        ajouter(ajouter(reference, _ds("Transforms")), _ds("Transform"), None, {"Algorithm": C14N})
    ajouter(reference, _ds("DigestMethod"), None, {"Algorithm": SHA256})
    ajouter(reference, _ds("DigestValue"), valeur)


def _proprietes_signees(racine: etree._Element, signataire: Signataire,
                        maintenant: datetime) -> etree._Element:
    """QualifyingProperties v1.1.1: signing time, certificates, implied policy."""
    objet = ajouter(racine, _ds("Object"))
    qualifiantes = ajouter(objet, _xades("QualifyingProperties"), None, {"Target": "S0"},
                           {None: NS_XADES})
    signees = ajouter(qualifiantes, _xades("SignedProperties"), None,
                      {"Id": "S0-SignedProperties"})
    proprietes = ajouter(signees, _xades("SignedSignatureProperties"))
    ajouter(proprietes, _xades("SigningTime"), instant(maintenant))
    certificats = ajouter(proprietes, _xades("SigningCertificate"))
    for certificat in signataire.chaine:
        cert = ajouter(certificats, _xades("Cert"))
        resume = ajouter(cert, _xades("CertDigest"))
        ajouter(resume, _ds("DigestMethod"), None, {"Algorithm": SHA256}, {None: NS_DS})
        ajouter(resume, _ds("DigestValue"),
                base64.b64encode(certificat.fingerprint(hashes.SHA256())).decode(),
                None, {None: NS_DS})
        serie = ajouter(cert, _xades("IssuerSerial"))
        ajouter(serie, _ds("X509IssuerName"), certificat.issuer.rfc4514_string(), None,
                {None: NS_DS})
        ajouter(serie, _ds("X509SerialNumber"), str(certificat.serial_number), None,
                {None: NS_DS})
    politique = ajouter(proprietes, _xades("SignaturePolicyIdentifier"))
    ajouter(politique, _xades("SignaturePolicyImplied"))
    return signees
