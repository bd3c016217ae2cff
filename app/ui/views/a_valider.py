"""« À valider »: what others prepared for me, what I prepared for others; one click signs."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QResizeEvent,
    QShortcut,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QListView,
    QStackedWidget,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.domain.preparations import OUVERTES, EtatPreparation, LignePreparation
from app.ui import theme
from app.ui.models.preparations import ICONES, par_moi, pour_moi, quand
from app.ui.views.courrier_apercu import ApercuCourrier
from app.ui.views.elements import Bouton, Etiquette, Segment
from app.ui.views.etat_vide import etat_vide
from app.ui.views.lignes import Index
from app.ui.views.liste_fiches import DelegueFiche
from app.ui.views.messages import MessageEnLigne, PileMessages

ROLE_LIGNE = Qt.ItemDataRole.UserRole + 1
A_VALIDER, PREPARES = "a_valider", "prepares"


class PageAValider(QWidget):
    """List at the left, the document as it would leave at the right, its gestures below."""

    #: LignePreparation: show its PDF.
    apercu_demande = Signal(object)
    page_demandee = Signal(int, int)
    #: (LignePreparation, hold the sending).
    validation_demandee = Signal(object, bool)
    renvoi_demande = Signal(object)
    ouverture_demandee = Signal(object)
    #: Take back what waits for its validation.
    reprise_demandee = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listes: dict[str, tuple[LignePreparation, ...]] = {A_VALIDER: (), PREPARES: ()}
        self._montree: LignePreparation | None = None
        # What its preview shows: asked for, then in front of the eyes. Only that is signed.
        self._rendue: tuple[int, ...] | None = None
        self._vue: tuple[int, ...] | None = None
        self._impossible = False
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(16, 10, 16, 14)
        colonne.setSpacing(10)
        tete = QHBoxLayout()
        tete.setSpacing(12)
        tete.addWidget(Etiquette("À valider", "page"))
        self.choix = Segment(((A_VALIDER, "Pour moi"), (PREPARES, "Préparés par moi")))
        self.choix.choisi.connect(lambda _: self._remplir())
        tete.addWidget(self.choix)
        tete.addStretch(1)
        colonne.addLayout(tete)
        self.messages = PileMessages()
        colonne.addWidget(self.messages)
        self._pile = QStackedWidget()
        self._pile.addWidget(self._vide())
        self._pile.addWidget(self._corps())
        colonne.addWidget(self._pile, 1)
        for touches in ("Ctrl+Return", "Ctrl+Enter"):
            raccourci = QShortcut(QKeySequence(touches), self)
            raccourci.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            raccourci.activated.connect(self._principal)

    # -- construction ------------------------------------------------------------------------

    def _vide(self) -> QWidget:
        self._titre_vide, self._texte_vide = Etiquette("", "title"), Etiquette("", "body", "texte2")
        self._texte_vide.setWordWrap(True)
        return etat_vide("list-check", self._titre_vide, self._texte_vide)

    def _corps(self) -> QWidget:
        cadre = QWidget()
        self._rangee = rangee = QHBoxLayout(cadre)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(12)
        gauche = QFrame()
        theme.poser(gauche, carte="oui")
        dedans = QVBoxLayout(gauche)
        dedans.setContentsMargins(1, 1, 1, 1)
        self.liste = ListePreparations()
        self.liste.choisi.connect(self._montrer)
        self.liste.ouvrir.connect(self._ouvrir)
        dedans.addWidget(self.liste)
        rangee.addWidget(gauche, 2)
        droite = QFrame()
        theme.poser(droite, carte="oui")
        colonne = QVBoxLayout(droite)
        colonne.setContentsMargins(1, 1, 1, 1)
        colonne.setSpacing(0)
        self.apercu = ApercuCourrier()
        self.apercu.ecrire.hide()
        self.apercu.page_demandee.connect(self.page_demandee)
        colonne.addWidget(self.apercu, 1)
        colonne.addWidget(self._pied())
        rangee.addWidget(droite, 3)
        return cadre

    def _pied(self) -> QWidget:
        pied = QFrame()
        theme.poser(pied, fond="surface2", trait="haut")
        colonne = QVBoxLayout(pied)
        colonne.setContentsMargins(14, 8, 14, 10)
        colonne.setSpacing(6)
        self.etat = Etiquette("", "small", "texte2")
        self.etat.setWordWrap(True)
        colonne.addWidget(self.etat)
        rangee = QHBoxLayout()
        rangee.setSpacing(8)
        self.renvoyer = Bouton("Renvoyer…", icone="arrow-back-up")
        self.renvoyer.setToolTip("Rendre ce document à la personne qui l’a préparé, avec ce qui "
                                 "est à corriger")
        self.ouvrir = Bouton("Ouvrir", icone="pencil")
        self.reprendre = Bouton("Reprendre pour corriger", icone="arrow-back-up")
        self.retenir = Bouton("Valider et retenir", icone="hand-stop")
        self.retenir.setToolTip("Le document est gardé ; il ne part que lorsque vous le "
                                "libérez dans Envois.")
        self.valider = Bouton("Valider et envoyer", "principal", "send", "Ctrl+Entrée")
        rangee.addWidget(self.renvoyer)
        rangee.addStretch(1)
        for bouton in (self.reprendre, self.ouvrir, self.retenir, self.valider):
            rangee.addWidget(bouton)
        colonne.addLayout(rangee)
        self.renvoyer.clicked.connect(lambda: self._emettre(self.renvoi_demande))
        self.ouvrir.clicked.connect(lambda: self._emettre(self.ouverture_demandee))
        self.reprendre.clicked.connect(lambda: self._emettre(self.reprise_demandee))
        self.retenir.clicked.connect(lambda: self._valider(True))
        self.valider.clicked.connect(lambda: self._valider(False))
        return pied

    # -- what the controller says ------------------------------------------------------------

    def afficher(self, pour_moi_: Sequence[LignePreparation],
                 par_moi_: Sequence[LignePreparation], *, valide: bool, prepare: bool) -> None:
        """Show both lists; the current line stays when it is still there.

        :param valide: the account validates documents. :param prepare: it prepares some.
        """
        self._listes = {A_VALIDER: tuple(pour_moi_), PREPARES: tuple(par_moi_)}
        attente = sum(x.attend for x in pour_moi_)
        choix = [(A_VALIDER, f"Pour moi ({attente})" if attente else "Pour moi")] if valide else []
        if prepare or par_moi_:
            choix.append((PREPARES, "Préparés par moi"))
        self.choix.definir(choix)
        self.choix.setVisible(len(choix) > 1)
        self._remplir()

    @property
    def ligne(self) -> LignePreparation | None:
        """The document on screen."""
        return self._montree

    def montrer_apercu(self, tailles: Sequence[tuple[float, float]]) -> None:
        """A PDF came: sizes of its pages in points."""
        self._rendue = None if self._montree is None else self._montree.apparence
        self.apercu.montrer(tailles)

    def apercu_impossible(self, texte: str) -> None:
        """There is no PDF: why. What can't be shown isn't signed: it is opened first."""
        self._rendue = self._vue = None
        self._impossible = True
        for bouton in (self.retenir, self.valider):
            bouton.setEnabled(False)
        self.apercu.pages.definir(())
        self.apercu.impossible(texte)

    def poser_page(self, numero: int, largeur: int, image: QImage) -> None:
        """A page drawn by the worker. The first one of a document lets it be signed."""
        self.apercu.poser_page(numero, largeur, image)
        if self._montree is not None and self._vue != self._rendue == self._montree.apparence:
            self._vue = self._rendue
            for bouton in (self.retenir, self.valider):
                bouton.setEnabled(True)

    def activer(self, actif: bool) -> None:
        """False while a gesture runs. Nothing is signed that isn't in front of the eyes."""
        for bouton in (self.renvoyer, self.ouvrir, self.reprendre):
            bouton.setEnabled(actif)
        vue = self._montree is not None and self._vue == self._montree.apparence
        for bouton in (self.retenir, self.valider):
            bouton.setEnabled(actif and vue)

    def dire(self, genre: str, texte: str) -> None:
        """The one message of the page; "" takes it away."""
        self.messages.vider()
        if texte:
            self.messages.ajouter(MessageEnLigne(genre, texte))

    def entrer(self) -> None:
        """The keyboard begins with the list."""
        self.liste.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- inside ------------------------------------------------------------------------------

    def _remplir(self) -> None:
        code = self.choix.valeur or A_VALIDER
        lignes = self._listes[code]
        self._pile.setCurrentIndex(1 if lignes else 0)
        if code == A_VALIDER:
            self._titre_vide.setText("Rien à valider.")
            self._texte_vide.setText(
                "Ce qu’un collègue ou le secrétariat prépare pour vous arrive ici. Confiez-leur "
                "vos documents dans Réglages, Équipes et délégations.")
        else:
            self._titre_vide.setText("Rien en préparation.")
            self._texte_vide.setText(
                "Ouvrez un dossier, puis Courriers ou Formulaires : choisissez pour qui vous "
                "écrivez.")
        self.liste.definir(lignes, code)
        if not lignes:
            self._montree = self._rendue = self._vue = None
            self.apercu.vider()

    def _montrer(self, ligne: LignePreparation) -> None:
        avant, self._montree = self._montree, ligne
        p, moi = ligne.preparation, self.choix.valeur == PREPARES
        verdict = par_moi(ligne) if moi else pour_moi(ligne)
        phrase = f"{verdict.texte}, {quand(p.change_le)}."
        if not moi and p.etat is EtatPreparation.RENVOYEE and not ligne.sans_suite:
            phrase += f" À corriger : {p.motif}"
        self.etat.setText(phrase)
        vivante = bool(ligne.source_version) and not (moi and ligne.sans_suite)
        self.activer(True)
        for bouton in (self.valider, self.retenir):
            bouton.setVisible(not moi and ligne.attend)
        self.renvoyer.setVisible(not moi and p.etat is EtatPreparation.A_VALIDER)
        self.ouvrir.setText("Ouvrir" if moi else "Ouvrir et corriger")
        self.ouvrir.setVisible(vivante and (not moi or p.etat in OUVERTES))
        self.reprendre.setVisible(moi and p.etat is EtatPreparation.A_VALIDER)
        meme = avant is not None and avant.apparence == ligne.apparence
        if avant is None or avant.preparation.id != p.id:
            self.apercu.pages.definir(())  # never one patient's document over another's buttons
        if not vivante:
            self.apercu_impossible(
                "Il est dans le dossier du patient." if p.etat is EtatPreparation.VALIDEE
                else "Il n’est plus en préparation.")
        elif not meme or self._impossible:  # what lacked may have been written in the settings
            self._impossible = False
            self.apercu.attendre()
            self.apercu_demande.emit(ligne)

    def _emettre(self, signal: Any) -> None:
        if self._montree is not None:
            signal.emit(self._montree)

    def _valider(self, retenir: bool) -> None:
        if self._montree is not None and self.valider.isEnabled():
            self.dire("", "")
            self.activer(False)
            self.validation_demandee.emit(self._montree, retenir)

    def _ouvrir(self, ligne: LignePreparation) -> None:
        if not self.ouvrir.isHidden():
            self.ouverture_demandee.emit(ligne)

    def _principal(self) -> None:
        if not self.valider.isHidden():
            self._valider(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the words of the keys leave first."""
        super().resizeEvent(event)
        # Without room side by side, the list stands above the document.
        etroit = self.width() < theme.espace(820)
        self._rangee.setDirection(QBoxLayout.Direction.TopToBottom if etroit
                                  else QBoxLayout.Direction.LeftToRight)
        self.liste.setMinimumHeight(theme.espace(84) if etroit else 0)
        serre = self.width() < theme.espace(1000)
        self.valider.definir_touche("" if serre else "Ctrl+Entrée")
        self.retenir.setText("Retenir" if serre else "Valider et retenir")


class ListePreparations(QListView):
    """Keys: ↑ ↓, Entrée opens."""

    #: The current line changed: LignePreparation.
    choisi = Signal(object)
    ouvrir = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Documents préparés")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._modele = QStandardItemModel(self)
        self.setModel(self._modele)
        self.setItemDelegate(_Delegue(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.doubleClicked.connect(lambda index: self.ouvrir.emit(index.data(ROLE_LIGNE)))

    def definir(self, lignes: Sequence[LignePreparation], code: str) -> None:
        """Show these; the current one stays current, else the one that takes its place."""
        rang, avant = self.currentIndex().row(), self.currentIndex().data(ROLE_LIGNE)
        self._modele.clear()
        for ligne in lignes:
            fiche = QStandardItem()
            verdict = par_moi(ligne) if code == PREPARES else pour_moi(ligne)
            fiche.setData(ligne, ROLE_LIGNE)
            fiche.setData(verdict, ROLE_LIGNE + 1)
            fiche.setText(f"{ligne.preparation.titre}, {ligne.patient}, {verdict.texte}")
            self._modele.appendRow(fiche)
        if not lignes:
            return
        ids = [x.preparation.id for x in lignes]
        garde = ids.index(avant.preparation.id) if (
            avant is not None and avant.preparation.id in ids) else max(
            0, min(rang, len(lignes) - 1))
        self.setCurrentIndex(self._modele.index(garde, 0))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.choisi.emit(current.data(ROLE_LIGNE))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() \
                & ~Qt.KeyboardModifier.KeypadModifier and self.currentIndex().isValid():
            self.ouvrir.emit(self.currentIndex().data(ROLE_LIGNE))
            return
        super().keyPressEvent(event)


class _Delegue(DelegueFiche):
    """Title and hour; patient; state."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        haut = QFontMetrics(theme.police("body")).height()
        return QSize(10, 2 * haut + QFontMetrics(theme.police("small")).height() + 26)

    def contenu(self, peintre: QPainter, zone: QRect, index: Index) -> None:
        ligne: LignePreparation = index.data(ROLE_LIGNE)
        verdict = index.data(ROLE_LIGNE + 1)
        p, cote = ligne.preparation, theme.espace(16)
        corps, petit = QFontMetrics(theme.police("body")), QFontMetrics(theme.police("small"))
        x = zone.left() + cote + theme.espace(10)
        theme.icone(ICONES[p.genre], "texte2", 16).paint(
            peintre, QRect(zone.left(), zone.top() + 1, cote, cote))
        heure = quand(p.change_le)
        large = petit.horizontalAdvance(heure)
        self.ecrire(peintre, QRect(zone.right() - large, zone.top(), large + 2, corps.height()),
                    heure, "small", "texte2")
        self.ecrire(peintre, QRect(x, zone.top(), zone.right() - large - x - 8, corps.height()),
                    p.titre or "Sans titre", "body/600", "texte")
        self.ecrire(peintre, QRect(x, zone.top() + corps.height() + 4, zone.right() - x,
                                   corps.height()), ligne.patient, "body", "texte2")
        haut = zone.top() + 2 * corps.height() + 8
        theme.icone(verdict.icone, verdict.role, 16).paint(peintre, QRect(x, haut, cote, cote))
        self.ecrire(peintre, QRect(x + cote + 5, haut, zone.right() - x - cote - 5, cote + 2),
                    verdict.texte, "small/600", verdict.role)
