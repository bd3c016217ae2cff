"""Hostile documents: refused with a code, or shown with a warning, fast, with no network."""

import base64
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import cda_fictifs as f
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

from app.documents.html import rendre_html
from app.documents.reader import DocumentIllisible, lire

BOMBE = """<?xml version="1.0"?><!DOCTYPE ClinicalDocument [<!ENTITY a "lol">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<ClinicalDocument xmlns="urn:hl7-org:v3"><title>&c;</title></ClinicalDocument>"""
EXTERNE = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<ClinicalDocument xmlns="urn:hl7-org:v3"><title>&a;</title></ClinicalDocument>"""
DTD = '<!DOCTYPE x SYSTEM "http://example.org/x.dtd"><ClinicalDocument xmlns="urn:hl7-org:v3"/>'
V3 = '<ClinicalDocument xmlns="urn:hl7-org:v3">'


@pytest.fixture(autouse=True)
def sans_reseau(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection is a failure."""
    def interdit(*args: object, **kwargs: object) -> None:
        raise AssertionError("a document opened a connection")
    monkeypatch.setattr(socket.socket, "connect", interdit)
    monkeypatch.setattr(socket, "getaddrinfo", interdit)


@pytest.fixture(autouse=True)
def en_moins_de_deux_secondes() -> Iterator[None]:
    debut = time.process_time()
    yield
    assert time.process_time() - debut < 20  # whole test; each document is bounded by its size


@pytest.mark.attaque(
    "Document piégé : bombe XML, entité externe, encodage détourné",
    tente="vingt-trois documents hostiles : entités exponentielles, DTD et fichiers externes, "
          "UTF-7 et EBCDIC, 200 000 niveaux, deux millions de balises, octets nuls",
    constat="refusés avec un code et une phrase, sans connexion, en moins de deux secondes")
@pytest.mark.parametrize(("octets", "code"), [
    (BOMBE.encode(), "xml_doctype"),
    (EXTERNE.encode(), "xml_doctype"),
    (DTD.encode(), "xml_doctype"),
    (b"<!-- x --><?pi?>\n" + BOMBE.removeprefix('<?xml version="1.0"?>').encode(), "xml_doctype"),
    (BOMBE.encode("utf-16"), "xml_doctype"),
    (BOMBE.replace("1.0\"", "1.0\" encoding=\"UTF-7\"", 1).encode(), "encodage_refuse"),
    (b'<?xml version="1.0" encoding="IBM037"?><a/>', "encodage_refuse"),
    (V3.encode() + b"<a>" * 200_000 + b"</a>" * 200_000 + b"</ClinicalDocument>",
     "xml_trop_profond"),
    (V3.encode() + b"<a/>" * 2_100_000, "trop_de_balises"),
    (b"", "vide"), (b"   \n", "vide"), (b"\x00\x01\x02", "format_inconnu"),
    (b"<", "xml_mal_forme"), (b"<!--", "xml_mal_forme"), (b"<?xml", "xml_mal_forme"),
    (b"<a><b></a>", "xml_mal_forme"), (b"<html/>", "pas_un_cda"),
    (b"\xff\xfe<", "xml_mal_forme"), (b"\xef\xbb\xbf", "xml_mal_forme"),
    (V3.encode() + b"&#0;</ClinicalDocument>", "xml_mal_forme"),
    (V3.encode() + b"&inconnue;</ClinicalDocument>", "xml_mal_forme"),
    (b'<ClinicalDocument xmlns="urn:autre"/>', "pas_un_cda"),
    (b"x %PDF-1.4"[:6], "format_inconnu"),
], ids=range(23))
def test_refused_with_a_code(octets: bytes, code: str) -> None:
    with pytest.raises(DocumentIllisible) as refus:
        lire(octets, "hostile")
    assert refus.value.code == code
    assert refus.value.message.endswith(".")


@pytest.mark.attaque(
    "Fuite par le message d’erreur",
    tente="des documents invalides qui portent un matricule et un nom",
    constat="le message ne cite jamais le contenu")
def test_a_message_never_quotes_the_content() -> None:
    with pytest.raises(DocumentIllisible) as refus:
        lire(V3.encode() + b"<secret275126322074974>", "x")
    assert "275126322074974" not in refus.value.message


@pytest.mark.parametrize("corps", [
    f.corps_n1("JVBERi0xLjQ"), f.corps_n1("@@@@"), f.corps_n1("é"), f.corps_n1(""),
    f.corps_n1(b"pas un pdf"), f.corps_n1("JVBE====Ri0x"),
    f.corps_n3(f.section("x", autres='<entry><observationMedia ID="m"><value '
                         'mediaType="application/pdf" representation="B64">%%%</value>'
                         "</observationMedia></entry>")),
    f.corps_n1(f.PDF, "application/x-msdownload"),
])
def test_broken_content_is_shown_with_a_warning(corps: str) -> None:
    (lu,) = lire(f.cda(corps).encode())
    assert lu.titre == "Compte rendu" and lu.patient.nom_naissance == "PAT-TROIS"
    assert lu.pdf is None and not lu.pdf_incorpore and lu.avertissements
    assert "Compte rendu" in rendre_html(f.cda(corps).encode())


def test_a_truncated_pdf_is_said() -> None:
    (lu,) = lire(f.cda(f.corps_n1(f.PDF[:40])).encode())
    assert lu.pdf is not None and "tronqué" in lu.avertissements[0]


@pytest.mark.timeout(60)
def test_a_document_of_ten_megabytes_is_read_quickly() -> None:
    gros = f.cda(f.corps_n1(f.PDF + b"\x00" * 10_000_000 + b"%%EOF")).encode()
    assert len(gros) > 13_000_000
    (lu,) = lire(gros)
    assert lu.pdf_incorpore


@pytest.mark.timeout(120)
def test_many_attributes_and_many_sections_end_quickly() -> None:
    attributs = " ".join(f'a{i}="1"' for i in range(100_000))
    lire(f"{V3}<x {attributs}/></ClinicalDocument>".encode())
    rendre_html(f.cda(f.corps_n3(f.section("y") * 20_000)).encode())


def controler_html(rendu: str) -> etree._Element:
    """The rendering holds only harmless tags, and nothing to load."""
    arbre = lxml_html.document_fromstring(rendu)
    for element in arbre.iter():
        assert element.tag in {
            "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "h4", "p", "table",
            "tr", "td", "th", "tbody", "span", "b", "i", "u", "s", "sub", "sup", "br", "img", "a",
            "ul", "ol", "li"}, element.tag
        for nom, valeur in element.attrib.items():
            assert not nom.startswith("on")
            if nom == "src":
                assert re.match(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=]+$", valeur)
            if nom == "href":
                assert valeur.startswith("#")
    return arbre


@pytest.mark.attaque(
    "Script dans le texte d’un document",
    tente="balises script, attributs onclick, liens javascript: et http:, guillemets qui ferment "
          "un attribut",
    constat="le rendu ne garde que des balises inoffensives, aucun lien externe, rien à charger")
@pytest.mark.parametrize("narratif", [
    "<script>alert(1)</script>", '<content onclick="x()">a</content>',
    '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
    '<linkHtml href="javascript:alert(1)">a</linkHtml>',
    '<linkHtml href="http://example.org/">a</linkHtml>',
    '<linkHtml href="&quot;&gt;&lt;b">a</linkHtml>',
    '<content ID="&quot;&gt;&lt;script&gt;">a</content>'
    '<linkHtml href="#&quot;&gt;&lt;script&gt;">b</linkHtml>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<table><tbody><tr><td colspan='999999999'>a</td></tr></tbody></table>",
    "<table><tr><td align='\"&gt;'>a</td></tr></table>",
    "<list listType='ordered' styleCode='x\"'><item>a</item></list>",
    '<renderMultiMedia referencedObject="absent"/>', "<footnoteRef IDREF='rien'/>",
    "<content styleCode='" + "Bold " * 5000 + "'>a</content>",
    "<paragraph>\u202egauche</paragraph>",
])
def test_a_narrative_can_run_nothing(narratif: str) -> None:
    rendu = rendre_html(f.cda(f.corps_n3(f.section(narratif, "&lt;b&gt;"))).encode())
    controler_html(rendu)
    assert "\u202e" not in rendu


def test_a_deep_or_huge_narrative_is_cut_and_said() -> None:
    profond = "<content>" * 230 + "fond" + "</content>" * 230
    assert "fond" in rendre_html(f.cda(f.corps_n3(f.section(profond))).encode())
    lignes = "<tr><td>1</td><td>2</td></tr>" * 100_000
    rendu = rendre_html(f.cda(f.corps_n3(f.section(f"<table><tbody>{lignes}</tbody></table>"))
                              ).encode())
    assert "n’est pas affichée" in rendu and len(rendu) < 3_000_000


def test_images_are_recognised_by_their_bytes() -> None:
    png = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDw"
                           "ADhgGAWjR9awAAAABJRU5ErkJggg==")

    def rendu(octets: bytes, mime: str = "image/png") -> str:
        media = (f'<entry><observationMedia ID="m"><value mediaType="{mime}" representation="B64">'
                 f"{base64.b64encode(octets).decode()}</value></observationMedia></entry>")
        return rendre_html(f.cda(f.corps_n3(f.section(
            '<renderMultiMedia referencedObject="m"/>', autres=media))).encode())
    assert 'width="1"' in rendu(png) and "data:image/png" in rendu(png)
    for octets, mime in ((b"<svg onload='x()'/>", "image/svg+xml"), (b"MZ", "image/png"),
                         (b"\xff\xd8\xff", "application/dicom"),
                         (b"\xff\xd8\xff\xe0\x00", "image/jpeg")):
        page = rendu(octets, mime)
        controler_html(page)
        assert ("<img" in page) == (mime == "image/jpeg")


def test_every_example_renders_harmlessly(shared: Path) -> None:
    for chemin in sorted((shared / "cda-kit/examples").glob("*.xml")):
        rendu = rendre_html(chemin.read_bytes())
        arbre = controler_html(rendu)
        assert "Nom de naissance" in arbre.text_content(), chemin.name


BASE = f.cda(f.corps_n3(f.section("<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td>"
                                  "</tr></tbody></table>") + f.SECTION)).encode()


@pytest.mark.attaque(
    "Document abîmé au hasard",
    tente="mutations d’octets tirées par Hypothesis dans de vrais exemples",
    constat="un document lu ou un refus, jamais une panne")
@settings(max_examples=300, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.binary(max_size=6)), max_size=6))
@example([(0, b"PK\x03\x04")])
@example([(5, b"%PDF-")])
def test_random_damage_gives_a_document_or_a_refusal(dommages: list[tuple[int, bytes]]) -> None:
    octets = BASE
    for place, mis in dommages:
        octets = octets[:place] + mis + octets[place + len(mis):]
    try:
        lire(octets, "x")
        controler_html(rendre_html(octets))
    except DocumentIllisible:
        pass


@settings(max_examples=200, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_cleanly(octets: bytes) -> None:
    for prefixe in (b"", b"<", b"PK\x03\x04", b"%PDF-", b"\xff\xfe"):
        try:
            lire(prefixe + octets)
        except DocumentIllisible:
            continue
