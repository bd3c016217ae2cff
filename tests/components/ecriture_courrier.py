"""The real window, where a letter is typed word after word, to be killed at any instant.

Run as a process: `ecriture_courrier.py FICHIER PATIENT`. `PRET` once the editor is open; then each
word typed is told: `<number> <monotonic seconds>`.
"""

import itertools
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from app.cli.demo import MOT_DE_PASSE
from app.cli.pilote import Pilote
from app.ui.lancer import Application, OptionsFenetre, nouvelle_application

#: A hand, not a bar code scanner: those are told apart by their speed.
ENTRE_TOUCHES_S = 0.1


def dire(texte: str) -> None:
    """Tell the parent, at once."""
    sys.stdout.write(texte + "\n")
    sys.stdout.flush()


def main() -> None:
    """Type until killed."""
    emplacement, patient = Path(sys.argv[1]), int(sys.argv[2])
    application = Application(OptionsFenetre(
        emplacement=emplacement, demonstration=True, mot_de_passe_demo=MOT_DE_PASSE),
        nouvelle_application())
    pilote = Pilote(application.fenetre, emplacement.parent)
    application.demarrer()
    pilote.cliquer("Déverrouiller")
    pilote.attendre(lambda: application.assemblage is not None, "déverrouillé")
    assert application.assemblage is not None
    application.assemblage.dossier.ouvrir(patient)
    pilote.attendre(lambda: pilote.voit("Mon espace santé"), "le dossier")
    page = application.fenetre.page("dossier")
    page.aller("courriers")  # type: ignore[attr-defined]
    pilote.cliquer("Document vierge")
    vue = page.courriers  # type: ignore[attr-defined]
    pilote.attendre(lambda: vue.brouillon is not None, "la lettre")
    dire("PRET")
    for numero in itertools.count():
        for signe in f"m{numero} ":
            QApplication.sendEvent(vue.texte, QKeyEvent(
                QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, signe))
            pilote.laisser(ENTRE_TOUCHES_S)
        dire(f"{numero} {time.monotonic()}")


if __name__ == "__main__":
    main()
