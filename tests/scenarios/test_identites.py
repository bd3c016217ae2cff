"""Pages of identitovigilance, reached from the rail and from the search."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste


def test_work_lists_from_the_rail(poste: "Poste") -> None:
    """Ctrl+3 shows what is to do on identities; a line opens the file."""
    poste.ouvrir()
    poste.pilote.touche(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    poste.application.fenetre.aller("identites")
    poste.pilote.attendre(lambda: poste.pilote.voit("Identités à traiter"), "listes de travail")
    poste.pilote.capturer("listes")


def test_indicators_and_history(poste: "Poste") -> None:
    """The indicators of the month, and the time line of the open file's identity."""
    poste.ouvrir()
    poste.application.fenetre.aller("tableau_ins")
    poste.pilote.attendre(lambda: poste.pilote.voit("Identités qualifiées"), "indicateurs")
    poste.pilote.capturer("indicateurs")
    patient_id = poste.dossier("ADRUN ZOE")
    poste.assemblage.vigilance.ouvrir_historique(patient_id)
    poste.pilote.attendre(lambda: poste.pilote.voit("Historique de l’identité"), "historique")
    poste.pilote.capturer("historique")
