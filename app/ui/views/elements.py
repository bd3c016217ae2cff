"""Small pieces that the patient's screens share: buttons with a key cap, segments, cards, fields.

Fonts, icons and colours are set through `theme.poser`, so that a change of theme or of text size
reaches them; what is painted asks `theme` at paint time.
"""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.infobulle import sure

#: Colour of the icon and of the text of a button, by role.
_TEINTES = {"principal": "sur_accent", "second": "texte", "discret": "accent",
            "danger": "sur_accent"}


class BoutonClavier(QPushButton):
    """Entrée presses it when it has the keyboard, as Espace does: no default button elsewhere."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) \
                and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.click()
            return
        super().keyPressEvent(event)


class Bouton(BoutonClavier):
    """A button with a role (principal, second, discret, danger), an icon and a key cap.

    Args:
        touche: key written at the right of the text, as « Échap ».
        petit: 28 high instead of 32.
        grand: 52 high, larger words: the way in by Pro Santé Connect.
        a_gauche: a line of a list: words at the left, key at the right end.
    """

    def __init__(self, texte: str, role: str = "second", icone: str = "", touche: str = "",
                 parent: QWidget | None = None, *, petit: bool = False, grand: bool = False,
                 a_gauche: bool = False) -> None:
        super().__init__(texte, parent)
        self._a_gauche = a_gauche
        self._role, self._icone, self._touche = role, icone, touche
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if grand:  # at once: a font set after the first polish is lost at the next
            theme.poser(self, role=role, taille="psc", police="title/600")
        else:
            theme.poser(self, role=role, taille="petit" if petit else "")

    def definir_icone(self, icone: str) -> None:
        """Change the icon."""
        self._icone = icone
        self.updateGeometry()
        self.update()

    def definir_touche(self, touche: str) -> None:
        """Change the key cap; "" takes it away."""
        if touche != self._touche:
            self._touche = touche
            self.updateGeometry()
            self.update()

    def _largeur_touche(self) -> int:
        if not self._touche:
            return 0
        mesure = QFontMetrics(theme.police("micro", 500))
        return mesure.horizontalAdvance(self._touche) + theme.espace(10)

    def sizeHint(self) -> QSize:
        taille = super().sizeHint()
        plus = theme.espace(16 + 8) if self._icone else 0
        if not self.text():  # Qt keeps the place of four letters
            plus -= QFontMetrics(self.font()).horizontalAdvance("XXXX") + theme.espace(8)
        if self._touche:
            plus += self._largeur_touche() + theme.espace(8)
        return QSize(taille.width() + plus, taille.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._icone and not self._touche:
            super().paintEvent(event)
            return
        peintre = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        texte = self.text().replace("&", "")
        option.text = ""
        peintre.drawControl(QStyle.ControlElement.CE_PushButton, option)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        teinte = _TEINTES.get(self._role, "texte") if self.isEnabled() else "texte_off"
        self._dessiner_contenu(peintre, texte, teinte)

    def _dessiner_contenu(self, peintre: QPainter, texte: str, teinte: str) -> None:
        mesure, ecart, cote = QFontMetrics(self.font()), theme.espace(8), theme.espace(16)
        largeurs = [cote if self._icone else 0,
                    mesure.horizontalAdvance(texte) if texte else 0, self._largeur_touche()]
        presents = [x for x in largeurs if x]
        x = theme.espace(14) if self._a_gauche \
            else (self.width() - sum(presents) - ecart * (len(presents) - 1)) // 2
        if self._icone:
            zone = QRect(x, (self.height() - cote) // 2, cote, cote)
            theme.icone(self._icone, teinte, 16).paint(peintre, zone)
            x += cote + ecart
        if texte:
            peintre.setFont(self.font())
            peintre.setPen(theme.couleur(teinte))
            peintre.drawText(QRect(x, 0, largeurs[1] + 2, self.height()),
                             int(Qt.AlignmentFlag.AlignVCenter), texte)
            x += largeurs[1] + ecart
        if self._touche:
            if self._a_gauche:
                x = self.width() - largeurs[2] - theme.espace(14)
            self._dessiner_touche(peintre, x, largeurs[2], teinte)

    def _dessiner_touche(self, peintre: QPainter, x: int, largeur: int, teinte: str) -> None:
        police = theme.police("micro", 500)
        haut = QFontMetrics(police).height() + 3
        zone = QRectF(x + 0.5, (self.height() - haut) / 2 + 0.5, largeur - 1, haut - 1)
        clair = teinte == "sur_accent"
        peintre.setFont(police)
        peintre.setPen(QPen(theme.couleur("sur_accent" if clair else "bordure"), 1))
        peintre.setBrush(Qt.BrushStyle.NoBrush if clair else theme.couleur("surface2"))
        peintre.drawRoundedRect(zone, 3, 3)
        peintre.setPen(theme.couleur(teinte if clair or not self.isEnabled() else "texte2"))
        peintre.drawText(zone, int(Qt.AlignmentFlag.AlignCenter), self._touche)


class Lien(BoutonClavier):
    """A link: flat, underlined, in the accent colour."""

    def __init__(self, texte: str, parent: QWidget | None = None) -> None:
        super().__init__(texte, parent)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.poser(self, role="lien", police="small/500")


class BoutonIcone(QToolButton):
    """An icon alone, with tooltip and accessible name."""

    def __init__(self, icone: str, nom: str, parent: QWidget | None = None, *,
                 bordure: bool = True) -> None:
        super().__init__(parent)
        self.nommer(nom)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.poser(self, role="second" if bordure else "discret")
        theme.poser_icone(self, icone)

    def sizeHint(self) -> QSize:
        # As high as a button with words, margins of the style sheet included.
        return QSize(theme.espace(34), theme.espace(34))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.espace(28), theme.espace(28))

    def nommer(self, nom: str) -> None:
        """Change what it says it does; the key, between brackets, is for the tooltip alone."""
        self.setToolTip(sure(nom))
        self.setAccessibleName(nom.partition(" (")[0])

    def definir_icone(self, icone: str) -> None:
        """Change the icon."""
        theme.poser_icone(self, icone)


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


class Segment(QWidget):
    """Exclusive choices side by side; the chosen one is tinted and bold."""

    choisi = Signal(str)

    def __init__(self, choix: Sequence[tuple[str, str]] = (), parent: QWidget | None = None,
                 ) -> None:
        super().__init__(parent)
        self._groupe = QButtonGroup(self)
        self._groupe.setExclusive(True)
        self._boutons: dict[str, _BoutonSegment] = {}
        self._choix: tuple[tuple[str, str], ...] = ()
        self._rangee = QHBoxLayout(self)
        self._rangee.setContentsMargins(0, 0, 0, 0)
        self._rangee.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.definir(choix)

    def definir(self, choix: Sequence[tuple[str, str]]) -> None:
        """Replace the choices (code, label); the current one is kept when it is still there."""
        if tuple(choix) == self._choix:
            return
        courant, self._choix = self.valeur, tuple(choix)
        for bouton in self._boutons.values():
            self._groupe.removeButton(bouton)
            self._rangee.removeWidget(bouton)
            bouton.hide()
            bouton.deleteLater()
        self._boutons = {}
        for i, (code, libelle) in enumerate(choix):
            place = "debut" if i == 0 else "fin" if i == len(choix) - 1 else "milieu"
            bouton = _BoutonSegment(libelle, "seul" if len(choix) == 1 else place, self)
            bouton.clicked.connect(lambda _=False, c=code: self.choisi.emit(c))
            self._groupe.addButton(bouton)
            self._rangee.addWidget(bouton)
            self._boutons[code] = bouton
        if self._boutons:
            self.choisir(courant if courant in self._boutons else choix[0][0])

    @property
    def valeur(self) -> str:
        """Code of the current choice, "" without choices."""
        return next((c for c, b in self._boutons.items() if b.isChecked()), "")

    def choisir(self, code: str) -> None:
        """Select without emitting."""
        if code in self._boutons:
            self._boutons[code].setChecked(True)

    def effacer(self) -> None:
        """Choose nothing: the user must."""
        self._groupe.setExclusive(False)
        for bouton in self._boutons.values():
            bouton.setChecked(False)
        self._groupe.setExclusive(True)

    def bouton(self, code: str) -> QToolButton:
        """The button of a choice."""
        return self._boutons[code]


class _BoutonSegment(QToolButton):
    """One choice; as wide as its bold text, so that nothing moves when it is chosen."""

    def __init__(self, libelle: str, place: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(libelle)
        self.setAccessibleName(libelle)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.poser(self, role="segment", place=place)

    def sizeHint(self) -> QSize:
        gras = QFontMetrics(theme.police("body", 600))
        return QSize(gras.horizontalAdvance(self.text()) + theme.espace(24),
                     super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


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
