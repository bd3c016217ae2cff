"""The verifier of the bac à sable, against signers that nobody here wrote."""

from datetime import UTC, datetime, timedelta

import pytest
import xmlsec
from lxml import etree
from signxml import CanonicalizationMethod, SignatureConstructionMethod, XMLSigner

from app.sandbox import certificats
from app.sandbox.certificats import Pki
from app.sandbox.lecture_xml import XmlRefuse, lire
from app.sandbox.saml import lire_assertion, verifier_signature
from app.sandbox.signature_xml import SignatureRefusee, canonique

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return certificats.ouvrir(tmp_path_factory.mktemp("pki") / "pki")


def assertion() -> etree._Element:
    return etree.fromstring(
        f'<saml2:Assertion xmlns:saml2="{SAML}" xmlns:a="urn:a" ID="_1" Version="2.0">'
        "<saml2:Issuer>CN=x</saml2:Issuer><saml2:Subject><saml2:NameID>899700000016"
        "</saml2:NameID></saml2:Subject><!-- c --><a:x>é &amp; &lt;</a:x></saml2:Assertion>")


def signe_par_signxml(pki: Pki, nom: str = "installation") -> etree._Element:
    racine = assertion()
    racine.insert(1, etree.Element(f"{{{DS}}}Signature", Id="placeholder", nsmap={"ds": DS}))
    return XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0).sign(
        racine, key=pki.pem_cle(nom), cert=pki.certificat(nom).read_text(),
        reference_uri="_1", id_attribute="ID")


def signe_par_xmlsec(pki: Pki, inclusif: bool = False) -> etree._Element:
    racine = assertion()
    c14n = xmlsec.Transform.C14N if inclusif else xmlsec.Transform.EXCL_C14N
    modele = xmlsec.template.create(racine, c14n, xmlsec.Transform.RSA_SHA256, ns="ds")
    racine.insert(1, modele)
    reference = xmlsec.template.add_reference(modele, xmlsec.Transform.SHA256, uri="#_1")
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, c14n)
    donnees = xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(modele))
    xmlsec.template.x509_data_add_certificate(donnees)
    xmlsec.tree.add_ids(racine, ["ID"])
    contexte = xmlsec.SignatureContext()
    contexte.key = xmlsec.Key.from_memory(pki.pem_cle("installation"), xmlsec.KeyFormat.PEM)
    contexte.key.load_cert_from_memory(pki.certificat("installation").read_bytes(),
                                       xmlsec.KeyFormat.PEM)
    contexte.sign(modele)
    return racine


def verifier(pki: Pki, element: etree._Element, dans: bool = True) -> str | None:
    """Verify, inside an envelope as on the wire."""
    if dans:
        enveloppe = etree.fromstring(
            b'<s:E xmlns:s="urn:s" xmlns:b="urn:b">' + etree.tostring(element) + b"</s:E>")
        element = enveloppe[0]
    lue = verifier_signature(lire_assertion(element), pki.charger_certificat("ca"),
                             datetime.now(UTC))
    return None if lue is None else lue.algorithme


def test_right_signatures(pki: Pki) -> None:
    assert verifier(pki, signe_par_signxml(pki)) == "rsa-sha256"
    assert verifier(pki, signe_par_xmlsec(pki)) == "rsa-sha256"
    assert verifier(pki, signe_par_xmlsec(pki, inclusif=True), dans=False) == "rsa-sha256"
    assert verifier(pki, assertion()) is None


def change(element: etree._Element, avant: str, apres: str) -> etree._Element:
    texte = etree.tostring(element, encoding="unicode")
    assert avant in texte
    return etree.fromstring(texte.replace(avant, apres))


@pytest.mark.parametrize(("avant", "apres"), [
    ("899700000016", "899700000024"), ('ID="_1"', 'ID="_2"'), ("<!-- c -->", "é"),
    ("#enveloped-signature", "#autre"), ("#sha256", "#md5"), ("rsa-sha256", "rsa-md5"),
    ("</ds:SignatureValue>", "AA</ds:SignatureValue>"),
    ("<saml2:Subject>", "<saml2:Issuer>CN=y</saml2:Issuer><saml2:Subject>")])
def test_anything_changed_is_seen(pki: Pki, avant: str, apres: str) -> None:
    element = change(signe_par_signxml(pki), avant, apres)
    if apres.startswith("<saml2:Issuer>"):
        verifier_apres = element.find(f"{{{DS}}}Signature")
        element.insert(2, verifier_apres)
    with pytest.raises(SignatureRefusee):
        verifier(pki, element)


@pytest.mark.parametrize("nom", ["proxy-client", "serveur-inconnu", "serveur-expire"])
def test_only_a_signing_certificate_of_ours(pki: Pki, nom: str) -> None:
    with pytest.raises(SignatureRefusee):
        verifier(pki, signe_par_signxml(pki, nom))


def test_certificate_out_of_its_dates(pki: Pki) -> None:
    with pytest.raises(SignatureRefusee, match="dates"):
        verifier_signature(lire_assertion(signe_par_signxml(pki)), pki.charger_certificat("ca"),
                           datetime.now(UTC) + timedelta(days=1000))


def test_wrapped_assertion_is_refused(pki: Pki) -> None:
    """A signature moved onto another assertion covers nothing of it."""
    vraie = signe_par_signxml(pki)
    fausse = change(assertion(), 'ID="_1"', 'ID="_2"')
    fausse.insert(1, vraie.find(f"{{{DS}}}Signature"))
    with pytest.raises(SignatureRefusee):
        verifier(pki, fausse)


def test_canonicalisation_keeps_the_namespaces_of_ancestors() -> None:
    racine = etree.fromstring('<a xmlns="urn:1" xmlns:p="urn:2"><b c="2" a="1"/></a>')
    inclusif = canonique(racine[0], "http://www.w3.org/TR/2001/REC-xml-c14n-20010315")
    assert inclusif == b'<b xmlns="urn:1" xmlns:p="urn:2" a="1" c="2"></b>'
    exclusif = canonique(racine[0], "http://www.w3.org/2001/10/xml-exc-c14n#")
    assert exclusif == b'<b xmlns="urn:1" a="1" c="2"></b>'
    with pytest.raises(SignatureRefusee):
        canonique(racine, "urn:inconnu")


@pytest.mark.parametrize("octets", [
    b"", b"<a>", b"<!DOCTYPE a><a/>", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    b"<a>" * 5000 + b"</a>" * 5000, '<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16")])
def test_hostile_xml(octets: bytes) -> None:
    with pytest.raises(XmlRefuse):
        lire(octets)
