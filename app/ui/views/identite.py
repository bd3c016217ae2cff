"""The disc of the two proofs, status and attribute badges (tokens §6).

A disc has two halves: left = identity document checked, right = INSi. The glyph alone may be used
in lists, glyph and word elsewhere.
"""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QCursor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QToolTip, QWidget

from app.domain.identity import Attribut, StatutIdentite
from app.domain.libelles import ATTRIBUTS, STATUTS
from app.ui import theme

#: Colour token of each status.
COULEURS: dict[StatutIdentite, str] = {
    StatutIdentite.PROVISOIRE: "neutre",
    StatutIdentite.RECUPEREE: "info",
    StatutIdentite.VALIDEE: "violet",
    StatutIdentite.QUALIFIEE: "succes",
}
_FONDS = {"neutre": "neutre_doux", "info": "info_doux", "violet": "violet_doux",
          "succes": "succes_doux", "alerte": "alerte_doux", "erreur": "erreur_douce"}
#: Icon and colour token of each attribute.
ATTRIBUTS_AFFICHES: dict[Attribut, tuple[str, str]] = {
    Attribut.HOMONYME: ("users", "alerte"),
    Attribut.DOUTEUSE: ("user-question", "erreur"),
    Attribut.FICTIVE: ("mask", "neutre"),
}


def dessiner_disque(peintre: QPainter, zone: QRectF, statut: StatutIdentite,
                    fond: QColor | None = None) -> None:
    """Paint the disc of `statut` in the square `zone`.

    Args:
        fond: colour under the disc, for the check of a full disc; default `surface`.
    """
    couleur = theme.couleur(COULEURS[statut])
    cote = min(zone.width(), zone.height())
    epaisseur = max(1.3, cote / 11)
    marge = epaisseur / 2 + 0.5
    disque = QRectF(zone.center().x() - cote / 2, zone.center().y() - cote / 2, cote,
                    cote).adjusted(marge, marge, -marge, -marge)
    peintre.save()
    peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
    plume = QPen(couleur, epaisseur)
    plume.setCapStyle(Qt.PenCapStyle.FlatCap)
    match statut:
        case StatutIdentite.PROVISOIRE:
            # Twelve dashes that close exactly on the ring, whatever its size.
            unite = 3.14159 * disque.width() / epaisseur / 12
            plume.setDashPattern([unite * 0.55, unite * 0.45])
            peintre.setPen(plume)
            peintre.setBrush(Qt.BrushStyle.NoBrush)
            peintre.drawEllipse(disque)
        case StatutIdentite.QUALIFIEE:
            peintre.setPen(Qt.PenStyle.NoPen)
            peintre.setBrush(couleur)
            peintre.drawEllipse(disque.adjusted(-marge / 2, -marge / 2, marge / 2, marge / 2))
            coche = QPen(fond or theme.couleur("surface"), epaisseur * 1.15)
            coche.setCapStyle(Qt.PenCapStyle.RoundCap)
            coche.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            peintre.setPen(coche)
            peintre.setBrush(Qt.BrushStyle.NoBrush)
            c, r = disque.center(), disque.width() / 2
            peintre.drawPolyline([QPointF(c.x() - r * 0.42, c.y() + r * 0.02),
                                  QPointF(c.x() - r * 0.10, c.y() + r * 0.34),
                                  QPointF(c.x() + r * 0.44, c.y() - r * 0.30)])
        case _:
            peintre.setPen(plume)
            peintre.setBrush(Qt.BrushStyle.NoBrush)
            peintre.drawEllipse(disque)
            demi = QPainterPath()
            demi.moveTo(disque.center())
            debut = 90 if statut is StatutIdentite.VALIDEE else -90
            demi.arcTo(disque, debut, 180)
            demi.closeSubpath()
            peintre.fillPath(demi, couleur)
    peintre.restore()


class _Pastille(QAbstractButton):
    """Rounded label with a glyph; a button when it has an action."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, police="small/600")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._role = "neutre"

    def _cote(self) -> int:
        return round(QFontMetricsF(self.font()).height() * 0.95)

    def sizeHint(self) -> QSize:
        mesure = QFontMetricsF(self.font())
        haut = max(theme.espace(24), round(mesure.height()) + 8)
        largeur = mesure.horizontalAdvance(self.text()) + self._cote() + theme.espace(5 + 20)
        return QSize(round(largeur) + 1, haut)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _glyphe(self, peintre: QPainter, zone: QRectF, fond: QColor) -> None:
        raise NotImplementedError

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        fond = theme.couleur(_FONDS[self._role])
        corps = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        peintre.setPen(Qt.PenStyle.NoPen)
        peintre.setBrush(fond)
        if self.underMouse() and self.isEnabled() and self.focusPolicy() != Qt.FocusPolicy.NoFocus:
            peintre.setPen(QPen(theme.couleur(self._role), 1))
        peintre.drawRoundedRect(corps, corps.height() / 2, corps.height() / 2)
        self._hachures(peintre, corps)
        if self.hasFocus():
            peintre.setPen(QPen(theme.couleur("focus"), 2))
            peintre.setBrush(Qt.BrushStyle.NoBrush)
            peintre.drawRoundedRect(corps, corps.height() / 2, corps.height() / 2)
        cote = self._cote()
        glyphe = QRectF(theme.espace(9), (self.height() - cote) / 2, cote, cote)
        self._glyphe(peintre, glyphe, fond)
        peintre.setPen(theme.couleur(self._role))
        texte = QRectF(glyphe.right() + theme.espace(5), 0, self.width(), self.height())
        peintre.drawText(texte, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
                         self.text())

    def _hachures(self, peintre: QPainter, corps: QRectF) -> None:
        """Only fictive identities are hatched."""


#: Qt shows a tooltip after 0.7 s; what remains to do is said after more than one second.
BULLE_MS = 350


class PastilleStatut(_Pastille):
    """Badge of the identity status: disc and word. Opens its menu when it has one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._statut = StatutIdentite.PROVISOIRE
        self._appel = False
        self.definir(self._statut)

    def definir(self, statut: StatutIdentite, *, appel_en_cours: bool = False) -> None:
        """Show a status; « INSi… » while a call is running."""
        self._statut, self._appel, self._role = statut, appel_en_cours, COULEURS[statut]
        self.setText("INSi…" if appel_en_cours else STATUTS[statut])
        self.setAccessibleName(f"Identité {STATUTS[statut].lower()}"
                               + (", appel INSi en cours" if appel_en_cours else ""))
        self.updateGeometry()
        self.update()

    def event(self, event: QEvent) -> bool:
        """The tooltip waits until the mouse stays (`spec/ins.md` §2: more than one second)."""
        if event.type() == QEvent.Type.ToolTip:
            QTimer.singleShot(BULLE_MS, self, self._montrer_bulle)
            return True
        return super().event(event)

    def _montrer_bulle(self) -> None:
        if self.underMouse():
            QToolTip.showText(QCursor.pos(), self.toolTip(), self)

    @property
    def statut(self) -> StatutIdentite:
        """The status shown."""
        return self._statut

    def _glyphe(self, peintre: QPainter, zone: QRectF, fond: QColor) -> None:
        dessiner_disque(peintre, zone, self._statut, fond)


class PastilleAttribut(_Pastille):
    """Badge of an attribute: homonyme, douteuse, fictive."""

    def __init__(self, attribut: Attribut, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._attribut = attribut
        self._icone, self._role = ATTRIBUTS_AFFICHES[attribut]
        self.setText(ATTRIBUTS[attribut])
        self.setAccessibleName(f"Identité {ATTRIBUTS[attribut].lower()}")

    def _glyphe(self, peintre: QPainter, zone: QRectF, fond: QColor) -> None:
        theme.icone(self._icone, self._role, 14).paint(peintre, zone.toRect())

    def _hachures(self, peintre: QPainter, corps: QRectF) -> None:
        if self._attribut is not Attribut.FICTIVE:
            return
        peintre.save()
        forme = QPainterPath()
        forme.addRoundedRect(corps, corps.height() / 2, corps.height() / 2)
        peintre.setClipPath(forme)
        trait = QColor(theme.couleur("bordure_forte"))
        trait.setAlpha(70)
        peintre.setPen(QPen(trait, 1))
        x = corps.left() - corps.height()
        while x < corps.right():
            peintre.drawLine(QPointF(x, corps.bottom()), QPointF(x + corps.height(), corps.top()))
            x += 6
        peintre.restore()
