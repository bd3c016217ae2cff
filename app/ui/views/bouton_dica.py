"""The DICA button of the banner."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.domain.dica import Dica
from app.ui import theme


class BoutonDica(QAbstractButton):
    """Can, or cannot: two states only. Solid border when it can, dashed when it cannot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dica")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._consultable, self._detail = False, ""
        self.setText("DMP non consultable")
        self.toggled.connect(lambda _: self.update())

    def definir(self, dica: Dica) -> None:
        """Show the answer and what is missing."""
        self._consultable, self._detail = dica.consultable, dica.manque
        self.setText(dica.titre)
        self.setAccessibleName(f"{dica.titre}. {dica.manque}")
        self.setToolTip("Conditions de consultation du DMP (F2)")
        self.updateGeometry()
        self.update()

    @property
    def consultable(self) -> bool:
        """The state shown."""
        return self._consultable

    def _polices(self) -> tuple[QFont, QFont]:
        titre = theme.police("body", 600)
        detail = QFont(theme.police("micro"))
        if self._consultable:
            detail.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.4)
        return titre, detail

    def sizeHint(self) -> QSize:
        titre, detail = (QFontMetrics(p) for p in self._polices())
        texte = max(titre.horizontalAdvance("DMP non consultable"),
                    detail.horizontalAdvance(self._detail),
                    detail.horizontalAdvance("Il manque : C (consentement)"))
        return QSize(theme.espace(12 + 20 + 10 + 12 + 16 + 12) + texte,
                     max(theme.espace(44), titre.height() + detail.height() + 12))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        zone = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        couleur = "succes" if self._consultable else "texte"
        plume = QPen(theme.couleur("succes" if self._consultable else "bordure_forte"), 1)
        if not self._consultable:
            plume.setStyle(Qt.PenStyle.CustomDashLine)
            plume.setDashPattern([4, 3])
        if self.hasFocus():
            plume = QPen(theme.couleur("focus"), 2)
        peintre.setPen(plume)
        fond = "succes_doux" if self._consultable else "surface2"
        if self.underMouse() and not self._consultable:
            fond = "survol"
        peintre.setBrush(theme.couleur(fond))
        peintre.drawRoundedRect(zone, 6, 6)
        milieu = self.height() // 2
        icone = "folder-check" if self._consultable else "folder-off"
        theme.icone(icone, "succes" if self._consultable else "texte2", 20).paint(
            peintre, theme.espace(12), milieu - theme.espace(10), theme.espace(20),
            theme.espace(20))
        gauche, cote = theme.espace(42), theme.espace(16)
        titre, detail = self._polices()
        mt, md = QFontMetrics(titre), QFontMetrics(detail)
        haut = (self.height() - mt.height() - md.height()) // 2
        peintre.setFont(titre)
        peintre.setPen(theme.couleur(couleur))
        peintre.drawText(gauche, haut + mt.ascent(), self.text())
        peintre.setFont(detail)
        peintre.setPen(theme.couleur("succes" if self._consultable else "texte2"))
        peintre.drawText(gauche, haut + mt.height() + md.ascent(), self._detail)
        chevron = "chevron-up" if self.isChecked() else "chevron-down"
        theme.icone(chevron, couleur if self._consultable else "texte2", 16).paint(
            peintre, self.width() - theme.espace(28), milieu - cote // 2, cote, cote)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
