"""IHE_XDM archives: bounded, read whole, checked against their metadata (`spec/cda.md` §12)."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import cda_fictifs as f
import pytest

from app.__main__ import main
from app.documents import zip_sur
from app.documents.reader import DocumentIllisible, lectures, lire

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
CX = "279035121518989^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH"


def entree(uri: str, octets: bytes, *, hash_sha1: str | None = None, taille: int | None = None,
           unique_id: str = "1.2.250.1.999.1.1.1.7", type_code: str = "11506-3",
           patient: str = CX) -> str:
    def slot(nom: str, valeur: str) -> str:
        return f'<Slot name="{nom}"><ValueList><Value>{valeur}</Value></ValueList></Slot>'
    empreinte = hash_sha1 or hashlib.sha1(octets).hexdigest()
    taille = len(octets) if taille is None else taille
    return f"""<ExtrinsicObject mimeType="text/xml">{slot("URI", uri)}{slot("hash", empreinte)}
{slot("size", str(taille))}<Name><LocalizedString value="Titre"/></Name>
<Classification classificationScheme="urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
 nodeRepresentation="{type_code}"/>
<ExternalIdentifier identificationScheme="urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
 value="{unique_id}"/>
<ExternalIdentifier identificationScheme="urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
 value="{patient}"/></ExtrinsicObject>"""


def metadata(*entrees: str) -> bytes:
    return (f'<SubmitObjectsRequest xmlns="{RIM}"><RegistryObjectList>{"".join(entrees)}'
            "</RegistryObjectList></SubmitObjectsRequest>").encode()


def archive(fichiers: dict[str, bytes]) -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as z:
        for nom, octets in fichiers.items():
            z.writestr(nom, octets)
    return tampon.getvalue()


DOC = f.cda().encode()
N3 = f.cda(f.corps_n3()).encode()
LOT = "IHE_XDM/SUBSET01/"


def xdm(**ecarts: object) -> bytes:
    return archive({"INDEX.HTM": b"<html/>", "README.TXT": b"x", LOT + "DOC0001.XML": DOC,
                    LOT + "METADATA.XML": metadata(entree("DOC0001.XML", DOC, **ecarts))})


def test_each_document_keeps_its_own_nature() -> None:
    lus = lire(archive({
        "ihe_xdm/subset01/doc1.xml": DOC, "IHE_XDM/SUBSET01/DOC2.XML": N3,
        "IHE_XDM/SUBSET02/SCAN.PDF": f.PDF, "IHE_XDM/SUBSET01/DOC2.XSL": b"<xsl/>",
        "IHE_XDM/SUBSET01/METADATA.XML": metadata(entree("DOC2.XML", N3)),
        "ihe_xdm/subset02/metadata.xml": metadata(entree("SCAN.PDF", f.PDF)),
        "ihe_xdm/subset03/metadata.xml": metadata(entree("../subset01/DOC1.XML", DOC)),
    }), "envoi.zip")
    assert [(x.nature, x.fichier) for x in lus] == [
        ("CDA-N3", "envoi.zip!IHE_XDM/SUBSET01/DOC2.XML"),
        ("PDF", "envoi.zip!IHE_XDM/SUBSET02/SCAN.PDF"),
        ("CDA-N1", "envoi.zip!ihe_xdm/subset01/doc1.xml")]
    assert lus[0].incoherences == ()


@pytest.mark.parametrize(("ecart", "mot"), [
    ({"hash_sha1": "0" * 40}, "empreinte"), ({"taille": 1}, "taille"),
    ({"unique_id": "9.9"}, "identifiant"), ({"type_code": "X"}, "type"),
    ({"patient": "1^^^&amp;1.2.250.1.213.1.4.8&amp;ISO^NH"}, "patient"),
    ({"patient": "279035121518989^^^&amp;1.2.250.1.213.1.4.8&amp;ISO^NH"}, "patient"),
])
def test_disagreements_are_told(ecart: dict[str, object], mot: str) -> None:
    (lu,) = lire(xdm(**ecart), "x.zip")
    assert len(lu.incoherences) == 1 and mot in lu.incoherences[0]
    assert lu.incoherences[0] in lu.avertissements


def test_a_right_archive_has_no_remark() -> None:
    (lu,) = lire(xdm())
    assert lu.incoherences == () and lu.avertissements == () and lu.fichier == LOT + "DOC0001.XML"


def test_one_unreadable_document_does_not_hide_the_others(
        tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    octets = archive({LOT + "A.XML": b"<a>", LOT + "B.XML": DOC, LOT + "METADATA.XML": metadata(
        entree("A.XML", b"<a>"), entree("B.XML", DOC), entree("C.XML", DOC))})
    mauvais, bon, absent = lectures(octets, "x.zip")
    assert isinstance(mauvais, DocumentIllisible) and mauvais.code == "xml_mal_forme"
    assert isinstance(absent, DocumentIllisible) and absent.code == "archive_fichier_absent"
    assert not isinstance(bon, DocumentIllisible) and bon.nature == "CDA-N1"
    natures = [x.nature for x in lire(octets, "x.zip")]
    assert natures == ["inconnu", "CDA-N1", "inconnu"]
    chemin = tmp_path / "x.zip"
    chemin.write_bytes(octets)
    assert main(["lire", "--json", str(chemin)]) == 1
    sortie = json.loads(capfdbinary.readouterr().out)
    assert [x.get("nature") for x in sortie] == [None, "CDA-N1", None]
    assert sortie[0]["fichier"].endswith("x.zip!" + LOT + "A.XML")


def test_an_archive_without_metadata_is_read_with_a_warning() -> None:
    (lu,) = lire(archive({"doc.xml": DOC, "INDEX.HTM": b"", "notes.txt": b""}), "x.zip")
    assert lu.nature == "CDA-N1" and "METADATA" in lu.incoherences[0]


@pytest.mark.attaque(
    "Archive XDM piégée : chemins, bombe, doublons",
    tente="chemins « .. », absolus, de Windows ; noms en double ; bombe de décompression ; mille "
          "et une entrées",
    constat="archive refusée avec un code ; aucun nom ne sert de chemin d’écriture")
@pytest.mark.parametrize(("fichiers", "code"), [
    ({"../DOC.XML": DOC}, "archive_chemin"), ({"/etc/x.XML": DOC}, "archive_chemin"),
    ({"C:/x.XML": DOC}, "archive_chemin"), ({"a\\..\\x.XML": DOC}, "archive_chemin"),
    ({"A/B.XML": DOC, "a/b.xml": DOC}, "archive_noms_en_double"),
    ({"A.XML": b" " * 3_000_000}, "archive_bombe"),
    ({f"{i}.XML": b"" for i in range(1001)}, "archive_trop_d_entrees"),
    ({"a/" * 15 + "x.XML": DOC}, "archive_chemin"),
    ({"interne.zip": b"PK\x03\x04"}, "archive_sans_document"),
    ({}, "archive_sans_document"),
])
def test_dangerous_archives_are_refused(fichiers: dict[str, bytes], code: str) -> None:
    with pytest.raises(DocumentIllisible) as refus:
        lire(archive(fichiers), "x.zip")
    assert (refus.value.code, refus.value.fichier) == (code, "x.zip")


@pytest.mark.attaque(
    "Archive dans l’archive",
    tente="un ZIP caché dans un lot IHE_XDM",
    constat="il n’est pas ouvert")
def test_an_archive_in_the_archive_is_not_opened() -> None:
    interieur = archive({"DOC.XML": DOC})
    (lu,) = lectures(archive({LOT + "D.ZIP": interieur, LOT + "METADATA.XML": metadata(
        entree("D.ZIP", interieur))}), "x.zip")
    assert isinstance(lu, DocumentIllisible) and lu.code == "format_inconnu"


@pytest.mark.attaque(
    "Archive qui ment sur ses tailles",
    tente="CRC faux, table coupée, noms effacés, total au-delà de la borne",
    constat="refusée avec un code « archive_… »")
def test_lying_and_damaged_archives(monkeypatch: pytest.MonkeyPatch) -> None:
    octets = bytearray(xdm())
    place = octets.find(DOC[:3]) if DOC[:3] in octets else 60
    octets[place + 40:place + 60] = b"\x00" * 20
    sans_nom = xdm().replace(b"INDEX.HTM", b"")
    for mauvais in (bytes(octets), bytes(octets[:-30]), b"PK\x03\x04" + b"\x00" * 40, sans_nom,
                    xdm().replace(b"INDEX.HTM", b"\x00" * 9)):
        try:
            lectures(mauvais, "x.zip")
        except DocumentIllisible as refus:
            assert refus.code.startswith("archive_")
    monkeypatch.setattr(zip_sur, "TAILLE_TOTALE_MAX", 100)
    with pytest.raises(DocumentIllisible) as refus_taille:
        lire(xdm(), "x.zip")
    assert refus_taille.value.code == "archive_trop_grosse"


@pytest.mark.attaque(
    "Métadonnées XDS piégées",
    tente="un DOCTYPE dans METADATA.XML",
    constat="refusées, le document n’est pas intégré")
def test_hostile_metadata_are_refused() -> None:
    (lu,) = lectures(archive({LOT + "METADATA.XML": b"<!DOCTYPE x><x/>", LOT + "D.XML": DOC}), "z")
    assert isinstance(lu, DocumentIllisible) and lu.code == "xml_doctype"


def test_several_documents_of_several_subsets_keep_their_own_neighbours() -> None:
    """Two submission sets: sheets and PDFs never cross from one to the other (SC.CDA/DD.15)."""
    deux = "IHE_XDM/SUBSET02/"
    feuille, autre = b"<xsl:a/>", b"<xsl:b/>"
    lus = lire(archive({
        LOT + "DOC0001.XML": DOC, LOT + "DOC0002.XML": N3, LOT + "DOC0002.XSL": feuille,
        LOT + "METADATA.XML": metadata(entree("DOC0001.XML", DOC), entree("DOC0002.XML", N3)),
        deux + "doc0001.xml": N3, deux + "DOC0001.XSL": autre, deux + "DOC0001.PDF": f.PDF,
        deux + "DOC0003.PDF": f.PDF,
        deux + "METADATA.XML": metadata(
            entree("DOC0001.XML", N3), entree("DOC0001.PDF", f.PDF), entree("DOC0003.PDF", f.PDF)),
    }), "x.zip")
    assert [(lu.fichier.rpartition("!")[2], lu.feuille, lu.joint is not None) for lu in lus] == [
        (LOT + "DOC0001.XML", None, False), (LOT + "DOC0002.XML", feuille, False),
        (deux + "doc0001.xml", autre, True), (deux + "DOC0003.PDF", None, False)]


def test_a_sheet_called_by_its_own_name_is_found_and_a_damaged_neighbour_is_said() -> None:
    appel = f.cda(f.corps_n3()).replace(
        "<ClinicalDocument", '<?xml-stylesheet href="../style/MaFeuille.xsl"?><ClinicalDocument',
        1).encode()
    (lu,) = lire(archive({LOT + "DOC0001.XML": appel, LOT + "mafeuille.XSL": b"<xsl/>",
                          LOT + "DOC0001.PDF": b"pas un pdf",
                          LOT + "METADATA.XML": metadata(entree("DOC0001.XML", appel))}))
    assert lu.feuille == b"<xsl/>" and lu.joint is None
    assert any("n’est pas un PDF" in a for a in lu.avertissements)
