"""The figures at the foot of the tournée: each filters the list; unknown is « – », never 0."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from app.ui import theme
from app.ui.models.tournee import ChiffresTournee


class _Chiffre(QAbstractButton):
    """One figure and its two lines of words."""

    def __init__(self, code: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.code = code
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._lignes = ("", "")

    def definir(self, chiffre: str, lignes: tuple[str, str]) -> None:
        """Show a figure."""
        self.setText(chiffre)
        self._lignes = lignes
        self.setAccessibleName(f"{chiffre} {' '.join(lignes)}")
        self.setToolTip("Cliquez pour ne voir que ces passages")
        self.update()

    def _police(self) -> QFont:
        return theme.police("page", 700)

    def sizeHint(self) -> QSize:
        petit = QFontMetrics(theme.police("small"))
        return QSize(160, max(theme.espace(50), 2 * petit.height() + 16))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked():
            peintre.fillRect(self.rect(), theme.couleur("accent_doux"))
        elif self.underMouse() and self.isEnabled():
            peintre.fillRect(self.rect(), theme.couleur("survol"))
        gros, petit = QFontMetrics(self._police()), QFontMetrics(theme.police("small"))
        peintre.setFont(self._police())
        peintre.setPen(theme.couleur("accent" if self.isChecked() else "texte"))
        milieu = self.height() / 2
        peintre.drawText(14, round(milieu + gros.ascent() / 2 - 3), self.text())
        x = 14 + gros.horizontalAdvance(self.text()) + 10
        peintre.setFont(theme.police("small"))
        peintre.setPen(theme.couleur("texte2"))
        for i, ligne in enumerate(self._lignes):
            y = milieu - petit.height() + i * petit.height() + petit.ascent()
            peintre.drawText(round(x), round(y), petit.elidedText(
                ligne, Qt.TextElideMode.ElideRight, self.width() - round(x) - 8))
        if self.hasFocus():
            peintre.setPen(QPen(theme.couleur("focus"), 2))
            peintre.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 4, 4)


class PiedChiffres(QWidget):
    """Three figures; clicking one filters the list, clicking it again shows everything."""

    #: "dmp", "qualifier", "a_faire" or "".
    filtre = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 1, 0, 0)
        rangee.setSpacing(1)
        self._boutons = {code: _Chiffre(code) for code in ("dmp", "qualifier", "a_faire")}
        for bouton in self._boutons.values():
            bouton.clicked.connect(lambda _=False, b=bouton: self._choisir(b))
            rangee.addWidget(bouton, 1)

    def definir(self, chiffres: ChiffresTournee, filtre: str) -> None:
        """Show the figures of the day."""
        dmp = self._boutons["dmp"]
        if chiffres.nouveaux_dmp is None:
            dmp.definir("–", ("nouveaux documents", "du DMP : inconnus"))
        else:
            n, k = chiffres.nouveaux_dmp, chiffres.dossiers_dmp
            s = "s" if n > 1 else ""
            mot = "nouveau" if n < 2 else "nouveaux"
            dans = f"dans {k} DMP" if k else "dans les DMP lus"
            dmp.definir(str(n), (f"{mot} document{s}", dans))
        dmp.setEnabled(bool(chiffres.nouveaux_dmp))
        n = chiffres.a_qualifier
        self._boutons["qualifier"].definir(str(n), (f"identité{'s' if n > 1 else ''}",
                                                    "à qualifier"))
        self._boutons["qualifier"].setEnabled(bool(n))
        n = chiffres.a_faire
        self._boutons["a_faire"].definir(str(n), (f"passage{'s' if n > 1 else ''}",
                                                  "encore à faire"))
        self._boutons["a_faire"].setEnabled(bool(n))
        for code, bouton in self._boutons.items():
            bouton.setChecked(code == filtre)

    def bouton(self, code: str) -> QAbstractButton:
        """The button of a figure."""
        return self._boutons[code]

    def _choisir(self, bouton: _Chiffre) -> None:
        for autre in self._boutons.values():
            if autre is not bouton:
                autre.setChecked(False)
        self.filtre.emit(bouton.code if bouton.isChecked() else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setPen(theme.couleur("bordure"))
        peintre.drawLine(0, 0, self.width(), 0)
        for bouton in list(self._boutons.values())[1:]:
            peintre.drawLine(bouton.x() - 1, 0, bouton.x() - 1, self.height())
