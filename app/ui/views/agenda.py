"""The day by hour, painted: columns by place, home visits grouped, a red line for now.

Each event is a button of its own over the painted grid, so the keyboard and screen readers reach
it without an accessibility bridge of ours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QScrollArea, QWidget

from app.domain.agenda import EtatPassage, LieuPassage, Passage
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.models import tournee

#: Legend: place, words, colour of the bar, colour of the block.
LEGENDE: tuple[tuple[LieuPassage, str, str, str], ...] = (
    (LieuPassage.DOMICILE, "Domicile", "accent", "accent_doux"),
    (LieuPassage.CABINET, "Cabinet", "violet", "violet_doux"),
)
_COULEURS = {lieu: (barre, fond) for lieu, _, barre, fond in LEGENDE}
_DEBUT, _FIN, _MINUIT = 7 * 60, 20 * 60, 24 * 60


@dataclass(frozen=True, slots=True)
class Evenement:
    """A block of the agenda. Minutes from midnight; `voie` of `voies` when blocks overlap."""

    debut: int
    fin: int
    titre: str
    detail: str
    lieu: LieuPassage
    passage_id: int
    voie: int = 0
    voies: int = 1


def _minutes(heure: str) -> int:
    return int(heure[:2]) * 60 + int(heure[3:5])


def evenements(passages: Sequence[Passage],
               qui: Callable[[Passage], str] | None = None) -> tuple[Evenement, ...]:
    """Blocks of the day: one a group of home visits, one an appointment at the practice.

    :param qui: whose a visit is; given, each professional has their own blocks, side by side.
    """
    if qui is not None:
        blocs_de: dict[int, list[Passage]] = {}
        for p in passages:
            blocs_de.setdefault(p.professionnel_id, []).append(p)
        return tuple(_en_voies(sorted(
            (replace(e, titre=f"{qui(siens[0])}\u00a0: {e.titre}") for siens in blocs_de.values()
             for e in evenements(siens)), key=lambda e: (e.debut, e.passage_id))))
    vifs = [p for p in passages if p.etat is not EtatPassage.ANNULE]
    blocs: list[Evenement] = []
    domicile = [p for p in vifs if p.lieu is LieuPassage.DOMICILE]
    for groupe in tournee.grouper(domicile):
        siens = groupe.passages
        if len(siens) == 1:
            p = siens[0]
            blocs.append(Evenement(_minutes(p.heure), _minutes(p.heure) + p.duree,
                                   tournee.nom(p), p.soins, p.lieu, p.id))
            continue
        fin = max(_minutes(p.heure) + p.duree for p in siens)
        blocs.append(Evenement(_minutes(siens[0].heure), fin, groupe.titre,
                               f"{len(siens)} passages", LieuPassage.DOMICILE, siens[0].id))
    cabinet = sorted((p for p in vifs if p.lieu is LieuPassage.CABINET),
                     key=lambda p: (p.heure, p.id))
    blocs.extend(_en_voies([Evenement(_minutes(p.heure), _minutes(p.heure) + p.duree,
                                      tournee.nom(p), p.soins, p.lieu, p.id) for p in cabinet]))
    return tuple(blocs)


def _en_voies(blocs: Sequence[Evenement]) -> list[Evenement]:
    """Put overlapping blocks side by side."""
    suite: list[Evenement] = []
    paquet: list[tuple[Evenement, int]] = []
    fin_paquet = -1

    def clore() -> None:
        voies = max((v for _, v in paquet), default=0) + 1
        suite.extend(replace(e, voie=v, voies=voies) for e, v in paquet)
        paquet.clear()

    for bloc in blocs:
        if bloc.debut >= fin_paquet:
            clore()
            fin_paquet = -1
        prises = {v for e, v in paquet if e.fin > bloc.debut}
        voie = next(v for v in range(len(paquet) + 1) if v not in prises)
        paquet.append((bloc, voie))
        fin_paquet = max(fin_paquet, bloc.fin)
    clore()
    return suite


class _BoutonEvenement(QAbstractButton):
    """One block."""

    def __init__(self, evenement: Evenement, parent: QWidget) -> None:
        super().__init__(parent)
        self.evenement = evenement
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        heure = f"{evenement.debut // 60:02d}:{evenement.debut % 60:02d}"
        phrase = ", ".join(filter(None, (heure, evenement.titre, evenement.detail)))
        self.setAccessibleName(phrase)
        self.setToolTip(sure(phrase))

    def sizeHint(self) -> QSize:
        return QSize(80, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        barre, fond = _COULEURS[self.evenement.lieu]
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        zone = QRectF(self.rect())
        peintre.setPen(Qt.PenStyle.NoPen)
        peintre.setBrush(theme.couleur(fond))
        peintre.drawRoundedRect(zone, 3, 3)
        peintre.setBrush(theme.couleur(barre))
        peintre.drawRoundedRect(QRectF(0, 0, 4, zone.height()), 2, 2)
        self._ecrire(peintre)
        if self.hasFocus():
            peintre.setBrush(Qt.BrushStyle.NoBrush)
            peintre.setPen(QPen(theme.couleur("focus"), 2))
            peintre.drawRoundedRect(zone.adjusted(1, 1, -1, -1), 3, 3)

    def _ecrire(self, peintre: QPainter) -> None:
        police = theme.police("small", 600)
        mesure, petite = QFontMetrics(police), QFontMetrics(theme.police("small"))
        largeur = self.width() - 18
        deux_lignes = self.height() >= mesure.height() + petite.height() + 6
        haut = 4 if deux_lignes else (self.height() - mesure.height()) // 2
        peintre.setFont(police)
        peintre.setPen(theme.couleur("texte"))
        titre = mesure.elidedText(self.evenement.titre, Qt.TextElideMode.ElideRight, largeur)
        peintre.drawText(12, haut + mesure.ascent(), titre)
        if not self.evenement.detail:
            return
        peintre.setFont(theme.police("small"))
        peintre.setPen(theme.couleur("texte2"))
        if deux_lignes:
            detail = petite.elidedText(self.evenement.detail, Qt.TextElideMode.ElideRight, largeur)
            peintre.drawText(12, haut + mesure.height() + petite.ascent() + 1, detail)
            return
        reste = largeur - mesure.horizontalAdvance(titre) - 8
        if reste > 40 and self.evenement.fin - self.evenement.debut >= 30:
            detail = petite.elidedText(self.evenement.detail, Qt.TextElideMode.ElideRight, reste)
            peintre.drawText(12 + mesure.horizontalAdvance(titre) + 8, haut + mesure.ascent(),
                             detail)


class _Grille(QWidget):
    """Hours, lines and blocks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.debut, self.fin = _DEBUT, _FIN
        self.maintenant: int | None = None
        self.boutons: list[_BoutonEvenement] = []
        self.trait = _Maintenant(self)

    def par_heure(self) -> float:
        """Pixels of an hour: the day fills the height, an hour keeps room for a line of text."""
        heures = (self.fin - self.debut) / 60
        return max(QFontMetrics(theme.police("small")).height() * 1.7,
                   (self.height() - 28) / heures)

    def minimumSizeHint(self) -> QSize:
        heures = (self.fin - self.debut) / 60
        return QSize(220, round(QFontMetrics(theme.police("small")).height() * 1.7 * heures) + 28)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def y_de(self, minute: float) -> float:
        """Ordinate of a minute of the day."""
        return 10 + (minute - self.debut) * self.par_heure() / 60

    def marge(self) -> int:
        """Width of the hours."""
        return QFontMetrics(theme.police("small")).horizontalAdvance("00:00") + 14

    def placer(self) -> None:
        """Give each block its rectangle. Two columns by place, one when only one is used."""
        gauche = self.marge()
        lieux = [lieu for lieu, *_ in LEGENDE
                 if any(b.evenement.lieu is lieu for b in self.boutons)]
        large = (self.width() - gauche - 12) / max(1, len(lieux))
        for bouton in self.boutons:
            e = bouton.evenement
            colonne = gauche + lieux.index(e.lieu) * (large + 4)
            voie = (large - 2) / e.voies
            haut = self.y_de(e.debut)
            hauteur = max(QFontMetrics(theme.police("small")).height() + 3,
                          self.y_de(e.fin) - haut - 2)
            bouton.setGeometry(QRect(round(colonne + e.voie * voie), round(haut) + 1,
                                     round(voie) - 2, round(hauteur)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.trait.setGeometry(self.rect())
        self.placer()

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        mesure = QFontMetrics(theme.police("small"))
        peintre.setFont(theme.police("small"))
        for heure in range(self.debut // 60, min(self.fin // 60 + 1, 24)):
            y = round(self.y_de(heure * 60))
            peintre.setPen(theme.couleur("bordure"))
            peintre.drawLine(0, y, self.width(), y)
            if self.maintenant is not None and abs(self.maintenant - heure * 60) < 15 \
                    and self.maintenant <= heure * 60 + 2:
                continue  # the red hour stands there
            peintre.setPen(theme.couleur("texte2"))
            peintre.drawText(0, y + mesure.ascent() + 2, f"{heure:02d}:00")


class _Maintenant(QWidget):
    """The red line and its hour, above the blocks."""

    def __init__(self, grille: _Grille) -> None:
        super().__init__(grille)
        self._grille = grille
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        grille = self._grille
        if grille.maintenant is None or not grille.debut <= grille.maintenant <= grille.fin:
            return
        peintre = QPainter(self)
        y, gauche = grille.y_de(grille.maintenant), grille.marge()
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        peintre.setPen(QPen(theme.couleur("erreur"), 2))
        peintre.drawLine(QPointF(gauche - 6, y), QPointF(self.width(), y))
        police = theme.police("small", 600)
        haut = QFontMetrics(police).height() + 1
        zone = QRectF(0, y - haut / 2, gauche - 6, haut)
        peintre.setPen(Qt.PenStyle.NoPen)
        peintre.setBrush(theme.couleur("erreur"))
        peintre.drawRoundedRect(zone, 3, 3)
        peintre.setPen(theme.couleur("surface"))
        peintre.setFont(police)
        peintre.drawText(zone, int(Qt.AlignmentFlag.AlignCenter),
                         f"{grille.maintenant // 60:02d}:{grille.maintenant % 60:02d}")


class Agenda(QScrollArea):
    """The agenda of one day."""

    #: Visit id of a block that was clicked, or on which Entrée was typed.
    choisi = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self._grille = _Grille()
        self.setWidget(self._grille)
        self._grille.setAutoFillBackground(False)
        self.setAccessibleName("Agenda du jour")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._horloge = QTimer(self)
        self._horloge.setInterval(30_000)
        self._horloge.timeout.connect(self._battre)
        self._aujourd_hui = False
        self._lire_heure = tournee.maintenant
        theme.signaux().change.connect(self._mesurer)

    def _mesurer(self) -> None:
        self._grille.updateGeometry()
        self._grille.placer()

    def definir(self, passages: Sequence[Passage], aujourd_hui: bool,
                qui: Callable[[Passage], str] | None = None) -> None:
        """Show the visits of a day; the red line only if it is today."""
        for bouton in self._grille.boutons:
            bouton.hide()
            bouton.deleteLater()
        blocs = evenements(passages, qui)
        self._grille.boutons = []
        for bloc in sorted(blocs, key=lambda e: (e.debut, e.voie)):
            bouton = _BoutonEvenement(bloc, self._grille)
            bouton.clicked.connect(lambda _=False, i=bloc.passage_id: self.choisi.emit(i))
            bouton.installEventFilter(self)
            bouton.show()
            self._grille.boutons.append(bouton)
        self._grille.debut = min([_DEBUT, *(e.debut // 60 * 60 for e in blocs)])
        # A visit that ends after midnight is drawn to the end of the day: there is no hour 25.
        self._grille.fin = min(_MINUIT, max([_FIN, *(-(-e.fin // 60) * 60 for e in blocs)]))
        self._aujourd_hui = aujourd_hui
        self._grille.updateGeometry()
        self._grille.trait.raise_()
        self._grille.placer()
        self._battre()
        (self._horloge.start if aujourd_hui else self._horloge.stop)()

    @property
    def boutons(self) -> Sequence[QAbstractButton]:
        """Blocks in order of hour (for tests)."""
        return self._grille.boutons

    def _battre(self) -> None:
        self._grille.maintenant = _minutes(self._lire_heure()) if self._aujourd_hui else None
        self._grille.update()

    def eventFilter(self, objet: QWidget, event: QEvent) -> bool:  # type: ignore[override]
        """↑ and ↓ go from a block to the next, Entrée chooses it."""
        if event.type() == QEvent.Type.KeyPress and isinstance(objet, _BoutonEvenement):
            touche = event.key()  # type: ignore[attr-defined]
            rang = self._grille.boutons.index(objet)
            if touche in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                suivant = rang + (1 if touche == Qt.Key.Key_Down else -1)
                if 0 <= suivant < len(self._grille.boutons):
                    self._grille.boutons[suivant].setFocus(Qt.FocusReason.TabFocusReason)
                return True
            if touche in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.choisi.emit(objet.evenement.passage_id)
                return True
        if event.type() == QEvent.Type.FocusIn and isinstance(objet, QWidget):
            self.ensureWidgetVisible(objet, 0, 12)
        return super().eventFilter(objet, event)
