"""The security dossier (SC.SSI/GEN.*): the real pages, checked, then left as evidence."""

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from PySide6.QtCore import Qt

from app.cli import preuves_inventaire as inventaire
from app.cli import preuves_matrice as matrices
from app.cli import preuves_table as tables
from app.ui.views.formulaires import choisir
from app.ui.views.questionnaire import VueQuestionnaire
from tests import pages_outils as pages

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve

RACINE, SECURITE = pages.RACINE, pages.SECURITE


def _joindre(preuve: "Preuve", *chemins: str) -> str:
    """Check pages, keep a copy of each as evidence; returns their whole text."""
    textes = []
    for chemin in chemins:
        page = SECURITE / chemin
        assert pages.liens_morts(page) == [], chemin
        assert pages.tests_absents(page) == [], chemin
        assert page.resolve() in pages.atteintes(SECURITE / "README.md"), chemin
        textes.append(page.read_text(encoding="utf-8"))
        shutil.copyfile(page, preuve.dossier / chemin.replace("/", "-"))
        preuve.noter(f"Page jointe et vérifiée : docs/securite/{chemin}")
    return "\n".join(textes)


def _lancer(preuve: "Preuve", nom: str, *commande: str) -> str:
    """Run a command of the repository, keep what it said; it must succeed."""
    fait = subprocess.run(commande, cwd=RACINE, capture_output=True, text=True, check=False)
    preuve.fichier(nom, (fait.stdout + fait.stderr).replace(str(RACINE), ".").encode())
    assert fait.returncode == 0, fait.stdout + fait.stderr
    return fait.stdout


@pytest.mark.exigence("SC.SSI/GEN.01")
def test_security_missions_are_written(preuve: "Preuve") -> None:
    """Each mission has its line and its duties; the names are attestations, put by the company."""
    _joindre(preuve, "organisation.md", "README.md")
    missions, _ = pages.tables(SECURITE / "organisation.md")
    assert missions[0] == ["Mission", "Titulaire", "Suppléant", "Ce que la mission comprend"]
    texte = " ".join(" ".join(rangee) for rangee in missions[1:]).lower()
    for mission in ("conception", "développement", "installation", "livraison", "exploitation",
                    "administration", "maintenance", "assistance", "protection des données"):
        assert mission in texte, mission
    assert all(len(rangee[3]) > 20 for rangee in missions[1:])


@pytest.mark.exigence("SC.SSI/GEN.02.BIS")
def test_awareness_is_a_programme_with_personal_data(preuve: "Preuve") -> None:
    """Who learns what, at the arrival and after; the duties on personal data are among it."""
    _joindre(preuve, "organisation.md", "rgpd.md")
    _, programme = pages.tables(SECURITE / "organisation.md")
    assert programme[0] == ["Public", "À l’arrivée", "Ensuite"] and len(programme) >= 4
    assert all(all(rangee) for rangee in programme)
    assert "données de santé" in programme[1][1]
    registre = dict(pages.tables(SECURITE / "rgpd.md")[0][1:])
    assert {"Finalité", "Base", "Personnes", "Données", "Destinataires", "Durées",
            "Sécurité"} <= set(registre) and all(registre.values())


@pytest.mark.exigence("SC.SSI/GEN.03.BIS")
def test_the_assurance_plan_says_what_is_hosted(preuve: "Preuve") -> None:
    """Without object for the workstation; commitments, measures and proofs for the proxy."""
    texte = _joindre(preuve, "plan-assurance-securite.md")
    assert "le logiciel du poste n’est pas hébergé" in texte.lower() and "sans objet" in texte
    (engagements,) = pages.tables(SECURITE / "plan-assurance-securite.md")
    assert engagements[0] == ["Domaine", "Mesure", "Preuve"]
    assert all(all(rangee) for rangee in engagements)
    domaines = {rangee[0] for rangee in engagements[1:]}
    assert {"Chiffrement", "Traces", "Correctifs", "Sauvegardes", "Incidents",
            "Réversibilité"} <= domaines


@pytest.mark.exigence("SC.SSI/GEN.11")
def test_the_secure_development_guide_is_held_by_the_checks(preuve: "Preuve") -> None:
    """Guide, threat model, attacks; the security rules that it names are on, and pass."""
    menaces = [f"menaces/{p.name}" for p in sorted((SECURITE / "menaces").glob("*.md"))]
    texte = _joindre(preuve, "developpement-securise.md", "tests.md", *menaces)
    for frontiere in menaces[1:]:
        lettres = [r[0] for t in pages.tables(SECURITE / frontiere) for r in t[1:]]
        assert set(lettres) == set("STRIDE"), frontiere
    regles = set(re.findall(r"\bS\d{3}\b", texte)) | {"BLE", "TRY"}
    _lancer(preuve, "controle-securite.txt", sys.executable, "-m", "ruff", "check", "app",
            "packaging", "migrations")
    actives = json.loads(_lancer(preuve, "regles.json", sys.executable, "-c", (
        "import json,tomllib;print(json.dumps(tomllib.load(open('pyproject.toml','rb'))"
        "['tool']['ruff']['lint']))")))
    coupees = {r for r in actives.get("ignore", []) if r in regles}
    assert "S" in actives["select"] and not coupees
    ci = (RACINE / ".ci" / "run").read_text(encoding="utf-8")
    essais = (RACINE / "packaging" / "test.sh").read_text(encoding="utf-8")
    assert "make test" in ci
    assert all(outil in essais for outil in ("ruff check", "mypy", "lint-imports", "pytest"))
    assert "ÉCHEC" not in (SECURITE / "tests.md").read_text(encoding="utf-8")


@pytest.mark.exigence("SC.SSI/GEN.20")
def test_vulnerabilities_have_a_process_and_a_bill_of_materials(preuve: "Preuve") -> None:
    """The process with its delays; the bill made by the build command, valid; the audit's line."""
    texte = _joindre(preuve, "vulnerabilites.md")
    delais, = pages.tables(SECURITE / "vulnerabilites.md")
    assert [r[0] for r in delais[1:]] == ["Accusé de réception", "Qualification",
                                          "Correctif ou contournement", "Information des cabinets"]
    assert "make audit" in texte and "make nomenclature" in texte
    for commande, attendue in (("nomenclature", "packaging/nomenclature.py"),
                               ("audit", "packaging/audit/controler.py"),
                               ("test", "packaging/test.sh")):
        dite = _lancer(preuve, f"make-{commande}.txt", "make", "-n", commande)
        assert attendue in dite, commande
    # The audit is a step of the continuous integration: its commands, then what it says today.
    etapes = (RACINE / "packaging" / "test.sh").read_text(encoding="utf-8")
    assert "packaging/audit/controler.py" in etapes
    preuve.fichier("ci-etapes.txt", etapes.encode())
    dite = _lancer(preuve, "audit.txt", sys.executable, "packaging/audit/controler.py",
                   "--avis-seuls")
    assert "Vulnérabilités : " in dite
    _lancer(preuve, "nomenclature.txt", sys.executable, "packaging/nomenclature.py",
            str(preuve.dossier / "pleiade.cdx.json"))
    nomenclature = Path(preuve.dossier / "pleiade.cdx.json").read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(nomenclature) is None
    composants = json.loads(nomenclature)["components"]
    noms = {c["name"] for c in composants} | {
        n["name"] for c in composants for n in c.get("components", [])}
    # Each library that the watch names is in the bill, with its version.
    for suivie in ("SQLCipher", "OpenSSL", "Qt", "lxml", "pikepdf", "PDFium", "pillow",
                   "cryptography", "authlib", "uvicorn"):
        assert suivie in noms, suivie


@pytest.mark.exigence("MIN.UPG.01", titre="Aucune exigence prouvée ne se perd d’une version à "
                      "l’autre")
def test_no_requirement_of_the_version_before_is_lost(preuve: "Preuve") -> None:
    """Each requirement of the reference matrix still has its scenarios; one taken away is seen."""
    reference = matrices.lire(RACINE / "packaging" / "matrice.json")
    scenarios = inventaire.lire_scenarios(RACINE / "tests" / "scenarios", RACINE)
    joues = [tables.Resultat(s.noeud, s.exigences, "passed", 0, "") for s in scenarios]
    assert sum(map(reference.prouvee, reference.exigences)) > 100
    assert matrices.regressions(reference, matrices.dresser("", [], scenarios, joues)) == []
    otee = next(filter(reference.prouvee, reference.exigences))
    moins = [s for s in scenarios if otee not in s.exigences]
    assert f"{otee}\u00a0: n’a plus de scénario." in matrices.regressions(
        reference, matrices.dresser("", [], moins, joues))
    etapes = (RACINE / "packaging" / "test.sh").read_text(encoding="utf-8")
    assert "packaging/matrice.py" in etapes
    table = matrices.lignes(reference, [])
    tables.ecrire_csv(table, preuve.dossier / "matrice.csv")
    tables.ecrire_page(table, preuve.dossier / "matrice.html",
                       f"Matrice de référence, version {reference.version}", "matrice.csv")


def test_every_row_of_the_questionnaire_is_answered() -> None:
    """A question, an answer, a state among those that the page explains."""
    tables = pages.tables(SECURITE / "questionnaire-ssi.md")
    assert len(tables) == 5
    for table in tables:
        for rangee in table[1:]:
            assert rangee[0] and rangee[-1], rangee
            assert rangee[-1].startswith(("Fait", "Partiel", "À faire", "Organisation",
                                          "Sans objet")), rangee


@pytest.mark.exigence("MIN.SSI.Q")
def test_the_questionnaire_is_filled_and_exported(connecte: "Poste", preuve: "Preuve",
                                                  tmp_path: Path) -> None:
    """From Réglages, Sécurité: prefilled, answered by keyboard, left and found again, exported."""
    poste, pilote = connecte, connecte.pilote
    poste.assemblage.reglages.ouvrir("securite")
    pilote.cliquer("Questionnaire de sécurité…")
    vue = poste.application.fenetre.page("questionnaire")
    assert isinstance(vue, VueQuestionnaire)
    pilote.attendre(lambda: pilote.voit("0 réponse sur"), "les questions")
    pilote.capturer("questionnaire-prerempli")
    assert pilote.voit("missions écrites ; noms et lettres à joindre")
    choisir(vue.etat, "fait")
    pilote.ecrire(vue.remarque, "=Lettre signée le 12/11/2026")
    pilote.touche(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    pilote.attendre(lambda: pilote.voit("1 réponse sur"), "la réponse enregistrée")
    pilote.attendre(lambda: vue.table.ligne_courante() == 1, "la question suivante")
    pilote.ecrire(vue.remarque, "Pas encore enregistrée")
    vue.table.aller_a(0)
    assert vue.remarque.toPlainText() == "=Lettre signée le 12/11/2026"
    vue.table.aller_a(1)
    assert vue.remarque.toPlainText() == "Pas encore enregistrée"
    pilote.cliquer("Enregistrer et suivante")
    pilote.attendre(lambda: pilote.voit("Choisissez un état"), "le refus")
    pilote.capturer("etat-manquant")
    choisir(vue.etat, "sans_objet")
    pilote.cliquer("Enregistrer et suivante")
    pilote.attendre(lambda: pilote.voit("2 réponses sur"), "deux réponses")
    pilote.capturer("questionnaire-repondu")
    export = tmp_path / "questionnaire-securite.csv"
    poste.assemblage.questionnaire.exporter(export)
    pilote.attendre(export.exists, "l’export")
    preuve.fichier(export.name, export.read_bytes())
    with export.open(encoding="utf-8-sig", newline="") as fichier:
        lignes = list(csv.DictReader(fichier, delimiter=";"))
    page = pages.tables(SECURITE / "questionnaire-ssi.md")
    assert len(lignes) == sum(len(t) - 1 for t in page)
    assert all(x["Question"] and x["État dit par l’éditeur"] for x in lignes)
    assert [x["État au cabinet"] for x in lignes[:3]] == ["Fait", "Sans objet", "À répondre"]
    assert lignes[0]["Remarque du cabinet"] == "'=Lettre signée le 12/11/2026"
    assert len(poste.traces("reglages.questionnaire")) == 2
