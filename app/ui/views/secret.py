"""A password field: key icon, dots, and an eye to read what is typed."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from app.ui import theme
from app.ui.infobulle import sure
from app.ui.views.elements import BoutonIcone, Icone


class ChampSecret(QFrame):
    """The field. What it holds is never kept by the clipboard's history nor by predictive input."""

    valide = Signal()

    def __init__(self, nom: str, parent: QWidget | None = None, *, clair: bool = False) -> None:
        super().__init__(parent)
        theme.poser(self, champ="oui")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.champ = QLineEdit()
        self.champ.setAccessibleName(nom)
        self.champ.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText
                                       | Qt.InputMethodHint.ImhSensitiveData
                                       | Qt.InputMethodHint.ImhNoPredictiveText)
        theme.poser(self.champ, role="nu")
        self.champ.returnPressed.connect(self.valide)
        self.champ.installEventFilter(self)
        self.setFocusProxy(self.champ)
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(10, 0, 3, 0)
        rangee.setSpacing(8)
        rangee.addWidget(Icone("key", "texte2", 16))
        rangee.addWidget(self.champ, 1)
        self._oeil = BoutonIcone("eye", "Afficher ce qui est saisi", bordure=False)
        self._oeil.clicked.connect(self._basculer)
        if clair:
            self._oeil.hide()
        else:
            self.champ.setEchoMode(QLineEdit.EchoMode.Password)
        rangee.addWidget(self._oeil)
        self._mesurer()
        theme.signaux().change.connect(self._mesurer)

    def _mesurer(self) -> None:
        self.setFixedHeight(max(theme.espace(36),
                                QFontMetrics(theme.police("body")).height() + 16))

    def _basculer(self) -> None:
        cache = self.champ.echoMode() is QLineEdit.EchoMode.Password
        self.champ.setEchoMode(QLineEdit.EchoMode.Normal if cache else QLineEdit.EchoMode.Password)
        self._oeil.definir_icone("eye-off" if cache else "eye")
        nom = "Cacher ce qui est saisi" if cache else "Afficher ce qui est saisi"
        self._oeil.setToolTip(sure(nom))
        self._oeil.setAccessibleName(nom)

    def texte(self) -> str:
        """What is typed."""
        return self.champ.text()

    def vider(self) -> None:
        """Forget what is typed."""
        self.champ.clear()

    def erreur(self, oui: bool) -> None:
        """Show or clear the error edge."""
        theme.poser(self, etat="erreur" if oui else "")

    def eventFilter(self, objet: QObject, evenement: QEvent) -> bool:
        if evenement.type() == QEvent.Type.FocusIn:
            theme.poser(self, actif="oui")
        elif evenement.type() == QEvent.Type.FocusOut:
            theme.poser(self, actif="")
        return False
