"""Files whose period is over: choose, keep a copy, erase (MIN.RGPD.01)."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from app.domain.accord import compter
from app.domain.effacement import DossierAEffacer
from app.ui import theme
from app.ui.models.conservation import ROLE_DOSSIER, Colonne, ModeleConservation, etat
from app.ui.views.elements import Bouton, Etiquette
from app.ui.views.etat_vide import etat_vide
from app.ui.views.lignes import DelegueLigne, Index, TableLignes
from app.ui.views.pied_liste import PiedListe
from app.ui.views.table_documents import dessiner_case
from app.ui.views.tete_page import TetePage

_AIDE = ("Choisissez un dossier d’un clic ou par Espace. Un dossier retenu ne peut pas être "
         "effacé\u00a0; un dossier à vérifier se choisit un par un.")
_VIDE = ("Aucun dossier n’a passé sa durée de conservation. Pléiade les montrera ici\u00a0; rien "
         "n’est jamais effacé sans vous.")


class _Delegue(DelegueLigne):
    """The box and the state are drawn; a file held back is grey."""

    def cellule(self, painter: QPainter, zone: QRect, index: Index, fond: str) -> None:
        dossier: DossierAEffacer = index.data(ROLE_DOSSIER)
        if index.column() == Colonne.CHOIX:
            if not dossier.retenu:
                dessiner_case(painter, zone, index.data(Qt.ItemDataRole.CheckStateRole))
            return
        texte = str(index.data() or "")
        if index.column() == Colonne.ETAT:
            icone, _, role = etat(dossier)
            self.icone_texte(painter, zone, icone, texte, role)
            return
        principal = index.column() == Colonne.PATIENT and not dossier.retenu
        self.texte(painter, zone, texte, "texte" if principal else "texte2",
                   theme.police("body", 500) if principal else None)


class TableConservation(TableLignes):
    """The files; Espace or a click chooses."""

    def __init__(self, modele: ModeleConservation) -> None:
        super().__init__("Dossiers dont la durée de conservation est passée")
        self._modele = modele
        self.setModel(modele)
        self.setItemDelegate(_Delegue(self))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            self._modele.basculer(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self._modele.basculer(self.ligne_courante())
            return
        super().keyPressEvent(event)

    def repartir(self) -> None:
        if self.model() is None:
            return
        mesure, titre = (QFontMetrics(theme.police(*p)) for p in (("body",), ("small", 500)))
        jour = mesure.horizontalAdvance("00/00/0000") + theme.espace(20)
        fixes = {Colonne.CHOIX: theme.espace(40), Colonne.NAISSANCE: jour, Colonne.ACTE: max(
            jour, titre.horizontalAdvance("Dernier acte") + theme.espace(24)),
            Colonne.ECHEANCE: titre.horizontalAdvance("À garder jusqu’au") + theme.espace(24),
            Colonne.ETAT: mesure.horizontalAdvance("À vérifier") + theme.espace(44)}
        reste = max(0, self.viewport().width() - sum(fixes.values()))
        for colonne in Colonne:
            self.setColumnWidth(colonne, fixes.get(colonne) or reste * (
                40 if colonne is Colonne.PATIENT else 60) // 100)


class VueConservation(QWidget):
    """The page « conservation »."""

    #: The chosen files are to be erased: (tuple of DossierAEffacer).
    effacement_demande = Signal(object)
    #: A copy of them first: (tuple of DossierAEffacer).
    copie_demandee = Signal(object)
    durees_demandees = Signal()
    retour_demande = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 10, 16, 14)
        page.setSpacing(10)
        self.durees = Bouton("Durées…", "second", "clock")
        self.durees.clicked.connect(self.durees_demandees)
        tete = TetePage("Conservation des dossiers", self.durees, retour="Réglages")
        tete.bouton_retour.clicked.connect(self.retour_demande)
        page.addLayout(tete)
        self._dit = Etiquette("", "body", "texte2")
        self._dit.setWordWrap(True)
        page.addWidget(self._dit)
        self.modele = ModeleConservation(self)
        self.modele.choix_change.connect(self._compter)
        self.table = TableConservation(self.modele)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._detailler())
        cadre = QFrame()
        theme.poser(cadre, carte="oui")
        dedans = QVBoxLayout(cadre)
        dedans.setContentsMargins(1, 1, 1, 1)
        self._pile = QStackedWidget()
        self._pile.addWidget(self.table)
        self._vide = Etiquette(_VIDE, "body", "texte2")
        self._vide.setWordWrap(True)
        self._pile.addWidget(etat_vide("circle-check", self._vide, role="succes"))
        dedans.addWidget(self._pile)
        page.addWidget(cadre, 1)
        self._detail = Etiquette("", "body", "texte2")
        self._detail.setWordWrap(True)
        page.addWidget(self._detail)
        self._pied = self._composer_pied()
        page.addWidget(self._pied)
        self._copie_permise = True

    def _composer_pied(self) -> PiedListe:
        self.prets = Bouton("Choisir les dossiers prêts", "discret", "checkbox")
        self.prets.clicked.connect(self.modele.choisir_prets)
        self.copier = Bouton("Garder une copie…", "second", "archive")
        self.copier.clicked.connect(lambda: self.copie_demandee.emit(self.modele.choisis))
        self.effacer = Bouton("Effacer…", "danger", "trash")
        self.effacer.clicked.connect(lambda: self.effacement_demande.emit(self.modele.choisis))
        pied = PiedListe(self.prets, self.copier, self.effacer)
        self.compte = pied.compte
        return pied

    def permettre(self, *, copie: bool) -> None:
        """What the account may do besides erasing."""
        self._copie_permise = copie
        self._compter()

    def entrer(self) -> None:
        """The page is shown: keyboard on the list."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- Content ----------------------------------------------------------------------------

    def montrer(self, dossiers: Sequence[DossierAEffacer], total: int, annees: int) -> None:
        """Show the files due. `total`: with those that don't fit; `annees`: the rule."""
        self.modele.definir(dossiers)
        self._pile.setCurrentIndex(0 if dossiers else 1)
        suite = (f" Les {len(dossiers)} plus anciens sont montrés\u00a0; les suivants viennent "
                 "quand ceux-ci sont effacés." if total > len(dossiers) else "")
        self._dit.setText(
            f"{compter(total, 'dossier a passé sa durée', 'dossiers ont passé leur durée')}, "
            f"{annees} ans après le dernier acte et jamais avant les 28 ans du patient.{suite}"
            if total else f"Un dossier se garde {annees} ans après le dernier acte, et jusqu’aux "
            "28 ans du patient.")
        self._pied.setVisible(bool(dossiers))
        if dossiers:
            self.table.aller_a(0)
        self._detailler()

    def occuper(self, texte: str) -> None:
        """An erasure runs: say how far, and let nothing else be chosen; "" when it ended."""
        for widget in (self.table, self.prets, self.durees):
            widget.setEnabled(not texte)
        self._compter()
        if texte:
            self.copier.setEnabled(False)
            self.effacer.setEnabled(False)
            self.compte.setText(texte)

    def _compter(self) -> None:
        choisis = self.modele.choisis
        self.compte.setText(compter(len(choisis), "dossier choisi", "dossiers choisis")
                            if choisis else "Aucun dossier choisi")
        self.effacer.setEnabled(bool(choisis))
        self.copier.setEnabled(bool(choisis))
        self.copier.setVisible(self._copie_permise)

    def _detailler(self) -> None:
        """Why the current file waits, in whole sentences."""
        dossier = self.modele.ligne(self.table.ligne_courante())
        phrases = (*dossier.retenu, *dossier.alertes) if dossier is not None else ()
        self._detail.setText(f"{dossier.nom}\u00a0: {' '.join(phrases)}"
                             if dossier is not None and phrases else _AIDE)
        self._detail.setVisible(dossier is not None)
