"""Envois: the outbox, grouped, with the detail of the selected order (mock 07)."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.domain.outbox import EtatOrdre, Ordre
from app.domain.session import EtatService
from app.ui import theme
from app.ui.models.envois import (
    A_TRAITER,
    APPARENCE,
    EN_FILE,
    ICONES_DESTINATION,
    ROLE_GROUPE,
    ROLE_ORDRE,
    TERMINES,
    TITRES,
    Colonne,
    ModeleEnvois,
)
from app.ui.views.detail_envoi import DetailEnvoi
from app.ui.views.elements import Bouton, Etiquette, Icone, Segment
from app.ui.views.etat_vide import etat_vide
from app.ui.views.lignes import DelegueLigne, Index, TableLignes
from app.ui.views.session import heure_locale


class _DelegueEnvoi(DelegueLigne):
    """Paints group heads and orders."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        groupe = index.data(ROLE_GROUPE)
        if groupe is None:
            super().paint(painter, option, index)
            return
        zone = QRect(option.rect)
        painter.save()
        painter.fillRect(zone, theme.couleur("surface2"))
        painter.fillRect(QRect(zone.left(), zone.bottom(), zone.width(), 1),
                         theme.couleur("bordure"))
        libre = zone.adjusted(theme.espace(16), 0, -theme.espace(16), 0)
        large = self.texte(painter, libre, groupe.titre, "texte", theme.police("body", 600))
        libre.setLeft(libre.left() + large + theme.espace(8))
        self.texte(painter, libre, groupe.precision, "texte2", theme.police("small", 500))
        painter.restore()

    def cellule(self, painter: QPainter, zone: QRect, index: Index, fond: str) -> None:
        ordre: Ordre = index.data(ROLE_ORDRE)
        texte = str(index.data())
        if index.column() == Colonne.ETAT:
            zone.setLeft(theme.espace(16))
            icone, ton = APPARENCE[ordre.etat]
            self.icone_texte(painter, zone, icone, texte, ton)
        elif index.column() == Colonne.DOCUMENT:
            self.texte(painter, zone, texte, "texte", theme.police("body", 600))
        elif index.column() == Colonne.DESTINATAIRE:
            self.icone_texte(painter, zone, ICONES_DESTINATION[ordre.destination], texte, "texte2")
        elif index.column() == Colonne.DETAIL:
            ton = "erreur" if ordre.etat is EtatOrdre.REFUSE else "texte2"
            self.texte(painter, zone, texte, ton)
        else:
            self.texte(painter, zone, texte)


class TableEnvois(TableLignes):
    """The list. ↑ ↓ skip the heads; Entrée = best remedy, Suppr = cancel, R = try again."""

    touche_principale = Signal()
    touche_annuler = Signal()
    touche_reessayer = Signal()

    def __init__(self, modele: ModeleEnvois, parent: QWidget | None = None) -> None:
        super().__init__("Envois", parent)
        self._modele = modele
        self.setModel(modele)
        self.setItemDelegate(_DelegueEnvoi(self))
        theme.poser(self.horizontalHeader(), marge="page")
        modele.modelReset.connect(self._etendre)

    def _etendre(self) -> None:
        """Heads take the whole width."""
        self.clearSpans()
        for ligne in range(self._modele.rowCount()):
            if self._modele.ordre(ligne) is None:
                self.setSpan(ligne, 0, 1, len(TITRES))

    def repartir(self) -> None:
        """Fixed columns by their words; the rest is shared by document, patient and detail."""
        if self.model() is None:
            return
        mesure = QFontMetrics(theme.police("body"))
        etat = mesure.horizontalAdvance("En attente technique") + theme.espace(22 + 16 + 24)
        ou = mesure.horizontalAdvance("Destinataire") + theme.espace(22 + 16)
        serre = self.viewport().width() < theme.espace(880)
        self.setColumnHidden(Colonne.DESTINATAIRE, serre)
        libre = max(200, self.viewport().width() - etat - (0 if serre else ou))
        largeurs = {Colonne.ETAT: etat, Colonne.DESTINATAIRE: ou,
                    Colonne.DOCUMENT: libre * 34 // 100, Colonne.PATIENT: libre * 33 // 100}
        largeurs[Colonne.DETAIL] = libre - largeurs[Colonne.DOCUMENT] - largeurs[Colonne.PATIENT]
        for colonne in range(len(TITRES)):
            self.setColumnWidth(colonne, largeurs[Colonne(colonne)])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        touche = event.key()
        if touche in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            pas = 1 if touche == Qt.Key.Key_Down else -1
            self.aller_a(self._modele.voisine(self.ligne_courante(), pas))
        elif touche in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.touche_principale.emit()
        elif touche == Qt.Key.Key_Delete:
            self.touche_annuler.emit()
        elif touche == Qt.Key.Key_R and not event.modifiers():
            self.touche_reessayer.emit()
        else:
            super().keyPressEvent(event)


class VueEnvois(QWidget):
    """The page. Its controller feeds `montrer` and listens to the signals of `detail`."""

    essayer_maintenant = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.modele = ModeleEnvois(self)
        self.table = TableEnvois(self.modele)
        self.detail = DetailEnvoi()
        self._ordres: tuple[Ordre, ...] = ()
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        colonne.addLayout(self._tete())
        self._ligne_panne = QHBoxLayout()
        self._ligne_panne.setContentsMargins(16, 0, 16, 0)
        colonne.addLayout(self._ligne_panne)
        self._partage = QSplitter(Qt.Orientation.Horizontal)
        self._partage.setChildrenCollapsible(False)
        self._partage.setHandleWidth(1)
        self._pile = QStackedWidget()
        self._pile.addWidget(self.table)
        self._pile.addWidget(self._vide())
        self._partage.addWidget(self._pile)
        self._partage.addWidget(self.detail)
        self._partage.setStretchFactor(0, 1)
        colonne.addWidget(self._partage, 1)
        self.table.selectionModel().currentChanged.connect(self._choisir)
        self.table.touche_principale.connect(self._principale)
        self.table.touche_annuler.connect(lambda: self._si_courant(self.detail.annuler))
        self.table.touche_reessayer.connect(lambda: self._si_courant(self.detail.reessayer))

    def _tete(self) -> QHBoxLayout:
        tete = QHBoxLayout()
        tete.setContentsMargins(16, 10, 16, 10)
        tete.setSpacing(12)
        tete.addWidget(Etiquette("Envois", "page"))
        self.segment = Segment()
        self._montrer_segment()
        self.segment.choisi.connect(lambda _: self._filtrer())
        tete.addWidget(self.segment)
        self.filtre = QLineEdit()
        self.filtre.setPlaceholderText("Filtrer la liste")
        self.filtre.setAccessibleName("Filtrer par document, patient ou motif")
        self.filtre.setClearButtonEnabled(True)
        theme.poser(self.filtre, largeur_max=220)
        self._minuteur = QTimer(self, singleShot=True, interval=60)
        self._minuteur.timeout.connect(self._filtrer)
        self.filtre.textChanged.connect(lambda _: self._minuteur.start())
        tete.addWidget(self.filtre, 1)
        tete.addStretch(1)
        self._zone_panne = QWidget()
        panne = QHBoxLayout(self._zone_panne)
        panne.setContentsMargins(0, 0, 0, 0)
        panne.setSpacing(8)
        self._panne = Etiquette("", "small", "alerte", 600)
        self.bouton_essayer = Bouton("Essayer maintenant", "second", "refresh")
        self.bouton_essayer.clicked.connect(self.essayer_maintenant)
        for widget in (Icone("plug-connected-x", "alerte", 16), self._panne,
                       self.bouton_essayer):
            panne.addWidget(widget)
        self._zone_panne.hide()
        tete.addWidget(self._zone_panne)
        self._rangee_tete = tete
        return tete

    def _vide(self) -> QWidget:
        self._titre_vide = Etiquette("Rien à traiter", "title")
        self._texte_vide = Etiquette("Tous les envois sont partis.", "body", "texte2")
        page = etat_vide("circle-check", self._titre_vide, self._texte_vide, role="succes",
                         taille=32)
        theme.poser(page, fond="surface")
        return page

    # -- Content ----------------------------------------------------------------------------

    def montrer(self, ordres: Sequence[Ordre]) -> None:
        """Show these orders; the selection stays, else the first one to solve is selected."""
        courant = self.courant()
        self._ordres = tuple(ordres)
        self.modele.definir(self._ordres, date.today())
        self._montrer_segment()
        self._retrouver(courant)

    def montrer_services(self, services: Sequence[EtatService]) -> None:
        """One amber line when the DMP is down, with its next try."""
        panne = next((s for s in services if not s.disponible and "DMP" in s.nom.upper()), None)
        self._zone_panne.setVisible(panne is not None)
        if panne is not None:
            quand = heure_locale(panne.prochain_essai)
            self._panne.setText(f"{panne.nom} : reprise à {quand}" if quand
                                else f"{panne.nom} indisponible")

    def _montrer_segment(self) -> None:
        traiter, file = self.modele.compter(A_TRAITER), self.modele.compter(EN_FILE)
        self.segment.definir((
            ("", "Tous"), (A_TRAITER, f"À traiter {traiter}" if traiter else "À traiter"),
            (EN_FILE, f"En file {file}" if file else "En file"), (TERMINES, "Terminés")))

    def _filtrer(self) -> None:
        courant = self.courant()
        self.modele.filtrer(self.segment.valeur, self.filtre.text())
        self._retrouver(courant)

    def _retrouver(self, courant: Ordre | None) -> None:
        ligne = self.modele.ligne_de(courant.id) if courant is not None else -1
        if ligne < 0:
            ligne = self.modele.premiere()
        if ligne != self.table.ligne_courante() and ligne >= 0:
            self.table.aller_a(ligne)
        self._pile.setCurrentIndex(0 if ligne >= 0 else 1)
        filtre = bool(self._ordres) and ligne < 0
        self._titre_vide.setText("Aucun envoi ne correspond" if filtre else "Rien à traiter")
        self._texte_vide.setText("Changez le filtre ou choisissez « Tous »." if filtre
                                 else "Tous les envois sont partis.")
        self.detail.montrer(self.courant(), date.today())
        self.detail.setVisible(ligne >= 0)

    def courant(self) -> Ordre | None:
        """The selected order."""
        return self.modele.ordre(self.table.ligne_courante())

    def _choisir(self) -> None:
        self.detail.montrer(self.courant(), date.today())

    def _principale(self) -> None:
        if self.detail.principal is not None:
            self.detail.principal.click()
        else:
            self._si_courant(self.detail.ouvrir_patient)

    def _si_courant(self, signal: object) -> None:
        ordre = self.courant()
        if ordre is not None and ordre.etat not in (EtatOrdre.ENVOYE, EtatOrdre.ANNULE):
            signal.emit(ordre)  # type: ignore[attr-defined]

    def entrer(self) -> None:
        """The page is shown: keyboard in the list."""
        vide = self._pile.currentIndex() == 1
        (self.filtre if vide else self.table).setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() == event.size().width():
            return
        etroit = self.width() < theme.espace(860)
        (self._ligne_panne if etroit else self._rangee_tete).addWidget(self._zone_panne)
        if etroit:
            self._partage.setOrientation(Qt.Orientation.Vertical)
            self._partage.setSizes([self.height() // 2, self.height() // 2])
            return
        self._partage.setOrientation(Qt.Orientation.Horizontal)
        droite = min(max(theme.espace(348), self.width() * 24 // 100), theme.espace(460))
        self._partage.setSizes([self.width() - droite, droite])
