"""Dialogs of the accounts: who, as what and until when, temporary password, policy."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.domain.dates import formater, lire_date_saisie
from app.domain.libelles import PROFESSIONS
from app.domain.mot_de_passe import Politique
from app.domain.people import Professionnel
from app.domain.roles import Acces, Role
from app.ui.presse_papiers import presse_papiers
from app.ui.views.dialogue import Dialogue
from app.ui.views.dialogue_geste import DialogueGeste
from app.ui.views.elements import Bouton, Champ, Etiquette, vider
from app.ui.views.formulaires import CIVILITES, PROFESSIONS_SERVIES, choisir, liste
from app.ui.views.messages import MessageEnLigne
from app.ui.views.verrou_pages import NouveauMotDePasse


class ChoixAcces(QWidget):
    """Roles, and the days between which they hold."""

    def __init__(self, roles: Sequence[Role], acces: Acces | None = None,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(4)
        colonne.addWidget(Etiquette("Rôles", "small", "texte2", 500))
        self._roles = {r.code: r for r in roles}
        self.cases: dict[str, QCheckBox] = {}
        grille = QGridLayout()
        grille.setHorizontalSpacing(16)
        for rang, role in enumerate(roles):
            case = QCheckBox(role.libelle)
            case.toggled.connect(lambda _: self._dates())
            self.cases[role.code] = case
            grille.addWidget(case, rang // 2, rang % 2)
        colonne.addLayout(grille)
        colonne.addSpacing(4)
        rangee = QHBoxLayout()
        rangee.setSpacing(12)
        self.du, self.au = QLineEdit(), QLineEdit()
        for libelle, champ in (("Premier jour", self.du), ("Dernier jour", self.au)):
            champ.setPlaceholderText("JJ/MM/AAAA")
            rangee.addWidget(Champ(libelle, champ))
        colonne.addLayout(rangee)
        self.aide = Etiquette("", "small", "texte2")
        self.aide.setWordWrap(True)
        colonne.addWidget(self.aide)
        if acces is not None:
            for code in acces.roles:
                if code in self.cases:
                    self.cases[code].setChecked(True)
            self.du.setText(formater(acces.du) if acces.du else "")
            self.au.setText(formater(acces.au) if acces.au else "")
        self._dates()

    def _dates(self) -> None:
        dates = any(self._roles[c].date for c in self.choisis())
        self.aide.setText("Ce rôle est donné d’un jour à un autre, compris." if dates else
                          "Sans dates, l’accès dure jusqu’à ce que vous le retiriez.")

    def choisis(self) -> tuple[str, ...]:
        """Codes of the roles."""
        return tuple(code for code, case in self.cases.items() if case.isChecked())

    def faute(self) -> str:
        """What can't be understood, "" when all can."""
        for champ in (self.du, self.au):
            if champ.text().strip() and lire_date_saisie(champ.text().strip()) is None:
                champ.setFocus()
                return f"Date incomprise : « {champ.text().strip()} ». Écrivez JJ/MM/AAAA."
        return "" if self.choisis() else "Choisissez au moins un rôle."

    def valeur(self) -> Acces:
        """Roles and days."""
        du, au = (lire_date_saisie(c.text().strip()) or "" for c in (self.du, self.au))
        return Acces(self.choisis(), du, au)


class DialogueCompte(DialogueGeste):
    """Invite a colleague, correct an identity, change roles: the parts that are asked for."""

    #: (Professionnel | None, Acces | None)
    valide = Signal(object, object)

    def __init__(self, titre: str, explication: str, verbe: str, parent: QWidget, *,
                 professionnel: Professionnel | None = None, roles: Sequence[Role] = (),
                 acces: Acces | None = None) -> None:
        super().__init__(titre, explication, verbe, parent)
        self._base = professionnel
        self.acces: ChoixAcces | None = None
        if professionnel is not None:
            self._composer_identite(professionnel)
        if roles:
            self.acces = ChoixAcces(roles, acces)
            self.contenu.addWidget(self.acces)
        self.bouton.clicked.connect(self._valider)

    def _composer_identite(self, qui: Professionnel) -> None:
        self.nom, self.prenom, self.identifiant = QLineEdit(), QLineEdit(), QLineEdit()
        self.profession = liste([("", "Aucune (secrétariat…)"),
                                 *((c, PROFESSIONS[c]) for c in PROFESSIONS_SERVIES)])
        self.civilite = liste(CIVILITES)
        self.identifiant.setPlaceholderText("11 chiffres ; vide sans RPPS")
        grille = QGridLayout()
        grille.setHorizontalSpacing(12)
        grille.setVerticalSpacing(8)
        for (libelle, champ), (x, y) in zip((
                ("Nom d’exercice", self.nom), ("Prénom", self.prenom),
                ("Profession", self.profession), ("Civilité", self.civilite),
                ("Numéro RPPS", self.identifiant)),
                ((0, 0), (0, 1), (1, 0), (1, 1), (2, 0)), strict=True):
            grille.addWidget(Champ(libelle, champ), x, y)
        self.contenu.addLayout(grille)
        self.nom.setText(qui.nom)
        self.prenom.setText(qui.prenom)
        rpps = qui.identifiant[1:] if len(qui.identifiant) == 12 and qui.identifiant[0] == "8" \
            else ""
        self.identifiant.setText(rpps)
        choisir(self.profession, qui.profession)
        choisir(self.civilite, qui.civilite)

    def _professionnel(self) -> Professionnel:
        assert self._base is not None
        numero = self.identifiant.text().replace(" ", "")
        if numero.isdigit() and len(numero) == 11:
            numero = f"8{numero}"
        if not numero and not self._national():
            numero = self._base.identifiant  # the private one stays
        return Professionnel(numero, self.nom.text().strip(), self.prenom.text().strip(),
                             str(self.profession.currentData()), self._base.savoir_faire,
                             str(self.civilite.currentData()))

    def _national(self) -> bool:
        return self._base is not None and len(self._base.identifiant) == 12 \
            and self._base.identifiant.isdigit()

    def _valider(self) -> None:
        qui = None if self._base is None else self._professionnel()
        if qui is not None and not (qui.nom and qui.prenom):
            self.refuser("Le nom et le prénom sont nécessaires.")
            return
        if qui is not None and not self._base_meme(qui) and qui.identifiant and not (
                qui.identifiant.isdigit() and len(qui.identifiant) == 12):
            self.refuser("Un numéro RPPS a 11 chiffres. Laissez le champ vide sans RPPS.")
            return
        faute = "" if self.acces is None else self.acces.faute()
        if faute:
            self.refuser(faute)
            return
        self.bouton.setEnabled(False)
        self.valide.emit(qui, None if self.acces is None else self.acces.valeur())

    def _base_meme(self, qui: Professionnel) -> bool:
        return self._base is not None and qui.identifiant == self._base.identifiant


class DialogueProvisoire(Dialogue):
    """The temporary password, shown once."""

    def __init__(self, nom: str, mot_de_passe: str, parent: QWidget) -> None:
        super().__init__("Mot de passe provisoire", parent, 520)
        self.expliquer(f"Dites-le à {nom}, qui en choisira un autre à sa première ouverture. Il "
                       "n’est gardé nulle part et ne sera plus montré.")
        boite = QVBoxLayout()
        boite.setContentsMargins(20, 4, 20, 16)
        self.mot = QLineEdit(mot_de_passe)
        self.mot.setReadOnly(True)
        self.mot.setAccessibleName("Mot de passe provisoire")
        self.mot.selectAll()
        boite.addWidget(self.mot)
        self.corps.addLayout(boite)
        copier = Bouton("Copier", "second", "copy")
        copier.clicked.connect(lambda: presse_papiers().copier(mot_de_passe,
                                                               "mot de passe provisoire"))
        fini = Bouton("J’ai transmis le mot de passe", "principal")
        fini.clicked.connect(self.accept)
        self.pied.addStretch(1)
        self.pied.addWidget(copier)
        self.pied.addWidget(fini)


class DialoguePolitique(DialogueGeste):
    """Password policy of the practice (IAM.92)."""

    #: (Politique, years of the trail)
    valide = Signal(object, int)

    def __init__(self, politique: Politique, annees: int, parent: QWidget) -> None:
        super().__init__("Mots de passe et traces", "Ces règles valent pour les prochains mots de "
                         "passe. Une attente commence au cinquième échec de suite\u00a0; au "
                         "dixième, elle dure une heure.", "Enregistrer", parent)
        self._politique = politique
        grille = QGridLayout()
        grille.setHorizontalSpacing(12)
        grille.setVerticalSpacing(8)
        self.boites: dict[str, QSpinBox] = {}
        for rang, (nom, libelle, bas, haut, valeur, nul) in enumerate((
                ("longueur_min", "Caractères au moins", 12, 128, politique.longueur_min, ""),
                ("classes", "Sortes de caractères", 3, 4, politique.classes, ""),
                ("historique", "Anciens mots de passe refusés", 1, 24, politique.historique, ""),
                ("expiration_jours", "Durée de vie (jours)", 0, 1825, politique.expiration_jours,
                 "Sans expiration"),
                ("robustesse", "Robustesse (puissance de dix des essais)", 8, 20,
                 politique.robustesse or 10, ""),
                ("annees", "Traces gardées (années)", 1, 30, annees, ""))):
            boite = QSpinBox()
            boite.setRange(bas, haut)
            if nul:
                boite.setSpecialValueText(nul)
            boite.setValue(valeur)
            self.boites[nom] = boite
            grille.addWidget(Champ(libelle, boite), rang // 2, rang % 2)
        self.contenu.addLayout(grille)
        self.bouton.clicked.connect(self._valider)

    def _valider(self) -> None:
        self.bouton.setEnabled(False)
        valeurs = {nom: boite.value() for nom, boite in self.boites.items()}
        annees = valeurs.pop("annees")
        self.valide.emit(Politique(**valeurs), annees)


class DialogueMotDePasse(Dialogue):
    """Change one's own password."""

    #: (former, new)
    valide = Signal(str, str)

    def __init__(self, juger: Callable[[str], list[str]], parent: QWidget) -> None:
        super().__init__("Changer mon mot de passe", parent, 480)
        boite = QVBoxLayout()
        boite.setContentsMargins(20, 4, 20, 16)
        boite.setSpacing(10)
        self._zone = QVBoxLayout()
        boite.addLayout(self._zone)
        from app.ui.views.secret import ChampSecret

        self.ancien = ChampSecret("Mot de passe actuel")
        boite.addWidget(Champ("Mot de passe actuel", self.ancien))
        self.page = NouveauMotDePasse(juger, "Changer mon mot de passe")
        self.page.valide.connect(self._valider)
        self.page.bouton.setDefault(True)
        boite.addWidget(self.page)
        self.corps.addLayout(boite)
        annuler = Bouton("Annuler", "second", touche="Échap")
        annuler.clicked.connect(self.reject)
        self.pied.addStretch(1)
        self.pied.addWidget(annuler)
        self.pied.addWidget(self.page.bouton)  # at the foot, as in every other dialog

    def _valider(self, nouveau: str) -> None:
        if not self.ancien.texte():
            self.refuser("Saisissez votre mot de passe actuel.")
            self.ancien.champ.setFocus()
            return
        self.page.bouton.setEnabled(False)
        self.valide.emit(self.ancien.texte(), nouveau)

    def refuser(self, texte: str) -> None:
        """Say why it didn't change."""
        vider(self._zone)
        self._zone.addWidget(MessageEnLigne("erreur", texte, fermable=False))
        self.page.bouton.setEnabled(True)
        self.ancien.champ.selectAll()  # the button, disabled meanwhile, gave the keyboard away
        self.ancien.champ.setFocus(Qt.FocusReason.OtherFocusReason)
        self.adjustSize()
