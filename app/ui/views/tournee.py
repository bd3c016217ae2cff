"""Tournée & agenda: the day's visits at the left, the day by hour at the right (mock 01)."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLayout,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.agenda import EtatPassage, Passage
from app.domain.patient import PatientResume
from app.ui import theme
from app.ui.models import tournee
from app.ui.models.passages import ModelePassages
from app.ui.models.tournee import DEPLACABLES
from app.ui.views.agenda import LEGENDE, Agenda
from app.ui.views.chiffres import PiedChiffres
from app.ui.views.elements import Bouton, Carte, Etiquette, Icone
from app.ui.views.etat_vide import etat_vide
from app.ui.views.panneau_passage import DemandePassage, PanneauPassage
from app.ui.views.table_passages import TablePassages
from app.ui.views.tournee_tete import TeteTournee, jour_en_lettres


class PageTournee(QWidget):
    """The page. A controller feeds it with `afficher` and listens to its signals."""

    #: Day asked (AAAA-MM-JJ).
    jour_demande = Signal(str)
    #: Patient id.
    dossier_demande = Signal(int)
    #: (visit, state).
    etat_demande = Signal(object, object)
    #: List of (visit, "HH:MM").
    heures_demandees = Signal(list)
    #: DemandePassage.
    ajout_demande = Signal(object)
    suppression_demande = Signal(object)
    #: Text typed in the patient field of the panel.
    recherche_patient = Signal(str)
    #: Open « À valider ».
    validation_demandee = Signal()
    nouveau_patient = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jour = date.today()
        self._aujourd_hui = date.today
        self.modele = ModelePassages(self)
        self._selection: int | None = None
        colonne = QVBoxLayout(self)
        colonne.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        colonne.setContentsMargins(16, 10, 16, 14)
        colonne.setSpacing(10)
        self.tete = TeteTournee(self, lambda: self._aujourd_hui())
        colonne.addWidget(self.tete)
        corps = QHBoxLayout()
        corps.setSpacing(12)
        self._carte = self._carte_passages()
        corps.addWidget(self._carte, 7)
        self.cote = QStackedWidget()
        self.cote.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.cote.setMinimumWidth(theme.espace(300))
        self.cote.addWidget(self._carte_agenda())
        self.panneau = PanneauPassage()
        self.cote.addWidget(self.panneau)
        corps.addWidget(self.cote, 3)
        colonne.addLayout(corps, 1)
        self._brancher()
        self._titrer()
        theme.signaux().change.connect(self._empiler)

    # -- construction ------------------------------------------------------------------------

    def _carte_passages(self) -> QWidget:
        carte = QFrame()
        theme.poser(carte, carte="oui")
        colonne = QVBoxLayout(carte)
        colonne.setContentsMargins(1, 1, 1, 1)
        colonne.setSpacing(0)
        cadre_tete = QWidget()
        cadre_tete.setMinimumHeight(theme.espace(38))
        tete = QHBoxLayout(cadre_tete)
        tete.setContentsMargins(12, 2, 8, 2)
        tete.setSpacing(8)
        self._icone_groupe = Icone("route", "texte2", 18)
        self._titre_groupe = Etiquette("", "trait", "texte", 600)
        self._resume_groupe = Etiquette("", "small", "texte2")
        self.fait = Bouton("Marquer fait", icone="check", touche="Espace", petit=True)
        self.ouvrir = Bouton("Ouvrir le dossier", touche="Entrée", petit=True)
        for bouton in (self.fait, self.ouvrir):
            bouton.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        tete.addWidget(self._icone_groupe)
        tete.addWidget(self._titre_groupe)
        tete.addWidget(self._resume_groupe)
        tete.addStretch(1)
        tete.addWidget(self.fait)
        tete.addWidget(self.ouvrir)
        colonne.addWidget(cadre_tete)
        self.pile = QStackedWidget()
        self.table = TablePassages(self.modele)
        self.pile.addWidget(self.table)
        self.pile.addWidget(self._vide())
        colonne.addWidget(self.pile, 1)
        self.pied = PiedChiffres()
        colonne.addWidget(self.pied)
        return carte

    def _vide(self) -> QWidget:
        self._texte_vide = Etiquette("Aucun passage ce jour.", "title")
        self._conseil_vide = Etiquette(
            "Ajoutez un passage : le dossier du patient s’ouvrira d’ici en un geste.",
            "body", "texte2")
        self._ajouter_vide = Bouton("Ajouter un passage", "second", "plus")
        return etat_vide("route", self._texte_vide, self._conseil_vide, self._ajouter_vide,
                         espace=12)

    def _carte_agenda(self) -> QWidget:
        carte = Carte("Agenda", "calendar")
        for _, libelle, barre, _fond in LEGENDE:
            paire = QHBoxLayout()
            paire.setSpacing(6)
            paire.addWidget(_CarreLegende(barre))
            paire.addWidget(Etiquette(libelle, "small", "texte2"))
            carte.tete.addLayout(paire)
            carte.tete.addSpacing(4)
        self.agenda = Agenda()
        carte.corps.addWidget(self.agenda, 1)
        return carte

    def _brancher(self) -> None:
        self.tete.jour_demande.connect(lambda jour: self.jour_demande.emit(jour.isoformat()))
        self.tete.ajout_demande.connect(self.ouvrir_panneau)
        self.tete.validation_demandee.connect(self.validation_demandee)
        self.tete.de_qui_change.connect(self._restreindre)
        self._ajouter_vide.clicked.connect(self.ouvrir_panneau)
        self.table.ouvrir.connect(self._ouvrir)
        self.table.basculer_fait.connect(self._basculer)
        self.table.bouger.connect(self._bouger)
        self.table.supprimer.connect(self.suppression_demande)
        self.table.customContextMenuRequested.connect(self._menu)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._courant())
        self.modele.deplacement.connect(self._deplacer_a)
        self.modele.heure_saisie.connect(
            lambda p, heure: self.heures_demandees.emit([(p, heure)]))
        self.fait.clicked.connect(lambda: self._basculer(self.table.passage_courant()))
        self.ouvrir.clicked.connect(lambda: self._ouvrir(self.table.passage_courant()))
        self.agenda.choisi.connect(self.selectionner)
        self.pied.filtre.connect(self._filtrer)
        self.panneau.ferme.connect(self.fermer_panneau)
        self.panneau.ajoute.connect(self.ajout_demande)
        self.panneau.recherche.connect(self.recherche_patient)
        self.panneau.nouveau_patient.connect(self.nouveau_patient)

    # -- what the controller says ------------------------------------------------------------

    @property
    def jour(self) -> date:
        """The day shown."""
        return self._jour

    def afficher(self, jour: date, passages: Sequence[Passage]) -> None:
        """Show a day; the current visit stays current when it is still there."""
        meme_jour = jour == self._jour
        garde = self.table.passage_courant() if meme_jour else None
        voulu = self._selection if self._selection is not None else (garde.id if garde else None)
        self._selection, self._jour = None, jour
        self.modele.definir(passages, jour)
        self._apres_modele(voulu)
        self._montrer_jour()
        self._titrer()

    def nommer(self, noms: Mapping[int, str], moi: int) -> None:
        """Names of the accounts: whose visit it is, when several people's are on screen."""
        self.modele.nommer(noms, moi)
        self.table.repartir()
        self._montrer_jour()
        self._titrer()

    def a_valider(self, nombre: int) -> None:
        """Documents that others prepared and that wait for the user; 0 shows nothing."""
        self.tete.a_valider(nombre)
        self._titrer()

    def _montrer_jour(self) -> None:
        passages, plusieurs = self.modele.passages, self.modele.a_plusieurs
        if self.tete.proposer_de_qui(plusieurs and self.modele.a_des_miens):
            self.modele.restreindre(False)
        self.agenda.definir(
            passages, self._jour == self._aujourd_hui(),
            partial(self.modele.qui, court=True)
            if len({p.professionnel_id for p in passages}) > 1 else None)
        self.pied.definir(tournee.chiffres(passages), self.modele.filtre)

    def _restreindre(self) -> None:
        garde = self.table.passage_courant()
        self.modele.restreindre(bool(self.tete.de_qui.valeur))
        self._apres_modele(garde.id if garde else None)
        self._montrer_jour()

    def selectionner(self, passage_id: int) -> None:
        """Make a visit current, now or when it comes with the next `afficher`."""
        ligne = self.modele.ligne_de(passage_id)
        if ligne < 0:
            self._selection = passage_id
            return
        self.table.aller_a(ligne)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def ouvrir_panneau(self) -> None:
        """Show the panel that adds a visit."""
        self.cote.setCurrentWidget(self.panneau)
        self._empiler()
        self.panneau.ouvrir("" if self._jour != self._aujourd_hui() else tournee.maintenant())

    def fermer_panneau(self) -> None:
        """Back to the agenda."""
        self.cote.setCurrentIndex(0)
        self._empiler()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def proposer_patients(self, texte: str, patients: Sequence[PatientResume]) -> None:
        """Answer to `recherche_patient`."""
        self.panneau.proposer(texte, patients)

    # -- inside ------------------------------------------------------------------------------

    def _apres_modele(self, voulu: int | None) -> None:
        self.table.clearSpans()
        for ligne in range(self.modele.rowCount()):
            if self.modele.passage(ligne) is None:
                self.table.setSpan(ligne, 0, 1, self.modele.columnCount())
        rang = self.modele.ligne_de(voulu) if voulu is not None else -1
        if rang < 0:
            rang = self._premier_a_faire()
        if rang >= 0:
            self.table.aller_a(rang)
        groupes = self.modele.groupes
        self.pile.setCurrentIndex(0 if groupes else 1)
        if not groupes and self.modele.passages:
            self._texte_vide.setText("Aucun passage ne répond à ce filtre.")
            self._conseil_vide.setText("Cliquez de nouveau sur le chiffre pour tout revoir.")
        else:
            self._texte_vide.setText("Aucun passage ce jour.")
            self._conseil_vide.setText("Ajoutez un passage : le dossier du patient s’ouvrira "
                                       "d’ici en un geste.")
        self._ajouter_vide.setVisible(not self.modele.passages)
        if groupes:
            self._icone_groupe.definir(groupes[0].icone)
        self._titre_groupe.setText(groupes[0].titre if groupes else "Tournée")
        self._resume_groupe.setText(groupes[0].resume if groupes else "")
        self._courant()

    def _premier_a_faire(self) -> int:
        for ligne in range(self.modele.rowCount()):
            p = self.modele.passage(ligne)
            if p is not None and p.etat in DEPLACABLES:
                return ligne
        return 0 if self.modele.rowCount() else -1

    @property
    def _serre(self) -> bool:
        return self.width() < theme.espace(780)

    def _titrer(self) -> None:
        self.tete.montrer(self._jour, self.width() - 32, serre=self._serre)

    def _courant(self) -> None:
        p = self.table.passage_courant()
        fait = p is not None and p.etat is EtatPassage.FAIT
        self.fait.setText("Remettre à faire" if fait else "Marquer fait")
        self.fait.definir_icone("arrow-back-up" if fait else "check")
        self.fait.setVisible(p is not None)
        self.ouvrir.setVisible(p is not None and p.patient is not None)
        self.table.viewport().update()

    def _ouvrir(self, p: Passage | None) -> None:
        if p is not None and p.patient is not None:
            self.dossier_demande.emit(p.patient.id)

    def _basculer(self, p: Passage | None) -> None:
        if p is not None:
            self.etat_demande.emit(
                p, EtatPassage.A_VENIR if p.etat is EtatPassage.FAIT else EtatPassage.FAIT)

    def _bouger(self, p: Passage, pas: int) -> None:
        mobiles = sorted((x for x in self.modele.passages if x.etat in DEPLACABLES),
                         key=lambda x: (x.heure, x.id))
        rang = next((i for i, x in enumerate(mobiles) if x.id == p.id), None)
        if rang is not None:
            self._deplacer_a(p.id, rang + pas)

    def _deplacer_a(self, passage_id: int, rang: int) -> None:
        changements = tournee.reordonner(self.modele.passages, passage_id, rang)
        if changements:
            self._selection = passage_id
            self.heures_demandees.emit(changements)

    def _filtrer(self, filtre: str) -> None:
        garde = self.table.passage_courant()
        self.modele.filtrer(filtre)
        self._apres_modele(garde.id if garde else None)

    def _menu(self, point: QPoint) -> None:
        index = self.table.indexAt(point)
        p = self.modele.passage(index.row()) if index.isValid() else self.table.passage_courant()
        if p is None:
            return
        menu = QMenu(self)

        def action(texte: str, touche: str, fait: object, actif: bool = True) -> None:
            a = QAction(f"{texte}\t{touche}" if touche else texte, menu)
            a.setEnabled(actif)
            a.triggered.connect(fait)
            menu.addAction(a)

        mobile = p.etat in DEPLACABLES
        action("Ouvrir le dossier", "Entrée", lambda: self._ouvrir(p), p.patient is not None)
        menu.addSeparator()
        action("Remettre à faire" if p.etat is EtatPassage.FAIT else "Marquer fait", "Espace",
               lambda: self._basculer(p))
        if p.etat is EtatPassage.A_VENIR:
            action("Marquer en cours", "",
                   lambda: self.etat_demande.emit(p, EtatPassage.EN_COURS))
        action("Modifier l’heure", "F2", self.table.editer_heure, mobile)
        action("Monter", "Alt+↑", lambda: self._bouger(p, -1), mobile)
        action("Descendre", "Alt+↓", lambda: self._bouger(p, 1), mobile)
        menu.addSeparator()
        if p.etat is not EtatPassage.ANNULE:
            action("Annuler le passage", "",
                   lambda: self.etat_demande.emit(p, EtatPassage.ANNULE))
        else:
            action("Rétablir le passage", "",
                   lambda: self.etat_demande.emit(p, EtatPassage.A_VENIR))
        action("Supprimer le passage", "Suppr", lambda: self.suppression_demande.emit(p))
        menu.popup(self.table.viewport().mapToGlobal(point))

    def minimumSizeHint(self) -> QSize:
        """The page follows the window: panels stack and words leave before anything is cut."""
        return QSize(theme.espace(420), theme.espace(320))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._empiler()

    def _empiler(self) -> None:
        """Without room for two panels, the agenda leaves; the panel that adds takes the place."""
        etroit = self.width() < theme.espace(980)
        panneau = self.cote.currentWidget() is self.panneau
        self.cote.setVisible(not etroit or panneau)
        self._carte.setVisible(not etroit or not panneau)
        serre = self._serre
        self._resume_groupe.setVisible(not serre)
        self.ouvrir.definir_touche("" if serre else "Entrée")
        self.fait.definir_touche("" if serre else "Espace")
        self._titrer()
        self.table.repartir()


class _CarreLegende(QWidget):
    """A small square in the colour of a place."""

    def __init__(self, couleur: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._couleur = couleur
        self.setFixedSize(10, 16)

    def paintEvent(self, event: object) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        peintre.setPen(Qt.PenStyle.NoPen)
        peintre.setBrush(theme.couleur(self._couleur))
        peintre.drawRoundedRect(0, 3, 10, 10, 2, 2)


__all__ = ["DemandePassage", "PageTournee", "TablePassages", "jour_en_lettres"]
