"""The head of the day: which day, whose visits, what waits, add a visit."""

from collections.abc import Callable
from datetime import date, timedelta

from PySide6.QtCore import QDate, QPoint, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeySequence, QShortcut
from PySide6.QtWidgets import QCalendarWidget, QHBoxLayout, QMenu, QWidget, QWidgetAction

from app.ui import theme
from app.ui.infobulle import sure
from app.ui.views.elements import Bouton, BoutonIcone, Etiquette, Segment

_JOURS = ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche")
_MOIS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
         "octobre", "novembre", "décembre")


def jour_en_lettres(jour: date) -> str:
    """« Lundi 23 novembre 2026 »."""
    quantieme = "1er" if jour.day == 1 else str(jour.day)
    return f"{_JOURS[jour.weekday()]} {quantieme} {_MOIS[jour.month - 1]} {jour.year}"


class TeteTournee(QWidget):
    """A row; words shorten before anything is cut.

    Args:
        parent: the page, where the shortcuts hold.
        aujourd_hui: tells the day: the window may stay open past midnight.
    """

    #: Day asked.
    jour_demande = Signal(object)
    #: Add a visit.
    ajout_demande = Signal()
    #: Open « À valider ».
    validation_demandee = Signal()
    #: Everybody's visits, or the user's own.
    de_qui_change = Signal()

    def __init__(self, parent: QWidget, aujourd_hui: Callable[[], date]) -> None:
        super().__init__(parent)
        self._aujourd_hui = aujourd_hui
        self._jour = aujourd_hui()
        self._nombre_a_valider = 0
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(8)
        self.titre = Etiquette("", "page")
        self.precedent = BoutonIcone("chevron-left", "Jour précédent (Alt+←)")
        self.retour = Bouton("Aujourd’hui")
        self.suivant = BoutonIcone("chevron-right", "Jour suivant (Alt+→)")
        self.calendrier = BoutonIcone("calendar", "Choisir un jour")
        self.ajouter = Bouton("Ajouter un passage", "principal", "plus")
        self.ajouter.setToolTip("Ajouter un passage (Ctrl+Maj+N)")
        rangee.addWidget(self.titre)
        rangee.addSpacing(8)
        for bouton in (self.precedent, self.retour, self.suivant, self.calendrier):
            rangee.addWidget(bouton)
        self.de_qui = Segment((("", "Tout le monde"), ("miens", "Moi")))
        self.de_qui.setAccessibleName("Passages de")
        self.de_qui.hide()
        self.validations = Bouton("", icone="list-check")
        self.validations.setToolTip("Documents préparés pour vous, à valider")
        self.validations.hide()
        self.validations.clicked.connect(self.validation_demandee)
        rangee.addSpacing(8)
        rangee.addWidget(self.de_qui)
        rangee.addStretch(1)
        rangee.addWidget(self.validations)
        rangee.addWidget(self.ajouter)
        self.precedent.clicked.connect(lambda: self._aller(-1))
        self.suivant.clicked.connect(lambda: self._aller(1))
        self.retour.clicked.connect(lambda: self.jour_demande.emit(self._aujourd_hui()))
        self.calendrier.clicked.connect(self._choisir_jour)
        self.ajouter.clicked.connect(self.ajout_demande)
        self.de_qui.choisi.connect(lambda _: self.de_qui_change.emit())
        for touches, pas in (("Alt+Left", -1), ("Alt+Right", 1)):
            self._raccourci(parent, touches).activated.connect(lambda p=pas: self._aller(p))
        self._raccourci(parent, "Ctrl+Shift+N").activated.connect(self.ajout_demande)

    @staticmethod
    def _raccourci(page: QWidget, touches: str) -> QShortcut:
        raccourci = QShortcut(QKeySequence(touches), page)
        raccourci.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return raccourci

    def montrer(self, jour: date, largeur: int, *, serre: bool) -> None:
        """Show a day.

        :param largeur: room of the row, in pixels.
        :param serre: without room, words shorten and what goes nowhere leaves.
        """
        self._jour = jour
        self.de_qui.definir((("", "Tous" if serre else "Tout le monde"), ("miens", "Moi")))
        self.ajouter.setText("Ajouter" if serre else "Ajouter un passage")
        self.ajouter.setAccessibleName("Ajouter un passage")
        nombre = self._nombre_a_valider
        self.validations.setText(str(nombre) if serre else f"{nombre} à valider")
        self.validations.setAccessibleName(
            f"{nombre} document{'s' if nombre > 1 else ''} à valider")
        self.retour.setEnabled(jour != self._aujourd_hui())
        self.retour.setHidden(serre and not self.retour.isEnabled())
        self._titrer(largeur)

    def proposer_de_qui(self, propose: bool) -> bool:
        """Offer to show one's own visits alone; True when that choice had to be undone."""
        self.de_qui.setVisible(propose)
        if propose or not self.de_qui.valeur:
            return False
        self.de_qui.choisir("")
        return True

    def a_valider(self, nombre: int) -> None:
        """Documents that others prepared and that wait for the user; 0 shows nothing."""
        self._nombre_a_valider = nombre
        self.validations.setVisible(nombre > 0)

    def _titrer(self, largeur: int) -> None:
        entier = jour_en_lettres(self._jour)
        mesure = QFontMetrics(theme.police("page"))
        autres = sum(b.sizeHint().width() + 8 for b in (
            self.precedent, self.retour, self.suivant, self.calendrier, self.ajouter,
            self.de_qui, self.validations) if not b.isHidden())
        place = largeur - 16 - autres
        sans_annee = entier.rsplit(" ", 1)[0]
        semaine, quantieme, mois = sans_annee.split(" ", 2)
        formes = (entier, sans_annee, f"{semaine[:3]}. {quantieme} {mois}",
                  f"{self._jour:%d/%m/%Y}")
        self.titre.setText(next((f for f in formes if mesure.horizontalAdvance(f) <= place),
                                formes[-1]))
        self.titre.setMinimumWidth(mesure.horizontalAdvance(self.titre.text()))
        self.titre.setToolTip(sure("" if self.titre.text() == entier else entier))
        self.titre.setAccessibleName(entier)

    def _aller(self, pas: int) -> None:
        self.jour_demande.emit(self._jour + timedelta(days=pas))

    def _choisir_jour(self) -> None:
        menu = QMenu(self)
        calendrier = QCalendarWidget()
        calendrier.setGridVisible(False)
        calendrier.setVerticalHeaderFormat(
            QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        calendrier.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        calendrier.setSelectedDate(QDate(self._jour.year, self._jour.month, self._jour.day))

        def choisi() -> None:
            menu.close()
            self.jour_demande.emit(calendrier.selectedDate().toPython())

        calendrier.clicked.connect(lambda _: choisi())
        calendrier.activated.connect(lambda _: choisi())
        action = QWidgetAction(menu)
        action.setDefaultWidget(calendrier)
        menu.addAction(action)
        menu.popup(self.calendrier.mapToGlobal(QPoint(0, self.calendrier.height() + 2)))
        calendrier.setFocus()
