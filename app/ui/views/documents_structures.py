"""The Formulaires tab: rapid tests, prescriptions, syntheses, filled once and validated."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.formulaire import Forme, SaisieForme, fautes
from app.ui import theme
from app.ui.views.choix_pour import Choix
from app.ui.views.elements import Bouton, Etiquette, Icone, Lien, filet, vider
from app.ui.views.forme import FormeAffichee
from app.ui.views.formulaires_accueil import AccueilFormulaires
from app.ui.views.messages import MessageEnLigne
from app.ui.views.pages_pdf import PagesPdf

#: The draft is kept so long after the last change, and the preview drawn again.
DELAI_GARDE_MS, DELAI_APERCU_MS = 1500, 700


class VueFormulaires(QWidget):
    """Choose a kind, fill, see, validate."""

    genre_choisi = Signal(str)
    reprise_demandee = Signal(int)
    #: Document to correct by a new version.
    correction_demandee = Signal(int)
    #: dict: the tree as filled.
    garde_demandee = Signal(object)
    apercu_demande = Signal(object)
    #: (tree, hold the sending).
    validation_demandee = Signal(object, bool)
    abandon_demande = Signal()
    #: dict: the tree to hand over to the professional.
    proposition_demandee = Signal(object)
    #: Send what somebody prepared back to them.
    renvoi_demande = Signal()
    #: Account for whom one writes.
    pour_change = Signal(int)
    fermeture_demandee = Signal()
    page_demandee = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forme: FormeAffichee | None = None
        self._pour = ""
        """Who will sign what is filled here for them, "" when it is one's own."""
        entier = QVBoxLayout(self)
        entier.setContentsMargins(0, 0, 0, 0)
        self._pile = QStackedWidget()
        entier.addWidget(self._pile)
        self.accueil = AccueilFormulaires()
        self.accueil.genre_choisi.connect(self.genre_choisi)
        self.accueil.reprise_demandee.connect(self.reprise_demandee)
        self.accueil.correction_demandee.connect(self.correction_demandee)
        self.accueil.pour.choisi.connect(self.pour_change)
        self._pile.addWidget(self.accueil)
        self._pile.addWidget(self._edition())
        self._garde = QTimer(self, singleShot=True, interval=DELAI_GARDE_MS)
        self._garde.timeout.connect(self.garder_maintenant)
        self._attente_apercu = QTimer(self, singleShot=True, interval=DELAI_APERCU_MS)
        self._attente_apercu.timeout.connect(self._demander_apercu)
        self._a_garder = self._non_garde = False
        self._etroit: bool | None = None
        for touches in ("Ctrl+Return", "Ctrl+Enter"):
            raccourci = QShortcut(QKeySequence(touches), self)
            raccourci.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            raccourci.activated.connect(lambda: self._valider(False))

    # -- construction ------------------------------------------------------------------------

    def _edition(self) -> QWidget:
        self.partage = QSplitter(Qt.Orientation.Horizontal)
        self.partage.setChildrenCollapsible(False)
        self.partage.setHandleWidth(1)
        self._saisie, self._vue_apercu = self._gauche(), self._droite()
        self.partage.addWidget(self._saisie)
        self.partage.addWidget(self._vue_apercu)
        self.partage.setStretchFactor(0, 11)
        self.partage.setStretchFactor(1, 10)
        self.partage.setSizes([700, 580])
        return self.partage

    def _gauche(self) -> QWidget:
        cadre = QWidget()
        theme.poser(cadre, fond="fond")
        cadre.setMinimumWidth(theme.espace(430))
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        tete = QHBoxLayout()
        tete.setContentsMargins(16, 10, 16, 6)
        self.titre = Etiquette("", "title")
        self.titre.setWordWrap(True)
        self.etat = Etiquette("", "small", "texte2")
        tete.addWidget(self.titre, 1)
        tete.addWidget(self.etat)
        colonne.addLayout(tete)
        self._messages = QVBoxLayout()
        self._messages.setContentsMargins(16, 0, 16, 6)
        colonne.addLayout(self._messages)
        self.defile = QScrollArea()
        self.defile.setWidgetResizable(True)
        self.defile.setFrameShape(QFrame.Shape.NoFrame)
        self.defile.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.defile.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        colonne.addWidget(self.defile, 1)
        colonne.addWidget(self._pied())
        return cadre

    def _pied(self) -> QWidget:
        pied = QFrame()
        theme.poser(pied, fond="surface2", trait="haut")
        colonne = QVBoxLayout(pied)
        colonne.setContentsMargins(16, 8, 16, 9)
        colonne.setSpacing(6)
        self.canal = Etiquette("", "small", "texte2")
        self.canal.setWordWrap(True)
        colonne.addWidget(self.canal)
        rangee = QHBoxLayout()
        rangee.setSpacing(8)
        self.fermer = Bouton("Fermer", touche="Échap")
        self.fermer.setToolTip("Le formulaire reste gardé, à reprendre quand vous voulez.")
        self.fermer.clicked.connect(self._fermer)
        self.abandonner = Bouton("Abandonner", icone="trash")
        self.abandonner.clicked.connect(self.abandon_demande)
        self.voir = Bouton("Aperçu", icone="eye")
        self.voir.clicked.connect(lambda: self._montrer_apercu(True))
        self.voir.hide()
        self.retenir = Bouton("Valider, retenir l’envoi")
        self.retenir.clicked.connect(lambda: self._valider(True))
        self.valider = Bouton("Valider", "principal", "check", "Ctrl+Entrée")
        self.valider.clicked.connect(lambda: self._valider(False))
        for bouton in (self.fermer, self.abandonner):
            rangee.addWidget(bouton)
        rangee.addStretch(1)
        for bouton in (self.voir, self.retenir, self.valider):
            rangee.addWidget(bouton)
        colonne.addLayout(rangee)
        echap = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        echap.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        echap.activated.connect(self._fermer)
        return pied

    def _droite(self) -> QWidget:
        cadre = QFrame()
        theme.poser(cadre, fond="surface")
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(1, 1, 1, 1)
        colonne.setSpacing(0)
        tete = QHBoxLayout()
        tete.setContentsMargins(12, 8, 12, 8)
        tete.setSpacing(8)
        self._revenir = Bouton("Remplir", icone="pencil", petit=True)
        self._revenir.clicked.connect(lambda: self._montrer_apercu(False))
        self._revenir.hide()
        tete.addWidget(self._revenir)
        tete.addWidget(Icone("eye", "texte2", 18))
        tete.addWidget(Etiquette("Aperçu", "trait", "texte", 600))
        tete.addWidget(Etiquette("tel qu’il sera gardé", "small", "texte2"), 1)
        colonne.addLayout(tete)
        colonne.addWidget(filet())
        self._apercu = QStackedWidget()
        colonne.addWidget(self._apercu, 1)
        reste = QWidget()
        dedans = QVBoxLayout(reste)
        dedans.setContentsMargins(24, 20, 24, 20)
        dedans.setSpacing(8)
        self._reste_titre = Etiquette("", "trait", "texte", 600)
        self._reste_titre.setWordWrap(True)
        dedans.addWidget(self._reste_titre)
        self._reste = QVBoxLayout()
        self._reste.setSpacing(4)
        dedans.addLayout(self._reste)
        dedans.addStretch(1)
        self._apercu.addWidget(reste)
        self.pages = PagesPdf()
        self.pages.page_demandee.connect(self.page_demandee)
        self._apercu.addWidget(self.pages)
        return cadre

    # -- what the controller says ------------------------------------------------------------

    def accueillir(self, genres: Sequence[tuple[str, str]],
                   en_cours: Sequence[tuple[int, str, str]] = (),
                   faits: Sequence[tuple[int, str, str]] = ()) -> None:
        """Offer the kinds of the profession, forms begun first, documents to correct last."""
        foyer = QApplication.focusWidget()
        avait_le_clavier = self.en_saisie and foyer is not None and self.isAncestorOf(foyer)
        self._oublier()
        self.accueil.offrir(genres, en_cours, faits)
        self._pile.setCurrentIndex(0)
        if avait_le_clavier:
            # The form leaves with the focus in it: without this, it falls out of the file.
            self.accueil.saisir()

    def definir_pour(self, choix: Choix, moi: int, choisi: int) -> None:
        """For whom one may fill a form, and who validates it."""
        self.accueil.definir_pour(choix, moi, choisi)

    def definir_preparation(self, pour: str = "", par: str = "", *, fige: str = "",
                            renvoi: bool = True) -> None:
        """Who signs, who typed.

        :param pour: one types for this person: it is proposed, not validated.
        :param par: this person typed it for the user.
        :param fige: nothing is to be written here: why.
        :param renvoi: it may be sent back to `par`.
        """
        self._pour = pour
        self.retenir.setVisible(not pour)
        self.valider.setText("Proposer à valider" if pour else "Valider")
        self.valider.definir_icone("list-check" if pour else "check")
        if fige:
            self.figer(fige)
        elif pour:
            self._dire("info", f"Vous remplissez pour {pour}, qui validera.")
        elif par:
            self._dire("info", f"Préparé par {par}. Corrigez si besoin, puis validez.",
                       "Renvoyer…" if renvoi else "",
                       self.renvoi_demande.emit if renvoi else None)

    def figer(self, raison: str) -> None:
        """Nothing more is filled here: what is on screen stays to be read."""
        self._garde.stop()
        self._a_garder = False
        self.activer(False)
        self.fermer.setEnabled(True)
        self._dire("alerte", raison)

    def ouvrir(self, forme: Forme, saisie: SaisieForme) -> None:
        """Fill a form."""
        self._oublier()
        self._forme = FormeAffichee(forme)
        theme.poser(self._forme, fond="fond")
        marge = QWidget()
        theme.poser(marge, fond="fond")
        colonne = QVBoxLayout(marge)
        colonne.setContentsMargins(16, 2, 16, 12)
        colonne.addWidget(self._forme)
        self.defile.setWidget(marge)
        self._forme.poser(saisie.valeur)
        self._forme.modifie.connect(self._modifie)
        self.titre.setText(forme.titre)
        self.etat.setText("")
        self.activer(True)
        self._pile.setCurrentIndex(1)
        self._montrer_reste()
        self._montrer_apercu(False)
        QTimer.singleShot(0, self, self._aller_au_premier)

    def remplir(self, valeur: Mapping[str, object], message: str) -> None:
        """A scan filled part of the form."""
        if self._forme is None:
            return
        self._forme.poser(valeur)
        self._dire("succes", message)
        self._modifie()
        self._aller_au_premier()

    def dire_code(self, texte: str) -> None:
        """A scanned code that fills nothing: why."""
        self._dire("alerte", texte)

    def garde(self, heure: str) -> None:
        """The draft is kept."""
        if self._non_garde:
            self._non_garde = False
            self._dire()
        self.etat.setText(f"Gardé à {heure}")

    def garde_impossible(self, texte: str) -> None:
        """The draft isn't kept: say so while the words are still there; it is tried again."""
        self._a_garder = self._non_garde = True
        self._dire("erreur", texte)

    def montrer_apercu(self, tailles: Sequence[tuple[float, float]]) -> None:
        """A PDF came: sizes of its pages in points."""
        self._apercu.setCurrentIndex(1)
        self.pages.definir(tailles)

    def apercu_impossible(self, texte: str) -> None:
        """What the document's model wants beyond the fields."""
        self._montrer_reste(texte)

    def poser_page(self, numero: int, largeur: int, image: QImage) -> None:
        """A page drawn by the worker."""
        self.pages.poser_page(numero, largeur, image)

    def validation_refusee(self, texte: str, champs: Mapping[str, str]) -> None:
        """Nothing was kept: why, where."""
        self.activer(True)
        self._dire("erreur", texte)
        if self._forme is not None:
            self._montrer(self._forme.montrer_fautes(champs))

    def activer(self, actif: bool) -> None:
        """False while a validation runs."""
        for widget in (self.valider, self.retenir, self.abandonner, self.fermer):
            widget.setEnabled(actif)
        if self._forme is not None:
            self._forme.setEnabled(actif)

    def definir_canal(self, texte: str) -> None:
        """Where the document goes once validated."""
        self.canal.setText(texte)

    @property
    def en_saisie(self) -> bool:
        """True while a form is open."""
        return self._pile.currentIndex() == 1

    @property
    def forme(self) -> FormeAffichee | None:
        """The form on screen."""
        return self._forme

    def garder_maintenant(self) -> None:
        """Hand over what isn't kept yet."""
        self._garde.stop()
        if self._a_garder and self._forme is not None:
            self._a_garder = False
            self.garde_demandee.emit(self._forme.valeur)

    # -- inside ------------------------------------------------------------------------------

    def _oublier(self) -> None:
        self._garde.stop()
        self._attente_apercu.stop()
        self._a_garder = False
        ancien = self.defile.takeWidget()
        if ancien is not None:
            ancien.hide()
            ancien.deleteLater()
        self._forme = None
        self.definir_preparation()
        self._non_garde = False
        self._dire()

    def _modifie(self) -> None:
        self._a_garder = True
        self.etat.setText("")
        self._garde.start()
        self._montrer_reste()

    def _montrer_reste(self, refus: str = "") -> None:
        """What is still to be filled; when nothing is, the preview is asked for."""
        if self._forme is None:
            return
        manquants = fautes(self._forme.forme, self._forme.valeur)
        self._forme.lever_fautes(manquants)
        vider(self._reste)
        if not manquants and not refus:
            self._attente_apercu.start()
            return
        self._attente_apercu.stop()
        self._apercu.setCurrentIndex(0)
        nombre = len(manquants)
        self._reste_titre.setText(
            refus or (f"Il reste {nombre}\u00a0champs à remplir." if nombre > 1
                      else "Il reste un champ à remplir."))
        for chemin in list(manquants)[:12]:
            lien = Lien(self._forme.nom_du_champ(chemin))
            lien.clicked.connect(lambda _=False, c=chemin: self._montrer(
                self._forme.champ(c) if self._forme else None))
            self._reste.addWidget(lien)

    def _demander_apercu(self) -> None:
        if self._forme is not None:
            self.apercu_demande.emit(self._forme.valeur)

    def _aller_au_premier(self) -> None:
        if self._forme is not None:
            self._montrer(self._forme.premier_vide() or self.valider)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Without room for two panels the preview takes the form's place on demand; in a low
        window the fields keep their room, never the buttons."""
        super().resizeEvent(event)
        self.canal.setVisible(self.height() >= theme.espace(360))
        etroit = self.width() < theme.espace(900)
        if etroit != self._etroit:
            self._etroit = etroit
            self.fermer.definir_touche("" if etroit else "Échap")
            self.valider.definir_touche("" if etroit else "Ctrl+Entrée")
            self.voir.setVisible(etroit)
            self._revenir.setVisible(etroit)
            self._montrer_apercu(False)

    def _montrer_apercu(self, oui: bool) -> None:
        """In a narrow window: the preview, or the form."""
        self._vue_apercu.setVisible(oui or not self._etroit)
        self._saisie.setVisible(not oui or not self._etroit)
        if oui and self._etroit:
            self._revenir.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.en_saisie and self.isVisible() and self._revenir.hasFocus():
            self._aller_au_premier()

    def _montrer(self, champ: QWidget | None) -> None:
        if champ is not None:
            self._montrer_apercu(False)
            champ.setFocus(Qt.FocusReason.OtherFocusReason)
            self.defile.ensureWidgetVisible(champ, 0, theme.espace(48))

    def _dire(self, genre: str = "", texte: str = "", remede: str = "",
              sur_remede: Callable[[], None] | None = None) -> None:
        """The one message of the form; without text, none."""
        vider(self._messages)
        if texte:
            self._messages.addWidget(MessageEnLigne(genre, texte, remede, sur_remede))

    def _fermer(self) -> None:
        if self.en_saisie and self.fermer.isEnabled():
            self.garder_maintenant()
            self.fermeture_demandee.emit()

    def _valider(self, retenir: bool) -> None:
        if self._forme is None or not self.valider.isEnabled():
            return
        valeur = self._forme.valeur
        manquants = fautes(self._forme.forme, valeur)
        if manquants:
            nombre = len(manquants)
            self.validation_refusee(
                "Un champ est à compléter." if nombre == 1
                else f"{nombre}\u00a0champs sont à compléter.", manquants)
            return
        self._forme.montrer_fautes({})
        self._dire()
        self._garde.stop()
        self._a_garder = False
        self.activer(False)
        if self._pour:
            self.proposition_demandee.emit(valeur)
            return
        self.validation_demandee.emit(valeur, retenir)
