"""SOAP requests made by plain text and lxml, signed by signxml: a second client for tests."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from lxml import etree
from sandbox_client import IDEL, Client
from signxml import CanonicalizationMethod, SignatureConstructionMethod, XMLSigner

NS = {"soap": "http://www.w3.org/2003/05/soap-envelope",
      "wsa": "http://www.w3.org/2005/08/addressing",
      "ds": "http://www.w3.org/2000/09/xmldsig#",
      "r": "http://www.cnamts.fr/INSiResultat", "h": "urn:hl7-org:v3",
      "xds": "urn:ihe:iti:xds-b:2007", "rs": "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0",
      "rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
      "q": "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0",
      "d": "urn:si-dmp-habilitations"}
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
X509 = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"


def maintenant(decalage: timedelta = timedelta()) -> str:
    """UTC date-time of SAML."""
    return (datetime.now(UTC) + decalage).strftime("%Y-%m-%dT%H:%M:%S.") + "000Z"


def sujet(infos: dict[str, Any], nom: str = "installation") -> str:
    """Subject DN of a certificate, most specific first."""
    pem = Path(infos["pki"], f"{nom}.pem").read_bytes()
    return x509.load_pem_x509_certificate(pem).subject.rfc4514_string()


def signer(assertion: str, infos: dict[str, Any], nom: str = "installation",
           sha1: bool = False) -> str:
    """Sign an assertion with signxml; the signature goes just after Issuer."""
    pki = Path(infos["pki"])
    racine = etree.fromstring(assertion)
    classe = _Sha1 if sha1 else XMLSigner
    signataire = classe(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm="rsa-sha1" if sha1 else "rsa-sha256",
        digest_algorithm="sha1" if sha1 else "sha256",
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    place = etree.Element(f"{{{NS['ds']}}}Signature", Id="placeholder", nsmap={"ds": NS["ds"]})
    racine.insert(1, place)
    signe = signataire.sign(
        racine, key=(pki / f"{nom}.key").read_bytes(), cert=(pki / f"{nom}.pem").read_text(),
        reference_uri=racine.get("ID"), id_attribute="ID")
    return etree.tostring(signe, encoding="unicode")


class _Sha1(XMLSigner):
    def check_deprecated_methods(self) -> None:
        """SHA-1 is what the old examples use."""


@dataclass
class Insi:
    """INSi calls; fields are what a test may spoil."""

    client: Client
    jeton: str
    nom_id: str = IDEL
    idam: str = "NUMAUTOR0000"
    signature: str | None = "installation"
    chemin: str = "/insi/lps"
    age: timedelta = timedelta()
    entetes: dict[str, str] = field(default_factory=dict)
    avec_assertion: bool = True

    def assertion(self) -> str:
        """The PS assertion."""
        texte = (f'<saml2:Assertion xmlns:saml2="{SAML}" ID="_{uuid.uuid4()}" '
                 f'IssueInstant="{maintenant(-self.age)}" Version="2.0"><saml2:Issuer '
                 f'Format="{X509}">{sujet(self.client.infos)}</saml2:Issuer><saml2:Subject>'
                 f'<saml2:NameID NameQualifier="CPS">{self.nom_id}</saml2:NameID>'
                 "</saml2:Subject></saml2:Assertion>")
        return signer(texte, self.client.infos, self.signature) if self.signature else texte

    def appeler(self, operation: str, corps: str, *, version: str = "1.0.0",
                couverture: str = "<COUVERTURE/>", message_id: str | None = None,
                client: Client | None = None) -> httpx.Response:
        """POST one envelope."""
        action = f"urn:ServiceIdentiteCertifiee:{version}:{operation}"
        securite = (f'<wsse:Security xmlns:wsse="{WSSE}">{self.assertion()}</wsse:Security>'
                    if self.avec_assertion else "")
        enveloppe = f"""<s:Envelope xmlns:s="{NS['soap']}" xmlns:wsa="{NS['wsa']}"><s:Header>
          <b:ContexteBAM xmlns:b="urn:siram:bam:ctxbam" Version="01_02"><b:Id>{uuid.uuid4()}</b:Id>
          <b:Temps>{maintenant()}</b:Temps><b:Emetteur>{self.nom_id}</b:Emetteur>{couverture}
          </b:ContexteBAM><l:ContexteLPS xmlns:l="urn:siram:lps:ctxlps" Nature="CTXLPS"
          Version="01_00"><l:Id>{uuid.uuid4()}</l:Id><l:Temps>{maintenant()}</l:Temps>
          <l:Emetteur>{self.nom_id}</l:Emetteur><l:LPS><l:IDAM R="4">{self.idam}</l:IDAM>
          <l:Version>0.1</l:Version><l:Instance>{uuid.uuid4()}</l:Instance>
          <l:Nom>urn:lps:TEST:0.1</l:Nom></l:LPS></l:ContexteLPS><wsa:Action>{action}</wsa:Action>
          <wsa:MessageID>{message_id or f'uuid:{uuid.uuid4()}'}</wsa:MessageID>{securite}
          </s:Header><s:Body>{corps}</s:Body></s:Envelope>"""
        return (client or self.client).http.post(
            self.client.infos["insi"].removesuffix("/insi") + self.chemin,
            content=enveloppe.encode(),
            headers={"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"',
                     "Authorization": f"Bearer {self.jeton}"} | self.entetes)

    def traits(self, nom: str, prenom: str, sexe: str, date: str, cog: str = "", **autres: Any
               ) -> httpx.Response:
        """Search by traits."""
        lieu = f"<r:LieuNaissance>{cog}</r:LieuNaissance>" if cog else ""
        return self.appeler("rechercherInsAvecTraitsIdentite", (
            f'<r:RECSANSVITALE xmlns:r="http://www.cnamts.fr/INSiRecSans"><r:NomNaissance>{nom}'
            f"</r:NomNaissance><r:Prenom>{prenom}</r:Prenom><r:Sexe>{sexe}</r:Sexe>"
            f"<r:DateNaissance>{date}</r:DateNaissance>{lieu}</r:RECSANSVITALE>"), **autres)

    def carte(self, nir: str, date: str, rang: str = "1", element: str = "MatriculeOD"
              ) -> httpx.Response:
        """Search with a carte Vitale."""
        return self.appeler("rechercherInsAvecCarteVitale", (
            f'<r:RECVITALE xmlns:r="http://www.cnamts.fr/INSiRecVit"><r:{element}>'
            f"<r:NumIdentifiant>{nir[:13]}</r:NumIdentifiant><r:Cle>{nir[13:]}</r:Cle>"
            f"</r:{element}><r:DateNaissance>{date}</r:DateNaissance><r:RangNaissance>{rang}"
            "</r:RangNaissance></r:RECVITALE>"),
            couverture="<b:COUVERTURE><b:BENEFICIAIRE><b:DateNai>" + date
                       + "</b:DateNai></b:BENEFICIAIRE></b:COUVERTURE>")

    def verification(self, matricule: str, oid: str, nom: str, liste: str, sexe: str, date: str,
                     cog: str) -> httpx.Response:
        """Verification of an INS (own design)."""
        return self.appeler("verifierInsAvecTraitsIdentite", (
            '<v:VERIFINS xmlns:v="http://www.cnamts.fr/INSiLot2/REPUnitaire"><v:IndividuVerifie>'
            f"<v:INSFourni><v:IdIndividu><v:NumIdentifiant>{matricule[:13]}</v:NumIdentifiant>"
            f"<v:Cle>{matricule[13:]}</v:Cle></v:IdIndividu><v:OID>{oid}</v:OID></v:INSFourni>"
            f"<v:TraitsIdentiteIndividu><v:NomNaissance>{nom}</v:NomNaissance><v:ListePrenom>"
            f"{liste}</v:ListePrenom><v:Sexe>{sexe}</v:Sexe><v:DateNaissance>{date}"
            f"</v:DateNaissance><v:LieuNaissance>{cog}</v:LieuNaissance>"
            "</v:TraitsIdentiteIndividu></v:IndividuVerifie></v:VERIFINS>"), version="2.0.0")


def xpath(reponse: httpx.Response | bytes, chemin: str) -> Any:
    """Evaluate a path over an answer."""
    octets = reponse if isinstance(reponse, bytes) else reponse.content
    return etree.fromstring(octets).xpath(chemin, namespaces=NS)


def texte(reponse: httpx.Response | bytes, chemin: str) -> str:
    """String value of a path."""
    return str(xpath(reponse, f"string({chemin})"))
