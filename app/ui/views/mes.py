"""The « Mon espace santé » bar: one counter a type, unknown is never shown as zero (mock 03)."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QWidget,
)

from app.domain import dates
from app.domain.dmp import BandeauMes, CompteurMes
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.views.elements import Bouton, Etiquette, Icone, Lien, vider


class _Compteur(QAbstractButton):
    """A number and a type; zero is quieter."""

    def __init__(self, compteur: CompteurMes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.compteur = compteur
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        n = compteur.nombre
        self.setAccessibleName(f"{compteur.libelle} : {n} nouveau{'x' if n > 1 else ''} "
                               f"document{'s' if n > 1 else ''}")
        self.setToolTip("Voir ces documents et ouvrir le plus récent" if n else
                        "Voir les documents de ce type")

    def sizeHint(self) -> QSize:
        gras, fin = (QFontMetrics(theme.police("small", p)) for p in (700, 500))
        largeur = gras.horizontalAdvance(str(self.compteur.nombre)) + theme.espace(5) \
            + fin.horizontalAdvance(self.compteur.libelle) + theme.espace(20)
        return QSize(largeur, max(theme.espace(24), fin.height() + 6))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        zone = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.hasFocus():
            peintre.setPen(QPen(theme.couleur("focus"), 2))
        else:
            peintre.setPen(QPen(theme.couleur("bordure"), 1))
        peintre.setBrush(theme.couleur("survol" if self.underMouse() else "surface"))
        peintre.drawRoundedRect(zone, 4, 4)
        zero = self.compteur.nombre == 0
        gras, fin = theme.police("small", 500 if zero else 700), theme.police("small", 500)
        x = theme.espace(10)
        nombre = str(self.compteur.nombre)
        centre = int(Qt.AlignmentFlag.AlignVCenter)
        peintre.setFont(gras)
        peintre.setPen(theme.couleur("texte2" if zero else "accent"))
        peintre.drawText(QRectF(x, 0, 200, self.height()), centre, nombre)
        x += QFontMetrics(theme.police("small", 700)).horizontalAdvance(nombre) + theme.espace(5)
        peintre.setFont(fin)
        peintre.setPen(theme.couleur("texte2" if zero else "texte"))
        peintre.drawText(QRectF(x, 0, 400, self.height()), centre, self.compteur.libelle)


class BarreMes(QFrame):
    """The bar under the banner."""

    #: Code of the type whose counter was clicked.
    type_demande = Signal(str)
    plus_recent_demande = Signal()
    reessayer = Signal()
    annuler = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mes = BandeauMes()
        self._rangee = QHBoxLayout(self)
        self._rangee.setContentsMargins(16, 4, 16, 5)
        self._rangee.setSpacing(8)
        self._rangee.addWidget(Icone("activity-heartbeat", "texte", 16))
        self._rangee.addWidget(Etiquette("Mon espace santé", "small", "texte", 600))
        self._rangee.addSpacing(6)
        self._zone = QHBoxLayout()
        self._zone.setSpacing(8)
        self._rangee.addLayout(self._zone)
        self.phrase = Etiquette("", "small", "texte2")
        self._rangee.addWidget(self.phrase)
        self._barre = QProgressBar()
        self._barre.setRange(0, 0)
        self._barre.setTextVisible(False)
        self._barre.setFixedWidth(theme.espace(100))
        self._rangee.addWidget(self._barre)
        self._annuler = Lien("Annuler")
        self._annuler.clicked.connect(self.annuler)
        self._rangee.addWidget(self._annuler)
        self._reessayer = Bouton("Réessayer", petit=True)
        self._reessayer.clicked.connect(self.reessayer)
        self._rangee.addWidget(self._reessayer)
        self._rangee.addStretch(1)
        self.total = Etiquette("", "small", "texte2")
        self._rangee.addWidget(self.total)
        self.ouvrir = Bouton("Ouvrir le plus récent", "discret", "file-text", petit=True)
        self.ouvrir.setToolTip("Ouvrir le document le plus récent (Ctrl+O)")
        self.ouvrir.clicked.connect(self.plus_recent_demande)
        self._rangee.addWidget(self.ouvrir)
        # Under 400 ms nothing moves; over 3 s the work can be given up (components §6).
        self._minuterie = QTimer(self)
        self._minuterie.setSingleShot(True)
        self._minuterie.timeout.connect(self._avancer)
        self._compteurs: list[_Compteur] = []
        self.definir(BandeauMes(inconnu=""))

    def definir(self, mes: BandeauMes) -> None:
        """Show the counters, or the sentence that says why they are unknown."""
        self._mes = mes
        self._minuterie.stop()
        vider(self._zone)
        self._compteurs = []
        connu = not mes.inconnu and mes.total is not None
        for compteur in mes.compteurs if connu else ():
            bouton = _Compteur(compteur)
            bouton.clicked.connect(
                lambda _=False, code=compteur.type_code: self.type_demande.emit(code))
            self._zone.addWidget(bouton)
            self._compteurs.append(bouton)
        self._reessayer.hide()
        self._annuler.hide()
        self._barre.hide()
        self.phrase.setText(self._phrase(connu))
        self.phrase.setVisible(bool(self.phrase.text()))
        self.total.setText(_total(mes) if connu else "")
        self.ouvrir.setVisible(connu and bool(mes.plus_recent))
        if mes.en_cours:
            self.interroger()
        self._ajuster()

    def _phrase(self, connu: bool) -> str:
        if not connu:
            return self._mes.inconnu
        if self._mes.date_synthese:
            return f"Synthèse médicale du {dates.formater(self._mes.date_synthese)}"
        return ""

    def interroger(self) -> None:
        """The DMP is being asked: say so after 400 ms, offer to give up after 3 s."""
        self._minuterie.start(400)

    def _avancer(self) -> None:
        if self._barre.isHidden():
            self.phrase.setText("Interrogation du DMP…")
            self.phrase.show()
            self._barre.show()
            self._minuterie.start(2600)
        else:
            self._annuler.show()

    def echouer(self, texte: str) -> None:
        """The DMP could not be asked: what was known stays, with its date."""
        self._minuterie.stop()
        self._barre.hide()
        self._annuler.hide()
        depuis = self._mes.depuis
        if self._mes.total is not None and depuis and not self._mes.inconnu:
            texte = f"DMP indisponible, données du {_moment(depuis)}"
        self.phrase.setText(texte)
        self.phrase.setToolTip(sure(texte))
        self.phrase.show()
        self._reessayer.show()
        self._ajuster()

    @property
    def compteurs(self) -> list[_Compteur]:
        """Counters shown, most useful first."""
        return self._compteurs

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ajuster()

    def _ajuster(self) -> None:
        """Counters that don't fit leave, zeros first; then the date of the summary."""
        for bouton in self._compteurs:
            bouton.show()
        self.total.setVisible(bool(self.total.text()))
        if self._reessayer.isHidden() and self._barre.isHidden():
            self.phrase.setVisible(bool(self.phrase.text()))
        for bouton in reversed(self._compteurs):
            self._rangee.activate()
            if self._rangee.minimumSize().width() <= self.width() or bouton.compteur.nombre:
                break
            bouton.hide()
        if self._compteurs and self._rangee.minimumSize().width() > self.width():
            self.phrase.hide()
        for bouton in reversed(self._compteurs[1:]):
            self._rangee.activate()
            if self._rangee.minimumSize().width() <= self.width():
                break
            bouton.hide()
        self._rangee.activate()
        if self._compteurs and self._rangee.minimumSize().width() > self.width():
            self.total.hide()

    def minimumSizeHint(self) -> QSize:
        return QSize(200, max(theme.espace(36), super().minimumSizeHint().height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.fillRect(self.rect(), theme.couleur("surface2"))
        peintre.fillRect(0, self.height() - 1, self.width(), 1, theme.couleur("bordure"))


def _total(mes: BandeauMes) -> str:
    n = mes.total or 0
    depuis = f" depuis le {dates.formater(mes.depuis)[:10]}" if mes.depuis else ""
    if not n:
        return f"Aucun nouveau{depuis}"
    return f"{n} nouveau{'x' if n > 1 else ''}{depuis}"


def _moment(iso: str) -> str:
    """« 21/11 à 18:02 »."""
    return f"{iso[8:10]}/{iso[5:7]} à {iso[11:16]}" if len(iso) >= 16 else dates.formater(iso)[:10]
