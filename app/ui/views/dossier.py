"""The patient file: banner, DICA, Mon espace santé, tabs (mocks 02 and 03).

Tabs are built when they are first shown: opening a file costs the banner and the summary only.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLayout,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app.domain.consent import EpisodeSoins
from app.domain.dica import Dica
from app.domain.dmp import BandeauMes
from app.domain.document import EtatLigne, ListeDocuments
from app.domain.identity import Attribut
from app.domain.libelles import message_attributs
from app.domain.patient import Patient
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.views.bandeau import Bandeau
from app.ui.views.bouton_menu import BoutonMenu
from app.ui.views.courrier import VueCourriers
from app.ui.views.dica import PopoverDica
from app.ui.views.documents import VueDocuments
from app.ui.views.documents_structures import VueFormulaires
from app.ui.views.elements import Bouton, Etiquette, Icone, Puce
from app.ui.views.etat_vide import etat_vide
from app.ui.views.mes import BarreMes
from app.ui.views.messages import MessageEnLigne, PileMessages
from app.ui.views.observations import VueObservations
from app.ui.views.onglets import Onglets
from app.ui.views.synthese import VueSynthese
from app.ui.views.vaccinations import VueVaccinations

ONGLETS: tuple[tuple[str, str], ...] = (
    ("synthese", "Synthèse"),
    ("observations", "Observations"),
    ("documents", "Documents"),
    ("vaccinations", "Vaccinations"),
    ("formulaires", "Formulaires"),
    ("courriers", "Courriers"),
)
PRELEVEMENT = "Prélèvement à domicile"
#: Tabs shown only when a profile of the practice has them.
SELON_PROFIL = frozenset({"vaccinations", "formulaires"})


class PageDossier(QWidget):
    """One patient file, or the sentence that says how to open one.

    The parts are reached by `bandeau`, `mes`, `dica`, `synthese`, `observations`, `documents`,
    `vaccinations`, `formulaires` and `courriers`: their own signals say what is asked.
    """

    #: Code of the tab shown.
    onglet_change = Signal(str)
    #: +1 or -1: next or previous patient of the tournée.
    voisin_demande = Signal(int)
    bris_de_glace_arrete = Signal()
    recherche_demandee = Signal()
    prelevement_demande = Signal()
    #: Hand the whole file over; see who opened it.
    export_demande = Signal()
    acces_demande = Signal()
    #: A tab was built for the first time: code, view.
    onglet_construit = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pageDossier")
        colonne = QVBoxLayout(self)
        colonne.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        self._pile = QStackedWidget()
        colonne.addWidget(self._pile)
        self._pile.addWidget(self._vide())
        self._dossier = QWidget()
        self._pile.addWidget(self._dossier)
        self._monter()
        self.patient_id: int | None = None

    def _vide(self) -> QWidget:
        self.chercher = Bouton("Chercher un patient", icone="search", touche="Ctrl+K")
        self.chercher.clicked.connect(self.recherche_demandee)
        return etat_vide(
            "folder-open", Etiquette("Aucun dossier ouvert.", "title"),
            Etiquette("Posez une carte Vitale sur le lecteur, ou cherchez un patient.", "body",
                      "texte2"), self.chercher, espace=12)

    def _monter(self) -> None:
        colonne = QVBoxLayout(self._dossier)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        self.bandeau = Bandeau()
        self.mes = BarreMes()
        self._alerte = self._bande("alerte")
        self._bris = self._bande("erreur")
        self._bris_arreter = Bouton("Terminer le bris de glace", petit=True)
        self._bris_arreter.clicked.connect(self.bris_de_glace_arrete)
        disposition = self._bris.layout()
        assert disposition is not None
        disposition.addWidget(self._bris_arreter)
        self.onglets = Onglets()
        self.onglets.setDrawBase(False)
        self.onglets.setExpanding(False)
        self.onglets.setAccessibleName("Parties du dossier")
        for code, libelle in ONGLETS:
            rang = self.onglets.addTab(libelle)
            self.onglets.setTabVisible(rang, code not in SELON_PROFIL)
        self.onglets.currentChanged.connect(self._changer_onglet)
        rangee = self._rangee_onglets = QFrame()
        theme.poser(rangee, fond="surface", trait="bas")
        cadre = QHBoxLayout(rangee)
        cadre.setContentsMargins(8, 0, 8, 0)
        cadre.addWidget(self.onglets)
        cadre.addStretch(1)
        self.prelevement = Bouton(PRELEVEMENT, "discret", "home", "F7", petit=True)
        self.prelevement.setAccessibleName(PRELEVEMENT)
        self.prelevement.clicked.connect(self.prelevement_demande)
        self.prelevement.hide()
        cadre.addWidget(self.prelevement)
        self.autres = BoutonMenu("dots-vertical", "Autres gestes sur ce dossier")
        self.autres.ajouter("archive", "Remettre le dossier au patient…", self.export_demande)
        self.autres.ajouter("list", "Qui a vu ce dossier", self.acces_demande)
        cadre.addWidget(self.autres)
        self.messages = PileMessages()
        self._vues = QStackedWidget()
        self._construites: dict[str, QWidget] = {}
        self._places: dict[str, QWidget] = {}
        for code, _ in ONGLETS:
            place = QWidget()
            self._places[code] = place
            self._vues.addWidget(place)
        for widget in (self.bandeau, self._alerte, self.mes, self._bris, rangee, self.messages):
            colonne.addWidget(widget)
        colonne.addWidget(self._vues, 1)
        self.dica = PopoverDica(self.bandeau.dica, self._dossier)
        self.bandeau.dica_demande.connect(self._basculer_dica)
        self.dica.ferme.connect(lambda: self.bandeau.dica.setChecked(False))
        self._raccourcis()
        self._construire("synthese")
        theme.signaux().change.connect(self._serrer_onglets)

    def _bande(self, genre: str) -> QFrame:
        bande = QFrame()
        theme.poser(bande, message=genre)
        rangee = QHBoxLayout(bande)
        rangee.setContentsMargins(12, 5, 12, 5)
        rangee.setSpacing(8)
        icone = "alert-octagon" if genre == "erreur" else "alert-triangle"
        rangee.addWidget(Icone(icone, genre, 18))
        texte = Etiquette("", "body", "texte", 500)
        texte.setObjectName("texteBande")
        texte.setWordWrap(True)
        rangee.addWidget(texte, 1)
        bande.hide()
        return bande

    def _raccourcis(self) -> None:
        def lier(touches: str, geste: Callable[[], object]) -> None:
            raccourci = QShortcut(QKeySequence(touches), self)
            raccourci.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            raccourci.activated.connect(geste)

        lier("F2", lambda: self._basculer_dica(not self.dica.isVisible()))
        lier("F3", self.bandeau.identite_demandee.emit)
        lier("F7", self._demander_prelevement)
        lier("Ctrl+O", self.mes.plus_recent_demande.emit)
        lier("Alt+Right", lambda: self.voisin_demande.emit(1))
        lier("Alt+Left", lambda: self.voisin_demande.emit(-1))
        lier("Ctrl+Tab", lambda: self._voisin_onglet(1))
        lier("Ctrl+Shift+Tab", lambda: self._voisin_onglet(-1))
        for i in range(len(ONGLETS)):
            lier(f"Alt+{i + 1}", partial(self._aller_rang, i))

    # -- parts -------------------------------------------------------------------------------

    @property
    def synthese(self) -> VueSynthese:
        """The summary."""
        vue = self._construire("synthese")
        assert isinstance(vue, VueSynthese)
        return vue

    @property
    def observations(self) -> VueObservations:
        """The notes; built when first asked for."""
        vue = self._construire("observations")
        assert isinstance(vue, VueObservations)
        return vue

    @property
    def documents(self) -> VueDocuments:
        """The documents; built when first asked for."""
        vue = self._construire("documents")
        assert isinstance(vue, VueDocuments)
        return vue

    @property
    def vaccinations(self) -> VueVaccinations:
        """The vaccinations; built when first asked for."""
        vue = self._construire("vaccinations")
        assert isinstance(vue, VueVaccinations)
        return vue

    @property
    def formulaires(self) -> VueFormulaires:
        """The forms; built when first asked for."""
        vue = self._construire("formulaires")
        assert isinstance(vue, VueFormulaires)
        return vue

    @property
    def courriers(self) -> VueCourriers:
        """The letters; built when first asked for."""
        vue = self._construire("courriers")
        assert isinstance(vue, VueCourriers)
        return vue

    def construit(self, code: str) -> bool:
        """True once the tab `code` exists."""
        return code in self._construites

    def _construire(self, code: str) -> QWidget:
        vue = self._construites.get(code)
        if vue is None:
            fabriques: dict[str, Callable[[], QWidget]] = {
                "synthese": VueSynthese, "observations": VueObservations,
                "documents": VueDocuments, "vaccinations": VueVaccinations,
                "formulaires": VueFormulaires, "courriers": VueCourriers}
            vue = fabriques[code]()
            self._construites[code] = vue
            colonne = QVBoxLayout(self._places[code])
            colonne.setContentsMargins(0, 0, 0, 0)
            colonne.addWidget(vue)
            self.onglet_construit.emit(code, vue)
        return vue

    # -- what the controller says ------------------------------------------------------------

    def ouvrir(self, patient: Patient, lieu: str, age: str, *, ins_visible: bool = True) -> None:
        """Show a patient: banner at once, everything of the former one gone."""
        self.patient_id = patient.id
        self.dica.fermer()
        self.messages.vider()
        self._bris.hide()
        self.mes.definir(BandeauMes())
        self.synthese.reinitialiser()
        self.definir_patient(patient, lieu, age, ins_visible=ins_visible)
        self._pile.setCurrentWidget(self._dossier)
        self.onglets.setFocus(Qt.FocusReason.OtherFocusReason)

    def fermer(self) -> None:
        """No patient: nothing of the former one stays on screen."""
        self.patient_id = None
        self.dica.fermer()
        self.messages.vider()
        self._pile.setCurrentIndex(0)

    def definir_patient(self, patient: Patient, lieu: str, age: str, *,
                        ins_visible: bool = True) -> None:
        """Refresh the identity."""
        self.bandeau.afficher(patient, lieu, age, ins_visible=ins_visible)
        texte = message_attributs(patient.identite)
        bloquante = Attribut.DOUTEUSE in patient.identite.attributs or \
            Attribut.FICTIVE in patient.identite.attributs
        theme.poser(self._alerte, message="erreur" if bloquante else "alerte")
        self._texte_bande(self._alerte, texte)
        self._alerte.setVisible(bool(texte))

    def definir_dica(self, dica: Dica, episode: EpisodeSoins | None) -> None:
        """Refresh the answer in the button and in the list."""
        self.bandeau.definir_dica(dica)
        self.dica.definir(dica, episode)
        if dica.consultable and self.dica.isVisible():
            self.dica.fermer()

    def definir_bris_de_glace(self, motif: str) -> None:
        """Red strip over the tabs while a bris de glace runs; "" takes it away."""
        self._texte_bande(self._bris, f"Bris de glace en cours : {motif}" if motif else "")
        self._bris.setVisible(bool(motif))

    def compter(self, documents: ListeDocuments) -> None:
        """Counters of the tabs: unread documents and drafts; none is hidden."""
        nouveaux = sum(not x.lu for x in documents.lignes)
        brouillons = sum(x.etat is EtatLigne.BROUILLON for x in documents.lignes)
        for code, nombre in (("documents", nouveaux), ("courriers", brouillons)):
            rang = [c for c, _ in ONGLETS].index(code)
            ancien = self.onglets.tabButton(rang, QTabBar.ButtonPosition.RightSide)
            if isinstance(ancien, Puce) and ancien.text() == str(nombre):
                continue
            nouvelle = Puce(nombre) if nombre else None
            self.onglets.setTabButton(rang, QTabBar.ButtonPosition.RightSide, nouvelle)
            if ancien is not None:
                ancien.deleteLater()
        self._serrer_onglets()

    def montrer_onglet(self, code: str, visible: bool) -> None:
        """Offer a tab, or take it away."""
        rang = [c for c, _ in ONGLETS].index(code)
        if not visible and self.onglets.currentIndex() == rang:
            self.onglets.setCurrentIndex(0)
        if self.onglets.isTabVisible(rang) != visible:
            self.onglets.setTabVisible(rang, visible)
            self.onglets.updateGeometry()
            self._serrer_onglets()

    def reserver_aux_soignants(self, soignant: bool) -> None:
        """Without the right to read care, neither the DMP nor Mon espace santé is shown."""
        self.mes.setVisible(soignant)
        self.bandeau.dica.setVisible(soignant)
        self.synthese.reserver_aux_soignants(soignant)

    def permettre_gestes(self, *, export: bool, acces: bool) -> None:
        """Rarer gestures that the account may do; without any, nothing shows."""
        self.autres.permettre(export, acces)
        self._serrer_onglets()

    def aller(self, code: str) -> None:
        """Show a tab."""
        self.onglets.setCurrentIndex([c for c, _ in ONGLETS].index(code))

    @property
    def onglet(self) -> str:
        """Code of the tab shown."""
        return ONGLETS[self.onglets.currentIndex()][0]

    def message(self, genre: str, texte: str, remede: str = "",
                sur_remede: Callable[[], None] | None = None, code: str = "") -> MessageEnLigne:
        """Say something about this file, above its content."""
        return self.messages.ajouter(MessageEnLigne(genre, texte, remede, sur_remede, code=code))

    # -- inside ------------------------------------------------------------------------------

    def _texte_bande(self, bande: QFrame, texte: str) -> None:
        etiquette = bande.findChild(Etiquette, "texteBande")
        if isinstance(etiquette, Etiquette):
            etiquette.setText(texte)

    def _demander_prelevement(self) -> None:
        if not self.prelevement.isHidden():
            self.prelevement_demande.emit()

    def _basculer_dica(self, ouvrir: bool) -> None:
        if ouvrir:
            self.bandeau.dica.setChecked(True)
            self.dica.ouvrir()
        else:
            self.dica.fermer()
            self.bandeau.dica.setChecked(False)

    def _voisin_onglet(self, pas: int) -> None:
        visibles = self._visibles
        place = visibles.index(self.onglets.currentIndex())
        self.onglets.setCurrentIndex(visibles[(place + pas) % len(visibles)])

    @property
    def _visibles(self) -> list[int]:
        return [i for i in range(self.onglets.count()) if self.onglets.isTabVisible(i)]

    def _aller_rang(self, rang: int) -> None:
        """The nth tab shown."""
        if rang < len(self._visibles):
            self.onglets.setCurrentIndex(self._visibles[rang])

    def _changer_onglet(self, rang: int) -> None:
        code = ONGLETS[rang][0]
        self._construire(code)
        self._vues.setCurrentWidget(self._places[code])
        self.onglet_change.emit(code)

    def _serrer_onglets(self) -> None:
        """The words of the gesture, then the air between the tabs, leave before a tab does."""
        large = self._rangee_onglets.width() - 24
        if not self.autres.isHidden():
            large -= self.autres.sizeHint().width() + 6
        self._aerer_onglets(True)
        self.prelevement.setText(PRELEVEMENT)
        self.prelevement.definir_touche("F7")
        if self.onglets.sizeHint().width() + self.prelevement.sizeHint().width() > large:
            self.prelevement.setText("")
            self.prelevement.definir_touche("")
            self._aerer_onglets(self.onglets.sizeHint().width()
                                + self.prelevement.sizeHint().width() <= large)
        self.prelevement.setToolTip(sure("" if self.prelevement.text() else f"{PRELEVEMENT} (F7)"))

    def _aerer_onglets(self, oui: bool) -> None:
        serre = "" if oui else "oui"
        if (self.onglets.property("serre") or "") != serre:
            theme.poser(self.onglets, serre=serre)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._serrer_onglets()
        if self.dica.isVisible():
            self.dica.ajuster()
