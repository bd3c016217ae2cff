"""What the schedule expects, and what was done (right side of mock 05)."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.calendrier_vaccinal import EtatVaccinal, LigneSituation
from app.domain.vaccination import VaccinationFaite
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.models.vaccinations import ETATS, ORIGINES, Colonne, ModeleVaccinations
from app.ui.views.elements import Elide, Etiquette, Icone, Lien, filet, vider
from app.ui.views.etat_vide import etat_vide
from app.ui.views.lignes import DelegueLigne, Index, TableLignes, hauteur_ligne

#: Rows of the schedule shown before it scrolls.
LIGNES_MAX = 6


class BadgeEtat(QWidget):
    """Icon and word of a state in a pill."""

    def __init__(self, etat: EtatVaccinal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icone, self._mot, self._role, self._fond = ETATS[etat]
        self.setAccessibleName(self._mot)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        mesure = QFontMetrics(theme.police("small", 600))
        return QSize(mesure.horizontalAdvance(self._mot) + theme.espace(14 + 6 + 18),
                     mesure.height() + theme.espace(8))

    @staticmethod
    def plus_large() -> int:
        """Width of the widest badge, so that the columns stand in line."""
        return max(BadgeEtat(etat).sizeHint().width() for etat in ETATS)

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        peintre.setPen(Qt.PenStyle.NoPen)
        peintre.setBrush(theme.couleur(self._fond))
        peintre.drawRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        cote = theme.espace(14)
        zone = QRect(theme.espace(9), (self.height() - cote) // 2, cote, cote)
        theme.icone(self._icone, self._role, 14).paint(peintre, zone)
        peintre.setFont(theme.police("small", 600))
        peintre.setPen(theme.couleur(self._role))
        peintre.drawText(self.rect().adjusted(theme.espace(29), 0, 0, 0),
                         int(Qt.AlignmentFlag.AlignVCenter), self._mot)


class CarteSituation(QFrame):
    """One line a programme: name, why, state; the link to the ministry; the source."""

    lien_demande = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, carte="oui")
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(1, 8, 1, 8)
        colonne.setSpacing(0)
        tete = QHBoxLayout()
        tete.setContentsMargins(12, 0, 12, 4)
        tete.setSpacing(8)
        tete.addWidget(Icone("calendar-check", "texte2", 18))
        tete.addWidget(Etiquette("Situation au calendrier vaccinal", "trait", "texte", 600))
        tete.addStretch(1)
        tete.addWidget(Icone("external-link", "accent", 14))
        self.lien = Lien("Calendrier du ministère")
        self.lien.clicked.connect(self.lien_demande)
        tete.addWidget(self.lien)
        colonne.addLayout(tete)
        self._corps = QWidget()
        theme.poser(self._corps, fond="surface")
        self._lignes = QVBoxLayout(self._corps)
        self._lignes.setContentsMargins(0, 0, 0, 0)
        self._lignes.setSpacing(0)
        self._defile = QScrollArea()
        self._defile.setWidgetResizable(True)
        self._defile.setFrameShape(QFrame.Shape.NoFrame)
        self._defile.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._defile.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._defile.setWidget(self._corps)
        colonne.addWidget(self._defile)
        colonne.addWidget(filet())
        self.aide = Etiquette("", "micro", "texte2")
        self.aide.setWordWrap(True)
        self.aide.setContentsMargins(12, 6, 12, 0)
        colonne.addWidget(self.aide)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._montrees: tuple[LigneSituation, ...] | None = None
        self._lien = ""
        theme.signaux().change.connect(self._refaire)

    def _refaire(self) -> None:
        """Another text size: rows and badges are measured again."""
        if self._montrees is not None:
            lignes, self._montrees = self._montrees, None
            self.definir(lignes, self.aide.text(), self._lien)

    def definir(self, lignes: Sequence[LigneSituation], aide: str, lien: str) -> None:
        """Show the situation; nothing moves when it is the same."""
        self.aide.setText(aide)
        self._lien = lien
        self.lien.setToolTip(sure(lien))
        if tuple(lignes) == self._montrees:
            return
        self._montrees = tuple(lignes)
        vider(self._lignes)
        for rang, ligne in enumerate(lignes):
            if rang:
                self._lignes.addWidget(filet())
            self._lignes.addWidget(_Ligne(ligne))
        if not lignes:
            vide = Etiquette("La date de naissance n’est pas un jour du calendrier : l’âge ne "
                             "peut pas être compté. Consultez le calendrier du ministère.",
                             "body", "texte2")
            vide.setWordWrap(True)
            vide.setContentsMargins(12, 8, 12, 8)
            self._lignes.addWidget(vide)
        visibles = min(max(len(lignes), 1), LIGNES_MAX)
        self._defile.setFixedHeight(visibles * (hauteur_ligne() + 1) - 1 if lignes
                                    else 2 * hauteur_ligne())


class _Ligne(QWidget):
    """A programme."""

    def __init__(self, ligne: LigneSituation) -> None:
        super().__init__()
        self.setFixedHeight(hauteur_ligne())
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(12, 0, 12, 0)
        rangee.setSpacing(12)
        loin = ligne.etat is EtatVaccinal.PLUS_TARD
        rangee.addWidget(Elide(ligne.titre, "body", "texte2" if loin else "texte",
                               500 if loin else 600), 8)
        detail = ligne.detail if ligne.verifie else f"{ligne.detail} (à confirmer)"
        rangee.addWidget(Elide(detail, "body", "texte2"), 13)
        place = QWidget()
        place.setFixedWidth(BadgeEtat.plus_large())
        droite = QHBoxLayout(place)
        droite.setContentsMargins(0, 0, 0, 0)
        droite.addWidget(BadgeEtat(ligne.etat), 0, Qt.AlignmentFlag.AlignRight)
        rangee.addWidget(place)
        self.setAccessibleName(f"{ligne.titre} : {detail}, {ETATS[ligne.etat][1]}")
        if not ligne.verifie:
            self.setToolTip("Cette ligne du calendrier reste à confirmer sur la page du "
                            "ministère.")


class CarteHistorique(QFrame):
    """The vaccinations of the file, or what to do to have some."""

    #: Document id to open.
    document_demande = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, carte="oui")
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(1, 8, 1, 1)
        colonne.setSpacing(0)
        tete = QHBoxLayout()
        tete.setContentsMargins(12, 0, 12, 8)
        tete.setSpacing(8)
        tete.addWidget(Icone("history", "texte2", 18))
        tete.addWidget(Etiquette("Vaccinations enregistrées", "trait", "texte", 600))
        self.compte = Etiquette("", "small", "texte2")
        tete.addWidget(self.compte)
        tete.addStretch(1)
        colonne.addLayout(tete)
        self.modele = ModeleVaccinations()
        self.table = _Table(self.modele)
        self.table.ouvrir.connect(self._ouvrir)
        self._pile = QStackedWidget()
        self._pile.addWidget(self.table)
        self._pile.addWidget(_vide())
        colonne.addWidget(self._pile, 1)
        pied = QFrame()
        theme.poser(pied, trait="haut")
        note = QHBoxLayout(pied)
        note.setContentsMargins(12, 8, 12, 8)
        note.setSpacing(8)
        note.addWidget(Icone("info-circle", "texte2", 16))
        note.addWidget(Elide("Le scan d’une boîte fonctionne depuis tous les onglets du dossier.",
                             "small", "texte2"), 1)
        colonne.addWidget(pied)

    def definir(self, faites: Sequence[VaccinationFaite]) -> None:
        """Show the history."""
        self.modele.definir(faites)
        self._pile.setCurrentIndex(0 if faites else 1)
        dmp = sum(v.origine.value == "dmp" for v in faites)
        venues = f", dont {dmp} venue{'s' if dmp > 1 else ''} du DMP" if dmp else ""
        self.compte.setText(f"{len(faites)}{venues}" if faites else "")
        self.table.repartir()

    def _ouvrir(self, rang: int) -> None:
        faite = self.modele.ligne(rang)
        if faite is not None and faite.document_id is not None:
            self.document_demande.emit(faite.document_id)


def _vide() -> QWidget:
    texte = Etiquette("Scannez une boîte, ou intégrez les notes de vaccination du DMP.", "body",
                      "texte2")
    texte.setWordWrap(True)
    return etat_vide("vaccine", Etiquette("Aucune vaccination enregistrée.", "trait", "texte", 600),
                     texte, taille=32, espace=6)


class _Table(TableLignes):
    """The history; Entrée or a double click opens the document."""

    ouvrir = Signal(int)

    def __init__(self, modele: ModeleVaccinations) -> None:
        super().__init__("Vaccinations enregistrées")
        self.setModel(modele)
        self.setItemDelegate(_Delegue(self))
        self.doubleClicked.connect(lambda index: self.ouvrir.emit(index.row()))
        self.repartir()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.ouvrir.emit(self.ligne_courante())
            return
        super().keyPressEvent(event)

    def repartir(self) -> None:
        """The date is never cut; when room lacks, the word of the origin leaves, then the lot."""
        if self.model() is None:
            return
        mesure = QFontMetrics(theme.police("body"))
        chiffres = QFontMetrics(theme.police("body", chiffres=True))
        large = self.viewport().width()
        serre = large < theme.espace(620)
        date = chiffres.horizontalAdvance("00/00/0000") + theme.espace(20)
        nature = mesure.horizontalAdvance("1re série, dose 2") + theme.espace(18)
        origine = theme.espace(38) if serre else \
            mesure.horizontalAdvance("MSSanté") + theme.espace(44)
        lot = mesure.horizontalAdvance("AC37B214TA0") + theme.espace(16)
        reste = max(0, large - date - nature - origine - lot)
        vaccin = round(reste * 0.38)
        maladie = round(reste * 0.27)
        for colonne, largeur in (
                (Colonne.DATE, date), (Colonne.VACCIN, vaccin), (Colonne.MALADIE, maladie),
                (Colonne.NATURE, nature), (Colonne.LOT, lot),
                (Colonne.VACCINATEUR, max(0, reste - vaccin - maladie)),
                (Colonne.ORIGINE, origine)):
            self.setColumnWidth(colonne, largeur)


class _Delegue(DelegueLigne):
    def cellule(self, painter: QPainter, zone: QRect, index: Index, fond: str) -> None:
        modele = index.model()
        assert isinstance(modele, ModeleVaccinations)
        ligne, colonne = modele.ligne(index.row()), Colonne(index.column())
        if ligne is None:
            return
        texte = modele.texte(ligne, colonne)
        match colonne:
            case Colonne.DATE:
                self.texte(painter, zone, texte, police=theme.police("body", chiffres=True))
            case Colonne.VACCIN:
                self.texte(painter, zone, texte, police=theme.police("body", 600))
            case Colonne.ORIGINE:
                self.icone_texte(painter, zone, ORIGINES[ligne.origine][0],
                                 texte if zone.width() > theme.espace(40) else "", "texte2")
            case Colonne.LOT if not ligne.lot:
                self.texte(painter, zone, texte, "texte2")
            case Colonne.VACCINATEUR:
                self.texte(painter, zone, texte, "texte2")
            case _:
                self.texte(painter, zone, texte)
