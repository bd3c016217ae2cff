"""The top bar: search at the left; reader, services, session, person and lock at the right."""

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.domain.session import EtatService, EtatSession
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.jetons import HAUTEUR_BARRE
from app.ui.views.elements import BoutonIcone
from app.ui.views.messages import annoncer
from app.ui.views.recherche import ChampRecherche

#: Minutes under which the end of the session turns amber.
BIENTOT_MIN = 10
#: state of the reader -> (words, icon, tone)
LECTEUR: dict[str, tuple[str, str, str]] = {
    "": ("Lecteur non démarré", "credit-card", ""),
    "aucun_service": ("Lecteur indisponible", "credit-card-off", "alerte"),
    "aucun_lecteur": ("Aucun lecteur", "credit-card-off", ""),
    "aucune_carte": ("Aucune carte", "credit-card", ""),
    "lecture": ("Lecture de la carte…", "progress", ""),
    "carte_lue": ("Carte Vitale lue", "credit-card", ""),
    "illisible": ("Carte illisible", "alert-triangle", "alerte"),
}


def duree(minutes: int) -> str:
    """« 3 h 12 », « 42 min »."""
    return f"{minutes // 60} h {minutes % 60:02d}" if minutes >= 60 else f"{minutes} min"


def minutes_restantes(etat: EtatSession, maintenant: datetime) -> int:
    """Whole minutes before the session ends; 0 when it ended."""
    if not etat.expire_le:
        return 0
    fin = datetime.fromisoformat(etat.expire_le)
    if fin.tzinfo is None:
        fin = fin.replace(tzinfo=UTC)
    return max(0, int((fin - maintenant).total_seconds() // 60))


class BoutonBarre(QToolButton):
    """A flat button of the bar: icon and words; the words leave when the place is missing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._texte = ""
        theme.poser(self, role="barre", police="small/500")

    def dire(self, texte: str, icone: str, ton: str = "", infobulle: str = "") -> None:
        """Show a state. A change is announced to screen readers."""
        change = texte != self._texte
        self._texte = texte
        self.setText(f"\u2002{texte}")
        self.setAccessibleName(texte)
        self.setToolTip(sure(infobulle or texte))
        theme.poser_icone(self, icone, ton or "texte2")
        theme.poser(self, ton=ton)
        if change:
            annoncer(self)

    @property
    def texte(self) -> str:
        """Words, even when only the icon is shown."""
        return self._texte

    def serrer(self, serre: bool) -> None:
        """Keep the icon only."""
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if serre \
            else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        if style != self.toolButtonStyle():
            self.setToolButtonStyle(style)


class BoutonPersonne(QAbstractButton):
    """Disc of initials, name, profession."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nom = self._initiales = self._profession = ""
        self._serre = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def definir(self, prenom: str, nom: str, profession: str) -> None:
        """Who works here."""
        self._nom, self._profession = f"{prenom} {nom}".strip(), profession
        self._initiales = (prenom[:1] + nom[:1]).upper()
        self.setAccessibleName(f"{self._nom}, {profession}")
        self.setToolTip(sure(f"{self._nom}, {profession}"))
        self.updateGeometry()
        self.update()

    def serrer(self, serre: bool) -> None:
        """Keep the disc only."""
        if serre != self._serre:
            self._serre = serre
            self.updateGeometry()
            self.update()

    def _largeur_texte(self) -> int:
        if self._serre:
            return 0
        nom = QFontMetrics(theme.police("small", 600)).horizontalAdvance(self._nom)
        metier = QFontMetrics(theme.police("micro")).horizontalAdvance(self._profession)
        return min(max(nom, metier) + 4, theme.espace(190)) + theme.espace(8)

    def sizeHint(self) -> QSize:
        return QSize(theme.espace(28 + 4 + 16 + 6) + self._largeur_texte() + 6,
                     theme.espace(HAUTEUR_BARRE) - 8)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        cadre = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.underMouse() or self.isDown():
            peintre.setPen(Qt.PenStyle.NoPen)
            peintre.setBrush(theme.couleur("survol"))
            peintre.drawRoundedRect(cadre, 4, 4)
        cote = theme.espace(28)
        disque = QRectF(5, (self.height() - cote) / 2, cote, cote)
        peintre.setPen(Qt.PenStyle.NoPen)
        peintre.setBrush(theme.couleur("accent_doux"))
        peintre.drawEllipse(disque)
        peintre.setFont(theme.police("small", 700))
        peintre.setPen(theme.couleur("accent"))
        peintre.drawText(disque, int(Qt.AlignmentFlag.AlignCenter), self._initiales)
        if not self._serre:
            self._ecrire(peintre, disque.right() + theme.espace(8))
        petit = theme.espace(16)
        fleche = QRectF(self.width() - petit - 5, (self.height() - petit) / 2, petit, petit)
        theme.icone("chevron-down", "texte2", 16).paint(peintre, fleche.toRect())
        if self.hasFocus():
            peintre.setPen(QPen(theme.couleur("focus"), 2))
            peintre.setBrush(Qt.BrushStyle.NoBrush)
            peintre.drawRoundedRect(cadre, 4, 4)

    def _ecrire(self, peintre: QPainter, x: float) -> None:
        gras, fin = theme.police("small", 600), theme.police("micro")
        h1, h2 = QFontMetrics(gras).height(), QFontMetrics(fin).height()
        large = self._largeur_texte() - theme.espace(8)
        y = (self.height() - h1 - h2) / 2
        for police, ton, texte, haut in ((gras, "texte", self._nom, h1),
                                         (fin, "texte2", self._profession, h2)):
            peintre.setFont(police)
            peintre.setPen(theme.couleur(ton))
            court = QFontMetrics(police).elidedText(texte, Qt.TextElideMode.ElideRight, large)
            peintre.drawText(QRectF(x, y, large + 2, haut),
                             int(Qt.AlignmentFlag.AlignVCenter), court)
            y += haut


class Barre(QFrame):
    """The bar. It shows states; what a click opens is decided by the controllers."""

    lecteur_demande = Signal()
    services_demandes = Signal()
    session_demandee = Signal()
    menu_demande = Signal()
    verrou_demande = Signal()
    travail_demande = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("barre")
        self.recherche = ChampRecherche(self)
        self.travail = BoutonBarre(self)
        self.lecteur = BoutonBarre(self)
        self.services = BoutonBarre(self)
        self._separateur = QFrame()
        theme.poser(self._separateur, filet="vertical")
        self.session = BoutonBarre(self)
        self.personne = BoutonPersonne(self)
        self.verrou = BoutonIcone("lock", "Verrouiller (Ctrl+L)", bordure=False)
        self.travail.clicked.connect(self.travail_demande)
        self.travail.setAccessibleName("Travail en cours")
        self.travail.hide()
        self.lecteur.clicked.connect(self.lecteur_demande)
        self.services.clicked.connect(self.services_demandes)
        self.session.clicked.connect(self.session_demandee)
        self.personne.clicked.connect(self.menu_demande)
        self.verrou.clicked.connect(self.verrou_demande)
        self._rangee = QHBoxLayout(self)
        self._rangee.setContentsMargins(16, 4, 10, 4)
        self._rangee.setSpacing(8)
        self._rangee.addWidget(self.recherche, 20)
        self._rangee.addStretch(1)
        for widget in (self.travail, self.lecteur, self.services, self._separateur, self.session,
                       self.personne, self.verrou):
            self._rangee.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._etat_session = EtatSession(possible=False)
        self._services: tuple[EtatService, ...] = ()
        self._minuteur = QTimer(self, interval=20_000)
        self._minuteur.timeout.connect(self._montrer_session)
        self._minuteur.start()
        self.set_lecteur("")
        self.set_services(())
        self._montrer_session()
        self._mesurer()
        theme.signaux().change.connect(self._mesurer)

    def _mesurer(self) -> None:
        self.setFixedHeight(max(HAUTEUR_BARRE, theme.espace(HAUTEUR_BARRE)))
        self._separateur.setFixedHeight(theme.espace(22))
        self._serrer()

    # -- States -----------------------------------------------------------------------------

    def set_travail(self, texte: str, precision: str = "") -> None:
        """Show a long work that runs behind, "" when it ended; a click offers to stop it."""
        self.travail.setVisible(bool(texte))
        if texte:
            self.travail.dire(texte, "progress", "", precision or texte)
        self._serrer()

    def set_lecteur(self, evenement: object) -> None:
        """Show the reader: an event with `etat` and `message`, or the state alone."""
        etat = evenement if isinstance(evenement, str) else str(getattr(evenement, "etat", ""))
        texte, icone, ton = LECTEUR.get(etat, LECTEUR[""])
        self.lecteur.dire(texte, icone, ton, str(getattr(evenement, "message", "")) or texte)
        self._serrer()

    def set_services(self, services: Sequence[EtatService]) -> None:
        """Show the worst service by name, or that all of them answer."""
        self._services = tuple(services)
        pannes = [s for s in self._services if not s.disponible]
        if not self._services:
            self.services.dire("Services non configurés", "cloud-off", "",
                               "Les services nationaux se configurent dans Réglages.")
        elif not pannes:
            self.services.dire("Services : tous disponibles", "circle-check")
            theme.poser_icone(self.services, "circle-check", "succes")
        elif len(pannes) == 1:
            self.services.dire(f"{pannes[0].nom} indisponible", "alert-triangle", "alerte")
        else:
            self.services.dire(f"{len(pannes)} services indisponibles", "alert-triangle", "alerte",
                               ", ".join(s.nom for s in pannes))
        self._serrer()

    def set_session(self, etat: EtatSession) -> None:
        """Show Pro Santé Connect."""
        self._etat_session = etat
        self._montrer_session()

    def _montrer_session(self) -> None:
        etat = self._etat_session
        reste = minutes_restantes(etat, datetime.now(UTC))
        if etat.carte and not etat.connecte:
            self.session.dire("Carte CPS", "id-badge-2", "",
                              f"Carte CPS ouverte\u00a0: {etat.carte}")
        elif not etat.possible:
            self.session.dire("PSC non configuré", "shield-off")
        elif not etat.connecte:
            self.session.dire("Se connecter", "shield", "",
                              "Se connecter à Pro Santé Connect")
        elif reste == 0:
            self.session.dire("Se reconnecter", "shield-off", "alerte",
                              "La session Pro Santé Connect est terminée.")
        else:
            ton = "alerte" if reste < BIENTOT_MIN else ""
            self.session.dire(f"PSC · {duree(reste)}", "shield-check", ton,
                              f"Pro Santé Connect : {etat.nom}, encore {duree(reste)}")
        self._serrer()

    # -- Place ------------------------------------------------------------------------------

    def _serrer(self) -> None:
        """Take words away, the least needed first, until everything fits."""
        if not hasattr(self, "_rangee"):
            return
        etapes: tuple[BoutonPersonne | BoutonBarre, ...] = (
            self.personne, self.lecteur, self.services, self.session)
        for bouton in etapes:
            bouton.serrer(False)
        for bouton in etapes:
            if self._besoin() <= self.width():
                return
            bouton.serrer(True)

    def _besoin(self) -> int:
        boutons = [self.lecteur, self.services, self.session, self.personne, self.verrou]
        if not self.travail.isHidden():
            boutons.append(self.travail)
        return (self.recherche.minimumWidth() + sum(b.sizeHint().width() for b in boutons)
                + 8 * 8 + 32)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._serrer()
