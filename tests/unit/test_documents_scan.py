"""GS1 and INS codes: the rules of `spec/cards.md` §5, symbols made and read by others."""

import csv
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from app.__main__ import main
from app.devices.scan import NatureCode, interpreter
from app.devices.scan_clavier import FrappeScanner, retablir
from app.devices.scan_gs1 import EtatLecture, cle_gs1, date_gs1, gtin_valide, lire_gs1
from app.devices.scan_image import (
    CodeBrut,
    ImageIllisible,
    LecteurFlux,
    _dmtx,
    lire_image,
    ouvrir,
)
from app.documents.datamatrix import image_png
from app.documents.vaccins import vaccins

AU = date(2026, 3, 2)
GTIN = "03400934166525"  # AVAXIM
GS = "\x1d"
INS = ("IS010000000000000000000000S1279035121518989S21.2.250.1.213.1.4.10"
       "S3DOMINIQUE MARIE-LOUISE\x1dS4PAT-TROIS\x1dS5FS628-03-1979S751215")
OK, VERIFIER, PARTIEL, ERREUR = (EtatLecture.OK, EtatLecture.A_VERIFIER, EtatLecture.PARTIEL,
                                 EtatLecture.ERREUR)


def codes(texte: str, au: date = AU) -> set[str]:
    return {a.code for a in interpreter(texte, au).avertissements}


# --- Dates, keys --------------------------------------------------------------------------------

@pytest.mark.parametrize("aammjj, attendu", [
    ("270531", "2027-05-31"), ("280200", "2028-02-29"), ("270200", "2027-02-28"),
    ("261100", "2026-11-30"), ("761231", "2076-12-31"), ("771231", "1977-12-31"),
    ("991231", "1999-12-31"), ("260230", None), ("261301", None), ("26AB01", None), ("26", None)])
def test_dates(aammjj: str, attendu: str | None) -> None:
    assert date_gs1(aammjj, AU) == attendu


def test_dates_of_the_next_century() -> None:
    assert date_gs1("010101", date(2095, 1, 1)) == "2101-01-01"


def test_check_digits_of_every_presentation() -> None:
    assert len(vaccins()) == 108
    for vaccin in vaccins():
        assert gtin_valide("0" + vaccin.cip13) and gtin_valide(vaccin.cip13)
        assert cle_gs1(vaccin.cip13[:-1]) == vaccin.cip13[-1]


def test_the_table_agrees_with_the_reference(shared: Path) -> None:
    with (shared / "data" / "vaccines.csv").open(encoding="utf-8") as flux:
        for r in csv.DictReader(flux, delimiter=";"):
            lue = interpreter(r["cip13"], AU)
            assert lue.vaccin is not None
            assert (lue.vaccin.cis, lue.vaccin.atc, lue.vaccin.denomination) == (
                r["cis"], r["atc"], r["denomination"])
            assert list(lue.vaccin.maladies) == r["maladies"].split("|")
            assert bool(lue.vaccin.atc_libelle) == bool(r["atc"])
            assert all(lue.vaccin.noms_maladies)


# --- With separators ----------------------------------------------------------------------------

@pytest.mark.parametrize("gs", [GS, "<GS>", "\\x1d", "␝", "{GS}", "^]", "|", "~", "#"])
@pytest.mark.parametrize("prefixe", ["", "]d2", "]C1", "]d2" + GS, GS, " "])
def test_a_box(gs: str, prefixe: str) -> None:
    lue = interpreter(f"{prefixe}01{GTIN}1727053110aB-1/2{gs}21XYZ9{gs}91ignored\r\n", AU)
    assert (lue.etat, lue.nature) == (OK, NatureCode.GS1)
    assert (lue.gtin, lue.cip13, lue.lot, lue.serie) == (GTIN, GTIN[1:], "aB-1/2", "XYZ9")
    assert lue.peremption == "2027-05-31"
    assert lue.vaccin is not None and lue.vaccin.marque == "AVAXIM"


def test_order_is_free() -> None:
    lue = interpreter(f"01{GTIN}21S1{GS}17270531{GS}10LOT", AU)
    assert (lue.etat, lue.lot, lue.serie, lue.peremption) == (OK, "LOT", "S1", "2027-05-31")


def test_the_printed_form() -> None:
    lue = interpreter(f"(01){GTIN}(17)270531(10)A(b)", AU)
    assert (lue.etat, lue.lot) == (OK, "A(b)")
    assert interpreter(f"(01){GTIN}(17)27", AU).etat is ERREUR
    assert interpreter("(x)1", AU).etat is ERREUR


@pytest.mark.parametrize("texte, etat, code", [
    (f"01{GTIN[:-1]}617270531{GS}10A", ERREUR, "GTIN_INVALID"),
    (f"01{GTIN}10A{GS}10B", ERREUR, "DUPLICATE"),
    (f"01{GTIN}10{'A' * 21}{GS}17270531", ERREUR, "TOO_LONG"),
    (f"01{GTIN}10A{GS}172705", ERREUR, "TOO_SHORT"),
    (f"01{GTIN}17271331{GS}10A", PARTIEL, "DATE_INVALID"),
    (f"01{GTIN}17270531{GS}88ABC", PARTIEL, "UNKNOWN_AI"),
    (f"01{GTIN}10é{GS}17270531", ERREUR, "INVALID_CHARACTER"),
    (f"17270531{GS}10A", PARTIEL, "NO_GTIN"),
    (f"01{GTIN}17260301{GS}10A", OK, "EXPIRED"),
    (f"01{GTIN}17260331{GS}10A", OK, "EXPIRES_SOON"),
    ("0103664798000016" + GS + "10A", OK, "UNKNOWN_PRODUCT"),
])
def test_faults_and_warnings(texte: str, etat: EtatLecture, code: str) -> None:
    lue = interpreter(texte, AU)
    assert lue.etat is etat, lue
    assert code in codes(texte), lue


def test_what_was_read_before_a_fault_is_kept() -> None:
    lue = interpreter(f"01{GTIN}17270531{GS}88ABC", AU)
    assert (lue.gtin, lue.peremption) == (GTIN, "2027-05-31")
    assert interpreter(f"01{GTIN}17271331{GS}10A", AU).lot == "A"


def test_a_carton_is_told() -> None:
    carton = "1" + GTIN[1:-1]
    texte = f"01{carton}{cle_gs1(carton)}17270531{GS}10A"
    assert "GROUPED_PACK" in codes(texte) and interpreter(texte, AU).vaccin is None


def test_a_recalled_lot_is_told() -> None:
    texte = f"01{GTIN}17270531{GS}10A12"
    rappels = {GTIN[1:]: frozenset({"A12"})}
    assert "RECALLED" in {a.code for a in interpreter(texte, AU, rappels).avertissements}
    assert "RECALLED" not in {a.code for a in interpreter(
        texte.replace("A12", "A13"), AU, rappels).avertissements}


def test_expiry_on_the_day_itself() -> None:
    assert "EXPIRED" not in codes(f"01{GTIN}17260302{GS}10A")
    assert "EXPIRED" not in codes(f"01{GTIN}17260300{GS}10A", date(2026, 3, 31))
    assert "EXPIRED" in codes(f"01{GTIN}17260300{GS}10A", date(2026, 4, 1))


# --- Without separators -------------------------------------------------------------------------

def test_one_reading_only_is_sure() -> None:
    lue = interpreter(f"01{GTIN}1727053110AB34", AU)
    assert (lue.etat, lue.lot, codes(f"01{GTIN}1727053110AB34")) == (OK, "AB34", set())


def test_one_complete_reading_is_to_check() -> None:
    lue = interpreter(f"01{GTIN}1727053110AB3421SER", AU)
    assert (lue.etat, lue.lot, lue.serie) == (VERIFIER, "AB34", "SER")
    assert "GS_LOST" in {a.code for a in lue.avertissements}


def test_several_readings_leave_the_lot_empty() -> None:
    lue = interpreter(f"01{GTIN}1727053110AB2134215", AU)
    assert (lue.etat, lue.gtin, lue.peremption, lue.lot, lue.serie) == (
        VERIFIER, GTIN, "2027-05-31", "", "")
    assert {"AB", "AB2134", "AB2134215"} == set(lue.candidats)
    assert "AMBIGUOUS" in {a.code for a in lue.avertissements}


@pytest.mark.parametrize("reste", ["17271331" + "10A", "17100131" + "10A", "10" + "A" * 21, "99X"])
def test_no_reading_is_an_error_with_what_could_be_read(reste: str) -> None:
    lue = interpreter(f"01{GTIN}{reste}", AU)
    assert (lue.etat, lue.gtin) == (ERREUR, GTIN)


lots = st.text("ABCdef0123456789-/.", min_size=1, max_size=20)
jours = st.dates(date(2026, 1, 1), date(2036, 12, 31))


@settings(max_examples=80, deadline=None)
@given(lots, lots, jours, st.permutations(["01", "17", "10", "21"]))
def test_any_box_is_read_with_separators(lot: str, serie: str, jour: date,
                                         ordre: list[str]) -> None:
    valeurs = {"01": GTIN, "17": f"{jour:%y%m%d}", "10": lot, "21": serie}
    lue = lire_gs1(GS.join(ai + valeurs[ai] for ai in ordre) + GS, AU)
    assert (lue.etat, lue.gtin, lue.lot, lue.serie, lue.peremption) == (
        OK, GTIN, lot, serie, jour.isoformat())


@settings(max_examples=80, deadline=None)
@given(lots, lots, jours)
def test_lost_separators_never_give_a_wrong_lot_as_sure(lot: str, serie: str, jour: date) -> None:
    lue = interpreter(f"01{GTIN}17{jour:%y%m%d}10{lot}21{serie}", AU)
    # Sure: the only reading, the true one, or the whole remainder when it can be a lot.
    assert lue.etat is not OK or lue.lot in (lot, f"{lot}21{serie}")
    if lue.etat is VERIFIER:
        assert lue.lot in ("", lot)
        assert (lue.gtin, lue.peremption) == (GTIN, jour.isoformat())


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.text("0123456789\x1d()AI]d2", max_size=80))
def test_no_text_breaks_the_reader(texte: str) -> None:
    assert interpreter(texte, AU).etat in EtatLecture


def test_long_texts_are_refused_at_once() -> None:
    assert interpreter("0" * 1_000_000, AU).etat is ERREUR
    assert interpreter("17270531" * 300, AU).etat is ERREUR


# --- Other codes --------------------------------------------------------------------------------

def test_a_bare_cip() -> None:
    for texte in (GTIN[1:], GTIN, "]E0" + GTIN[1:]):
        lue = interpreter(texte, AU)
        assert (lue.etat, lue.nature, lue.cip13) == (PARTIEL, NatureCode.CIP13, GTIN[1:])
        assert lue.vaccin is not None
    assert interpreter("3400934166526", AU).etat is ERREUR


def test_an_ins_datamatrix() -> None:
    lue = interpreter("]d1" + INS, AU)
    assert (lue.nature, lue.etat) == (NatureCode.INS, OK)
    faux = INS.replace("279035121518989", "279035121518988")
    assert interpreter(faux, AU).etat is VERIFIER and "INS_KEY" in codes(faux)
    assert interpreter(INS[:50], AU).etat is ERREUR


@pytest.mark.parametrize("texte", ["", "https://exemple.fr/0", "]d1" + f"01{GTIN}", "bonjour",
                                   "DC04FR000001"])
def test_what_is_something_else(texte: str) -> None:
    lue = interpreter(texte, AU)
    assert (lue.etat, lue.nature) == (ERREUR, NatureCode.INCONNU)


# --- Keyboards ----------------------------------------------------------------------------------

def test_the_azerty_example_of_the_spec() -> None:
    assert retablir("à&à\"'ààç\"àéè((è\"&èéçà-àà") == "010340093027557317290600"


def _taper(texte: str) -> str:
    """What a French keyboard writes when a scanner set to US types."""
    us = "1234567890-=qwaz;QWAZ:m,./'"
    fr = "&é\"'(-è_çà)=azqwmAZQWM,;:!ù"
    return texte.translate(str.maketrans(us, fr))


@pytest.mark.parametrize("lot", ["AQ-w.Z", "m12", "zz"])
def test_azerty_is_undone(lot: str) -> None:
    lue = interpreter(_taper(f"01{GTIN}1727053110{lot}"), AU)
    assert (lue.gtin, lue.lot, lue.peremption) == (GTIN, lot, "2027-05-31")
    assert "KEYBOARD_LAYOUT" in {a.code for a in lue.avertissements}


def test_an_ins_typed_on_azerty() -> None:
    lue = interpreter(_taper(INS.replace(GS, "")), AU)
    assert lue.ins is not None
    assert (lue.ins.nom_naissance, lue.ins.oid) == ("PAT-TROIS", "1.2.250.1.213.1.4.10")


@pytest.mark.parametrize("texte", ["(ceci)", "01" + GTIN, "à&à\"'ààç\"àéè((è'&èéçà-àà", "é"])
def test_other_texts_are_left_alone(texte: str) -> None:
    assert retablir(texte) is None


def test_fast_keys_are_a_scan_slow_ones_a_person() -> None:
    frappe = FrappeScanner()
    instant = 0.0
    for c in "0103400934":
        frappe.touche(c, instant := instant + 10)
    frappe.touche("]", instant := instant + 10, controle=True)
    frappe.touche("", instant := instant + 10, f8=True)
    for c in "029":
        frappe.chiffre_alt(c, instant := instant + 5)
    frappe.fin_alt(instant := instant + 5)
    assert frappe.fin(instant + 10) == "0103400934" + GS * 3
    assert frappe.en_cours == ""
    for c in "bonjour à tous":
        frappe.touche(c, instant := instant + 150)
    assert frappe.fin(instant + 150) is None
    for c in "1234":
        frappe.touche(c, instant := instant + 10)
    assert frappe.fin(instant + 10) is None


# --- Images -------------------------------------------------------------------------------------

def _symbole(texte: str, pixels: int = 5) -> np.ndarray:
    code = zxingcpp.create_barcode(texte, zxingcpp.BarcodeFormat.DataMatrix, gs1=True,
                                   force_square=True)
    return np.asarray(zxingcpp.write_barcode_to_image(code, scale=pixels))


BOITE = f"(01){GTIN}(17)270531(10)A12B(21)SER9"
ATTENDU = f"01{GTIN}1727053110A12B{GS}21SER9"


def test_a_symbol_is_read_with_its_separator() -> None:
    [lu] = lire_image(_symbole(BOITE))
    assert lu == CodeBrut(ATTENDU, "]d2")


def test_pylibdmtx_keeps_the_separator_too() -> None:
    assert _dmtx(_symbole(BOITE)) == [CodeBrut(ATTENDU, "]d2")]
    assert _dmtx(ouvrir(image_png(INS))) == [CodeBrut(INS, "]d1")]


def test_a_blurred_symbol_is_read_at_the_second_try() -> None:
    image = Image.fromarray(_symbole(BOITE, 8)).filter(ImageFilter.GaussianBlur(4))
    assert lire_image(np.asarray(image))[0].texte == ATTENDU


def test_a_stream_of_frames() -> None:
    flux = LecteurFlux()
    vide = np.full((720, 1280), 200, np.uint8)
    assert [flux.image(vide) for _ in range(4)] == [[]] * 4
    symbole = _symbole(BOITE, 3)
    vide[100:100 + symbole.shape[0], 300:300 + symbole.shape[1]] = symbole
    assert flux.image(vide)[0].texte == ATTENDU


@pytest.mark.parametrize("octets", [b"", b"rien", b"\x89PNG\r\n\x1a\n" + bytes(50), b"<svg/>",
                                    b"GIF89a" + b"\xff" * 20])
def test_what_is_no_image(octets: bytes) -> None:
    with pytest.raises(ImageIllisible):
        ouvrir(octets)


# --- Command line -------------------------------------------------------------------------------

def _scanner(capsysbinary: pytest.CaptureFixture[bytes], *mots: str) -> tuple[int, dict]:  # type: ignore[type-arg]
    code = main(["scanner", "--json", "--au", "2026-03-02", *mots])
    return code, json.loads(capsysbinary.readouterr()[0])


def test_the_command_gives_the_agreed_json(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    code, lu = _scanner(capsysbinary, f"01{GTIN}17270531<GS>10A12B\\x1d21S")
    assert code == 0
    assert list(lu) == ["etat", "nature", "gtin", "cip13", "peremption", "lot", "serie", "vaccin",
                        "ins", "avertissements"]
    assert (lu["etat"], lu["nature"], lu["gtin"], lu["lot"], lu["serie"]) == (
        "OK", "GS1", GTIN, "A12B", "S")
    assert lu["vaccin"]["cis"] == "62756524" and lu["vaccin"]["maladies"] == ["HEPA"]
    assert lu["ins"] is None and lu["avertissements"] == []
    code, lu = _scanner(capsysbinary, INS)
    assert lu["nature"] == "INS" and lu["ins"]["nom_naissance"] == "PAT-TROIS"
    assert lu["ins"]["lieu_naissance"] == "51215" and lu["vaccin"] is None
    code, lu = _scanner(capsysbinary, "n’importe quoi")
    assert (code, lu["etat"], lu["gtin"]) == (1, "ERREUR", None)


def test_the_command_reads_images(capsysbinary: pytest.CaptureFixture[bytes],
                                  tmp_path: Path) -> None:
    (tmp_path / "ins.png").write_bytes(image_png(INS))
    assert _scanner(capsysbinary, str(tmp_path / "ins.png"))[1]["nature"] == "INS"
    page = Image.new("RGB", (900, 600), "white")
    page.paste(Image.fromarray(_symbole(BOITE)).convert("RGB"), (50, 50))
    ImageDraw.Draw(page).text((60, 400), "AVAXIM", fill="black")
    page.save(tmp_path / "boite.jpg", quality=70)
    code, lu = _scanner(capsysbinary, str(tmp_path / "boite.jpg"))
    assert (code, lu["etat"], lu["lot"]) == (0, "OK", "A12B")
    Image.new("L", (300, 300), 255).save(tmp_path / "vide.png")
    code, lu = _scanner(capsysbinary, str(tmp_path / "vide.png"))
    assert code == 1 and lu["avertissements"][0]["code"] == "NO_CODE"
    (tmp_path / "faux.png").write_bytes(b"faux")
    assert _scanner(capsysbinary, str(tmp_path / "faux.png"))[0] == 1


def test_text_for_people(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["scanner", "--au", "2027-01-01", f"01{GTIN}1726053110A"]) == 0
    sortie, erreurs = capsysbinary.readouterr()
    assert "Péremption\u00a0: 31/05/2026" in sortie.decode() and "Hépatite A" in sortie.decode()
    assert "EXPIRED" in erreurs.decode()
