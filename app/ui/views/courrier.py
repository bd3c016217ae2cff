"""Letters and reports: template, header, rich text; the preview is the PDF that will be sent."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.documents.champs import restants
from app.documents.courrier import EnteteCourrier
from app.documents.model import Bloc
from app.documents.modeles_courriers import ModeleCourrier
from app.domain.document import Brouillon
from app.ui import theme
from app.ui.views.courrier_accueil import AccueilCourriers, LigneEcrite
from app.ui.views.courrier_apercu import ApercuCourrier
from app.ui.views.courrier_feuille import FeuilleCourrier
from app.ui.views.courrier_pied import PiedCourrier
from app.ui.views.messages import MessageEnLigne, PileMessages

#: A draft is kept that long after its first change, in ms: what a crash may cost.
GARDE_MS = 1_000
#: The preview follows that long after the last key, and never later than the double.
APERCU_MS = 300


class VueCourriers(QWidget):
    """The choice of what is written, then the sheet, its foot and its preview."""

    #: Key of a template, or type code.
    nouveau_demande = Signal(str)
    #: Draft id to open, 0 = close the editor.
    brouillon_demande = Signal(int)
    #: Brouillon to keep.
    garder = Signal(object)
    #: Brouillon to render.
    apercu_demande = Signal(object)
    #: (Brouillon, hold).
    validation_demandee = Signal(object, bool)
    #: Brouillon to hand over to the professional.
    proposition_demandee = Signal(object)
    #: Send what somebody prepared back to them.
    renvoi_demande = Signal()
    #: Account for whom one writes.
    pour_change = Signal(int)
    abandon_demande = Signal(int)
    #: (page from 0, width in device pixels).
    page_demandee = Signal(int, int)
    #: The dialogs.
    entete_demande = Signal(object)
    dossier_demande = Signal()
    modeles_demandes = Signal()
    #: Title and body to make a template of: (type key, title, blocks).
    modele_demande = Signal(str, str, object)
    #: Documents already written.
    version_demandee = Signal(int)
    suppression_demandee = Signal(int)
    lecture_demandee = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._brouillon: Brouillon | None = None
        self._etroit: bool | None = None
        self._pour = ""
        """Who will sign what is typed here for them, "" when it is one's own."""
        self._preparation = ("", "")
        self._fige = self._validation = False
        self._a_reprendre = False
        self._attente: MessageEnLigne | None = None
        """What says that the draft isn't kept, until it is."""
        self._garde = self._minuterie(GARDE_MS, self._garder)
        self._bientot = self._minuterie(APERCU_MS, self._demander_apercu)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        self._pile = QStackedWidget()
        self.accueil = AccueilCourriers()
        for nom in ("nouveau_demande", "brouillon_demande", "version_demandee",
                    "suppression_demandee", "lecture_demandee", "modeles_demandes"):
            getattr(self.accueil, nom).connect(getattr(self, nom))
        self.accueil.pour.choisi.connect(self.pour_change)
        self._pile.addWidget(self.accueil)
        self._pile.addWidget(self._edition())
        colonne.addWidget(self._pile)
        for touches, geste in (("Ctrl+Return", lambda: self._valider(False)),
                               ("Ctrl+Enter", lambda: self._valider(False)),
                               ("Ctrl+Shift+E", self.feuille.ouvrir_entete)):
            raccourci = QShortcut(QKeySequence(touches), self)
            raccourci.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            raccourci.activated.connect(geste)

    def _minuterie(self, ms: int, geste: object) -> QTimer:
        minuterie = QTimer(self)
        minuterie.setSingleShot(True)
        minuterie.setInterval(ms)
        minuterie.timeout.connect(geste)
        return minuterie

    # -- construction ------------------------------------------------------------------------

    def _edition(self) -> QWidget:
        self.partage = QSplitter(Qt.Orientation.Horizontal)
        self.partage.setChildrenCollapsible(False)
        self.partage.setHandleWidth(1)
        self.apercu = ApercuCourrier()
        self.apercu.page_demandee.connect(self.page_demandee)
        self.apercu.ecriture_demandee.connect(lambda: self._montrer_apercu(False))
        self.pages = self.apercu.pages
        self._cadre_editeur = self._editeur()
        self.partage.addWidget(self._cadre_editeur)
        self.partage.addWidget(self.apercu)
        self.partage.setStretchFactor(0, 6)
        self.partage.setStretchFactor(1, 5)
        return self.partage

    def _editeur(self) -> QWidget:
        cadre = QWidget()
        theme.poser(cadre, fond="surface")
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(16, 10, 16, 10)
        colonne.setSpacing(8)
        self.feuille = feuille = FeuilleCourrier()
        feuille.change.connect(self._change)
        feuille.entete_demande.connect(self._ouvrir_entete)
        feuille.texte.collage_reduit.connect(self._informer)
        feuille.barre.dossier_demande.connect(self.dossier_demande)
        self.texte = feuille.texte
        self.messages = PileMessages()
        self.pied = pied = PiedCourrier()
        pied.validation_demandee.connect(self._valider)
        pied.apercu_demande.connect(lambda: self._montrer_apercu(True))
        pied.modele_demande.connect(self._en_modele)
        pied.dossier_demande.connect(self.dossier_demande)
        pied.fermeture_demandee.connect(self._fermer)
        pied.abandon_demande.connect(self._abandonner)
        colonne.addWidget(feuille, 1)
        colonne.addWidget(self.messages)
        colonne.addWidget(pied)
        return cadre

    # -- what the controller says ------------------------------------------------------------

    def definir_types(self, types: Sequence[tuple[str, str, str]]) -> None:
        """Kinds that may be written: (key, title, type code)."""
        self.feuille.definir_types(types)

    def definir_modeles(self, modeles: Sequence[ModeleCourrier],
                        groupes: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        """Templates offered, and fields that may be inserted."""
        self.accueil.definir_modeles(modeles)
        self.feuille.barre.definir_groupes(groupes)

    def accueillir(self, brouillons: Sequence[tuple[int, str, str]] = (),
                   ecrits: Sequence[LigneEcrite] = ()) -> None:
        """No document is being written: offer templates, drafts and documents written."""
        self._oublier()
        self.accueil.definir_reprises(brouillons, ecrits)
        self._pile.setCurrentIndex(0)

    def editer(self, brouillon: Brouillon, responsable: str = "") -> None:
        """Go on writing a draft."""
        self._oublier()
        self.feuille.ouvrir(brouillon, responsable)
        self._brouillon = brouillon
        self._activer(True)
        self._pile.setCurrentIndex(1)
        self.feuille.commencer()
        self._demander_apercu()

    def definir_preparation(self, pour: str = "", par: str = "", *, fige: str = "",
                            renvoi: bool = True) -> None:
        """Who signs, who typed.

        :param pour: one types for this person: it is proposed, not validated.
        :param par: this person typed it for the user.
        :param fige: nothing is to be written here: why.
        :param renvoi: it may be sent back to `par`.
        """
        self._pour, self._preparation = pour, (pour, par)
        self.pied.definir_pour(pour)
        if pour and not fige:
            self._informer(f"Vous écrivez pour {pour}, qui validera.")
        if par and not fige:
            self.messages.ajouter(MessageEnLigne(
                "info", f"Préparé par {par}. Corrigez si besoin, puis validez.",
                "Renvoyer…" if renvoi else "", self.renvoi_demande.emit if renvoi else None))
        if fige:
            self.figer(fige)

    def figer(self, raison: str) -> None:
        """Nothing more is written here: the text stays on screen, to be read and copied."""
        self._fige = True
        self._garde.stop()
        self._bientot.stop()
        self.pied.activer(False)
        self.feuille.figer()
        self.pied.autres.setEnabled(True)
        self.pied.etat.setText("")
        self.messages.vider()
        self.messages.ajouter(MessageEnLigne("alerte", raison, "Fermer",
                                             lambda: self.brouillon_demande.emit(0)))

    def garde(self, brouillon: Brouillon, heure: str) -> None:
        """The draft is safe: its id and version are taken, its text is not."""
        actuel = self._brouillon
        if actuel is None or (actuel.id and actuel.id != brouillon.id):
            return
        self._brouillon = replace(actuel, id=brouillon.id, version=brouillon.version)
        self._a_reprendre = False
        if self._attente is not None:
            self._attente.fermer()
            self._attente = None
        if not self._garde.isActive():
            self.pied.etat.setText(f"Brouillon gardé à {heure}")

    def adopter(self, envoye: Brouillon, recu: Brouillon) -> bool:
        """Another window changed what agrees: show it, unless something was typed since `envoye`.
        False: what is on screen stays."""
        actuel = self.brouillon
        if actuel is None or actuel.id != recu.id or (
                (actuel.titre, actuel.texte) != (envoye.titre, envoye.texte)):
            return False
        qui = self._preparation
        self.editer(recu)
        self.definir_preparation(*qui)
        return True

    def dedoubler(self, copie: Brouillon, autre: int) -> None:
        """The draft was changed or removed elsewhere: what is on screen goes on as a draft of its
        own, the other text stays under its id."""
        if self._brouillon is None or self._brouillon.id != autre:
            return
        self._brouillon = replace(self._brouillon, id=copie.id, version=copie.version)
        self.feuille.titre.setText(copie.titre)
        self.messages.ajouter(MessageEnLigne(
            "alerte", "Ce brouillon a été modifié sur un autre poste. Votre texte est gardé à "
            "part ; l’autre version reste dans les brouillons.", "Voir l’autre",
            lambda: self.brouillon_demande.emit(autre)))

    def definir_canal(self, texte: str, *, possible: bool) -> None:
        """Where the document will go, and whether the INS travels."""
        self.pied.definir_canal(texte, possible=possible)

    def montrer_apercu(self, tailles: Sequence[tuple[float, float]]) -> None:
        """A new PDF came: sizes of its pages in points."""
        self.apercu.montrer(tailles)

    def apercu_impossible(self, texte: str) -> None:
        """The preview could not be made; the text is safe."""
        if not self._fige:  # why nothing is written here is said already
            self.apercu.impossible(texte)

    def poser_page(self, numero: int, largeur: int, image: QImage) -> None:
        """A page drawn by the worker."""
        self.apercu.poser_page(numero, largeur, image)

    def validation_refusee(self, texte: str) -> None:
        """Nothing was validated: why; the text stays."""
        self._validation = False
        self._activer(True)
        self.pied.etat.setText("")
        self.messages.ajouter(MessageEnLigne("erreur", texte))

    def conflit(self, texte: str) -> None:
        """The draft could not be kept; the text on screen stays, and is tried again."""
        self._a_reprendre = True
        self.pied.etat.setText("Brouillon pas encore gardé")
        self._attente = self.messages.ajouter(MessageEnLigne("alerte", texte))

    @property
    def brouillon(self) -> Brouillon | None:
        """What is on screen, as a draft."""
        return None if self._brouillon is None else self.feuille.lire(self._brouillon)

    @property
    def ecrit(self) -> int:
        """Id of the draft on screen, 0 when nothing is being written."""
        return self._brouillon.id if self._brouillon is not None else 0

    @property
    def blocs(self) -> tuple[Bloc, ...]:
        """The body on screen."""
        return self.feuille.blocs

    def garder_maintenant(self) -> None:
        """Keep the draft without waiting (the file is being left)."""
        if self._garde.isActive() or self._a_reprendre:
            self._garde.stop()
            self._garder()

    # -- inside ------------------------------------------------------------------------------

    def _oublier(self) -> None:
        self._fige = self._validation = False
        self.feuille.oublier()
        self.definir_preparation()
        self._a_reprendre, self._attente = False, None
        self._garde.stop()
        self._bientot.stop()
        self._brouillon = None
        self.messages.vider()
        self.pied.etat.setText("")
        self.apercu.vider()

    def _informer(self, phrase: str) -> None:
        self.messages.ajouter(MessageEnLigne("info", phrase))

    def _ouvrir_entete(self, entete: EnteteCourrier) -> None:
        if self._brouillon is not None:
            self.entete_demande.emit(entete)

    def _change(self) -> None:
        # While it is being validated the spelling goes on underlining words, which isn't a change:
        # a draft kept then would come back beside its document.
        if self._brouillon is None or self._fige or self._validation:
            return
        self.pied.etat.setText("")
        if not self._garde.isActive():
            self._garde.start()
        if not self._bientot.isActive():
            self._bientot.start()

    def _garder(self) -> None:
        brouillon = self.brouillon
        if brouillon is not None and not self._fige:
            self.garder.emit(brouillon)

    def _demander_apercu(self) -> None:
        brouillon = self.brouillon
        if brouillon is not None and brouillon.titre:
            self.apercu.attendre()
            self.apercu_demande.emit(brouillon)

    def _valider(self, retenir: bool) -> None:
        if self._brouillon is None or not self.pied.envoyer.isEnabled():
            return
        self.messages.vider()
        corps = self.blocs
        if not corps:
            self.messages.ajouter(MessageEnLigne("alerte", "Le document est vide. Écrivez-le, "
                                                 "puis validez."))
            self.feuille.saisir()
            return
        if attente := restants(corps):
            self._dire_restants(attente)
            return
        brouillon = self.brouillon
        assert brouillon is not None
        self._validation = True
        self._garde.stop()
        self._activer(False)
        if self._pour:
            self.pied.etat.setText("Envoi…")
            self.proposition_demandee.emit(brouillon)
            return
        self.pied.etat.setText("Validation…")
        self.validation_demandee.emit(brouillon, retenir)

    def _dire_restants(self, attente: Sequence[str]) -> None:
        """Fields without value are said before anything leaves (SC.DOC.03)."""
        noms = ", ".join(f"« {nom} »" for nom in attente[:6]) + ("…" if len(attente) > 6 else "")
        pluriel = "s" if len(attente) > 1 else ""
        self.messages.ajouter(MessageEnLigne(
            "alerte", f"{len(attente)} champ{pluriel} sans valeur. {noms} : remplissez "
            "(F8 va de l’un à l’autre), ou retirez.",
            "Retirer ces champs" if pluriel else "Retirer ce champ", self._retirer_champs))
        self.texte.champ_suivant()
        self.feuille.saisir()

    def _retirer_champs(self) -> None:
        self.messages.vider()
        self.feuille.retirer_champs()

    def _activer(self, actif: bool) -> None:
        self.feuille.activer(actif)
        self.pied.activer(actif)

    def _en_modele(self) -> None:
        feuille = self.feuille
        if not feuille.cle.startswith("code:"):
            self.modele_demande.emit(feuille.cle, feuille.titre.text().strip(), feuille.blocs)

    def _fermer(self) -> None:
        self.garder_maintenant()
        self.brouillon_demande.emit(0)

    def _abandonner(self) -> None:
        if self._brouillon is not None:
            self._garde.stop()
            self.abandon_demande.emit(self._brouillon.id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ranger()

    def _ranger(self) -> None:
        """Without room for two panels the preview takes the editor's place on demand; in a low
        window the text keeps its room, never the buttons."""
        etroit = self.width() < theme.espace(900)
        basse = self.height() < theme.espace(360)
        self.feuille.barre.setVisible(not basse)
        self.pied.bande_canal.setVisible(not basse)
        if etroit != self._etroit:
            self._etroit = etroit
            self._montrer_apercu(False)

    def _montrer_apercu(self, oui: bool) -> None:
        """In a narrow window: the preview, or the editor."""
        self.pied.voir.setVisible(bool(self._etroit))
        self.apercu.ecrire.setVisible(bool(self._etroit))
        self.apercu.setVisible(oui or not self._etroit)
        self._cadre_editeur.setVisible(not oui or not self._etroit)
        if not oui and self._brouillon is not None:
            self.feuille.saisir()
