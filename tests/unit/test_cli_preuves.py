"""`pleiade preuves`: inventory of the scenarios, choice, generated table, limits."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.__main__ import main
from app.cli import preuves
from app.cli import preuves_inventaire as inventaire
from app.cli import preuves_matrice as matrices
from app.cli import preuves_table as tables

E = inventaire.Exigence


def test_every_marker_names_a_known_requirement(shared: Path) -> None:
    """A misspelt id would prove nothing and nobody would know."""
    connues = {e.id for e in inventaire.lire_exigences(shared / "spec/exigences.csv")}
    scenarios = inventaire.lire_scenarios(preuves.SCENARIOS, preuves.RACINE)
    assert {i for s in scenarios for i in s.exigences} - connues == set()
    assert len(scenarios) > 10


def test_scenarios_are_read_without_running_them(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(
        'import pytest\nraise RuntimeError\n@pytest.mark.exigence("A.1", "A.2")\n'
        'def test_x(): ...\n@pytest.mark.autre("B")\ndef test_y(): ...\n'
        'class TestZ:\n    @pytest.mark.exigence("C")\n    def test_z(self): ...\n')
    lus = inventaire.lire_scenarios(tmp_path, tmp_path)
    assert [(s.noeud, s.exigences) for s in lus] == [
        ("test_a.py::test_x", ("A.1", "A.2")), ("test_a.py::TestZ::test_z", ("C",))]


@pytest.mark.parametrize(("motifs", "choisies", "vains"), [
    (["A.*"], ["A.1", "A.2"], []), (["B"], ["B"], []), (["A.1", "C*"], ["A.1"], ["C*"]),
    (["b"], [], ["b"]), (["*"], ["A.1", "A.2", "B"], [])])
def test_choice(motifs: list[str], choisies: list[str], vains: list[str]) -> None:
    assert inventaire.choisir(motifs, ["A.1", "A.2", "B"]) == (choisies, vains)


@pytest.fixture
def joues(tmp_path: Path) -> Path:
    """A folder as the scenarios leave it: A proved, B failed then nothing for C."""
    for dossier in ("a", "b"):
        (tmp_path / dossier).mkdir()
        (tmp_path / dossier / "01-été.png").write_bytes(b"x")
    recits = [{"scenario": "t::a", "exigences": ["A", "B"], "etat": "failed", "duree_s": 1,
               "dossier": "a"},
              {"scenario": "t::a", "exigences": ["A", "B"], "etat": "passed", "duree_s": 1.24,
               "dossier": "a", "titre": "Carte <lue>"},
              {"scenario": "t::b", "exigences": ["B"], "etat": "failed", "duree_s": 2,
               "dossier": "b"}]
    (tmp_path / tables.RESULTATS).write_text("\n".join(json.dumps(r) for r in recits))
    return tmp_path


def test_table_says_proved_failed_and_without(joues: Path) -> None:
    table = tables.lignes([E("A", "1"), E("B", "1"), E("C", "2")],
                          tables.lire_resultats(joues), joues)
    assert [(x.exigence.id, x.etat, x.preuves) for x in table] == [
        ("A", "Réussi", ("a/01-été.png",)), ("B", "Réussi", ("a/01-été.png",)),
        ("B", "Échec", ("b/01-été.png",)), ("C", "Sans scénario", ())]
    tables.ecrire_csv(table, joues / "x.csv")
    with (joues / "x.csv").open(encoding="utf-8-sig", newline="") as fichier:
        lu = list(csv.DictReader(fichier, delimiter=";"))
    assert lu[0]["resultat"] == "Réussi" and lu[0]["duree_s"] == "1,2"
    tables.ecrire_page(table, joues / "x.html", "Joués aujourd’hui")
    page = (joues / "x.html").read_text(encoding="utf-8")
    assert "Exigences prouvées : 1 sur 3" in page  # B failed once: it isn't proved
    assert "Carte &lt;lue&gt;" in page and 'href="a/01-%C3%A9t%C3%A9.png"' in page


def test_official_limits(tmp_path: Path) -> None:
    for nom, octets in (("a.png", 50_000_000), ("b.xml", 1_000_001), ("c.pdf", 10_000_001),
                        ("d.xml", 1_000_000)):
        with (tmp_path / nom).open("wb") as fichier:
            fichier.truncate(octets)
    assert tables.trop_lourdes(tmp_path) == ["b.xml", "c.pdf"]


def test_wrong_uses_and_installed_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                          capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preuves", "N.EXISTE.PAS", "--vers", str(tmp_path)]) == 2
    assert "N.EXISTE.PAS" in capsys.readouterr().err
    assert main(["preuves", "SC.INS.19"]) == 2
    assert main(["preuves", "--exigences", str(tmp_path / "absent"), "--liste"]) == 2
    (tmp_path / "fichier").write_text("")
    assert main(["preuves", "SC.INS.19", "--vers", str(tmp_path / "fichier/x")]) == 2
    monkeypatch.setattr(preuves, "SCENARIOS", tmp_path / "absent")
    assert main(["preuves", "--liste"]) == 1
    assert "dépôt" in capsys.readouterr().err


def test_list_is_json(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["preuves", "SC.INS.19", "--liste", "--json"]) == 0
    (ligne,) = json.loads(capfdbinary.readouterr().out)
    assert ligne["exigence"] == "SC.INS.19" and ligne["scenarios"]


def test_papers_of_others_join_their_requirement(joues: Path) -> None:
    """The slot of the attestations (SENTINELLE.19): put by hand, kept from one run to the next."""
    papiers = joues / tables.ATTESTATIONS
    papiers.mkdir()
    for nom in ("A autorisation.pdf", "A.1 autre.pdf", "AB.pdf", "INS_va1.14 certificat.pdf"):
        (papiers / nom).write_bytes(b"x")
    assert tables.attestations(joues, "A") == ("attestations/A autorisation.pdf",)
    assert tables.attestations(joues, "INS/va1.14") == (
        "attestations/INS_va1.14 certificat.pdf",)
    (ligne,) = tables.lignes([E("A")], tables.lire_resultats(joues), joues)
    assert ligne.preuves[-1] == "attestations/A autorisation.pdf"


_JUGE = """
import json, os, pathlib, pytest
def pytest_configure(config):
    config.addinivalue_line('markers', 'exigence(id): requirement')
@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report):
    if report.when == 'call' and not os.environ.get('PYTEST_XDIST_WORKER'):
        with open(pathlib.Path(os.environ['PLEIADE_PREUVES']) / 'resultats.jsonl', 'a') as f:
            f.write(json.dumps({'scenario': report.nodeid, 'exigences': ['A.1'],
                                'etat': report.outcome, 'duree_s': 0, 'dossier': ''}) + '\\n')
"""


@pytest.mark.parametrize("processus", ["1", "2"])
def test_a_file_that_can_t_be_loaded_is_named_and_the_others_go_on(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
        processus: str) -> None:
    """A missing module, and a file that isn't Python: said, counted as failures, not contagious."""
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    vers = tmp_path / "preuves"
    (scenarios / "conftest.py").write_text(_JUGE)
    marque = 'import pytest\n{}@pytest.mark.exigence("{}")\ndef test_x(): ...\n'
    (scenarios / "test_bon.py").write_text(marque.format("", "A.1"))
    (scenarios / "test_casse.py").write_text(marque.format("import n_existe_pas\n", "B.1"))
    (scenarios / "test_illisible.py").write_text("def (:\n")
    monkeypatch.setattr(preuves, "SCENARIOS", scenarios)
    monkeypatch.setattr(preuves, "RACINE", tmp_path)
    # The scenarios played inside are no workers of the run that plays this test.
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    exigences = tmp_path / "exigences.csv"
    exigences.write_text("id\nA.1\nB.1\n")
    assert main(["preuves", "--vers", str(vers), "--exigences", str(exigences),
                 "--processus", processus]) == 1
    sortie, erreurs = capsys.readouterr()
    assert "prouvées : 1." in sortie.replace("\u00a0", " ")
    assert "scenarios/test_casse.py" in erreurs and "scenarios/test_illisible.py" in erreurs
    assert "Échec : B.1" in erreurs.replace("\u00a0", " ") and "chargement.txt" in erreurs
    assert "n_existe_pas" in (vers / "chargement.txt").read_text(encoding="utf-8")
    (scenarios / "conftest.py").write_text("import n_existe_pas\n")
    assert main(["preuves", "A.1", "--vers", str(vers), "--exigences", str(exigences)]) == 1
    sortie, erreurs = capsys.readouterr()
    assert "prouvées : 0." in sortie.replace("\u00a0", " ")
    assert "scenarios/test_bon.py" in erreurs


S = inventaire.Scenario


def resultat(noeud: str, etat: str = "passed") -> tables.Resultat:
    return tables.Resultat(noeud, (), etat, 1, "")


SCENARIOS = [S(Path("t.py"), "a", ("A", "B")), S(Path("t.py"), "b", ("B",)),
             S(Path("t.py"), "c", ("C",))]
TOUS = [resultat("t.py::a"), resultat("t.py::b[1]"), resultat("t.py::b[2]"), resultat("t.py::c")]


def dresser(resultats: list[tables.Resultat],
            scenarios: list[inventaire.Scenario] = SCENARIOS) -> matrices.Matrice:
    return matrices.dresser("1.0", [E("A"), E("B"), E("C"), E("D")], scenarios, resultats)


def test_the_matrix_says_requirement_scenario_result(tmp_path: Path) -> None:
    matrice = dresser(TOUS)
    assert matrice.exigences == {"A": {"t.py::a": "réussi"},
                                 "B": {"t.py::a": "réussi", "t.py::b": "réussi"},
                                 "C": {"t.py::c": "réussi"}, "D": {}}
    assert [matrice.prouvee(x) for x in "ABCD"] == [True, True, True, False]
    matrices.ecrire(matrice, tmp_path / "m.json")
    assert matrices.lire(tmp_path / "m.json") == matrice
    assert matrices.lire(tmp_path / "absente.json").exigences == {}
    etats = [(x.exigence.id, x.etat) for x in matrices.lignes(matrice, [E("A"), E("D")])]
    assert etats == [("A", "Réussi"), ("B", "Réussi"), ("B", "Réussi"), ("C", "Réussi"),
                     ("D", "Sans scénario")]


@pytest.mark.parametrize(("scenarios", "resultats", "attendues"), [
    (SCENARIOS, TOUS, []),
    (SCENARIOS, [*TOUS[:2], resultat("t.py::b[2]", "failed"), TOUS[3]],
     ["B\u00a0: échec, t.py::b"]),
    (SCENARIOS, TOUS[:3], ["C\u00a0: non joué, t.py::c"]),
    (SCENARIOS[:2], TOUS[:3], ["C\u00a0: n’a plus de scénario."]),
    (SCENARIOS, [resultat("t.py::a", "error"), *TOUS[1:]],
     ["A\u00a0: échec, t.py::a", "B\u00a0: échec, t.py::a"]),
], ids=["rien", "échec", "non joué", "disparu", "erreur"])
def test_what_was_proved_and_is_not_any_more(
        scenarios: list[inventaire.Scenario], resultats: list[tables.Resultat],
        attendues: list[str]) -> None:
    """MIN.UPG.01: whatever the reason."""
    assert matrices.regressions(dresser(TOUS), dresser(resultats, scenarios)) == attendues


def test_what_was_never_proved_is_no_regression_and_progress_is_said() -> None:
    avant = dresser(TOUS[:1])
    assert matrices.regressions(avant, dresser([])) == ["A\u00a0: non joué, t.py::a"]
    assert matrices.gagnees(avant, dresser(TOUS)) == ["B", "C"]
    # Another scenario takes the place of the one that proved it: nothing is lost.
    assert matrices.regressions(avant, dresser([resultat("t.py::z")], [
        S(Path("t.py"), "z", ("A",))])) == []


def test_a_run_writes_its_matrix_and_fails_on_a_loss(racine: Path, tmp_path: Path) -> None:
    """The script of the release, on a copy of the sources that it reads."""
    copie = tmp_path / "copie"
    for nom in ("packaging/matrice.py", "app/__init__.py", "app/domain/__init__.py"):
        (copie / nom).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(racine / nom, copie / nom)
    shutil.copytree(racine / "app" / "cli", copie / "app" / "cli")
    (copie / "tests" / "scenarios").mkdir(parents=True)
    (copie / "tests" / "scenarios" / "test_a.py").write_text(
        'import pytest\n@pytest.mark.exigence("A")\ndef test_x(): ...\n')
    joues = tmp_path / "joues"
    joues.mkdir()

    def lancer(etat: str, *options: str) -> tuple[int, str]:
        (joues / tables.RESULTATS).write_text(json.dumps(
            {"scenario": "tests/scenarios/test_a.py::test_x", "exigences": ["A"], "etat": etat,
             "duree_s": 1, "dossier": ""}))
        fait = subprocess.run(
            [sys.executable, str(copie / "packaging" / "matrice.py"), str(joues),
             str(tmp_path / "dist"), *options], capture_output=True, text=True, check=False,
            cwd=copie)
        return fait.returncode, fait.stdout + fait.stderr

    code, dit = lancer("passed", "--adopter")
    assert code == 0 and "Nouvelle : A" in dit, dit
    assert "matrice.csv" in (tmp_path / "dist" / "matrice.html").read_text(encoding="utf-8")
    assert "A;" in (tmp_path / "dist" / "matrice.csv").read_text(encoding="utf-8-sig")
    reference = copie / "packaging" / "matrice.json"
    gardee = reference.read_text(encoding="utf-8")
    code, dit = lancer("failed", "--adopter")
    assert code == 1 and "Régression : A" in dit, dit
    assert reference.read_text(encoding="utf-8") == gardee
    assert not (tmp_path / "dist" / "matrice.commit").exists()  # out of a repository


def test_the_reference_names_only_known_requirements(racine: Path, shared: Path) -> None:
    connues = {e.id for e in inventaire.lire_exigences(shared / "spec/exigences.csv")}
    reference = matrices.lire(racine / "packaging" / "matrice.json")
    assert set(reference.exigences) == connues
    assert sum(map(reference.prouvee, reference.exigences)) > 100
