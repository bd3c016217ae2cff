"""The double of the DMP: consultation, judged by plain HTTP and lxml."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from lxml import etree
from sandbox_client import Client
from sandbox_dmp import (
    DOCS_LIENS,
    DOCUMENTS,
    FIND,
    LAURENT,
    LIENS,
    LOTS,
    Dmp,
    motif_oid,
    paquet,
)
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
    client.controle.post("/horloge", json={"decalage_s": 0})
    for matricule, profil in (("275126322074974", "zoe"), (LAURENT, "riche"),
                              ("180032B02040123", "masques")):
        client.controle.post(f"/dmp/{matricule}", json={"profil": profil})
    return Dmp(client, jeton)


def faute(reponse: httpx.Response) -> str:
    assert reponse.status_code == 500, reponse.text
    octets = paquet(reponse)[0] if "multipart" in reponse.headers["content-type"] \
        else reponse.content
    return texte(octets, "//soap:Subcode/soap:Value").removeprefix("soap:")


def erreur(reponse: httpx.Response | bytes) -> str:
    return texte(reponse, "//rs:RegistryError/@errorCode")


def autorisation(reponse: httpx.Response) -> str:
    return texte(reponse, "//h:attentionLine[h:keyWordText/@code='AUTORISATION']/h:value/@code")


def uniques(reponse: httpx.Response) -> list[str]:
    return list(xpath(reponse, "//rim:ExternalIdentifier[@identificationScheme="
                      "'urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab']/@value"))


def slot(fiche: etree._Element, nom: str) -> str:
    return str(fiche.xpath(f"string(rim:Slot[@name='{nom}']//rim:Value)", namespaces=NS))


def test_existence_and_authorisation(dmp: Dmp) -> None:
    reponse = dmp.td02(message_id="urn:uuid:33333333-3333-4333-8333-333333333333")
    assert reponse.status_code == 200
    assert texte(reponse, "//wsa:RelatesTo").startswith("urn:uuid:3333")
    assert texte(reponse, "//wsa:Action") == "urn:hl7-org:v3:PRPA_IN201308UV02"
    assert texte(reponse, "//h:acknowledgement/@typeCode") == "AA"
    assert texte(reponse, "//h:queryResponseCode/@code") == "OK"
    assert texte(reponse, "//h:patient/h:statusCode/@code") == "active"
    assert texte(reponse, "//h:patient/h:id/@extension") == dmp.patient
    assert autorisation(reponse) == "NON_EXISTE"
    assert texte(dmp.td03(), "//d:status") == "DMPOk"
    assert autorisation(dmp.td02()) == "VALIDE"
    assert texte(dmp.td03(), "//d:context") != ""
    dmp.client.controle.post("/horloge", json={"decalage_s": 183 * 86400})
    dmp.age = -timedelta(days=183)
    dmp.jeton = dmp.client.jeton_api("dmp")
    assert autorisation(dmp.td02()) == "EXPIRE"
    assert texte(dmp.td03(), "//d:status") == "DMPOk"
    assert texte(dmp.td03("SUPPRESSION"), "//d:status") == "DMPOk"


@pytest.mark.parametrize(("patient", "attendu"), [
    ("181036322045660", "NF"), ("199999999999999", "NF")])
def test_no_dmp(dmp: Dmp, patient: str, attendu: str) -> None:
    dmp.patient = patient
    assert texte(dmp.td02(), "//h:queryResponseCode/@code") == attendu
    assert erreur(dmp.td31()) == "XDSUnknownPatientId"


def test_closed_dmp(dmp: Dmp) -> None:
    dmp.patient = "297022A02077878"
    reponse = dmp.td02()
    assert texte(reponse, "//h:patient/h:statusCode/@code") == "terminated"
    assert texte(reponse, "//h:detectedIssueEvent/h:code/@code") == "FERMETURE_DEMANDE_PATIENT"
    assert texte(dmp.td03(), "//d:status") == "DMPPatientClosed"
    assert erreur(dmp.td31()) == "DMPPatientClosed"


def test_forbidden_by_the_patient(dmp: Dmp) -> None:
    dmp.patient = "160012B02077713"
    assert autorisation(dmp.td02()) == "INTERDIT"
    assert texte(dmp.td03(), "//d:status") == "DMPAccessDenied"
    assert faute(dmp.td31()) == "DMPAccessDeniedByRightsService"


def test_body_patient_must_be_that_of_the_vihf(dmp: Dmp) -> None:
    reponse = dmp.td02(patient=LAURENT)
    assert texte(reponse, "//h:acknowledgement/@typeCode") == "AE"
    assert texte(reponse, "//h:acknowledgementDetail/h:code/@code") == "DMPInvalidRequest"


@pytest.mark.parametrize(("champ", "valeur", "code"), [
    ("ps", "899700000024", "DMPAccessDenied"), ("structure", "499700000024007", "DMPAccessDenied"),
    ("secteur", "SA05", "DMPInvalidRequest"), ("profession", "70", "DMPInvalidRequest"),
    ("acces", "urgence", "DMPInvalidRequest"), ("mode", "AUTRE", "DMPInvalidRequest"),
    ("age", timedelta(minutes=6), "DMPInvalidRequest"), ("patient", "123", "DMPInvalidRequest"),
    ("acces", "bris_de_glace", "DMPInvalidRequest"),
    ("signature", "proxy-client", "DMPInvalidCertificate"),
    ("signature", "serveur-inconnu", "DMPInvalidCertificate")])
def test_vihf_refusals(dmp: Dmp, champ: str, valeur: object, code: str) -> None:
    setattr(dmp, champ, valeur)
    assert faute(dmp.td02()) == code


@pytest.mark.parametrize("nom", [
    "Identifiant_Structure", "Secteur_Activite", "role", "VIHF_Version", "mode", "resource-id",
    "Ressource_URN", "purposeofuse", "LPS_Nom", "LPS_Version", "LPS_ID_HOMOLOGATION_DMP"])
def test_vihf_attributes_are_all_needed(dmp: Dmp, nom: str) -> None:
    dmp.sans = nom
    assert faute(dmp.td02()) == "DMPInvalidRequest"


def test_vihf_signed_sha1_or_unsigned(dmp: Dmp) -> None:
    dmp.sha1 = True
    assert dmp.td02().status_code == 200
    dmp.sha1, dmp.signature = False, None
    assert dmp.td02().status_code == 200
    vus = [a["signature"] for a in dmp.client.journal("dmp", "TD0.2")]
    assert vus == ["rsa-sha1", "absente"]


def test_vihf_changed_after_signature(dmp: Dmp) -> None:
    octets = dmp.enveloppe("urn:ihe:iti:2007:RegistryStoredQuery", "<x/>")
    reponse = dmp.poster("registry", octets.replace(b">TEST<", b">FAUX<"),
                         "application/soap+xml")
    assert faute(reponse) == "DMPInvalidCertificate"


def test_doctor_needs_a_specialty(dmp: Dmp, session: tuple[Client, str]) -> None:
    client, _ = session
    medecin = Dmp(client, client.jeton_api("dmp", "899700000115"), ps="899700000115",
                  structure="499700000115007", profession="10")
    assert "spécialité" in medecin.td02().text


def test_person_without_structure(session: tuple[Client, str]) -> None:
    client, _ = session
    sans = Dmp(client, client.jeton_api("dmp", "899700000099"), ps="899700000099")
    assert "Structure introuvable ou Inactive" in sans.td02().text


def test_bearer_certificate_and_addressing(dmp: Dmp, bac: BacASable) -> None:
    juste = dmp.jeton
    dmp.jeton = "a.b.c"
    assert dmp.td02().status_code == 401
    dmp.jeton = juste
    autre = Client(bac.infos, "autre-client")
    assert Dmp(autre, juste).td02().status_code == 401
    autre.fermer()
    fixe = "urn:uuid:44444444-4444-4444-8444-444444444444"
    assert dmp.td02(message_id=fixe).status_code == 200
    assert dmp.td02(message_id=fixe).status_code == 500
    assert dmp.td02(message_id="uuid:1").status_code == 500
    assert dmp.appeler("registry", "urn:inconnue", "<x/>").status_code == 500
    assert dmp.poster("patients", b"<a/>", "application/soap+xml").status_code == 500
    assert dmp.poster("patients", b"{}", "application/json").status_code == 500


def test_three_new_documents_for_zoe(dmp: Dmp) -> None:
    assert faute(dmp.td31()) == "DMPAccessDeniedByRightsService"
    dmp.td03()
    reponse = dmp.td31()
    fiches = xpath(reponse, "//rim:ExtrinsicObject")
    assert len(fiches) == 3 and texte(reponse, "//@totalResultCount") == "3"
    for fiche in fiches:
        octets = paquet(dmp.td32(uniques_de(fiche)))[1].popitem()[1]
        assert slot(fiche, "hash") == hashlib.sha1(octets).hexdigest()
        assert slot(fiche, "size") == str(len(octets))
        cda = etree.fromstring(octets)
        assert cda.xpath("string(h:id/@root)", namespaces=NS) == uniques_de(fiche)
        assert motif_oid(uniques_de(fiche))
        assert cda.xpath("string(h:title)", namespaces=NS) == str(
            fiche.xpath("string(rim:Name//@value)", namespaces=NS))
        assert cda.xpath("string(h:code/@code)", namespaces=NS) == str(fiche.xpath(
            "string(rim:Classification[@classificationScheme='urn:uuid:f0306f51-975f-434e-a61c-"
            "c59651d33983']/@nodeRepresentation)", namespaces=NS))


def uniques_de(fiche: etree._Element) -> str:
    return str(fiche.xpath("string(rim:ExternalIdentifier[@identificationScheme="
                           "'urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab']/@value)",
                           namespaces=NS))


def test_criteria_of_find_documents(dmp: Dmp) -> None:
    dmp.patient = LAURENT
    tout = len(uniques(dmp.td31()))
    assert tout == 16
    bio = uniques(dmp.td31(
        XDSDocumentEntryTypeCode="('11502-2^^2.16.840.1.113883.6.1')"))
    assert len(bio) == 2
    assert len(uniques(dmp.td31(XDSDocumentEntryClassCode="('90^^1.2.250.1.213.1.1.4.1')"))) == 1
    assert len(uniques(dmp.td31(XDSDocumentEntryAuthorPerson="('%GIRARD%')"))) == 2
    recents = dmp.td31(XDSDocumentEntryServiceStartTimeFrom="20200101000000",
                       XDSDocumentEntryServiceStartTimeTo="20210101000000")
    assert uniques(recents) == []
    assert len(uniques(dmp.td31(XDSDocumentEntryPatientId=(
        f"'{LAURENT}^^^&amp;1.2.250.1.213.1.4.8&amp;ISO^NH'")))) == tout
    assert len(xpath(dmp.td31(retour="ObjectRef"), "//rim:ObjectRef")) == tout


@pytest.mark.parametrize(("slots", "code"), [
    ({"XDSDocumentEntryPatientId": f"('{LAURENT}^^^&amp;1.2.250.1.213.1.4.8&amp;ISO^NH')"},
     "XDSStoredQueryParamNumber"),
    ({"XDSDocumentEntryPatientId": f"'{LAURENT}^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH'"},
     "XDSPatientIdDoesNotMatch"),
    ({"XDSDocumentEntryStatus": "'urn:x'"}, "XDSStoredQueryParamNumber"),
    ({"XDSDocumentEntryServiceStartTimeFrom": "'2024'"}, "XDSStoredQueryParamNumber"),
    ({"XDSDocumentEntryTypo": "('x')"}, "XDSStoredQueryParamNumber")])
def test_wrong_queries(dmp: Dmp, slots: dict[str, str], code: str) -> None:
    dmp.patient = LAURENT
    assert erreur(dmp.td31(**slots)) == code


def test_unknown_query_and_missing_status(dmp: Dmp) -> None:
    dmp.patient = LAURENT
    assert erreur(dmp.td31("urn:uuid:0")) == "XDSUnknownStoredQuery"
    assert erreur(dmp.td31(LOTS)) == "XDSStoredQueryMissingParam"


def test_since_last_visit(dmp: Dmp) -> None:
    """FindSubmissionSets -> GetAssociations -> GetDocumentsAndAssociations."""
    dmp.td03()
    lots = dmp.td31(LOTS, XDSSubmissionSetStatus=(
        "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"),
        XDSSubmissionSetSubmissionTimeFrom="20200101000000")
    uuids = xpath(lots, "//rim:RegistryPackage/@id")
    assert len(uuids) == 3
    liens = dmp.td31(LIENS, uuid="(" + ",".join(f"'{u}'" for u in uuids) + ")")
    cibles = xpath(liens, "//rim:Association/@targetObject")
    docs = dmp.td31(DOCS_LIENS, XDSDocumentEntryEntryUUID=(
        "(" + ",".join(f"'{c}'" for c in cibles) + ")"))
    assert len(uniques(docs)) == 3 and len(xpath(docs, "//rim:Association")) == 3
    unique = uniques(docs)[0]
    reference = dmp.td31(DOCUMENTS, "ObjectRef", XDSDocumentEntryUniqueId=f"('{unique}')")
    assert xpath(reference, "//rim:ObjectRef/@id")[0] in cibles


def test_reference_needs_no_authorisation(dmp: Dmp) -> None:
    unique = dmp.client.controle.get(f"/dmp/{dmp.patient}").json()["documents"][0]["unique_id"]
    vu = dmp.td31(DOCUMENTS, "ObjectRef", XDSDocumentEntryUniqueId=f"('{unique}')")
    assert len(xpath(vu, "//rim:ObjectRef")) == 1
    assert faute(dmp.td31(DOCUMENTS, XDSDocumentEntryUniqueId=f"('{unique}')"))


def test_masked_invisible_archived_and_old_documents(dmp: Dmp) -> None:
    dmp.patient = "180032B02040123"
    approuves = uniques(dmp.td31())
    assert len(approuves) == 4
    s = "urn:oasis:names:tc:ebxml-regrep:StatusType:"
    tous = dmp.td31(XDSDocumentEntryStatus=(
        f"('{s}Approved','{s}Deprecated','urn:asip:ci-sis:2010:StatusType:Archived')"))
    assert len(uniques(tous)) == 6
    assert "INVISIBLE_PATIENT" in tous.text and "MASQUE_PS" not in tous.text
    masque = next(d["unique_id"] for d in dmp.client.controle.get(
        f"/dmp/{dmp.patient}").json()["documents"] if "MASQUE_PS" in d["visibilites"])
    assert faute(dmp.td32(masque)) == "DMPAccessDeniedByRightsService"
    dmp.acces, dmp.motif = "bris_de_glace", "Patient inconscient"
    assert masque in uniques(dmp.td31())
    assert dmp.td32(masque).status_code == 200
    assert faute(dmp.td03()) == "DMPAccessDeniedByRightsService"


def test_emergency_access_refused_by_the_patient(dmp: Dmp) -> None:
    dmp.patient, dmp.acces, dmp.motif = "277076322082910", "bris_de_glace", "Urgence"
    assert faute(dmp.td31()) == "DMPAccessDeniedByRightsService"


def test_visible_to_the_patient_after_three_months(dmp: Dmp) -> None:
    dmp.patient = "180032B02040123"
    avant = {d["unique_id"]: d for d in dmp.client.controle.get(
        f"/dmp/{dmp.patient}").json()["documents"]}
    dmp.client.controle.post("/horloge", json={"decalage_s": 40 * 86400})
    dmp.age, dmp.jeton = -timedelta(days=40), dmp.client.jeton_api("dmp")
    assert "INVISIBLE_PATIENT" not in dmp.td31().text
    apres = {d["unique_id"]: d for d in dmp.client.controle.get(
        f"/dmp/{dmp.patient}").json()["documents"]}
    change = next(u for u, d in avant.items() if "INVISIBLE_PATIENT" in d["visibilites"])
    assert apres[change]["entry_uuid"] != avant[change]["entry_uuid"]
    assert apres[change]["logical_id"] == avant[change]["logical_id"]
    assert apres[change]["version"] == 2


def test_fictitious_matrix_hides_types(session: tuple[Client, str], dmp: Dmp) -> None:
    client, _ = session
    orthoptiste = Dmp(client, client.jeton_api("dmp", "899700000065"), ps="899700000065",
                      structure="499700000065007", profession="92", patient="277076322082910")
    assert texte(orthoptiste.td03(), "//d:status") == "DMPOk"
    assert len(uniques(orthoptiste.td31())) == 1
    assert len(client.controle.get("/dmp/277076322082910").json()["documents"]) == 2


def test_retrieval_answers_are_multipart_faults_included(dmp: Dmp) -> None:
    dmp.patient = LAURENT
    trois = uniques(dmp.td31())[:3]
    reponse = dmp.td32(*trois)
    enveloppe, parties = paquet(reponse)
    assert len(parties) == 3
    hrefs = etree.fromstring(enveloppe).xpath("//*[local-name()='Include']/@href")
    assert all(h.startswith("cid:") and "%3A" in h for h in hrefs)
    assert texte(enveloppe, "//rs:RegistryResponse/@status").endswith(":Success")
    assert faute(dmp.td32("urn:uuid:1")) == "XDSDocumentUniqueIdError"
    partiel = paquet(dmp.td32(trois[0], "1.2.3"))[0]
    assert texte(partiel, "//rs:RegistryResponse/@status").endswith("PartialSuccess")
    assert erreur(paquet(dmp.td32("1.2.3"))[0]) == "XDSDocumentUniqueIdError"


def test_document_replaced_masked_or_deleted_meanwhile(dmp: Dmp) -> None:
    dmp.patient = LAURENT
    premier, second, troisieme = uniques(dmp.td31())[:3]

    def agir(unique: str, action: str) -> dict:
        return dmp.client.controle.post(f"/dmp/{LAURENT}/documents/{unique}",
                                        json={"action": action}).json()
    neuf = agir(premier, "remplacer")["unique_id"]
    agir(second, "masquer")
    agir(troisieme, "supprimer")
    vus = uniques(dmp.td31())
    assert neuf in vus and not {premier, second, troisieme} & set(vus)
    cda = etree.fromstring(paquet(dmp.td32(neuf))[1].popitem()[1])
    assert cda.xpath("string(//h:parentDocument/h:id/@root)", namespaces=NS) == premier
    assert cda.xpath("string(h:versionNumber/@value)", namespaces=NS) == "2"
    assert faute(dmp.td32(second)) == "DMPAccessDeniedByRightsService"
    gone = dmp.td31(DOCUMENTS, XDSDocumentEntryUniqueId=f"('{troisieme}')")
    assert uniques(gone) == []


def test_two_thousand_entries(dmp: Dmp) -> None:
    dmp.patient = "236066322083656"
    assert len(uniques(dmp.td31())) == 2000


def test_seeds_are_the_same_bytes_all_day(dmp: Dmp) -> None:
    def lire() -> list[str]:
        dmp.client.controle.post(f"/dmp/{LAURENT}", json={"profil": "riche"})
        return [d["hash"] for d in dmp.client.controle.get(f"/dmp/{LAURENT}").json()["documents"]]
    assert lire() == lire()


def test_control_adds_documents_and_states(dmp: Dmp) -> None:
    ok = dmp.client.controle.post(f"/dmp/{dmp.patient}", json={
        "vider": True, "autorisation": "VALIDE", "documents": [
            {"modele": "biologie_diabete", "jours": 3, "titre": "Bilan d’essai"},
            {"modele": "passage", "nombre": 4, "visibilites": ["INVISIBLE_PATIENT"]}]})
    assert len(ok.json()["documents"]) == 5
    assert len(uniques(dmp.td31())) == 5
    for faux in ({"profil": "x"}, {"etat": "x"}, {"autorisation": "x"},
                 {"documents": [{"modele": "x"}]}, {"documents": [1]}):
        assert dmp.client.controle.post(f"/dmp/{dmp.patient}", json=faux).status_code == 400


def test_card_presets(dmp: Dmp) -> None:
    controle = dmp.client.controle
    assert set(controle.get("/cartes").json()) >= {"ADRUN", "FAMILLE", "LUNAIRE", "ACCENTS",
                                                   "LETTRES"}
    famille = controle.post("/carte/inserer", json={"nom": "FAMILLE"}).json()
    assert [b["prenom"] for b in famille["beneficiaires"]] == ["HELENE", "LEA", "TOM"]
    assert famille["presente"] and controle.get("/carte").json() == famille
    muette = controle.put("/carte", json={"etat": "illisible"}).json()
    assert muette["etat"] == "illisible" and muette["numero"] == famille["numero"] + 1
    assert not controle.delete("/carte").json()["presente"]
    assert controle.put("/carte", json={"beneficiaires": [{"nom": ""}]}).status_code == 400


def test_find_is_the_query_noted(dmp: Dmp) -> None:
    dmp.patient = LAURENT
    dmp.td31(FIND)
    assert dmp.client.journal("dmp", "TD3.1")[-1]["requete"] == "FindDocuments"
