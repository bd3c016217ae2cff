"""History of an identity as a timeline: discs on a line, newest at the top (rules 16 and 21)."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.domain import dates
from app.domain.frise_identite import EtapeIdentite
from app.domain.identity import StatutIdentite
from app.domain.libelles import STATUTS
from app.ui import theme
from app.ui.views.elements import Bouton, Carte, Etiquette, vider
from app.ui.views.identite import COULEURS, dessiner_disque

#: Gestures on the identity shown: code, verb, icon.
GESTES: tuple[tuple[str, str, str], ...] = (
    ("traits_stricts", "Modifier les traits verrouillés", "lock"),
    ("collision", "Signaler une collision", "user-question"),
    ("separer", "Séparer deux personnes", "users"),
    ("transitoire", "Procédure transitoire", "hand-stop"),
    ("verifier", "Vérifier auprès d’INSi", "refresh"),
)


class _Noeud(QWidget):
    """The disc of a step and the line that goes on below."""

    def __init__(self, statut: StatutIdentite, dernier: bool) -> None:
        super().__init__()
        self._statut, self._dernier = statut, dernier
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(theme.espace(34), theme.espace(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        cote = theme.espace(20)
        milieu, haut = self.width() / 2, theme.espace(6)
        if not self._dernier:
            peintre.setPen(QPen(theme.couleur("bordure"), 2))
            peintre.drawLine(round(milieu), haut + cote + 4, round(milieu), self.height() + 8)
        dessiner_disque(peintre, QRectF(milieu - cote / 2, haut, cote, cote), self._statut)


class _Etape(QWidget):
    """One step: what changed, why, when, by whom."""

    def __init__(self, etape: EtapeIdentite, dernier: bool) -> None:
        super().__init__()
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(10)
        rangee.addWidget(_Noeud(etape.statut, dernier))
        textes = QVBoxLayout()
        textes.setContentsMargins(0, 6, 0, 14)
        textes.setSpacing(2)
        tete = QHBoxLayout()
        tete.setSpacing(8)
        tete.addWidget(Etiquette(etape.cause, "body", "texte", 600), 0)
        if etape.statut_avant is not None and etape.statut is not etape.statut_avant:
            badge = Etiquette(STATUTS[etape.statut], "small", COULEURS[etape.statut], 600)
            tete.addWidget(badge)
        if etape.degrade:
            tete.addWidget(Etiquette("Confiance perdue", "small", "alerte", 600))
        tete.addStretch(1)
        textes.addLayout(tete)
        for fait in etape.changements:
            texte = Etiquette(fait, "body")
            texte.setWordWrap(True)
            texte.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            textes.addWidget(texte)
        quand = f"{dates.formater(etape.horodatage)[:10]} à {etape.horodatage[11:16]}"
        textes.addWidget(Etiquette(f"{quand}, par {etape.auteur}", "small", "texte2"))
        rangee.addLayout(textes, 1)
        self.setAccessibleName(f"{quand}, {etape.cause}, identité {STATUTS[etape.statut].lower()}")


class VueHistoriqueIdentite(QWidget):
    """The page « historique_identite » of one patient."""

    retour_demande = Signal()
    #: A gesture on this identity: code of `GESTES`.
    geste = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._etapes: tuple[EtapeIdentite, ...] = ()
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 10, 16, 14)
        page.setSpacing(12)
        tete = QHBoxLayout()
        retour = Bouton("Dossier", "discret", "arrow-left", petit=True)
        retour.clicked.connect(self.retour_demande)
        tete.addWidget(retour)
        self._titre = Etiquette("Historique de l’identité", "page")
        tete.addWidget(self._titre, 1)
        self.statuts_seuls = QCheckBox("Changements de statut seulement")
        self.statuts_seuls.toggled.connect(lambda _: self._remplir())
        tete.addWidget(self.statuts_seuls)
        page.addLayout(tete)
        carte = Carte()
        self._carte = carte
        defilement = QScrollArea()
        defilement.setWidgetResizable(True)
        defilement.setFrameShape(QFrame.Shape.NoFrame)
        contenu = QWidget()
        theme.poser(contenu, fond="surface")
        self._colonne = QVBoxLayout(contenu)
        self._colonne.setContentsMargins(4, 4, 8, 4)
        self._colonne.setSpacing(0)
        defilement.setWidget(contenu)
        carte.corps.addWidget(defilement, 1)
        barre = QFrame()
        theme.poser(barre, trait="haut")
        rangee = QHBoxLayout(barre)
        rangee.setContentsMargins(0, 10, 0, 0)
        rangee.setSpacing(8)
        rangee.addStretch(1)
        self.boutons: dict[str, Bouton] = {}
        for code, verbe, icone in GESTES:
            bouton = Bouton(verbe, "second", icone)
            bouton.clicked.connect(lambda _=False, c=code: self.geste.emit(c))
            rangee.addWidget(bouton)
            bouton.hide()  # until it is known what this identity allows
            self.boutons[code] = bouton
        carte.corps.addWidget(barre)
        page.addWidget(carte, 1)

    def montrer(self, patient: str, etapes: Sequence[EtapeIdentite],
                gestes: Collection[str] = ()) -> None:
        """Show the story of a patient, newest step first, and the `gestes` it allows."""
        for code, bouton in self.boutons.items():
            bouton.setVisible(code in gestes)
        self._etapes = tuple(etapes)
        self._titre.setText(f"Historique de l’identité : {patient}")
        self._remplir()

    def _remplir(self) -> None:
        vider(self._colonne)
        montrees = [e for e in self._etapes if not self.statuts_seuls.isChecked()
                    or e.statut is not e.statut_avant]
        pluriel = "s" if len(montrees) > 1 else ""
        self._carte.titre.setText(f"{len(montrees)} étape{pluriel}")
        for rang, etape in enumerate(montrees):
            self._colonne.addWidget(_Etape(etape, rang == len(montrees) - 1))
        self._colonne.addStretch(1)

    def entrer(self) -> None:
        """The page is shown."""
        self.statuts_seuls.setFocus(Qt.FocusReason.OtherFocusReason)
