"""The banner of the patient file: traits under unambiguous labels, status, attributes, DICA.

Always visible, never scrolls. The matricule zone exists even when it is empty (rule 3, va1.36).
"""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from app.domain import dates, matricule
from app.domain.dica import Dica
from app.domain.identity import Attribut, Identite, StatutIdentite
from app.domain.libelles import TRAITS, TRAITS_COURTS, infobulle_statut
from app.domain.patient import Patient
from app.domain.statuts import BLOQUANTS
from app.ui import theme
from app.ui.views.elements import Etiquette, vider
from app.ui.views.identite import PastilleAttribut, PastilleStatut

#: Longest name shown whole; longer ones elide in the middle.
LONGUEUR_NOM = 28
_ECART = 20


class Trait(QWidget):
    """A label and its value, one above the other; the value can be selected and copied."""

    def __init__(self, trait: str, parent: QWidget | None = None, *, grand: bool = False) -> None:
        super().__init__(parent)
        self._libelles = (TRAITS[trait], TRAITS_COURTS[trait])
        libelle = TRAITS[trait]
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(1)
        self.libelle = Etiquette(libelle, "micro", "texte2")
        self.valeur = Etiquette("", "page" if grand else "trait")
        self.valeur.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.valeur.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.valeur.customContextMenuRequested.connect(self._menu)
        self.valeur.setTextFormat(Qt.TextFormat.PlainText)
        self.libelle.setBuddy(self.valeur)
        self.libelle.setText(libelle)
        ligne = QHBoxLayout()
        ligne.setSpacing(4)
        ligne.setContentsMargins(0, 0, 0, 0)
        self.complement = Etiquette("", "small", "texte2")
        ligne.addWidget(self.valeur)
        ligne.addWidget(self.complement, 0, Qt.AlignmentFlag.AlignBottom)
        ligne.addStretch(1)
        colonne.addStretch(1)
        colonne.addWidget(self.libelle)
        colonne.addLayout(ligne)
        colonne.addStretch(1)
        self._copie = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def abreger(self, oui: bool) -> None:
        """Short label (rule 3), for narrow windows."""
        self.libelle.setText(self._libelles[oui])
        self.libelle.setToolTip(self._libelles[0] if oui else "")

    def largeur(self) -> int:
        """Width that shows everything."""
        valeur = self.valeur.fontMetrics().horizontalAdvance(self.valeur.text()) + 3
        if self.complement.text() and not self.complement.isHidden():
            valeur += 4 + self.complement.fontMetrics().horizontalAdvance(
                self.complement.text()) + 3
        return max(valeur, self.libelle.fontMetrics().horizontalAdvance(self.libelle.text()) + 3)

    def sizeHint(self) -> QSize:
        return QSize(self.largeur(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def definir(self, valeur: str, complement: str = "", copie: str = "") -> None:
        """Show a value. `copie`: what « Copier » gives when it differs from what is shown."""
        court = valeur
        if len(valeur) > LONGUEUR_NOM and not any(c.isdigit() for c in valeur):
            moitie = (LONGUEUR_NOM - 1) // 2
            court = f"{valeur[:moitie].rstrip()}…{valeur[-moitie:].lstrip()}"
        self.valeur.setText(court)
        self.valeur.setToolTip(valeur if court != valeur else "")
        self.complement.setText(complement)
        self.complement.setVisible(bool(complement))
        self.updateGeometry()
        self._copie = copie or valeur
        self.valeur.setAccessibleName(f"{self.libelle.text()} : {valeur} {complement}".strip())

    def _menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        action = QAction("Copier", menu)
        action.triggered.connect(lambda: QGuiApplication.clipboard().setText(
            self.valeur.selectedText() or self._copie))
        menu.addAction(action)
        menu.popup(self.valeur.mapToGlobal(point))


class BoutonDica(QAbstractButton):
    """Can, or cannot: two states only. Solid border when it can, dashed when it cannot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dica")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._consultable, self._detail = False, ""
        self.setText("DMP non consultable")
        self.toggled.connect(lambda _: self.update())

    def definir(self, dica: Dica) -> None:
        """Show the answer and what is missing."""
        self._consultable, self._detail = dica.consultable, dica.manque
        self.setText(dica.titre)
        self.setAccessibleName(f"{dica.titre}. {dica.manque}")
        self.setToolTip("Conditions de consultation du DMP (F2)")
        self.updateGeometry()
        self.update()

    @property
    def consultable(self) -> bool:
        """The state shown."""
        return self._consultable

    def _polices(self) -> tuple[QFont, QFont]:
        titre = theme.police("body", 600)
        detail = QFont(theme.police("micro"))
        if self._consultable:
            detail.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.4)
        return titre, detail

    def sizeHint(self) -> QSize:
        titre, detail = (QFontMetrics(p) for p in self._polices())
        texte = max(titre.horizontalAdvance("DMP non consultable"),
                    detail.horizontalAdvance(self._detail),
                    detail.horizontalAdvance("Il manque : C (consentement)"))
        return QSize(theme.espace(12 + 20 + 10 + 12 + 16 + 12) + texte,
                     max(theme.espace(44), titre.height() + detail.height() + 12))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        zone = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        couleur = "succes" if self._consultable else "texte"
        plume = QPen(theme.couleur("succes" if self._consultable else "bordure_forte"), 1)
        if not self._consultable:
            plume.setStyle(Qt.PenStyle.CustomDashLine)
            plume.setDashPattern([4, 3])
        if self.hasFocus():
            plume = QPen(theme.couleur("focus"), 2)
        peintre.setPen(plume)
        fond = "succes_doux" if self._consultable else "surface2"
        if self.underMouse() and not self._consultable:
            fond = "survol"
        peintre.setBrush(theme.couleur(fond))
        peintre.drawRoundedRect(zone, 6, 6)
        milieu = self.height() // 2
        icone = "folder-check" if self._consultable else "folder-off"
        theme.icone(icone, "succes" if self._consultable else "texte2", 20).paint(
            peintre, theme.espace(12), milieu - theme.espace(10), theme.espace(20),
            theme.espace(20))
        gauche, cote = theme.espace(42), theme.espace(16)
        titre, detail = self._polices()
        mt, md = QFontMetrics(titre), QFontMetrics(detail)
        haut = (self.height() - mt.height() - md.height()) // 2
        peintre.setFont(titre)
        peintre.setPen(theme.couleur(couleur))
        peintre.drawText(gauche, haut + mt.ascent(), self.text())
        peintre.setFont(detail)
        peintre.setPen(theme.couleur("succes" if self._consultable else "texte2"))
        peintre.drawText(gauche, haut + mt.height() + md.ascent(), self._detail)
        chevron = "chevron-up" if self.isChecked() else "chevron-down"
        theme.icone(chevron, couleur if self._consultable else "texte2", 16).paint(
            peintre, self.width() - theme.espace(28), milieu - cote // 2, cote, cote)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class Bandeau(QFrame):
    """The banner of one patient."""

    #: Code of the justificatif that was checked.
    document_controle = Signal(str)
    #: Ask INSi now.
    insi_demande = Signal()
    #: (attribute, present).
    attribut_demande = Signal(object, bool)
    #: Show or hide the DICA list.
    dica_demande = Signal(bool)
    #: The Identité panel (F3).
    identite_demandee = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bandeau")
        self.setAutoFillBackground(True)
        self._justificatifs: tuple[tuple[str, str], ...] = ()
        self._patient: Patient | None = None
        self.nom = Trait("nom_naissance", grand=True)
        self.prenom = Trait("premier_prenom", grand=True)
        self.naissance = Trait("date_naissance")
        self.sexe = Trait("sexe")
        self.lieu = Trait("lieu_naissance")
        self.matricule = Trait("matricule_ins")
        self.statut = PastilleStatut()
        self.statut.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.statut.clicked.connect(self.ouvrir_menu_identite)
        self.dica = BoutonDica()
        self.dica.clicked.connect(self.dica_demande)
        self._attributs = QHBoxLayout()
        self._attributs.setSpacing(6)
        self._traits = (self.nom, self.prenom, self.naissance, self.sexe, self.lieu,
                        self.matricule)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(16, 6, 12, 6)
        colonne.setSpacing(4)
        self._rangee = QHBoxLayout()
        self._rangee.setSpacing(_ECART)
        for trait in self._traits:
            self._rangee.addWidget(trait)
        self._rangee.addStretch(1)
        self._etat = QWidget()
        etat = QHBoxLayout(self._etat)
        etat.setContentsMargins(0, 0, 0, 0)
        etat.setSpacing(6)
        etat.addWidget(self.statut)
        etat.addLayout(self._attributs)
        etat.addStretch(1)
        etat.addSpacing(14)
        etat.addWidget(self.dica)
        self._rangee.addWidget(self._etat)
        colonne.addLayout(self._rangee)
        self._troisieme = QHBoxLayout()
        self._troisieme.addStretch(1)
        self._dessous = QHBoxLayout()
        colonne.addLayout(self._troisieme)
        colonne.addLayout(self._dessous)
        theme.signaux().change.connect(self._ajuster)

    def definir_justificatifs(self, justificatifs: tuple[tuple[str, str], ...]) -> None:
        """Kinds of high-trust documents of the badge's menu: code, label."""
        self._justificatifs = justificatifs

    def afficher(self, patient: Patient, lieu: str, age: str) -> None:
        """Show a patient. `lieu`: « 63220 Mazoires », `age`: « 50 ans »."""
        self._patient = patient
        identite = patient.identite
        traits = identite.traits
        self.nom.definir(traits.nom_naissance)
        self.prenom.definir(traits.premier_prenom)
        self.naissance.definir(dates.formater(traits.date_naissance), f"({age})" if age else "")
        self.sexe.definir(traits.sexe)
        self.lieu.definir(lieu or traits.lieu_naissance)
        if identite.matricule_ins:
            self.matricule.valeur.definir_couleur("texte")
            self.matricule.definir(matricule.formater(identite.matricule_ins),
                                   f"({matricule.nature(identite.oid)})", identite.matricule_ins)
        else:
            self.matricule.valeur.definir_couleur("texte2")
            self.matricule.definir("non attribué")
        self.statut.definir(identite.statut)
        self.statut.setToolTip(infobulle_statut(identite))
        self._poser_attributs(identite)
        self._ajuster()

    def appel_insi(self, en_cours: bool) -> None:
        """The badge says « INSi… » while a call is running."""
        if self._patient is not None:
            self.statut.definir(self._patient.identite.statut, appel_en_cours=en_cours)

    def _poser_attributs(self, identite: Identite) -> None:
        vider(self._attributs)
        for attribut in Attribut:
            if attribut in identite.attributs:
                self._attributs.addWidget(PastilleAttribut(attribut))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ajuster()

    def _ajuster(self) -> None:
        """Nothing is ever cut: labels shorten, then the state goes under, then the birthplace
        leaves (it stays in the Identité panel)."""
        if self._patient is None:
            return
        place = self.width() - 28
        etat = self._largeur_etat()
        for abrege, lieu, deux, trois in (
                (False, True, False, False), (True, True, False, False),
                (False, True, True, False), (True, True, True, False),
                (True, False, True, False), (True, False, True, True)):
            for trait in self._traits:
                trait.abreger(abrege)
            montres = [t for t in self._traits if (lieu or t is not self.lieu)
                       and not (trois and t is self.matricule)]
            besoin = sum(t.largeur() for t in montres) + _ECART * len(montres)
            if besoin + (0 if deux else etat) <= place:
                break
        self.lieu.setVisible(lieu)
        for trait in self._traits:
            trait.updateGeometry()
        self._deplacer(self._etat, self._dessous if deux else self._rangee)
        self._deplacer(self.matricule, self._troisieme if trois else self._rangee,
                       0 if trois else 5)

    @staticmethod
    def _deplacer(widget: QWidget, vers: QHBoxLayout, rang: int = -1) -> None:
        """Put a widget in a row, if it isn't there."""
        if vers.indexOf(widget) < 0:
            parent = widget.parentWidget()
            colonne = parent.layout() if parent is not None else None
            if isinstance(colonne, QVBoxLayout):
                for i in range(colonne.count()):
                    element = colonne.itemAt(i)
                    autre = element.layout() if element is not None else None
                    if autre is not None and autre.indexOf(widget) >= 0:
                        autre.removeWidget(widget)
            vers.insertWidget(min(rang, vers.count()) if rang >= 0 else vers.count(), widget)

    def _largeur_etat(self) -> int:
        """Width of badge, attributes and DICA. Asked to each: the layout remembers old fonts."""
        pastilles: list[QWidget] = [self.statut, self.dica]
        for rang in range(self._attributs.count()):
            element = self._attributs.itemAt(rang)
            if element is not None and (widget := element.widget()) is not None:
                pastilles.append(widget)
        for pastille in pastilles:
            pastille.updateGeometry()
        return sum(p.sizeHint().width() + 6 for p in pastilles) + 14

    def ouvrir_menu_identite(self) -> None:
        """Menu of the badge: document checked, INSi, attributes."""
        if self._patient is None:
            return
        menu = self.menu_identite()
        # Right edges aligned and under the banner: neither the traits nor DICA are covered.
        bord = self.statut.mapTo(self, QPoint(self.statut.width(), 0)).x()
        droite = bord - menu.sizeHint().width()
        menu.popup(self.mapToGlobal(QPoint(max(0, droite), self.height())))

    def menu_identite(self) -> QMenu:
        """Build the menu of the badge for the patient shown."""
        assert self._patient is not None
        identite = self._patient.identite
        menu = QMenu(self)
        menu.setObjectName("menuIdentite")
        bloquee = bool(identite.attributs & BLOQUANTS)
        verifiee = identite.statut in (StatutIdentite.VALIDEE, StatutIdentite.QUALIFIEE)
        titre = QWidgetAction(menu)
        mot = Etiquette("Document d’identité contrôlé", "small", "texte2", 600)
        mot.setContentsMargins(12, 6, 12, 4)
        titre.setDefaultWidget(mot)
        titre.setEnabled(False)
        menu.addAction(titre)
        for code, libelle in self._justificatifs:
            action = QAction(libelle, menu)
            action.setData(code)
            action.setCheckable(verifiee)
            action.setChecked(verifiee and identite.justificatif == code)
            action.setEnabled(not bloquee)
            action.triggered.connect(lambda _=False, c=code: self.document_controle.emit(c))
            menu.addAction(action)
        menu.addSeparator()
        insi = QAction("Appeler INSi maintenant", menu)
        insi.setEnabled(not bloquee and identite.statut in (StatutIdentite.PROVISOIRE,
                                                            StatutIdentite.VALIDEE))
        insi.triggered.connect(self.insi_demande)
        menu.addAction(insi)
        voir = QAction("Identité complète\tF3", menu)
        voir.triggered.connect(self.identite_demandee)
        menu.addAction(voir)
        menu.addSeparator()
        for attribut, libelle in ((Attribut.HOMONYME, "Homonyme"),
                                  (Attribut.DOUTEUSE, "Identité douteuse"),
                                  (Attribut.FICTIVE, "Identité fictive")):
            action = QAction(libelle, menu)
            action.setCheckable(True)
            action.setChecked(attribut in identite.attributs)
            action.triggered.connect(
                lambda coche, a=attribut: self.attribut_demande.emit(a, coche))
            menu.addAction(action)
        return menu

    def definir_dica(self, dica: Dica) -> None:
        """Show the DICA answer."""
        avant = self.dica.sizeHint().width()
        self.dica.definir(dica)
        if self.dica.sizeHint().width() != avant:
            self._ajuster()

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.fillRect(self.rect(), theme.couleur("surface"))
        peintre.fillRect(0, self.height() - 1, self.width(), 1, theme.couleur("bordure"))
