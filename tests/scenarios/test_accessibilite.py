"""A screen reader names every button and every field of the window."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve

_CHAMPS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QTextEdit, QPlainTextEdit,
           QAbstractItemView)
ONGLETS = ("synthese", "observations", "documents", "vaccinations", "formulaires", "courriers")


def _sans_nom(racine: QWidget) -> list[str]:
    """What a screen reader would call nothing, as « parent > widget »."""
    fautifs = []
    for genre in _CHAMPS:
        for w in racine.findChildren(genre):
            # Parts of a Qt widget are named by it.
            interne = w.objectName().startswith("qt_") or isinstance(w, QHeaderView) \
                or isinstance(w.parent(), QComboBox | QAbstractSpinBox | QLineEdit
                              | QAbstractItemView) \
                or (w.parent() is not None and isinstance(w.parent().parent(), QComboBox))
            lu = QAccessible.queryAccessibleInterface(w)
            if not interne and (lu is None or not lu.text(QAccessible.Text.Name).strip()):
                chaine, parent = [type(w).__name__], w.parentWidget()
                while parent is not None and len(chaine) < 4:
                    chaine.append(type(parent).__name__)
                    parent = parent.parentWidget()
                fautifs.append(f"{' < '.join(chaine)} {w.toolTip()!r}")
    return fautifs


def test_every_button_and_field_has_a_name(poste: "Poste", preuve: "Preuve") -> None:
    """Lock screen, all pages, tabs of a file, sections of the settings, creation of a patient."""
    fenetre = poste.application.fenetre
    poste.application.demarrer()
    poste.pilote.attendre(lambda: poste.pilote.bouton("Déverrouiller"))
    fautifs = {"verrou": _sans_nom(fenetre)}
    poste.pilote.cliquer("Déverrouiller")
    poste.pilote.attendre(lambda: poste.pilote.voit("Tournée du matin"), "la tournée")
    poste.dossier("ADRUN")
    page = poste.assemblage.dossier.construire()
    for onglet in ONGLETS:
        page.aller(onglet)
        poste.pilote.laisser(0.1)
    for nom in [n for n in fenetre._pages if fenetre.permise(n)]:
        fenetre.aller(nom)
        poste.pilote.laisser(0.1)
    fautifs["fenêtre"] = _sans_nom(fenetre)
    poste.assemblage.nouveau_patient()
    poste.pilote.laisser(0.2)
    fautifs["nouveau patient"] = _sans_nom(fenetre)
    nombre = sum(len(fenetre.findChildren(genre)) for genre in _CHAMPS)
    preuve.noter(f"{nombre} boutons, champs et listes nommés")
    assert nombre > 300
    assert not any(fautifs.values()), "\n".join(
        f"{lieu} : {faute}" for lieu, fautes in fautifs.items() for faute in sorted(set(fautes)))
