"""The Identité panel (F3): every trait, the proofs, and what may be corrected.

Strict traits that came from INSi are shown as locked (rule 26); used names never are (va1.48).
"""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from app.domain import dates, matricule
from app.domain.identity import Identite, Traits
from app.domain.libelles import SEXES, TRAITS, infobulle_statut
from app.domain.patient import Patient
from app.domain.statuts import traits_verrouilles
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.views.elements import Champ, Etiquette, Icone, Lien
from app.ui.views.identite import PastilleAttribut, PastilleStatut
from app.ui.views.nouveau_patient import DialogueNouveauPatient

_VERROU = ("Ce trait vient d’INSi. Il change par un nouvel appel INSi, ou en marquant l’identité "
           "douteuse.")

_MATRICULE = "Le matricule et son OID ne viennent que d’INSi ou de l’appli carte Vitale."


class DialogueIdentite(DialogueNouveauPatient):
    """The same fields as at the creation, filled; `enregistre` gives the corrected traits."""

    enregistre = Signal(object)
    #: Edit the locked traits (« super utilisateur »).
    stricts_demandes = Signal()

    def __init__(self, patient: Patient, lieu: str, parent: QWidget, *, ins_visible: bool = True,
                 traits_stricts: bool = False) -> None:
        super().__init__(None, parent, infobulle_statut(patient.identite).replace("\n", ". "))
        self._identite = patient.identite
        self._initial = patient.identite.traits
        self.renommer("Identité")
        self.setAccessibleName("Identité du patient")
        self.creer.setText("Enregistrer")
        self.creer.definir_icone("check")
        statut = PastilleStatut()
        statut.definir(patient.identite.statut)
        self.tete.addWidget(statut)
        for attribut in sorted(patient.identite.attributs):
            self.tete.addWidget(PastilleAttribut(attribut))
        self.prenom_utilise = QLineEdit(self._initial.prenom_utilise)
        self.prenom_utilise.setPlaceholderText("Facultatif")
        self._numero = patient.numero_secu
        self.numero_secu = QLineEdit(matricule.formater(patient.numero_secu))
        self.numero_secu.setPlaceholderText("Facultatif, pour la facturation")
        self._completer_champs(lieu)
        self._montrer_numeros(patient, ins_visible)
        if traits_verrouilles(patient.identite):
            self._verrouiller(traits_stricts)

    def _completer_champs(self, lieu: str) -> None:
        traits = self._initial
        self.nom.setText(traits.nom_naissance)
        self.prenom.setText(traits.premier_prenom)
        self.naissance.setText(dates.formater(traits.date_naissance))
        self.sexe.choisir(traits.sexe)
        self.prenoms.setText(traits.prenoms)
        self.nom_utilise.setText(traits.nom_utilise)
        self._cog = traits.lieu_naissance
        self.lieu.setText(lieu)
        self.lieu.setCursorPosition(0)
        self._attente.stop()
        self.nom.setFocus()

    @property
    def numero(self) -> str:
        """The billing number as typed, without spaces."""
        return matricule.nettoyer(self.numero_secu.text())

    def _montrer_numeros(self, patient: Patient, ins_visible: bool) -> None:
        """Complementary traits, then matricule, OID and history, locked whatever the status: only
        INSi gives them."""
        identite = patient.identite
        grille = QGridLayout()
        grille.setHorizontalSpacing(12)
        grille.setVerticalSpacing(10)
        grille.addWidget(Champ(TRAITS["prenom_utilise"], self.prenom_utilise), 0, 0)
        grille.addWidget(Champ(TRAITS["numero_secu"], self.numero_secu), 0, 1)
        lignes = [(TRAITS["matricule_ins"], _matricule(identite)),
                  (TRAITS["oid"], identite.oid or "non attribué")]
        lignes += [("Ancien matricule",
                    f"{matricule.formater(h.matricule_ins)} ({matricule.nature(h.oid)})")
                   for h in identite.historique]
        for rang, (libelle, valeur) in enumerate(lignes, 2):
            saisie = QLineEdit(valeur if ins_visible else "non visible")
            verrouiller(saisie, _MATRICULE)
            grille.addWidget(Champ(libelle, saisie), rang // 2, rang % 2)
        grille.setColumnStretch(0, 1)
        grille.setColumnStretch(1, 1)
        self.semblables.addLayout(grille)

    def _verrouiller(self, traits_stricts: bool) -> None:
        for saisie in (self.nom, self.prenom, self.naissance, self.prenoms, self.lieu):
            verrouiller(saisie, _VERROU)
        for lien in self.findChildren(Lien):
            lien.hide()
        self.sexe.hide()
        fixe = QLineEdit(SEXES.get(self._initial.sexe, self._initial.sexe))
        verrouiller(fixe, _VERROU)
        fixe.setAccessibleName(TRAITS["sexe"])
        disposition = self._champ_sexe.layout()
        if isinstance(disposition, QVBoxLayout):
            disposition.insertWidget(1, fixe)
        avis = QWidget()
        rangee = QGridLayout(avis)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.addWidget(Icone("lock", "texte2", 16), 0, 0)
        texte = Etiquette(_VERROU, "small", "texte2")
        texte.setWordWrap(True)
        rangee.addWidget(texte, 0, 1)
        rangee.setColumnStretch(1, 1)
        if traits_stricts:
            modifier = Lien("Modifier les traits verrouillés…")
            modifier.clicked.connect(self.stricts_demandes)
            rangee.addWidget(modifier, 0, 2)
        self.semblables.insertWidget(0, avis)
        self.nom_utilise.setFocus()

    def _chercher(self) -> None:
        """No look-alikes here: the file exists."""

    def _creer(self) -> None:
        """Store: locked traits keep the value they have."""
        utilises = {"nom_utilise": self.nom_utilise.text().strip().upper(),
                    "prenom_utilise": self.prenom_utilise.text().strip().upper()}
        if traits_verrouilles(self._identite):
            self._envoyer(replace(self._initial, **utilises))
            return
        inchangee = self.naissance.text().strip() == dates.formater(self._initial.date_naissance)
        naissance = self._initial.date_naissance if inchangee else self._date()
        manques = ((self._champ_nom, self.nom.text().strip()),
                   (self._champ_prenom, self.prenom.text().strip()),
                   (self._champ_date, naissance), (self._champ_sexe, self.sexe.valeur),
                   (self._champ_lieu, self._cog))
        for champ, valeur in manques:
            champ.montrer_faute("" if valeur else "Ce champ est nécessaire.")
        if not all(valeur for _, valeur in manques):
            self.adjustSize()
            return
        self._envoyer(Traits(
            nom_naissance=self.nom.text().strip(), premier_prenom=self.prenom.text().strip(),
            date_naissance=naissance, sexe=self.sexe.valeur, lieu_naissance=self._cog,
            prenoms=self.prenoms.text().strip(), **utilises))

    def _envoyer(self, traits: Traits) -> None:
        if traits == self._initial and self.numero == self._numero:
            self.accept()
            return
        self.creer.setEnabled(False)
        self.enregistre.emit(traits)


def verrouiller(saisie: QLineEdit, raison: str) -> None:
    """A field that can't be changed: lock at its end, reason on hover and for a screen reader."""
    saisie.setReadOnly(True)
    saisie.setCursorPosition(0)
    saisie.setToolTip(sure(raison))
    saisie.setAccessibleDescription(raison)
    saisie.addAction(theme.icone("lock", "texte2", 16), QLineEdit.ActionPosition.TrailingPosition)
    theme.poser(saisie)


def _matricule(identite: Identite) -> str:
    if not identite.matricule_ins:
        return "non attribué"
    return (f"{matricule.formater(identite.matricule_ins)} "
            f"({matricule.nature(identite.oid)})")
