"""The double of the DMP: what it keeps, what it refuses (TD2.1), and the fault panel."""

import hashlib
import time
from collections.abc import Iterator

import httpx
import pytest
from lxml import etree
from sandbox_client import Client
from sandbox_dmp import LAURENT, ZOE, Dmp, Lot, paquet
from sandbox_soap import NS, texte, xpath

from app.sandbox.serveur import BacASable


@pytest.fixture(scope="module")
def bac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BacASable]:
    with BacASable(tmp_path_factory.getbasetemp() / "bac-a-sable") as serveur:
        yield serveur


@pytest.fixture(scope="module")
def session(bac: BacASable) -> Iterator[tuple[Client, str]]:
    client = Client(bac.infos)
    yield client, client.jeton_api("dmp")
    client.fermer()


@pytest.fixture
def dmp(session: tuple[Client, str]) -> Dmp:
    client, jeton = session
    for chemin in ("/pannes", "/journal"):
        client.controle.delete(chemin)
    client.controle.post(f"/dmp/{ZOE}", json={"profil": "vide", "autorisation": "VALIDE"})
    return Dmp(client, jeton)


def statut(reponse: httpx.Response) -> str:
    assert reponse.status_code == 200, reponse.text
    return texte(reponse, "//rs:RegistryResponse/@status").rsplit(":", 1)[1]


def erreur(reponse: httpx.Response) -> str:
    assert statut(reponse) == "Failure"
    return texte(reponse, "//rs:RegistryError/@errorCode")


def gardes(dmp: Dmp) -> list[dict]:
    return list(dmp.client.controle.get(f"/dmp/{dmp.patient}").json()["documents"])


def test_a_lot_is_kept_whole(dmp: Dmp) -> None:
    lot = Lot(dmp)
    reponse = lot.envoyer()
    assert statut(reponse) == "Success"
    assert texte(reponse, "//wsa:Action").endswith("ProvideAndRegisterDocumentSet-bResponse")
    document, signature = gardes(dmp)
    assert document["unique_id"] == lot.unique and not document["signature"]
    assert signature["signature"] and signature["type_code"] == "E1762"
    octets = dmp.client.controle.get(f"/dmp/{ZOE}/documents/{lot.unique}").content
    assert octets == lot.cda() and hashlib.sha1(octets).hexdigest() == document["hash"]
    # The signature is not listed; the document is, and comes back byte for byte.
    fiches = xpath(dmp.td31(), "//rim:ExtrinsicObject")
    assert len(fiches) == 1
    assert paquet(dmp.td32(lot.unique))[1].popitem()[1] == octets
    ligne = dmp.client.journal("dmp", "TD2.1")[-1]
    assert ligne["depot"] == [lot.unique] and ligne["signature_lot"] == "rsa-sha256"


def test_same_document_twice(dmp: Dmp) -> None:
    lot = Lot(dmp)
    assert statut(lot.envoyer()) == "Success"
    lot.lot_unique = "1.2.250.1.999.1.4.1"
    assert erreur(lot.envoyer()) == "XDSDuplicateUniqueIdInRegistry"
    lot.titre = "Autre titre"
    assert erreur(lot.envoyer()) == "XDSNonIdenticalHash"
    neuf = Lot(dmp, lot_unique=Lot(dmp).lot_unique)
    assert statut(neuf.envoyer()) == "Success"
    assert erreur(Lot(dmp, lot_unique=neuf.lot_unique).envoyer()) \
        == "XDSDuplicateUniqueIdInRegistry"


def test_replacement(dmp: Dmp) -> None:
    premier = Lot(dmp)
    assert statut(premier.envoyer()) == "Success"
    ancien = gardes(dmp)[0]["entry_uuid"]

    def suivant(**change: object) -> Lot:
        return Lot(dmp, **{"version": 2, "remplace": premier.unique, "remplace_uuid": ancien,
                           **change})  # type: ignore[arg-type]
    for change in ({"set_id": "1.2.3"}, {"version": 1}, {"remplace": ""},
                   {"remplace": "1.2.3"}, {"remplace_uuid": "urn:uuid:0"},
                   {"remplace_uuid": ""}):
        assert erreur(suivant(**change).envoyer()) == "XDSReplaceFailed", change
    neuf = suivant()
    assert statut(neuf.envoyer()) == "Success"
    etats = {d["unique_id"]: d["statut"] for d in gardes(dmp)}
    assert etats[premier.unique] == "Deprecated" and etats[neuf.unique] == "Approved"
    assert erreur(suivant(unique="1.2.250.1.999.1.1.9").envoyer()) \
        == "XDSRegistryDeprecatedDocumentError"


def test_hash_and_size_are_checked_when_sent(dmp: Dmp) -> None:
    juste = Lot(dmp)
    octets = juste.cda()
    juste.slots = {"hash": hashlib.sha1(octets).hexdigest(), "size": str(len(octets))}
    assert statut(juste.envoyer()) == "Success"
    assert erreur(Lot(dmp, slots={"hash": "0" * 40}).envoyer()) == "XDSNonIdenticalHash"
    assert erreur(Lot(dmp, slots={"size": "1"}).envoyer()) == "XDSRegistryMetadataError"


@pytest.mark.parametrize(("change", "code"), [
    ({"auteur": "899700000024"}, "XDSRegistryMetadataError"),
    ({"structure": "499700000024007"}, "XDSRegistryMetadataError"),
    ({"visibilites": ("MASQUE_PS", "N")}, "XDSRegistryMetadataError"),
    ({"visibilites": ("N", "SECRET")}, "XDSRegistryMetadataError"),
    ({"visibilites": ("N", "MASQUE_PS", "INVISIBLE_PATIENT")}, "XDSRegistryMetadataError"),
    ({"visibilites": ()}, "XDSMissingDocumentMetadata"),
    ({"parties_en_moins": True}, "XDSMissingDocument"),
    ({"manifeste_faux": True}, "DMPInvalidSignature"),
    ({"unique": "1.2.03"}, "XDSRegistryMetadataError")])
def test_lots_refused(dmp: Dmp, change: dict, code: str) -> None:
    assert erreur(Lot(dmp, **change).envoyer()) == code
    assert gardes(dmp) == []


@pytest.mark.parametrize(("avant", "apres", "code"), [
    ("Slot name=\"creationTime\"", "Slot name=\"x\"", "XDSMissingDocumentMetadata"),
    ("Slot name=\"languageCode\"", "Slot name=\"x\"", "XDSMissingDocumentMetadata"),
    (">fr-FR<", ">fr<", "XDSRegistryMetadataError"),
    ("PID-8|F", "X", "XDSRegistryMetadataError"),
    ("^D^^^IDNPS", "", "XDSRegistryMetadataError"),
    ("urn:uuid:7edca82f", "urn:uuid:00000000", "XDSRegistryMetadataError"),
    ("1.2.250.1.71.4.2.4<", "1.2.3<", "XDSRegistryMetadataError"),
    ("urn:ihe:iti:xds-sd:text:2008", "urn:ihe:iti:xds-sd:pdf:2008", "XDSRegistryMetadataError"),
    ("&amp;1.2.250.1.213.1.4.8&amp;ISO^NH\"", "&amp;1.2.250.1.213.1.4.9&amp;ISO^NH\"",
     "XDSPatientIdDoesNotMatch"),
    ("a54d6aa5", "00000000", "XDSRegistryMetadataError"),
    ("1.2.250.1.213.2.2<", "1.2<", "XDSRegistryMetadataError"),
    ("AssociationType:signs", "AssociationType:autre", "XDSRegistryMetadataError"),
    ("ebxml-regrep:AssociationType:HasMember", "x", "XDSRegistryMetadataError"),
    (">Original<", ">Reference<", "XDSRegistryMetadataError"),
    ("value=\"Lettre", "value=\"Autre", "XDSRegistryMetadataError"),
    ("E1762", "11488-4", "XDSRegistryMetadataError")])
def test_metadata_rules(dmp: Dmp, avant: str, apres: str, code: str) -> None:
    assert erreur(Lot(dmp, metadonnees={avant: apres}).envoyer()) == code
    assert gardes(dmp) == []


@pytest.mark.parametrize(("avant", "apres", "code"), [
    ('code="96349-6"', 'code="11488-4"', "XDSRegistryMetadataError"),
    ("<title>Lettre", "<title>Autre", "XDSRegistryMetadataError"),
    ('extension="275126322074974"', 'extension="181016322075140"', "XDSPatientIdDoesNotMatch"),
    ('<setId root="1.2.250.1.999.1.2.77"/>', "", "XDSRegistryMetadataError"),
    ('extension="899700000016"', 'extension="899700000024"', "XDSRegistryMetadataError"),
    ('<languageCode code="fr-FR"/>', '<languageCode code="fr"/>', "XDSRegistryMetadataError"),
    ("VGV4dGUgZGUgbGEgbGV0dHJlLCBhc3NleiBsb25nLg==", "", "XDSRepositoryMetadataError"),
    ('<versionNumber value="1"/>', '<versionNumber value="²"/>', "XDSRegistryMetadataError"),
    ('<effectiveTime value="20', '<effectiveTime value="2099', "XDSRegistryMetadataError"),
    ('<low value="20', '<low value="209999', "XDSRegistryMetadataError"),
    ("</ClinicalDocument>", "", "XDSRepositoryMetadataError"),
    ("<!-- un commentaire compte -->", "<!DOCTYPE x [<!ENTITY a 'b'>]>",
     "XDSRepositoryMetadataError")])
def test_document_must_agree_with_its_metadata(dmp: Dmp, avant: str, apres: str, code: str
                                               ) -> None:
    lot = Lot(dmp, cda_change=(avant, apres))
    assert avant in Lot(dmp).cda().decode()
    # The signature of an unreadable document can't be computed: sign the right one.
    sain = Lot(dmp)
    lot.xades = lambda _cda: sain.xades(sain.cda())  # type: ignore[method-assign]
    assert erreur(lot.envoyer()) == code
    assert gardes(dmp) == []


@pytest.mark.parametrize("signataire", ["proxy-client", "serveur-inconnu"])
def test_lot_signed_by_another_certificate(dmp: Dmp, signataire: str) -> None:
    reponse = Lot(dmp, signataire=signataire).envoyer()
    assert reponse.status_code == 500 and "DMPInvalidCertificate" in reponse.text


def test_unsigned_vihf_deposits_nothing(dmp: Dmp) -> None:
    dmp.signature = None
    assert "DMPInvalidCertificate" in Lot(dmp).envoyer().text
    assert gardes(dmp) == []


def test_no_dmp_and_closed_dmp(dmp: Dmp) -> None:
    dmp.patient = "181036322045660"
    assert erreur(Lot(dmp).envoyer()) == "XDSUnknownPatientId"
    dmp.patient = "297022A02077878"
    assert erreur(Lot(dmp).envoyer()) == "DMPPatientClosed"


def test_broken_multipart(dmp: Dmp) -> None:
    type_mime = ('multipart/related; type="application/xop+xml"; start="<r>"; '
                 'start-info="application/soap+xml"; boundary=B1')
    for corps in (b"", b"--B1\r\n\r\n\r\n", b"--B1\nContent-ID: <r>\n\nx\n--B1--\n"):
        reponse = dmp.poster("repository", corps, type_mime)
        assert reponse.status_code == 500 and "MTOM" in reponse.text
    assert "MTOM" in dmp.poster("repository", b"x", "multipart/related").text


# --- the fault panel, at every operation ---

def td32(dmp: Dmp) -> httpx.Response:
    dmp.patient = LAURENT
    unique = dmp.client.controle.get(f"/dmp/{LAURENT}").json()["documents"][-3]["unique_id"]
    return dmp.td32(unique)


APPELS = {"TD0.2": lambda d: d.td02(), "TD0.3": lambda d: d.td03(), "TD3.1": lambda d: d.td31(),
          "TD3.2": td32, "TD2.1": lambda d: Lot(d).envoyer()}


@pytest.mark.parametrize("operation", APPELS)
def test_transport_faults(dmp: Dmp, operation: str) -> None:
    def poser(type_: str, valeur: object = None) -> None:
        dmp.client.panne("dmp", operation, type_, valeur)
    appel = APPELS[operation]
    for code in (500, 502, 503, 504):
        poser("http", code)
        assert appel(dmp).status_code == code
    poser("html")
    page = appel(dmp)
    assert page.status_code == 503 and "<html" in page.text
    for moment in ("avant", "apres", "milieu"):
        poser("coupure", moment)
        with pytest.raises(httpx.RemoteProtocolError):
            appel(dmp)
    poser("jeton_expire")
    assert appel(dmp).status_code == 401
    poser("xml_invalide")
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(appel(dmp).content)
    poser("xml_bombe", "externe")
    assert b"<!DOCTYPE" in appel(dmp).content
    poser("delai", 0.3)
    debut = time.monotonic()
    assert appel(dmp).status_code == 200
    assert time.monotonic() - debut >= 0.3  # short: at least


@pytest.mark.parametrize("operation", APPELS)
def test_soap_faults(dmp: Dmp, operation: str) -> None:
    appel = APPELS[operation]
    dmp.client.panne("dmp", operation, "fault", "DMPAccessDeniedByRightsService")
    reponse = appel(dmp)
    assert reponse.status_code == 500 and "soap:DMPAccessDeniedByRightsService" in reponse.text
    dmp.client.panne("dmp", operation, "fault", {"code": "DMPX", "texte": "Éœ", "http": 200,
                                                 "multipart": True})
    reponse = appel(dmp)
    assert reponse.status_code == 200
    enveloppe, parties = paquet(reponse)
    assert texte(enveloppe, "//soap:Reason/soap:Text") == "Éœ" and parties == {}
    dmp.client.panne("dmp", operation, "relates_to")
    reponse = appel(dmp)
    octets = paquet(reponse)[0] if "multipart" in reponse.headers["content-type"] \
        else reponse.content
    assert texte(octets, "//wsa:RelatesTo").startswith("urn:uuid:00000000")


def test_functional_codes(dmp: Dmp) -> None:
    dmp.client.panne("dmp", "TD0.2", "code", "DMPAccessDenied")
    assert texte(dmp.td02(), "//h:acknowledgement/@typeCode") == "AE"
    dmp.client.panne("dmp", "TD0.3", "code", "DMPTechnique")
    assert texte(dmp.td03(), "//d:status") == "DMPTechnique"
    dmp.client.panne("dmp", "*", "code", "XDSTooManyResults", 3)
    assert erreur_de(dmp.td31()) == "XDSTooManyResults"
    assert erreur_de(paquet(td32(dmp))[0]) == "XDSTooManyResults"
    assert erreur_de(Lot(Dmp(dmp.client, dmp.jeton)).envoyer()) == "XDSTooManyResults"


def erreur_de(reponse: httpx.Response | bytes) -> str:
    return texte(reponse, "//rs:RegistryError/@errorCode")


def test_busy_three_times_then_success(dmp: Dmp) -> None:
    dmp.client.panne("dmp", "TD3.1", "occupe", fois=3)
    dmp.client.panne("dmp", "TD2.1", "occupe")
    assert [erreur_de(dmp.td31()) for _ in range(4)] == ["XDSRegistryBusy"] * 3 + [""]
    assert erreur_de(Lot(dmp).envoyer()) == "XDSRepositoryBusy"


def test_truncated_and_missing_parts(dmp: Dmp) -> None:
    dmp.client.panne("dmp", "TD3.2", "tronque")
    reponse = td32(dmp)
    frontiere = reponse.headers["content-type"].split('boundary="')[1].rstrip('"')
    assert reponse.status_code == 200 and f"--{frontiere}--".encode() not in reponse.content
    dmp.client.panne("dmp", "TD3.2", "cid_manquant")
    enveloppe, parties = paquet(td32(dmp))
    assert parties == {} and b"xop:Include" in enveloppe


def test_wrong_hash_size_and_bytes(dmp: Dmp) -> None:
    dmp.patient = LAURENT
    juste = dmp.td31().text
    dmp.client.panne("dmp", "TD3.1", "hash_faux", "hash")
    assert "0" * 40 in dmp.td31().text and "0" * 40 not in juste
    dmp.client.panne("dmp", "TD3.1", "hash_faux", "taille")
    tailles = xpath(dmp.td31(), "//rim:Slot[@name='size']//rim:Value/text()")
    assert set(tailles) == {"1"}
    vrai = paquet(td32(dmp))[1].popitem()[1]
    dmp.client.panne("dmp", "TD3.2", "hash_faux")
    faux = paquet(td32(dmp))[1].popitem()[1]
    assert len(faux) == len(vrai) and faux != vrai
    etree.fromstring(faux)


def test_answer_of_another_patient(dmp: Dmp) -> None:
    dmp.client.panne("dmp", "*", "autre_patient", fois=3)
    assert texte(dmp.td02(), "//h:patient/h:id/@extension") not in ("", ZOE)
    cx = xpath(dmp.td31(), "//rim:ExternalIdentifier/@value")
    assert cx and not any(ZOE in v for v in cx)
    cda = etree.fromstring(paquet(td32(dmp))[1].popitem()[1])
    ids = cda.xpath("//h:patientRole/h:id/@extension", namespaces=NS)
    assert LAURENT not in ids


def test_partial_success_and_hostile_document(dmp: Dmp) -> None:
    dmp.client.panne("dmp", "*", "partiel")
    assert b"PartialSuccess" in td32(dmp).content
    dmp.client.panne("dmp", "*", "partiel")
    assert b"PartialSuccess" in dmp.td31().content
    dmp.client.panne("dmp", "TD3.2", "xml_bombe", "cda")
    assert paquet(td32(dmp))[1].popitem()[1].startswith(b"<?xml")


@pytest.mark.parametrize(("type_", "garde"), [("sans_reponse", True), ("silence", False)])
def test_silence_with_the_document_kept_or_not(dmp: Dmp, type_: str, garde: bool) -> None:
    dmp.client.panne("dmp", "TD2.1", type_, 30)
    lot, delai = Lot(dmp), dmp.client.http.timeout
    dmp.client.http.timeout = httpx.Timeout(0.7)
    with pytest.raises(httpx.ReadTimeout):
        lot.envoyer()
    dmp.client.http.timeout = delai
    assert bool(gardes(dmp)) is garde
    rejeu = Lot(dmp, unique=lot.unique)
    rejeu.instant = lot.instant
    reponse = rejeu.envoyer()
    if garde:
        assert erreur(reponse) == "XDSDuplicateUniqueIdInRegistry"
    else:
        assert statut(reponse) == "Success"


def test_tokens_revoked_in_the_middle_of_the_work(session: tuple[Client, str]) -> None:
    client, _ = session
    dmp = Dmp(client, client.jeton_api("dmp"))
    assert dmp.td02().status_code == 200
    client.controle.delete("/edc/jetons")
    assert dmp.td02().status_code == 401
    assert Dmp(client, client.jeton_api("dmp")).td02().status_code == 200
