"""The IHE_XDM archive we write: names, files, METADATA equal to the header, read back cleanly."""

import hashlib
import io
import zipfile

import pytest
from documents_valeurs import CABINET, DATE, INFIRMIERE, RACINE, document
from lxml import etree

from app.documents.oids import nouvel_oid
from app.documents.production import produire
from app.documents.reader import lire
from app.documents.xdm import DocumentXdm, EmetteurXdm, ecrire_xdm
from app.domain.dmp import VisibiliteDmp

R = {"rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0", "h": "urn:hl7-org:v3"}
EMETTEUR = EmetteurXdm(INFIRMIERE, CABINET, "Pléiade", "0.1.0", "Pléiade", RACINE + ".4.1", RACINE,
                       DATE)


def _slot(objet: etree._Element, nom: str) -> str:
    return objet.findtext(f"rim:Slot[@name='{nom}']/rim:ValueList/rim:Value", "", R)


def test_files_and_metadata() -> None:
    un, deux = produire(document()).cda, produire(document("courrier")).cda
    archive = zipfile.ZipFile(io.BytesIO(ecrire_xdm([un, deux], EMETTEUR)))
    noms = archive.namelist()
    assert noms == ["INDEX.HTM", "README.TXT", "IHE_XDM/SUBSET01/METADATA.XML",
                    "IHE_XDM/SUBSET01/DOC0001.XML", "IHE_XDM/SUBSET01/DOC0002.XML"]
    assert archive.read(noms[3]) == un and archive.read(noms[4]) == deux
    metadonnees = etree.fromstring(archive.read(noms[2]))
    objets = metadonnees.findall(".//rim:ExtrinsicObject", R)
    assert len(objets) == 2
    for objet, cda, nom in zip(objets, (un, deux), noms[3:], strict=True):
        entete = etree.fromstring(cda)
        assert _slot(objet, "URI") == nom.rpartition("/")[2]
        assert _slot(objet, "hash") == hashlib.sha1(cda).hexdigest()
        assert _slot(objet, "size") == str(len(cda))
        assert _slot(objet, "urn:action:extraMetadataSlot") == ""
        titre = objet.find("rim:Name/rim:LocalizedString", R)
        assert titre is not None
        assert titre.get("value") == entete.findtext("h:title", namespaces=R)
        uniques = [e.get("value") for e in objet.findall("rim:ExternalIdentifier", R)]
        identifiant = entete.find("h:id", R)
        assert identifiant is not None and identifiant.get("root") in uniques
    lisez_moi = archive.read("README.TXT").decode()
    for mot in ("Camille DURAND", "Cabinet des Lilas", "04 72 00 00 00", "Pléiade 0.1.0",
                "DOC0002.XML"):
        assert mot in lisez_moi
    etree.fromstring(archive.read("INDEX.HTM"), etree.XMLParser(load_dtd=False, no_network=True))


def test_our_reader_finds_no_fault() -> None:
    lus = lire(ecrire_xdm([produire(document()).cda, produire(document("courrier")).cda],
                          EMETTEUR), "IHE_XDM.ZIP")
    assert [d.titre for d in lus] == ["Compte rendu de soins", "Courrier à un confrère"]
    assert [d.avertissements for d in lus] == [(), ()]


def test_actions_of_versions_and_suppressions() -> None:
    v2 = produire(document(version=2, remplace_id=nouvel_oid(RACINE, 1))).cda
    archive = ecrire_xdm([DocumentXdm(v2), DocumentXdm(v2, suppression=True), DocumentXdm(
        produire(document()).cda, frozenset({VisibiliteDmp.MASQUE_PS}))], EMETTEUR)
    metadonnees = etree.fromstring(
        zipfile.ZipFile(io.BytesIO(archive)).read("IHE_XDM/SUBSET01/METADATA.XML"))
    objets = metadonnees.findall(".//rim:ExtrinsicObject", R)
    assert [_slot(o, "urn:action:extraMetadataSlot") for o in objets] == ["C", "D", ""]
    assert "MASQUE_PS" in etree.tostring(objets[2], encoding="unicode")


def test_the_same_documents_give_the_same_bytes() -> None:
    cda = produire(document()).cda
    assert ecrire_xdm([cda], EMETTEUR) == ecrire_xdm([cda], EMETTEUR)


def test_an_archive_needs_a_document() -> None:
    with pytest.raises(ValueError):
        ecrire_xdm([], EMETTEUR)
