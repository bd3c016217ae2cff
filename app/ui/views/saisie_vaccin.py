"""The form of one vaccination: filled by a scan or by hand, checked, validated (mock 05, left)."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QIntValidator, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.domain.dates import est_calendaire, formater
from app.domain.vaccination import (
    NATURES,
    RANG_MAX,
    ProduitVaccin,
    Proposition,
    SaisieVaccination,
)
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.views.dates import lire_date
from app.ui.views.deroulante import Deroulante
from app.ui.views.elements import Bouton, Champ, Etiquette, vider

_NON_PRECISE = ("", "Non précisé")


class ChampLu(QLineEdit):
    """A field that says what the scan filled, until it is edited."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marque = ""
        self.textEdited.connect(lambda _: self.marquer(""))

    @property
    def marque(self) -> str:
        """Word shown at the right; empty when typed."""
        return self._marque

    def marquer(self, mot: str) -> None:
        """Say where the value comes from; "" when the user typed it."""
        self._marque = mot
        self.setAccessibleDescription(f"Lu sur la boîte ({mot})" if mot else "")
        self.setTextMargins(0, 0, self._largeur() if mot else 0, 0)
        self.update()

    def remplir(self, texte: str, mot: str = "") -> None:
        """Set the value and its origin."""
        self.setText(texte)
        self.setCursorPosition(0)
        self.marquer(mot if texte else "")

    def _largeur(self) -> int:
        mesure = QFontMetrics(theme.police("small", 500))
        return mesure.horizontalAdvance(self._marque) + theme.espace(14 + 10)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._marque:
            self.setTextMargins(0, 0, self._largeur(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._marque:
            return
        peintre = QPainter(self)
        large, cote = self._largeur(), theme.espace(14)
        zone = QRect(self.width() - large - theme.espace(6), 0, large, self.height())
        theme.icone("scan", "accent", 14).paint(
            peintre, QRect(zone.left(), (self.height() - cote) // 2, cote, cote))
        peintre.setFont(theme.police("small", 500))
        peintre.setPen(theme.couleur("accent"))
        peintre.drawText(zone.adjusted(cote + theme.espace(6), 0, 0, 0),
                         int(Qt.AlignmentFlag.AlignVCenter), self._marque)


def _phrase(maladies: Sequence[str]) -> str:
    """« Diphtérie, tétanos »: one capital, but names and acronyms keep theirs."""
    suite = [m if m[1:2].isupper() or m.startswith("Haemophilus") else m[:1].lower() + m[1:]
             for m in maladies[1:]]
    return ", ".join([*maladies[:1], *suite])


class FormulaireVaccin(QWidget):
    """Fields of a vaccination. Values in by `proposer`, out by `saisie`."""

    #: The user chose another vaccine: ProduitVaccin.
    produit_choisi = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._produits: dict[str, ProduitVaccin] = {}
        self._produit: ProduitVaccin | None = None
        self.champs: dict[str, Champ] = {}
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(10)
        self.grille = QGridLayout()
        self.grille.setContentsMargins(0, 0, 0, 0)
        self.grille.setHorizontalSpacing(12)
        self.grille.setVerticalSpacing(10)
        for rang in range(6):
            self.grille.setColumnStretch(rang, 1)
        colonne.addLayout(self.grille)
        self._creer()
        self.dmp = QCheckBox("Envoyer la note au DMP")
        self.dmp.setChecked(True)
        self.canal = Etiquette("", "small", "texte2")
        self.canal.setWordWrap(True)
        envoi = QHBoxLayout()
        envoi.setSpacing(6)
        envoi.addWidget(self.dmp)
        envoi.addWidget(self.canal, 1)
        colonne.addLayout(envoi)
        self.avis = Etiquette("", "small", "texte2")
        self.avis.setWordWrap(True)
        self.avis.hide()
        colonne.addWidget(self.avis)

    def _creer(self) -> None:
        self.vaccin = ChampLu()
        self.vaccin.setPlaceholderText("Nom, maladie ou code CIP")
        self.vaccin.textEdited.connect(self._vaccin_tape)
        self.vaccin.editingFinished.connect(self._vaccin_fini)
        self.lot, self.peremption, self.date = ChampLu(), ChampLu(), QLineEdit()
        self.peremption.setPlaceholderText("JJ/MM/AAAA")
        self.lots = QWidget()
        rangee = QHBoxLayout(self.lots)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(6)
        self.nature, self.voie, self.site = Deroulante(), Deroulante(), Deroulante()
        for boite in (self.nature, self.voie, self.site):
            boite.setMinimumContentsLength(6)
            boite.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for code, libelle in NATURES:
            self.nature.addItem(libelle, code)
        self.rang = QLineEdit()
        self.rang.setValidator(QIntValidator(1, RANG_MAX, self.rang))
        self.rang.setPlaceholderText("Non connu")
        self.motif = QLineEdit()
        self.motif.setPlaceholderText("Pourquoi cette boîte est-elle utilisée ?")
        for nom, libelle, saisie, ligne, place, largeur in (
                ("vaccin", "Vaccin", self.vaccin, 0, 0, 6), ("lot", "Lot", self.lot, 1, 0, 3),
                ("peremption", "Péremption", self.peremption, 1, 3, 3),
                ("perime", "Motif, pour vacciner quand même", self.motif, 3, 0, 6),
                ("date", "Date d’injection", self.date, 4, 0, 2),
                ("nature", "Nature", self.nature, 4, 2, 2), ("rang", "Rang", self.rang, 4, 4, 2),
                ("voie", "Voie", self.voie, 5, 0, 3), ("site", "Site", self.site, 5, 3, 3)):
            champ = Champ(libelle, saisie)
            self.champs[nom] = champ
            self.grille.addWidget(champ, ligne, place, 1, largeur, Qt.AlignmentFlag.AlignTop)
        self.grille.addWidget(self.lots, 2, 0, 1, 6)
        self.lots.hide()
        self.champs["perime"].hide()
        self.peremption.editingFinished.connect(lambda: self._mettre_en_forme(self.peremption))
        self.date.editingFinished.connect(lambda: self._mettre_en_forme(self.date))

    # -- choices -----------------------------------------------------------------------------

    def definir_choix(self, voies: Sequence[tuple[str, str]],
                      sites: Sequence[tuple[str, str]]) -> None:
        """Routes and sites of the official value sets."""
        for boite, choix in ((self.voie, voies), (self.site, sites)):
            if boite.count() != len(choix) + 1:
                courant = boite.currentData()
                boite.clear()
                for code, libelle in (_NON_PRECISE, *choix):
                    boite.addItem(libelle, code)
                boite.setCurrentIndex(max(0, boite.findData(courant)))

    def definir_vaccins(self, produits: Sequence[ProduitVaccin]) -> None:
        """Vaccines offered while typing."""
        self._produits = {}
        for produit in produits:
            nom = f"{produit.nom}, {', '.join(produit.maladies)}, {produit.presentation}"
            self._produits[f"{nom} ({produit.cip13})"] = produit
        completeur = QCompleter(list(self._produits), self.vaccin)
        completeur.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completeur.setFilterMode(Qt.MatchFlag.MatchContains)
        completeur.setMaxVisibleItems(10)
        completeur.activated.connect(self._choisir_nom)
        self.vaccin.setCompleter(completeur)

    def _choisir_nom(self, nom: str) -> None:
        produit = self._produits.get(nom)
        if produit is not None:
            # The field writes the whole line of the list after this signal: come after it.
            QTimer.singleShot(0, self, lambda: self._prendre(produit))

    def _prendre(self, produit: ProduitVaccin) -> None:
        self.definir_produit(produit)
        self.produit_choisi.emit(produit)
        self.lot.setFocus(Qt.FocusReason.OtherFocusReason)

    def _vaccin_tape(self, texte: str) -> None:
        self._produit = None
        self.champs["vaccin"].montrer_faute("")
        del texte

    def _vaccin_fini(self) -> None:
        """A name that isn't in the table stays possible, and says what it costs."""
        texte = self.vaccin.text().strip()
        if texte in self._produits:
            self.definir_produit(self._produits[texte])
            return
        if self._produit is None and texte:
            self._produit = ProduitVaccin(texte)
            self._conseiller()

    def definir_produit(self, produit: ProduitVaccin, lu: bool = False) -> None:
        """Show a vaccine; `lu`: from a scan."""
        self._produit = produit
        self.vaccin.remplir(produit.nom, f"CIP {produit.cip13}" if lu and produit.cip13 else "")
        self.vaccin.setToolTip(sure(f"{produit.denomination}\n{produit.presentation}".strip()))
        self._conseiller()

    def _conseiller(self) -> None:
        produit = self._produit
        if produit is None:
            self.champs["vaccin"].montrer_faute("")
            return
        if not produit.structurable:
            texte = ("Sans code CIS ni classe ATC : la note sera un document non structuré."
                     if not produit.cis else
                     "Classe ATC inconnue : la note sera un document non structuré.")
        else:
            confirmer = " à confirmer" if produit.atc_a_confirmer else ""
            texte = f"{_phrase(produit.maladies)}. ATC {produit.atc}{confirmer}."
        self.champs["vaccin"].montrer_faute(texte, conseil=True)

    # -- values ------------------------------------------------------------------------------

    def vider(self, aujourdhui: str) -> None:
        """An empty form, dated today."""
        self._produit = None
        self.vaccin.remplir("")
        self.vaccin.setToolTip("")
        for champ in (self.lot, self.peremption):
            champ.remplir("")
        self.motif.clear()
        self.date.setText(formater(aujourdhui))
        self.nature.setCurrentIndex(0)
        self.rang.clear()
        self.voie.setCurrentIndex(0)
        self.site.setCurrentIndex(0)
        self.dmp.setChecked(True)
        self.champs["perime"].hide()
        self.proposer_lots(())
        self.effacer_fautes()

    def dater(self, aujourdhui: str) -> None:
        """Today, in a form that was begun before the day was known."""
        if not self.date.text():
            self.date.setText(formater(aujourdhui))

    def proposer(self, lue: Proposition, aujourdhui: str) -> None:
        """Fill from a box; the focus goes to what the scan cannot know."""
        self.vider(aujourdhui)
        if lue.produit is not None:
            self.definir_produit(lue.produit, lu=True)
        self.lot.remplir(lue.lot, "lu")
        self.peremption.remplir(formater(lue.peremption), "lu")
        self.suggerer(lue)
        self.proposer_lots(lue.lots)
        self.prendre_focus()

    def suggerer(self, lue: Proposition) -> None:
        """Nature, rank, route and site that go with the vaccine."""
        self.nature.setCurrentIndex(max(0, self.nature.findData(lue.nature)))
        self.rang.setText(str(lue.rang or ""))
        self.voie.setCurrentIndex(max(0, self.voie.findData(lue.voie)))
        self.site.setCurrentIndex(max(0, self.site.findData(lue.site)))

    def prendre_focus(self) -> None:
        """The first field to fill, else the site."""
        cible: QWidget = self.site
        if self._produit is None:
            cible = self.vaccin
        elif not self.lot.text():
            cible = self.lot
        cible.setFocus(Qt.FocusReason.OtherFocusReason)

    def proposer_lots(self, lots: Sequence[str]) -> None:
        """Candidates for the lot, as buttons."""
        disposition = self.lots.layout()
        assert isinstance(disposition, QHBoxLayout)
        vider(disposition)
        if lots:
            disposition.addWidget(Etiquette("Lot sur la boîte :", "small", "texte2"))
        for lot in lots[:4]:
            bouton = Bouton(lot, petit=True)
            bouton.clicked.connect(lambda _=False, valeur=lot: self._choisir_lot(valeur))
            disposition.addWidget(bouton)
        disposition.addStretch(1)
        self.lots.setVisible(bool(lots))

    def _choisir_lot(self, lot: str) -> None:
        self.lot.remplir(lot, "lu")
        self.champs["lot"].montrer_faute("")
        self.lots.hide()
        self.site.setFocus(Qt.FocusReason.OtherFocusReason)

    def demander_motif(self) -> None:
        """Show the field that unlocks an expired box."""
        self.champs["perime"].show()
        self.motif.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def saisie(self) -> SaisieVaccination:
        """What is on screen."""
        texte = self.vaccin.text().strip()
        produit = self._produit or (ProduitVaccin(texte) if texte else None)
        peremption = self.peremption.text().strip()
        return SaisieVaccination(
            produit, self.lot.text().strip(), lire_date(self.date.text()),
            lire_date(peremption) if peremption else "", str(self.nature.currentData()),
            self._rang(), str(self.voie.currentData() or ""),
            str(self.site.currentData() or ""), self.dmp.isEnabledTo(self) and self.dmp.isChecked(),
            self.motif.text().strip())

    def _rang(self) -> int | None:
        texte = self.rang.text()
        return int(texte) if texte.isascii() and texte.isdigit() and int(texte) else None

    def montrer_fautes(self, fautes: Sequence[tuple[str, str]]) -> None:
        """Sentences under their fields; the focus goes to the first."""
        self.effacer_fautes()
        for nom, texte in fautes:
            if nom == "perime":
                self.champs["perime"].show()
            if nom in self.champs:
                self.champs[nom].montrer_faute(texte)
        if fautes and fautes[0][0] in self.champs:
            self.champs[fautes[0][0]].saisie.setFocus(Qt.FocusReason.OtherFocusReason)

    def effacer_fautes(self) -> None:
        """No sentence but the advice on the vaccine."""
        for nom, champ in self.champs.items():
            if nom != "vaccin":
                champ.montrer_faute("")
        self._conseiller()

    @staticmethod
    def _mettre_en_forme(champ: QLineEdit) -> None:
        lue = lire_date(champ.text())
        if est_calendaire(lue):
            texte = formater(lue)
            if texte != champ.text():
                champ.setText(texte)
