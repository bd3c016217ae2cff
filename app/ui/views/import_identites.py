"""Import of identities: a dry run that shows what would happen, then the import, all or nothing."""

from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.domain import dates
from app.domain.import_identites import ActionImport, EssaiImport, LigneImport
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.models.table import Index, ModeleLignes
from app.ui.views.elements import Bouton, Carte, Etiquette, Icone, Segment
from app.ui.views.lignes import DelegueLigne, TableLignes
from app.ui.views.lignes import Index as IndexLigne
from app.ui.views.tete_page import TetePage

_ROLE = Qt.ItemDataRole.UserRole + 1
#: Action -> icon, word, colour.
ACTIONS: dict[ActionImport, tuple[str, str, str]] = {
    ActionImport.CREER: ("plus", "À créer", "succes"),
    ActionImport.DOUBLON: ("copy", "Ressemblance", "alerte"),
    ActionImport.CONNU: ("equal", "Déjà connu", "neutre"),
    ActionImport.REFUSER: ("alert-octagon", "Refusé", "erreur"),
}


class Colonne(IntEnum):
    """Columns, in the order of the screen."""

    LIGNE = 0
    ACTION = 1
    PATIENT = 2
    NAISSANCE = 3
    DETAIL = 4


_TITRES = ("Ligne", "Ce qui se passera", "Identité", "Naissance", "Remarques")


class ModeleImport(ModeleLignes[LigneImport]):
    """Lines of a dry run, filtered by action."""

    TITRES = _TITRES

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._lignes):
            return None
        ligne = self._lignes[index.row()]
        if role == _ROLE:
            return ligne
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == Colonne.DETAIL:
            return sure(" ".join(ligne.messages))
        if role == Qt.ItemDataRole.DisplayRole:
            t = ligne.traits
            match index.column():
                case Colonne.LIGNE:
                    return str(ligne.numero)
                case Colonne.ACTION:
                    return ACTIONS[ligne.action][1]
                case Colonne.PATIENT:
                    return f"{t.nom_naissance} {t.premier_prenom}".strip() or "sans nom"
                case Colonne.NAISSANCE:
                    return dates.formater(t.date_naissance)
                case _:
                    return " ".join(ligne.messages)
        return None


class _Delegue(DelegueLigne):
    """Paints a line of the dry run."""

    def cellule(self, painter: QPainter, zone: QRect, index: IndexLigne, fond: str) -> None:
        ligne: LigneImport = index.data(_ROLE)
        texte = str(index.data() or "")
        match index.column():
            case Colonne.ACTION:
                icone, mot, ton = ACTIONS[ligne.action]
                self.icone_texte(painter, zone, icone, mot, ton)
            case Colonne.PATIENT:
                self.texte(painter, zone, texte, "texte", theme.police("body", 600))
            case Colonne.LIGNE | Colonne.NAISSANCE:
                if index.column() == Colonne.LIGNE:
                    zone.setLeft(zone.left() + theme.espace(8))
                self.texte(painter, zone, texte, "texte2" if index.column() == Colonne.LIGNE
                           else "texte", theme.police("body", chiffres=True))
            case _:
                self.texte(painter, zone, texte, "texte2")


class TableImport(TableLignes):
    """Lines of the dry run."""

    def __init__(self, modele: ModeleImport) -> None:
        super().__init__("Identités du fichier")
        self.setModel(modele)
        self.setItemDelegate(_Delegue(self))
        theme.poser(self.horizontalHeader(), marge="page")

    def repartir(self) -> None:
        """The remarks take what is left."""
        if self.model() is None:
            return
        mesure, marge = QFontMetrics(theme.police("body")), theme.espace(24)
        fixes = {Colonne.LIGNE: mesure.horizontalAdvance("50 000") + marge,
                 Colonne.ACTION: mesure.horizontalAdvance("Ce qui se passera") + marge
                 + theme.espace(10),
                 Colonne.NAISSANCE: mesure.horizontalAdvance("00/00/0000") + marge}
        libre = max(0, self.viewport().width() - sum(fixes.values()))
        for colonne, largeur in fixes.items():
            self.setColumnWidth(colonne, largeur)
        self.setColumnWidth(Colonne.PATIENT, libre * 36 // 100)
        self.setColumnWidth(Colonne.DETAIL, libre - libre * 36 // 100)


class VueImport(QWidget):
    """The page « import_identites »."""

    fichier_demande = Signal()
    #: EssaiImport, create look-alikes too.
    import_demande = Signal(object, bool)
    export_demande = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._essai: EssaiImport | None = None
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 10, 16, 14)
        page.setSpacing(12)
        exports = []
        for code, mot in (("csv", "Exporter en CSV"), ("fhir", "Exporter en FHIR")):
            bouton = Bouton(mot, "second", "download")
            bouton.clicked.connect(lambda _=False, c=code: self.export_demande.emit(c))
            exports.append(bouton)
        page.addLayout(TetePage("Importer et exporter des identités", *exports))
        self._pile = QStackedWidget()
        page.addWidget(self._pile, 1)
        self._pile.addWidget(self._composer_accueil())
        self._pile.addWidget(self._composer_essai())

    def _composer_accueil(self) -> QWidget:
        carte = Carte()
        carte.corps.addStretch(2)
        self._icone = Icone("file-import", "texte2", 32)
        self._grand = Etiquette("Choisissez un fichier CSV ou FHIR R4", "title")
        self._petit = Etiquette("Un essai montre d’abord ce qui se passerait. Rien n’est écrit "
                                "avant votre accord, et l’import se fait en entier ou pas du tout.",
                                "body", "texte2")
        self.choisir = Bouton("Choisir un fichier", "principal", "folder-open")
        self.choisir.clicked.connect(self.fichier_demande)
        self._petit.setWordWrap(True)
        self._petit.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        for widget in (self._icone, self._grand, self._petit, self.choisir):
            # A sentence that wraps takes the whole width.
            carte.corps.addWidget(widget, 0, Qt.AlignmentFlag(0) if widget is self._petit
                                  else Qt.AlignmentFlag.AlignHCenter)
            carte.corps.addSpacing(8)
        carte.corps.addStretch(3)
        return carte

    def _composer_essai(self) -> QWidget:
        cadre = QFrame()
        theme.poser(cadre, carte="oui")
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(1, 1, 1, 1)
        colonne.setSpacing(0)
        tete = QWidget()
        rangee = QHBoxLayout(tete)
        rangee.setContentsMargins(12, 10, 12, 10)
        rangee.setSpacing(10)
        self._nom = Etiquette("", "trait", "texte", 600)
        rangee.addWidget(self._nom)
        rangee.addStretch(1)
        self.segment = Segment((("tout", "Toutes"),))
        self.segment.choisi.connect(lambda _: self._filtrer())
        rangee.addWidget(self.segment)
        autre = Bouton("Autre fichier", "discret", "folder-open", petit=True)
        autre.clicked.connect(self.fichier_demande)
        rangee.addWidget(autre)
        colonne.addWidget(tete)
        self.modele = ModeleImport(self)
        self.table = TableImport(self.modele)
        colonne.addWidget(self.table, 1)
        pied = QFrame()
        theme.poser(pied, fond="surface2", trait="haut")
        bas = QHBoxLayout(pied)
        bas.setContentsMargins(12, 10, 12, 10)
        bas.setSpacing(12)
        self._resume = Etiquette("", "body")
        self._resume.setWordWrap(True)
        bas.addWidget(self._resume, 1)
        self.doublons = QCheckBox("Créer aussi les ressemblances, comme homonymes")
        self.doublons.toggled.connect(lambda _: self._resumer())
        bas.addWidget(self.doublons)
        self.importer = Bouton("Importer", "principal", "file-import")
        self.importer.clicked.connect(self._importer)
        bas.addWidget(self.importer)
        colonne.addWidget(pied)
        return cadre

    # -- Content ----------------------------------------------------------------------------

    def montrer_accueil(self, titre: str = "", texte: str = "") -> None:
        """Back to the choice of a file; `titre` says what was done."""
        self._essai = None
        self._icone.definir("circle-check" if titre else "file-import",
                            "succes" if titre else "texte2")
        if titre:
            self._grand.setText(titre)
            self._petit.setText(texte)
        self._pile.setCurrentIndex(0)

    def montrer_lecture(self, texte: str) -> None:
        """The file is being read."""
        self._icone.definir("file-import", "texte2")
        self._grand.setText("Lecture du fichier…")
        self._petit.setText(texte)
        self._pile.setCurrentIndex(0)

    def montrer_essai(self, essai: EssaiImport) -> None:
        """Show a dry run."""
        self._essai = essai
        self._nom.setText(f"{essai.nom or 'Fichier'}, {len(essai.lignes)} identités")
        self.segment.definir((("tout", f"Toutes ({len(essai.lignes)})"), *(
            (a.value, f"{ACTIONS[a][1]} ({essai.compter(a)})") for a in ActionImport
            if essai.compter(a))))
        self.segment.choisir("tout")
        self.doublons.setVisible(bool(essai.compter(ActionImport.DOUBLON)))
        self.doublons.setChecked(False)
        self._filtrer()
        self._resumer()
        self._pile.setCurrentIndex(1)
        self.entrer()

    def _filtrer(self) -> None:
        if self._essai is not None:
            choix = self.segment.valeur
            self.modele.definir([x for x in self._essai.lignes if choix in ("tout", x.action)])
            self.table.repartir()

    def _resumer(self) -> None:
        if self._essai is None:
            return
        essai, doublons = self._essai, self._essai.compter(ActionImport.DOUBLON)
        crees = essai.compter(ActionImport.CREER) + (doublons if self.doublons.isChecked() else 0)
        laisses = len(essai.lignes) - crees
        s = "s" if crees > 1 else ""
        self._resume.setText(
            f"{crees} dossier{s} à créer, provisoire{s} et sans matricule. Lignes laissées : "
            f"{laisses}." if crees else "Aucun dossier ne serait créé.")
        self.importer.setEnabled(crees > 0)
        self.importer.setText(f"Importer {crees} identités" if crees > 1 else "Importer")
        self.importer.updateGeometry()

    def _importer(self) -> None:
        if self._essai is not None:
            self.import_demande.emit(self._essai, self.doublons.isChecked())

    def entrer(self) -> None:
        """The page is shown."""
        cible = self.table if self._essai is not None else self.choisir
        cible.setFocus(Qt.FocusReason.OtherFocusReason)
