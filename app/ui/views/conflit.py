"""Two people changed the same fields: mine, theirs, or both, one field after the other.

Whoever sees this screen is interrupted in the middle of a day: what was just typed is already
chosen (both texts for free text, so that no word is lost), and Ctrl+Entrée is enough.
"""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.domain.concurrence import ChampConcurrent
from app.ui import theme
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Etiquette

MIEN, LEUR, TEXTE = "mien", "leur", "texte"


class _Radio(QRadioButton):
    """A radio button whose arrows go round its group, wherever its members lie."""

    _PAS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}

    def __init__(self, texte: str) -> None:
        super().__init__(texte)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.toggled.connect(self._suivre)

    def _suivre(self, choisi: bool) -> None:
        """Tab goes to the one chosen, never to its neighbours."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if choisi else Qt.FocusPolicy.ClickFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose the neighbour; the rest is the dialog's."""
        pas, groupe = self._PAS.get(Qt.Key(event.key())), self.group()
        if pas is None or groupe is None:
            super().keyPressEvent(event)
            return
        tous = groupe.buttons()
        voisin = tous[(tous.index(self) + pas) % len(tous)]
        voisin.setChecked(True)
        voisin.setFocus(Qt.FocusReason.TabFocusReason)


class _Option(QFrame):
    """One value that may be kept: a radio button with its owner, the value under it."""

    def __init__(self, qui: str, valeur: str, groupe: QButtonGroup) -> None:
        super().__init__()
        theme.poser(self, option="oui", choisie="non")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(12, 8, 12, 10)
        colonne.setSpacing(4)
        self.radio = _Radio(qui)
        self.radio.setAccessibleName(f"{qui} : {valeur or 'vide'}")
        groupe.addButton(self.radio)
        self.radio.toggled.connect(self._teindre)
        colonne.addWidget(self.radio)
        texte = Etiquette(valeur or "(vide)", "trait", "texte" if valeur else "texte2")
        texte.setWordWrap(True)
        texte.setTextFormat(Qt.TextFormat.PlainText)
        colonne.addWidget(texte)
        colonne.addStretch(1)

    def _teindre(self, choisie: bool) -> None:
        theme.poser(self, choisie="oui" if choisie else "non")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The whole card chooses."""
        self.radio.setChecked(True)
        self.radio.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mousePressEvent(event)


class _Texte(QPlainTextEdit):
    """A text that may be corrected before it is kept; Tab goes on."""

    def __init__(self, texte: str) -> None:
        super().__init__(texte)
        self.setTabChangesFocus(True)

    def sizeHint(self) -> QSize:
        return QSize(400, theme.espace(104))


class _Champ(QWidget):
    """A field: its name, what it was, the choices."""

    def __init__(self, champ: ChampConcurrent, par: str) -> None:
        super().__init__()
        self.champ = champ
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(6)
        tete = QHBoxLayout()
        tete.setSpacing(8)
        tete.addWidget(Etiquette(champ.libelle, "trait", "texte", 600))
        if not champ.long:
            tete.addWidget(Etiquette(f"avant : {champ.base or 'vide'}", "small", "texte2"))
        tete.addStretch(1)
        colonne.addLayout(tete)
        self.groupe = QButtonGroup(self)
        rangee = QHBoxLayout()
        rangee.setSpacing(12)
        self.mien = _Option("Votre saisie", champ.mien, self.groupe)
        self.leur = _Option(f"Saisie de {par}" if par[:1].isupper() and " poste" not in par
                            else par, champ.leur, self.groupe)
        rangee.addWidget(self.mien, 1)
        rangee.addWidget(self.leur, 1)
        colonne.addLayout(rangee)
        self.texte: _Texte | None = None
        if champ.long:
            self._composer_texte(colonne)
        else:
            self.mien.radio.setChecked(True)

    def _composer_texte(self, colonne: QVBoxLayout) -> None:
        """« Garder les deux », with the text that will be kept, open to correction."""
        cadre = QFrame()
        theme.poser(cadre, option="oui", choisie="oui")
        dedans = QVBoxLayout(cadre)
        dedans.setContentsMargins(12, 8, 12, 10)
        dedans.setSpacing(6)
        self.deux = _Radio("Garder les deux (relisez et corrigez ci-dessous)")
        self.groupe.addButton(self.deux)
        self.texte = _Texte(self.champ.ensemble)
        self.texte.setAccessibleName(f"{self.champ.libelle}, texte gardé")
        self.texte.textChanged.connect(lambda: self.deux.setChecked(True))
        self.deux.toggled.connect(
            lambda choisi: theme.poser(cadre, choisie="oui" if choisi else "non"))
        dedans.addWidget(self.deux)
        dedans.addWidget(self.texte)
        colonne.addWidget(cadre)
        self.deux.setChecked(True)

    def choisir(self, code: str) -> None:
        """Take one side."""
        (self.mien if code == MIEN else self.leur).radio.setChecked(True)

    def decision(self) -> tuple[str, str]:
        """(mien | leur | texte, text)."""
        if self.texte is not None and self.deux.isChecked():
            return TEXTE, self.texte.toPlainText()
        return (MIEN if self.mien.radio.isChecked() else LEUR), ""

    def entrer(self) -> None:
        """Take the keyboard: arrows change the choice."""
        bouton = self.groupe.checkedButton()
        if bouton is not None:
            bouton.setFocus(Qt.FocusReason.OtherFocusReason)


class DialogueConflit(Dialogue):
    """The merge screen. Tab goes from field to field, arrows choose, Ctrl+Entrée keeps.

    Args:
        quoi: what both edited (« l’adresse de ADRUN ZOE »).
        par: who else.
        champs: the fields to choose.
    """

    #: dict: code -> (mien | leur | texte, text).
    decide = Signal(object)

    def __init__(self, quoi: str, par: str, champs: Sequence[ChampConcurrent],
                 parent: QWidget) -> None:
        super().__init__("Deux saisies en même temps", parent, 800)
        self.expliquer(f"{par} a modifié {quoi} pendant que vous écriviez. Choisissez ce qui est "
                       "gardé. Tout le reste a déjà été réuni.")
        self.champs = [_Champ(champ, par) for champ in champs]
        self._composer_corps()
        revenir = Bouton("Revenir à ma saisie", touche="Échap")
        revenir.clicked.connect(self.reject)
        self.pied.addWidget(revenir)
        self.pied.addStretch(1)
        if len(champs) > 1:
            for texte, code in (("Toute ma saisie", MIEN), ("Toute l’autre", LEUR)):
                bouton = Bouton(texte)
                bouton.clicked.connect(lambda _=False, c=code: self._tout(c))
                self.pied.addWidget(bouton)
        self.garder = Bouton("Enregistrer ce choix", "principal", "check", touche="Ctrl+Entrée")
        self.garder.clicked.connect(self._decider)
        self.pied.addWidget(self.garder)

    def _composer_corps(self) -> None:
        colonne = QVBoxLayout()
        colonne.setContentsMargins(20, 8, 20, 16)
        colonne.setSpacing(16)
        for champ in self.champs:
            colonne.addWidget(champ)
        self.corps.addLayout(colonne)
        self.champs[0].entrer()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Entrée keeps the choice, Échap goes back to what was being typed."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) \
                and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._decider()
        else:
            super().keyPressEvent(event)

    def _tout(self, code: str) -> None:
        for champ in self.champs:
            champ.choisir(code)
        self.garder.setFocus(Qt.FocusReason.OtherFocusReason)

    def _decider(self) -> None:
        if self.garder.isEnabled():
            self.garder.setEnabled(False)
            self.decide.emit({c.champ.code: c.decision() for c in self.champs})

    def rouvrir(self) -> None:
        """The choice could not be written: it stays on screen."""
        self.garder.setEnabled(True)
