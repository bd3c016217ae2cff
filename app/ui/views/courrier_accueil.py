"""The tab before anything is written: templates, drafts, documents already written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.documents.champs import cle
from app.documents.modeles_courriers import VIDE, ModeleCourrier
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.views.choix_pour import Choix, ChoixPour
from app.ui.views.elements import Bouton, BoutonIcone, Carte, Elide, Etiquette, Icone, Lien, vider


@dataclass(frozen=True, slots=True)
class LigneEcrite:
    """A document already written, for the history."""

    document_id: int
    titre: str
    detail: str


class AccueilCourriers(QScrollArea):
    """Choose what is written; take a draft or a former document up again."""

    #: Key of a template.
    nouveau_demande = Signal(str)
    brouillon_demande = Signal(int)
    version_demandee = Signal(int)
    suppression_demandee = Signal(int)
    lecture_demandee = Signal(int)
    modeles_demandes = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._modeles: tuple[ModeleCourrier, ...] = ()
        self._tuiles: list[Bouton] = []
        self._colonnes = 0
        page = QWidget()
        theme.poser(page, fond="fond")
        milieu = QHBoxLayout(page)
        milieu.setContentsMargins(16, 14, 16, 14)
        milieu.setSpacing(14)
        ecrire = Carte("Écrire un document", "file-pencil")
        gauche = ecrire.corps
        gauche.setSpacing(8)
        self._phrase = Etiquette("", "small", "texte2")
        self._phrase.setWordWrap(True)
        self._dire_validation("votre validation")
        gauche.addWidget(self._phrase)
        self.pour = ChoixPour()
        gauche.addWidget(self.pour)
        haut = QHBoxLayout()
        haut.setSpacing(8)
        self.filtre = QLineEdit()
        self.filtre.setPlaceholderText("Chercher un modèle")
        self.filtre.setAccessibleName("Chercher un modèle")
        self.filtre.setClearButtonEnabled(True)
        self.filtre.textChanged.connect(lambda _: self._remplir())
        self.filtre.returnPressed.connect(self._premier)
        self._gerer = gerer = Bouton("Modèles", icone="template", petit=True)
        gerer.setToolTip("Modifier, dupliquer ou réinitialiser les modèles du cabinet")
        gerer.clicked.connect(self.modeles_demandes)
        haut.addWidget(self.filtre, 1)
        haut.addWidget(gerer)
        gauche.addLayout(haut)
        self._grille = QGridLayout()
        self._grille.setSpacing(8)
        gauche.addLayout(self._grille)
        gauche.addStretch(1)
        milieu.addWidget(ecrire, 3)
        self._reprises = QWidget()
        droite = QVBoxLayout(self._reprises)
        droite.setContentsMargins(0, 0, 0, 0)
        droite.setSpacing(14)
        self._brouillons = Carte("Brouillons", "pencil")
        self._ecrits = Carte("Documents écrits", "history-toggle")
        droite.addWidget(self._brouillons)
        droite.addWidget(self._ecrits)
        droite.addStretch(1)
        milieu.addWidget(self._reprises, 2)
        self.setWidget(page)

    # -- What the controller says ----------------------------------------------------------------

    def definir_modeles(self, modeles: Sequence[ModeleCourrier]) -> None:
        """Templates offered."""
        self._modeles = tuple(modeles)
        self._remplir()

    def definir_pour(self, choix: Choix, moi: int, choisi: int) -> None:
        """For whom one may write. Templates and their management are the professional's."""
        self.pour.definir(choix, moi, choisi)
        self._dire_validation("votre validation" if choisi in (0, moi)
                              else f"la validation de {dict(choix)[choisi]}")
        self._gerer.setVisible(any(compte == moi for compte, _ in choix))

    def _dire_validation(self, quoi: str) -> None:
        self._phrase.setText(f"Le modèle se remplit depuis le dossier. Rien ne part avant {quoi}.")

    def definir_reprises(self, brouillons: Sequence[tuple[int, str, str]],
                         ecrits: Sequence[LigneEcrite]) -> None:
        """Drafts (id, title, detail) and documents already written."""
        self._lignes(self._brouillons, [self._brouillon(*b) for b in brouillons],
                     "Aucun brouillon. Ce que vous écrivez est gardé à mesure et revient ici.")
        self._lignes(self._ecrits, [self._ecrit(e) for e in ecrits],
                     "Aucun document écrit pour ce patient.")

    # -- Inside ----------------------------------------------------------------------------------

    def _visibles(self) -> list[ModeleCourrier]:
        mots = cle(self.filtre.text()).split()
        return [m for m in self._modeles if all(mot in cle(m.titre) for mot in mots)]

    def _remplir(self) -> None:
        vider(self._grille)
        lignes: list[tuple[str, str, str, str]] = [
            (m.cle, m.titre, "Modèle du cabinet" if not m.maison else
             ", ".join(d for d in m.destinataires if d != "DMP"), "file-text")
            for m in self._visibles()]
        if not self.filtre.text():
            lignes.append((VIDE, "Document vierge", "Sans modèle", "file-plus"))
        if not lignes:
            self._grille.addWidget(Etiquette("Aucun modèle de ce nom.", "body", "texte2"), 0, 0)
        self._tuiles = [self._tuile(*ligne) for ligne in lignes]
        self._colonnes = 0
        self._ranger()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ranger()

    def _ranger(self) -> None:
        """Two tiles a row, or one when the longest title asks for the place."""
        if not self._tuiles:
            return
        place = (self.viewport().width() - 46) * 3 // 5 - 24
        colonnes = 2 if 2 * max(t.sizeHint().width() for t in self._tuiles) + 8 <= place else 1
        if colonnes == self._colonnes:
            return
        self._colonnes = colonnes
        for n, tuile in enumerate(self._tuiles):
            self._grille.addWidget(tuile, n // colonnes, n % colonnes)
        for colonne in (0, 1):
            self._grille.setColumnStretch(colonne, 1 if colonne < colonnes else 0)

    def _tuile(self, modele: str, titre: str, detail: str, icone: str) -> Bouton:
        tuile = Bouton(titre, icone=icone, a_gauche=True)
        tuile.setToolTip(sure(f"Pour : {detail}" if detail and modele != VIDE else detail))
        tuile.setAccessibleDescription(detail)
        tuile.setSizePolicy(tuile.sizePolicy().Policy.Expanding, tuile.sizePolicy().Policy.Fixed)
        tuile.setMinimumWidth(theme.espace(120))
        tuile.clicked.connect(lambda: self.nouveau_demande.emit(modele))
        return tuile

    def _premier(self) -> None:
        visibles = self._visibles()
        if visibles:
            self.nouveau_demande.emit(visibles[0].cle)

    def _lignes(self, carte: Carte, lignes: Sequence[QWidget], vide: str) -> None:
        carte.vider()
        disposition = carte.corps
        if not lignes:
            phrase = Etiquette(vide, "small", "texte2")
            phrase.setWordWrap(True)
            disposition.addWidget(phrase)
        for ligne in lignes:
            disposition.addWidget(ligne)

    def _ligne(self, icone: str, titre: str, detail: str, ouvrir: Callable[[], None],
               autre: QWidget | None = None) -> QWidget:
        ligne = QWidget()
        rangee = QHBoxLayout(ligne)
        rangee.setContentsMargins(0, 2, 0, 2)
        rangee.setSpacing(8)
        rangee.addWidget(Icone(icone, "texte2", 16))
        textes = QVBoxLayout()
        textes.setSpacing(0)
        lien = Lien(titre)
        lien.setToolTip(sure(titre))
        lien.clicked.connect(lambda: ouvrir())
        textes.addWidget(lien, 0, Qt.AlignmentFlag.AlignLeft)
        textes.addWidget(Elide(detail, "small", "texte2"))
        rangee.addLayout(textes, 1)
        if autre is not None:
            rangee.addWidget(autre)
        return ligne

    def _brouillon(self, identifiant: int, titre: str, detail: str) -> QWidget:
        return self._ligne("pencil", titre, detail,
                           lambda: self.brouillon_demande.emit(identifiant))

    def _ecrit(self, ecrit: LigneEcrite) -> QWidget:
        autres = BoutonIcone("dots-vertical", f"Actions sur « {ecrit.titre} »", bordure=False)
        autres.clicked.connect(lambda: self._menu(ecrit, autres))
        return self._ligne("file-text", ecrit.titre, ecrit.detail,
                           lambda: self.lecture_demandee.emit(ecrit.document_id), autres)

    def _menu(self, ecrit: LigneEcrite, bouton: BoutonIcone) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Écrire la version suivante",
                       lambda: self.version_demandee.emit(ecrit.document_id))
        menu.addAction("Ouvrir", lambda: self.lecture_demandee.emit(ecrit.document_id))
        menu.addSeparator()
        menu.addAction("Supprimer",
                       lambda: self.suppression_demandee.emit(ecrit.document_id))
        menu.popup(bouton.mapToGlobal(QPoint(0, bouton.height())))
