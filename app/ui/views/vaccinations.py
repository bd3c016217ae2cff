"""The Vaccinations tab (mock 05): a box at the left, the schedule and the history at the right."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.vaccination import CarnetVaccinal, Gravite, ProduitVaccin, Proposition
from app.ui import theme
from app.ui.views.carnet_vaccinal import CarteHistorique, CarteSituation
from app.ui.views.elements import Bouton, BoutonIcone, Etiquette, Icone, Lien, vider
from app.ui.views.messages import MessageEnLigne
from app.ui.views.pages_pdf import PagesPdf
from app.ui.views.saisie_vaccin import FormulaireVaccin

#: Width of the form: as the mock, a little more on a wide screen.
LARGEUR_MIN, LARGEUR_MAX = 452, 520
#: The schedule and the history need so much beside it.
LARGEUR_DROITE = 420
#: Qt's own greatest size.
_SANS_LIMITE = 16_777_215


class VueVaccinations(QWidget):
    """Scan, check, validate. Everything else waits at the right."""

    #: Text of a code typed or pasted by hand.
    code_saisi = Signal(str)
    #: Another vaccine was chosen by hand: ProduitVaccin.
    produit_choisi = Signal(object)
    #: SaisieVaccination.
    apercu_demande = Signal(object)
    validation_demandee = Signal(object)
    document_demande = Signal(int)
    lien_demande = Signal()
    #: Show the box to the camera of this machine.
    camera_demandee = Signal()
    #: Which readers fit, and how to set them (MIN.VACC.DOC).
    lecteurs_demandes = Signal()
    #: (page from 0, width in device pixels).
    page_demandee = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._aujourdhui = ""
        entier = QVBoxLayout(self)
        entier.setContentsMargins(0, 0, 0, 0)
        defile = QScrollArea()
        defile.setWidgetResizable(True)
        defile.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        defile.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        entier.addWidget(defile)
        self._contenu = contenu = QWidget()
        theme.poser(contenu, fond="fond")
        contenu.setMinimumSize(1, 1)
        defile.setWidget(contenu)
        self._rangee = rangee = QBoxLayout(QBoxLayout.Direction.LeftToRight, contenu)
        rangee.setContentsMargins(16, 12, 16, 12)
        rangee.setSpacing(12)
        self._carte = self._gauche()
        rangee.addWidget(self._carte)
        self._droite = QStackedWidget()
        self._droite.addWidget(self._cartes())
        self._droite.addWidget(self._apercu())
        rangee.addWidget(self._droite, 1)
        for touches in ("Ctrl+Return", "Ctrl+Enter"):
            raccourci = QShortcut(QKeySequence(touches), self)
            raccourci.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            raccourci.activated.connect(self._valider)

    # -- construction ------------------------------------------------------------------------

    def _gauche(self) -> QWidget:
        carte = QFrame()
        theme.poser(carte, carte="oui")
        colonne = QVBoxLayout(carte)
        colonne.setContentsMargins(1, 8, 1, 1)
        colonne.setSpacing(0)
        tete = QHBoxLayout()
        tete.setContentsMargins(12, 0, 12, 6)
        tete.setSpacing(8)
        tete.addWidget(Icone("vaccine", "texte2", 18))
        tete.addWidget(Etiquette("Nouvelle vaccination", "trait", "texte", 600))
        tete.addStretch(1)
        self.sans_boite = Lien("Saisir sans boîte")
        self.sans_boite.clicked.connect(self.saisir_a_la_main)
        tete.addWidget(self.sans_boite)
        colonne.addLayout(tete)
        self._messages = QVBoxLayout()
        self._messages.setContentsMargins(12, 0, 12, 0)
        self._messages.setSpacing(6)
        colonne.addLayout(self._messages)
        self._pile = QStackedWidget()
        self._pile.addWidget(self._accueil())
        self._pile.addWidget(self._edition())
        colonne.addWidget(self._pile, 1)
        return carte

    def _accueil(self) -> QWidget:
        accueil = QWidget()
        colonne = QVBoxLayout(accueil)
        colonne.setContentsMargins(24, 12, 24, 16)
        colonne.setSpacing(8)
        milieu = Qt.AlignmentFlag.AlignHCenter
        colonne.addStretch(2)
        colonne.addWidget(Icone("scan", "accent", 40), 0, milieu)
        colonne.addWidget(Etiquette("Scannez la boîte du vaccin", "title"), 0, milieu)
        phrase = Etiquette("Le carré de points remplit la note : vous contrôlez le site "
                           "d’injection, puis vous validez.", "body", "texte2")
        phrase.setWordWrap(True)
        phrase.setAlignment(Qt.AlignmentFlag.AlignCenter)
        colonne.addWidget(phrase)
        colonne.addSpacing(12)
        ligne = QHBoxLayout()
        ligne.setSpacing(8)
        self.code = QLineEdit()
        self.code.setPlaceholderText("Ou collez le code lu")
        self.code.setAccessibleName("Code de la boîte")
        self.code.returnPressed.connect(self._lire_code)
        lire = Bouton("Lire", icone="scan")
        lire.clicked.connect(self._lire_code)
        self.camera = Bouton("Caméra", icone="scan", touche="F6")
        self.camera.clicked.connect(self.camera_demandee)
        ligne.addWidget(self.code, 1)
        ligne.addWidget(lire)
        ligne.addWidget(self.camera)
        colonne.addLayout(ligne)
        colonne.addSpacing(4)
        self.lecteurs = Lien("Lecteurs compatibles et réglages")
        self.lecteurs.clicked.connect(self.lecteurs_demandes)
        colonne.addWidget(self.lecteurs, 0, milieu)
        colonne.addStretch(3)
        return accueil

    def _edition(self) -> QWidget:
        cadre = QWidget()
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        self.formulaire = FormulaireVaccin()
        self.formulaire.produit_choisi.connect(self.produit_choisi)
        contenu = QWidget()
        theme.poser(contenu, fond="surface")
        interieur = QVBoxLayout(contenu)
        interieur.setContentsMargins(12, 10, 12, 10)
        interieur.addWidget(self.formulaire)
        interieur.addStretch(1)
        self._defile = defile = QScrollArea()
        defile.setWidgetResizable(True)
        defile.setFrameShape(QFrame.Shape.NoFrame)
        defile.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        defile.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        defile.setWidget(contenu)
        colonne.addWidget(defile, 1)
        pied = QFrame()
        theme.poser(pied, fond="surface2", trait="haut")
        rangee = QHBoxLayout(pied)
        rangee.setContentsMargins(12, 9, 12, 9)
        rangee.setSpacing(8)
        self.annuler = Bouton("Annuler")
        self.annuler.clicked.connect(self.accueillir)
        self.apercu = Bouton("Aperçu", icone="eye")
        self.apercu.clicked.connect(lambda: self.apercu_demande.emit(self.formulaire.saisie))
        self.valider = Bouton("Valider la note", "principal", "check", "Ctrl+Entrée")
        self.valider.clicked.connect(self._valider)
        rangee.addWidget(self.annuler)
        rangee.addWidget(self.apercu)
        rangee.addStretch(1)
        rangee.addWidget(self.valider)
        colonne.addWidget(pied)
        return cadre

    def _cartes(self) -> QWidget:
        cadre = QWidget()
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(12)
        self.situation = CarteSituation()
        self.situation.lien_demande.connect(self.lien_demande)
        self.historique = CarteHistorique()
        self.historique.document_demande.connect(self.document_demande)
        colonne.addWidget(self.situation)
        colonne.addWidget(self.historique, 1)
        return cadre

    def _apercu(self) -> QWidget:
        cadre = QFrame()
        theme.poser(cadre, carte="oui")
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(1, 1, 1, 1)
        colonne.setSpacing(0)
        tete = QHBoxLayout()
        tete.setContentsMargins(12, 6, 8, 6)
        tete.addWidget(Icone("eye", "texte2", 18))
        tete.addWidget(Etiquette("Aperçu de la note", "trait", "texte", 600))
        tete.addWidget(Etiquette("telle qu’elle sera gardée", "small", "texte2"), 1)
        fermer = BoutonIcone("x", "Fermer l’aperçu", bordure=False)
        fermer.clicked.connect(self.fermer_apercu)
        tete.addWidget(fermer)
        colonne.addLayout(tete)
        self.pages = PagesPdf()
        self.pages.page_demandee.connect(self.page_demandee)
        colonne.addWidget(self.pages, 1)
        return cadre

    # -- what the controller says ------------------------------------------------------------

    def afficher(self, carnet: CarnetVaccinal) -> None:
        """Show what is known; what is being filled stays."""
        self._aujourdhui = carnet.aujourdhui
        self.formulaire.definir_choix(carnet.voies, carnet.sites)
        self.formulaire.avis.setText(carnet.avis)
        self.formulaire.avis.setVisible(bool(carnet.avis))
        self.situation.definir(carnet.situation, carnet.aide, carnet.lien)
        self.historique.definir(carnet.faites)

    def definir_vaccins(self, produits: Sequence[ProduitVaccin]) -> None:
        """Vaccines for a choice by hand."""
        self.formulaire.definir_vaccins(produits)

    def definir_canal(self, texte: str, *, possible: bool) -> None:
        """Whether the note can go to the DMP, and when."""
        self.formulaire.dmp.setEnabled(possible)
        self.formulaire.canal.setText(texte)

    def accueillir(self) -> None:
        """Wait for a box."""
        self._dire()
        self.fermer_apercu()
        self.code.clear()
        self.formulaire.vider(self._aujourdhui)
        self.activer(True)
        self.sans_boite.show()
        self._pile.setCurrentIndex(0)

    def saisir_a_la_main(self) -> None:
        """The empty form."""
        self._dire()
        self.formulaire.vider(self._aujourdhui)
        self._editer()
        self.formulaire.vaccin.setFocus(Qt.FocusReason.OtherFocusReason)

    def _editer(self) -> None:
        self.fermer_apercu()
        self.activer(True)
        self._pile.setCurrentIndex(1)

    def proposer(self, lue: Proposition) -> None:
        """A box was read: what it says, what to look at, the form filled."""
        if not lue.medicament:
            self._dire("alerte", lue.remarques[0].message, "Saisir sans boîte",
                       self.saisir_a_la_main)
            return
        self._editer()
        self.formulaire.proposer(lue, self._aujourdhui)
        QTimer.singleShot(50, self, self._montrer_focus)
        nom = lue.produit.nom if lue.produit else ""
        tete = f"Boîte lue : {nom}." if nom else "Boîte lue, vaccin à choisir."
        suite = " ".join(r.message for r in lue.remarques) or "Contrôlez les champs, puis validez."
        perime = lue.a("EXPIRED") and not lue.a("RECALLED")
        if lue.gravite is Gravite.BLOQUANT:
            pire = next(r for r in lue.remarques if r.gravite is Gravite.BLOQUANT)
            autres = " ".join(r.message for r in lue.remarques if r is not pire)
            self._dire("erreur", " ".join(x for x in (pire.message, f"{nom}." if nom else "",
                                                      autres) if x),
                       "Vacciner quand même" if perime else "Relire",
                       self.formulaire.demander_motif if perime else self.accueillir)
        elif lue.gravite is None:
            self._dire("succes", f"{tete} {suite}", "Relire", self.accueillir)
        else:
            self._dire(lue.gravite.value, f"{tete} {suite}", "Relire", self.accueillir)

    def suggerer(self, lue: Proposition) -> None:
        """Nature, route and site for a vaccine chosen by hand."""
        self.formulaire.suggerer(lue)

    def validation_refusee(self, texte: str, champs: Sequence[tuple[str, str]] = ()) -> None:
        """Nothing was kept: why, where."""
        self.activer(True)
        self.formulaire.montrer_fautes(champs)
        QTimer.singleShot(50, self, self._montrer_focus)
        if not champs:
            self._dire("erreur", texte)

    def validee(self, texte: str, remede: str = "",
                sur_remede: Callable[[], None] | None = None) -> None:
        """The note is kept: what exists, what waits."""
        self.accueillir()
        self._dire("succes", texte, remede, sur_remede, fermable=True)

    def activer(self, actif: bool) -> None:
        """False while a validation runs."""
        for widget in (self.valider, self.apercu, self.annuler, self.formulaire):
            widget.setEnabled(actif)

    def montrer_apercu(self, tailles: Sequence[tuple[float, float]]) -> None:
        """A PDF came: sizes of its pages in points."""
        self._droite.setCurrentIndex(1)
        self.pages.definir(tailles)

    def poser_page(self, numero: int, largeur: int, image: QImage) -> None:
        """A page drawn by the worker."""
        self.pages.poser_page(numero, largeur, image)

    def fermer_apercu(self) -> None:
        """Back to the schedule and the history."""
        self._droite.setCurrentIndex(0)

    @property
    def en_saisie(self) -> bool:
        """True while a vaccination is being filled."""
        return self._pile.currentIndex() == 1

    # -- inside ------------------------------------------------------------------------------

    def _dire(self, genre: str = "", texte: str = "", remede: str = "",
              sur_remede: Callable[[], None] | None = None, *, fermable: bool = False) -> None:
        """The one message of the panel; without text, none."""
        vider(self._messages)
        if texte:
            self._messages.addWidget(MessageEnLigne(genre, texte, remede, sur_remede,
                                                    fermable=fermable))

    def _montrer_focus(self) -> None:
        """Bring the field that has the focus above the buttons."""
        champ = self.formulaire.focusWidget()
        if champ is not None:
            self._defile.ensureWidgetVisible(champ, 0, theme.espace(24))

    def _lire_code(self) -> None:
        if texte := self.code.text().strip():
            self.code_saisi.emit(texte)

    def _valider(self) -> None:
        if self.en_saisie and self.valider.isEnabled():
            saisie = self.formulaire.saisie
            self.activer(False)
            self.validation_demandee.emit(saisie)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._disposer()

    def _disposer(self) -> None:
        """Side by side; one under the other when the text is large or the window narrow."""
        large, haut = self.width(), self.height()
        empile = large < theme.espace(LARGEUR_MIN + LARGEUR_DROITE) + 44
        self._rangee.setDirection(QBoxLayout.Direction.TopToBottom if empile
                                  else QBoxLayout.Direction.LeftToRight)
        if empile:
            # The buttons of the form stay on screen; what is at the right comes below.
            dessous = self.situation.sizeHint().height() + theme.espace(300)
            self._carte.setMinimumWidth(0)
            self._carte.setMaximumWidth(_SANS_LIMITE)
            self._carte.setFixedHeight(max(haut - 24, self._carte.minimumSizeHint().height()))
            self._droite.setFixedHeight(dessous)
            self._contenu.setMinimumHeight(self._carte.height() + dessous + 36)
            self._contenu.setMaximumHeight(_SANS_LIMITE)
        else:
            self._carte.setFixedWidth(min(max(round(large * 0.355), theme.espace(LARGEUR_MIN)),
                                          theme.espace(LARGEUR_MAX)))
            for cote in (self._carte, self._droite):
                cote.setMinimumHeight(0)
                cote.setMaximumHeight(_SANS_LIMITE)
            self._contenu.setMinimumHeight(1)
            self._contenu.setMaximumHeight(haut)  # the lists scroll, not the page
