"""Réglages: sections at the left, one form at the right, the button docked at the foot."""

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.people import Professionnel, Structure
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.views.a_propos import VueAPropos
from app.ui.views.case_longue import CaseLongue
from app.ui.views.centre import VueCentre
from app.ui.views.cles import VueCles
from app.ui.views.comptes import VueComptes
from app.ui.views.elements import Bouton, Champ, Etiquette, Segment, filet
from app.ui.views.equipes import VueEquipes
from app.ui.views.formulaires import (
    ChoixProfils,
    FormulaireCabinet,
    FormulaireProfessionnel,
    FormulaireServices,
    choisir,
    liste,
)
from app.ui.views.messages import MessageEnLigne
from app.ui.views.reglages_documents import SectionDocuments
from app.ui.views.reglages_import import VueReglagesImport
from app.ui.views.sauvegardes import VueSauvegardes
from app.ui.views.securite import VueSecurite
from app.ui.views.serveur_etat import VueServeur

#: Widths of a form, and of a list with its columns, px at 100 %.
LARGEUR_PAGE, LARGEUR_LISTE = 720, 1000
LARGES = ("comptes", "equipes", "a_propos")
#: How INSi is called, what the removal of the CPS does (codes of the settings of the centre).
MODES_INSI = (("auto", "Automatique"), ("psc_proxy", "Pro Santé Connect"),
              ("certificat_structure", "Certificat"), ("cps_assertion", "Carte CPS"))
DELAIS = ((0, "Aussitôt"), (1, "Après 1 minute"), (5, "Après 5 minutes"),
          (15, "Après 15 minutes"), (60, "Après 1 heure"), (240, "Après 4 heures"))
#: How often the notice on the DMP comes back (SC.DMP/CONF.21), days.
AVIS = ((30, "Tous les mois"), (90, "Tous les trois mois"), (180, "Tous les six mois"),
        (365, "Tous les ans"))
THEMES = (("systeme", "Comme le poste"), ("clair", "Clair"), ("sombre", "Sombre"))
#: Sections in the order of the screen, under the title of their group; a page of its own has none.
GROUPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Cabinet", ("cabinet", "professionnel", "profils", "comptes", "equipes")),
    ("Dossiers et documents", (
        "reglages_identite", "documents", "envois", "import", "conservation")),
    ("Services et cartes", ("services", "centre")),
    ("Protection", ("securite", "cles", "serveur", "sauvegardes")),
    ("Pléiade", ("affichage", "a_propos")),
)
#: Sections that have buttons of their own, or none.
SANS_PIED = ("import", "centre", "serveur", "sauvegardes", "cles", "comptes", "equipes", "securite",
             "a_propos")
TAILLES = (100, 110, 125, 150, 175, 200)


class _Section(QAbstractButton):
    """Name of a section; a bar at the left when it is shown."""

    #: It has the keyboard: (itself).
    obtenu = Signal(QWidget)

    def __init__(self, icone: str, titre: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icone, self._serre = icone, False
        self.setText(titre)
        self.setAccessibleName(titre)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def serrer(self, serre: bool) -> None:
        """Keep the icon only; the name goes to the tooltip."""
        self._serre = serre
        self.setToolTip(sure(self.text() if serre else ""))
        self.updateGeometry()
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.obtenu.emit(self)

    def sizeHint(self) -> QSize:
        texte = 0 if self._serre else theme.espace(154)
        # Lower than the row of a list: all the sections and their titles are seen at 768 px.
        haut = max(theme.espace(30), QFontMetrics(theme.police("body")).height() + 11)
        return QSize(32 + theme.espace(18) + texte, haut)

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        choisi = self.isChecked()
        if choisi or self.underMouse():
            peintre.fillRect(self.rect(), theme.couleur("accent_doux" if choisi else "survol"))
        if choisi:
            peintre.fillRect(0, 0, 3, self.height(), theme.couleur("accent"))
        cote = theme.espace(18)
        dessin = QRect(16, (self.height() - cote) // 2, cote, cote)
        ton = "accent" if choisi else "texte2"
        theme.icone(self._icone, ton, 18).paint(peintre, dessin)
        peintre.setFont(theme.police("body", 600 if choisi else 500))
        peintre.setPen(theme.couleur("texte"))
        if not self._serre:
            zone = self.rect().adjusted(dessin.right() + theme.espace(10), 0, -8, 0)
            peintre.drawText(zone, int(Qt.AlignmentFlag.AlignVCenter), self.text())
        if self.hasFocus():
            peintre.setPen(QPen(theme.couleur("focus"), 2))
            peintre.drawRoundedRect(self.rect().adjusted(2, 2, -2, -2), 4, 4)


class VueReglages(QWidget):
    """The page. `montrer` takes the settings as a dictionary, `valeurs` gives them back."""

    enregistrer = Signal()
    #: Theme and text size are shown at once: (theme, per cent).
    apparence = Signal(str, int)
    #: A section that is a page of its own.
    page_demandee = Signal(str)

    def __init__(self, profils: Sequence[tuple[str, str]], modules: Sequence[tuple[str, str]],
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(0)
        self._gauche = QFrame()
        theme.poser(self._gauche, fond="surface", trait="droite")
        self._sections = QVBoxLayout(self._gauche)
        self._sections.setContentsMargins(0, 0, 1, 12)
        self._sections.setSpacing(0)
        titre = Etiquette("Réglages", "page")
        titre.setContentsMargins(16, 14, 16, 10)
        self._sections.addWidget(titre)
        self._titre = titre
        rangee.addWidget(self._gauche)
        droite = QVBoxLayout()
        droite.setContentsMargins(0, 0, 0, 0)
        droite.setSpacing(0)
        rangee.addLayout(droite, 1)
        self._pile = QStackedWidget()
        droite.addWidget(self._pile, 1)
        self._groupe = QButtonGroup(self)
        self._noms: dict[str, _Section] = {}
        self._renvois: dict[str, _Section] = {}
        self._groupes: list[tuple[Etiquette, QFrame, list[_Section]]] = []
        self._message: MessageEnLigne | None = None
        self._rempli = False
        self._composer(profils, modules)
        droite.addWidget(self._composer_pied())  # after the fields, for Tab
        self._ranger()
        self.aller("cabinet")
        raccourci = QShortcut(QKeySequence("Ctrl+S"), self, self._demander)
        raccourci.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    # -- Building ---------------------------------------------------------------------------

    def _composer(self, profils: Sequence[tuple[str, str]],
                  modules: Sequence[tuple[str, str]]) -> None:
        self.cabinet, self.professionnel = FormulaireCabinet(), FormulaireProfessionnel()
        self.profils, self.services = ChoixProfils(profils, modules), FormulaireServices()
        self.importation = VueReglagesImport()
        self.documents = SectionDocuments()
        self.sauvegardes, self.cles, self.a_propos = VueSauvegardes(), VueCles(), VueAPropos()
        self.centre = VueCentre(MODES_INSI)
        self.serveur = VueServeur()
        self.comptes, self.equipes, self.securite = VueComptes(), VueEquipes(), VueSecurite()
        self._page("cabinet", "building-hospital", "Cabinet",
                   "Ces informations figurent sur les documents et dans les envois.",
                   self.cabinet)
        self._page("professionnel", "user", "Professionnel",
                   "Le compte qui écrit, signe et envoie.", self.professionnel)
        self._page("profils", "checkbox", "Profils et messagerie",
                   "Les fonctions proposées suivent les profils d’activité du cabinet.",
                   self.profils)
        self._renvoi("fingerprint", "Identités et INS", "reglages_identite")
        self._renvoi("archive", "Conservation", "conservation")
        self._page("envois", "send", "Envois",
                   "Un document validé attend ce délai avant de partir : le temps de se raviser.",
                   self._composer_envois())
        self._page("documents", "file-text", "Documents",
                   "Ce qui figure sur tous les documents que le cabinet produit.",
                   self.documents)
        self._page("affichage", "palette", "Affichage", "Le choix s’applique aussitôt.",
                   self._composer_affichage())
        self._page("services", "cloud", "Services nationaux",
                   "INSi, le DMP et Pro Santé Connect passent par le Proxy e-santé du cabinet.",
                   self.services)
        self._page("import", "scan", "Numérisation",
                   "Les documents que le scanner enregistre arrivent d’eux-mêmes à classer.",
                   self.importation)
        self._page("centre", "id-badge-2", "Certificats et cartes",
                   "Ce qui authentifie la structure et ses professionnels auprès d’INSi et du DMP, "
                   "en plus de Pro Santé Connect.", self.centre)
        self._page("serveur", "server", "Serveur du cabinet",
                   "Où sont les données du cabinet, et comment ce poste les joint.", self.serveur)
        self._page("sauvegardes", "device-floppy", "Sauvegardes",
                   "Une copie chiffrée du cabinet, que la clé de secours suffit à rouvrir.",
                   self.sauvegardes)
        self._page("cles", "key", "Clés",
                   "Ce qui ouvre le dossier chiffré du cabinet.", self.cles)
        self._page("comptes", "users", "Comptes",
                   "Un compte par personne. Les rôles disent ce que chacun peut faire et lire.",
                   self.comptes)
        self._page("equipes", "users-plus", "Équipes et délégations",
                   "Qui partage la réponse d’un patient, et qui peut agir pour qui.", self.equipes)
        self._page("securite", "shield-check", "Sécurité", "", self.securite)
        self._page("a_propos", "info-circle", "À propos", "", self.a_propos)
        for formulaire in (self.cabinet, self.professionnel, self.profils, self.services,
                           self.documents):
            formulaire.modifie.connect(self._noter)

    def _ranger(self) -> None:
        """Put the sections under the titles of their groups, in a column that scrolls."""
        dedans = QWidget()
        theme.poser(dedans, fond="surface")
        colonne = QVBoxLayout(dedans)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        for titre, noms in GROUPES:
            tete = Etiquette(titre, "small", "texte2", 600)
            tete.setContentsMargins(16, 6 if self._groupes else 0, 8, 2)
            trait = filet()
            trait.hide()
            sections = [self._noms.get(nom) or self._renvois[nom] for nom in noms]
            for widget in (trait, tete, *sections):
                colonne.addWidget(widget)
            self._groupes.append((tete, trait, sections))
        colonne.addStretch(1)
        self._defile = QScrollArea()
        self._defile.setWidgetResizable(True)
        self._defile.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._defile.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._defile.setWidget(dedans)
        self._sections.addWidget(self._defile, 1)
        for section in (*self._noms.values(), *self._renvois.values()):
            section.obtenu.connect(self._defile.ensureWidgetVisible)
        self._serrer()

    def _serrer(self) -> None:
        """The names of the sections leave before the fields lose their place."""
        serre = self.width() < theme.espace(760)
        self._titre.setVisible(not serre)
        for section in (*self._noms.values(), *self._renvois.values()):
            section.serrer(serre)
        for rang, (tete, trait, sections) in enumerate(self._groupes):
            vide = all(section.isHidden() for section in sections)
            tete.setVisible(not serre and not vide)
            trait.setVisible(serre and not vide and rang > 0)
        large = max(s.sizeHint().width() for s in self._noms.values())
        self._gauche.setFixedWidth(large + max(14, theme.espace(13) + 1))

    def _renvoi(self, icone: str, titre: str, page: str) -> None:
        """A line that leads to another page."""
        section = _Section(icone, titre)
        section.setCheckable(False)
        section.clicked.connect(lambda: self.page_demandee.emit(page))
        self._renvois[page] = section

    def _page(self, nom: str, icone: str, titre: str, explication: str, contenu: QWidget) -> None:
        section = _Section(icone, titre)
        section.clicked.connect(lambda: self.aller(nom))
        self._groupe.addButton(section)
        self._noms[nom] = section
        defilement = QScrollArea()
        defilement.setWidgetResizable(True)
        defilement.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        defilement.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        theme.poser(page, fond="fond")
        colonne = QVBoxLayout(page)
        colonne.setContentsMargins(24, 16, 24, 16)
        carte = QFrame()
        theme.poser(carte, carte="oui")
        theme.poser(carte, largeur_max=LARGEUR_LISTE if nom in LARGES else LARGEUR_PAGE)
        dedans = QVBoxLayout(carte)
        dedans.setContentsMargins(20, 16, 20, 20)
        dedans.setSpacing(6)
        if explication:
            dedans.addWidget(Etiquette(titre, "title"))
            texte = Etiquette(explication, "body", "texte2")
            texte.setWordWrap(True)
            dedans.addWidget(texte)
            dedans.addSpacing(8)
        dedans.addWidget(contenu)
        colonne.addWidget(carte)
        colonne.addStretch(1)
        defilement.setWidget(page)
        self._pile.addWidget(defilement)

    def _composer_envois(self) -> QWidget:
        page = QWidget()
        colonne = QVBoxLayout(page)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(12)
        self._delai = liste([(str(minutes), texte) for minutes, texte in DELAIS])
        theme.poser(self._delai, largeur_max=240)
        self._delai.activated.connect(lambda _: self._noter())
        colonne.addWidget(Champ("Départ d’un document validé", self._delai))
        self._avis = liste([(str(jours), texte) for jours, texte in AVIS])
        theme.poser(self._avis, largeur_max=240)
        self._avis.activated.connect(lambda _: self._noter())
        strict = CaseLongue("Interroger le DMP seulement quand les quatre conditions D, I, C, A "
                            "sont remplies")
        self._strict = strict.case
        self._strict.toggled.connect(lambda _: self._noter())
        colonne.addWidget(strict)
        colonne.addWidget(Champ("Rappel des règles d’usage du DMP à chaque professionnel",
                                self._avis))
        return page

    def _composer_affichage(self) -> QWidget:
        page = QWidget()
        colonne = QVBoxLayout(page)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(14)
        colonne.addWidget(Etiquette("Thème", "small", "texte2", 500))
        self._theme = Segment(THEMES)
        self._theme.choisi.connect(lambda _: self._changer_apparence())
        colonne.addWidget(self._theme)
        colonne.addWidget(Etiquette("Taille du texte", "small", "texte2", 500))
        self._taille = Segment([(str(t), f"{t} %") for t in TAILLES])
        self._taille.choisi.connect(lambda _: self._changer_apparence())
        colonne.addWidget(self._taille)
        exemple = QLabel("ADRUN ZOE, 31/12/1975, identité qualifiée")
        theme.poser(exemple, police="body")
        colonne.addWidget(exemple)
        return page

    def _composer_pied(self) -> QFrame:
        self._pied = QFrame()
        theme.poser(self._pied, fond="surface2", trait="haut")
        rangee = QHBoxLayout(self._pied)
        rangee.setContentsMargins(24, 10, 24, 10)
        rangee.setSpacing(12)
        self._etat = Etiquette("", "small", "texte2")
        self._zone_message = QVBoxLayout()
        rangee.addLayout(self._zone_message, 1)
        rangee.addWidget(self._etat)
        self.bouton = Bouton("Enregistrer les réglages", "principal", "device-floppy",
                             touche="Ctrl+S")
        self.bouton.clicked.connect(self._demander)
        rangee.addWidget(self.bouton)
        return self._pied

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._serrer()

    # -- Moving -----------------------------------------------------------------------------

    def aller(self, nom: str) -> None:
        """Show a section."""
        self._noms[nom].setChecked(True)
        self._pile.setCurrentIndex(list(self._noms).index(nom))
        self._pied.setVisible(nom not in SANS_PIED)

    def cacher(self, sections: Collection[str]) -> None:
        """Take away the sections that the account may not change."""
        for nom, section in (*self._noms.items(), *self._renvois.items()):
            section.setVisible(nom not in sections)
        self._serrer()
        if self.section in sections:
            self.aller(next(nom for _, noms in GROUPES for nom in noms
                            if nom in self._noms and nom not in sections))

    @property
    def section(self) -> str:
        """Section shown."""
        return list(self._noms)[self._pile.currentIndex()]

    def entrer(self) -> None:
        """The page is shown: keyboard on the current section."""
        self._noms[self.section].setFocus(Qt.FocusReason.OtherFocusReason)

    # -- Content ----------------------------------------------------------------------------

    def montrer(self, valeurs: dict[str, Any]) -> None:
        """Fill the forms. Keys: the fields of `Reglages`."""
        self._rempli = False
        structure, professionnel = valeurs["structure"], valeurs["professionnel"]
        assert isinstance(structure, Structure) and isinstance(professionnel, Professionnel)
        self.cabinet.montrer(structure)
        self.professionnel.montrer(professionnel)
        self.profils.montrer(valeurs["profils"], valeurs["module_mss"])
        self.services.montrer({cle: str(valeurs[cle]) for cle in FormulaireServices.CLES})
        minutes = int(valeurs["delai_envoi_min"])
        if self._delai.findData(str(minutes)) < 0:
            self._delai.addItem(f"Après {minutes} minutes", str(minutes))
        choisir(self._delai, str(minutes))
        self._strict.setChecked(bool(valeurs["dica_strict"]))
        jours = int(valeurs["avis_dmp_jours"])
        if self._avis.findData(str(jours)) < 0:
            self._avis.addItem(f"Tous les {jours} jours", str(jours))
        choisir(self._avis, str(jours))
        self.documents.poser(str(valeurs["mention_rgpd"]))
        self._theme.choisir(str(valeurs["theme"]))
        taille = int(valeurs["taille_texte"])
        self._taille.choisir(str(min(TAILLES, key=lambda t: abs(t - taille))))
        self._rempli = True
        self._etat.setText("")

    def valeurs(self) -> dict[str, Any]:
        """The settings as shown."""
        return {
            "structure": self.cabinet.valeur(), "professionnel": self.professionnel.valeur(),
            "profils": self.profils.profils(), "module_mss": self.profils.module(),
            "delai_envoi_min": int(self._delai.currentData()),
            "dica_strict": self._strict.isChecked(),
            "avis_dmp_jours": int(self._avis.currentData()),
            "mention_rgpd": self.documents.mention(),
            "theme": self._theme.valeur, "taille_texte": int(self._taille.valeur),
            **self.services.valeur()}

    def _noter(self) -> None:
        if self._rempli:
            self._etat.setText("Modifications à enregistrer")

    @property
    def modifie(self) -> bool:
        """True when something was changed since the last save."""
        return bool(self._etat.text())

    def _changer_apparence(self) -> None:
        if self._rempli:
            self._noter()
            self.apparence.emit(self._theme.valeur, int(self._taille.valeur))

    def _demander(self) -> None:
        for nom, formulaire in (("cabinet", self.cabinet), ("professionnel", self.professionnel),
                                ("profils", self.profils), ("services", self.services)):
            if not formulaire.controler():
                self.aller(nom)
                formulaire.controler()
                return
        self.bouton.setEnabled(False)
        self.enregistrer.emit()

    def enregistre(self) -> None:
        """The settings are stored."""
        self.bouton.setEnabled(True)
        self._etat.setText("")
        self._dire("")

    def refuser(self, texte: str) -> None:
        """They aren't: say why."""
        self.bouton.setEnabled(True)
        self._dire(texte)

    def _dire(self, texte: str) -> None:
        if self._message is not None:
            self._message.fermer()
            self._message = None
        if texte:
            self._message = MessageEnLigne("erreur", texte)
            self._zone_message.addWidget(self._message)
