"""The banner of the patient file: traits under unambiguous labels, status, attributes, DICA.

Always visible, never scrolls. Four traits are always there; the practice chooses the others (rule
3, va1.36). The matricule zone exists even when it is empty.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from app.domain import dates, matricule
from app.domain.dica import Dica
from app.domain.identity import Attribut, Identite
from app.domain.libelles import infobulle_statut
from app.domain.patient import Patient
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.views.bouton_dica import BoutonDica
from app.ui.views.elements import vider
from app.ui.views.identite import PastilleAttribut, PastilleStatut
from app.ui.views.menu_identite import MenuIdentite, OptionsMenu
from app.ui.views.trait import Trait

_ECART = 20
#: Always shown (rule 3), then those that a practice may choose, in their order on screen.
OBLIGATOIRES = ("nom_naissance", "premier_prenom", "date_naissance", "sexe")
FACULTATIFS = ("lieu_naissance", "matricule_ins", "oid", "prenoms", "nom_utilise",
               "prenom_utilise")


def repartir(largeurs: Sequence[int], place: int, ecart: int = _ECART) -> list[list[int]]:
    """Ranks of the items of each row, in order; an item wider than `place` is alone in its row."""
    rangees: list[list[int]] = [[]]
    pris = 0
    for rang, largeur in enumerate(largeurs):
        besoin = largeur if not rangees[-1] else pris + ecart + largeur
        if rangees[-1] and besoin > place:
            rangees.append([])
            besoin = largeur
        rangees[-1].append(rang)
        pris = besoin
    return rangees


class Bandeau(QFrame):
    """The banner of one patient."""

    #: Code of the justificatif that was checked.
    document_controle = Signal(str)
    #: Ask INSi now; verify the identity with it.
    insi_demande = Signal()
    verification_demandee = Signal()
    #: Read an appli carte Vitale for this patient.
    apcv_demandee = Signal()
    transitoire_demandee = Signal()
    historique_demande = Signal()
    #: (attribute, present).
    attribut_demande = Signal(object, bool)
    #: Show or hide the DICA list.
    dica_demande = Signal(bool)
    #: The Identité panel (F3).
    identite_demandee = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bandeau")
        self.setAutoFillBackground(True)
        self._options = OptionsMenu()
        self._patient: Patient | None = None
        self.traits = {nom: Trait(nom, grand=nom in OBLIGATOIRES[:2])
                       for nom in (*OBLIGATOIRES, *FACULTATIFS)}
        self.nom = self.traits["nom_naissance"]
        self.prenom = self.traits["premier_prenom"]
        self.naissance = self.traits["date_naissance"]
        self.sexe = self.traits["sexe"]
        self.lieu = self.traits["lieu_naissance"]
        self.matricule = self.traits["matricule_ins"]
        self._montres: tuple[str, ...] = ()
        self.statut = PastilleStatut()
        self.statut.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.statut.clicked.connect(self.ouvrir_menu_identite)
        self.dica = BoutonDica()
        self.dica.clicked.connect(self.dica_demande)
        self._attributs = QHBoxLayout()
        self._attributs.setSpacing(6)
        self._colonne = QVBoxLayout(self)
        self._colonne.setContentsMargins(16, 6, 12, 6)
        self._colonne.setSpacing(4)
        self._colonne.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._rangees: list[QHBoxLayout] = []
        self._plan: list[list[int]] = []
        self._etat = QWidget(self)
        etat = QHBoxLayout(self._etat)
        etat.setContentsMargins(0, 0, 0, 0)
        etat.setSpacing(6)
        etat.addWidget(self.statut)
        etat.addLayout(self._attributs)
        etat.addStretch(1)
        etat.addSpacing(14)
        etat.addWidget(self.dica)
        self.definir_traits(("lieu_naissance", "matricule_ins"))
        theme.signaux().change.connect(self._ajuster)

    def definir_justificatifs(self, justificatifs: tuple[tuple[str, str], ...]) -> None:
        """Kinds of high-trust documents of the badge's menu: code, label."""
        self._options = replace(self._options, justificatifs=justificatifs)

    def definir_gestes(self, *, insi_permis: bool, transitoire: bool, apcv: bool = False) -> None:
        """What the account, the practice and the workstation allow in the badge's menu."""
        self._options = replace(self._options, insi_permis=insi_permis, transitoire=transitoire,
                                apcv=apcv)

    def definir_traits(self, facultatifs: Collection[str]) -> None:
        """Optional traits shown; the four others always are (rule 3)."""
        montres = (*OBLIGATOIRES, *(t for t in FACULTATIFS if t in facultatifs))
        if montres == self._montres:
            return
        self._montres = montres
        self._plan = []
        for nom, trait in self.traits.items():
            trait.setParent(self)
            trait.setVisible(nom in montres)
        self._ajuster()

    def afficher(self, patient: Patient, lieu: str, age: str, *, ins_visible: bool = True) -> None:
        """Show a patient. `lieu`: « 63220 Mazoires », `age`: « 50 ans ».

        `ins_visible`: the account has the right « INS » (rule 4); the value is hidden without it.
        """
        self._patient = patient
        identite = patient.identite
        traits = identite.traits
        self.nom.definir(traits.nom_naissance)
        self.prenom.definir(traits.premier_prenom)
        self.naissance.definir(dates.formater(traits.date_naissance), f"({age})" if age else "")
        self.sexe.definir(traits.sexe)
        self.lieu.definir(lieu or traits.lieu_naissance)
        for nom in ("prenoms", "nom_utilise", "prenom_utilise"):
            self._definir_ou(nom, getattr(traits, nom), "non renseigné")
        if not ins_visible:
            self._definir_ou("matricule_ins", "", "non visible")
            self._definir_ou("oid", "", "non visible")
        elif identite.matricule_ins:
            self.matricule.valeur.definir_couleur("texte")
            self.matricule.definir(matricule.formater(identite.matricule_ins),
                                   f"({matricule.nature(identite.oid)})", identite.matricule_ins)
            self._definir_ou("oid", identite.oid, "")
        else:
            self._definir_ou("matricule_ins", "", "non attribué")
            self._definir_ou("oid", "", "non attribué")
        self.statut.definir(identite.statut)
        self.statut.setToolTip(sure(infobulle_statut(identite)))
        self._poser_attributs(identite)
        self._ajuster()

    def _definir_ou(self, nom: str, valeur: str, sinon: str) -> None:
        """A value, or why there is none, in a quieter colour."""
        self.traits[nom].valeur.definir_couleur("texte" if valeur else "texte2")
        self.traits[nom].definir(valeur or sinon)

    def appel_insi(self, en_cours: bool) -> None:
        """The badge says « INSi… » while a call is running."""
        if self._patient is not None:
            self.statut.definir(self._patient.identite.statut, appel_en_cours=en_cours)

    def _poser_attributs(self, identite: Identite) -> None:
        vider(self._attributs)
        for attribut in Attribut:
            if attribut in identite.attributs:
                self._attributs.addWidget(PastilleAttribut(attribut))

    # -- layout ------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        """Any width will do: the rows follow it."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ajuster()

    def _ajuster(self) -> None:
        """Nothing is ever cut nor hidden: labels shorten when that saves a row, then rows come."""
        if self._patient is None:
            return
        place = self.width() - 28
        montres = [self.traits[nom] for nom in self._montres]
        plans = []
        for abrege in (False, True):
            for trait in montres:
                trait.abreger(abrege)
            plans.append(repartir([*(t.largeur() for t in montres), self._largeur_etat()], place))
        abrege = len(plans[1]) < len(plans[0])
        for trait in montres:
            trait.abreger(abrege)
            trait.updateGeometry()
        self._poser(plans[abrege], montres)

    def _poser(self, plan: list[list[int]], montres: list[Trait]) -> None:
        """Put the widgets in their rows, if they aren't there."""
        if plan == self._plan:
            return
        self._plan = plan
        while len(self._rangees) < len(plan):
            rangee = QHBoxLayout()
            rangee.setSpacing(_ECART)
            self._colonne.addLayout(rangee)
            self._rangees.append(rangee)
        widgets: list[QWidget] = [*montres, self._etat]
        for rangee in self._rangees:
            while rangee.count():
                rangee.takeAt(0)
        for rangee, rangs in zip(self._rangees, plan, strict=False):
            for rang in rangs:
                if widgets[rang] is self._etat and rang != rangs[0]:
                    rangee.addStretch(1)
                rangee.addWidget(widgets[rang], widgets[rang] is self._etat and rang == rangs[0])
            if self._etat not in [widgets[r] for r in rangs]:
                rangee.addStretch(1)

    def _largeur_etat(self) -> int:
        """Width of badge, attributes and DICA. Asked to each: the layout remembers old fonts."""
        pastilles: list[QWidget] = [self.statut, self.dica]
        for rang in range(self._attributs.count()):
            element = self._attributs.itemAt(rang)
            if element is not None and (widget := element.widget()) is not None:
                pastilles.append(widget)
        for pastille in pastilles:
            pastille.updateGeometry()
        return sum(p.sizeHint().width() + 6 for p in pastilles) + 14

    # -- menu --------------------------------------------------------------------------------

    def ouvrir_menu_identite(self) -> None:
        """Menu of the badge: document checked, INSi, attributes."""
        if self._patient is None:
            return
        menu = self.menu_identite()
        # Right edges aligned and under the banner: neither the traits nor DICA are covered.
        bord = self.statut.mapTo(self, QPoint(self.statut.width(), 0)).x()
        droite = bord - menu.sizeHint().width()
        menu.popup(self.mapToGlobal(QPoint(max(0, droite), self.height())))

    def menu_identite(self) -> MenuIdentite:
        """Build the menu of the badge for the patient shown."""
        assert self._patient is not None
        menu = MenuIdentite(self._patient.identite, self._options, self)
        menu.aboutToHide.connect(menu.deleteLater)
        for du_menu, au_dehors in (
                (menu.document_controle, self.document_controle), (menu.insi, self.insi_demande),
                (menu.verifier, self.verification_demandee), (menu.apcv, self.apcv_demandee),
                (menu.transitoire, self.transitoire_demandee),
                (menu.identite, self.identite_demandee),
                (menu.historique, self.historique_demande),
                (menu.attribut, self.attribut_demande)):
            du_menu.connect(au_dehors)
        return menu

    def definir_dica(self, dica: Dica) -> None:
        """Show the DICA answer."""
        avant = self.dica.sizeHint().width()
        self.dica.definir(dica)
        if self.dica.sizeHint().width() != avant:
            self._ajuster()

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.fillRect(self.rect(), theme.couleur("surface"))
        peintre.fillRect(0, self.height() - 1, self.width(), 1, theme.couleur("bordure"))
