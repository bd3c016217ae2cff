"""Blocks of fields shared by the first start and the settings: values in, values out."""

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.libelles import PROFESSIONS, SECTEURS
from app.domain.people import Professionnel, Structure
from app.ui import theme
from app.ui.views.deroulante import Deroulante
from app.ui.views.elements import BoutonIcone, Champ, Etiquette

#: Professions that the program serves, code TRE_G15.
PROFESSIONS_SERVIES = ("60", "50", "70", "91", "92", "80")
CIVILITES = (("", "Non précisée"), ("MME", "Madame"), ("M", "Monsieur"))
SAVOIR_FAIRE_IPA = (
    ("", "Sans pratique avancée"),
    ("SI01", "IPA : pathologies chroniques stabilisées"),
    ("SI02", "IPA : oncologie et hémato-oncologie"),
    ("SI03", "IPA : maladie rénale, dialyse, transplantation"),
    ("SI04", "IPA : psychiatrie et santé mentale"),
    ("SI05", "IPA : urgences"),
)
#: prefix of the Struct_idNat -> label, lengths of what follows, advice
IDENTIFIANTS: dict[str, tuple[str, frozenset[int], str]] = {
    "4": ("RPPS et rang du cabinet", frozenset({12, 13, 14}),
          "Le numéro RPPS suivi du rang, comme écrit sur votre carte CPS : 12 à 14 chiffres."),
    "1": ("FINESS", frozenset({9}), "Un numéro FINESS a 9 caractères."),
    "3": ("SIRET", frozenset({14}), "Un numéro SIRET a 14 chiffres."),
    "2": ("SIREN", frozenset({9}), "Un numéro SIREN a 9 chiffres."),
}


def liste(choix: Sequence[tuple[str, str]]) -> QComboBox:
    """A combo box of (code, label)."""
    boite = Deroulante()
    boite.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    boite.setMinimumContentsLength(8)
    for code, libelle in choix:
        boite.addItem(libelle, code)
    return boite


def choisir(boite: QComboBox, code: str) -> None:
    """Select a code; the first row when it isn't there."""
    boite.setCurrentIndex(max(0, boite.findData(code)))


class _Formulaire(QWidget):
    """Two columns of fields, checked when one is left."""

    modifie = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.champs: dict[str, Champ] = {}
        self._grille = QGridLayout(self)
        self._grille.setContentsMargins(0, 0, 0, 0)
        self._grille.setHorizontalSpacing(12)
        self._grille.setVerticalSpacing(10)
        for colonne in range(6):
            self._grille.setColumnStretch(colonne, 1)

    def _champ(self, nom: str, libelle: str, saisie: QWidget, ligne: int, colonne: int,
               largeur: int = 6) -> Champ:
        champ = Champ(libelle, saisie)
        self.champs[nom] = champ
        self._grille.addWidget(champ, ligne, colonne, 1, largeur, Qt.AlignmentFlag.AlignTop)
        if isinstance(saisie, QLineEdit):
            saisie.editingFinished.connect(lambda: self._quitter(nom))
            saisie.textEdited.connect(lambda _: self.modifie.emit())
        elif isinstance(saisie, QComboBox):
            saisie.activated.connect(lambda _: self.modifie.emit())
        return champ

    def _texte(self, nom: str) -> str:
        saisie = self.champs[nom].saisie
        assert isinstance(saisie, QLineEdit)
        return saisie.text().strip()

    def _quitter(self, nom: str) -> None:
        if self._texte(nom):  # an empty field isn't scolded before the page is validated
            self.champs[nom].montrer_faute(self.fautes().get(nom, ""))

    def fautes(self) -> dict[str, str]:
        """Field -> what is wrong."""
        return {}

    def controler(self) -> bool:
        """Show every fault and go to the first one; True when there is none."""
        fautes = self.fautes()
        for nom, champ in self.champs.items():
            champ.montrer_faute(fautes.get(nom, ""))
        premier = next(iter(fautes), None)
        if premier is not None:
            self.champs[premier].saisie.setFocus(Qt.FocusReason.OtherFocusReason)
        return not fautes


class FormulaireCabinet(_Formulaire):
    """The practice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nom, self._numero = QLineEdit(), QLineEdit()
        self._genre = liste([(code, valeur[0]) for code, valeur in IDENTIFIANTS.items()])
        self._secteur = liste(list(SECTEURS.items()))
        choisir(self._secteur, "SA07")
        self._adresse, self._code_postal, self._commune = QLineEdit(), QLineEdit(), QLineEdit()
        self._telephone, self._courriel = QLineEdit(), QLineEdit()
        self._champ("raison_sociale", "Nom du cabinet", self._nom, 0, 0, 3)
        # Halves: their choices are read whole at 200 % text.
        self._champ("secteur", "Mode d’exercice", self._secteur, 0, 3, 3)
        self._champ("genre", "Identifiant national", self._genre, 1, 0, 3)
        self._champ("identifiant", "Numéro", self._numero, 1, 3, 3)
        self._champ("adresse", "Adresse", self._adresse, 2, 0, 6)
        self._champ("code_postal", "Code postal", self._code_postal, 3, 0, 2)
        self._champ("commune", "Commune", self._commune, 3, 2, 4)
        self._champ("telephone", "Téléphone", self._telephone, 4, 0, 2)
        self._champ("courriel", "Courriel", self._courriel, 4, 2, 4)

    def montrer(self, structure: Structure) -> None:
        """Fill the fields."""
        prefixe, numero = structure.identifiant[:1], structure.identifiant[1:]
        choisir(self._genre, prefixe if prefixe in IDENTIFIANTS else "4")
        self._numero.setText(numero)
        self._nom.setText(structure.raison_sociale)
        choisir(self._secteur, structure.secteur)
        self._adresse.setText(structure.adresse)
        self._code_postal.setText(structure.code_postal)
        self._commune.setText(structure.commune)
        self._telephone.setText(structure.telephone)
        self._courriel.setText(structure.courriel)

    def valeur(self) -> Structure:
        """The practice as typed."""
        numero = re.sub(r"[\s.]", "", self._texte("identifiant")).upper()
        return Structure(
            identifiant=f"{self._genre.currentData()}{numero}" if numero else "",
            raison_sociale=self._texte("raison_sociale"),
            secteur=str(self._secteur.currentData()), adresse=self._texte("adresse"),
            code_postal=self._texte("code_postal"), commune=self._texte("commune"),
            telephone=self._texte("telephone"), courriel=self._texte("courriel"))

    def fautes(self) -> dict[str, str]:
        resultat: dict[str, str] = {}
        valeur = self.valeur()
        if not valeur.raison_sociale:
            resultat["raison_sociale"] = "Le nom du cabinet est nécessaire."
        _, longueurs, conseil = IDENTIFIANTS[str(self._genre.currentData())]
        numero = valeur.identifiant[1:]
        forme = r"[0-9][0-9AB][0-9]+" if self._genre.currentData() == "1" else r"[0-9]+"
        if not numero:
            resultat["identifiant"] = "Ce numéro est nécessaire : il figure sur chaque envoi."
        elif len(numero) not in longueurs or not re.fullmatch(forme, numero):
            resultat["identifiant"] = conseil
        if valeur.code_postal and not re.fullmatch(r"[0-9]{5}", valeur.code_postal):
            resultat["code_postal"] = "Un code postal a 5 chiffres."
        if valeur.courriel and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", valeur.courriel):
            resultat["courriel"] = "Cette adresse n’est pas complète."
        return resultat


class FormulaireProfessionnel(_Formulaire):
    """The professional."""

    #: Code of the profession.
    profession_changee = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._civilite = liste(CIVILITES)
        self._prenom, self._nom, self._rpps = QLineEdit(), QLineEdit(), QLineEdit()
        self._rpps.setMaxLength(20)
        self._profession = liste([(c, PROFESSIONS[c]) for c in PROFESSIONS_SERVIES])
        self._savoir = liste(SAVOIR_FAIRE_IPA)
        self._champ("prenom", "Prénom", self._prenom, 0, 0, 3)
        self._champ("nom", "Nom d’exercice", self._nom, 0, 3, 3)
        self._champ("civilite", "Civilité", self._civilite, 1, 0, 3)
        self._champ("rpps", "Numéro RPPS", self._rpps, 1, 3, 3)
        self._champ("profession", "Profession", self._profession, 2, 0, 3)
        self._champ("savoir_faire", "Pratique avancée", self._savoir, 2, 3, 3)
        self._profession.activated.connect(lambda _: self._changer())
        self._changer()

    def _changer(self) -> None:
        code = str(self._profession.currentData())
        self.champs["savoir_faire"].setVisible(code == "60")
        self.profession_changee.emit(code)

    def montrer(self, professionnel: Professionnel) -> None:
        """Fill the fields."""
        choisir(self._civilite, professionnel.civilite)
        self._prenom.setText(professionnel.prenom)
        self._nom.setText(professionnel.nom)
        self._rpps.setText(professionnel.identifiant.removeprefix("8"))
        choisir(self._profession, professionnel.profession)
        choisir(self._savoir, professionnel.savoir_faire)
        self._changer()

    def valeur(self) -> Professionnel:
        """The professional as typed."""
        rpps = re.sub(r"\s", "", self._texte("rpps"))
        profession = str(self._profession.currentData())
        return Professionnel(
            identifiant=f"8{rpps}" if rpps else "", nom=self._texte("nom"),
            prenom=self._texte("prenom"), profession=profession,
            savoir_faire=str(self._savoir.currentData()) if profession == "60" else "",
            civilite=str(self._civilite.currentData()))

    def fautes(self) -> dict[str, str]:
        valeur, resultat = self.valeur(), {}
        if not valeur.prenom:
            resultat["prenom"] = "Le prénom est nécessaire."
        if not valeur.nom:
            resultat["nom"] = "Le nom est nécessaire."
        if not re.fullmatch(r"8[0-9]{11}", valeur.identifiant):
            resultat["rpps"] = "Un numéro RPPS a 11 chiffres."
        return resultat


class ChoixProfils(QWidget):
    """Active profiles, and exactly one of the two messaging modules (MIN.PRF.01)."""

    modifie = Signal()

    def __init__(self, profils: Sequence[tuple[str, str]], modules: Sequence[tuple[str, str]],
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(6)
        colonne.addWidget(Etiquette("Profils d’activité du cabinet", "small", "texte2", 500))
        self._grille = QGridLayout()
        self._grille.setHorizontalSpacing(12)
        self._grille.setVerticalSpacing(2)
        self._cases: dict[str, QCheckBox] = {}
        for code, libelle in profils:
            case = QCheckBox(f"{libelle} ({code})")
            case.clicked.connect(self._change)
            self._cases[code] = case
        self._colonnes = 0
        self._ranger(2)
        colonne.addLayout(self._grille)
        self._faute = Etiquette("", "small", "erreur")
        self._faute.hide()
        colonne.addWidget(self._faute)
        colonne.addSpacing(6)
        colonne.addWidget(Etiquette("Messagerie : un seul des deux modules", "small", "texte2",
                                    500))
        self._groupe = QButtonGroup(self)
        self._modules: dict[str, QRadioButton] = {}
        for code, libelle in modules:
            bouton = QRadioButton(libelle)
            bouton.clicked.connect(self._change)
            self._groupe.addButton(bouton)
            self._modules[code] = bouton
            colonne.addWidget(bouton)

    def _ranger(self, colonnes: int) -> None:
        if colonnes != self._colonnes:
            self._colonnes = colonnes
            for i, case in enumerate(self._cases.values()):
                self._grille.addWidget(case, i // colonnes, i % colonnes)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One column when the text is large."""
        super().resizeEvent(event)
        self._ranger(2 if self.width() >= theme.espace(560) else 1)

    def _change(self) -> None:
        self._faute.setVisible(False)
        self.modifie.emit()

    def montrer(self, profils: Sequence[str], module: str) -> None:
        """Tick the active ones."""
        for code, case in self._cases.items():
            case.setChecked(code in profils)
        if module in self._modules:
            self._modules[module].setChecked(True)

    def proposer(self, profil: str) -> None:
        """Tick a single profile, when the user chose none by hand."""
        for code, case in self._cases.items():
            case.setChecked(code == profil)

    def profils(self) -> tuple[str, ...]:
        """Codes of the active profiles."""
        return tuple(code for code, case in self._cases.items() if case.isChecked())

    def module(self) -> str:
        """Code of the messaging module."""
        return next((c for c, b in self._modules.items() if b.isChecked()), "")

    def controler(self) -> bool:
        """True when at least one profile is ticked; says so else."""
        vide = not self.profils()
        self._faute.setText("Choisissez au moins un profil." if vide else "")
        self._faute.setVisible(vide)
        return not vide


class ChampFichier(QWidget):
    """A path typed or chosen."""

    def __init__(self, titre: str, filtre: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._titre, self._filtre = titre, filtre
        self.champ = QLineEdit()
        # It takes the focus: a name on the pair wouldn't be read.
        self.champ.setAccessibleName(titre)
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(6)
        rangee.addWidget(self.champ, 1)
        bouton = BoutonIcone("folder-open", f"Choisir : {titre}")
        bouton.clicked.connect(self._choisir)
        rangee.addWidget(bouton)
        self.setFocusProxy(self.champ)

    def _choisir(self) -> None:
        chemin, _ = QFileDialog.getOpenFileName(self, self._titre, self.champ.text(),
                                                self._filtre)
        if chemin:
            self.champ.setText(chemin)
            self.champ.textEdited.emit(chemin)


class FormulaireServices(_Formulaire):
    """Where the Proxy e-santé is, and the software key of the installation."""

    CLES = ("proxy_url", "proxy_ca", "cle_installation", "certificat_installation")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._url = QLineEdit()
        self._url.setPlaceholderText("https://")
        certificats = "Certificats (*.pem *.crt *.cer);;Tous les fichiers (*)"
        self._fichiers = {
            "proxy_ca": ChampFichier("Autorité de certification du proxy", certificats),
            "cle_installation": ChampFichier("Clé logicielle", "Clés (*.pem *.key);;"
                                             "Tous les fichiers (*)"),
            "certificat_installation": ChampFichier("Certificat logiciel", certificats),
        }
        libelles = {
            "proxy_ca": "Autorité de certification du proxy (si elle est propre au cabinet)",
            "cle_installation": "Clé logicielle de l’installation",
            "certificat_installation": "Certificat logiciel de l’installation",
        }
        self._champ("proxy_url", "Adresse du Proxy e-santé", self._url, 0, 0, 6)
        for i, (nom, fichier) in enumerate(self._fichiers.items()):
            self._champ(nom, libelles[nom], fichier, i + 1, 0, 6)
            fichier.champ.setAccessibleName(libelles[nom])
            fichier.champ.textEdited.connect(lambda _: self.modifie.emit())

    def montrer(self, valeurs: dict[str, str]) -> None:
        """Fill the fields from the four settings."""
        self._url.setText(valeurs.get("proxy_url", ""))
        for nom, fichier in self._fichiers.items():
            fichier.champ.setText(valeurs.get(nom, ""))

    def valeur(self) -> dict[str, str]:
        """The four settings as typed."""
        return {"proxy_url": self._url.text().strip(),
                **{nom: f.champ.text().strip() for nom, f in self._fichiers.items()}}

    def fautes(self) -> dict[str, str]:
        valeur, resultat = self.valeur(), {}
        url = valeur["proxy_url"]
        if url and not re.fullmatch(r"https://[^\s/]+.*", url):
            resultat["proxy_url"] = "L’adresse commence par « https:// »."
        if bool(valeur["cle_installation"]) != bool(valeur["certificat_installation"]):
            resultat["certificat_installation"] = "La clé et le certificat vont ensemble."
        return resultat
