"""Hand a whole file over: how it is protected, how far it goes, then what was written."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.domain.accord import compter, taille_lisible
from app.domain.export_dossier import LONGUEUR_MOT, BilanExport
from app.ui.views.dialogue_geste import DialogueGeste
from app.ui.views.elements import BoutonIcone, Champ, Etiquette, Icone
from app.ui.views.formulaires import liste
from app.ui.views.messages import MessageEnLigne
from app.ui.views.secret import ChampSecret

#: Years kept, 0 = everything; words.
ETENDUES = ((0, "Tout le dossier"), (5, "Les 5 dernières années"), (1, "La dernière année"))
_EN_CLAIR = ("Sans mot de passe, quiconque trouve le fichier lit tout le dossier. À réserver à un "
             "support remis en main propre.")


@dataclass(frozen=True, slots=True)
class Sujet:
    """What is exported, in words: title, first sentence, whose password it is, what is counted."""

    titre: str
    explication: str
    conseil: str
    unite: str = "Document"


def un_patient(nom: str) -> Sujet:
    """A patient's file, for the patient."""
    return Sujet("Remettre le dossier au patient", f"{nom}. Une archive contient une page à lire, "
                 "tous les documents, les soins, les consentements et la liste de ceux qui ont "
                 "ouvert le dossier. L’export est inscrit au journal.",
                 "Notez-le et donnez-le au patient à part du fichier\u00a0: Pléiade ne le garde "
                 "pas.")


def des_dossiers(nombre: int) -> Sujet:
    """Files that are about to be erased."""
    return Sujet("Garder une copie",
                 f"{compter(nombre, 'dossier')} dans une archive, chacun à part\u00a0: page à "
                 "lire, documents, soins. L’export est inscrit au journal.",
                 "Notez-le et gardez-le à part du fichier\u00a0: Pléiade ne le garde pas.",
                 "Dossier")


TOUT_LE_CABINET = Sujet(
    "Exporter tout le cabinet", "Tous les dossiers dans une archive, pour un autre logiciel\u00a0: "
    "une page à lire, les documents et les données de chaque patient. Cela peut durer\u00a0; "
    "Pléiade reste utilisable. L’export est inscrit au journal.",
    "Notez-le maintenant et gardez-le à part du fichier\u00a0: Pléiade ne le garde pas.")


class DialogueExport(DialogueGeste):
    """Asks, shows the progress, then what was written and what wasn't."""

    #: (password or None, years kept) the user wants a file.
    demande = Signal(object, int)
    abandon = Signal()
    #: Another password is wanted.
    autre_mot = Signal()

    def __init__(self, sujet: Sujet, mot: str, parent: QWidget) -> None:
        super().__init__(sujet.titre, sujet.explication, "Choisir le fichier…", parent,
                         largeur=600)
        self._sujet = sujet
        self._saisie = QWidget()
        colonne = QVBoxLayout(self._saisie)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(10)
        self.etendue = liste([(str(annees), texte) for annees, texte in ETENDUES])
        colonne.addWidget(Champ("Ce qui est remis", self.etendue))
        self.protege = QCheckBox("Protéger par un mot de passe")
        self.protege.setChecked(True)
        self.protege.toggled.connect(self._basculer)
        colonne.addWidget(self.protege)
        self._mot = self._composer_mot()
        colonne.addWidget(self._mot)
        self._alerte = MessageEnLigne("alerte", _EN_CLAIR, fermable=False)
        self._alerte.hide()
        colonne.addWidget(self._alerte)
        self.contenu.addWidget(self._saisie)
        self.contenu.addWidget(self._composer_attente())
        self.definir_mot(mot)
        self.bouton.clicked.connect(self._demander)
        self.rejected.connect(self.abandon)

    def _composer_mot(self) -> QWidget:
        self.mot = ChampSecret("Mot de passe de l’archive", clair=True)
        autre = BoutonIcone("refresh", "Proposer un autre mot de passe")
        autre.clicked.connect(self.autre_mot)
        rangee = QWidget()
        ligne = QHBoxLayout(rangee)
        ligne.setContentsMargins(0, 0, 0, 0)
        ligne.setSpacing(6)
        ligne.addWidget(self.mot, 1)
        ligne.addWidget(autre)
        rangee.setFocusProxy(self.mot)
        cadre = QWidget()
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(4)
        self._champ = Champ("Mot de passe de l’archive", rangee)
        self.mot.champ.textEdited.connect(lambda _: self._champ.montrer_faute(""))
        colonne.addWidget(self._champ)
        conseil = Etiquette(self._sujet.conseil, "small", "texte2")
        conseil.setWordWrap(True)
        colonne.addWidget(conseil)
        return cadre

    def _composer_attente(self) -> QWidget:
        self._attente = QWidget()
        colonne = QVBoxLayout(self._attente)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(6)
        self._avance = Etiquette("Préparation de l’archive…", "body")
        self._barre = QProgressBar()
        self._barre.setRange(0, 0)
        self._barre.setTextVisible(False)
        self._barre.setAccessibleName("Avancement de l’export")
        colonne.addWidget(self._avance)
        colonne.addWidget(self._barre)
        self._attente.hide()
        return self._attente

    def definir_mot(self, mot: str) -> None:
        """Propose a password."""
        self.mot.champ.setText(mot)
        self._champ.montrer_faute("")

    def _basculer(self, protege: bool) -> None:
        self._mot.setVisible(protege)
        self._alerte.setVisible(not protege)
        self.adjustSize()

    def _demander(self) -> None:
        mot = self.mot.texte() if self.protege.isChecked() else None
        if mot is not None and len(mot) < LONGUEUR_MOT:
            self._champ.montrer_faute(f"{LONGUEUR_MOT} caractères au moins.")
            self.mot.setFocus()
            return
        self.demande.emit(mot, int(self.etendue.currentData()))

    # -- What the controller says --------------------------------------------------------------

    def commencer(self) -> None:
        """The export runs: closing the dialog gives it up."""
        self._saisie.hide()
        self._attente.show()
        self.bouton.setEnabled(False)
        self.adjustSize()

    def avancer(self, faits: int, total: int) -> None:
        """Documents or files written, and all of them."""
        self._barre.setRange(0, total)
        self._barre.setValue(faits)
        self._avance.setText(f"{self._sujet.unite} {faits} sur {total}")

    def refuser(self, texte: str) -> None:
        """Say why; what was chosen stays."""
        self._attente.hide()
        self._saisie.show()
        super().refuser(texte)

    def montrer(self, nom: str, bilan: BilanExport) -> None:
        """What was written, what wasn't, and the password once more."""
        self._attente.hide()
        self.bouton.hide()
        self.annuler.setText("Fermer")
        self.annuler.setFocus()
        self._ligne("circle-check", "succes",
                    f"{nom}\u00a0: {compter(bilan.documents, 'document')}, "
                    f"{taille_lisible(bilan.octets)}.")
        if bilan.chiffre:
            self._ligne("key", "texte2", f"Mot de passe\u00a0: {self.mot.texte()}")
        for phrase in bilan.ecarte:
            self._ligne("info-circle", "texte2", f"Pas remis\u00a0: {phrase}")
        self.adjustSize()

    def _ligne(self, icone: str, role: str, texte: str) -> None:
        rangee = QHBoxLayout()
        rangee.setSpacing(8)
        image = Icone(icone, role, 18)
        rangee.addWidget(image)
        mots = Etiquette(texte, "body")
        mots.setWordWrap(True)
        rangee.addWidget(mots, 1)
        self.contenu.addLayout(rangee)
