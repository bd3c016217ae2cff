"""The main window: rail, top bar, pages, messages, floating line; and the lock screen over all.

It knows no use case. Controllers add pages (built when first shown), send to one, say things.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QStackedWidget,
    QToolTip,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.ui import theme
from app.ui.views.aide_clavier import DialogueRaccourcis
from app.ui.views.barre import Barre
from app.ui.views.marque import icone_application
from app.ui.views.messages import LigneFlottante, MessageEnLigne, PileMessages
from app.ui.views.rail import Rail

#: A page, or the function that builds it when it is first shown.
Page = QWidget | Callable[[], QWidget]
TITRE = "Pléiade"


class Fenetre(QMainWindow):
    """The window. `aller("envois")` shows a page; `page_changee` says which one is shown."""

    page_changee = Signal(str)
    verrou_demande = Signal()
    #: About to be locked or closed: pages hand their drafts to the workers now.
    a_garder = Signal()
    #: The window wants to close; the application answers by `fermer_pour_de_bon`.
    fermeture_demandee = Signal()

    def __init__(self, version: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITRE)
        self.setWindowIcon(icone_application())
        self.setMinimumSize(960, 600)
        self._version = version
        self._pages: dict[str, Page] = {}
        self._titres: dict[str, str] = {}
        self._entrees: dict[str, str] = {}
        self._courante = ""
        self._interdites: dict[str, str] = {}
        self._fermeture_permise = False
        self._focus_avant: QWidget | None = None
        self._caches: list[QWidget] = []
        self._niveaux = QStackedWidget()
        self.setCentralWidget(self._niveaux)
        self._cadre: QWidget | None = None
        self._acces: QWidget | None = None

    # -- The frame --------------------------------------------------------------------------

    def construire(self) -> None:
        """Build rail, bar and page area. Called once, when a file is open."""
        if self._cadre is not None:
            return
        self._cadre = QWidget()
        theme.poser(self._cadre, fond="fond")
        rangee = QHBoxLayout(self._cadre)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(0)
        self.rail = Rail(self._version)
        self.rail.demande.connect(self.aller)
        rangee.addWidget(self.rail)
        colonne = QVBoxLayout()
        colonne.setSpacing(0)
        rangee.addLayout(colonne, 1)
        self.barre = Barre()
        self.barre.verrou_demande.connect(self.verrou_demande)
        self.messages = PileMessages()
        self.pages = QStackedWidget()
        colonne.addWidget(self.barre)
        colonne.addWidget(self.messages)
        colonne.addWidget(self.pages, 1)
        self._flottante = LigneFlottante(self._cadre)
        self._niveaux.addWidget(self._cadre)
        self._raccourci("Ctrl+K", self.barre.recherche.entrer)
        self._raccourci("Ctrl+L", self.verrou_demande.emit)
        self._raccourci("F1", self.montrer_raccourcis)

    def montrer_raccourcis(self) -> None:
        """The help of the keyboard."""
        DialogueRaccourcis(self).open()

    def _raccourci(self, touches: str, action: Callable[[], object]) -> None:
        assert self._cadre is not None
        raccourci = QShortcut(QKeySequence(touches), self._cadre)
        raccourci.setContext(Qt.ShortcutContext.WindowShortcut)
        raccourci.activated.connect(action)

    def ajouter_raccourci(self, touches: str, action: Callable[[], object]) -> None:
        """A keyboard shortcut of the whole window, silent while it is locked."""
        self._raccourci(touches, action)

    # -- Pages ------------------------------------------------------------------------------

    def ajouter_page(self, nom: str, icone: str, titre: str, widget: Page, *,
                     rail: str | None = None, en_bas: bool = False) -> None:
        """Declare a page.

        Args:
            nom: its key.
            icone: Tabler name for the rail; "" = no entry of its own.
            titre: words of the entry and of the window's title.
            widget: the page, or a function that builds it when it is first shown.
            rail: entry shown as current while this page is open, when it has none of its own.
            en_bas: entry at the foot of the rail.
        """
        self._pages[nom] = widget
        self._titres[nom] = titre.replace("\n", " ")
        self._entrees[nom] = nom if icone else (rail or "")
        if icone:
            self.rail.ajouter(nom, icone, titre, en_bas=en_bas)
            rang = len(self.rail.noms())
            self._raccourci(f"Ctrl+{rang}", lambda: self.aller(nom))
        if isinstance(widget, QWidget):
            self.pages.addWidget(widget)

    def page(self, nom: str) -> QWidget:
        """The widget of a page, built now if it wasn't."""
        valeur = self._pages[nom]
        if not isinstance(valeur, QWidget):
            valeur = valeur()
            self._pages[nom] = valeur
            self.pages.addWidget(valeur)
        return valeur

    def interdire(self, nom: str, raison: str) -> None:
        """Hide a page that the account may not see; whoever goes there all the same is told.

        Args:
            raison: French sentence, with what to do.
        """
        self._interdites[nom] = raison
        self.rail.montrer(nom, False)

    def montrer_entree(self, nom: str, visible: bool) -> None:
        """Show or hide the rail entry of a page that isn't always of use; it stays reachable."""
        self.rail.montrer(nom, visible and nom not in self._interdites)

    def permise(self, nom: str) -> bool:
        """True when the account may see a page."""
        return nom not in self._interdites

    def construite(self, nom: str) -> bool:
        """True when the page was already shown once."""
        return isinstance(self._pages.get(nom), QWidget)

    def aller(self, nom: str) -> QWidget:
        """Show a page and give it the focus; one that is forbidden stays where it is."""
        if nom in self._interdites:
            self.message("info", self._interdites[nom])
            return self.pages.currentWidget() or self.pages
        widget = self.page(nom)
        self.pages.setCurrentWidget(widget)
        self.rail.choisir(self._entrees[nom])
        change, self._courante = nom != self._courante, nom
        self._titrer()
        if change:
            self._donner_focus(widget)
            self.page_changee.emit(nom)
        return widget

    def _titrer(self) -> None:
        """Name the page in the title, read by the task bar: nothing of it while locked."""
        titre = "" if self.verrouillee else self._titres.get(self._courante, "")
        self.setWindowTitle(f"{titre} – {TITRE}" if titre else TITRE)

    @staticmethod
    def _donner_focus(page: QWidget) -> None:
        """Keyboard in the page: where it wants it (`entrer`), else its first list or field."""
        entrer = getattr(page, "entrer", None)
        if callable(entrer):
            entrer()
            return
        for genre in (QAbstractItemView, QLineEdit):
            for enfant in page.findChildren(genre):
                if enfant.isVisibleTo(page) and enfant.isEnabled():
                    enfant.setFocus(Qt.FocusReason.OtherFocusReason)
                    return

    @property
    def page_courante(self) -> str:
        """Key of the page shown."""
        return self._courante

    def compteur(self, nom: str, nombre: int, *, echec: bool = False) -> None:
        """Counter of a rail entry; 0 hides it."""
        entree = self.rail.entree(nom)
        if entree is not None:
            entree.definir_compteur(nombre, echec=echec)

    # -- Saying -----------------------------------------------------------------------------

    def message(self, genre: str, texte: str, remede: str | None = None,
                sur_remede: Callable[[], None] | None = None, *, code: str = "",
                ) -> MessageEnLigne:
        """Say something above the page until it is closed or solved.

        Args:
            genre: "erreur", "alerte", "info" or "succes".
            texte: what happened, what didn't, what to do; the first sentence is bold.
            remede: verb of the button.
            sur_remede: what it does; the message then leaves.
            code: small official code.
        """
        def remedier() -> None:
            message.fermer()
            if sur_remede is not None:
                sur_remede()

        message = MessageEnLigne(genre, texte, remede or "",
                                 remedier if sur_remede is not None else None, code=code)
        return self.messages.ajouter(message)

    def ligne_flottante(self, texte: str, annuler: Callable[[], None] | None = None) -> None:
        """Confirm something done; `annuler` undoes it (Ctrl+Z) during six seconds."""
        self._flottante.montrer(texte, annuler)

    @property
    def texte_flottant(self) -> str:
        """What the floating line says, "" when hidden."""
        return self._flottante.texte

    # -- Lock -------------------------------------------------------------------------------

    @property
    def verrouillee(self) -> bool:
        """True while the lock screen or the first start covers the window."""
        return self._acces is not None

    def couvrir(self, ecran: QWidget) -> None:
        """Show an access screen over everything; names leave the title."""
        if self._acces is None:
            actif = QApplication.focusWidget()
            self._focus_avant = actif if actif and self.isAncestorOf(actif) else None
            if self._cadre is not None:
                self.barre.recherche.fermer()
            self._cacher_le_reste()
            application = QApplication.instance()
            assert application is not None
            application.installEventFilter(self)
        else:
            self._retirer_acces()
        self._acces = ecran
        self._niveaux.addWidget(ecran)
        self._niveaux.setCurrentWidget(ecran)
        self.setWindowTitle(TITRE)

    def decouvrir(self) -> None:
        """Show the frame again: same page, same field, same caret."""
        assert self._cadre is not None
        self._retirer_acces()
        application = QApplication.instance()
        assert application is not None
        application.removeEventFilter(self)
        self._niveaux.setCurrentWidget(self._cadre)
        self._titrer()
        caches, self._caches = self._caches, []
        for widget in caches:
            if isValid(widget):
                widget.setWindowOpacity(1)
                widget.show()
        if (self._focus_avant is not None and isValid(self._focus_avant)
                and self._focus_avant.isVisible()):
            self._focus_avant.setFocus(Qt.FocusReason.OtherFocusReason)
        self._focus_avant = None

    def _cacher_le_reste(self) -> None:
        """Dialogs, veils and popovers above the frame: they come back with it. Menus, lists that
        drop and tooltips close: some belong to no window."""
        while (liste := QApplication.activePopupWidget()) is not None:
            liste.close()
            if liste.isVisible():
                liste.hide()
        QToolTip.hideText()
        dessus = [w for w in QApplication.topLevelWidgets()
                  if w is not self and (self._est_mien(w) or isinstance(w, QDialog))]
        dessus += [w for w in self.findChildren(
            QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
            if not w.isWindow() and w is not self._niveaux]
        for widget in dessus:
            if not widget.isHidden() and not self._du_verrou(widget):
                widget.hide()
                self._caches.append(widget)
                if isinstance(widget, QDialog):
                    widget.finished.connect(lambda _, w=widget: self._oublier(w))

    def _oublier(self, dialogue: QWidget) -> None:
        """A dialog ended while it was hidden: it doesn't come back."""
        self._caches = [w for w in self._caches if w is not dialogue]

    def _est_mien(self, widget: QWidget) -> bool:
        parent = widget.parentWidget()
        while parent is not None and parent is not self:
            parent = parent.parentWidget()
        return parent is self

    def eventFilter(self, objet: QObject, evenement: QEvent) -> bool:
        """While locked, a dialog that a late answer opens waits for the return.

        Dialogs of the access screens themselves carry the property `sur_verrou`, or were opened
        by what is on them (a file to choose, a printer).
        """
        if evenement.type() == QEvent.Type.Show and isinstance(objet, QDialog) \
                and self._acces is not None and not self._du_verrou(objet):
            objet.setWindowOpacity(0)  # nothing to read until it is hidden
            QTimer.singleShot(0, self._cacher_si_verrouillee)
        return False

    def _du_verrou(self, widget: QWidget | None) -> bool:
        """True for what belongs to the access screen: it, or something on it, opened it."""
        while widget is not None:
            if widget is self._acces or widget.property("sur_verrou"):
                return True
            widget = widget.parentWidget()
        return False

    def _cacher_si_verrouillee(self) -> None:
        if self._acces is not None:
            self._cacher_le_reste()

    def _retirer_acces(self) -> None:
        if self._acces is not None:
            self._niveaux.removeWidget(self._acces)
            self._acces.hide()
            self._acces.deleteLater()
            self._acces = None

    # -- Closing ----------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing waits for the application, which waits for commits."""
        if self._fermeture_permise:
            event.accept()
            return
        event.ignore()
        self.fermeture_demandee.emit()

    def fermer_pour_de_bon(self) -> None:
        """Close without asking."""
        self._fermeture_permise = True
        application = QApplication.instance()
        assert application is not None
        application.removeEventFilter(self)
        self.close()
