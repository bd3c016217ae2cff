"""What a scanner reads goes where it is awaited, whatever has the focus (`spec/cards.md` §3.3).

An INS datamatrix is caught on every page; the box of a vaccine in the file that may receive it.
What nobody awaits is given back to the field that had the focus.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from app.devices.scan_clavier import retablir
from app.documents.datamatrix import est_ins
from app.ui.controllers.douchette import Douchette
from app.ui.fenetre import Fenetre
from app.ui.views.nouveau_patient import DialogueNouveauPatient

#: First characters of an INS datamatrix: its own, or the symbology (typed on AZERTY too).
DEBUTS_INS = frozenset("I]$")


class ScansController(QObject):
    """The dispatcher of one window.

    Args:
        attend_une_boite: True when the file on screen may receive a vaccine.

    Signals:
        ins: text of an INS datamatrix.
        boite: text of another code, while a box is awaited.
    """

    ins = Signal(str)
    boite = Signal(str)

    def __init__(self, fenetre: Fenetre, attend_une_boite: Callable[[], bool]) -> None:
        super().__init__(fenetre)
        self._fenetre, self._attend_une_boite = fenetre, attend_une_boite
        self.douchette = Douchette(self._actif, self)
        self.douchette.lue.connect(self.lu)

    def _actif(self, premier: str) -> bool:
        """True when a code that begins so may be for us."""
        if self._fenetre.verrouillee or QApplication.activePopupWidget() is not None:
            return False
        modale = QApplication.activeModalWidget()
        if modale is not None and not isinstance(modale, DialogueNouveauPatient):
            return False
        cible = QApplication.focusWidget()
        if isinstance(cible, QLineEdit) and cible.echoMode() != QLineEdit.EchoMode.Normal:
            return False
        if not self._chez_nous(cible, modale):
            return False
        return premier in DEBUTS_INS or (modale is None and self._attend_une_boite())

    def _chez_nous(self, cible: QWidget | None, modale: QWidget | None) -> bool:
        if cible is None:
            return self._fenetre.isActiveWindow()
        return cible.window() in (self._fenetre, modale)

    def lu(self, texte: str) -> None:
        """A code was read."""
        if est_ins(texte) or est_ins(retablir(texte) or ""):
            self.ins.emit(texte)
        elif QApplication.activeModalWidget() is None and self._attend_une_boite():
            self.boite.emit(texte)
        elif not self._rendre(texte):
            self._fenetre.message("info", "Ce code n’est pas attendu ici. Pour une boîte de "
                                  "vaccin, ouvrez d’abord le dossier du patient.")

    @staticmethod
    def _rendre(texte: str) -> bool:
        """Give the text to the field that had the focus; False when there is none."""
        cible = QApplication.focusWidget()
        if isinstance(cible, QLineEdit) and not cible.isReadOnly():
            cible.insert(texte)
            return True
        if isinstance(cible, QTextEdit | QPlainTextEdit) and not cible.isReadOnly():
            cible.insertPlainText(texte)
            return True
        return False
