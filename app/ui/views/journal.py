"""The trail on screen: filters above, lines below, state of the chain, export and purge."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.domain.accord import compter
from app.domain.libelles_traces import FAMILLES, MAUVAIS
from app.ui import theme
from app.ui.models.journal import ROLE_LIGNE, Colonne, ModeleJournal
from app.ui.views.elements import Bouton, Champ, Etiquette, Icone, vider
from app.ui.views.etat_vide import etat_vide
from app.ui.views.formulaires import liste
from app.ui.views.lignes import DelegueLigne, Index, TableLignes
from app.ui.views.messages import MessageEnLigne
from app.ui.views.pied_liste import PiedListe
from app.ui.views.tete_page import TetePage

#: Shares of the columns that elide; the date and the result are measured, and never cut.
_PARTS = {Colonne.QUI: 20, Colonne.QUOI: 33, Colonne.SUR: 13, Colonne.DETAIL: 34}

#: Width of the list under which a column leaves, px at 100 %.
SERRE = 760

class _Delegue(DelegueLigne):
    """A refusal or a failure carries its icon."""

    def cellule(self, painter: QPainter, zone: QRect, index: Index, fond: str) -> None:
        ligne, texte = index.data(ROLE_LIGNE), str(index.data() or "")
        if index.column() == Colonne.RESULTAT and ligne.resultat in MAUVAIS:
            self.icone_texte(painter, zone, "alert-triangle", texte, "erreur")
            return
        role = "texte" if index.column() in (Colonne.QUI, Colonne.QUOI) else "texte2"
        self.texte(painter, zone, texte, role)


class TableJournal(TableLignes):
    """The lines; the end of the list asks for older ones."""

    suite_demandee = Signal()

    def __init__(self, modele: ModeleJournal) -> None:
        super().__init__("Journal des accès")
        self.setModel(modele)
        self.setItemDelegate(_Delegue(self))
        self.verticalScrollBar().valueChanged.connect(self._defiler)

    def _defiler(self, valeur: int) -> None:
        if valeur and valeur >= self.verticalScrollBar().maximum() - 4:
            self.suite_demandee.emit()

    def repartir(self) -> None:
        if self.model() is None:
            return
        mesure = QFontMetrics(theme.police("body"))
        fixes = {Colonne.QUAND: mesure.horizontalAdvance("00/00/0000 00:00:00") + theme.espace(24),
                 Colonne.RESULTAT: mesure.horizontalAdvance("Partiel") + theme.espace(48)}
        # In a large text the precision leaves: with it, neither who nor what could be read.
        serre = self.viewport().width() < theme.espace(SERRE)
        self.setColumnHidden(Colonne.DETAIL, serre)
        parts = {c: part for c, part in _PARTS.items() if not (serre and c is Colonne.DETAIL)}
        reste = max(0, self.viewport().width() - sum(fixes.values()))
        for colonne in Colonne:
            self.setColumnWidth(colonne, fixes.get(colonne)
                                or reste * parts.get(colonne, 0) // sum(parts.values()))


class VueJournal(QWidget):
    """The page « journal »."""

    #: The filters changed: read again.
    filtre_change = Signal()
    suite_demandee = Signal()
    export_demande = Signal()
    purge_demandee = Signal()
    verification_demandee = Signal()
    retour_demande = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 10, 16, 14)
        page.setSpacing(10)
        page.addLayout(self._composer_tete())
        self.messages = QVBoxLayout()
        page.addLayout(self.messages)
        page.addWidget(self._composer_filtres())
        self.modele = ModeleJournal(self)
        self.table = TableJournal(self.modele)
        self.table.suite_demandee.connect(self.suite_demandee)
        cadre = QFrame()
        theme.poser(cadre, carte="oui")
        dedans = QVBoxLayout(cadre)
        dedans.setContentsMargins(1, 1, 1, 1)
        dedans.setSpacing(0)
        dedans.addWidget(self.table, 1)
        self._vide = etat_vide(
            "list", Etiquette("Aucune ligne", "title"),
            Etiquette("Aucune ne répond à ces critères. Élargissez-les.", "body", "texte2"))
        # Its place is what the filters leave, as that of the lines.
        self._vide.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._vide.hide()
        dedans.addWidget(self._vide, 1)
        page.addWidget(cadre, 1)
        page.addWidget(self._composer_pied())

    def _composer_tete(self) -> QHBoxLayout:
        self._icone = Icone("refresh", "texte2", 16)
        self.etat = Etiquette("Vérification du journal…", "small", "texte2")
        tete = TetePage("Journal des accès", self._icone, self.etat, retour="Réglages")
        tete.bouton_retour.clicked.connect(self.retour_demande)
        return tete

    def _composer_filtres(self) -> QFrame:
        cadre = QFrame()
        theme.poser(cadre, carte="oui")
        self._filtres = QBoxLayout(QBoxLayout.Direction.LeftToRight, cadre)
        self._filtres.setContentsMargins(12, 8, 12, 10)
        self._filtres.setSpacing(10)
        premiers, derniers = QHBoxLayout(), QHBoxLayout()
        for rangee in (premiers, derniers):
            rangee.setSpacing(10)
        self._filtres.addLayout(premiers, 8)
        self._filtres.addLayout(derniers, 6)
        self.famille = liste([(code, nom) for code, (nom, _) in FAMILLES.items()])
        self.famille.activated.connect(lambda _: self.filtre_change.emit())
        self.qui, self.du, self.au = QLineEdit(), QLineEdit(), QLineEdit()
        self.patient = QLineEdit()
        for champ, indice in ((self.qui, "partie du nom"), (self.patient, "numéro"),
                              (self.du, "JJ/MM/AAAA"), (self.au, "JJ/MM/AAAA")):
            champ.setPlaceholderText(indice)
            champ.returnPressed.connect(self.filtre_change)
            champ.setClearButtonEnabled(True)
        saisies: tuple[tuple[str, QWidget, int], ...] = (
            ("Actes", self.famille, 3), ("Qui", self.qui, 3), ("Dossier n°", self.patient, 2),
            ("Du", self.du, 2), ("Au", self.au, 2))
        for libelle, saisie, etirement in saisies:
            (derniers if saisie in (self.du, self.au) else premiers).addWidget(
                Champ(libelle, saisie), etirement)
        self.echecs = QCheckBox("Échecs et refus")
        self.echecs.clicked.connect(lambda _: self.filtre_change.emit())
        bas = QVBoxLayout()
        bas.addStretch(1)
        bas.addWidget(self.echecs)
        bas.addSpacing(6)
        derniers.addLayout(bas)
        return cadre

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Without room, the dates go under the other filters."""
        super().resizeEvent(event)
        etroit = self.width() < theme.espace(860)
        self._filtres.setDirection(QBoxLayout.Direction.TopToBottom if etroit
                                   else QBoxLayout.Direction.LeftToRight)

    def _composer_pied(self) -> PiedListe:
        self.conservation = Etiquette("", "small", "texte2")
        self.purger = Bouton("Purger…", "second", "trash")
        self.purger.clicked.connect(self.purge_demandee)
        self.verifier = Bouton("Vérifier", "second", "shield-check")
        self.verifier.clicked.connect(self.verification_demandee)
        self.exporter = Bouton("Exporter…", "principal", "download")
        self.exporter.clicked.connect(self.export_demande)
        pied = PiedListe(self.conservation, self.purger, self.verifier, self.exporter)
        self.compte = pied.compte
        return pied

    # -- Content ----------------------------------------------------------------------------

    def montrer(self, lignes: Sequence[Any], *, suite: bool = False, reste: bool = False) -> None:
        """Show lines. `suite`: below those that are there; `reste`: older ones exist."""
        if suite:
            self.modele.ajouter(lignes)
        else:
            self.modele.definir(lignes)
            self.table.scrollToTop()
        nombre = self.modele.rowCount()
        self._vide.setVisible(not nombre)
        self.table.setVisible(bool(nombre))
        self.compte.setText("" if not nombre else f"{nombre} ligne{'s' if nombre > 1 else ''}"
                            + (", d’autres plus bas" if reste else ""))

    def dire_chaine(self, intacte: bool | None, texte: str) -> None:
        """State of the chain; None while it is being read."""
        icone, role = ("refresh", "texte2") if intacte is None else (
            ("shield-check", "succes") if intacte else ("alert-octagon", "erreur"))
        vider(self.messages)
        self._icone.definir(icone, role)
        self._icone.setVisible(intacte is not False)
        self.etat.setText("" if intacte is False else texte)
        if intacte is False:  # grave, and long: above the lines, not in a corner
            self.messages.addWidget(MessageEnLigne("erreur", texte, fermable=False))

    def dire_conservation(self, annees: int, echues: int) -> None:
        """The retention rule; nothing to purge, no button."""
        self.purger.setVisible(bool(echues))
        self.conservation.setText(
            f"Gardées {annees} ans" + (f", {compter(echues, 'échue')}" if echues else ""))
