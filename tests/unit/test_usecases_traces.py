"""Export of the trail: verified, filtered, inert, traced; retention (IAM.91)."""

import csv
import errno
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from app.__main__ import main
from app.store.errors import DisquePlein
from app.usecases import traces
from app.usecases.errors import Refus
from tests.sauvegarde_outils import MOT, Cabinet, creer


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT)
    cree = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    with cree.ctx.store.ecriture() as u:
        u.trail.ecrire(qui="LINE INFIRMIERE", quoi="dossier.ouverture", sur_qui="1")
        u.trail.ecrire(qui="PAUL", quoi="dossier.fusion", sur_qui="1,12")
        u.trail.ecrire(qui="PA_L", quoi="dossier.ouverture", sur_qui="12",
                       detail='=HYPERLINK("http://exemple.test")')
    yield cree
    cree.ctx.fermer()


def _lire(chemin: Path) -> list[dict[str, str]]:
    with chemin.open(encoding="utf-8-sig", newline="") as entree:
        return list(csv.DictReader(entree, delimiter=";"))


def test_every_line_comes_out_once_and_the_export_is_one_of_them(
        cabinet: Cabinet, tmp_path: Path) -> None:
    fait = traces.exporter_traces(cabinet.ctx, tmp_path / "t.csv")
    lignes = _lire(fait.chemin)
    assert [int(li["numero"]) for li in lignes] == list(range(1, fait.lignes + 1))
    assert lignes[-1]["quoi"] == "traces.export" and lignes[-1]["qui"] == cabinet.ctx.qui
    assert fait.chaine.intacte
    assert fait.chemin.stat().st_mode & 0o077 == 0
    assert next(li for li in lignes if "HYPERLINK" in li["detail"])["detail"].startswith("'=")


def test_filters(cabinet: Cabinet, tmp_path: Path) -> None:
    def exporter(nom: str, **filtres: str) -> list[str]:
        return [li["quoi"] for li in _lire(traces.exporter_traces(
            cabinet.ctx, tmp_path / nom, **filtres).chemin)]

    assert exporter("a.csv", patient="1") == ["dossier.ouverture", "dossier.fusion",
                                              "traces.export"]
    assert exporter("b.csv", patient="2") == ["traces.export"]
    assert exporter("c.csv", qui="PA_L") == ["dossier.ouverture"]  # no wildcard
    assert exporter("d.csv", qui="%") == []
    assert exporter("e.csv", au="31/12/2020") == []
    assert len(exporter("f.csv", du="01/01/2020")) > 5


@pytest.mark.parametrize("filtres", [{"du": "hier"}, {"du": "02/01/2026", "au": "01/01/2026"},
                                     {"patient": "1 OR 1=1"}])
def test_bad_filters_are_refused(cabinet: Cabinet, tmp_path: Path,
                                 filtres: dict[str, str]) -> None:
    with pytest.raises(Refus):
        traces.exporter_traces(cabinet.ctx, tmp_path / "t.csv", **filtres)
    assert not (tmp_path / "t.csv").exists()


def test_nothing_is_overwritten_and_a_full_disk_leaves_nothing(
        cabinet: Cabinet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vers = tmp_path / "t.csv"
    vers.write_text("à garder")
    with pytest.raises(Refus, match="existe déjà"):
        traces.exporter_traces(cabinet.ctx, vers)
    assert vers.read_text() == "à garder"
    vers.unlink()

    def plein(descripteur: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    avant = set(tmp_path.iterdir())
    monkeypatch.setattr(traces.os, "fsync", plein)
    with pytest.raises(DisquePlein):
        traces.exporter_traces(cabinet.ctx, vers)
    monkeypatch.undo()
    assert set(tmp_path.iterdir()) == avant and os.fsync is not plein


def test_the_command_says_a_broken_chain(cabinet: Cabinet, tmp_path: Path,
                                         capsys: pytest.CaptureFixture[str]) -> None:
    commande = ["exporter-traces", "--dossier", str(cabinet.fichier), "--json"]
    assert main([*commande, "--vers", str(tmp_path / "a.csv"), "--patient", "1"]) == 0
    dit = json.loads(capsys.readouterr().out)
    assert dit["conservation"] == {"annees": 10, "echues": 0}
    assert dit["lignes"] == 3 and dit["chaine"]["intacte"]
    assert main([*commande, "--vers", str(tmp_path / "c.csv"), "--conservation", "5"]) == 0
    assert json.loads(capsys.readouterr().out)["conservation"]["annees"] == 5
    with cabinet.ctx.store.ecriture() as u:
        u.connexion.execute(text("DROP TRIGGER trail_scelle_update"))
        u.connexion.execute(text("UPDATE trail SET qui = 'X' WHERE numero = 2"))
    assert main([*commande, "--vers", str(tmp_path / "b.csv")]) == 1
    sortie = capsys.readouterr()
    assert json.loads(sortie.out)["chaine"]["rupture"] == 2 and "rompue" in sortie.err
    assert [li["resultat"] for li in _lire(tmp_path / "b.csv")][-1] == "chaine_rompue"


def test_retention_is_a_setting(cabinet: Cabinet) -> None:
    assert traces.conservation(cabinet.ctx, date(2026, 11, 21)).limite == "2016-11-21"
    assert traces.conservation(cabinet.ctx, date(2028, 2, 29)).limite == "2018-02-28"
    for annees in (0, 31):
        with pytest.raises(Refus):
            traces.regler_conservation(cabinet.ctx, annees)
    assert traces.regler_conservation(cabinet.ctx, 3).annees == 3
    demain = date.today().replace(year=date.today().year + 4, day=1)
    assert traces.conservation(cabinet.ctx, demain).echues > 0
