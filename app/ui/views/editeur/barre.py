"""The bar of an editor: styles, lists, table, history, what may be inserted."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QWidget

from app.ui.views.editeur.zone import ZoneTexte
from app.ui.views.elements import Bouton, BoutonIcone

_STYLES = ((0, "Texte"), (1, "Titre"), (2, "Sous-titre"))


class BarreEdition(QWidget):
    """Buttons over a `ZoneTexte`; each says its keys in its tooltip."""

    #: Label of a field to insert.
    champ_choisi = Signal(str)
    #: The record is to be completed.
    dossier_demande = Signal()

    def __init__(self, zone: ZoneTexte, parent: QWidget | None = None, *,
                 modele: bool = False) -> None:
        super().__init__(parent)
        self._zone, self._modele = zone, modele
        self._groupes: tuple[tuple[str, tuple[str, ...]], ...] = ()
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(1)
        self.choix_style = QComboBox()
        self.choix_style.setAccessibleName("Style du paragraphe")
        self.choix_style.setToolTip("Style : Titre (Ctrl+T), Sous-titre (Ctrl+Maj+T), "
                              "Texte (Ctrl+Maj+N)")
        self.choix_style.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for niveau, nom in _STYLES:
            self.choix_style.addItem(nom, niveau)
        self.choix_style.activated.connect(
            lambda _: zone.definir_style(int(self.choix_style.currentData())))
        rangee.addWidget(self.choix_style)
        rangee.addSpacing(4)
        self.gras = self._bouton("bold", "Gras (Ctrl+B)", lambda: zone.basculer("gras"), True)
        self.italique = self._bouton("italic", "Italique (Ctrl+I)",
                                     lambda: zone.basculer("italique"), True)
        self.souligne = self._bouton("underline", "Souligné (Ctrl+U)",
                                     lambda: zone.basculer("souligne"), True)
        self.puces = self._bouton("list", "Liste à puces (Ctrl+Maj+L)",
                                  lambda: zone.basculer_liste("puces"), True)
        self.numeros = self._bouton("list-numbers", "Liste numérotée (Ctrl+Maj+O)",
                                    lambda: zone.basculer_liste("numeros"), True)
        self.tableau = self._bouton("table", "Tableau", self._menu_tableau)
        self.annuler = self._bouton("arrow-back-up", "Annuler (Ctrl+Z)", zone.undo)
        self.retablir = self._bouton("arrow-forward-up", "Rétablir (Ctrl+Maj+Z)", zone.redo)
        self.orthographe = self._bouton(
            "text-spellcheck", "Orthographe (mot suivant : F7)",
            lambda: zone.souligneur.activer(self.orthographe.isChecked()), True)
        self.orthographe.setChecked(True)
        rangee.addStretch(1)
        self.inserer = Bouton("Champ" if modele else "Insérer", icone="plus", petit=True)
        self.inserer.setToolTip("Un champ du dossier (champ suivant : F8)")
        self.inserer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.inserer.clicked.connect(self._menu_inserer)
        rangee.addWidget(self.inserer)
        zone.etat_change.connect(self.suivre)
        zone.undoAvailable.connect(self.annuler.setEnabled)
        zone.redoAvailable.connect(self.retablir.setEnabled)
        self.annuler.setEnabled(False)
        self.retablir.setEnabled(False)

    def _bouton(self, icone: str, nom: str, geste: Callable[[], object],
                bascule: bool = False) -> BoutonIcone:
        bouton = BoutonIcone(icone, nom, bordure=False)
        bouton.setCheckable(bascule)
        bouton.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bouton.clicked.connect(lambda: geste())
        disposition = self.layout()
        assert disposition is not None
        disposition.addWidget(bouton)
        return bouton

    def definir_groupes(self, groupes: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        """Fields offered, in groups."""
        self._groupes = tuple(groupes)

    def suivre(self) -> None:
        """Show the style of the place of the cursor."""
        zone = self._zone
        forme = zone.currentCharFormat()
        self.choix_style.setCurrentIndex(self.choix_style.findData(zone.niveau_style))
        self.choix_style.setEnabled(not zone.dans_tableau)
        self.gras.setChecked(forme.fontWeight() >= 600)
        self.italique.setChecked(forme.fontItalic())
        self.souligne.setChecked(forme.fontUnderline())
        self.puces.setChecked(zone.liste == "puces")
        self.numeros.setChecked(zone.liste == "numeros")
        for bouton in (self.puces, self.numeros):
            bouton.setEnabled(not zone.dans_tableau)

    def _menu_tableau(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        zone = self._zone
        if not zone.dans_tableau:
            for colonnes in (2, 3, 4, 5):
                menu.addAction(f"Nouveau tableau de &{colonnes} colonnes",
                               partial(zone.nouveau_tableau, colonnes))
        else:
            for texte, geste in (("Ajouter une &ligne dessous", "ligne+"),
                                 ("Ajouter une &colonne à droite", "colonne+"),
                                 ("&Retirer la ligne", "ligne-"),
                                 ("Retirer la c&olonne", "colonne-"),
                                 ("Ligne d’&en-tête", "entete"),
                                 ("&Supprimer le tableau", "supprimer")):
                menu.addAction(texte, partial(zone.changer_tableau, geste))
        menu.popup(self.tableau.mapToGlobal(QPoint(0, self.tableau.height())))

    def menu_inserer(self) -> QMenu:
        """Menu of the fields."""
        menu = QMenu(self)
        for nom, champs in self._groupes:
            groupe = menu.addMenu(nom)
            for champ in champs:
                groupe.addAction(champ, partial(self.champ_choisi.emit, champ))
        if self._modele:
            menu.addSeparator()
            menu.addAction("À compléter par l’auteur",
                           lambda: self._zone.textCursor().insertText("[[à compléter]]"))
        else:
            menu.addSeparator()
            menu.addAction("Compléter le dossier…", self.dossier_demande.emit)
            suivant = menu.addAction("Aller au champ suivant", lambda: self._zone.champ_suivant())
            suivant.setShortcut(QKeySequence("F8"))
        return menu

    def _menu_inserer(self) -> None:
        menu = self.menu_inserer()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.inserer.mapToGlobal(QPoint(0, self.inserer.height())))
