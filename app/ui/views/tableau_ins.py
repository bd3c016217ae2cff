"""Dashboard TBB.INS.02: months in columns, counts and rates, one bar a month (mock 09)."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.identity import StatutIdentite
from app.domain.libelles import STATUTS
from app.domain.tableau_ins import (
    INDICATEURS,
    MoisIns,
    TableauIns,
    libelle_mois,
    libelle_taux,
)
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.views.deroulante import Deroulante
from app.ui.views.elements import Bouton, Carte, Etiquette, Icone, vider
from app.ui.views.identite import COULEURS, dessiner_disque
from app.ui.views.tete_page import TetePage

#: Status -> field of `MoisIns`, in the order of the bar.
_PARTS = {StatutIdentite.QUALIFIEE: "qualifiees", StatutIdentite.VALIDEE: "validees",
          StatutIdentite.RECUPEREE: "recuperees", StatutIdentite.PROVISOIRE: "provisoires"}
_PERIODES = ((3, "3 mois"), (6, "6 mois"), (12, "12 mois"), (24, "24 mois"))


def milliers(nombre: int) -> str:
    """« 4 596 »."""
    return f"{nombre:,}".replace(",", "\u202f")


class BarreIdentites(QWidget):
    """Share of each status in one month; patterns by position, words by the legend."""

    def __init__(self, mois: MoisIns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mois = mois
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        parts = ", ".join(f"{STATUTS[s].lower()} {libelle_taux(mois.taux(c))}"
                          for s, c in _PARTS.items())
        self.setAccessibleName(f"{libelle_mois(mois.mois)} : {parts}")
        self.setToolTip(sure(parts))

    def sizeHint(self) -> QSize:
        return QSize(theme.espace(80), theme.espace(14))

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        zone = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        peintre.fillRect(zone, theme.couleur("neutre_doux"))
        total, x = self._mois.uniques, zone.left()
        for statut, champ in _PARTS.items():
            nombre = getattr(self._mois, champ)
            if not total or not nombre:
                continue
            large = zone.width() * nombre / total
            # A gap of one pixel separates the parts, in grey print too.
            peintre.fillRect(QRectF(x, zone.top(), max(1.0, large - 1), zone.height()),
                             theme.couleur(COULEURS[statut]))
            x += large


class _Legende(QWidget):
    """Disc and word of a status."""

    def __init__(self, statut: StatutIdentite) -> None:
        super().__init__()
        self._statut = statut
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        mesure = QFontMetrics(theme.police("small"))
        return QSize(mesure.horizontalAdvance(STATUTS[self._statut]) + theme.espace(40),
                     max(theme.espace(18), mesure.height() + 2))

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        cote = theme.espace(14)
        haut = (self.height() - cote) / 2
        peintre.fillRect(QRectF(0, haut + 2, theme.espace(8), cote - 4),
                         theme.couleur(COULEURS[self._statut]))
        disque = QRectF(theme.espace(12), haut, cote, cote)
        dessiner_disque(peintre, disque, self._statut)
        peintre.setFont(theme.police("small"))
        peintre.setPen(theme.couleur("texte2"))
        texte = QRectF(disque.right() + theme.espace(5), 0, self.width(), self.height())
        peintre.drawText(texte, int(Qt.AlignmentFlag.AlignVCenter), STATUTS[self._statut])


class VueTableauIns(QWidget):
    """The page « tableau INS »."""

    #: RPPS, FINESS, number of months.
    filtre = Signal(str, str, int)
    export_demande = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tableau: TableauIns | None = None
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 10, 16, 14)
        page.setSpacing(12)
        self._tete = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._tete.setSpacing(10)
        self._tete.addLayout(TetePage("Indicateurs INS"), 1)
        tete = QHBoxLayout()
        tete.setSpacing(10)
        self._tete.addLayout(tete)
        self.rpps, self.finess, self.periode = Deroulante(), Deroulante(), Deroulante()
        for boite, nom in ((self.rpps, "Professionnel (RPPS)"),
                           (self.finess, "Structure (FINESS)"), (self.periode, "Période")):
            boite.setAccessibleName(nom)
            boite.setToolTip(sure(nom))
            boite.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            boite.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            boite.setMinimumWidth(theme.espace(100))
            tete.addWidget(boite)
        for nombre, mot in _PERIODES:
            self.periode.addItem(mot, nombre)
        self.periode.setCurrentIndex(1)
        self.exporter = Bouton("Exporter (CSV)", "second", "download")
        self.exporter.clicked.connect(self._exporter)
        tete.addWidget(self.exporter)
        page.addLayout(self._tete)
        self._chiffres = QHBoxLayout()
        self._chiffres.setSpacing(12)
        page.addLayout(self._chiffres)
        self._pile = QStackedWidget()
        page.addWidget(self._pile, 1)
        self._pile.addWidget(self._composer_table())
        self._pile.addWidget(self._composer_vide())
        for boite in (self.rpps, self.finess, self.periode):
            boite.activated.connect(lambda _: self._filtrer())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Without room, the filters go under the title."""
        super().resizeEvent(event)
        etroit = self.width() < theme.espace(900)
        self._tete.setDirection(QBoxLayout.Direction.TopToBottom if etroit
                                else QBoxLayout.Direction.LeftToRight)

    def _composer_table(self) -> QWidget:
        carte = Carte("Par mois", "calendar")
        for statut in _PARTS:
            carte.tete.addWidget(_Legende(statut))
        defilement = QScrollArea()
        defilement.setWidgetResizable(True)
        defilement.setFrameShape(QFrame.Shape.NoFrame)
        contenu = QWidget()
        theme.poser(contenu, fond="surface")
        colonne = QVBoxLayout(contenu)
        colonne.setContentsMargins(0, 0, 0, 0)
        self._grille = QGridLayout()
        self._grille.setHorizontalSpacing(0)
        self._grille.setVerticalSpacing(0)
        colonne.addLayout(self._grille)
        colonne.addStretch(1)
        note = Etiquette(
            "Patient vu : un passage fait ou une observation dans le mois. Chaque mois garde "
            "l’identité que le patient avait alors ; le taux de la procédure transitoire se "
            "rapporte aux identités qualifiées.", "small", "texte2")
        note.setWordWrap(True)
        colonne.addWidget(note)
        defilement.setWidget(contenu)
        carte.corps.addWidget(defilement, 1)
        return carte

    def _composer_vide(self) -> QWidget:
        carte = Carte()
        carte.corps.addStretch(2)
        carte.corps.addWidget(Icone("calendar", "texte2", 32), 0, Qt.AlignmentFlag.AlignHCenter)
        carte.corps.addSpacing(8)
        for texte, role in (("Aucun patient vu sur cette période", "title"),
                            ("Marquez des passages comme faits, ou élargissez la période.",
                             "body")):
            carte.corps.addWidget(Etiquette(texte, role), 0, Qt.AlignmentFlag.AlignHCenter)
            carte.corps.addSpacing(4)
        carte.corps.addStretch(3)
        return carte

    # -- Content ----------------------------------------------------------------------------

    def montrer(self, tableau: TableauIns) -> None:
        """Show the dashboard; the last month is the current one."""
        self._tableau = tableau
        _remplir(self.rpps, (("", "Tous les professionnels"), *tableau.professionnels),
                 tableau.rpps)
        _remplir(self.finess, (("", "Toutes les structures"), *tableau.structures),
                 tableau.finess)
        vus = [m for m in tableau.mois if m.uniques]
        self._pile.setCurrentIndex(0 if vus else 1)
        self.exporter.setEnabled(bool(tableau.mois))
        self.exporter.setToolTip("" if tableau.mois else "Il n’y a rien à exporter")
        self._montrer_chiffres(tableau.mois[-1] if tableau.mois else None)
        self._montrer_mois(tableau.mois)

    def _montrer_chiffres(self, mois: MoisIns | None) -> None:
        vider(self._chiffres)
        quand = libelle_mois(mois.mois) if mois else "ce mois"
        for titre, valeur, detail in (
                ("Patients vus", milliers(mois.uniques) if mois else "–", quand),
                ("Identités qualifiées",
                 libelle_taux(mois.taux("qualifiees")) if mois else "–",
                 f"{milliers(mois.qualifiees)} sur {milliers(mois.uniques)}" if mois else quand),
                ("Reste à qualifier",
                 milliers(mois.uniques - mois.qualifiees) if mois else "–", quand),
                ("Procédure transitoire",
                 libelle_taux(mois.taux("transitoires")) if mois else "–",
                 "des identités qualifiées")):
            carte = QFrame()
            theme.poser(carte, carte="oui")
            colonne = QVBoxLayout(carte)
            colonne.setContentsMargins(12, 8, 12, 10)
            colonne.setSpacing(0)
            colonne.addWidget(Etiquette(titre, "small", "texte2", 500))
            colonne.addWidget(Etiquette(valeur, "figure"))
            colonne.addWidget(Etiquette(detail, "small", "texte2"))
            carte.setAccessibleName(f"{titre} : {valeur}, {detail}")
            self._chiffres.addWidget(carte, 1)

    def _montrer_mois(self, mois: Sequence[MoisIns]) -> None:
        vider(self._grille)
        dernier = len(mois)
        for colonne, m in enumerate(mois, 1):
            self._poser(0, colonne, libelle_mois(m.mois) + (
                "\nmois en cours" if colonne == dernier else "\n"), colonne == dernier, tete=True)
        self._poser(0, 0, "Indicateur", False, tete=True, gauche=True)
        for rang, (champ, libelle) in enumerate(INDICATEURS.items(), 1):
            self._poser(rang, 0, libelle, False, gauche=True)
            for colonne, m in enumerate(mois, 1):
                taux = "" if champ == "uniques" else libelle_taux(m.taux(champ))
                self._poser(rang, colonne, milliers(getattr(m, champ)), colonne == dernier,
                            detail=taux, gras=champ in ("uniques", "qualifiees"))
        rang = len(INDICATEURS) + 1
        self._poser(rang, 0, "Répartition", False, gauche=True)
        for colonne, m in enumerate(mois, 1):
            cadre = self._cadre(colonne == dernier)
            boite = QVBoxLayout(cadre)
            boite.setContentsMargins(10, 10, 10, 10)
            boite.addWidget(BarreIdentites(m))
            self._grille.addWidget(cadre, rang, colonne)
        for colonne in range(30):
            self._grille.setColumnStretch(colonne, 0)
        self._grille.setColumnStretch(0, 3)
        for colonne in range(1, dernier + 1):
            self._grille.setColumnStretch(colonne, 2)

    @staticmethod
    def _cadre(courant: bool) -> QFrame:
        cadre = QFrame()
        theme.poser(cadre, fond="surface2" if courant else "surface", trait="bas")
        return cadre

    def _poser(self, rang: int, colonne: int, texte: str, courant: bool, *, detail: str = "",
               tete: bool = False, gauche: bool = False, gras: bool = False) -> None:
        cadre = self._cadre(courant)
        boite = QVBoxLayout(cadre)
        boite.setContentsMargins(10, 6, 10, 6)
        boite.setSpacing(0)
        cote = Qt.AlignmentFlag.AlignLeft if gauche else Qt.AlignmentFlag.AlignRight
        valeur = Etiquette(texte, "small" if tete else "body", "texte2" if tete else "texte",
                           500 if tete else 600 if gras else None)
        valeur.setAlignment(cote)
        valeur.setWordWrap(gauche)
        boite.addWidget(valeur, 0, Qt.AlignmentFlag(0) if gauche else cote)
        if detail:
            taux = Etiquette(detail, "small", "texte2")
            taux.setAlignment(cote)
            boite.addWidget(taux, 0, cote)
        boite.addStretch(1)
        self._grille.addWidget(cadre, rang, colonne)

    # -- Asking -----------------------------------------------------------------------------

    def _filtrer(self) -> None:
        self.filtre.emit(str(self.rpps.currentData() or ""), str(self.finess.currentData() or ""),
                         int(self.periode.currentData()))

    def demander(self) -> None:
        """Ask for the figures under the current filters."""
        self._filtrer()

    def _exporter(self) -> None:
        if self._tableau is not None:
            self.export_demande.emit(self._tableau)

    def entrer(self) -> None:
        """The page is shown: keyboard in the first filter."""
        self.rpps.setFocus(Qt.FocusReason.OtherFocusReason)


def _remplir(boite: QComboBox, choix: Sequence[tuple[str, str]], courant: str) -> None:
    if [boite.itemData(i) for i in range(boite.count())] != [c for c, _ in choix]:
        boite.clear()
        for code, libelle in choix:
            boite.addItem(libelle, code)
    boite.setCurrentIndex(max(0, boite.findData(courant)))
