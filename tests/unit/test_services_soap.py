"""SOAP answers: read by namespace, refused when they don't follow the protocol."""

import pickle

import pytest
from lxml import etree
from services_outils import faute, soap12

from app.services import soap
from app.services.errors import (
    ClasseErreur,
    ErreurService,
    Indisponible,
    Invalide,
    Refuse,
    Rejete,
    Remede,
    SessionExpiree,
)
from app.services.noms import texte_propre
from app.services.transport import Reponse
from app.services.xml_sur import lire_xml

MID = "urn:uuid:1"


def _lire(reponse: Reponse, **options: object) -> soap.ReponseSoap:
    return soap.lire_reponse(reponse.corps, reponse.content_type, reponse.status, service="dmp",
                             **options)  # type: ignore[arg-type]


def test_two_prefixes_for_one_namespace() -> None:
    lu = _lire(soap12('<x:R xmlns:x="urn:x"/>', MID, prefixe="env"), message_id=MID)
    assert lu.contenu is not None and lu.contenu.tag == "{urn:x}R"
    assert lu.faute is None


def test_an_envelope_is_written_and_read_back() -> None:
    corps = etree.fromstring("<a xmlns='urn:x'>é</a>")
    octets = soap.enveloppe(soap.entetes_adressage("urn:action", MID, "https://dmp/x"), corps)
    racine = etree.fromstring(octets)
    ns = {"s": soap.NS_SOAP, "a": soap.NS_WSA}
    assert octets.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert [etree.QName(e).localname for e in racine[0]] == ["MessageID", "To", "ReplyTo", "Action"]
    assert racine.xpath("string(//a:To)", namespaces=ns) == "https://dmp/x"
    assert racine.xpath("//a:ReplyTo/@s:mustUnderstand", namespaces=ns) == ["true"]
    assert racine.xpath("string(//a:ReplyTo/a:Address)", namespaces=ns).endswith("/anonymous")


def test_the_answer_to_another_request_is_refused() -> None:
    with pytest.raises(Invalide, match="autre demande"):
        _lire(soap12("<R/>", "urn:uuid:2"), message_id=MID)
    with pytest.raises(Invalide, match="autre demande"):
        _lire(soap12("<R/>"), message_id=MID)
    assert _lire(soap12("<R/>"), message_id=MID, relates_to_exige=False).contenu is not None


def test_a_fault_may_lack_relates_to_but_not_lie() -> None:
    lu = _lire(soap12(faute("DMPX", "non"), status=500), message_id=MID)
    assert lu.faute == soap.Faute("Sender", ("DMPX",), "non")
    with pytest.raises(Invalide):
        _lire(soap12(faute("DMPX", "non"), "urn:uuid:2", status=500), message_id=MID)


def test_a_fault_with_siram_detail() -> None:
    detail = ('<soap:Detail><e:Erreur xmlns:e="urn:siram" severite="fatale" code="desir_550" '
              'messageID="m">IDAM inconnu</e:Erreur></soap:Detail>')
    lu = _lire(soap12(faute("siram_100", "Erreur", detail=detail, prefixe="soap"), status=500))
    assert lu.faute is not None
    assert lu.faute.code_officiel == "siram_100 / desir_550"
    assert lu.faute.texte == "Erreur – IDAM inconnu"


def test_a_soap_11_fault() -> None:
    corps = (b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>'
             b"<faultcode>e:Server</faultcode><faultstring>panne</faultstring></e:Fault></e:Body>"
             b"</e:Envelope>")
    lu = soap.lire_reponse(corps, "text/xml", 500, service="dmp")
    assert lu.faute == soap.Faute("Server", (), "panne")


@pytest.mark.parametrize(("status", "genre", "corps", "attendu", "incertain"), [
    (503, "text/html", b"<html>maintenance</html>", Indisponible, False),
    (502, "", b"", Indisponible, True),
    (504, "", b"", Indisponible, True),
    (500, "text/plain", b"oops", Indisponible, True),
    (500, "application/soap+xml", b"<<<pas du XML", Indisponible, True),
    (500, "application/xml", b"<autre/>", Indisponible, True),
    (200, "text/html", b"<!DOCTYPE html><html></html>", Indisponible, True),
    (200, "application/soap+xml", b"<html><body/></html>", Indisponible, True),
    (429, "application/json", b"{}", Indisponible, False),
    (404, "text/plain", b"", Indisponible, False),
    (401, "application/json", b"{}", SessionExpiree, False),
    (403, "text/plain", b"", Refuse, False),
    (413, "text/plain", b"", Rejete, False),
    (400, "text/plain", b"", Invalide, False),
    (200, "application/soap+xml", b"<<<pas du XML", Invalide, False),
    (200, "application/soap+xml", b"<autre/>", Invalide, False),
    (200, "application/soap+xml", b"", Invalide, False),
])
def test_what_is_not_soap(status: int, genre: str, corps: bytes,
                          attendu: type[ErreurService], incertain: bool) -> None:
    with pytest.raises(ErreurService) as leve:
        soap.lire_reponse(corps, genre, status, service="dmp")
    erreur = leve.value
    assert type(erreur) is attendu
    assert erreur.incertain is incertain
    assert erreur.message.endswith(".") and "DMP" in erreur.message
    assert erreur.service == "dmp"


def test_an_empty_body_is_refused() -> None:
    corps = b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>'
    with pytest.raises(Invalide, match="vide"):
        soap.lire_reponse(corps, "application/soap+xml", service="insi")


BOMBE = (b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
         b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><b>&b;</b>')
EXTERNE = b'<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]><b>&x;</b>'


@pytest.mark.parametrize("corps", [
    BOMBE, EXTERNE, BOMBE[21:].decode().encode("utf-16"),
    b" " * 5000 + BOMBE[21:],
    b"<a>" * 200_000 + b"</a>" * 200_000,
    b"<a>\x00</a>",
    b"",
    b"<a/>" + b" " * 100,
], ids=["bomb", "external", "utf16", "late-doctype", "deep", "nul", "empty", "size"])
def test_hostile_xml_is_refused(corps: bytes) -> None:
    with pytest.raises(Invalide):
        lire_xml(corps, service="dmp", taille_max=100 if corps.endswith(b" " * 100) else 10**7)


def test_texts_of_a_service_are_made_fit() -> None:
    assert texte_propre("a\x00\n\u202eb   c") == "a b c"
    assert texte_propre("INS 190010100100157 inconnu") == "INS [matricule] inconnu"
    assert texte_propre("INS 297022A020778 inconnu") == "INS [matricule] inconnu"
    oid = "uniqueId=1.2.250.1.999.1.1.1.2851263220749741234567"
    assert texte_propre(oid) == oid
    assert len(texte_propre("x" * 1000)) == 300


def test_errors_travel_between_processes() -> None:
    erreur = Refuse("Non.", service="dmp", code="DMPX", remede=Remede.SE_CONNECTER, incertain=True,
                    classe=ClasseErreur.PATIENT_STATE, reference="urn:uuid:1")
    copie = pickle.loads(pickle.dumps(erreur))
    assert type(copie) is Refuse
    assert vars(copie) == vars(erreur)
    assert str(copie) == "Non."
