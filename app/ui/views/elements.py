"""Small pieces that the screens share: labels, icons, cards, fields; with them buttons, segments.

Fonts, icons and colours are set through `theme.poser`, so that a change of theme or of text size
reaches them; what is painted asks `theme` at paint time.
"""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.infobulle import sure
from app.ui.views.boutons import Bouton as Bouton
from app.ui.views.boutons import BoutonClavier as BoutonClavier
from app.ui.views.boutons import BoutonIcone as BoutonIcone
from app.ui.views.boutons import Lien as Lien
from app.ui.views.segment import Segment as Segment


class Icone(QLabel):
    """A tinted icon."""

    def __init__(self, nom: str, role: str = "texte2", taille: int = 16,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role, self._taille = role, taille
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.poser_icone(self, nom, role, taille)

    def definir(self, nom: str, role: str | None = None) -> None:
        """Show another icon."""
        self._role = role or self._role
        theme.poser_icone(self, nom, self._role, self._taille)


class Etiquette(QLabel):
    """A label in a type role and a colour token, plain text unless said otherwise."""

    def __init__(self, texte: str = "", role: str = "body", couleur: str = "texte",
                 poids: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(texte, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        theme.poser(self, police=f"{role}/{poids}" if poids else role, ton=couleur)

    def definir_couleur(self, couleur: str) -> None:
        """Change the colour token."""
        if self.property("ton") != couleur:
            theme.poser(self, ton=couleur)


class Elide(Etiquette):
    """A label that elides on the right instead of widening its parent; whole in the tooltip."""

    def __init__(self, texte: str, role: str = "body", couleur: str = "texte",
                 poids: int | None = None) -> None:
        super().__init__("", role, couleur, poids)
        self._entier = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.definir(texte)

    def definir(self, texte: str) -> None:
        """Change the text."""
        self._entier = texte
        self.setAccessibleName(texte)
        self._couper()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._couper()

    def _couper(self) -> None:
        court = self.fontMetrics().elidedText(self._entier, Qt.TextElideMode.ElideRight,
                                              self.width())
        if court != self.text():
            self.setText(court)
        self.setToolTip(sure(self._entier if court != self._entier else ""))


class Puce(QLabel):
    """A number in a pill, as the counters of the tabs."""

    def __init__(self, nombre: int, parent: QWidget | None = None) -> None:
        super().__init__(str(nombre), parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.poser(self, police="small/600")

    def sizeHint(self) -> QSize:
        mesure = QFontMetrics(theme.police("small", 600))
        haut = mesure.height() + 3
        large = max(haut, mesure.horizontalAdvance(self.text()) + theme.espace(12))
        return QSize(large + theme.espace(10), haut)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        peintre.setPen(Qt.PenStyle.NoPen)
        peintre.setBrush(theme.couleur("accent_doux"))
        rayon = self.height() / 2
        corps = QRectF(self.rect()).adjusted(0, 0, -theme.espace(10), 0)
        peintre.drawRoundedRect(corps, rayon, rayon)
        peintre.setFont(theme.police("small", 600))
        peintre.setPen(theme.couleur("accent"))
        peintre.drawText(corps, int(Qt.AlignmentFlag.AlignCenter), self.text())


class Bande(QFrame):
    """A frame over the whole width in the soft colour of a token, with a line on top."""

    def __init__(self, fond: str, parent: QWidget | None = None, *, trait: bool = True) -> None:
        super().__init__(parent)
        self._fond, self._trait = fond, trait

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.fillRect(self.rect(), theme.couleur(self._fond))
        if self._trait:
            peintre.fillRect(0, 0, self.width(), 1, theme.couleur("bordure"))


class Touche(QLabel):
    """A key cap, as « Échap »."""

    def __init__(self, texte: str, parent: QWidget | None = None) -> None:
        super().__init__(texte, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.poser(self, touche="oui", police="micro")


class Carte(QFrame):
    """A white card with a title row (icon, title, complement, action at the right) and a body."""

    def __init__(self, titre: str = "", icone: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, carte="oui")
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(12, 10, 12, 12)
        colonne.setSpacing(6)
        entete = QWidget()
        self.tete = QHBoxLayout(entete)
        self.tete.setContentsMargins(0, 0, 0, 0)
        self.tete.addStrut(28)  # a least height that never squeezes a larger title
        self.tete.setSpacing(8)
        if icone:
            self.tete.addWidget(Icone(icone, "texte2", 18))
        self.titre = Etiquette(titre, "trait", "texte", 600)
        self.complement = Etiquette("", "small", "texte2")
        self.tete.addWidget(self.titre)
        self.tete.addWidget(self.complement)
        self.tete.addStretch(1)
        colonne.addWidget(entete)
        self.corps = QVBoxLayout()
        self.corps.setSpacing(0)
        colonne.addLayout(self.corps, 1)

    def vider(self) -> None:
        """Remove the body's widgets."""
        vider(self.corps)


def vider(disposition: QLayout) -> None:
    """Remove every widget and layout of a layout."""
    while disposition.count():
        element = disposition.takeAt(0)
        if element is None:
            return
        if (widget := element.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (sous := element.layout()) is not None:
            vider(sous)


def filet() -> QFrame:
    """A one-pixel separator."""
    trait = QFrame()
    theme.poser(trait, filet="oui")
    return trait


class Champ(QWidget):
    """A label above an input, and the sentence that says what is wrong under it."""

    def __init__(self, libelle: str, saisie: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.saisie = saisie
        if isinstance(saisie, QAbstractSpinBox):
            theme.poser(saisie)  # its text touches the edge otherwise
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(4)
        self.libelle = Etiquette(libelle, "small", "texte2", 500)
        self.libelle.setBuddy(saisie)
        saisie.setAccessibleName(libelle)
        self.faute = Etiquette("", "small", "erreur")
        self.faute.setWordWrap(True)
        self.faute.hide()
        colonne.addWidget(self.libelle)
        colonne.addWidget(saisie)
        colonne.addWidget(self.faute)

    def montrer_faute(self, texte: str, *, conseil: bool = False) -> None:
        """Show the sentence; "" takes it away. `conseil`: a remark, not an error."""
        if self.faute.text() != texte or conseil != (self.faute.property("ton") == "texte2"):
            self.faute.setText(texte)
            self.faute.definir_couleur("texte2" if conseil else "erreur")
            theme.poser(self.saisie, etat="erreur" if texte and not conseil else "")
            self.saisie.setAccessibleDescription(texte)
        self.faute.setVisible(bool(texte))
