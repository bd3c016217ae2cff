"""What the program shows of its documentation, and what it hands over to a patient who asks."""

import csv
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui.views.dossier import PageDossier
from app.ui.views.journal import VueJournal
from app.ui.views.page_documentation import DialoguePage
from tests import pages_outils as pages

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve


def _page(poste: "Poste", lien: str, capture: str) -> str:
    """Open a page by its link, keep a picture, close it; returns its words."""
    pilote = poste.pilote
    pilote.cliquer(lien)
    pilote.attendre(lambda: pilote.visibles(DialoguePage), lien)
    dialogue = pilote.visibles(DialoguePage)[0]
    texte = dialogue.titre.text() + "\n" + dialogue.page.toPlainText()
    pilote.capturer(capture)
    pilote.cliquer("Fermer")
    pilote.attendre(lambda: not pilote.visibles(DialoguePage), "page fermée")
    return texte


@pytest.mark.exigence("MIN.VACC.DOC")
def test_compatible_readers_are_listed_where_one_vaccinates(connecte: "Poste",
                                                           preuve: "Preuve") -> None:
    """A link in the Vaccinations tab and one in À propos open the list; the page is joined."""
    poste, pilote = connecte, connecte.pilote
    poste.dossier("ADRUN ZOE")
    dossier = poste.application.fenetre.page("dossier")
    assert isinstance(dossier, PageDossier)
    onglets = dossier.onglets
    pilote.attendre(lambda: onglets.isVisible(), "les onglets")
    rang = next(i for i in range(onglets.count()) if onglets.tabText(i) == "Vaccinations")
    QTest.mouseClick(onglets, Qt.MouseButton.LeftButton, pos=onglets.tabRect(rang).center())
    pilote.attendre(lambda: pilote.voit("Scannez la boîte du vaccin"), "l’onglet")
    lus = _page(poste, "Lecteurs compatibles et réglages", "lecteurs-depuis-vaccinations")
    source = pages.RACINE / "docs" / "lecteurs-datamatrix.md"
    modeles = pages.tables(source)[0][1:]
    assert len(modeles) >= 1
    for marque, noms in modeles:
        assert marque in lus and noms in lus
    assert "Séparateur GS (FNC1)" in lus and "](" not in lus
    poste.assemblage.reglages.ouvrir("a_propos")
    assert _page(poste, "Lecteurs Datamatrix compatibles", "lecteurs-depuis-a-propos") == lus
    assert pages.liens_morts(source) == []
    shutil.copyfile(source, preuve.dossier / source.name)


@pytest.mark.exigence("MIN.RGPD.01")
def test_personal_data_register_and_who_saw_my_file(connecte: "Poste", preuve: "Preuve",
                                                    tmp_path: Path) -> None:
    """The register is read in the program; « who opened my file » is filtered, then exported."""
    poste, pilote = connecte, connecte.pilote
    patient_id, autre = poste.dossier("ADRUN ZOE"), poste.dossier("ECETINSI")
    assert patient_id != autre
    poste.assemblage.reglages.ouvrir("a_propos")
    registre = _page(poste, "Données personnelles", "registre")
    for attendu in ("Finalité", "Durées", "Droits des patients", "Rectification", "Accès",
                    "Violation de données"):
        assert attendu in registre, attendu
    source = pages.SECURITE / "rgpd.md"
    assert pages.liens_morts(source) == []
    shutil.copyfile(source, preuve.dossier / source.name)
    poste.application.fenetre.aller("journal")
    pilote.remplir("Dossier n°", str(patient_id))
    poste.assemblage.journal.actualiser()
    vue = poste.application.fenetre.page("journal")
    assert isinstance(vue, VueJournal)
    pilote.attendre(lambda: vue.modele.rowCount() and all(
        vue.modele.ligne(i).sur_qui == str(patient_id) for i in range(vue.modele.rowCount())),
        "les accès à ce dossier")
    pilote.capturer("qui-a-vu-ce-dossier")
    export = tmp_path / "acces-patient.csv"
    poste.assemblage.journal.exporter(export)
    pilote.attendre(export.exists, "l’export")
    preuve.fichier(export.name, export.read_bytes())
    with export.open(encoding="utf-8-sig", newline="") as fichier:
        lignes = list(csv.DictReader(fichier, delimiter=";"))
    assert lignes and all(str(patient_id) in x["sur_qui"].split(",") for x in lignes)
    assert "dossier.ouverture" in {x["quoi"] for x in lignes}
    assert "traces.export" in [t.quoi for t in poste.traces("traces.export")]
