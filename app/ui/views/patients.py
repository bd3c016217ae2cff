"""Patients: every file of the practice, searched while typing."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.domain.libelles import ATTRIBUTS, STATUTS
from app.domain.patient import PatientResume
from app.ui import theme
from app.ui.models.patients import ROLE_PATIENT, TITRES, Colonne, ModelePatients
from app.ui.views.elements import Bouton, Carte, Etiquette, Icone
from app.ui.views.identite import ATTRIBUTS_AFFICHES, COULEURS, dessiner_disque
from app.ui.views.lignes import DelegueLigne, Index, TableLignes

DELAI_MS = 60


def milliers(nombre: int) -> str:
    """« 4 596 », with thin no-break spaces."""
    return f"{nombre:,}".replace(",", "\u202f")


class _DeleguePatient(DelegueLigne):
    """Paints a patient; a line on its way is a grey bar."""

    def cellule(self, painter: QPainter, zone: QRect, index: Index, fond: str) -> None:
        patient: PatientResume | None = index.data(ROLE_PATIENT)
        if patient is None:
            if index.column() == Colonne.NOM:
                large = zone.width() * (40 + index.row() * 17 % 35) // 100
                barre = QRect(zone.left() + 8, zone.center().y() - 4, large, 8)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.couleur("neutre_doux"))
                painter.drawRoundedRect(barre, 4, 4)
            return
        texte = str(index.data())
        match index.column():
            case Colonne.NOM:
                zone.setLeft(zone.left() + theme.espace(8))
                self.texte(painter, zone, texte, "texte", theme.police("body", 600))
            case Colonne.NAISSANCE:
                self.texte(painter, zone, texte, "texte", theme.police("body", chiffres=True))
            case Colonne.STATUT:
                self._statut(painter, zone, patient)
            case Colonne.UTILISE:
                self.texte(painter, zone, texte)
            case _:
                self.texte(painter, zone, texte, "texte2")

    def _statut(self, painter: QPainter, zone: QRect, patient: PatientResume) -> None:
        cote = theme.espace(16)
        disque = QRect(zone.left(), zone.center().y() - cote // 2, cote, cote)
        dessiner_disque(painter, disque.toRectF(), patient.statut)
        zone.setLeft(disque.right() + theme.espace(7))
        large = self.texte(painter, zone, STATUTS[patient.statut], COULEURS[patient.statut])
        zone.setLeft(zone.left() + large + theme.espace(14))
        for attribut in sorted(patient.attributs):
            icone, ton = ATTRIBUTS_AFFICHES[attribut]
            mot = ATTRIBUTS[attribut]
            besoin = theme.espace(22) + QFontMetrics(theme.police("body")).horizontalAdvance(mot)
            if besoin > zone.width():
                dessin = QRect(zone.left(), zone.center().y() - cote // 2, cote, cote)
                theme.icone(icone, ton, 16).paint(painter, dessin)
                return
            self.icone_texte(painter, zone, icone, mot, ton)
            zone.setLeft(zone.left() + besoin + theme.espace(14))


class TablePatients(TableLignes):
    """The list; Entrée or double click opens the file."""

    ouvrir = Signal(int)

    def __init__(self, modele: ModelePatients, parent: QWidget | None = None) -> None:
        super().__init__("Patients du cabinet", parent)
        self._modele = modele
        self.setModel(modele)
        self.setItemDelegate(_DeleguePatient(self))
        theme.poser(self.horizontalHeader(), marge="page")
        self.doubleClicked.connect(lambda i: self._ouvrir(i.row()))

    def _ouvrir(self, ligne: int) -> None:
        patient_id = self._modele.id_de(ligne)
        if patient_id is not None:
            self.ouvrir.emit(patient_id)

    def ouvrir_courant(self) -> None:
        """Open the current line, else the only or first one."""
        self._ouvrir(max(0, self.ligne_courante()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.ouvrir_courant()
        else:
            super().keyPressEvent(event)

    def repartir(self) -> None:
        """Date, status and sex keep their words; age leaves first, then the used name."""
        if self.model() is None:
            return
        mesure, marge = QFontMetrics(theme.police("body")), theme.espace(24)
        total = self.viewport().width()
        fixes = {
            Colonne.NAISSANCE: max(mesure.horizontalAdvance("00/00/0000"),
                                   mesure.horizontalAdvance(TITRES[Colonne.NAISSANCE])) + marge,
            Colonne.AGE: mesure.horizontalAdvance("environ 90 ans") + marge,
            Colonne.SEXE: mesure.horizontalAdvance("Sexe") + marge,
            Colonne.STATUT: mesure.horizontalAdvance("Provisoire, Homonyme") + theme.espace(80),
        }
        self.setColumnHidden(Colonne.AGE, total < theme.espace(900))
        self.setColumnHidden(Colonne.SEXE, total < theme.espace(640))
        self.setColumnHidden(Colonne.UTILISE, total < theme.espace(760))
        libre = total - sum(v for c, v in fixes.items() if not self.isColumnHidden(c))
        for colonne, largeur in fixes.items():
            self.setColumnWidth(colonne, largeur)
        utilise = 0 if self.isColumnHidden(Colonne.UTILISE) else libre * 38 // 100
        self.setColumnWidth(Colonne.UTILISE, utilise)
        self.setColumnWidth(Colonne.NOM, max(theme.espace(160), libre - utilise))


class VuePatients(QWidget):
    """The page."""

    #: Text to look for; "" = the whole list.
    cherche = Signal(str)
    ouvrir = Signal(int)
    #: Text typed so far, proposed as the birth name.
    nouveau = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.modele = ModelePatients(self)
        self.table = TablePatients(self.modele)
        self.table.ouvrir.connect(self.ouvrir)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(16, 10, 16, 14)
        colonne.setSpacing(12)
        tete = QHBoxLayout()
        tete.setSpacing(12)
        tete.addWidget(Etiquette("Patients", "page"))
        self.champ = QLineEdit()
        self.champ.setPlaceholderText("Nom, prénom, date de naissance ou matricule")
        self.champ.setAccessibleName("Chercher un patient")
        self.champ.setClearButtonEnabled(True)
        theme.poser(self.champ, largeur_max=420)
        self._minuteur = QTimer(self, singleShot=True, interval=DELAI_MS)
        self._minuteur.timeout.connect(lambda: self.cherche.emit(self.texte()))
        self.champ.textChanged.connect(lambda _: self._minuteur.start())
        self.champ.returnPressed.connect(self.table.ouvrir_courant)
        self.champ.installEventFilter(self)
        tete.addWidget(self.champ, 20)
        self._compte = Etiquette("", "small", "texte2")
        tete.addWidget(self._compte)
        tete.addStretch(1)
        self.bouton_nouveau = Bouton("Nouveau patient", "principal", "user-plus")
        self.bouton_nouveau.setToolTip("Nouveau patient (Ctrl+N)")
        self.bouton_nouveau.clicked.connect(lambda: self.nouveau.emit(self.texte()))
        tete.addWidget(self.bouton_nouveau)
        colonne.addLayout(tete)
        self._pile = QStackedWidget()
        carte = QFrame()
        theme.poser(carte, carte="oui")
        dedans = QVBoxLayout(carte)
        dedans.setContentsMargins(1, 4, 1, 1)
        dedans.addWidget(self.table)
        self._pile.addWidget(carte)
        self._pile.addWidget(self._composer_vide())
        colonne.addWidget(self._pile, 1)

    def _composer_vide(self) -> QWidget:
        carte = Carte()
        carte.corps.addStretch(2)
        carte.corps.addWidget(Icone("user-search", "texte2", 32), 0,
                              Qt.AlignmentFlag.AlignHCenter)
        self._titre_vide = Etiquette("", "title")
        self._texte_vide = Etiquette("", "body", "texte2")
        self._creer = Bouton("Nouveau patient", "principal", "user-plus")
        self._creer.clicked.connect(lambda: self.nouveau.emit(self.texte()))
        carte.corps.addSpacing(8)
        for widget in (self._titre_vide, self._texte_vide):
            carte.corps.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
            carte.corps.addSpacing(4)
        carte.corps.addSpacing(8)
        carte.corps.addWidget(self._creer, 0, Qt.AlignmentFlag.AlignHCenter)
        carte.corps.addStretch(3)
        return carte

    # -- Content ----------------------------------------------------------------------------

    def texte(self) -> str:
        """What is typed in the field."""
        return self.champ.text().strip()

    def montrer_ids(self, ids: Sequence[int]) -> None:
        """Every patient."""
        self.modele.definir_ids(ids)
        nombre = len(ids)
        self._compte.setText(f"{milliers(nombre)} patient{'s' if nombre > 1 else ''}")
        self._vide(not ids, "Aucun patient pour le moment",
                   "Insérez une carte Vitale, ou créez un patient.")

    def montrer_resultats(self, resumes: Sequence[PatientResume], limite: int) -> None:
        """Result of a search."""
        self.modele.definir(resumes)
        nombre = len(resumes)
        if nombre >= limite:
            self._compte.setText(f"Les {nombre} premiers résultats")
        else:
            self._compte.setText(f"{nombre} résultat{'s' if nombre > 1 else ''}")
        self._vide(not resumes, f"Aucun patient ne correspond à « {self.texte()} »",
                   "Vérifiez l’orthographe, essayez la date de naissance, ou créez le patient.")
        if resumes:
            self.table.aller_a(0)

    def _vide(self, oui: bool, titre: str, texte: str) -> None:
        self._titre_vide.setText(titre)
        self._texte_vide.setText(texte)
        self._pile.setCurrentIndex(1 if oui else 0)

    def entrer(self) -> None:
        """The page is shown: keyboard in the field."""
        self.champ.setFocus(Qt.FocusReason.OtherFocusReason)
        self.champ.selectAll()

    def eventFilter(self, objet: object, evenement: object) -> bool:
        """↓ leaves the field for the list."""
        if isinstance(evenement, QKeyEvent) and evenement.type() == QKeyEvent.Type.KeyPress \
                and evenement.key() == Qt.Key.Key_Down and self.modele.rowCount():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            if self.table.ligne_courante() < 0:
                self.table.aller_a(0)
            return True
        return False
