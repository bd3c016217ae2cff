"""How long a file is kept: twenty years, minors, deaths; nothing is due too early."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.__main__ import main
from app.cli.secret import VARIABLE_MOT_DE_PASSE
from app.domain.duree_conservation import echeance
from app.usecases import durees_conservation
from app.usecases.errors import Refus
from tests.sauvegarde_outils import MOT, creer
from tests.store_outils import fiche, identite

JOURS = st.dates(date(1950, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(("acte", "naissance", "deces", "attendue"), [
    ("2006-05-10", "1950-01-01", "", "2026-05-10"),
    ("2004-02-29", "1950-01-01", "", "2024-02-29"),
    ("2000-02-29", "1950-01-01", "", "2020-02-29"),
    ("2003-02-28", "1950-01-01", "", "2023-02-28"),
    ("2006-05-10", "2005-06-30", "", "2033-06-30"),   # the 28th birthday comes later
    ("2006-05-10", "1998-05-09", "", "2026-05-10"),   # and here it doesn't
    ("2006-05-10", "2005-00-00", "", "2033-12-31"),   # month and day not known: the last ones
    ("2006-05-10", "2005-02-31", "", "2033-02-28"),   # lunar: the end of the month
    ("2006-05-10", "0000-00-00", "", "2026-05-10"),
    ("2006-05-10", "", "", "2026-05-10"),
    ("2006-05-10", "1950-01-01", "2010-03-01", "2020-03-01"),  # death: ten years from it
    ("2006-05-10", "1950-01-01", "2016-05-10", "2026-05-10"),  # ten years after: not this rule
    ("2006-05-10", "2005-06-30", "2007-01-01", "2017-01-01"),
])
def test_the_term_of_a_file(acte: str, naissance: str, deces: str, attendue: str) -> None:
    assert echeance(date.fromisoformat(acte), naissance,
                    date.fromisoformat(deces) if deces else None).isoformat() == attendue


@given(acte=JOURS, naissance=JOURS, annees=st.integers(0, 50))
def test_without_a_death_nothing_is_due_before_twenty_years_nor_before_28(
        acte: date, naissance: date, annees: int) -> None:
    fin = echeance(acte, naissance.isoformat(), annees=annees)
    assert (fin.year - acte.year, fin.month, fin.day) >= (20, acte.month, acte.day)
    assert fin.year - naissance.year >= 28
    assert echeance(acte, naissance.isoformat(), annees=annees + 1) >= fin


@given(acte=JOURS, naissance=JOURS, apres=st.integers(0, 3649))
def test_not_knowing_of_a_death_keeps_longer_never_shorter(acte: date, naissance: date,
                                                           apres: int) -> None:
    deces = date.fromordinal(acte.toordinal() + apres)
    assert echeance(acte, naissance.isoformat(), deces) <= echeance(acte, naissance.isoformat())


def test_files_past_their_term_are_said_and_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    cabinet = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    ctx = cabinet.ctx
    with ctx.store.ecriture() as u:
        ancien = u.patients.ajouter(identite("ANCIEN"), auteur="T", cause="C").id
        enfant = u.patients.ajouter(identite("ENFANT", date="2015-03-01"), auteur="T",
                                    cause="C").id
        revu = u.patients.ajouter(identite("REVU"), auteur="T", cause="C").id
        u.connexion.exec_driver_sql(
            "UPDATE patient SET cree_le = '2001-01-05T10:00:00+01:00' WHERE id > 1")
        for patient in (ancien, enfant, revu):
            u.documents.ajouter(fiche(patient, date_acte="2002-06-01",
                                      cree_le="2002-06-01T10:00:00+02:00"), cda=None, pdf=None)
        u.agenda.ajouter("2020-01-01", "08:00", ctx.compte_id, revu, "Soin", 10)
    jour = date(2026, 11, 29)
    (echu,) = durees_conservation.dossiers_echus(ctx, jour)
    assert (echu.patient_id, echu.dernier_acte, echu.echeance) == (ancien, "2002-06-01",
                                                                   "2022-06-01")
    assert {e.patient_id for e in durees_conservation.dossiers_echus(ctx, date(2043, 3, 1))} == {
        ancien, enfant, revu}
    with pytest.raises(Refus, match="20 à 50 ans"):
        durees_conservation.regler_conservation_dossiers(ctx, 19)
    assert durees_conservation.regler_conservation_dossiers(ctx, 30) == 30
    assert durees_conservation.dossiers_echus(ctx, jour) == []
    durees_conservation.regler_conservation_dossiers(ctx, 20)
    ctx.fermer()
    monkeypatch.setenv(VARIABLE_MOT_DE_PASSE, MOT)
    commande = ["exporter", "--echus", "--dossier", str(cabinet.fichier)]
    assert main([*commande, "--json"]) == 0
    dit = json.loads(capsys.readouterr().out)
    assert dit["annees"] == 20 and [e["patient"] for e in dit["echus"]] == [ancien]
    assert main(commande) == 0
    assert "jusqu’au 01/06/2022" in capsys.readouterr().out
    assert main([*commande, "--cabinet"]) == 2
