"""Security questionnaire: what is read of the page, what is stored, refused, exported."""

import csv
from pathlib import Path

import pytest

from app.domain.questionnaire import ETATS, REMARQUE_MAX, lire_questions
from app.usecases import about, questionnaire
from app.usecases.errors import Refus
from tests.sauvegarde_outils import Cabinet, creer

PAGE = ("# Titre\n| hors | chapitre |\n|---|---|\n| x | y |\n\n## 1. Un\n"
        "| Question | Exigence | Réponse | État |\n|---|---|---|---|\n"
        "| Q1 | A.1 | [Modèle](x.md) : `fait` **bien** | Organisation, outillée |\n\n"
        "## 2. Deux\n| Question | Réponse | État |\n|---|---|---|\n| Q2 | | Fait, `test_x` |\n")


def test_the_page_gives_its_questions_without_marks() -> None:
    un, deux = lire_questions(PAGE)
    assert (un.chapitre, un.texte, un.exigence) == ("1. Un", "Q1", "A.1")
    assert un.editeur == "Modèle : fait bien" and un.etat_bref == "Organisation"
    assert (deux.chapitre, deux.exigence, deux.editeur, deux.etat_editeur, deux.etat_bref) == (
        "2. Deux", "", "", "Fait, test_x", "Fait")
    assert lire_questions("") == [] and lire_questions("|\n|-|\n| | |") == []


def test_the_delivered_page_is_whole() -> None:
    """Every question is asked once (its text is its key), and its state is one that we show."""
    questions = lire_questions((about.DOCUMENTATION / "securite/questionnaire-ssi.md").read_text(
        encoding="utf-8"))
    assert len(questions) > 30 and len({q.texte for q in questions}) == len(questions)
    assert {q.etat_bref for q in questions} <= {"Fait", "Partiel", "À faire", "Organisation",
                                                "Sans objet"}


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cabinet:
    return creer(tmp_path / "cabinet.pleiade", monkeypatch)


def test_answers_are_kept_changed_taken_away_and_traced(cabinet: Cabinet, tmp_path: Path) -> None:
    ctx = cabinet.ctx
    premiere = questionnaire.lire_questionnaire(ctx)[0].texte
    questionnaire.repondre(ctx, premiere, "partiel", "  @en cours ")
    (lue,) = [q for q in questionnaire.lire_questionnaire(ctx) if q.reponse.etat]
    assert (lue.texte, lue.reponse.remarque, lue.reponse.par) == (premiere, "@en cours", ctx.qui)
    with pytest.raises(Refus):
        questionnaire.repondre(ctx, premiere, "fait", "x" * (REMARQUE_MAX + 1))
    for question, etat, remarque in ((premiere, "n’existe pas", ""), ("Autre ?", "fait", ""),
                                     (premiere, "", "sans état")):
        with pytest.raises(Refus):
            questionnaire.repondre(ctx, question, etat, remarque)
    vers = tmp_path / "q.csv"
    nombre = questionnaire.exporter_questionnaire(ctx, vers)
    with vers.open(encoding="utf-8-sig", newline="") as fichier:
        lignes = list(csv.DictReader(fichier, delimiter=";"))
    assert len(lignes) == nombre and lignes[0]["État au cabinet"] == ETATS["partiel"]
    assert lignes[0]["Remarque du cabinet"] == "'@en cours"
    octets = vers.read_bytes()
    with pytest.raises(Refus):
        questionnaire.exporter_questionnaire(ctx, vers)
    assert vers.read_bytes() == octets
    assert not any(q.reponse.etat for q in questionnaire.repondre(ctx, premiere, ""))
    with ctx.store.lecture() as u:
        actes = [t.quoi for t in u.trail.lister(50)]
    assert actes.count("reglages.questionnaire") == 2
    assert actes.count("reglages.questionnaire_export") == 1


def test_a_page_that_is_gone_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(about, "DOCUMENTATION", tmp_path)
    about.page_documentation.cache_clear()
    with pytest.raises(Refus, match="réparez"):
        about.page_documentation("lecteurs")
    monkeypatch.undo()
    for nom in about.PAGES:
        assert "](" not in about.page_documentation(nom)
