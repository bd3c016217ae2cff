"""The commands on a practice, given anything: an exit code, a French sentence, nothing done."""

import argparse
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.__main__ import COMMANDES, main, parser
from app.cli.francais import parler_francais
from app.usecases import backup
from tests.sauvegarde_outils import MOT, Cabinet, creer


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    (tmp_path / "poste").mkdir()
    (tmp_path / "ici").mkdir()
    monkeypatch.chdir(tmp_path / "ici")  # what an empty path would name
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT)
    monkeypatch.setenv("PLEIADE_DOSSIER", str(tmp_path / "poste" / "cabinet.pleiade"))
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115, PTH123
    cree = creer(tmp_path / "poste" / "cabinet.pleiade", monkeypatch)
    yield cree
    cree.ctx.fermer()


def _code(mots: list[str]) -> int:
    try:
        return main(mots)
    except SystemExit as fin:  # argparse
        return int(str(fin.code))


@pytest.mark.attaque("Arguments hostiles ou maladroits en ligne de commande",
                     tente="chemins vides, dossiers, périphériques sans fin, adresses de base "
                           "illisibles, fichiers de mot de passe binaires",
                     constat="refusés en français, code 1 ou 2, rien d’écrit")
@pytest.mark.parametrize(("mots", "code", "dit"), [
    (["sauvegarder", "--vers", ""], 2, "le chemin est vide"),
    (["sauvegarder", "--vers", "{absent}/dessous"], 1, "Branchez le disque"),
    (["sauvegarder", "--vers", "{fichier}"], 1, "n’a pas été modifié"),
    (["sauvegarder", "--dossier", "postgresql://["], 2, "illisible"),
    (["sauvegarder", "--dossier", "postgresql://h:port/x"], 2, "illisible"),
    (["sauvegarder", "--dossier", "{absent}/x.pleiade"], 1, "introuvable"),
    (["sauvegarder", "--mot-de-passe-fichier", "/dev/zero"], 2, "ne peut pas être lu"),
    (["verifier", "--mot-de-passe-fichier", "/dev/urandom"], 2, "ne peut pas être lu"),
    (["verifier", "--mot-de-passe-fichier", "/"], 2, "ne peut pas être lu"),
    (["verifier", ""], 2, "le chemin est vide"),
    (["verifier", "/dev/zero"], 1, "introuvable"),
    (["restaurer", "{sauvegarde}", "--vers", ""], 2, "le chemin est vide"),
    (["restaurer", "", "--vers", "x"], 2, "le chemin est vide"),
    (["restaurer", "{sauvegarde}", "--vers", "{dossier}", "--mettre-de-cote"], 1, "est un dossier"),
    (["restaurer", "{sauvegarde}", "--vers", "/dev/null", "--mettre-de-cote"], 1, "pas un fichier"),
    (["restaurer", "{sauvegarde}", "--vers", "postgresql://["], 2, "illisible"),
    (["exporter-traces", "--vers", ""], 2, "le chemin est vide"),
    (["exporter-traces", "--vers", "{dossier}"], 1, "existe déjà"),
    (["exporter-traces", "--vers", "x.csv", "--du", "32/13/2026"], 1, "Date illisible"),
    (["comptes", "retirer", "x"], 2, "valeur refusée"),
    (["comptes", "retirer", "999"], 1, "n’existe pas"),
])
def test_bad_input_is_refused_in_french(
        cabinet: Cabinet, tmp_path: Path, capsys: pytest.CaptureFixture[str],
        mots: list[str], code: int, dit: str) -> None:
    ou = {"absent": tmp_path / "absent", "fichier": cabinet.fichier, "dossier": tmp_path / "poste",
          "sauvegarde": ""}
    if any("{sauvegarde}" in mot for mot in mots):
        ou["sauvegarde"] = backup.sauvegarder(cabinet.ctx).chemin
    avant = sorted(tmp_path.rglob("*"))
    assert _code([mot.format(**ou) for mot in mots]) == code
    erreur = capsys.readouterr().err
    assert dit in erreur and "Traceback" not in erreur
    apres = set(tmp_path.rglob("*")) - set(avant)
    assert not {p for p in apres if "essais" not in p.name}
    assert Path("/dev/null").is_char_device()


@pytest.mark.attaque("Force brute par « pleiade verifier »",
                     tente="la commande de contrôle, en boucle, sur le dossier du cabinet",
                     constat="mêmes attentes qu’à l’écran dès le cinquième échec, et les échecs "
                             "sont au journal ; un bon mot de passe n’efface pas le compte")
def test_checking_is_no_way_around_the_lock(
        cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", "Un autre mot de passe 9")
    for _ in range(4):
        assert main(["verifier"]) == 1
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT)
    assert main(["verifier"]) == 0
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", "Un autre mot de passe 9")
    assert main(["verifier"]) == 1
    capsys.readouterr()
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT)
    assert main(["verifier", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["erreur"]["code"] == "TROP-ESSAIS"
    # A backup, on its own disk, is left as it is.
    faite = backup.sauvegarder(cabinet.ctx).chemin
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", "Un autre mot de passe 9")
    assert main(["verifier", str(faite)]) == 1
    assert not list(faite.parent.glob("*.essais*"))


def test_a_secret_may_come_from_the_notepad_of_windows(
        cabinet: Cabinet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLEIADE_MOT_DE_PASSE")
    secret = tmp_path / "secret.txt"
    secret.write_bytes(b"\xef\xbb\xbf" + f"{MOT}\r\n".encode())
    assert main(["verifier", "--mot-de-passe-fichier", str(secret)]) == 0


def test_a_bad_address_in_the_environment_is_said(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PLEIADE_DOSSIER", "postgresql://h:99999999/x")
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT)
    for commande in (["verifier"], ["sauvegarder"], ["comptes", "lister"]):
        assert main(commande) == 1
        assert "PLEIADE_DOSSIER" in capsys.readouterr().err


@pytest.mark.parametrize("commande", ["sauvegarder", "restaurer", "verifier", "exporter-traces",
                                      "comptes", "cles"])
def test_help_is_whole_and_french(commande: str) -> None:
    parler_francais()
    aide = next(a for a in parser(commande)._actions if isinstance(
        a, argparse._SubParsersAction)).choices[commande].format_help()
    assert " ".join(COMMANDES[commande][1].split()) in " ".join(aide.split())
    for anglais in ("usage: ", "options:\n", "arguments:\n", "show this", "positional"):
        assert anglais not in aide


def test_a_full_cycle_by_commands_alone(cabinet: Cabinet, tmp_path: Path,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    """The laptop burnt: a new one, the two files, the sheet of paper."""
    usb = tmp_path / "usb"
    usb.mkdir()
    assert main(["sauvegarder", "--vers", str(usb)]) == 0
    cabinet.ctx.fermer()
    shutil.rmtree(tmp_path / "poste")
    monkeypatch.delenv("PLEIADE_MOT_DE_PASSE")
    feuille = tmp_path / "cle.txt"
    feuille.write_text(cabinet.cle_secours.lower().replace("-", " "), encoding="utf-8")
    neuf = tmp_path / "neuf" / "cabinet.pleiade"
    assert main(["restaurer", str(next(usb.glob("*.pleiade"))), "--vers", str(neuf),
                 "--cle-secours-fichier", str(feuille)]) == 0
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT)
    monkeypatch.setenv("PLEIADE_DOSSIER", str(neuf))
    assert main(["verifier"]) == 0
    assert main(["exporter-traces", "--vers", str(tmp_path / "t.csv")]) == 0
    assert "sauvegarde.restauration" in (tmp_path / "t.csv").read_text("utf-8-sig")
