"""First start: steps at the left, one decision a page, buttons docked at the foot (mock 08b)."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.views.elements import Bouton, Etiquette
from app.ui.views.etapes import Etape
from app.ui.views.marque import Marque
from app.ui.views.messages import MessageEnLigne
from app.ui.views.repli import Repli
from app.ui.views.session import progression

LARGEUR_ETAPES = 300
LARGEUR_PAGE = 700


class _Pas(QWidget):
    """One step of the list: its number, or a tick once done."""

    def __init__(self, numero: int, titre: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numero, self._titre = numero, titre
        self._etat = "apres"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def definir(self, etat: str) -> None:
        """"fait", "courant" or "apres"."""
        self._etat = etat
        mot = {"fait": "terminée", "courant": "en cours", "apres": "à venir"}[etat]
        self.setAccessibleName(f"Étape {self._numero}, {self._titre}, {mot}")
        self.update()

    def sizeHint(self) -> QSize:
        mot = QFontMetrics(theme.police("body", 600)).horizontalAdvance(self._titre)
        haut = max(theme.espace(42), QFontMetrics(theme.police("body")).height() + 20)
        return QSize(26 + theme.espace(19 + 13) + mot + 16, haut)

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        courant = self._etat == "courant"
        if courant:
            peintre.fillRect(self.rect(), theme.couleur("nuit2"))
            peintre.fillRect(0, 0, 3, self.height(), theme.couleur("etoile"))
        cote = theme.espace(19)
        rond = QRectF(26, (self.height() - cote) / 2, cote, cote)
        if self._etat == "fait":
            theme.icone("circle-check-filled", "etoile", 21).paint(
                peintre, rond.adjusted(-1, -1, 1, 1).toRect())
        else:
            ton = theme.couleur("blanc_nuit" if courant else "sur_nuit")
            peintre.setPen(QPen(ton, 1.2))
            peintre.drawEllipse(rond)
            peintre.setFont(theme.police("micro", 600))
            peintre.drawText(rond, int(Qt.AlignmentFlag.AlignCenter), str(self._numero))
        peintre.setFont(theme.police("body", 600 if courant else 400))
        peintre.setPen(theme.couleur("blanc_nuit" if courant else "sur_nuit"))
        zone = QRectF(rond.right() + theme.espace(13), 0, self.width(), self.height())
        peintre.drawText(zone, int(Qt.AlignmentFlag.AlignVCenter), self._titre)


class PremierDemarrage(QWidget):
    """The assistant. Its controller validates each step and answers by `avancer` or `refuser`."""

    #: The user wants to leave the step of this rank (its own fields are already right).
    suivant = Signal(int)
    plus_tard = Signal(int)
    #: A practice exists already: bring it back from a backup.
    restauration = Signal()
    serveur = Signal()

    def __init__(self, etapes: Sequence[Etape], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, fond="surface")
        self._etapes = list(etapes)
        self._message: MessageEnLigne | None = None
        self._premier_retour = 0
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(0)
        self._gauche = self._composer_gauche()
        rangee.addWidget(self._gauche)
        droite = QVBoxLayout()
        droite.setContentsMargins(0, 0, 0, 0)
        droite.setSpacing(0)
        rangee.addLayout(droite, 1)
        self._pile = QStackedWidget()
        for etape in self._etapes:
            self._pile.addWidget(self._habiller(etape))
            etape.pret_change.connect(self._montrer_boutons)
        droite.addWidget(self._pile, 1)
        self._zone_message = QVBoxLayout()
        self._zone_message.setContentsMargins(64, 0, 32, 8)
        droite.addLayout(self._zone_message)
        droite.addWidget(self._composer_pied())
        theme.signaux().change.connect(self._mesurer)
        self.aller(0)

    def _composer_gauche(self) -> QFrame:
        gauche = QFrame()
        theme.poser(gauche, fond="nuit")
        colonne = QVBoxLayout(gauche)
        colonne.setContentsMargins(0, 34, 0, 32)
        colonne.setSpacing(0)
        tete = QVBoxLayout()
        tete.setContentsMargins(26, 0, 16, 16)
        tete.setSpacing(18)
        tete.addWidget(Marque(62))
        tete.addWidget(Etiquette("Premier démarrage", "page", "blanc_nuit"))
        colonne.addLayout(tete)
        self._pas = [_Pas(i + 1, e.titre_court) for i, e in enumerate(self._etapes)]
        for pas in self._pas:
            colonne.addWidget(pas)
        colonne.addStretch(1)
        fin = Etiquette("Rien n’est enregistré avant l’étape « Mot de passe ».", "small",
                        "sur_nuit")
        fin.setWordWrap(True)
        fin.setContentsMargins(26, 0, 16, 0)
        self._note = fin
        colonne.addWidget(fin)
        return gauche

    def _habiller(self, etape: Etape) -> QWidget:
        defilement = QScrollArea()
        defilement.setWidgetResizable(True)
        defilement.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        defilement.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        theme.poser(page, fond="surface")
        colonne = QVBoxLayout(page)
        colonne.setContentsMargins(64, 44, 32, 24)
        colonne.setSpacing(8)
        titre = Etiquette(etape.titre, "figure", "texte")
        titre.setWordWrap(True)
        colonne.addWidget(titre)
        texte = Etiquette(etape.explication, "body", "texte2")
        texte.setWordWrap(True)
        theme.poser(texte, largeur_max=LARGEUR_PAGE)
        colonne.addWidget(texte)
        colonne.addSpacing(10)
        theme.poser(etape, largeur_max=LARGEUR_PAGE)
        colonne.addWidget(etape)
        colonne.addStretch(1)
        defilement.setWidget(page)
        return defilement

    def _composer_pied(self) -> QFrame:
        pied = QFrame()
        theme.poser(pied, fond="surface2", trait="haut")
        rangee = Repli(12)
        pied.setLayout(rangee)
        rangee.setContentsMargins(24, 12, 24, 12)
        self.precedent = Bouton("Précédent", "second", "arrow-left")
        self.bouton_plus_tard = Bouton("Plus tard", "discret")
        self.continuer = Bouton("Continuer", "principal", "arrow-right")
        self.restaurer = Bouton("J’ai une sauvegarde…", "discret", "download")
        self.restaurer.clicked.connect(self.restauration)
        self.rejoindre = Bouton("Le cabinet a un serveur…", "discret", "server")
        self.rejoindre.clicked.connect(self.serveur)
        self._avance = progression()
        self._avance.setFixedWidth(theme.espace(160))
        self._avance.hide()
        fin = QWidget()
        droite = QHBoxLayout(fin)
        droite.setContentsMargins(0, 0, 0, 0)
        droite.setSpacing(12)
        droite.addWidget(self._avance)
        droite.addWidget(self.bouton_plus_tard)
        droite.addWidget(self.continuer)
        for bouton in (self.precedent, self.restaurer, self.rejoindre):
            rangee.addWidget(bouton)
        rangee.addWidget(fin)
        self.precedent.clicked.connect(lambda: self.aller(self.rang - 1))
        self.bouton_plus_tard.clicked.connect(lambda: self.plus_tard.emit(self.rang))
        self.continuer.clicked.connect(self._continuer)
        return pied

    # -- Moving -----------------------------------------------------------------------------

    @property
    def rang(self) -> int:
        """Rank of the step shown."""
        return self._pile.currentIndex()

    @property
    def etape(self) -> Etape:
        """The step shown."""
        return self._etapes[self.rang]

    def aller(self, rang: int) -> None:
        """Show a step and give the focus to its first field."""
        self._dire("", "")
        self._pile.setCurrentIndex(rang)
        for i, pas in enumerate(self._pas):
            pas.definir("fait" if i < rang else "courant" if i == rang else "apres")
        self._montrer_boutons()
        self.etape.entrer()

    def avancer(self) -> None:
        """The step is done: show the next one."""
        self.occuper(False)
        if self.rang + 1 < len(self._etapes):
            self.aller(self.rang + 1)

    def interdire_retour(self) -> None:
        """The file exists now: earlier steps can't be undone any more."""
        self._premier_retour = self.rang + 1
        self._note.setText("Le dossier est créé. Tout se change ensuite dans Réglages.")

    def _montrer_boutons(self) -> None:
        etape = self.etape
        self.precedent.setVisible(self.rang > self._premier_retour)
        self.restaurer.setVisible(self.rang == 0)
        self.rejoindre.setVisible(self.rang == 0)
        self.bouton_plus_tard.setVisible(etape.facultative)
        self.continuer.setText(etape.verbe)
        self.continuer.setVisible(bool(etape.verbe))
        self.continuer.setEnabled(etape.pret())
        self.continuer.updateGeometry()

    def _continuer(self) -> None:
        if self.etape.controler():
            self.suivant.emit(self.rang)

    def occuper(self, oui: bool) -> None:
        """While the controller works, the buttons wait."""
        if oui:
            self._dire("", "")
        self._avance.setVisible(oui)
        self.continuer.setEnabled(not oui and self.etape.pret())
        self.precedent.setEnabled(not oui)

    def refuser(self, texte: str) -> None:
        """Say why the step isn't done."""
        self.occuper(False)
        self._dire("erreur", texte)

    def _dire(self, genre: str, texte: str) -> None:
        if self._message is not None:
            self._message.fermer()
            self._message = None
        if texte:
            self._message = MessageEnLigne(genre, texte, fermable=False)
            theme.poser(self._message, largeur_max=LARGEUR_PAGE)
            self._zone_message.addWidget(self._message)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._mesurer()

    def _mesurer(self) -> None:
        self._gauche.setFixedWidth(min(theme.espace(LARGEUR_ETAPES), self.width() // 3))
