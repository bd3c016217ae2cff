"""The list of documents: ticks, keys, columns that leave when the room goes, painted rows."""

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QActionGroup,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from app.domain.confidentialite import LIBELLES_NIVEAUX, Niveau
from app.domain.document import LigneDocument
from app.ui import theme
from app.ui.models.documents import ROLE_LIGNE, TITRES, Colonne, ModeleDocuments
from app.ui.models.etats_documents import (
    ICONES_ORIGINE,
    RETIRES,
    envois_affiches,
    etat_affiche,
)
from app.ui.views.lignes import DelegueLigne, Index, TableLignes


def dessiner_case(peintre: QPainter, zone: QRect, etat: Qt.CheckState) -> None:
    """A check box of 16 px at 100 %, centred in `zone`."""
    cote = theme.espace(16)
    case = QRectF(zone.center().x() - cote / 2 + 0.5, zone.center().y() - cote / 2 + 0.5, cote,
                  cote)
    peintre.save()
    peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
    plein = etat != Qt.CheckState.Unchecked
    peintre.setPen(QPen(theme.couleur("accent" if plein else "bordure_forte"), 1))
    peintre.setBrush(theme.couleur("accent" if plein else "surface"))
    peintre.drawRoundedRect(case, 3, 3)
    if plein:
        plume = QPen(theme.couleur("sur_accent"), max(1.6, cote / 9))
        plume.setCapStyle(Qt.PenCapStyle.RoundCap)
        plume.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        peintre.setPen(plume)
        c, r = case.center(), cote / 2
        if etat == Qt.CheckState.Checked:
            peintre.setBrush(Qt.BrushStyle.NoBrush)
            peintre.drawPolyline([QPoint(round(c.x() - r * 0.5), round(c.y() + r * 0.05)),
                                  QPoint(round(c.x() - r * 0.12), round(c.y() + r * 0.42)),
                                  QPoint(round(c.x() + r * 0.52), round(c.y() - r * 0.36))])
        else:
            peintre.drawLine(QPoint(round(c.x() - r * 0.5), round(c.y())),
                             QPoint(round(c.x() + r * 0.5), round(c.y())))
    peintre.restore()


class _Entete(QHeaderView):
    """Header whose first section is a box that ticks every line shown; the others sort."""

    tri_demande = Signal(int)

    def __init__(self, modele: ModeleDocuments, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._modele = modele
        self.setSectionsClickable(False)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        modele.coches_changees.connect(self.viewport().update)

    def paintSection(self, painter: QPainter, rect: QRect, index: int) -> None:
        super().paintSection(painter, rect, index)
        if index == Colonne.CASE:
            dessiner_case(painter, rect, self._modele.etat_entete())
        elif index == self._modele.tri[0]:
            mesure = QFontMetrics(theme.police("small", 500))
            cote = theme.espace(12)
            x = rect.left() + theme.espace(8 + 6) + mesure.horizontalAdvance(TITRES[index])
            theme.icone("arrow-down" if self._modele.tri[1] else "arrow-up", "texte2", 12).paint(
                painter, QRect(x, rect.center().y() - cote // 2 + 1, cote, cote))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.logicalIndexAt(event.position().toPoint()) == Colonne.CASE:
            if self._modele.etat_entete() == Qt.CheckState.Checked:
                self._modele.cocher(())
            else:
                self._modele.cocher_visibles()
        elif (rang := self.logicalIndexAt(event.position().toPoint())) > 0:
            self.tri_demande.emit(rang)
        super().mouseReleaseEvent(event)


class TableDocuments(TableLignes):
    """Keys: ↑ ↓ preview, Entrée opens, Espace ticks, I integrates, P prints, Ctrl+A ticks all."""

    #: The current line changed by the user: LigneDocument.
    apercu = Signal(object)
    #: Entrée or double click: LigneDocument.
    ouvrir = Signal(object)
    integrer = Signal()
    imprimer = Signal()
    #: Who may read it: (document, code of the level).
    niveau_demande = Signal(int, str, str)

    def __init__(self, modele: ModeleDocuments, parent: QWidget | None = None) -> None:
        super().__init__("Documents du patient", parent)
        self._modele = modele
        self._silence = False
        entete = _Entete(modele, self)
        entete.tri_demande.connect(self.trier)
        self.setHorizontalHeader(entete)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(24)
        theme.poser(self.horizontalHeader(), police="small/500")
        self.setModel(modele)
        self.setItemDelegate(_DelegueDocument(self))
        self._mesurer()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Who in the practice may read a document of the file (mouse or Menu key)."""
        ligne = self.ligne()
        if ligne is None or ligne.document_id is None:
            return
        menu = QMenu(self)
        menu.setAccessibleName("Qui peut lire ce document")
        menu.addSection("Qui peut lire ce document")
        groupe = QActionGroup(menu)
        for niveau, libelle in LIBELLES_NIVEAUX.items():
            action = menu.addAction(libelle)
            action.setCheckable(True)
            action.setChecked((ligne.niveau or Niveau.EQUIPE.value) == niveau.value)
            groupe.addAction(action)
            action.triggered.connect(
                lambda _=False, n=niveau.value: self.niveau_demande.emit(
                    ligne.document_id, n, ligne.niveau or Niveau.EQUIPE.value))
        menu.popup(event.globalPos())

    def ligne(self) -> LigneDocument | None:
        """The current line."""
        return self._modele.ligne(self.ligne_courante())

    def trier(self, colonne: int) -> None:
        """Sort by a column; the current line stays current."""
        courante = self.ligne()
        self._silence = True
        self._modele.trier(Colonne(colonne))
        self._silence = False
        if courante is not None:
            self.choisir(courante.cle)
        self.horizontalHeader().viewport().update()

    def choisir(self, cle: str) -> bool:
        """Make a line current without previewing it; False when it is not shown."""
        rang = self._modele.rang_de(cle)
        if rang < 0:
            return False
        self._silence = True
        self.aller_a(rang)
        self._silence = False
        return True

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        if not self._silence and current.isValid() and current.row() != previous.row():
            ligne = self._modele.ligne(current.row())
            if ligne is not None:
                self.apercu.emit(ligne)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt makes the first line current: that is no wish to open it."""
        self._silence = True
        super().focusInEvent(event)
        self._silence = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == Colonne.CASE:
            self._modele.basculer(index.row())
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == Colonne.CASE:
            self._modele.basculer(index.row())
            return
        ligne = self._modele.ligne(index.row()) if index.isValid() else None
        if ligne is not None:
            self.ouvrir.emit(ligne)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        ligne = self.ligne()
        match event.key():
            case Qt.Key.Key_Space if ligne is not None:
                self._modele.basculer(self.ligne_courante())
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if ligne is not None:
                self.ouvrir.emit(ligne)
            case Qt.Key.Key_P if not event.modifiers() and ligne is not None:
                self.imprimer.emit()
            case Qt.Key.Key_I if not event.modifiers():
                self.integrer.emit()
            case Qt.Key.Key_A if ctrl:
                self._modele.cocher_visibles()
            case Qt.Key.Key_Escape if self._modele.coches:
                self._modele.cocher(())
            case _:
                super().keyPressEvent(event)

    def repartir(self) -> None:
        """Box, date and state keep their width; the author leaves first, then the word of the
        origin."""
        if not hasattr(self, "_modele"):
            return
        corps = QFontMetrics(theme.police("body"))
        chiffres = QFontMetrics(theme.police("body", 600, chiffres=True))
        bord = theme.espace(18)
        largeurs = {
            Colonne.CASE: theme.espace(40),
            Colonne.DATE: chiffres.horizontalAdvance("00/00/0000") + bord,
            Colonne.ORIGINE: corps.horizontalAdvance("MSSanté") + theme.espace(22) + bord,
            Colonne.ETAT: corps.horizontalAdvance("Envoyé au DMP 00/00") + theme.espace(22) + bord
            + theme.espace(18) * self._modele.envois_max,
        }
        total = self.viewport().width()
        auteur = corps.horizontalAdvance("CH DE TESTVILLE") + bord
        objet = corps.horizontalAdvance("Compte rendu d’imagerie Écho")
        reste = total - sum(largeurs.values())
        avec_auteur = reste - auteur >= objet
        if not avec_auteur and reste < objet:
            reste += largeurs[Colonne.ORIGINE] - theme.espace(36)
            largeurs[Colonne.ORIGINE] = theme.espace(36)
        self.setColumnHidden(Colonne.AUTEUR, not avec_auteur)
        if avec_auteur:
            largeurs[Colonne.AUTEUR] = max(auteur, min(reste // 4, auteur * 3 // 2))
            reste -= largeurs[Colonne.AUTEUR]
        largeurs[Colonne.TYPE] = max(theme.espace(80), reste)
        for colonne, largeur in largeurs.items():
            self.setColumnWidth(colonne, largeur)


class _DelegueDocument(DelegueLigne):
    """Paints one document a line."""

    def cellule(self, painter: QPainter, zone: QRect, index: Index, fond: str) -> None:
        ligne: LigneDocument = index.data(ROLE_LIGNE)
        poids = 400 if ligne.lu else 600
        attenue = ligne.etat in RETIRES
        texte = str(index.data() or "")
        match index.column():
            case Colonne.CASE:
                dessiner_case(painter, zone, index.data(Qt.ItemDataRole.CheckStateRole))
            case Colonne.DATE:
                self.texte(painter, zone, texte, "texte2" if attenue else "texte",
                           theme.police("body", poids, chiffres=True))
            case Colonne.TYPE:
                self._objet(painter, zone, ligne, poids, attenue)
            case Colonne.AUTEUR:
                self.texte(painter, zone, texte, "texte2")
            case Colonne.ORIGINE:
                serre = zone.width() < theme.espace(40)
                self.icone_texte(painter, zone, ICONES_ORIGINE[ligne.origine],
                                 "" if serre else texte, "texte2")
            case Colonne.ETAT:
                self._etat(painter, zone, ligne)

    def _etat(self, painter: QPainter, zone: QRect, ligne: LigneDocument) -> None:
        """The state; at the right, where the document was sent when the state says something
        else."""
        cote, droite = theme.espace(16), zone.right()
        for icone in reversed(envois_affiches(ligne)):
            droite -= cote
            theme.icone(icone, "succes", 16).paint(
                painter, QRect(droite, zone.center().y() - cote // 2 + 1, cote, cote))
            droite -= theme.espace(2)
        etat = etat_affiche(ligne)
        self.icone_texte(painter, QRect(zone.left(), zone.top(), droite - zone.left(),
                                        zone.height()), etat.icone, etat.texte, etat.role)

    def _objet(self, painter: QPainter, zone: QRect, ligne: LigneDocument, poids: int,
               attenue: bool) -> None:
        """Type, version chip, object."""
        police = theme.police("body", poids)
        x = zone.left()
        if ligne.depose_par_patient:
            cote = theme.espace(16)
            theme.icone("user", "violet", 16).paint(
                painter, QRect(x, zone.center().y() - cote // 2 + 1, cote, cote))
            x += cote + theme.espace(6)
        if ligne.niveau:
            cote = theme.espace(16)
            theme.icone("lock", "alerte", 16).paint(
                painter, QRect(x, zone.center().y() - cote // 2 + 1, cote, cote))
            x += cote + theme.espace(6)
        large = self.texte(painter, QRect(x, zone.top(), zone.right() - x, zone.height()),
                           ligne.type_libelle, "texte2" if attenue else "texte", police)
        x += large + theme.espace(8)
        if ligne.version_number > 1 and x < zone.right() - theme.espace(30):
            x = self._version(painter, zone, x, ligne.version_number)
        if ligne.titre and ligne.titre != ligne.type_libelle and x < zone.right() - 20:
            self.texte(painter, QRect(x, zone.top(), zone.right() - x, zone.height()),
                       ligne.titre, "texte2")

    def _version(self, painter: QPainter, zone: QRect, x: int, version: int) -> int:
        police = theme.police("small", 600)
        mesure = QFontMetrics(police)
        mot = f"v{version}"
        largeur, haut = mesure.horizontalAdvance(mot) + theme.espace(14), mesure.height() + 3
        puce = QRectF(x, zone.center().y() - haut / 2 + 0.5, largeur, haut)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.couleur("neutre_doux"))
        painter.drawRoundedRect(puce, haut / 2, haut / 2)
        painter.setFont(police)
        painter.setPen(theme.couleur("texte2"))
        painter.drawText(puce, int(Qt.AlignmentFlag.AlignCenter), mot)
        return x + largeur + theme.espace(8)
