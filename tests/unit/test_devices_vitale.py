"""Carte Vitale without a reader: commands, files, hostile content (`spec/cards.md` §1)."""

import pytest
from carte_virtuelle import (
    ATR_AUTRE,
    ATR_CPS3,
    ATR_CPS4,
    ATR_VITALE,
    ATR_VITALE_1,
    FAMILLE,
    Autre,
    Carte,
    tlv,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from app.devices.atr import Genre, reconnaitre
from app.devices.events import (
    CarteMuette,
    EchangeEchoue,
    ErreurCarte,
    LectureIncomplete,
    PasUneVitale,
)
from app.devices.tlv import lire_tlv
from app.devices.vitale import decoder, lire_vitale
from app.domain.identity import Beneficiaire


def test_a_family_is_read() -> None:
    carte = Carte()
    assert lire_vitale(carte.transmettre) == [
        Beneficiaire("ADRUN", "ZOÉ", "19780917", "278091234567890", position=0),
        Beneficiaire("ADRUN", "LÉO-PAUL", "20190332", "", position=1),
        Beneficiaire("D'ARTAGNAN", "AGNÈS", "19421901", "24219012A004148", position=2)]
    assert [c.hex().upper() for c in carte.recus] == [
        "00A40000023F00", "00B0820000", "00A404000BD250000002564954414C45", "00B0820000"]


def test_t0_particulars() -> None:
    carte = Carte(t0=True)
    assert len(lire_vitale(carte.transmettre)) == 3
    codes = [c[1] for c in carte.recus]
    # GET RESPONSE after each SELECT, each READ sent again with the length the card gave.
    assert codes == [0xA4, 0xC0, 0xB0, 0xB0, 0xA4, 0xC0, 0xB0, 0xB0]


@pytest.mark.parametrize("nombre", [1, 5, 9, 20])
@pytest.mark.parametrize("t0", [False, True])
def test_files_over_256_bytes(nombre: int, t0: bool) -> None:
    famille = [(f"NOM{n}", "PRENOM", "19900101", f"1900175{n:08d}") for n in range(nombre)]
    lus = lire_vitale(Carte(famille, t0=t0).transmettre)
    assert [b.nom for b in lus] == [f"NOM{n}" for n in range(nombre)]
    assert lus[-1].nir == f"1900175{nombre - 1:08d}"


@pytest.mark.parametrize("bourrage", [0, 1, 200])
def test_file_that_ends_at_a_block(bourrage: int) -> None:
    carte = Carte(bourrage=bourrage)
    carte.fichiers["MF"] = carte.fichiers["MF"].ljust(256, b"\0")
    assert len(lire_vitale(carte.transmettre)) == 3


def test_hiccups_are_tried_again() -> None:
    carte, rates = Carte(), 0

    def transmettre(commande: bytes) -> tuple[bytes, int]:
        nonlocal rates
        rates += 1
        if rates % 4:
            raise EchangeEchoue
        return carte.transmettre(commande)

    assert len(lire_vitale(transmettre)) == 3


def test_card_that_never_answers() -> None:
    def transmettre(_: bytes) -> tuple[bytes, int]:
        raise EchangeEchoue

    with pytest.raises(CarteMuette):
        lire_vitale(transmettre)


@pytest.mark.parametrize("statut", [0x6100, 0x6C10])
def test_endless_chains_end(statut: int) -> None:
    with pytest.raises(LectureIncomplete):
        lire_vitale(lambda _: (b"", statut))


def test_another_card() -> None:
    with pytest.raises(PasUneVitale):
        lire_vitale(Autre().transmettre)
    carte = Carte()
    carte.fichiers["MF"] = b""
    with pytest.raises(PasUneVitale):
        lire_vitale(carte.transmettre)


@pytest.mark.parametrize("reste", [1, 2, 3, 20, 44, 70])
def test_half_read_card(reste: int) -> None:
    with pytest.raises(LectureIncomplete):
        lire_vitale(Carte(tronquer=reste).transmettre)


def test_empty_card() -> None:
    with pytest.raises(LectureIncomplete):
        decoder(b"\0" * 100, b"\0" * 100)


def test_more_or_fewer_numbers_than_people() -> None:
    seul = tlv(0x65, tlv(0x80, b"SEUL") + tlv(0x81, b"A"))
    numero = tlv(0x65, tlv(0x93, b"190017512345678"))
    assert decoder(seul, b"")[0].nir == ""
    assert [b.nir for b in decoder(seul * 2, numero * 3)] == ["190017512345678"] * 2


def test_a_nameless_template_keeps_the_others_at_their_place() -> None:
    vide = tlv(0x65, tlv(0x80, b"   ") + tlv(0x81, b""))
    plein = tlv(0x65, tlv(0x80, b"NOM"))
    numeros = tlv(0x65, tlv(0x93, b"1" * 15)) + tlv(0x65, tlv(0x93, b"2" * 15))
    lu = decoder(vide + plein, numeros)
    assert [(b.nom, b.nir, b.position) for b in lu] == [("NOM", "2" * 15, 1)]


@pytest.mark.parametrize(("brut", "attendu"), [
    (b"1 90 01 75 123 456 78", "190017512345678"), (b"               ", ""),
    (b"1900175123456", ""), (b"19001752A123456", "19001752A123456"), (b"\xff" * 15, "")])
def test_nir_keeps_letters_and_drops_nonsense(brut: bytes, attendu: str) -> None:
    assert decoder(tlv(0x65, tlv(0x80, b"A")), tlv(0x65, tlv(0x93, brut)))[0].nir == attendu


def test_control_characters_never_leave_the_card() -> None:
    lu = decoder(tlv(0x65, tlv(0x80, b"A\x00\x1b[2J\x9bB\xa0C") + tlv(0x82, b"19\n780917")), b"")[0]
    assert lu.nom == "A [2J B C"
    assert lu.date_naissance_brute == "19780917"


def test_long_lengths_and_tags() -> None:
    assert list(lire_tlv(bytes.fromhex("5F370141") + tlv(0x80, b"x" * 300))) == [
        (0x5F37, b"A"), (0x80, b"x" * 300)]


@settings(max_examples=300)
@given(st.binary(max_size=400), st.binary(max_size=400))
def test_hostile_files_never_crash(identites: bytes, numeros: bytes) -> None:
    try:
        for lu in decoder(identites, numeros):
            assert lu.nom.isprintable() and len(lu.nir) in (0, 15)
    except LectureIncomplete:
        pass


@settings(max_examples=200)
@given(st.lists(st.tuples(st.binary(max_size=260), st.integers(0, 0xFFFF)), min_size=1,
                max_size=60))
def test_hostile_cards_never_hang(reponses: list[tuple[bytes, int]]) -> None:
    suite = iter(reponses * 40)
    try:
        lire_vitale(lambda _: next(suite))
    except ErreurCarte:
        pass


@pytest.mark.parametrize(("atr", "genre"), [
    (ATR_VITALE, Genre.VITALE_2), (bytes.fromhex("3B75130000450 9FA9000".replace(" ", "")),
                                   Genre.VITALE_2),
    (bytes.fromhex("3B7513000052 09EA9000".replace(" ", "")), Genre.VITALE_2),
    (ATR_VITALE_1, Genre.VITALE_1), (bytes.fromhex("3F652500A4096A9000"), Genre.VITALE_1),
    (ATR_CPS3, Genre.CPS), (ATR_CPS4, Genre.CPS),
    (bytes.fromhex("3BAC00402A00122500648082021200 9000".replace(" ", "")), Genre.CPS),
    (bytes.fromhex("3B8F80010031B86404B0ECC1739401808290000E"), Genre.CPS),
    (ATR_AUTRE, Genre.INCONNUE), (b"", Genre.INCONNUE)])
def test_kinds_of_cards(atr: bytes, genre: Genre) -> None:
    assert reconnaitre(atr) is genre


def test_every_error_has_a_french_sentence() -> None:
    def toutes(classe: type[ErreurCarte]) -> list[type[ErreurCarte]]:
        return [classe, *(s for c in classe.__subclasses__() for s in toutes(c))]

    codes = [c.code for c in toutes(ErreurCarte)]
    assert len(set(codes)) == len(codes) >= 7
    for classe in toutes(ErreurCarte):
        assert classe().message.endswith(".") and "'" not in classe().message
    assert FAMILLE
