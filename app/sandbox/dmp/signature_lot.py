"""The XAdES document that signs a lot: manifest, digests, signer (`spec/dmp.md` §6)."""

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from app.sandbox.appel import ou_du_certificat
from app.sandbox.dmp.carte import porteur
from app.sandbox.dmp.ebxml import ErreurXds
from app.sandbox.lecture_xml import NS_DS, Element, XmlRefuse, enfant, enfants, lire, texte
from app.sandbox.saml import lire_instant
from app.sandbox.signature_xml import SignatureRefusee, condensat, verifier, verifier_reference
from app.sandbox.soap import FauteSoap

_C14N_COMMENTAIRES = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
_XADES = "http://uri.etsi.org/01903/v1.1.1#"
_BUT = "1.2.840.10065.1.12.1.14"
#: Not official: the real code of a wrong lot signature is not known.
CODE = "DMPInvalidSignature"


def _refus(texte_: str) -> ErreurXds:
    return ErreurXds(CODE, texte_)


def controler(octets: bytes, documents: dict[str, bytes], soumission: str,
              autorite: x509.Certificate, structure: str = "", carte: str = "") -> str:
    """Check the signature document of a lot.

    Parameters
    ----------
    documents
        Bytes received, by uniqueId.
    soumission
        uniqueId of the SubmissionSet.
    structure
        When a structure seals its lots: the signer must be that structure.
    carte
        In direct authentication: the signer must be the holder of that card.

    Returns
    -------
    The signature algorithm.

    Raises
    ------
    ErreurXds
        Structure, manifest or digest wrong.
    FauteSoap
        `DMPInvalidCertificate`.
    """
    try:
        racine = lire(octets)
    except XmlRefuse as e:
        raise _refus(f"Signature illisible : {e}") from e
    signature = racine if racine.tag == f"{{{NS_DS}}}Signature" else next(
        racine.iter(f"{{{NS_DS}}}Signature"), None)
    if signature is None:
        raise _refus("ds:Signature absente")
    par_id = {e.get("Id"): e for e in signature.iter() if isinstance(e.tag, str) and e.get("Id")}
    infos = enfant(signature, "SignedInfo")
    c14n = enfant(infos, "CanonicalizationMethod")
    if c14n is None or c14n.get("Algorithm") != _C14N_COMMENTAIRES:
        raise _refus("Canonicalisation : C14N WithComments attendue")
    _references(enfants(infos, "Reference"), par_id)
    manifeste = par_id["IHEManifest"]
    proprietes = par_id["S0-SignedProperties"]
    try:
        for reference, cible in zip(enfants(infos, "Reference"), (manifeste, proprietes),
                                    strict=True):
            verifier_reference(reference, cible)
        _manifeste(manifeste, documents, soumission)
    except SignatureRefusee as e:
        raise _refus(str(e)) from e
    try:
        lue = verifier(signature, autorite, datetime.now(UTC))
    except SignatureRefusee as e:
        raise FauteSoap("DMPInvalidCertificate",
                        f"Not a valid signature certificate ({e})") from e
    if structure and ou_du_certificat(lue.certificat) != structure:
        raise FauteSoap("DMPInvalidCertificate", "Lot signé par une autre structure")
    if carte and porteur(lue.certificat) != carte:
        raise FauteSoap("DMPInvalidCertificate", "Lot signé par une autre carte")
    _proprietes(proprietes, lue.certificat)
    but = par_id.get("purposeOfSignature")
    if but is None or texte(but) != _BUT:
        raise _refus("purposeOfSignature absent ou incorrect")
    return lue.algorithme


def _references(references: list[Element], par_id: dict[str | None, Element]) -> None:
    attendues = [("http://www.w3.org/2000/09/xmldsig#Manifest", "#IHEManifest"),
                 (_XADES + "SignedProperties", "#S0-SignedProperties")]
    if [(r.get("Type"), r.get("URI")) for r in references] != attendues:
        raise _refus("SignedInfo : références au manifeste et aux propriétés attendues")
    for _, uri in attendues:
        if uri[1:] not in par_id:
            raise _refus(f"{uri} absent")
    if par_id["IHEManifest"].tag != f"{{{NS_DS}}}Manifest":
        raise _refus("IHEManifest n’est pas un ds:Manifest")


def _manifeste(manifeste: Element, documents: dict[str, bytes], soumission: str) -> None:
    references = enfants(manifeste, "Reference", NS_DS)
    uris = [r.get("URI", "") for r in references]
    if uris[:1] != [f"urn:oid:{soumission}"]:
        raise _refus("Manifeste : la première référence doit être celle du lot")
    if "".join(texte(references[0], "DigestValue").split()) != "AA==":
        raise _refus("Manifeste : DigestValue du lot doit valoir AA==")
    if sorted(uris[1:]) != sorted(f"urn:oid:{u}" for u in documents):
        raise _refus("Manifeste : chaque document du lot, et lui seul, doit être référencé")
    for reference in references[1:]:
        octets = documents[reference.get("URI", "").removeprefix("urn:oid:")]
        transformations = [t.get("Algorithm")
                           for t in enfants(enfant(reference, "Transforms"), "Transform")]
        if transformations != [_C14N_COMMENTAIRES]:
            raise _refus("Manifeste : transformation C14N WithComments attendue")
        methode = enfant(reference, "DigestMethod")
        algorithme = "" if methode is None else methode.get("Algorithm", "")
        # The whole document: comments and instructions beside the root count.
        canonique = etree.tostring(lire(octets).getroottree(), method="c14n", exclusive=False,
                                   with_comments=True)
        if condensat(canonique, algorithme) != "".join(texte(reference, "DigestValue").split()):
            raise _refus(f"Manifeste : condensat faux pour {reference.get('URI')}")


def _proprietes(proprietes: Element, certificat: x509.Certificate) -> None:
    if proprietes.tag != f"{{{_XADES}}}SignedProperties":
        raise _refus("SignedProperties XAdES v1.1.1 attendu")
    signees = enfant(proprietes, "SignedSignatureProperties")
    if lire_instant(texte(signees, "SigningTime")) is None:
        raise _refus("SigningTime absent")
    if enfant(signees, "SignaturePolicyIdentifier", "SignaturePolicyImplied") is None:
        raise _refus("SignaturePolicyImplied absent")
    premier = enfant(signees, "SigningCertificate", "Cert")
    methode = enfant(premier, "CertDigest", "DigestMethod")
    attendu = texte(premier, "CertDigest", "DigestValue")
    try:
        calcule = condensat(certificat.public_bytes(Encoding.DER),
                            "" if methode is None else methode.get("Algorithm", ""))
    except SignatureRefusee as e:
        raise _refus(f"SigningCertificate : {e}") from e
    if calcule != "".join(attendu.split()):
        raise _refus("SigningCertificate ne désigne pas le certificat du signataire")
