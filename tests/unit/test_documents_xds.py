"""XDS metadata: values and formats of `spec/cda.md` §12.1, read back with plain XPath."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from documents_valeurs import ADRUN, CABINET, DATE, MEDECIN, RACINE, document
from lxml import etree

from app.documents.model import ActeDocumente, patient_document
from app.documents.production import produire
from app.documents.xds import (
    EntreeXds,
    FichierXdm,
    MetadonneesImpossibles,
    SignatureXds,
    Soumission,
    entree_depuis_cda,
    lot_xds,
)
from app.documents.xds_entree import dtm
from app.domain.dmp import VisibiliteDmp
from app.domain.identity import OID_NIR, StatutIdentite

R = {"rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
     "lcm": "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"}
LOT = Soumission(RACINE + ".4.1", RACINE, "Envoi", DATE)
XCN = "810000000001^DURAND^Camille^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
XON = "Cabinet des Lilas^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^499900000001001"


@pytest.fixture(scope="module")
def cda() -> bytes:
    return produire(document(date_fin=DATE + timedelta(hours=1))).cda


@pytest.fixture(scope="module")
def entree(cda: bytes) -> EntreeXds:
    return entree_depuis_cda(cda)


def test_values_come_from_the_header(cda: bytes, entree: EntreeXds) -> None:
    assert entree.titre == "Compte rendu de soins"
    assert entree.date_creation == "20260302083000"
    assert (entree.debut, entree.fin) == ("20260302074500", "20260302093000")
    assert entree.patient == f"275126322074974^^^&{OID_NIR}&ISO^NH"
    assert entree.patient_local == f"7^^^&{RACINE}.3&ISO^PI"
    assert entree.patient_infos == ("PID-5|ADRUN^ZOE^^^^^L", "PID-7|19751231", "PID-8|F")
    assert entree.responsable == XCN
    [auteur] = entree.auteurs
    assert (auteur.personne, auteur.institution) == (XCN, XON)
    assert auteur.specialite == "G15_60^Infirmier^1.2.250.1.213.1.1.4.5"
    assert (entree.classe.code, entree.type.code) == ("10", "11506-3")
    assert entree.format.code == "urn:ihe:iti:xds-sd:pdf:2008"
    assert (entree.secteur.code, entree.cadre.code) == ("SA08", "AMBULATOIRE")
    assert [a.code for a in entree.actes] == ["11506-3"]
    assert [c.code for c in entree.confidentialites] == ["N"]
    assert (entree.sha1, entree.taille) == (hashlib.sha1(cda).hexdigest(), len(cda))
    assert entree.langue == "fr-FR" and entree.mime_type == "text/xml"


def test_used_names_and_delimiters() -> None:
    traits = replace(ADRUN.traits, nom_utilise="D'A^B&C", prenom_utilise="")
    patient = patient_document(replace(ADRUN, traits=traits, statut=StatutIdentite.VALIDEE), "7",
                               RACINE + ".3")
    entree = entree_depuis_cda(produire(document(
        patient=patient, structure=replace(CABINET, raison_sociale="Soins & Co | Lyon"))).cda)
    assert "PID-5|D'A\\S\\B\\T\\C^ZOE^^^^^D" in entree.patient_infos
    assert entree.patient == entree.patient_local == f"7^^^&{RACINE}.3&ISO^PI"
    assert entree.auteurs[0].institution.startswith("Soins \\T\\ Co \\F\\ Lyon^^^^^&")


def test_visibility_is_metadata_only(cda: bytes) -> None:
    entree = entree_depuis_cda(cda, visibilites=[VisibiliteDmp.INVISIBLE_PATIENT])
    assert [(c.code, c.systeme) for c in entree.confidentialites] == [
        ("N", "2.16.840.1.113883.5.25"), ("INVISIBLE_PATIENT", "1.2.250.1.213.1.1.4.13")]
    assert b"INVISIBLE" not in cda


@pytest.mark.parametrize("ts, attendu", [
    ("20260302093000+0100", "20260302083000"), ("202603020930+0100", "20260302083000"),
    ("20260101001500+0200", "20251231221500"), ("20260302093000-0400", "20260302133000"),
    ("20260302", "20260302"), ("20260302093000.123+0100", "20260302083000"), ("", ""),
    (None, "")])
def test_dates_are_utc(ts: str | None, attendu: str) -> None:
    assert dtm(ts) == attendu


def test_an_impossible_date_is_told() -> None:
    with pytest.raises(MetadonneesImpossibles):
        dtm("20261302093000+0100")


@pytest.mark.parametrize("manque", [
    b"<title>Compte rendu de soins</title>", b'<standardIndustryClassCode'])
def test_what_metadata_need_is_told(cda: bytes, manque: bytes) -> None:
    with pytest.raises(MetadonneesImpossibles, match="il manque"):
        entree_depuis_cda(cda.replace(manque, b"<title/>" if b"title" in manque else b"<x"))


def _valeurs(objet: etree._Element, slot: str) -> list[str]:
    return [v.text or "" for v in objet.findall(
        f"rim:Slot[@name='{slot}']/rim:ValueList/rim:Value", R)]


def _classifications(objet: etree._Element, schema: str) -> list[str]:
    return [c.get("nodeRepresentation") or "" for c in objet.findall(
        f"rim:Classification[@classificationScheme='urn:uuid:{schema}']", R)]


def _externe(objet: etree._Element, schema: str) -> str:
    [element] = objet.findall(
        f"rim:ExternalIdentifier[@identificationScheme='urn:uuid:{schema}']", R)
    return element.get("value") or ""


def test_a_lot_for_the_dmp(entree: EntreeXds) -> None:
    entree = replace(entree, remplace_entry_uuid="urn:uuid:11111111-1111-1111-1111-111111111111")
    racine = lot_xds([entree], LOT, SignatureXds(RACINE + ".1.99", DATE))
    assert racine.tag == f"{{{R['lcm']}}}SubmitObjectsRequest"
    liste = racine.find("rim:RegistryObjectList", R)
    assert liste is not None
    noms = [etree.QName(e).localname for e in liste]
    assert noms == ["RegistryPackage", "ExtrinsicObject", "ExtrinsicObject", *["Association"] * 4]
    paquet, document_, signature = liste[0], liste[1], liste[2]
    assert _valeurs(paquet, "submissionTime") == ["20260302083000"]
    assert _externe(paquet, "96fdda7c-d067-4183-912e-bf5ee74998a8") == LOT.unique_id
    assert _externe(paquet, "554ac39e-e3fe-47fe-b233-965d2a147832") == RACINE
    assert _externe(paquet, "6b5aea1a-874d-4603-a4bc-96a0a7b38446") == entree.patient
    assert _classifications(paquet, "aa543740-bdda-424e-8c96-df4873be8500") == ["07"]
    assert next(c.get("classificationNode") for c in paquet.findall("rim:Classification", R)) == (
        "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd")
    assert _valeurs(document_, "creationTime") == ["20260302083000"]
    assert _valeurs(document_, "hash") == _valeurs(document_, "URI") == []
    assert _externe(document_, "2e82c1f6-a085-4c72-9da3-8640a32e42ab") == entree.unique_id
    assert _classifications(document_, "f0306f51-975f-434e-a61c-c59651d33983") == ["11506-3"]
    assert _classifications(document_, "93606bcf-9494-43ec-9b4e-a7748d1a838d") == [""]
    assert _classifications(signature, "f4f85eac-e6cb-4883-b524-f2705394840f") == [
        "N", "MASQUE_PS", "INVISIBLE_PATIENT"]
    assert _valeurs(signature, "languageCode") == ["art"]
    assert _valeurs(signature, "sourcePatientId") == [entree.patient]
    liens = [(a.get("associationType", "").rpartition(":")[2], a.get("sourceObject"),
              a.get("targetObject")) for a in liste.findall("rim:Association", R)]
    assert liens == [("HasMember", "SubmissionSet01", "Document01"),
                     ("HasMember", "SubmissionSet01", "Signature01"),
                     ("signs", "Signature01", "SubmissionSet01"),
                     ("RPLC", "Document01", "urn:uuid:11111111-1111-1111-1111-111111111111")]
    ids = [e.get("id") for e in racine.iter() if e.get("id")]
    assert len(ids) == len(set(ids))


def test_codes_carry_scheme_and_french_name(entree: EntreeXds) -> None:
    liste = lot_xds([entree], LOT)[0]
    for classification in liste[1].findall("rim:Classification", R):
        if classification.get("nodeRepresentation"):
            assert _valeurs(classification, "codingScheme")[0]
            libelle = classification.find("rim:Name/rim:LocalizedString", R)
            assert libelle is not None and libelle.get("charset") == "UTF8"
            assert libelle.get("{http://www.w3.org/XML/1998/namespace}lang") == "FR"


def test_a_lot_concerns_one_patient(entree: EntreeXds) -> None:
    with pytest.raises(ValueError):
        lot_xds([], LOT)
    with pytest.raises(ValueError):
        lot_xds([entree, replace(entree, patient="8^^^&1.2.3&ISO^PI")], LOT)
    with pytest.raises(ValueError):
        lot_xds([entree], LOT, fichiers=[FichierXdm("A"), FichierXdm("B")])


def test_several_acts_and_recipients() -> None:
    cda = produire(document(destinataires=(MEDECIN,) * 3, actes=(
        ActeDocumente("J02.0", "Angine", "2.16.840.1.113883.6.3"),
        ActeDocumente("U07.1", "COVID-19", "2.16.840.1.113883.6.3")))).cda
    assert [a.code for a in entree_depuis_cda(cda).actes] == ["J02.0", "U07.1"]


def test_any_ans_document_gives_metadata_or_a_reason(shared: Path) -> None:
    """Documents of others: read, or refused with a French sentence, never a crash."""
    lus = 0
    for exemple in sorted((shared / "cda-kit" / "examples").glob("*.xml")):
        try:
            entree = entree_depuis_cda(exemple.read_bytes())
        except MetadonneesImpossibles as refus:
            assert "il manque" in str(refus) or "modèle" in str(refus), exemple.name
            continue
        lus += 1
        assert entree.unique_id and entree.patient and len(entree.date_creation) == 14
        datetime.strptime(entree.date_creation, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    assert lus >= 15
