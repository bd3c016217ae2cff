"""`pleiade verifier`: report, JSON, exit codes."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from app.__main__ import main
from app.store import vault
from app.store.engine import ouvrir
from tests.store_outils import decor, fiche

MOT = "Un mot de passe fictif 1"


@pytest.fixture
def fichier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(vault, "MEMOIRE_KIO", 64)
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT)
    fichier = tmp_path / "cabinet.pleiade"
    store = ouvrir(fichier, vault.creer_coffre(fichier, MOT, "line").cle)
    d = decor(store)
    with store.ecriture() as u:
        u.documents.ajouter(fiche(d.patient, "1.1"), cda=b"<cda/>", pdf=b"%PDF")
    store.fermer()
    return fichier


def _atteindre(fichier: Path, *ordres: str) -> None:
    store = ouvrir(fichier, vault.ouvrir_coffre(fichier, MOT))
    with store.ecriture() as u:
        for ordre in ordres:
            u.connexion.execute(text(ordre))
    store.fermer()


def test_a_good_file(fichier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verifier", str(fichier)]) == 0
    sortie = capsys.readouterr().out
    assert "✓ Chiffrement : fichier chiffré" in sortie
    assert "1 document(s), 2 contenu(s) intact(s)" in sortie
    assert sortie.endswith("Résultat : tout est intact.\n")


def test_json(fichier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verifier", "--json", str(fichier)]) == 0
    rapport = json.loads(capsys.readouterr().out)
    assert (rapport["bon"], rapport["fichier"]) == (True, str(fichier))
    assert [p["code"] for p in rapport["points"]] == [
        "chiffrement", "pages", "structure", "journal", "documents", "recherche", "coffre"]


def test_the_default_is_the_practice_s_own_file(
        fichier: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PLEIADE_DOSSIER", str(fichier))
    assert main(["verifier"]) == 0
    assert str(fichier) in capsys.readouterr().out


@pytest.mark.parametrize(("ordres", "code", "detail"), [
    (("DROP TRIGGER trail_scelle_update", "UPDATE trail SET qui = 'x' WHERE numero = 1"),
     "journal", "ligne 1"),
    (("UPDATE contenu SET octets = x'00' WHERE taille = 6",), "documents", "1 contenu"),
    (("DELETE FROM recherche_rang",), "recherche", "0 indexé"),
    (("PRAGMA defer_foreign_keys = ON",), "", ""),
])
def test_each_defect_is_named(fichier: Path, capsys: pytest.CaptureFixture[str],
                              ordres: tuple[str, ...], code: str, detail: str) -> None:
    _atteindre(fichier, *ordres)
    assert main(["verifier", "--json", str(fichier)]) == (1 if code else 0)
    rapport = json.loads(capsys.readouterr().out)
    defauts = [p for p in rapport["points"] if p["etat"] == "defaut"]
    assert [p["code"] for p in defauts] == ([code] if code else [])
    assert not code or detail in defauts[0]["detail"]
    main(["verifier", str(fichier)])
    assert ("✗" in capsys.readouterr().out) == bool(code)


def test_it_changes_nothing(fichier: Path) -> None:
    avant = fichier.read_bytes()
    assert main(["verifier", str(fichier)]) == 0
    assert fichier.read_bytes() == avant


@pytest.mark.parametrize(("mot", "code"), [("faux", "mot_de_passe"), ("", "mot_de_passe")])
def test_a_wrong_password_is_refused(
        fichier: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
        mot: str, code: str) -> None:
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", mot)
    assert main(["verifier", "--json", str(fichier)]) == 1
    assert json.loads(capsys.readouterr().out)["erreur"]["code"] == code
    assert main(["verifier", str(fichier)]) == 1
    assert "incorrect" in capsys.readouterr().err


def test_the_password_may_come_from_a_file(fichier: Path, tmp_path: Path,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLEIADE_MOT_DE_PASSE")
    secret = tmp_path / "secret"
    secret.write_text(MOT + "\r\n", encoding="utf-8")
    assert main(["verifier", "--mot-de-passe-fichier", str(secret), str(fichier)]) == 0
    assert main(["verifier", "--mot-de-passe-fichier", str(tmp_path / "x"), str(fichier)]) == 2


def test_without_a_password_it_is_a_usage_error(fichier: Path, monkeypatch: pytest.MonkeyPatch,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("PLEIADE_MOT_DE_PASSE")
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115, PTH123
    assert main(["verifier", str(fichier)]) == 2
    assert "Mot de passe" in capsys.readouterr().err


@pytest.mark.parametrize(("geste", "code"), [
    (lambda f: f.unlink(), "introuvable"),
    (lambda f: [p.unlink() for p in f.parent.glob("*.coffre.json*")], "coffre"),
    (lambda f: f.write_bytes(b"SQLite format 3\x00" + bytes(5000)), "abime"),
    (lambda f: f.write_bytes(f.read_bytes()[:100] + b"\xff" * 5000), "abime"),
    (lambda f: f.write_bytes(b""), "abime"),
    (lambda f: _atteindre(f, "UPDATE alembic_version SET version_num = '9'"), "trop_recent"),
])
def test_a_file_that_cannot_be_opened(fichier: Path, capsys: pytest.CaptureFixture[str],
                                      geste: object, code: str) -> None:
    geste(fichier)  # type: ignore[operator]
    assert main(["verifier", "--json", str(fichier)]) == 1
    rapport = json.loads(capsys.readouterr().out)
    assert rapport["bon"] is False
    assert rapport["erreur"]["code"] == code
