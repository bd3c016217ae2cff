"""Pages of the lock screen: password, rescue key, second factor, choice of a new password."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.ui.views.elements import Bouton, Etiquette, Icone
from app.ui.views.secret import ChampSecret
from app.ui.views.session import progression


class PageMotDePasse(QWidget):
    """The password of the workstation, and what turns while it is checked."""

    #: Return in the field, or the button.
    valide = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(4)
        self.secret = ChampSecret("Mot de passe du poste")
        etiquette = Etiquette("Mot de passe du poste", "small", "texte2", 500)
        etiquette.setBuddy(self.secret.champ)
        colonne.addWidget(etiquette)
        rangee = QHBoxLayout()
        rangee.setSpacing(8)
        rangee.addWidget(self.secret, 1)
        self.ouvrir = Bouton("Déverrouiller", "second")
        rangee.addWidget(self.ouvrir)
        colonne.addLayout(rangee)
        self.avance = progression()
        self.avance.hide()
        colonne.addWidget(self.avance)
        colonne.addStretch(1)
        self.secret.valide.connect(self.valide)
        self.ouvrir.clicked.connect(self.valide)


class PageSecours(QWidget):
    """The rescue key that was printed."""

    #: Return in the field, or the button.
    valide = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(4)
        self.cle = ChampSecret("Clé de secours imprimée", clair=True)
        etiquette = Etiquette("Clé de secours imprimée au premier démarrage", "small", "texte2",
                              500)
        etiquette.setBuddy(self.cle.champ)
        colonne.addWidget(etiquette)
        colonne.addWidget(self.cle)
        rangee = QHBoxLayout()
        aide = Etiquette("Tous les groupes, avec ou sans tirets.", "small", "texte2")
        rangee.addWidget(aide, 1)
        self.ouvrir = Bouton("Ouvrir avec la clé", "second")
        rangee.addWidget(self.ouvrir)
        colonne.addLayout(rangee)
        colonne.addStretch(1)
        self.cle.valide.connect(self.valide)
        self.ouvrir.clicked.connect(self.valide)


class PageCode(QWidget):
    """The code of the authenticator, or a backup code."""

    valide = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(4)
        self.champ = QLineEdit()
        self.champ.setMaxLength(16)
        self.champ.setAccessibleName("Code de votre application d’authentification")
        self.champ.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData
                                       | Qt.InputMethodHint.ImhNoPredictiveText)
        etiquette = Etiquette("Code à six chiffres de votre application", "small", "texte2", 500)
        etiquette.setBuddy(self.champ)
        colonne.addWidget(etiquette)
        rangee = QHBoxLayout()
        rangee.setSpacing(8)
        rangee.addWidget(self.champ, 1)
        self.bouton = Bouton("Valider le code", "principal")
        rangee.addWidget(self.bouton)
        colonne.addLayout(rangee)
        aide = Etiquette("Téléphone perdu\u00a0: saisissez un de vos codes de secours, ou demandez "
                         "à un administrateur de retirer le second facteur.", "small", "texte2")
        aide.setWordWrap(True)
        colonne.addWidget(aide)
        colonne.addStretch(1)
        self.champ.returnPressed.connect(self._valider)
        self.champ.textEdited.connect(self._complet)
        self.bouton.clicked.connect(self._valider)

    def _complet(self, texte: str) -> None:
        """Six figures are a whole code: no key to press."""
        chiffres = texte.replace(" ", "")
        if len(chiffres) == 6 and chiffres.isdigit():
            self._valider()

    def _valider(self) -> None:
        if self.champ.text().strip() and self.bouton.isEnabled():
            self.valide.emit(self.champ.text())

    def vider(self) -> None:
        """Forget what is typed."""
        self.champ.clear()


class NouveauMotDePasse(QWidget):
    """Two fields and what the policy says of the first, while it is typed."""

    valide = Signal(str)

    def __init__(self, juger: Callable[[str], list[str]], verbe: str,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._juger = juger
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(6)
        self.un, self.deux = ChampSecret("Nouveau mot de passe"), ChampSecret("Encore une fois")
        for texte, champ in (("Nouveau mot de passe", self.un), ("Encore une fois", self.deux)):
            etiquette = Etiquette(texte, "small", "texte2", 500)
            etiquette.setBuddy(champ.champ)
            colonne.addWidget(etiquette)
            colonne.addWidget(champ)
        avis = QHBoxLayout()
        avis.setSpacing(6)
        self._icone = Icone("info-circle", "texte2", 16)
        self.avis = Etiquette("", "small", "texte2")
        self.avis.setWordWrap(True)
        avis.addWidget(self._icone, 0, Qt.AlignmentFlag.AlignTop)
        avis.addWidget(self.avis, 1)
        colonne.addLayout(avis)
        rangee = QHBoxLayout()
        rangee.addStretch(1)
        self.bouton = Bouton(verbe, "principal")
        rangee.addWidget(self.bouton)
        colonne.addLayout(rangee)
        colonne.addStretch(1)
        self.un.champ.textChanged.connect(lambda _: self._apprecier())
        self.deux.champ.textChanged.connect(lambda _: self._apprecier())
        self.un.valide.connect(lambda: self.deux.champ.setFocus())
        self.deux.valide.connect(self._valider)
        self.bouton.clicked.connect(self._valider)
        self._apprecier()

    def _apprecier(self) -> None:
        texte = self.un.texte()
        fautes = self._juger(texte)
        if not texte or fautes:
            debut = "Il manque encore" if texte else "Il faut"
            self._dire("info-circle", "texte2", f"{debut} {', '.join(fautes)}.")
        elif self.deux.texte() and self.deux.texte() != texte:
            self._dire("alert-triangle", "alerte", "Les deux saisies diffèrent.")
        else:
            self._dire("circle-check", "succes", "Ce mot de passe convient.")
        self.bouton.setEnabled(not fautes and bool(texte) and self.deux.texte() == texte)

    def _dire(self, icone: str, couleur: str, texte: str) -> None:
        self._icone.definir(icone, couleur)
        self.avis.setText(texte)

    def _valider(self) -> None:
        if self.bouton.isEnabled():
            self.valide.emit(self.un.texte())

    def vider(self) -> None:
        """Forget what is typed."""
        self.un.vider()
        self.deux.vider()
