"""Letters and reports: template, header, rich text; the preview is the PDF that will be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QImage, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.documents.champs import ValeurChamp, marquer, restants, sans_restants
from app.documents.courrier import Courrier, EnteteCourrier, depuis_texte, en_texte
from app.documents.model import Bloc, Fragment, Paragraphe
from app.documents.modeles_courriers import ModeleCourrier
from app.domain.document import Brouillon
from app.ui import theme
from app.ui.views.courrier_accueil import AccueilCourriers, LigneEcrite
from app.ui.views.courrier_apercu import ApercuCourrier
from app.ui.views.courrier_entete import BandeEntete
from app.ui.views.deroulante import Deroulante
from app.ui.views.editeur.barre import BarreEdition
from app.ui.views.editeur.zone import ZoneTexte
from app.ui.views.elements import Bouton, BoutonIcone, Champ, Etiquette, Icone
from app.ui.views.messages import MessageEnLigne, PileMessages

TITRE_MAX = 128
#: A draft is kept that long after its first change, in ms: what a crash may cost.
GARDE_MS = 1_000
#: The preview follows that long after the last key, and never later than the double.
APERCU_MS = 300


class VueCourriers(QWidget):
    """The choice of what is written, then the editor and its preview."""

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
    #: Label of a field to insert at the cursor.
    insertion_demandee = Signal(str)
    #: The header or the record changed: fields that wait may have a value now (their labels).
    remplissage_demande = Signal(tuple)
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
        self._entete = EnteteCourrier()
        self._types: tuple[tuple[str, str, str], ...] = ()
        self._etroit: bool | None = None
        self._pour = ""
        """Who will sign what is typed here for them, "" when it is one's own."""
        self._preparation = ("", "")
        self._envoi_possible = True
        self._fige = False
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
                               ("Ctrl+Shift+E", self._ouvrir_entete)):
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
        haut = QHBoxLayout()
        haut.setSpacing(12)
        self.type = Deroulante()
        self.type.setMinimumContentsLength(14)
        self.type.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.titre = QLineEdit()
        self.titre.setMaxLength(TITRE_MAX)
        haut.addWidget(Champ("Type de document", self.type), 2)
        haut.addWidget(Champ("Titre", self.titre), 3)
        colonne.addLayout(haut)
        self.bande = BandeEntete()
        self.bande.ouverture_demandee.connect(self._ouvrir_entete)
        self.bande.change.connect(self.poser_entete)
        colonne.addWidget(self.bande)
        self.messages = PileMessages()
        self._a_reprendre = False
        #: What says that the draft isn't kept, until it is.
        self._attente: MessageEnLigne | None = None
        self.texte = ZoneTexte()
        self.texte.setAccessibleName("Texte du document")
        self.texte.setPlaceholderText("Le texte du document. L’en-tête, l’identité du patient et "
                                      "la signature s’ajoutent d’eux-mêmes.")
        self.texte.collage_reduit.connect(self._informer)
        self.barre = BarreEdition(self.texte)
        self.barre.champ_choisi.connect(self.insertion_demandee)
        self.barre.dossier_demande.connect(self.dossier_demande)
        colonne.addWidget(self.barre)
        colonne.addWidget(self.texte, 1)
        colonne.addWidget(self.messages)
        self._bande_canal = QWidget()
        canal = QHBoxLayout(self._bande_canal)
        canal.setContentsMargins(0, 0, 0, 0)
        canal.setSpacing(6)
        self._icone_canal = Icone("send", "texte2", 16)
        self._canal = Etiquette("", "small", "texte2")
        self._canal.setWordWrap(True)
        canal.addWidget(self._icone_canal, 0, Qt.AlignmentFlag.AlignTop)
        canal.addWidget(self._canal, 1)
        colonne.addWidget(self._bande_canal)
        colonne.addLayout(self._pied())
        self.type.currentIndexChanged.connect(lambda _: self._type_change())
        self.titre.textEdited.connect(lambda _: self._change())
        self.texte.textChanged.connect(self._change)
        return cadre

    def _pied(self) -> QHBoxLayout:
        pied = QHBoxLayout()
        pied.setSpacing(8)
        self.etat = Etiquette("", "small", "texte2")
        self.autres = BoutonIcone("dots-vertical", "Autres actions")
        self.autres.clicked.connect(self._menu)
        self.retenir = Bouton("Valider et retenir", icone="hand-stop")
        self.retenir.setToolTip("Le document est gardé ; il ne part que lorsque vous le libérez "
                                "dans Envois.")
        self.retenir.clicked.connect(lambda: self._valider(True))
        self.envoyer = Bouton("Valider et envoyer", "principal", "send", "Ctrl+Entrée")
        self.envoyer.clicked.connect(lambda: self._valider(False))
        self.voir = Bouton("Aperçu", icone="eye")
        self.voir.clicked.connect(lambda: self._montrer_apercu(True))
        pied.addWidget(self.etat, 1)
        for bouton in (self.voir, self.autres, self.retenir, self.envoyer):
            pied.addWidget(bouton)
        return pied

    # -- what the controller says ------------------------------------------------------------

    def definir_types(self, types: Sequence[tuple[str, str, str]]) -> None:
        """Kinds that may be written: (key, title, type code)."""
        self._types = tuple(types)
        self.type.blockSignals(True)
        self.type.clear()
        for cle, libelle, _ in types:
            self.type.addItem(libelle, cle)
        self.type.blockSignals(False)

    def definir_modeles(self, modeles: Sequence[ModeleCourrier],
                        groupes: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        """Templates offered, and fields that may be inserted."""
        self.accueil.definir_modeles(modeles)
        self.barre.definir_groupes(groupes)

    def accueillir(self, brouillons: Sequence[tuple[int, str, str]] = (),
                   ecrits: Sequence[LigneEcrite] = ()) -> None:
        """No document is being written: offer templates, drafts and documents written."""
        self._oublier()
        self.accueil.definir_reprises(brouillons, ecrits)
        self._pile.setCurrentIndex(0)

    def editer(self, brouillon: Brouillon, responsable: str = "") -> None:
        """Go on writing a draft."""
        self._oublier()
        courrier = depuis_texte(brouillon.texte)
        for widget in (self.type, self.titre, self.texte):
            widget.blockSignals(True)
        self._choisir_type(courrier.entete.type_cle, brouillon)
        self.titre.setText(brouillon.titre)
        self.texte.poser(courrier.corps)
        for widget in (self.type, self.titre, self.texte):
            widget.blockSignals(False)
        self._brouillon, self._entete = brouillon, courrier.entete
        self.bande.definir(courrier.entete, responsable)
        self._activer(True)
        self._pile.setCurrentIndex(1)
        self.texte.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.texte.champ_suivant():
            self.texte.moveCursor(self.texte.textCursor().MoveOperation.End)
        self.barre.suivre()
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
        self._nommer_boutons()
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
        self._activer(False)
        self.texte.setEnabled(True)
        self.texte.setReadOnly(True)
        self.autres.setEnabled(True)
        self.etat.setText("")
        self.messages.vider()
        self.messages.ajouter(MessageEnLigne("alerte", raison, "Fermer",
                                             lambda: self.brouillon_demande.emit(0)))

    def _choisir_type(self, cle: str, brouillon: Brouillon) -> None:
        rang = self.type.findData(cle) if cle else next(
            (n for n, (_, _, code) in enumerate(self._types) if code == brouillon.type_code), -1)
        if rang < 0:
            self.type.addItem(brouillon.titre, cle or f"code:{brouillon.type_code}")
            rang = self.type.count() - 1
        self.type.setCurrentIndex(rang)

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
            self.etat.setText(f"Brouillon gardé à {heure}")

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
        self.titre.setText(copie.titre)
        self.messages.ajouter(MessageEnLigne(
            "alerte", "Ce brouillon a été modifié sur un autre poste. Votre texte est gardé à "
            "part ; l’autre version reste dans les brouillons.", "Voir l’autre",
            lambda: self.brouillon_demande.emit(autre)))

    def poser_entete(self, entete: EnteteCourrier) -> None:
        """The header changed."""
        self._entete = entete
        self.bande.definir(entete)
        self._change()
        self.demander_remplissage()

    def demander_remplissage(self) -> None:
        """Ask for the values of the fields that wait."""
        if attente := restants(self.blocs):
            self.remplissage_demande.emit(attente)

    def inserer_champ(self, libelle: str, valeur: ValeurChamp | None) -> None:
        """Write a field at the cursor: its value, or its name between brackets."""
        zone = self.texte
        if valeur is None:
            zone.inserer((Paragraphe(f"[[{libelle}]]"),))
        elif valeur.blocs and not zone.textCursor().block().text():
            zone.inserer(marquer(valeur.blocs, libelle))
        else:
            zone.inserer((Paragraphe((Fragment(valeur.texte, origine=libelle),)),))
        zone.setFocus(Qt.FocusReason.OtherFocusReason)

    def remplir(self, valeurs: Mapping[str, ValeurChamp]) -> None:
        """Fill the fields that wait and have a value now."""
        self.texte.remplir(valeurs)

    def definir_canal(self, texte: str, *, possible: bool) -> None:
        """Where the document will go, and whether the INS travels."""
        self._canal.setText(texte)
        self._icone_canal.definir("send" if possible else "alert-triangle",
                                  "texte2" if possible else "alerte")
        self._envoi_possible = possible
        self._nommer_boutons()

    def _nommer_boutons(self) -> None:
        pour, possible = self._pour, self._envoi_possible
        self.retenir.setVisible(possible and not pour)
        self.envoyer.setText("Proposer à valider" if pour else
                             "Valider et envoyer" if possible else "Valider")
        self.envoyer.definir_icone("list-check" if pour else "send")

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
        self._activer(True)
        self.etat.setText("")
        self.messages.ajouter(MessageEnLigne("erreur", texte))

    def conflit(self, texte: str) -> None:
        """The draft could not be kept; the text on screen stays, and is tried again."""
        self._a_reprendre = True
        self.etat.setText("Brouillon pas encore gardé")
        self._attente = self.messages.ajouter(MessageEnLigne("alerte", texte))

    @property
    def brouillon(self) -> Brouillon | None:
        """What is on screen, as a draft."""
        if self._brouillon is None:
            return None
        cle = str(self.type.currentData() or "")
        code = {c: t for c, _, t in self._types}.get(cle, self._brouillon.type_code)
        entete = replace(self._entete, type_cle="" if cle.startswith("code:") else cle)
        return replace(self._brouillon, type_code=code, titre=self.titre.text().strip(),
                       texte=en_texte(Courrier(self.texte.blocs(), entete)))

    @property
    def ecrit(self) -> int:
        """Id of the draft on screen, 0 when nothing is being written."""
        return self._brouillon.id if self._brouillon is not None else 0

    @property
    def blocs(self) -> tuple[Bloc, ...]:
        """The body on screen."""
        return self.texte.blocs()

    def garder_maintenant(self) -> None:
        """Keep the draft without waiting (the file is being left)."""
        if self._garde.isActive() or self._a_reprendre:
            self._garde.stop()
            self._garder()

    # -- inside ------------------------------------------------------------------------------

    def _oublier(self) -> None:
        self._fige = False
        self.texte.setReadOnly(False)
        self.definir_preparation()
        self._a_reprendre, self._attente = False, None
        self._garde.stop()
        self._bientot.stop()
        self._brouillon, self._entete = None, EnteteCourrier()
        self.messages.vider()
        self.etat.setText("")
        self.apercu.vider()

    def _informer(self, phrase: str) -> None:
        self.messages.ajouter(MessageEnLigne("info", phrase))

    def _ouvrir_entete(self) -> None:
        if self._brouillon is not None:
            self.entete_demande.emit(self._entete)

    def _type_change(self) -> None:
        """A title that was the former type's label follows the type."""
        if self._brouillon is None:
            return
        if self.titre.text().strip() in ("", *(libelle for _, libelle, _ in self._types)):
            self.titre.setText(self.type.currentText())
        self._change()

    def _change(self) -> None:
        # While it is being validated the spelling goes on underlining words, which isn't a change:
        # a draft kept then would come back beside its document.
        if self._brouillon is None or self._fige or not self.envoyer.isEnabled():
            return
        self.etat.setText("")
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
        if self._brouillon is None or not self.envoyer.isEnabled():
            return
        self.messages.vider()
        corps = self.blocs
        if not corps:
            self.messages.ajouter(MessageEnLigne("alerte", "Le document est vide. Écrivez-le, "
                                                 "puis validez."))
            self.texte.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if attente := restants(corps):
            self._dire_restants(attente)
            return
        brouillon = self.brouillon
        assert brouillon is not None
        self._garde.stop()
        self._activer(False)
        if self._pour:
            self.etat.setText("Envoi…")
            self.proposition_demandee.emit(brouillon)
            return
        self.etat.setText("Validation…")
        self.validation_demandee.emit(brouillon, retenir)

    def _dire_restants(self, attente: Sequence[str]) -> None:
        """Fields without value are said before anything leaves (SC.DOC.03)."""
        noms = ", ".join(f"« {nom} »" for nom in attente[:6]) + ("…" if len(attente) > 6 else "")
        pluriel = "s" if len(attente) > 1 else ""
        self.messages.ajouter(MessageEnLigne(
            "alerte", f"{len(attente)} champ{pluriel} sans valeur. {noms} : remplissez "
            "(F8 va de l’un à l’autre), ou retirez.",
            "Retirer ces champs" if pluriel else "Retirer ce champ", self.retirer_champs))
        self.texte.champ_suivant()
        self.texte.setFocus(Qt.FocusReason.OtherFocusReason)

    def retirer_champs(self) -> None:
        """Take away the fields without value, with the sections that they leave empty."""
        self.messages.vider()
        corps = sans_restants(self.blocs)
        self.texte.selectAll()
        curseur = self.texte.textCursor()
        curseur.beginEditBlock()
        curseur.removeSelectedText()
        self.texte.inserer(corps)
        curseur.endEditBlock()
        self.texte.setFocus(Qt.FocusReason.OtherFocusReason)

    def _activer(self, actif: bool) -> None:
        for widget in (self.type, self.titre, self.texte, self.retenir, self.envoyer,
                       self.autres, self.barre, self.bande):
            widget.setEnabled(actif)

    def _menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        siens: tuple[tuple[str | None, Any], ...] = (
            ("Enregistrer comme modèle…", self._en_modele),
            ("Compléter le dossier du patient…", self.dossier_demande.emit), (None, None))
        # Who writes for somebody has neither the templates nor the record.
        for texte, geste in (*(() if self._pour else siens),
                             ("Fermer, le brouillon est gardé", self._fermer),
                             ("Abandonner ce brouillon", self._abandonner)):
            if texte is None:
                menu.addSeparator()
                continue
            action = QAction(texte, menu)
            action.triggered.connect(lambda _=False, g=geste: g())
            menu.addAction(action)
        menu.popup(self.autres.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _en_modele(self) -> None:
        cle = str(self.type.currentData() or "")
        if not cle.startswith("code:"):
            self.modele_demande.emit(cle, self.titre.text().strip(), self.blocs)

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
        self.barre.setVisible(not basse)
        self._bande_canal.setVisible(not basse)
        if etroit != self._etroit:
            self._etroit = etroit
            self._montrer_apercu(False)

    def _montrer_apercu(self, oui: bool) -> None:
        """In a narrow window: the preview, or the editor."""
        self.voir.setVisible(bool(self._etroit))
        self.apercu.ecrire.setVisible(bool(self._etroit))
        self.apercu.setVisible(oui or not self._etroit)
        self._cadre_editeur.setVisible(not oui or not self._etroit)
        if not oui and self._brouillon is not None:
            self.texte.setFocus(Qt.FocusReason.OtherFocusReason)
