"""A correspondent of the practice: who, where, and what he is for the patient."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from app.documents.model import Destinataire
from app.domain.dossier_clinique import ROLES_CORRESPONDANT, RoleCorrespondant
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Champ
from app.ui.views.formulaires import choisir, liste
from app.ui.views.messages import MessageEnLigne, PileMessages

_CIVILITES = (("", "–"), ("M", "M."), ("MME", "Mme"))


class DialogueCorrespondant(Dialogue):
    """A form. `ecrit` carries the value, the id in the address book (0 = new) and the role."""

    ecrit = Signal(object, int, str)
    ENTREE_AVANCE = True

    def __init__(self, parent: QWidget, qui: Destinataire | None = None, identifiant: int = 0,
                 role: RoleCorrespondant = RoleCorrespondant.MEDECIN_TRAITANT) -> None:
        super().__init__("Correspondant" if identifiant else "Nouveau correspondant", parent, 720)
        self.expliquer("Il reste dans le carnet d’adresses du cabinet ; son rôle vaut pour ce "
                       "patient.")
        self._id = identifiant
        qui = qui or Destinataire()
        self._qui = qui
        zone = QWidget()
        grille = QGridLayout(zone)
        grille.setContentsMargins(20, 4, 20, 16)
        grille.setHorizontalSpacing(12)
        grille.setVerticalSpacing(8)
        self.role = liste([(r.value, nom) for r, nom in ROLES_CORRESPONDANT.items()])
        choisir(self.role, role.value)
        self.civilite = liste(list(_CIVILITES))
        choisir(self.civilite, qui.civilite if qui.civilite in ("M", "MME") else "")
        rpps = qui.identifiant[1:] if qui.identifiant[:1] == "8" else qui.identifiant
        self.champs = {nom: QLineEdit(valeur) for nom, valeur in (
            ("nom", qui.nom), ("prenom", qui.prenom), ("qualite", qui.qualite),
            ("structure", qui.structure), ("identifiant", rpps), ("adresse", qui.adresse),
            ("code_postal", qui.code_postal), ("commune", qui.commune),
            ("telephone", qui.telephone), ("messagerie", qui.messagerie))}
        self.champs["qualite"].setPlaceholderText("Médecin généraliste")
        self.champs["messagerie"].setPlaceholderText("prenom.nom@medecin.mssante.fr")
        places: tuple[tuple[str, QWidget, int, int, int], ...] = (
            ("Rôle pour ce patient", self.role, 0, 0, 3), ("Civilité", self.civilite, 0, 3, 1),
            ("Prénom", self.champs["prenom"], 0, 4, 2), ("Nom", self.champs["nom"], 0, 6, 2),
            ("Qualité", self.champs["qualite"], 1, 0, 3),
            ("Structure", self.champs["structure"], 1, 3, 3),
            ("RPPS", self.champs["identifiant"], 1, 6, 2),
            ("Adresse", self.champs["adresse"], 2, 0, 4),
            ("Code postal", self.champs["code_postal"], 2, 4, 1),
            ("Commune", self.champs["commune"], 2, 5, 3),
            ("Téléphone", self.champs["telephone"], 3, 0, 3),
            ("Adresse MSSanté", self.champs["messagerie"], 3, 3, 5))
        for libelle, widget, rang, colonne, large in places:
            grille.addWidget(Champ(libelle, widget), rang, colonne, 1, large)
        for colonne in range(8):
            grille.setColumnStretch(colonne, 1)
        self.corps.addWidget(zone)
        self.messages = PileMessages(marge=20)
        self.corps.addWidget(self.messages)
        annuler = Bouton("Annuler", "second", touche="Échap")
        annuler.clicked.connect(self.reject)
        self.valider = Bouton("Enregistrer", "principal", touche="Ctrl+Entrée")
        self.valider.clicked.connect(self._valider)
        self.pied.addStretch(1)
        self.pied.addWidget(annuler)
        self.pied.addWidget(self.valider)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.champs["nom" if not self.champs["nom"].text() else "messagerie"].setFocus(
            Qt.FocusReason.OtherFocusReason)

    def valeur(self) -> Destinataire:
        """The correspondent as typed."""
        textes = {nom: champ.text().strip() for nom, champ in self.champs.items()}
        chiffres = "".join(textes["identifiant"].split())
        textes["identifiant"] = f"8{chiffres}" if len(chiffres) == 11 else chiffres
        return replace(self._qui, **textes, civilite=str(self.civilite.currentData() or ""))

    def _valider(self) -> None:
        self.valider.setEnabled(False)
        self.ecrit.emit(self.valeur(), self._id, str(self.role.currentData()))

    def refuser(self, texte: str) -> None:
        """Nothing was written: why."""
        self.valider.setEnabled(True)
        self.messages.vider()
        self.messages.ajouter(MessageEnLigne("erreur", texte))
