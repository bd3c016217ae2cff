"""VIHF, PS assertion and XAdES: another library (xmlsec) verifies what we sign."""

import base64
import hashlib
from datetime import UTC, datetime
from xml.etree.ElementTree import canonicalize

import pytest
import xmlsec
from lxml import etree
from services_outils import ACCES, LOGICIEL, MATRICULE, OID, PROFIL, paire, signataire

from app.services import soap
from app.services.errors import ClasseErreur, Indisponible, Invalide, Refuse, Remede
from app.services.insi_requetes import Emetteur, assertion_ps
from app.services.signature import NS_DS, NS_SAML, Signataire, exiger_signataire
from app.services.vihf import construire_vihf
from app.services.xades import C14N, NS_XADES, empreinte_cda, signer_lot

NS = {"s": NS_SAML, "d": NS_DS, "h": "urn:hl7-org:v3", "x": NS_XADES}
PURPOSE = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"


def _verifie(racine: etree._Element, certificat: bytes, attribut_id: str = "ID") -> bool:
    """xmlsec's opinion of the first signature of a tree."""
    xmlsec.tree.add_ids(racine, [attribut_id])
    noeud = xmlsec.tree.find_node(racine, xmlsec.constants.NodeSignature)
    contexte = xmlsec.SignatureContext()
    contexte.key = xmlsec.Key.from_memory(certificat, xmlsec.constants.KeyDataFormatCertPem)
    try:
        contexte.verify(noeud)
    except xmlsec.Error:
        return False
    return True


def _valeurs(vihf: etree._Element) -> dict[str, str]:
    return {str(a.get("Name")): "".join(a.itertext())
            for a in vihf.iter(f"{{{NS_SAML}}}Attribute")}


def test_xmlsec_verifies_the_vihf_inside_its_envelope() -> None:
    vihf = construire_vihf(ACCES.contexte_vihf(), LOGICIEL, signataire())
    envoyee = soap.enveloppe([soap.securite([vihf])], etree.fromstring("<r xmlns='urn:x'/>"))
    recue = etree.fromstring(envoyee)
    assertion = recue.find(f".//{{{NS_SAML}}}Assertion")
    assert assertion is not None
    assert _verifie(recue, paire()[1])

    assert [etree.QName(e).localname for e in assertion][:3] == ["Issuer", "Signature", "Subject"]
    methodes = [e.get("Algorithm") for e in assertion.iterfind(".//d:SignedInfo//*", NS)
                if e.get("Algorithm")]
    assert methodes == [
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2001/04/xmlenc#sha256"]
    reference = assertion.find(".//d:Reference", NS)
    assert reference is not None and reference.get("URI") == f"#{assertion.get('ID')}"
    assert assertion.find(".//d:X509Certificate", NS) is not None


def test_xmlsec_sees_a_changed_vihf() -> None:
    vihf = construire_vihf(ACCES.contexte_vihf(), LOGICIEL, signataire())
    nom = vihf.find("s:Subject/s:NameID", NS)
    assert nom is not None
    nom.text = "899700000099"
    assert not _verifie(etree.fromstring(etree.tostring(vihf)), paire()[1])


def test_the_vihf_says_what_the_specification_wants() -> None:
    vihf = construire_vihf(ACCES.contexte_vihf(), LOGICIEL, signataire(),
                           datetime(2026, 1, 15, 8, 30, tzinfo=UTC))
    assert vihf.get("IssueInstant") == "2026-01-15T08:30:00.000Z"
    assert str(vihf.get("ID")).startswith("_") and vihf.get("Version") == "2.0"
    assert vihf.findtext("s:Issuer", namespaces=NS) == "CN=899700000016,OU=Infirmier,O=TEST,C=FR"
    assert vihf.findtext("s:Subject/s:NameID", namespaces=NS) == "899700000016"
    assert vihf.findtext(".//s:AuthnContextClassRef", namespaces=NS) == (
        "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorUnregistered")
    assert vihf.find("s:Conditions", NS) is None
    valeurs = _valeurs(vihf)
    assert valeurs["Identifiant_Structure"] == "499700000016007"
    assert valeurs["Secteur_Activite"] == "SA07^1.2.250.1.71.4.2.4"
    assert valeurs["urn:oasis:names:tc:xspa:1.0:subject:subject-id"] == "INFIRMIERE0000016 LINE"
    assert valeurs["VIHF_Version"] == "3.0"
    assert valeurs["Authentification_mode"] == "INDIRECTE"
    assert valeurs["urn:oasis:names:tc:xacml:2.0:resource:resource-id"] == (
        f"{MATRICULE}^^^&{OID}&ISO^NH")
    assert valeurs["Ressource_URN"] == "urn:dmp"
    assert valeurs["LPS_Nom"] == "Pléiade" and valeurs["LPS_Version"] == "1.2.3"
    assert valeurs["LPS_ID_HOMOLOGATION_DMP"] == "HOMOL-1"
    role = vihf.find(".//h:Role", NS)
    assert role is not None
    assert (role.get("code"), role.get("codeSystem")) == ("60", "1.2.250.1.71.1.2.7")
    assert vihf.find(".//h:PurposeOfUse", NS).get("code") == "normal"  # type: ignore[union-attr]
    assert "Mode_Acces_Raison" not in valeurs


def test_bris_de_glace_and_savoir_faire() -> None:
    from dataclasses import replace

    contexte = replace(ACCES.contexte_vihf(), mode_acces="bris_de_glace", motif="Inconscient",
                       savoir_faire="SI01", connexion_secrete=True)
    vihf = construire_vihf(contexte, LOGICIEL, None)
    but = vihf.find(".//h:PurposeOfUse", NS)
    assert but is not None and but.get("code") == "bris_de_glace"
    assert _valeurs(vihf)["Mode_Acces_Raison"] == "Inconscient"
    assert [r.get("code") for r in vihf.iter("{urn:hl7-org:v3}Role")] == ["60", "SI01"]
    assert "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13" in _valeurs(vihf).values()
    assert vihf.find("d:Signature", NS) is None
    assert vihf.findtext("s:Issuer", namespaces=NS) == "CN=Pléiade"


def test_xmlsec_verifies_the_ps_assertion() -> None:
    assertion = assertion_ps(Emetteur.de(PROFIL), LOGICIEL, signataire())
    relue = etree.fromstring(etree.tostring(assertion))
    assert _verifie(relue, paire()[1])
    nom = relue.find("s:Subject/s:NameID", NS)
    assert nom is not None and nom.text == "899700000016" and nom.get("NameQualifier") == "CPX"
    assert _valeurs(relue) == {"SecteurActivite": "SA07^1.2.250.1.71.4.2.4"}


CDA = ('<?xml version="1.0" encoding="ISO-8859-1"?>\r\n<!-- avant --><ClinicalDocument '
       'xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
       '<id  root="1.2.3"/><!-- dedans --><title>Été</title></ClinicalDocument>\n'
       ).encode("latin-1")


def _digest(noeud: etree._Element) -> str:
    return noeud.findtext("d:DigestValue", namespaces=NS) or ""


def test_xmlsec_verifies_the_signature_document() -> None:
    octets = signer_lot(signataire(), "1.2.250.1.999.1.1.4.7",
                        [("1.2.250.1.999.1.1.1.42", empreinte_cda(CDA))])
    racine = etree.fromstring(octets)
    references = racine.findall(".//d:Manifest/d:Reference", NS)
    assert [r.get("URI") for r in references] == [
        "urn:oid:1.2.250.1.999.1.1.4.7", "urn:oid:1.2.250.1.999.1.1.1.42"]
    assert _digest(references[0]) == "AA=="
    signees = racine.findall("d:SignedInfo/d:Reference", NS)
    assert [r.get("Type") for r in signees] == [
        "http://www.w3.org/2000/09/xmldsig#Manifest",
        "http://uri.etsi.org/01903/v1.1.1#SignedProperties"]
    assert _verifie(_sans_manifeste(racine), paire()[1], "Id")


def _sans_manifeste(racine: etree._Element) -> etree._Element:
    """The same signature, its Object renamed so that xmlsec doesn't follow the manifest.

    xmlsec tries to fetch the references of a `ds:Object/ds:Manifest`, whatever they are. Moving
    the manifest one level down keeps its canonical form: the digest must still be right.
    """
    copie = etree.fromstring(etree.tostring(racine))
    manifeste = copie.find(".//d:Manifest", NS)
    assert manifeste is not None
    objet = manifeste.getparent()
    assert objet is not None
    enveloppe = etree.SubElement(objet, f"{{{NS_DS}}}SignatureProperties")
    enveloppe.append(manifeste)
    return copie


def test_the_signature_document_sees_changes() -> None:
    octets = signer_lot(signataire(), "1.2", [("1.3", empreinte_cda(CDA))])
    for avant, apres in ((b"urn:oid:1.3", b"urn:oid:1.4"), (b"SignedProperties Id", None)):
        if apres is None:
            modifie = octets.replace(b"<SigningTime>2", b"<SigningTime>3")
        else:
            modifie = octets.replace(avant, apres)
        assert modifie != octets
        assert not _verifie(_sans_manifeste(etree.fromstring(modifie)), paire()[1], "Id")


def test_the_signature_document_names_its_parts() -> None:
    racine = etree.fromstring(signer_lot(signataire(), "1.2", []))
    assert racine.find("d:SignedInfo/d:CanonicalizationMethod", NS).get(  # type: ignore[union-attr]
        "Algorithm") == C14N
    but = racine.find(".//d:SignatureProperty", NS)
    assert but is not None and but.get("Id") == "purposeOfSignature"
    assert but.text == "1.2.840.10065.1.12.1.14"
    assert racine.find(".//x:SignaturePolicyImplied", NS) is not None
    serie = racine.findtext(".//x:IssuerSerial/d:X509SerialNumber", namespaces=NS)
    assert serie == str(signataire().certificat.serial_number)


def test_a_document_is_digested_as_libxml_canonicalises_it() -> None:
    arbre = etree.fromstring(CDA).getroottree()
    assert b"<!-- avant -->" in etree.tostring(arbre, method="c14n", with_comments=True)
    autrement = CDA.replace(b"<id  root=\"1.2.3\"/>", b"<id root='1.2.3'></id>")
    assert empreinte_cda(autrement) == empreinte_cda(CDA)
    assert empreinte_cda(CDA.replace(b"1.2.3", b"1.2.4")) != empreinte_cda(CDA)
    assert empreinte_cda(CDA.replace(b"avant", b"autre")) != empreinte_cda(CDA)


def test_another_canonicaliser_agrees() -> None:
    simple = CDA.replace(b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"', b"")
    autre = canonicalize(simple, with_comments=True).encode()
    assert empreinte_cda(simple) == base64.b64encode(hashlib.sha256(autre).digest()).decode()


@pytest.mark.parametrize("contenu", [b"pas du xml", b"<!DOCTYPE a []><a/>", b""])
def test_what_cannot_be_signed(contenu: bytes) -> None:
    with pytest.raises(Invalide):
        empreinte_cda(contenu)


def test_an_expired_certificate_waits_for_its_renewal() -> None:
    perime = signataire(passe=True)
    with pytest.raises(Indisponible, match="plus valable") as leve:
        construire_vihf(ACCES.contexte_vihf(), LOGICIEL, perime)
    assert (leve.value.code, leve.value.classe) == ("CERTIFICAT", ClasseErreur.AUTH)
    with pytest.raises(Indisponible):
        signer_lot(perime, "1.2", [])


def test_key_and_certificate_must_be_a_pair() -> None:
    with pytest.raises(ValueError, match="not that of the key"):
        Signataire(paire("autre")[0], paire()[1])
    with pytest.raises(ValueError):
        Signataire(b"rien", paire()[1])


def test_without_a_key_no_deposit() -> None:
    with pytest.raises(Refuse) as leve:
        exiger_signataire(None)
    assert "clé de signature" in leve.value.message
    assert leve.value.remede is Remede.SIGNALER
