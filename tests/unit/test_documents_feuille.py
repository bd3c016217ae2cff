"""The producer's style sheet: run without any right, cleaned, or refused with a reason."""

import socket
from pathlib import Path

import cda_fictifs as f
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from app.documents.assainir import assainir, declarations, regles
from app.documents.feuille_producteur import presenter

CDA = f.cda(f.corps_n3(f.section("<paragraph>INR 2,6</paragraph>"))).encode()
TETE = ('<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" '
        'xmlns:c="urn:hl7-org:v3">')


def feuille(corps: str, tete: str = TETE) -> bytes:
    return f'{tete}<xsl:template match="/">{corps}</xsl:template></xsl:stylesheet>'.encode()


@pytest.fixture(autouse=True)
def sans_reseau(monkeypatch: pytest.MonkeyPatch) -> None:
    def interdit(*args: object, **kwargs: object) -> None:
        raise AssertionError("a style sheet opened a connection")
    monkeypatch.setattr(socket.socket, "connect", interdit)


def test_the_producers_page_is_shown() -> None:
    page = presenter(CDA, feuille(
        '<html><head><style>h1 { color: #123456; background: url(http://x/y) }</style></head>'
        '<body><h1 onclick="x()"><xsl:value-of select="//c:title"/></h1>'
        "<script>alert(1)</script></body></html>"))
    assert not page.raison and "Compte rendu" in page.html
    assert "color: #123456" in page.html
    for interdit in ("script", "onclick", "url(", "alert"):
        assert interdit not in page.html


def test_the_auto_presentable_example_is_shown_by_its_own_sheet(shared: Path) -> None:
    exemple = shared / "cda-kit/examples/BIO-CR-BIO_2021.01_Auto-Presentable.xml"
    page = presenter(exemple.read_bytes(), None)
    assert not page.raison and "fichiers qui ne sont pas arrivés" in page.remarque
    texte = lxml_html.document_fromstring(page.html).text_content()
    assert ("PAT-TROIS" in texte and "Hématies" in texte) or "PAT-TROIS" in texte


@pytest.mark.parametrize(("sheet", "mot"), [
    (None, "pas joint"),
    (b"<a/>", "pas une feuille"),
    (b"<a", "illisible"),
    (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>', "illisible"),
    (feuille("x", TETE.replace('"1.0"', '"2.0"')), "XSLT 2.0"),
    (TETE.encode() + b'<xsl:import href="file:///etc/x.xsl"/></xsl:stylesheet>', "en appelle"),
    (TETE.encode() + b'<xsl:include href="http://x/x.xsl"/></xsl:stylesheet>', "en appelle"),
    (feuille('<xsl:value-of select="inconnue()"/>'), "erreur"),
    (feuille('<xsl:value-of select="a["/>'), "erreur"),
    (feuille('<xsl:call-template name="absent"/>'), "erreur"),
    (feuille(""), "aucune page"),
], ids=range(11))
def test_a_sheet_that_cannot_run_says_why(sheet: bytes | None, mot: str) -> None:
    page = presenter(CDA, sheet)
    assert not page.html and mot in page.raison and page.raison.endswith(".")


def test_no_file_is_read_nor_written(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text("<s>275126322074974</s>")
    sortie = tmp_path / "ecrit.html"
    for corps in (
            f"<p><xsl:copy-of select=\"document('{secret}')\"/>fin</p>",
            f"<p><xsl:copy-of select=\"document('file://{secret}')//s\"/>fin</p>",
            "<p><xsl:value-of select=\"unparsed-text('/etc/passwd')\"/>fin</p>",
            "<p><xsl:value-of select=\"document('')//@version\"/>fin</p>"):
        page = presenter(CDA, feuille(corps))
        assert "275126322074974" not in page.html + page.raison and "root:" not in page.html
        assert page.raison or "fin" in page.html
    ecrire = TETE.replace(">", ' xmlns:e="http://exslt.org/common" '
                               'extension-element-prefixes="e">')
    presenter(CDA, feuille(f'<e:document href="{sortie}">x</e:document>', ecrire))
    assert not sortie.exists()
    saxon = TETE.replace(">", ' xmlns:s="http://icl.com/saxon" extension-element-prefixes="s">')
    assert "extension" in presenter(CDA, feuille("x", saxon)).raison


def test_endless_recursion_is_refused() -> None:
    page = presenter(CDA, TETE.encode() + b'<xsl:template match="/" name="t">'
                     b'<xsl:call-template name="t"/></xsl:template></xsl:stylesheet>')
    assert page.raison and not page.html


def test_the_sheet_of_a_signed_document_sees_the_clinical_document() -> None:
    signe = (b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Object>'
             + CDA[CDA.index(b"<ClinicalDocument"):] + b"</ds:Object></ds:Signature>")
    page = presenter(signe, feuille('<p><xsl:value-of select="/c:ClinicalDocument/c:title"/></p>'))
    assert "Compte rendu" in page.html


@pytest.mark.parametrize(("sale", "reste"), [
    ('<p style="color:red;background:url(x)">a</p>', 'style="color:red"'),
    ('<a href="http://x">a</a>', "a"),
    ('<img src="http://x/y.png" alt="Logo">', "[Logo"),
    ('<img src="data:image/png;base64,AAAA">', "illisible"),
    ('<iframe src="x">dedans</iframe>suite', "suite"),
    ('<td colspan="99999">x</td>', "x"),
    ("<svg><script>1</script></svg>fin", "fin"),
    ('<p style="posi\\74ion:fixed">a</p>', "<p>a</p>"),
])
def test_pages_are_cleaned(sale: str, reste: str) -> None:
    propre, coupe = assainir(sale)
    assert reste in propre and not coupe
    for interdit in ("http://", "url(", "<iframe", "<svg", "99999", "script", "fixed"):
        assert interdit not in propre


def test_rules_of_the_screen_are_kept() -> None:
    css = """/* a */ @import url(x.css); body{color:red} @media print{p{color:blue}}
    @media screen and (min-width:320px){h1{margin:0px; background:url(x)}}
    @media screen and (min-width:1200px){h2{color:green}} </style><script>"""
    garde = regles(css)
    assert "body { color:red }" in garde and "h1 { margin:0px }" in garde
    assert "blue" not in garde and "green" not in garde and "<" not in garde
    assert declarations("a:b; width:expression(1); c") == "a:b"


@settings(max_examples=60)
@given(st.text(alphabet="<>/abp=\"' {}&;#scriptonload:()@", max_size=200))
def test_any_text_is_cleaned(texte: str) -> None:
    propre, _ = assainir(texte)
    arbre = lxml_html.document_fromstring(propre)
    for element in arbre.iter():
        assert element.tag not in ("script", "iframe", "object", "form", "link")
        assert not any(str(nom).startswith("on") for nom in element.attrib)
