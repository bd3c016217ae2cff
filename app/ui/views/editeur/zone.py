"""The area where a letter is written: blocks in, blocks out, everything by keyboard."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QMenu, QTextEdit, QWidget

from app.documents.champs import CHAMP, ValeurChamp, cle
from app.documents.collage import HTML_MAX, blocs_colles
from app.documents.corps import normaliser
from app.documents.model import Bloc, Paragraphe, Tableau
from app.ui import theme
from app.ui.views.editeur import champs, gestes, parties
from app.ui.views.editeur.conversion import (
    ORIGINE,
    ajouter,
    ecrire,
    format_bloc,
    format_titre,
    inserer_tableau,
    inserer_texte,
    lire,
    niveau,
)
from app.ui.views.editeur.souligneur import Souligneur

_MOD = Qt.KeyboardModifier
#: Typed at the beginning of a line, then a space.
_AMORCES = {"#": 1, "##": 2}


class ZoneTexte(QTextEdit):
    """A QTextEdit whose document is always a body of the house.

    Keys: Ctrl+B, I, U styles; Ctrl+T title, Ctrl+Maj+T subtitle, Ctrl+Maj+N body; Ctrl+Maj+L and
    Ctrl+Maj+O lists; Tab moves in a table and adds a row at its end; F8 next field, F7 next
    misspelt word; Ctrl+Maj+Suppr takes the part from the record away.
    """

    #: Style or place changed: buttons follow.
    etat_change = Signal()
    #: A word to suggest for.
    propositions_demandees = Signal(str)
    #: A word to add to the dictionary of the practice.
    mot_ajoute = Signal(str)
    #: Something was pasted that could not come whole; a sentence.
    collage_reduit = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptRichText(True)
        self.setTabChangesFocus(False)
        self.setAutoFormatting(QTextEdit.AutoFormattingFlag.AutoNone)
        self._habiller()
        self.souligneur = Souligneur(self.document())
        self._menu: QMenu | None = None
        self.cursorPositionChanged.connect(self._deplace)
        self.currentCharFormatChanged.connect(lambda _: self.etat_change.emit())
        theme.signaux().change.connect(self._habiller)

    def _habiller(self) -> None:
        """Sizes of the current theme."""
        self.document().setDefaultFont(theme.police("trait", 400))
        self.document().setDocumentMargin(theme.espace(12))
        self.document().setIndentWidth(theme.espace(22))

    # -- Value -----------------------------------------------------------------------------------

    def poser(self, blocs: Sequence[Bloc]) -> None:
        """Show a body; the history of changes begins anew."""
        ecrire(self.document(), blocs)
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.etat_change.emit()

    def blocs(self) -> tuple[Bloc, ...]:
        """The body, in its canonical form."""
        return lire(self.document())

    def inserer(self, blocs: Sequence[Bloc]) -> None:
        """Write blocks at the cursor, in place of what is selected; one undo takes them away."""
        corps = normaliser(blocs)
        if not corps:
            return
        curseur = self.textCursor()
        curseur.beginEditBlock()
        curseur.removeSelectedText()
        if len(corps) == 1 and isinstance(corps[0], Paragraphe):
            inserer_texte(curseur, corps[0].texte)
        elif curseur.currentTable() is not None:
            inserer_texte(curseur, gestes.en_lignes(corps))
        else:
            if not curseur.atBlockEnd():
                curseur.insertBlock()
                curseur.movePosition(QTextCursor.MoveOperation.PreviousBlock)
                curseur.movePosition(QTextCursor.MoveOperation.EndOfBlock)
            ajouter(curseur, corps, libre=not curseur.block().text()
                    and curseur.currentList() is None)
        curseur.endEditBlock()
        self.setTextCursor(curseur)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText() or source.hasHtml()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste: text, styles, lists and tables come in; nothing else does."""
        html, texte = source.html() if source.hasHtml() else "", source.text()
        if len(html) > HTML_MAX:
            self.collage_reduit.emit("Ce texte est très long : il est collé sans sa mise en forme.")
        self.inserer(blocs_colles(html, texte))

    # -- Styles ----------------------------------------------------------------------------------

    def basculer(self, style: str) -> None:
        """Switch `gras`, `italique` or `souligne` on the selection, or on what will be typed."""
        actuel, forme = self.currentCharFormat(), QTextCharFormat()
        match style:
            case "gras":
                gras = actuel.fontWeight() < 600
                forme.setFontWeight(600 if gras else 400)
            case "italique":
                forme.setFontItalic(not actuel.fontItalic())
            case "souligne":
                forme.setFontUnderline(not actuel.fontUnderline())
        self.mergeCurrentCharFormat(forme)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.etat_change.emit()

    @property
    def niveau_style(self) -> int:
        """Level of heading at the cursor, 0 = body."""
        return niveau(self.textCursor().block())

    def definir_style(self, voulu: int) -> None:
        """Make the paragraphs selected headings of that level, or body (0)."""
        curseur = self.textCursor()
        if curseur.currentTable() is not None:
            return
        curseur.beginEditBlock()
        for place in gestes.blocs_choisis(curseur):
            if place.currentList() is not None:
                gestes.quitter_liste(place)
            place.setBlockFormat(format_bloc(voulu))
            place.select(QTextCursor.SelectionType.BlockUnderCursor)
            gestes.formater_titre(place.block(), voulu)
            QTextCursor(place.block()).setBlockCharFormat(format_titre(voulu))
        curseur.endEditBlock()
        self.setCurrentCharFormat(format_titre(voulu))
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.etat_change.emit()

    @property
    def liste(self) -> str:
        """`puces`, `numeros`, or nothing."""
        return gestes.nature_liste(self.textCursor())

    def basculer_liste(self, nature: str) -> None:
        """Make the paragraphs selected a list of `puces` or `numeros`, or paragraphs again."""
        curseur = self.textCursor()
        if curseur.currentTable() is None:
            gestes.basculer_liste(curseur, nature)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.etat_change.emit()

    # -- Tables ----------------------------------------------------------------------------------

    @property
    def dans_tableau(self) -> bool:
        """True when the cursor is in a table."""
        return self.textCursor().currentTable() is not None

    def nouveau_tableau(self, colonnes: int = 3, lignes: int = 2) -> None:
        """Insert a table with a row of heads; the cursor goes to its first cell."""
        curseur = self.textCursor()
        if curseur.currentTable() is not None:
            return
        curseur.beginEditBlock()
        curseur.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        if curseur.currentList() is not None or curseur.block().text():
            curseur.insertBlock(format_bloc(), QTextCharFormat())
        vide = ("",) * colonnes
        table = inserer_tableau(curseur, Tableau(vide, (vide,) * lignes))
        curseur.endEditBlock()
        self.setTextCursor(table.cellAt(0, 0).firstCursorPosition())
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def changer_tableau(self, geste: str) -> None:
        """One of `ligne+`, `ligne-`, `colonne+`, `colonne-`, `supprimer`, `entete`."""
        gestes.changer_tableau(self.textCursor(), geste)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.etat_change.emit()

    # -- Fields and parts from the record -----------------------------------------------------

    def champ_suivant(self, sens: int = 1) -> bool:
        """Select the next field that waits (the former one with -1). False: none is left."""
        return champs.aller_motif(self, CHAMP, sens)

    def remplir(self, valeurs: Mapping[str, ValeurChamp]) -> int:
        """Fill the fields that wait and have a value; gives their number."""
        connues = {cle(libelle): (libelle, v) for libelle, v in valeurs.items()}
        return champs.remplir(self, CHAMP, lambda nom: connues.get(cle(nom)))

    def faute_suivante(self) -> bool:
        """Select the next misspelt word. False: none."""
        return champs.aller_faute(self, self.souligneur)

    def origine(self) -> str:
        """Label of the field that filled the part under the cursor, or nothing."""
        return parties.origine(self.textCursor())

    def retirer_partie(self) -> str:
        """Take away the part from the record under the cursor, with its heading when nothing is
        left below. Gives its label, or nothing."""
        libelle = parties.retirer_partie(self.textCursor())
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        return libelle

    # -- Spelling --------------------------------------------------------------------------------

    def mot_sous_curseur(self) -> QTextCursor | None:
        """The misspelt word under the cursor, selected, or None."""
        return champs.mot_faux(self.textCursor(), self.souligneur)

    def proposer(self, mot: str, proches: Sequence[str]) -> None:
        """Suggestions came: they go to the menu that is open for that word."""
        menu = self._menu
        if menu is None or menu.property("mot") != mot:
            return
        premiere = menu.actions()[0]
        nouvelles = []
        for proche in proches:
            action = QAction(proche, menu)
            police = action.font()
            police.setBold(True)
            action.setFont(police)
            action.triggered.connect(lambda _=False, p=proche: self.remplacer_mot(p))
            nouvelles.append(action)
        if nouvelles:
            menu.insertActions(premiere, nouvelles)
            premiere.setVisible(False)
            menu.setActiveAction(nouvelles[0])
        else:
            premiere.setText("Aucune proposition")

    def remplacer_mot(self, autre: str) -> None:
        """Write another word in place of the misspelt one."""
        mot = self.mot_sous_curseur()
        if mot is not None:
            mot.insertText(autre, mot.charFormat())
            self.setTextCursor(mot)

    def menu_contextuel(self) -> QMenu:
        """Menu of the place of the cursor."""
        menu = QMenu(self)
        faux = self.mot_sous_curseur()
        if faux is not None:
            mot = faux.selectedText()
            menu.setProperty("mot", mot)
            attente = menu.addAction("Recherche de propositions…")
            attente.setEnabled(False)
            ajout = menu.addAction(f"Ajouter « {mot} » au dictionnaire")
            ajout.triggered.connect(lambda: self.mot_ajoute.emit(mot))
            menu.addSeparator()
        if libelle := self.origine():
            retrait = menu.addAction(f"Retirer « {libelle} », rempli depuis le dossier")
            retrait.setShortcut(QKeySequence("Ctrl+Shift+Del"))
            retrait.triggered.connect(self.retirer_partie)
            menu.addSeparator()
        for texte, touches, geste, possible in (
                ("Couper", "Ctrl+X", self.cut, self.textCursor().hasSelection()),
                ("Copier", "Ctrl+C", self.copy, self.textCursor().hasSelection()),
                ("Coller", "Ctrl+V", self.paste, self.canPaste()),
                ("Tout sélectionner", "Ctrl+A", self.selectAll, True)):
            action = menu.addAction(texte)
            action.setShortcut(QKeySequence(touches))
            action.setEnabled(possible)
            action.triggered.connect(geste)
        self._menu = menu
        if faux is not None:
            self.propositions_demandees.emit(faux.selectedText())
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Suggestions, the part from the record, then the usual; also by the Menu key."""
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            sous = self.cursorForPosition(event.pos())
            choix = self.textCursor()
            if not choix.selectionStart() <= sous.position() <= choix.selectionEnd():
                self.setTextCursor(sous)
            ou = event.globalPos()
        else:
            ou = self.viewport().mapToGlobal(self.cursorRect().bottomRight())
        menu = self.menu_contextuel()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.aboutToHide.connect(self._menu_ferme)
        menu.popup(ou)

    def _menu_ferme(self) -> None:
        self._menu = None

    # -- Keys ------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """F7 and F8 are the editor's while one writes, whatever the window does with them."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) \
                and event.key() in (Qt.Key.Key_F7, Qt.Key.Key_F8):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._touche(event):
            event.accept()
            return
        if event.text() and event.text().isprintable():
            self._hors_partie()
        super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._hors_partie()
        super().inputMethodEvent(event)

    def _touche(self, event: QKeyEvent) -> bool:
        """The keys of ours; True when it was one."""
        ctrl = event.modifiers() == _MOD.ControlModifier
        ctrl_maj = event.modifiers() == _MOD.ControlModifier | _MOD.ShiftModifier
        code = event.key()
        if ctrl or ctrl_maj:
            styles = {Qt.Key.Key_B: "gras", Qt.Key.Key_I: "italique", Qt.Key.Key_U: "souligne"}
            titres = {Qt.Key.Key_T: 2 if ctrl_maj else 1, Qt.Key.Key_N: 0 if ctrl_maj else -1}
            listes = {Qt.Key.Key_L: "puces", Qt.Key.Key_O: "numeros"}
            if ctrl and code in styles:
                self.basculer(styles[Qt.Key(code)])
            elif titres.get(Qt.Key(code), -1) >= 0:
                self.definir_style(titres[Qt.Key(code)])
            elif ctrl_maj and code in listes:
                self.basculer_liste(listes[Qt.Key(code)])
            elif ctrl_maj and code == Qt.Key.Key_Delete:
                self.retirer_partie()
            elif code in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                event.ignore()
                return False
            else:
                return False
            return True
        if code == Qt.Key.Key_F8:
            return self.champ_suivant(-1 if event.modifiers() & _MOD.ShiftModifier else 1)
        if code == Qt.Key.Key_F7:
            return self.faute_suivante()
        if code in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return self._tabulation(1 if code == Qt.Key.Key_Tab else -1)
        if event.modifiers() & ~_MOD.KeypadModifier:
            return False
        if code in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return gestes.entree(self)
        if code == Qt.Key.Key_Backspace:
            return gestes.effacement(self)
        if code == Qt.Key.Key_Space:
            return self._amorce()
        return False

    def _tabulation(self, sens: int) -> bool:
        """In a table, the next cell; elsewhere the next widget."""
        if self.dans_tableau:
            suivant = gestes.cellule_voisine(self.textCursor(), sens)
            if suivant is not None:
                self.setTextCursor(suivant)
                return True
        self.setTabChangesFocus(True)  # Qt refuses to leave the text otherwise
        self.focusNextPrevChild(sens > 0)
        self.setTabChangesFocus(False)
        return True

    def _amorce(self) -> bool:
        """« # », « - » or « 1. » then a space at the beginning of a line."""
        curseur = self.textCursor()
        avant = curseur.block().text()[:curseur.positionInBlock()]
        if curseur.hasSelection() or curseur.currentTable() is not None \
                or curseur.currentList() is not None or self.niveau_style:
            return False
        if avant not in (*_AMORCES, "-", "*", "1.", "1)"):
            return False
        curseur.beginEditBlock()
        curseur.movePosition(QTextCursor.MoveOperation.StartOfBlock,
                             QTextCursor.MoveMode.KeepAnchor)
        curseur.removeSelectedText()
        curseur.endEditBlock()
        self.setTextCursor(curseur)
        if avant in _AMORCES:
            self.definir_style(_AMORCES[avant])
        else:
            self.basculer_liste("puces" if avant in "-*" else "numeros")
        return True

    def _hors_partie(self) -> None:
        """What is typed at the edge of a part from the record is the author's."""
        curseur = self.textCursor()
        forme = curseur.charFormat()
        if not curseur.hasSelection() and forme.property(ORIGINE) \
                and not parties.au_milieu(curseur, ORIGINE):
            propre = QTextCharFormat(forme)
            propre.clearProperty(ORIGINE)
            self.setCurrentCharFormat(propre)

    def _deplace(self) -> None:
        """The word that was being typed is judged when the cursor leaves it."""
        curseur = self.textCursor()
        avant = self.souligneur.en_cours
        ici = (curseur.blockNumber(), curseur.positionInBlock(), curseur.positionInBlock())
        self.souligneur.en_cours = None if curseur.hasSelection() or not self.hasFocus() else ici
        if avant is not None:
            ancien = self.document().findBlockByNumber(avant[0])
            if ancien.isValid() and (avant[0] != ici[0] or champs.mot_quitte(
                    ancien.text(), avant[1], ici[1])):
                self.souligneur.rehighlightBlock(ancien)
        self.etat_change.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._deplace()
