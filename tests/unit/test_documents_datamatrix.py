"""INS datamatrix: the published vector, both ways, through an independent decoder."""

import io
from dataclasses import replace

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.documents.datamatrix import (
    DatamatrixInvalide,
    charge_ins,
    decoder_ins,
    est_ins,
    image_png,
    matrice,
)
from app.documents.model import patient_document
from app.domain.identity import (
    OID_NIA,
    OID_NIR,
    OID_NIR_TEST,
    Identite,
    StatutIdentite,
    Traits,
)

#: Test vector of `spec/cda.md` §13.
VECTEUR = ("IS010000000000000000000000S1279035121518989S21.2.250.1.213.1.4.10"
           "S3DOMINIQUE MARIE-LOUISE\x1dS4PAT-TROIS\x1dS5FS628-03-1979S751215")
IDENTITE = Identite(
    Traits("PAT-TROIS", "DOMINIQUE", "1979-03-28", "F", "51215", prenoms="DOMINIQUE MARIE-LOUISE"),
    StatutIdentite.QUALIFIEE, "279035121518989", OID_NIR_TEST)

noms = st.from_regex(r"[A-Z]{1,12}(([-' ]|--)[A-Z]{1,12}){0,4}", fullmatch=True)


def lire_png(png: bytes) -> bytes:
    image = np.array(Image.open(io.BytesIO(png)).convert("L"))
    [code] = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.DataMatrix)
    return bytes(code.bytes)


def test_the_published_vector() -> None:
    assert charge_ins(IDENTITE) == VECTEUR
    assert charge_ins(patient_document(IDENTITE, "1", "1.2.3")) == VECTEUR


def test_a_19_character_oid_is_closed_by_gs() -> None:
    assert f"S2{OID_NIR}\x1dS3" in charge_ins(replace(IDENTITE, oid=OID_NIR))


def test_only_a_qualified_identity_has_one() -> None:
    for statut in StatutIdentite:
        if statut is not StatutIdentite.QUALIFIEE:
            identite = replace(IDENTITE, statut=statut)
            for forme in (identite, patient_document(identite, "1", "1.2.3")):
                with pytest.raises(ValueError):
                    charge_ins(forme)


def test_the_symbol_is_square_and_read_by_another_library() -> None:
    modules = matrice(VECTEUR)
    assert all(len(ligne) == len(modules) for ligne in modules)
    assert lire_png(image_png(VECTEUR)) == VECTEUR.encode()


@settings(max_examples=40, deadline=None)
@given(noms, noms, st.sampled_from(["M", "F"]), st.sampled_from(["2A004", "2B033", "75056", "99352",
       "99999"]), st.sampled_from([OID_NIR, OID_NIA, OID_NIR_TEST]), st.dates())
def test_any_identity_goes_round(nom: str, prenoms: str, sexe: str, cog: str, oid: str,
                                 naissance: object) -> None:
    traits = Traits(nom, prenoms.split(" ")[0], f"{naissance}", sexe, cog, prenoms=prenoms)
    charge = charge_ins(Identite(traits, StatutIdentite.QUALIFIEE, "160012B02077713", oid))
    lue = decoder_ins(lire_png(image_png(charge)).decode())
    assert (lue.nom_naissance, lue.prenoms, lue.sexe, lue.oid) == (nom, prenoms, sexe, oid)
    assert lue.date_naissance == traits.date_naissance
    assert lue.lieu_naissance == ("" if cog == "99999" else cog)
    assert not lue.avertissements


def test_fields_in_another_order() -> None:
    lue = decoder_ins("IS01" + "0" * 22 + "S4PAT-TROIS\x1dS3DOMINIQUE\x1dS628-03-1979S5F"
                      "S21.2.250.1.213.1.4.8\x1dS1279035121518989")
    assert (lue.nom_naissance, lue.prenoms, lue.oid) == ("PAT-TROIS", "DOMINIQUE", OID_NIR)
    assert lue.lieu_naissance == ""


@pytest.mark.parametrize("gs", ["", "<GS>", "^]", "␝", "\\x1d", "|", "~", "{GS}"])
def test_separators_lost_or_written(gs: str) -> None:
    lue = decoder_ins(VECTEUR.replace("\x1d", gs))
    assert (lue.prenoms, lue.nom_naissance) == ("DOMINIQUE MARIE-LOUISE", "PAT-TROIS")


def test_signed_form_and_cut_name_are_told() -> None:
    assert decoder_ins("]d1" + VECTEUR + "\x1fABCDEF").signee
    long = "A" * 120
    charge = charge_ins(replace(IDENTITE, traits=replace(IDENTITE.traits, nom_naissance=long)))
    lue = decoder_ins(charge)
    assert lue.nom_naissance == "A" * 100
    assert "tronqué" in lue.avertissements[0]


@pytest.mark.parametrize("texte", [
    "", "bonjour", "IS01", "IS01" + "0" * 22, VECTEUR[:60], VECTEUR.replace("S5F", "S5X"),
    VECTEUR + "S5F", VECTEUR.replace("28-03-1979", "28/03/1979"), "DC02" + "0" * 40])
def test_what_is_no_ins_datamatrix(texte: str) -> None:
    with pytest.raises(DatamatrixInvalide):
        decoder_ins(texte)


def test_est_ins() -> None:
    assert est_ins(VECTEUR) and est_ins("]d1" + VECTEUR)
    assert not est_ins("01034009")
