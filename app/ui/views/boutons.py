"""Buttons of the house: with a key cap, a link, an icon alone."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolButton,
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
