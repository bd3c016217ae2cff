"""Work lists of identities: the lists at the left, lines and gestures at the right."""

from collections.abc import Mapping

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.listes_identite import LISTES, LigneListe, ListeIdentite, PageListe
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.models.listes_identite import ROLE_LIGNE, TITRES, Colonne, ModeleListe
from app.ui.views.elements import Bouton, Carte, Etiquette, Icone
from app.ui.views.identite import COULEURS, dessiner_disque
from app.ui.views.lignes import DelegueLigne, Index, TableLignes

_ICONES = {
    ListeIdentite.VERIFICATION_KO: "alert-octagon", ListeIdentite.DOUBLONS: "copy",
    ListeIdentite.A_QUALIFIER: "fingerprint", ListeIdentite.A_VERIFIER: "refresh",
    ListeIdentite.NIA: "clock", ListeIdentite.HOMONYMES: "users",
    ListeIdentite.DOUTEUSES: "user-question", ListeIdentite.TRANSITOIRES: "hand-stop",
}
#: Lists whose count is a danger rather than a quantity of work.
_GRAVES = frozenset({ListeIdentite.VERIFICATION_KO, ListeIdentite.DOUTEUSES})
#: Gestures of a list: code, verb, icon; the first one is the button that acts.
GESTES: dict[ListeIdentite, tuple[tuple[str, str, str], ...]] = {
    ListeIdentite.VERIFICATION_KO: (("ouvrir", "Ouvrir le dossier", "folder-open"),
                                    ("traiter_ko", "Noter comme traité", "check")),
    ListeIdentite.DOUBLONS: (("comparer", "Comparer les dossiers", "equal"),
                             ("homonymes", "Ce sont deux personnes", "users")),
    ListeIdentite.A_QUALIFIER: (("ouvrir", "Ouvrir le dossier", "folder-open"),),
    ListeIdentite.A_VERIFIER: (("verifier", "Vérifier ce patient", "refresh"),
                               ("verifier_tous", "Vérifier toute la liste", "player-play")),
    ListeIdentite.NIA: (("verifier", "Vérifier ce patient", "refresh"),
                        ("ouvrir", "Ouvrir le dossier", "folder-open")),
    ListeIdentite.HOMONYMES: (("ouvrir", "Ouvrir le dossier", "folder-open"),),
    ListeIdentite.DOUTEUSES: (("ouvrir", "Ouvrir le dossier", "folder-open"),
                              ("lever_doute", "Lever le doute", "shield-check")),
    ListeIdentite.TRANSITOIRES: (("ouvrir", "Ouvrir le dossier", "folder-open"),),
}
_VIDES: dict[ListeIdentite, str] = {
    ListeIdentite.VERIFICATION_KO: "INSi confirme toutes les identités vérifiées.",
    ListeIdentite.DOUBLONS: "Aucun dossier ne ressemble à un autre.",
    ListeIdentite.A_QUALIFIER: "Toutes les identités sont qualifiées.",
    ListeIdentite.A_VERIFIER: "Aucune vérification n’attend.",
}


class _Choix(QAbstractButton):
    """One list: icon, name, count. Known, zero and unknown are three texts."""

    def __init__(self, liste: ListeIdentite, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._liste = liste
        self._nombre: int | None = None
        self._serre = False
        self.setText(LISTES[liste][0])
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.definir_nombre(None)

    def serrer(self, serre: bool) -> None:
        """Icon and count only, or the name between them."""
        self._serre = serre
        self.setToolTip(sure(self.text() if serre else ""))
        self.updateGeometry()

    def definir_nombre(self, nombre: int | None) -> None:
        """Change the count; None = not known yet."""
        self._nombre = nombre
        self.setAccessibleName(f"{self.text()}, " + (
            "nombre inconnu" if nombre is None else f"{nombre} à traiter"))
        self.update()

    def sizeHint(self) -> QSize:
        haut = max(theme.espace(36), QFontMetrics(theme.police("body")).height() + 16)
        mot = QFontMetrics(theme.police("body", 600)).horizontalAdvance(
            "9999" if self._serre else f"{self.text()} 9999")
        return QSize(theme.espace(12 + 16 + 9 + 8 + 12) + mot, haut)

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        choisi = self.isChecked()
        if choisi or self.underMouse():
            peintre.fillRect(self.rect(), theme.couleur("accent_doux" if choisi else "survol"))
        if choisi:
            peintre.fillRect(QRect(0, 0, 3, self.height()), theme.couleur("accent"))
        cote, marge = theme.espace(16), theme.espace(12)
        dessin = QRect(marge, (self.height() - cote) // 2, cote, cote)
        grave = self._liste in _GRAVES and bool(self._nombre)
        theme.icone(_ICONES[self._liste], "erreur" if grave else "texte2", 16).paint(
            peintre, dessin)
        compte = "–" if self._nombre is None else str(self._nombre)
        police = theme.police("body", 600 if choisi else None)
        large = QFontMetrics(theme.police("body", 600)).horizontalAdvance(compte)
        peintre.setFont(theme.police("body", 600 if self._nombre else None, chiffres=True))
        peintre.setPen(theme.couleur("erreur" if grave else "texte" if self._nombre else "texte2"))
        droite = QRect(0, 0, self.width() - marge, self.height())
        peintre.drawText(droite, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                         compte)
        zone = QRect(dessin.right() + theme.espace(9), 0, 0, self.height())
        zone.setRight(self.width() - marge - large - theme.espace(8))
        peintre.setFont(police)
        peintre.setPen(theme.couleur("texte"))
        if not self._serre:
            peintre.drawText(zone, int(Qt.AlignmentFlag.AlignVCenter),
                             QFontMetrics(police).elidedText(
                                 self.text(), Qt.TextElideMode.ElideRight, zone.width()))
        if self.hasFocus():
            peintre.setPen(QPen(theme.couleur("focus"), 2))
            peintre.setBrush(Qt.BrushStyle.NoBrush)
            peintre.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 3, 3)


class _Delegue(DelegueLigne):
    """Paints a line of a work list."""

    def cellule(self, painter: QPainter, zone: QRect, index: Index, fond: str) -> None:
        ligne: LigneListe = index.data(ROLE_LIGNE)
        texte = str(index.data() or "")
        match index.column():
            case Colonne.PATIENT:
                zone.setLeft(zone.left() + theme.espace(8))
                self.texte(painter, zone, texte, "texte", theme.police("body", 600))
            case Colonne.NAISSANCE | Colonne.DEPUIS:
                self.texte(painter, zone, texte, "texte" if index.column() == Colonne.NAISSANCE
                           else "texte2", theme.police("body", chiffres=True))
            case Colonne.STATUT:
                statut, cote = ligne.patient.statut, theme.espace(16)
                disque = QRect(zone.left(), zone.center().y() - cote // 2, cote, cote)
                dessiner_disque(painter, disque.toRectF(), statut, theme.couleur(fond))
                zone.setLeft(disque.right() + theme.espace(7))
                self.texte(painter, zone, texte, COULEURS[statut])
            case _:
                self.texte(painter, zone, texte)


class TableListe(TableLignes):
    """The lines; Entrée or double click does the first gesture."""

    agir = Signal()
    #: True when no line has a date: the column leaves its place to the others.
    sans_date = False

    def __init__(self, modele: ModeleListe, parent: QWidget | None = None) -> None:
        super().__init__("Identités de la liste", parent)
        self.setModel(modele)
        self.setItemDelegate(_Delegue(self))
        theme.poser(self.horizontalHeader(), marge="page")
        self.doubleClicked.connect(lambda _: self.agir.emit())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.agir.emit()
        else:
            super().keyPressEvent(event)

    def repartir(self) -> None:
        """Dates and status keep their words; « depuis » leaves first."""
        if self.model() is None:
            return
        mesure, marge = QFontMetrics(theme.police("body")), theme.espace(24)
        total = self.viewport().width()
        fixes = {
            Colonne.NAISSANCE: mesure.horizontalAdvance("00/00/0000") + marge,
            Colonne.STATUT: mesure.horizontalAdvance("Récupérée") + marge + theme.espace(24),
            Colonne.DEPUIS: max(mesure.horizontalAdvance("00/00/0000"),
                                mesure.horizontalAdvance(TITRES[Colonne.DEPUIS])) + marge,
        }
        self.setColumnHidden(Colonne.DEPUIS, total < theme.espace(720) or self.sans_date)
        libre = total - sum(v for c, v in fixes.items() if not self.isColumnHidden(c))
        for colonne, largeur in fixes.items():
            self.setColumnWidth(colonne, largeur)
        etroit = libre < theme.espace(300)  # who and when stay; what is known is in the file
        self.setColumnHidden(Colonne.DETAIL, etroit)
        patient = libre if etroit else max(theme.espace(150), libre * 36 // 100)
        self.setColumnWidth(Colonne.PATIENT, patient)
        self.setColumnWidth(Colonne.DETAIL, libre - patient)


class VueListesIdentite(QWidget):
    """The page."""

    #: Another list is chosen (ListeIdentite).
    liste_demandee = Signal(object)
    #: A gesture on a line: code of `GESTES`, LigneListe or None.
    geste = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.liste: ListeIdentite = ListeIdentite.VERIFICATION_KO
        self._choisie = False
        """True once the user chose a list: the page leaves it there."""
        self.boutons: dict[str, Bouton] = {}
        self.modele = ModeleListe(self)
        self.table = TableListe(self.modele)
        self.table.agir.connect(lambda: self._agir(GESTES[self.liste][0][0]))
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 10, 16, 14)
        page.setSpacing(12)
        tete = QHBoxLayout()
        tete.addWidget(Etiquette("Identités à traiter", "page"))
        tete.addStretch(1)
        self._etat = Etiquette("", "small", "texte2")
        self._arreter = Bouton("Interrompre", "second", "x", petit=True)
        self._arreter.clicked.connect(lambda: self.geste.emit("interrompre", None))
        tete.addWidget(self._etat)
        tete.addWidget(self._arreter)
        page.addLayout(tete)
        corps = QHBoxLayout()
        corps.setSpacing(12)
        corps.addWidget(self._composer_listes())
        corps.addWidget(self._composer_lignes(), 1)
        page.addLayout(corps, 1)
        self.montrer_avancement("")

    def _composer_listes(self) -> QWidget:
        cadre = self._cadre_listes = QFrame()
        theme.poser(cadre, carte="oui")
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(1, 6, 1, 6)
        colonne.setSpacing(0)
        groupe = QButtonGroup(self)
        self._choix: dict[ListeIdentite, _Choix] = {}
        for liste in LISTES:
            choix = _Choix(liste)
            choix.clicked.connect(lambda _=False, x=liste: self._demander(x))
            groupe.addButton(choix)
            colonne.addWidget(choix)
            self._choix[liste] = choix
        self._choix[self.liste].setChecked(True)
        colonne.addStretch(1)
        self._mesurer()
        theme.signaux().change.connect(self._mesurer)
        return cadre

    def _mesurer(self) -> None:
        """The names of the lists stay whole at each text size; without room for the lines beside
        them, icons and counts remain (the name is in the tooltip and above the lines)."""
        serre = self.width() < theme.espace(760)
        for choix in self._choix.values():
            choix.serrer(serre)
        self._cadre_listes.setFixedWidth(4 + max(0 if serre else theme.espace(240), max(
            choix.sizeHint().width() for choix in self._choix.values())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._mesurer()

    def _composer_lignes(self) -> QWidget:
        self._carte = Carte()
        self._explication = Etiquette("", "body", "texte2")
        self._explication.setWordWrap(True)
        self._carte.corps.addWidget(self._explication)
        self._carte.corps.addSpacing(8)
        self._pile = QStackedWidget()
        self._pile.addWidget(self.table)
        vide = QWidget()
        colonne = QVBoxLayout(vide)
        colonne.addStretch(2)
        colonne.addWidget(Icone("circle-check", "succes", 32), 0, Qt.AlignmentFlag.AlignHCenter)
        self._vide = Etiquette("", "title")
        colonne.addWidget(self._vide, 0, Qt.AlignmentFlag.AlignHCenter)
        colonne.addStretch(3)
        self._pile.addWidget(vide)
        self._carte.corps.addWidget(self._pile, 1)
        barre = QFrame()
        theme.poser(barre, trait="haut")
        self._barre = QHBoxLayout(barre)
        self._barre.setContentsMargins(0, 10, 0, 0)
        self._barre.setSpacing(8)
        self._carte.corps.addWidget(barre)
        return self._carte

    # -- Content ----------------------------------------------------------------------------

    def _demander(self, liste: ListeIdentite) -> None:
        self._choisie = True
        self.liste = liste
        self._choix[liste].setChecked(True)
        self.liste_demandee.emit(liste)

    def montrer(self, page: PageListe) -> None:
        """Show a list; the line that was current stays so when it is still there."""
        ancienne = self.courante()
        meme = page.liste is self.liste and ancienne is not None
        self.liste = page.liste
        self._choix[page.liste].setChecked(True)
        self._choix[page.liste].definir_nombre(page.total)
        titre, explication = LISTES[page.liste]
        self._carte.titre.setText(titre)
        montres = len(page.lignes)
        self._carte.complement.setText(
            "" if not page.total else f"{page.total}" if montres == page.total
            else f"{page.total}, les {montres} premières affichées")
        self._explication.setText(explication)
        self.modele.definir(page.lignes)
        self._vide.setText(_VIDES.get(page.liste, "Cette liste est vide."))
        self._pile.setCurrentIndex(0 if page.lignes else 1)
        self.table.sans_date = not any(x.depuis for x in page.lignes)
        self.table.repartir()
        self._gestes(bool(page.lignes))
        if page.lignes:
            ids = [x.patient.id for x in page.lignes]
            self.table.aller_a(ids.index(ancienne.patient.id) if meme and ancienne is not None
                               and ancienne.patient.id in ids else 0)

    def _gestes(self, actifs: bool) -> None:
        while self._barre.count():
            element = self._barre.takeAt(0)
            if element is not None and (widget := element.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.boutons = {}
        self._barre.addStretch(1)
        # The button that acts is the last one, at the right.
        for rang, (code, verbe, icone) in reversed(list(enumerate(GESTES[self.liste]))):
            bouton = Bouton(verbe, "second" if rang else "principal", icone)
            bouton.setEnabled(actifs)
            if not actifs:
                bouton.setToolTip("Cette liste est vide")
            bouton.clicked.connect(lambda _=False, c=code: self._agir(c))
            self._barre.addWidget(bouton)
            self.boutons[code] = bouton

    def montrer_comptes(self, comptes: Mapping[ListeIdentite, int]) -> None:
        """Counts of the lists. Until one is chosen, the first that isn't empty is shown."""
        for liste, nombre in comptes.items():
            self._choix[liste].definir_nombre(nombre)
        if not self._choisie and not comptes.get(self.liste):
            pleine = next((liste for liste in LISTES if comptes.get(liste)), None)
            if pleine is not None:
                self.liste_demandee.emit(pleine)

    def montrer_avancement(self, texte: str) -> None:
        """What the verifications are doing; "" hides it with its button."""
        self._etat.setText(texte)
        self._etat.setVisible(bool(texte))
        self._arreter.setVisible(bool(texte))

    def courante(self) -> LigneListe | None:
        """The current line."""
        return self.modele.ligne(self.table.ligne_courante())

    def _agir(self, code: str) -> None:
        self.geste.emit(code, self.courante())

    def entrer(self) -> None:
        """The page is shown: keyboard in the lines."""
        cible = self.table if self.modele.rowCount() else self._choix[self.liste]
        cible.setFocus(Qt.FocusReason.OtherFocusReason)
