"""`pleiade produire`: every kind from its example value, and every refusal, through the program."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from documents_outils import erreurs_cda, preflight

from app.__main__ import main
from app.documents.corps_json import corps_en_json
from app.documents.gabarits import gabarit
from app.documents.reader import lire
from app.documents.saisie import CONTENUS, depuis_saisie
from app.documents.types import types_documents
from app.documents.valeur_json import ValeurInvalide, depuis_json, en_json

MAINTENANT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
TOUS = [t.cle for t in types_documents()]


def _pleiade(capsysbinary: pytest.CaptureFixture[bytes], *mots: str) -> tuple[int, Any, str]:
    code = main(["produire", *mots])
    sortie, erreurs = capsysbinary.readouterr()
    texte = sortie.decode()
    return code, json.loads(texte) if texte.startswith(("{", "[")) else texte, erreurs.decode()


def test_every_example_value_is_produced_and_valid(
        capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path, shared: Path) -> None:
    pdfs = tmp_path / "pdf"
    pdfs.mkdir()
    for cle in TOUS:
        code, valeur, _ = _pleiade(capsysbinary, cle, "--gabarit")
        assert code == 0 and valeur["type"] == cle
        fichier = tmp_path / f"{cle}.json"
        fichier.write_text(json.dumps(valeur), encoding="utf-8")
        code, reponse, _ = _pleiade(capsysbinary, cle, "--depuis", str(fichier), "--vers",
                                    str(tmp_path / cle), "--json")
        assert code == 0, cle
        assert [Path(f).name for f in reponse["fichiers"]] == ["document.xml", "document.pdf",
                                                               "IHE_XDM.ZIP"]
        assert sorted(p.name for p in (tmp_path / cle).iterdir()) == [
            "IHE_XDM.ZIP", "document.pdf", "document.xml"]
        cda = (tmp_path / cle / "document.xml").read_bytes()
        assert erreurs_cda(shared, cda, qualifiee=True) == [], cle
        [lu] = lire((tmp_path / cle / "IHE_XDM.ZIP").read_bytes(), "IHE_XDM.ZIP")
        assert lu.id == reponse["id"] and lu.avertissements == (), cle
        assert lu.patient.nom_naissance == "ADRUN"
        if len(list(pdfs.iterdir())) < 8:
            (pdfs / f"{cle}.pdf").write_bytes((tmp_path / cle / "document.pdf").read_bytes())
    assert {nom: v for nom, v in preflight(pdfs).items() if v} == {}


def test_kinds_are_listed(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    code, liste, _ = _pleiade(capsysbinary, "--types", "--json")
    assert code == 0 and [li["type"] for li in liste] == TOUS
    assert set(liste[0]) == {"type", "titre", "type_code", "format", "professions"}
    code, texte, _ = _pleiade(capsysbinary, "--types")
    assert code == 0 and "note-vaccination" in texte


def _refus(capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path, cle: str,
           valeur: object, *mots: str) -> str:
    fichier = tmp_path / "valeur.json"
    fichier.write_text(json.dumps(valeur), encoding="utf-8")
    vers = tmp_path / "sortie"
    code, reponse, erreurs = _pleiade(capsysbinary, cle, "--depuis", str(fichier), "--vers",
                                      str(vers), "--json")
    assert code == 1 and not vers.exists()
    for mot in mots:
        assert any(mot in phrase for phrase in reponse["manques"]), reponse
    return erreurs


def test_what_is_missing_is_told_and_nothing_written(
        capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> None:
    valeur = gabarit("note-vaccination", MAINTENANT)
    valeur["donnees"] |= {"lot": "", "cis": "12"}
    valeur["patient"]["nom_naissance"] = ""
    erreurs = _refus(capsysbinary, tmp_path, "note-vaccination", valeur, "lot", "CIS",
                     "nom de naissance")
    assert "Le document n’est pas produit." in erreurs


@pytest.mark.parametrize("changement, mot", [
    ({"patient": None}, "patient"), ({"auteur": {}}, "auteur.identifiant : ce champ manque"),
    ({"inconnu": 1}, "inconnu : ce champ n’existe pas"), ({"racine_oid": ""}, "racine_oid"),
    ({"version": 2}, "remplace_id"), ({"titre": "x" * 200}, "titre"), ({"corps": []}, "vide"),
    ({"corps": [{"a": 1}]}, "corps[0]"), ({"corps": "x"}, "liste"), ({"donnees": {}}, "donnees"),
    ({"texte": 3, "corps": None}, "texte"), ({"date_acte": "hier"}, "date"),
    ({"type": "courrier"}, "type"), ({"version": "1"}, "entier"),
    ({"corps": [{"tableau": {"lignes": [1]}}]}, "tableau"),
    ({"intervenants": [{"role": "roi", "personne": {}}]}, "valeur inconnue")])
def test_malformed_values_are_told(capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path,
                                   changement: dict[str, object], mot: str) -> None:
    valeur = gabarit("compte-rendu-soins", MAINTENANT) | changement
    _refus(capsysbinary, tmp_path, "compte-rendu-soins", valeur, mot)


@pytest.mark.parametrize("octets", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_value(capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path,
                          octets: bytes) -> None:
    (tmp_path / "v.json").write_bytes(octets)
    code, _, erreurs = _pleiade(capsysbinary, "courrier", "--depuis", str(tmp_path / "v.json"),
                                "--vers", str(tmp_path / "x"))
    assert code == 1 and "JSON" in erreurs and not (tmp_path / "x").exists()


def test_usage(capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> None:
    assert _pleiade(capsysbinary, "lune", "--gabarit")[0] == 2
    assert _pleiade(capsysbinary, "--gabarit")[0] == 2
    assert _pleiade(capsysbinary, "courrier", "--depuis", "x.json")[0] == 2
    assert _pleiade(capsysbinary, "courrier", "--depuis", str(tmp_path / "absent"), "--vers",
                    str(tmp_path / "y"))[0] == 1


def test_an_unqualified_matricule_stays_here(capsysbinary: pytest.CaptureFixture[bytes],
                                             tmp_path: Path) -> None:
    valeur = gabarit("courrier", MAINTENANT)
    valeur["patient"]["statut"] = "recuperee"
    (tmp_path / "v.json").write_text(json.dumps(valeur), encoding="utf-8")
    code, _, erreurs = _pleiade(capsysbinary, "courrier", "--depuis", str(tmp_path / "v.json"),
                                "--vers", str(tmp_path / "s"))
    assert code == 0 and "n’est pas transmis" in erreurs
    assert all(b"275126322074974" not in f.read_bytes() for f in (tmp_path / "s").iterdir())
    del valeur["patient"]["statut"]
    with pytest.raises(ValeurInvalide, match="statut"):
        depuis_saisie("courrier", valeur, maintenant=MAINTENANT)


def test_text_may_come_as_markdown() -> None:
    valeur = gabarit("courrier", MAINTENANT)
    del valeur["corps"]
    doc = depuis_saisie("courrier", valeur | {"texte": "# Motif\n\n- **un**\n- deux"},
                        maintenant=MAINTENANT)
    assert [next(iter(b)) for b in corps_en_json(doc.corps)] == ["intertitre", "liste"]


def test_values_go_round() -> None:
    for t in types_documents():
        valeur = gabarit(t.cle, MAINTENANT)
        doc = depuis_saisie(t.cle, json.loads(json.dumps(valeur)), maintenant=MAINTENANT)
        if t.modele in CONTENUS:
            classe = CONTENUS[t.modele]
            assert depuis_json(classe, en_json(doc.donnees)) == doc.donnees
        else:
            assert corps_en_json(doc.corps) == valeur["corps"]


def test_through_a_real_process(tmp_path: Path, racine: Path) -> None:
    valeur = json.dumps(gabarit("note-vaccination", MAINTENANT)).encode()
    fait = subprocess.run([sys.executable, "-m", "app", "produire", "note-vaccination", "--depuis",
                           "-", "--vers", str(tmp_path / "d")], input=valeur, cwd=racine,
                          capture_output=True, timeout=60, check=False)
    assert fait.returncode == 0, fait.stderr
    assert (tmp_path / "d" / "document.pdf").read_bytes().startswith(b"%PDF-1.4")
