"""Section « Sauvegardes » of the settings: state, backup now, when and where (GEN.21.BIS)."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.domain.accord import taille_lisible
from app.domain.sauvegarde import EtatSauvegardes, ReglagesSauvegarde, Sauvegarde
from app.ui import theme
from app.ui.views.elements import Bouton, BoutonIcone, Champ, Etiquette, filet, vider
from app.ui.views.formulaires import choisir, liste
from app.ui.views.messages import MessageEnLigne

INTERVALLES = ((4, "Toutes les 4 heures"), (12, "Toutes les 12 heures"), (24, "Chaque jour"),
               (48, "Tous les deux jours"), (168, "Chaque semaine"))
#: Backups named on screen.
MONTREES = 5


def moment_lisible(moment: datetime) -> str:
    """« 21/11/2026 à 11:35 »."""
    return moment.strftime("%d/%m/%Y à %H:%M")


class VueSauvegardes(QWidget):
    """State above, settings below."""

    #: Make a backup now.
    demandee = Signal()
    #: Go back to a backup.
    restauration = Signal()
    #: Store the settings: (ReglagesSauvegarde).
    enregistrer = Signal(object)
    #: Every file, for another software.
    export_demande = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(12)
        self._messages = QVBoxLayout()
        colonne.addLayout(self._messages)
        self._etat = Etiquette("", "body")
        self._etat.setWordWrap(True)
        rangee = QHBoxLayout()
        rangee.addWidget(self._etat, 1)
        self.maintenant = Bouton("Sauvegarder maintenant", "principal", "device-floppy")
        self.maintenant.clicked.connect(self._demander)
        rangee.addWidget(self.maintenant)
        colonne.addLayout(rangee)
        self._liste = Etiquette("", "small", "texte2")
        self._liste.setWordWrap(True)
        seconde = QHBoxLayout()
        seconde.addWidget(self._liste, 1)
        self.restaurer = Bouton("Restaurer une sauvegarde…", "discret", "download")
        self.restaurer.clicked.connect(self.restauration)
        seconde.addWidget(self.restaurer, 0, Qt.AlignmentFlag.AlignTop)
        colonne.addLayout(seconde)
        colonne.addWidget(filet())
        self._composer_reglages(colonne)

    def _composer_reglages(self, colonne: QVBoxLayout) -> None:
        self._active = QCheckBox("Sauvegarder automatiquement quand Pléiade est ouvert")
        colonne.addWidget(self._active)
        self._intervalle = liste([(str(h), texte) for h, texte in INTERVALLES])
        theme.poser(self._intervalle, largeur_max=240)
        colonne.addWidget(Champ("Fréquence", self._intervalle))
        dossier = QWidget()
        rangee = QHBoxLayout(dossier)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(6)
        self._dossier = QLineEdit()
        self._dossier.setPlaceholderText("À côté du dossier du cabinet")
        self._dossier.setAccessibleName("Dossier de sauvegarde")
        rangee.addWidget(self._dossier, 1)
        choix = BoutonIcone("folder-open", "Choisir le dossier de sauvegarde")
        choix.clicked.connect(self._choisir)
        rangee.addWidget(choix)
        dossier.setFocusProxy(self._dossier)
        colonne.addWidget(Champ("Dossier de sauvegarde (disque externe ou partage de préférence)",
                                dossier))
        grille = QGridLayout()
        grille.setHorizontalSpacing(12)
        self._nombres: dict[str, QSpinBox] = {}
        for rang, (nom, libelle, minimum, maximum) in enumerate((
                ("jours", "Jours gardés", 1, 366), ("semaines", "Semaines gardées", 0, 520),
                ("mois", "Mois gardés", 0, 240), ("rappel_jours", "Rappel après (jours)", 1, 365))):
            boite = QSpinBox()
            boite.setRange(minimum, maximum)
            boite.setAccessibleName(libelle)
            boite.lineEdit().setTextMargins(theme.espace(6), 0, 0, 0)  # as in the other fields
            self._nombres[nom] = boite
            grille.addWidget(Champ(libelle, boite), 0, rang)
        colonne.addLayout(grille)
        explication = Etiquette(
            "La sauvegarde est chiffrée et relue dès qu’elle est faite. Débranchez le disque après "
            "coup et gardez la clé de secours ailleurs\u00a0: les deux suffisent pour tout "
            "retrouver au premier démarrage d’un poste neuf.",
            "small", "texte2")
        explication.setWordWrap(True)
        colonne.addWidget(explication)
        bas = QHBoxLayout()
        bas.addStretch(1)
        self.bouton = Bouton("Enregistrer", "second", "check")
        self.bouton.clicked.connect(self._enregistrer)
        bas.addWidget(self.bouton)
        colonne.addLayout(bas)
        colonne.addWidget(self._composer_export())

    def _composer_export(self) -> QWidget:
        """Everything in a form that another software reads: not a backup."""
        self._export = QWidget()
        colonne = QVBoxLayout(self._export)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(8)
        colonne.addWidget(filet())
        colonne.addWidget(Etiquette("Exporter tout le cabinet", "trait", "texte", 600))
        rangee = QHBoxLayout()
        rangee.setSpacing(12)
        phrase = Etiquette("Tous les dossiers dans une archive chiffrée, pour changer de logiciel "
                           "ou les garder ailleurs. Une sauvegarde, elle, ne s’ouvre que dans "
                           "Pléiade.", "body", "texte2")
        phrase.setWordWrap(True)
        self.exporter = Bouton("Exporter le cabinet…", "second", "archive")
        self.exporter.clicked.connect(self.export_demande)
        rangee.addWidget(phrase, 1)
        rangee.addWidget(self.exporter)
        colonne.addLayout(rangee)
        self._export.hide()
        return self._export

    def permettre_export(self, permis: bool) -> None:
        """Show the export of the practice to who may do it."""
        self._export.setVisible(permis)

    def dire_export(self, en_cours: bool) -> None:
        """An export runs, or none does: the button offers to stop it (the bar says how far)."""
        self.exporter.setText("Arrêter l’export…" if en_cours else "Exporter le cabinet…")

    # -- Content ----------------------------------------------------------------------------

    def montrer_reglages(self, reglages: ReglagesSauvegarde) -> None:
        """Fill the form."""
        self._active.setChecked(reglages.active)
        if self._intervalle.findData(str(reglages.intervalle_h)) < 0:
            self._intervalle.addItem(f"Toutes les {reglages.intervalle_h} heures",
                                     str(reglages.intervalle_h))
        choisir(self._intervalle, str(reglages.intervalle_h))
        self._dossier.setText(reglages.dossier)
        for nom, boite in self._nombres.items():
            boite.setValue(int(getattr(reglages, nom)))
        self.bouton.setEnabled(True)

    def reglages(self) -> ReglagesSauvegarde:
        """The settings as shown."""
        nombres = {nom: boite.value() for nom, boite in self._nombres.items()}
        return ReglagesSauvegarde(
            active=self._active.isChecked(), intervalle_h=int(self._intervalle.currentData()),
            dossier=self._dossier.text().strip(), jours=nombres["jours"],
            semaines=nombres["semaines"], mois=nombres["mois"],
            rappel_jours=nombres["rappel_jours"])

    def montrer_etat(self, etat: EtatSauvegardes, presentes: Sequence[Sauvegarde]) -> None:
        """Say what was saved, what failed, and what to do."""
        vider(self._messages)
        if etat.rappel:
            self.dire("alerte", etat.rappel)
        if etat.echec:
            self.dire("erreur", f"La dernière tentative a échoué. {etat.echec}")
        if etat.meme_disque:
            self.dire("info", "Les sauvegardes sont sur le même disque que le cabinet. Choisissez "
                      "un disque externe\u00a0: une panne ou un vol emporterait les deux.")
        self._etat.setText(
            "Aucune sauvegarde pour le moment." if not etat.reussie_le else
            f"Dernière sauvegarde\u00a0: {moment_lisible(datetime.fromisoformat(etat.reussie_le))}"
            f", {taille_lisible(etat.taille)}, relue et intacte.")
        lignes = [f"{moment_lisible(s.cree_le)}\u00a0: {taille_lisible(s.taille)}"
                  + ("" if s.avec_coffre else ", coffre manquant") for s in presentes[:MONTREES]]
        if len(presentes) > MONTREES:
            lignes.append(f"et {len(presentes) - MONTREES} plus anciennes")
        self._liste.setText("\n".join(lignes))
        self.occuper(False)

    def dire(self, genre: str, texte: str) -> None:
        """Add a message above the state."""
        self._messages.addWidget(MessageEnLigne(genre, texte, fermable=False))

    def occuper(self, occupe: bool) -> None:
        """A backup runs: the button waits and says so."""
        self.maintenant.setEnabled(not occupe)
        self.maintenant.setText("Sauvegarde en cours…" if occupe else "Sauvegarder maintenant")

    # -- Gestures ---------------------------------------------------------------------------

    def _demander(self) -> None:
        self.occuper(True)
        self.demandee.emit()

    def _enregistrer(self) -> None:
        self.bouton.setEnabled(False)
        self.enregistrer.emit(self.reglages())

    def _choisir(self) -> None:
        dossier = QFileDialog.getExistingDirectory(self.window(), "Dossier de sauvegarde",
                                                   self._dossier.text())
        if dossier:
            self._dossier.setText(dossier)
