"""MTOM: what we write, another parser reads; what others write, we read or refuse."""

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services import mtom
from app.services.errors import Invalide

RACINE = b'<?xml version="1.0"?><e xmlns="urn:x">\xc3\xa9</e>'


def _autre_lecteur(corps: bytes, type_contenu: str) -> list[email.message.Message]:
    """Second opinion: the MIME parser of the standard library."""
    message = email.message_from_bytes(
        b"Content-Type: " + type_contenu.encode() + b"\r\n\r\n" + corps,
        policy=email.policy.HTTP)
    assert message.is_multipart()
    return list(message.iter_parts())


def test_another_parser_reads_what_we_write() -> None:
    document = b"<?xml version='1.0'?>\r\n<a>\r\n\r\n\xff</a>\r\n"
    corps, type_contenu = mtom.ecrire(RACINE, [mtom.Partie("doc01@lgc", document)], "urn:action")

    assert 'type="application/xop+xml"' in type_contenu
    assert 'start="<root@lgc>"' in type_contenu
    assert 'start-info="application/soap+xml"' in type_contenu
    racine, piece = _autre_lecteur(corps, type_contenu)
    assert racine["Content-ID"] == "<root@lgc>"
    assert racine.get_content_type() == "application/xop+xml"
    assert racine["Content-Type"].params["type"] == "application/soap+xml"
    assert racine["Content-Type"].params["action"] == "urn:action"
    assert piece["Content-ID"] == "<doc01@lgc>"
    assert piece["Content-Transfer-Encoding"] == "binary"
    assert piece.get_payload(decode=True) == document


@given(racine=st.binary(min_size=1, max_size=300),
       documents=st.lists(st.binary(max_size=400), max_size=4))
def test_round_trip_keeps_every_byte(racine: bytes, documents: list[bytes]) -> None:
    parties = [mtom.Partie(f"doc{i:02d}@lgc", contenu) for i, contenu in enumerate(documents)]
    lu = mtom.lire(*mtom.ecrire(racine, parties, "urn:a"))
    assert lu.racine == racine
    assert lu.parties == {partie.cid: partie.contenu for partie in parties}


@given(st.binary(max_size=200), st.sampled_from([b"\r\n--B", b"\r\n--B-", b"\n--Bx\r\n", b"--B"]))
def test_a_content_that_looks_like_a_boundary_is_content(debut: bytes, leurre: bytes) -> None:
    contenu = debut.replace(b"--B", b"") + leurre + b"suite"
    corps = b"--B\r\nContent-ID: <r>\r\n\r\n" + contenu + b"\r\n--B--\r\n"
    assert mtom.lire(corps, "multipart/related; boundary=B").racine == contenu


def test_the_answers_of_the_platform_may_differ_in_form() -> None:
    corps = (b"preamble\n--=_b 1\nCONTENT-ID:\n <racine%40x>\nContent-Type: application/xop+xml\n\n"
             b"<e/>\n--=_b 1  \nContent-Id: <a%3Ab@x>\nContent-Transfer-Encoding: BASE64\n\n"
             b"AAEC\n/w==\n--=_b 1--\nepilogue")
    lu = mtom.lire(corps, 'Multipart/Related;type="application/xop+xml"; START="<racine@x>"; '
                          'boundary="=_b 1"')
    assert lu.racine == b"<e/>"
    assert lu.parties == {"a:b@x": b"\x00\x01\x02\xff"}
    assert mtom.cid_de("cid:a%3Ab@x") == "a:b@x"
    assert mtom.cid_de("http://x") == ""
    assert mtom.cid_de(mtom.href("a:b@x")) == "a:b@x"


def test_the_root_may_come_last() -> None:
    corps = b"--B\r\nContent-ID: <d>\r\n\r\nD\r\n--B\r\nContent-ID: <r>\r\n\r\nR\r\n--B--"
    lu = mtom.lire(corps, 'multipart/related; boundary=B; start="<r>"')
    assert (lu.racine, dict(lu.parties)) == (b"R", {"d": b"D"})


@pytest.mark.parametrize(("corps", "type_contenu"), [
    (b"--B\r\n\r\nabc", "multipart/related; boundary=B"),
    (b"--B\r\n\r\nabc\r\n--B", "multipart/related; boundary=B"),
    (b"", "multipart/related; boundary=B"),
    (b"--B\r\n\r\nabc\r\n--B--", "multipart/related"),
    (b"--B\r\n\r\nabc\r\n--B--", "text/plain; boundary=B"),
    (b"--B\r\nX: y\r\nsans fin d'entetes\r\n--B--", "multipart/related; boundary=B"),
    (b"--B\r\nContent-ID: <a>\r\n\r\nabc\r\n--B--", 'multipart/related; boundary=B; start="<r>"'),
    (b"--B\r\n\r\nR\r\n--B\r\nContent-ID: <d>\r\n\r\n1\r\n--B\r\nContent-ID: <d>\r\n\r\n2\r\n--B--",
     "multipart/related; boundary=B"),
    (b"--B\r\nContent-Transfer-Encoding: base64\r\n\r\n!!\r\n--B--",
     "multipart/related; boundary=B"),
    (b"--B\r\nContent-Transfer-Encoding: x-zip\r\n\r\nabc\r\n--B--",
     "multipart/related; boundary=B"),
    (b"--B\r\n\r\nR" + b"\r\n--B\r\n\r\nx" * 600 + b"\r\n--B--", "multipart/related; boundary=B"),
])
def test_a_broken_multipart_is_refused(corps: bytes, type_contenu: str) -> None:
    with pytest.raises(Invalide) as refus:
        mtom.lire(corps, type_contenu, service="dmp")
    assert refus.value.message.startswith("Le DMP a renvoyé")


def test_truncating_anywhere_never_gives_a_document() -> None:
    corps, type_contenu = mtom.ecrire(RACINE, [mtom.Partie("d@x", b"x" * 100)], "urn:a")
    fin = corps.rindex(b"--")
    for taille in range(0, fin, 7):
        with pytest.raises(Invalide):
            mtom.lire(corps[:taille], type_contenu)


def test_a_large_body_full_of_near_boundaries_is_cut() -> None:
    corps, type_contenu = mtom.ecrire(RACINE, [mtom.Partie("d@x", b"\r\n--pleiade" * 900_000)],
                                      "urn:a")
    assert len(mtom.lire(corps, type_contenu).parties["d@x"]) == 9_900_000
