"""`pleiade ins …`: JSON forms and exit codes (stable command line, design §10)."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main

A = {"matricule_ins": "279035121518989", "oid": "1.2.250.1.213.1.4.10",
     "nom_naissance": "PAT-TROIS", "prenoms": "DOMINIQUE MARIE-LOUISE",
     "premier_prenom": "DOMINIQUE", "date_naissance": "1979-03-28", "sexe": "F",
     "lieu_naissance": "51215"}


class Commande:
    """Runs a command and reads its answer."""

    def __init__(self, capture: pytest.CaptureFixture[bytes]) -> None:
        self.capture = capture
        self.code = 0
        self.erreur = ""

    def __call__(self, *mots: str) -> Any:
        self.code = main(["ins", *mots])
        sortie, erreur = self.capture.readouterr()
        self.erreur = erreur.decode()
        return json.loads(sortie)


@pytest.fixture
def ins(capfdbinary: pytest.CaptureFixture[bytes]) -> Commande:
    return Commande(capfdbinary)


def fichier(dossier: Path, nom: str, **ecarts: object) -> str:
    chemin = dossier / nom
    chemin.write_text(json.dumps(A | ecarts), encoding="utf-8")
    return str(chemin)


def test_json_stands_anywhere(ins: Commande) -> None:
    attendu = {"valeur": "D'AEION", "avertissements": ["«\u00a0Æ\u00a0» s’écrit «\u00a0AE\u00a0»."]}
    assert ins("--json", "normaliser", "D’ÆION") == attendu
    assert ins("normaliser", "--json", "D’ÆION") == attendu
    assert ins("normaliser", "D’ÆION", "--json") == attendu


def test_every_official_test_identity(ins: Commande, shared: Path) -> None:
    with (shared / "data/ins_test_identities.csv").open(encoding="utf-8") as flux:
        for r in csv.DictReader(flux):
            if r["matricule13"]:
                assert ins("cle", r["matricule13"], "--json") == {"cle": r["cle_calculee"]}
                lu = ins("verifier", r["matricule13"] + r["cle_publiee"], "--json")
                assert lu["valide"] == (r["cle_valide"] == "oui")
                assert ins.code == (0 if lu["valide"] else 1)
                assert lu["valide"] or lu["avertissements"]


def test_refusals_go_to_standard_error_with_a_code(ins: Commande) -> None:
    lu = ins("cle", "12", "--json")
    assert lu["erreur"]["code"] == "matricule_invalide" and ins.code == 1
    assert lu["erreur"]["message"] in ins.erreur


def test_places(ins: Commande) -> None:
    (lu, *_) = ins("lieu", "Annecy le Vieux", "--le", "1970-01-01", "--json")
    assert lu == {"cog": "74011", "libelle": "Annecy-le-Vieux", "type": "commune", "du": None,
                  "au": "2017-01-01", "successeurs": ["74010"]}
    assert ins("lieu", "85756", "--json") == [] and ins.code == 0
    assert ins("lieu", "inconnu", "--json")[0]["type"] == "inconnu"
    assert ins("equivalents", "20004", "--json") == ["2A004"]
    assert ins("equivalents", "2a004", "--json") == ["20004"]
    assert ins("equivalents", "85756", "--json") == []


@pytest.mark.parametrize(("ecarts", "identiques", "differences"), [
    ({}, True, []),
    ({"nom_naissance": "Pat-Trois"}, True, []),
    ({"lieu_naissance": "51108"}, False, [("lieu_naissance", "51215", "51108", "bloquante")]),
    ({"lieu_naissance": None}, True, [("lieu_naissance", "51215", None, "information")]),
    ({"sexe": "M"}, False, [("sexe", "F", "M", "bloquante")]),
    ({"matricule_ins": None, "oid": None}, True,
     [("matricule_ins", "279035121518989", None, "information"),
      ("oid", "1.2.250.1.213.1.4.10", None, "information")]),
    ({"prenoms": "DOMINIQUE"}, True,
     [("prenoms", "DOMINIQUE MARIE-LOUISE", "DOMINIQUE", "information")]),
    ({"premier_prenom": "CLAUDE", "prenoms": "CLAUDE"}, False,
     [("premier_prenom", "DOMINIQUE", "CLAUDE", "bloquante"),
      ("prenoms", "DOMINIQUE MARIE-LOUISE", "CLAUDE", "bloquante")]),
])
def test_comparison(ins: Commande, tmp_path: Path, ecarts: dict[str, object], identiques: bool,
                    differences: list[tuple[str, ...]]) -> None:
    lu = ins("comparer", fichier(tmp_path, "a.json"), fichier(tmp_path, "b.json", **ecarts),
             "--json")
    assert lu["identiques"] == identiques
    assert [tuple(d.values()) for d in lu["differences"]] == differences


def test_equivalent_places_are_information(ins: Commande, tmp_path: Path) -> None:
    lu = ins("comparer", fichier(tmp_path, "a.json", lieu_naissance="20004"),
             fichier(tmp_path, "b.json", lieu_naissance="2A004"), "--json")
    assert lu == {"identiques": True, "differences": [
        {"trait": "lieu_naissance", "a": "20004", "b": "2A004", "gravite": "information"}]}


def test_unreadable_identities_are_a_wrong_use(ins: Commande, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    for mauvais in (str(tmp_path / "x.json"), str(tmp_path / "absent.json"),
                    fichier(tmp_path, "y.json", sexe=3)):
        assert ins("comparer", mauvais, mauvais, "--json")["erreur"]["code"] == "fichier_illisible"
        assert ins.code == 2


def test_datamatrix_is_read_back(ins: Commande, tmp_path: Path) -> None:
    import zxingcpp
    from PIL import Image
    image = tmp_path / "ins.png"
    lu = ins("datamatrix", fichier(tmp_path, "a.json"), "--vers", str(image), "--json")
    (code,) = zxingcpp.read_barcodes(Image.open(image))
    assert code.bytes.decode("ascii") == lu["charge"]
    lu = ins("datamatrix", fichier(tmp_path, "b.json", matricule_ins=None), "--vers", str(image),
             "--json")
    assert lu["erreur"]["code"] == "identite_incomplete" and ins.code == 1


@pytest.mark.parametrize("mots", [
    [], ["lieu"], ["lieu", "x", "--le", "1/1/1970"], ["inconnue"], ["datamatrix", "a.json"],
])
def test_wrong_uses(mots: list[str]) -> None:
    with pytest.raises(SystemExit) as sortie:
        main(["ins", *mots])
    assert sortie.value.code == 2


def test_readable_text(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["ins", "lieu", "mazoires"]) == 0
    assert "63220  Mazoires  Puy-de-Dôme (63)" in capfdbinary.readouterr().out.decode()
    assert main(["ins", "verifier", "2 75 12 63 220 749 74"]) == 0
    assert capfdbinary.readouterr().out.decode().startswith("Valide.")


@pytest.mark.parametrize(("mots", "code", "attendu"), [
    (("normaliser", ""), 0, {"valeur": "", "avertissements": ["Aucune lettre dans ce nom."]}),
    (("cle", "2 97 02 2a 020 778"), 0, {"cle": "78"}),
    (("lieu", ""), 0, []), (("lieu", "%%%"), 0, []), (("equivalents", ""), 0, []),
    (("equivalents", "xx"), 0, []),
])
def test_odd_inputs_are_answered(ins: Commande, mots: tuple[str, ...], code: int,
                                 attendu: object) -> None:
    assert ins(*mots, "--json") == attendu and ins.code == code


@pytest.mark.parametrize("mots", [
    ("cle", ""), ("cle", "2A"), ("cle", "²970220207781"), ("cle", "x" * 10_000)])
def test_odd_matricules_have_no_key(ins: Commande, mots: tuple[str, ...]) -> None:
    assert ins(*mots, "--json")["erreur"]["code"] == "matricule_invalide" and ins.code == 1


@pytest.mark.parametrize("numero", ["", "²75126322074974", "275126322074975", "9" * 400])
def test_odd_matricules_are_not_valid(ins: Commande, numero: str) -> None:
    lu = ins("verifier", numero, "--json")
    assert not lu["valide"] and lu["avertissements"] and ins.code == 1


def test_an_image_that_cannot_be_written(ins: Commande, tmp_path: Path) -> None:
    lu = ins("datamatrix", fichier(tmp_path, "a.json"), "--vers", str(tmp_path / "absent/x.png"),
             "--json")
    assert lu["erreur"]["code"] == "ecriture" and ins.code == 1


def test_a_wrong_use_is_told_in_french(capfd: pytest.CaptureFixture[str]) -> None:
    for mots, phrase in ((["ins", "cle"], "il manque\u00a0: MATRICULE13"),
                         (["ins", "cle", "1", "2"], "arguments inconnus\u00a0: 2"),
                         (["ins", "autre"], "choix inconnu\u00a0: autre"),
                         (["ins", "lieu", "x", "--le", "hier"], "AAAA-MM-JJ")):
        with pytest.raises(SystemExit):
            main(mots)
        assert phrase in capfd.readouterr().err
