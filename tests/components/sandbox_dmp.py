"""DMP requests made by plain text, lxml and cryptography: a second client for tests."""

import base64
import hashlib
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from lxml import etree
from sandbox_client import IDEL, Client
from sandbox_soap import NS, SAML, WSSE, X509, maintenant, signer, sujet

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
STRUCTURE = "499700000016007"
NIR = "1.2.250.1.213.1.4.8"
ZOE, LAURENT = "275126322074974", "181016322075140"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
REPOSITORY = "1.2.250.1.213.4.1.1.1.2"
Q = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
APPROVED = "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"
FIND, LOTS, LIENS, DOCUMENTS, DOCS_LIENS = (
    "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d",
    "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9",
    "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155",
    "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4",
    "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a")


def cle(infos: dict[str, Any], nom: str = "installation") -> rsa.RSAPrivateKey:
    """A private key of the PKI."""
    lue = load_pem_private_key(Path(infos["pki"], f"{nom}.key").read_bytes(), None)
    assert isinstance(lue, rsa.RSAPrivateKey)
    return lue


def certificat(infos: dict[str, Any], nom: str = "installation") -> bytes:
    """A certificate of the PKI, DER."""
    pem = Path(infos["pki"], f"{nom}.pem").read_bytes()
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


@dataclass
class Dmp:
    """DMP calls; fields are what a test may spoil."""

    client: Client
    jeton: str
    patient: str = ZOE
    oid: str = NIR
    ps: str = IDEL
    structure: str = STRUCTURE
    profession: str = "60"
    secteur: str = "SA07"
    acces: str = "normal"
    motif: str = ""
    mode: str = "INDIRECTE"
    age: timedelta = timedelta()
    signature: str | None = "installation"
    sha1: bool = False
    sans: str = ""
    """Name of an attribute to leave out of the VIHF."""
    entetes: dict[str, str] = field(default_factory=dict)

    def vihf(self) -> str:
        """The assertion."""
        def texte(nom: str, valeur: str) -> str:
            return (f'<saml2:Attribute Name="{nom}"><saml2:AttributeValue '
                    f'xsi:type="xs:string">{valeur}</saml2:AttributeValue></saml2:Attribute>')

        def code(nom: str, balise: str, code: str, systeme: str) -> str:
            return (f'<saml2:Attribute Name="{nom}"><saml2:AttributeValue><{balise} '
                    f'xmlns="urn:hl7-org:v3" xsi:type="CE" code="{code}" codeSystem="{systeme}"/>'
                    "</saml2:AttributeValue></saml2:Attribute>")
        x = "urn:oasis:names:tc:"
        attributs = {
            "Identifiant_Structure": texte("Identifiant_Structure", self.structure),
            "Secteur_Activite": texte("Secteur_Activite",
                                      self.secteur + "^1.2.250.1.71.4.2.4"),
            "role": code(x + "xacml:2.0:subject:role", "Role", self.profession,
                         "1.2.250.1.71.1.2.7"),
            "VIHF_Version": texte("VIHF_Version", "3.0"),
            "mode": texte("Authentification_mode", self.mode),
            "resource-id": texte(x + "xacml:2.0:resource:resource-id",
                                 f"{self.patient}^^^&amp;{self.oid}&amp;ISO^NH"),
            "Ressource_URN": texte("Ressource_URN", "urn:dmp"),
            "purposeofuse": code(x + "xspa:1.0:subject:purposeofuse", "PurposeOfUse", self.acces,
                                 "1.2.250.1.213.1.1.4.248"),
            "LPS_Nom": texte("LPS_Nom", "TEST"), "LPS_Version": texte("LPS_Version", "1"),
            "LPS_ID_HOMOLOGATION_DMP": texte("LPS_ID_HOMOLOGATION_DMP", "X")}
        if self.motif:
            attributs["motif"] = texte("Mode_Acces_Raison", self.motif)
        contenu = "".join(v for n, v in attributs.items() if n != self.sans)
        t = maintenant(-self.age)
        assertion = (
            f'<saml2:Assertion xmlns:saml2="{SAML}" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
            f'xmlns:xsi="{XSI}" ID="_{uuid.uuid4()}" IssueInstant="{t}" Version="2.0">'
            f'<saml2:Issuer Format="{X509}">{sujet(self.client.infos)}</saml2:Issuer>'
            f"<saml2:Subject><saml2:NameID>{self.ps}</saml2:NameID></saml2:Subject>"
            f'<saml2:AuthnStatement AuthnInstant="{t}"><saml2:AuthnContext>'
            "<saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:"
            "MobileTwoFactorUnregistered</saml2:AuthnContextClassRef></saml2:AuthnContext>"
            f"</saml2:AuthnStatement><saml2:AttributeStatement>{contenu}"
            "</saml2:AttributeStatement></saml2:Assertion>")
        return signer(assertion, self.client.infos, self.signature, self.sha1) \
            if self.signature else assertion

    def enveloppe(self, action: str, corps: str, message_id: str = "") -> bytes:
        """A SOAP message."""
        return (
            f'<soap:Envelope xmlns:soap="{NS["soap"]}"><soap:Header>'
            f'<MessageID xmlns="{NS["wsa"]}">{message_id or f"urn:uuid:{uuid.uuid4()}"}'
            f'</MessageID><Action xmlns="{NS["wsa"]}">{action}</Action>'
            f'<wsse:Security xmlns:wsse="{WSSE}">{self.vihf()}</wsse:Security></soap:Header>'
            f"<soap:Body>{corps}</soap:Body></soap:Envelope>").encode()

    def appeler(self, service: str, action: str, corps: str, message_id: str = ""
                ) -> httpx.Response:
        """POST one envelope."""
        return self.poster(service, self.enveloppe(action, corps, message_id),
                           f'application/soap+xml; charset=UTF-8; action="{action}"')

    def poster(self, service: str, octets: bytes, type_mime: str) -> httpx.Response:
        """POST bytes."""
        return self.client.http.post(
            f"{self.client.infos['dmp']}/{service}", content=octets,
            headers={"Content-Type": type_mime, "Authorization": f"Bearer {self.jeton}"}
            | self.entetes)

    def td02(self, motif: str = "TEST_EXST", patient: str = "", message_id: str = ""
             ) -> httpx.Response:
        """Existence."""
        corps = f"""<PRPA_IN201307UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0">
          <id root="1.2.3.1.1" extension="{uuid.uuid4()}"/><creationTime value="20260115083000"/>
          <interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201307UV02"/>
          <processingCode code="D"/><processingModeCode code="T"/><acceptAckCode code="AL"/>
          <receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE">
          <id root="1.2.250.1.213.4.1.1.1"/></device></receiver><sender typeCode="SND">
          <device classCode="DEV" determinerCode="INSTANCE"><id root="1.2.3"/></device></sender>
          <controlActProcess classCode="CACT" moodCode="EVN"><reasonCode code="{motif}"
          codeSystem="1.2.250.1.213.1.1.4.11"/><queryByParameter><queryId root="1.2.3.2"
          extension="q1"/><statusCode code="new"/><parameterList><patientIdentifier>
          <value root="{self.oid}" extension="{patient or self.patient}"/>
          <semanticsText>Patient.id</semanticsText></patientIdentifier></parameterList>
          </queryByParameter></controlActProcess></PRPA_IN201307UV02>"""
        return self.appeler("patients", "urn:hl7-org:v3:PRPA_IN201307UV02", corps, message_id)

    def td03(self, action: str = "AJOUT") -> httpx.Response:
        """Authorisation."""
        return self.appeler(
            "habilitations", "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization",
            '<setAuthorization xmlns="urn:si-dmp-habilitations"><action>'
            f"{action}</action></setAuthorization>")

    def td31(self, requete: str = FIND, retour: str = "LeafClass", **slots: str
             ) -> httpx.Response:
        """Stored query; FindDocuments gets its status unless it is given."""
        if requete == FIND:
            slots.setdefault("XDSDocumentEntryStatus", APPROVED)
        texte = "".join(f'<Slot name="${n}"><ValueList><Value>{v}</Value></ValueList></Slot>'
                        for n, v in slots.items())
        return self.appeler("registry", "urn:ihe:iti:2007:RegistryStoredQuery", (
            f'<q:AdhocQueryRequest xmlns:q="{Q}" xmlns="{RIM}"><q:ResponseOption '
            f'returnComposedObjects="true" returnType="{retour}"/><AdhocQuery id="{requete}">'
            f"{texte}</AdhocQuery></q:AdhocQueryRequest>"))

    def td32(self, *uniques: str) -> httpx.Response:
        """Retrieval."""
        demandes = "".join(
            f"<DocumentRequest><RepositoryUniqueId>{REPOSITORY}</RepositoryUniqueId>"
            f"<DocumentUniqueId>{u}</DocumentUniqueId></DocumentRequest>" for u in uniques)
        return self.appeler("repository", "urn:ihe:iti:2007:RetrieveDocumentSet",
                            f'<RetrieveDocumentSetRequest xmlns="{NS["xds"]}">{demandes}'
                            "</RetrieveDocumentSetRequest>")


def paquet(reponse: httpx.Response) -> tuple[bytes, dict[str, bytes]]:
    """Envelope and parts of a multipart answer, by the standard library."""
    tout = message_from_bytes(b"Content-Type: " + reponse.headers["content-type"].encode()
                              + b"\r\n\r\n" + reponse.content)
    parties = [(p["Content-ID"].strip("<>"), p.get_payload(decode=True))
               for p in tout.get_payload()]
    return parties[0][1], dict(parties[1:])


@dataclass
class Lot:
    """A lot of TD2.1; fields are what a test may spoil."""

    dmp: Dmp
    unique: str = ""
    version: int = 1
    set_id: str = "1.2.250.1.999.1.2.77"
    remplace: str = ""
    remplace_uuid: str = ""
    titre: str = "Lettre d’adressage"
    visibilites: tuple[str, ...] = ("N",)
    auteur: str = IDEL
    structure: str = STRUCTURE
    slots: dict[str, str] = field(default_factory=dict)
    metadonnees: dict[str, str] = field(default_factory=dict)
    """Replacements made in the metadata text, once it is written."""
    cda_change: tuple[str, str] = ("", "")
    signataire: str = "installation"
    manifeste_faux: bool = False
    parties_en_moins: bool = False
    lot_unique: str = ""

    def __post_init__(self) -> None:
        self.unique = self.unique or f"1.2.250.1.999.1.1.{uuid.uuid4().int}"
        self.lot_unique = self.lot_unique or f"1.2.250.1.999.1.4.{uuid.uuid4().int}"
        self.instant = datetime.now(UTC).replace(microsecond=0)

    def cda(self) -> bytes:
        """A small N1 with a text."""
        t = self.instant.astimezone().strftime("%Y%m%d%H%M%S%z")
        ps = (f'<id root="1.2.250.1.71.4.2.1" extension="{self.auteur}"/><assignedPerson><name>'
              "<family>MOREAU</family></name></assignedPerson>")
        rplc = (f'<relatedDocument typeCode="RPLC"><parentDocument><id root="{self.remplace}"/>'
                "</parentDocument></relatedDocument>" if self.remplace else "")
        texte = base64.b64encode(b"Texte de la lettre, assez long.").decode()
        octets = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- un commentaire compte -->
<ClinicalDocument xmlns="urn:hl7-org:v3"><typeId root="2.16.840.1.113883.1.3"
extension="POCD_HD000040"/><id root="{self.unique}"/><code code="96349-6"
codeSystem="2.16.840.1.113883.6.1"/><title>{self.titre}</title><effectiveTime value="{t}"/>
<confidentialityCode code="N"/><languageCode code="fr-FR"/><setId root="{self.set_id}"/>
<versionNumber value="{self.version}"/><recordTarget><patientRole>
<id root="{self.dmp.oid}" extension="{self.dmp.patient}"/></patientRole></recordTarget>
<author><assignedAuthor>{ps}</assignedAuthor></author><legalAuthenticator><assignedEntity>{ps}
</assignedEntity></legalAuthenticator><documentationOf><serviceEvent><effectiveTime>
<low value="{t}"/></effectiveTime></serviceEvent></documentationOf>{rplc}<component><nonXMLBody>
<text mediaType="text/plain" representation="B64">{texte}</text></nonXMLBody></component>
</ClinicalDocument>
"""
        return octets.replace(*self.cda_change).encode()

    def xades(self, cda: bytes) -> bytes:
        """The signature document, written and signed by hand."""
        infos = self.dmp.client.infos
        der = certificat(infos, self.signataire)
        sha = "http://www.w3.org/2001/04/xmlenc#sha256"
        canonique = etree.tostring(etree.fromstring(cda).getroottree(), method="c14n",
                                   with_comments=True)
        condense = _sha256(b"autre" if self.manifeste_faux else canonique)
        ds, xad = NS["ds"], "http://uri.etsi.org/01903/v1.1.1#"
        manifeste = (
            f'<ds:Manifest Id="IHEManifest"><ds:Reference URI="urn:oid:{self.lot_unique}">'
            f'<ds:DigestMethod Algorithm="{sha}"/><ds:DigestValue>AA==</ds:DigestValue>'
            f'</ds:Reference><ds:Reference URI="urn:oid:{self.unique}"><ds:Transforms>'
            f'<ds:Transform Algorithm="{C14N}"/></ds:Transforms><ds:DigestMethod '
            f'Algorithm="{sha}"/><ds:DigestValue>{condense}</ds:DigestValue></ds:Reference>'
            "</ds:Manifest>")
        proprietes = (
            f'<xad:SignedProperties Id="S0-SignedProperties"><xad:SignedSignatureProperties>'
            f"<xad:SigningTime>{maintenant()}</xad:SigningTime><xad:SigningCertificate><xad:Cert>"
            f'<xad:CertDigest><xad:DigestMethod Algorithm="{sha}"/><xad:DigestValue>'
            f"{_sha256(der)}</xad:DigestValue></xad:CertDigest></xad:Cert>"
            "</xad:SigningCertificate><xad:SignaturePolicyIdentifier><xad:SignaturePolicyImplied/>"
            "</xad:SignaturePolicyIdentifier></xad:SignedSignatureProperties>"
            "</xad:SignedProperties>")

        def portee(fragment: str) -> str:
            racine = fragment.replace(">", f' xmlns:ds="{ds}"' + (
                f' xmlns:xad="{xad}"' if fragment.startswith("<xad") else "") + ">", 1)
            return _sha256(etree.tostring(etree.fromstring(racine), method="c14n",
                                          with_comments=True))
        infos_signees = (
            f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{C14N}"/><ds:SignatureMethod '
            'Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
            + "".join(
                f'<ds:Reference Type="{t}" URI="#{u}"><ds:Transforms><ds:Transform '
                f'Algorithm="{C14N}"/></ds:Transforms><ds:DigestMethod Algorithm="{sha}"/>'
                f"<ds:DigestValue>{d}</ds:DigestValue></ds:Reference>"
                for t, u, d in ((ds + "Manifest", "IHEManifest", portee(manifeste)),
                                (xad + "SignedProperties", "S0-SignedProperties",
                                 portee(proprietes))))
            + "</ds:SignedInfo>")
        racine = infos_signees.replace(">", f' xmlns:ds="{ds}">', 1)
        octets = etree.tostring(etree.fromstring(racine), method="c14n", with_comments=True)
        valeur = cle(infos, self.signataire).sign(octets, padding.PKCS1v15(), hashes.SHA256())
        return (
            f'<ds:Signature xmlns:ds="{ds}" Id="S0">{infos_signees}<ds:SignatureValue>'
            f"{base64.b64encode(valeur).decode()}</ds:SignatureValue><ds:KeyInfo><ds:X509Data>"
            f"<ds:X509Certificate>{base64.b64encode(der).decode()}</ds:X509Certificate>"
            "</ds:X509Data></ds:KeyInfo><ds:Object>"
            f"{manifeste}<ds:SignatureProperties><ds:SignatureProperty "
            'Id="purposeOfSignature" Target="#S0">1.2.840.10065.1.12.1.14</ds:SignatureProperty>'
            f'</ds:SignatureProperties></ds:Object><ds:Object><xad:QualifyingProperties '
            f'xmlns:xad="{xad}" Target="#S0">{proprietes}</xad:QualifyingProperties></ds:Object>'
            "</ds:Signature>").encode()

    def xml(self) -> str:
        """The SubmitObjectsRequest."""
        utc = self.instant.strftime("%Y%m%d%H%M%S")
        xcn = f"{self.auteur}^MOREAU^CLAIRE^^^^^^&amp;1.2.250.1.71.4.2.1&amp;ISO^D^^^IDNPS"
        xon = ("CABINET^^^^^&amp;1.2.250.1.71.4.2.2&amp;ISO^IDNST^^^" + self.structure)
        cx = f"{self.dmp.patient}^^^&amp;{self.dmp.oid}&amp;ISO^NH"

        def slot(nom: str, *valeurs: str) -> str:
            return (f'<Slot name="{nom}"><ValueList>'
                    + "".join(f"<Value>{v}</Value>" for v in valeurs) + "</ValueList></Slot>")

        def nom(texte: str, balise: str = "Name") -> str:
            return f'<{balise}><LocalizedString charset="UTF8" value="{texte}"/></{balise}>'

        def code(objet: str, schema: str, valeur: str, systeme: str) -> str:
            return (f'<Classification id="c{uuid.uuid4().hex}" classifiedObject="{objet}" '
                    f'classificationScheme="urn:uuid:{schema}" nodeRepresentation="{valeur}">'
                    f"{slot('codingScheme', systeme)}{nom('libellé')}</Classification>")

        def auteur(objet: str, schema: str) -> str:
            return (f'<Classification id="c{uuid.uuid4().hex}" classifiedObject="{objet}" '
                    f'classificationScheme="urn:uuid:{schema}" nodeRepresentation="">'
                    f"{slot('authorInstitution', xon)}{slot('authorPerson', xcn)}"
                    f"{slot('authorSpecialty', 'G15_60^Infirmier^1.2.250.1.213.1.1.4.5')}"
                    "</Classification>")

        def externe(objet: str, schema: str, valeur: str) -> str:
            return (f'<ExternalIdentifier id="e{uuid.uuid4().hex}" registryObject="{objet}" '
                    f'identificationScheme="urn:uuid:{schema}" value="{valeur}">'
                    f"{nom('id')}</ExternalIdentifier>")

        def document(objet: str, signature: bool) -> str:
            codes = [
                ("41a5887f-8865-4c09-adf7-e362475b143a",
                 ("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN") if signature
                 else ("10", "1.2.250.1.213.1.1.4.1")),
                ("f0306f51-975f-434e-a61c-c59651d33983",
                 ("E1762", "ASTM") if signature else ("96349-6", "2.16.840.1.113883.6.1")),
                ("a09d5840-386c-46f2-b5ad-9c3699a4309d",
                 ("http://www.w3.org/2000/09/xmldsig#", "URN") if signature
                 else ("urn:ihe:iti:xds-sd:text:2008", "1.3.6.1.4.1.19376.1.2.3")),
                ("f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", ("SA07", "1.2.250.1.71.4.2.4")),
                ("cccf5598-8b07-4b77-a05e-ae952c785ead",
                 ("AMBULATOIRE", "1.2.250.1.213.1.1.4.9"))]
            if signature:
                codes.append(("2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4",
                              ("1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12")))
            visibles = ("N", "MASQUE_PS", "INVISIBLE_PATIENT") if signature else self.visibilites
            codes += [("f4f85eac-e6cb-4883-b524-f2705394840f",
                       (v, "2.16.840.1.113883.5.25" if v == "N" else "1.2.250.1.213.1.1.4.13"))
                      for v in visibles]
            plus = {} if signature else self.slots
            return (
                f'<ExtrinsicObject id="{objet}" mimeType="text/xml" '
                'objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">'
                + slot("creationTime", utc) + slot("languageCode", "art" if signature else "fr-FR")
                + slot("legalAuthenticator", xcn) + slot("serviceStartTime", utc)
                + slot("sourcePatientId", cx if signature
                       else "42^^^&amp;1.2.250.1.999.1.3&amp;ISO^PI")
                + slot("sourcePatientInfo", "PID-5|ADRUN^ZOE^^^^^L", "PID-7|19751231", "PID-8|F")
                + "".join(slot(n, v) for n, v in plus.items())
                + nom("Source" if signature else self.titre)
                + auteur(objet, "93606bcf-9494-43ec-9b4e-a7748d1a838d")
                + "".join(code(objet, s, *v) for s, v in codes)
                + externe(objet, "58a6f841-87b3-4a3e-92fd-a8ffeff98427", cx)
                + externe(objet, "2e82c1f6-a085-4c72-9da3-8640a32e42ab",
                          self.lot_unique + ".1" if signature else self.unique)
                + "</ExtrinsicObject>")

        def lien(genre: str, source: str, cible: str, statut: bool = True) -> str:
            return (f'<Association id="a{uuid.uuid4().hex}" associationType="{genre}" '
                    f'sourceObject="{source}" targetObject="{cible}">'
                    + (slot("SubmissionSetStatus", "Original") if statut else "")
                    + "</Association>")
        membre = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
        texte = (
            '<lcm:SubmitObjectsRequest '
            'xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"><RegistryObjectList '
            f'xmlns="{RIM}"><RegistryPackage id="SS">{slot("submissionTime", utc)}{nom("Envoi")}'
            '<Classification id="n1" classifiedObject="SS" '
            'classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"/>'
            + auteur("SS", "a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d")
            + code("SS", "aa543740-bdda-424e-8c96-df4873be8500", "07", "1.2.250.1.213.2.2")
            + externe("SS", "6b5aea1a-874d-4603-a4bc-96a0a7b38446", cx)
            + externe("SS", "554ac39e-e3fe-47fe-b233-965d2a147832", "1.2.250.1.999.1")
            + externe("SS", "96fdda7c-d067-4183-912e-bf5ee74998a8", self.lot_unique)
            + "</RegistryPackage>" + document("Document01", False) + document("Signature01", True)
            + lien(membre, "SS", "Document01") + lien(membre, "SS", "Signature01")
            + lien("urn:ihe:iti:2007:AssociationType:signs", "Signature01", "SS")
            + (lien("urn:ihe:iti:2007:AssociationType:RPLC", "Document01", self.remplace_uuid,
                    False) if self.remplace_uuid else "")
            + "</RegistryObjectList></lcm:SubmitObjectsRequest>")
        for avant, apres in self.metadonnees.items():
            assert avant in texte, avant
            texte = texte.replace(avant, apres, 1)
        return texte

    def envoyer(self) -> httpx.Response:
        """POST the lot as MTOM."""
        cda = self.cda()
        signature = self.xades(cda)
        corps = (
            f'<ProvideAndRegisterDocumentSetRequest xmlns="{NS["xds"]}">{self.xml()}'
            + "".join(f'<Document id="{i}"><xop:Include '
                      f'xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:{c}"/>'
                      "</Document>" for i, c in (("Document01", "doc%40t"),
                                                 ("Signature01", "sig@t")))
            + "</ProvideAndRegisterDocumentSetRequest>")
        action = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
        parties = [("root@t", 'application/xop+xml; charset=UTF-8; type="application/soap+xml"',
                    self.dmp.enveloppe(action, corps)),
                   ("doc@t", "text/xml", cda), ("sig@t", "text/xml", signature)]
        if self.parties_en_moins:
            parties.pop()
        octets = b"".join(
            f"--B1\r\nContent-Type: {t}\r\nContent-Transfer-Encoding: binary\r\n"
            f"Content-ID: <{c}>\r\n\r\n".encode() + o + b"\r\n"
            for c, t, o in parties) + b"--B1--\r\n"
        return self.dmp.poster("repository", octets, (
            'multipart/related; type="application/xop+xml"; start="<root@t>"; '
            'start-info="application/soap+xml"; boundary=B1'))


def _sha256(octets: bytes) -> str:
    return base64.b64encode(hashlib.sha256(octets).digest()).decode()


def motif_oid(texte: str) -> bool:
    """True for an OID of 64 characters at most."""
    return len(texte) <= 64 and re.fullmatch(r"[0-2](\.(0|[1-9]\d*))+", texte) is not None
