"""Filters of the documents list, on one row or two; importing at the right (mock 03)."""

from datetime import date, timedelta

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from app.domain.document import ListeDocuments, OrigineDocument
from app.domain.libelles import ORIGINES
from app.ui import theme
from app.ui.models.etats_documents import (
    GROUPES_ETATS,
    FiltreDocuments,
    auteur_affiche,
)
from app.ui.views.deroulante import Deroulante
from app.ui.views.elements import Bouton, Segment

_PERIODES = (("Toute la période", 0), ("3 derniers mois", 92), ("Dernière année", 366),
             ("2 dernières années", 731))
#: Authors offered at most; the text filter finds the others.
_AUTEURS_MAX = 40


class FiltresDocuments(QWidget):
    """What the list keeps. `change` says that `filtre_courant` is another one."""

    change = Signal()
    import_demande = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, fond="fond")
        self._types: tuple[tuple[str, str], ...] = ()
        self._auteurs: tuple[str, ...] = ()
        self.filtre = QLineEdit()
        self.filtre.setPlaceholderText("Filtrer la liste")
        self.filtre.setAccessibleName("Filtrer la liste")
        self.filtre.setClearButtonEnabled(True)
        self.filtre.addAction(theme.icone("filter", "texte2", 16),
                              QLineEdit.ActionPosition.LeadingPosition)
        self.filtre.setMaximumWidth(theme.espace(220))
        self.filtre.setMinimumWidth(theme.espace(110))
        self.origines = Segment((("", "Tous"), ("cabinet", "Cabinet"), ("dmp", "DMP")))
        self.types = Deroulante()
        self.types.setAccessibleName("Type de document")
        self.types.setMinimumContentsLength(8)
        self.types.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.types.addItem("Type : tous", "")
        self.types.setMinimumWidth(theme.espace(112))
        self.types.setMaximumWidth(theme.espace(230))
        self.plus = Bouton("Plus", icone="adjustments-horizontal")
        self.plus.setToolTip("État, auteur, période, invisibles au patient, remplacés et supprimés")
        self.plus.setAccessibleName("Autres filtres")
        self.importer = Bouton("Importer", icone="upload")
        self.importer.setToolTip("Importer des fichiers dans ce dossier (ou les déposer ici)")
        self.importer.clicked.connect(self.import_demande)
        self._disposer()
        self._menu()
        self.filtre.textChanged.connect(lambda _: self.change.emit())
        self.origines.choisi.connect(lambda _: self.change.emit())
        self.types.currentIndexChanged.connect(lambda _: self.change.emit())

    def _disposer(self) -> None:
        self._une, self._deux = QHBoxLayout(), QHBoxLayout()
        for rangee in (self._une, self._deux):
            rangee.setContentsMargins(16, 0, 12, 0)
            rangee.setSpacing(8)
        self._deux.addStretch(1)
        self._sur_deux = False
        self._une.addWidget(self.filtre, 2)
        self._une.addWidget(self.origines)
        self._une.addWidget(self.types, 1)
        self._une.addStretch(0)  # what the field and the list leave, and no more
        self._une.addWidget(self.plus)
        self._une.addWidget(self.importer)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 8, 0, 8)
        colonne.setSpacing(6)
        colonne.addLayout(self._une)
        colonne.addLayout(self._deux)

    def _menu(self) -> None:
        menu = QMenu(self)
        self._etats = _groupe(menu.addMenu("État"), (
            ("Tous les états", ""), *((mots, code) for code, mots, _ in GROUPES_ETATS)))
        self._menu_auteurs = menu.addMenu("Auteur")
        self._choix_auteurs = _groupe(self._menu_auteurs, (("Tous les auteurs", ""),))
        self._periodes = _groupe(menu.addMenu("Période"), _PERIODES)
        menu.addSeparator()
        self.invisibles = QAction("Invisibles au patient seulement", menu)
        self.retires = QAction("Avec les remplacés et supprimés", menu)
        for action in (self.invisibles, self.retires):
            action.setCheckable(True)
            menu.addAction(action)
        menu.triggered.connect(lambda _: self._choisi())
        self.plus.clicked.connect(
            lambda: menu.popup(self.plus.mapToGlobal(QPoint(0, self.plus.height() + 2))))

    def _choisi(self) -> None:
        f = self.filtre_courant()
        actifs = sum((bool(f.depuis), f.invisibles, f.retires, bool(f.etat), bool(f.auteur)))
        self.plus.setText(f"Plus ({actifs})" if actifs else "Plus")
        self.change.emit()

    # -- what the view says ------------------------------------------------------------------

    def filtre_courant(self) -> FiltreDocuments:
        """What is chosen now."""
        jours = int(str(_choix(self._periodes) or 0))
        origine = self.origines.valeur
        return FiltreDocuments(
            texte=self.filtre.text(), origine=OrigineDocument(origine) if origine else None,
            type_code=str(self.types.currentData() or ""),
            depuis=(date.today() - timedelta(days=jours)).isoformat() if jours else "",
            invisibles=self.invisibles.isChecked(), retires=self.retires.isChecked(),
            etat=str(_choix(self._etats) or ""), auteur=str(_choix(self._choix_auteurs) or ""))

    def effacer(self) -> None:
        """Back to the whole list."""
        self.blockSignals(True)
        self.filtre.clear()
        self.types.setCurrentIndex(0)
        self.origines.choisir("")
        for groupe in (self._periodes, self._etats, self._choix_auteurs):
            groupe[0].setChecked(True)
        self.invisibles.setChecked(False)
        self.retires.setChecked(False)
        self.blockSignals(False)
        self._choisi()

    def choisir_etat(self, code: str) -> None:
        """Keep one group of states of `GROUPES_ETATS`."""
        next(a for a in self._etats if a.data() == code).setChecked(True)
        self._choisi()

    def filtrer_type(self, type_code: str) -> None:
        """Keep one type only."""
        self.blockSignals(True)
        rang = self.types.findData(type_code)
        self.origines.choisir("")
        self.filtre.clear()
        if rang >= 0:
            self.types.setCurrentIndex(rang)
        self.blockSignals(False)
        self.change.emit()

    def remplir(self, liste: ListeDocuments) -> None:
        """Offer the types, origins and authors that the list holds."""
        self._remplir_types(liste)
        self._remplir_auteurs(liste)
        presentes = {ligne.origine for ligne in liste.lignes} | {OrigineDocument.CABINET,
                                                                 OrigineDocument.DMP}
        self.origines.definir((("", "Tous"), *((o.value, ORIGINES[o]) for o in OrigineDocument
                                               if o in presentes)))

    def _remplir_types(self, liste: ListeDocuments) -> None:
        types: dict[str, str] = {}
        for ligne in liste.lignes:
            types.setdefault(ligne.type_code, ligne.type_libelle)
        tries = tuple(sorted(types.items(), key=lambda paire: paire[1]))
        if tries == self._types:
            return
        self._types = tries
        courant = self.types.currentData()
        self.types.blockSignals(True)
        self.types.clear()
        self.types.addItem("Type : tous", "")
        for code, libelle in tries:
            self.types.addItem(libelle, code)
        self.types.setCurrentIndex(max(0, self.types.findData(courant)))
        self.types.blockSignals(False)

    def _remplir_auteurs(self, liste: ListeDocuments) -> None:
        auteurs = tuple(sorted({auteur_affiche(x) for x in liste.lignes} - {""}))[:_AUTEURS_MAX]
        if auteurs == self._auteurs:
            return
        courant = _choix(self._choix_auteurs)
        self._auteurs = auteurs
        self._menu_auteurs.clear()
        self._choix_auteurs = _groupe(self._menu_auteurs, (
            ("Tous les auteurs", ""), *((nom, nom) for nom in auteurs)))
        for action in self._choix_auteurs:
            action.setChecked(action.data() == (courant if courant in auteurs else ""))

    def ranger(self, largeur: int, *, basse: bool) -> None:
        """Two rows when the room goes; a very low window keeps the search and « Plus » only."""
        for widget in (self.origines, self.types):
            widget.setVisible(not basse)
        besoin = self.origines.sizeHint().width() + self.plus.sizeHint().width() \
            + self.importer.sizeHint().width() + theme.espace(110 + 112) + 28 + 5 * 8
        deux = largeur < max(besoin, theme.espace(640))
        self.filtre.setMaximumWidth(16777215 if deux else theme.espace(220))
        if deux == self._sur_deux:
            return
        self._sur_deux = deux
        de, vers = (self._une, self._deux) if deux else (self._deux, self._une)
        for widget in (self.origines, self.types):
            de.removeWidget(widget)
        if deux:
            vers.insertWidget(0, self.origines)
            vers.insertWidget(1, self.types, 1)
        else:
            vers.insertWidget(1, self.origines)
            vers.insertWidget(2, self.types, 1)


def _groupe(menu: QMenu, choix: tuple[tuple[str, object], ...]) -> list[QAction]:
    """Exclusive choices of a menu; the first one is checked."""
    groupe = QActionGroup(menu)
    actions = []
    for rang, (mots, valeur) in enumerate(choix):
        action = QAction(mots.replace("&", "&&"), menu)
        action.setCheckable(True)
        action.setData(valeur)
        action.setChecked(rang == 0)
        groupe.addAction(action)
        menu.addAction(action)
        actions.append(action)
    return actions


def _choix(actions: list[QAction]) -> object:
    return next((a.data() for a in actions if a.isChecked()), None)
