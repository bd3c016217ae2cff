"""Pages of the first start."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.domain.people import Professionnel, Structure
from app.ui import theme
from app.ui.views.elements import Bouton, Champ, Etiquette, Icone
from app.ui.views.formulaires import (
    ChoixProfils,
    FormulaireCabinet,
    FormulaireProfessionnel,
    FormulaireServices,
)
from app.ui.views.secret import ChampSecret
from app.ui.views.session import PanneauSession

#: Profile proposed for each profession (code TRE_G15).
PROFIL_DE = {"60": "IDE", "50": "SF", "70": "MK", "91": "OPH", "92": "OPT", "80": "PP"}


class Etape(QWidget):
    """One page. `controler` shows its faults; `pret` enables the button at the foot."""

    titre = ""
    titre_court = ""
    explication = ""
    verbe = "Continuer"
    facultative = False
    pret_change = Signal()

    def controler(self) -> bool:
        """True when the page may be left."""
        return True

    def pret(self) -> bool:
        """True when the button may be pressed."""
        return True

    def entrer(self) -> None:
        """The page is shown."""
        for champ in self.findChildren(QLineEdit):
            if not champ.isHidden() and champ.isEnabled():
                champ.setFocus(Qt.FocusReason.OtherFocusReason)
                return


class EtapeCabinet(Etape):
    """The practice."""

    titre = "Votre cabinet"
    titre_court = "Cabinet"
    explication = ("Ces informations figurent sur les documents et dans les envois. "
                   "Deux champs nécessaires : le nom et le numéro.")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        self.formulaire = FormulaireCabinet()
        colonne.addWidget(self.formulaire)

    def controler(self) -> bool:
        return self.formulaire.controler()

    def valeur(self) -> Structure:
        """The practice."""
        return self.formulaire.valeur()


class EtapeCompte(Etape):
    """The professional and the profiles."""

    titre = "Votre compte"
    titre_court = "Votre compte"
    explication = ("Le premier compte du cabinet. Le numéro RPPS fera le lien avec Pro Santé "
                   "Connect.")

    def __init__(self, profils: Sequence[tuple[str, str]], modules: Sequence[tuple[str, str]],
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(18)
        self.formulaire = FormulaireProfessionnel()
        self.profils = ChoixProfils(profils, modules)
        self.profils.montrer(("IDE",), modules[0][0])
        self.formulaire.profession_changee.connect(
            lambda code: self.profils.proposer(PROFIL_DE.get(code, "IDE")))
        colonne.addWidget(self.formulaire)
        colonne.addWidget(self.profils)

    def controler(self) -> bool:
        return self.formulaire.controler() and self.profils.controler()

    def valeur(self) -> Professionnel:
        """The professional."""
        return self.formulaire.valeur()


class EtapeMotDePasse(Etape):
    """The password, typed twice, judged while typing."""

    titre = "Le mot de passe du dossier"
    titre_court = "Mot de passe"
    explication = ("Il ouvre le dossier chiffré du cabinet sur ce poste. Choisissez une phrase "
                   "facile à retenir, que personne d’autre ne connaît.")
    verbe = "Créer le dossier"

    def __init__(self, juger: Callable[[str], list[str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._juger = juger
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(10)
        self._un, self._deux = ChampSecret("Mot de passe"), ChampSecret("Encore une fois")
        self._champ_un = Champ("Mot de passe", self._un)
        self._champ_deux = Champ("Encore une fois", self._deux)
        self._avis = _Avis()
        for champ in (self._champ_un, self._champ_deux):
            theme.poser(champ, largeur_max=440)
        # The advice takes the whole width: the page measures its lines at that width, and a
        # narrower sentence would take its second line from the fields.
        for widget in (self._champ_un, self._avis, self._champ_deux):
            colonne.addWidget(widget)
        self._un.champ.textChanged.connect(lambda _: self._apprecier())
        self._deux.champ.textChanged.connect(lambda _: self._champ_deux.montrer_faute(""))
        self._un.valide.connect(lambda: self._deux.champ.setFocus())
        self._apprecier()

    def _apprecier(self) -> None:
        texte = self._un.texte()
        fautes = self._juger(texte)
        self._champ_un.montrer_faute("")
        if not texte:
            self._avis.dire("info-circle", "texte2", f"Il faut {', '.join(fautes)}.")
        elif fautes:
            self._avis.dire("alert-triangle", "alerte", f"Il manque encore {', '.join(fautes)}.")
        else:
            self._avis.dire("circle-check", "succes", "Ce mot de passe convient.")
        self.pret_change.emit()

    def controler(self) -> bool:
        fautes = self._juger(self._un.texte())
        self._champ_un.montrer_faute("Ce mot de passe est trop simple." if fautes else "")
        differents = self._un.texte() != self._deux.texte()
        self._champ_deux.montrer_faute("Les deux saisies diffèrent." if differents else "")
        if fautes:
            self._un.champ.setFocus()
        elif differents:
            self._deux.champ.setFocus()
        return not fautes and not differents

    def valeur(self) -> str:
        """The password."""
        return self._un.texte()

    def oublier(self) -> None:
        """Empty both fields once the file is created."""
        self._un.vider()
        self._deux.vider()


class _Avis(QWidget):
    """An icon and a sentence that follow what is typed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(8)
        self._icone = Icone("info-circle", "texte2", 16)
        self._texte = Etiquette("", "small", "texte2")
        self._texte.setWordWrap(True)
        rangee.addWidget(self._icone, 0, Qt.AlignmentFlag.AlignTop)
        rangee.addWidget(self._texte, 1)

    def dire(self, icone: str, ton: str, texte: str) -> None:
        """Show a sentence."""
        self._icone.definir(icone, ton)
        self._texte.definir_couleur(ton)
        self._texte.setText(texte)


class EtapeCle(Etape):
    """The recovery key: print or save it, then type one group of it again."""

    titre = "Votre clé de secours"
    titre_court = "Clé de secours"
    explication = ("Elle ouvre le dossier si le mot de passe est perdu. Imprimez-la et rangez-la "
                   "sous clé, loin de l’ordinateur. Pléiade n’en garde aucune copie.")

    imprimer = Signal()
    enregistrer = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groupes: list[str] = []
        self._rang = 0
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(12)
        cadre = QFrame()
        theme.poser(cadre, carte="oui")
        interieur = QVBoxLayout(cadre)
        interieur.setContentsMargins(20, 16, 20, 16)
        self._cle = Etiquette("", "page", "texte", 600)
        self._cle.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse
                                          | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        interieur.addWidget(self._cle)
        colonne.addWidget(cadre)
        rangee = QHBoxLayout()
        rangee.setSpacing(8)
        self.bouton_imprimer = Bouton("Imprimer la clé", "principal", "printer")
        self.bouton_enregistrer = Bouton("Enregistrer en PDF", "second", "download")
        self.bouton_imprimer.clicked.connect(self.imprimer)
        self.bouton_enregistrer.clicked.connect(self.enregistrer)
        rangee.addWidget(self.bouton_imprimer)
        rangee.addWidget(self.bouton_enregistrer)
        rangee.addStretch(1)
        colonne.addLayout(rangee)
        self._fait = _Avis()
        self._fait.hide()
        colonne.addWidget(self._fait)
        colonne.addSpacing(8)
        self._saisie = QLineEdit()
        theme.poser(self._saisie, largeur_max=200)
        self._champ = Champ("Groupe de la clé à recopier", self._saisie)
        colonne.addWidget(self._champ)
        self._saisie.textChanged.connect(self._comparer)

    def definir(self, cle: str, rang: int) -> None:
        """Show the key; the group of rank `rang` (from 1) will be asked."""
        self._groupes = cle.split("-")
        self._rang = rang
        lignes = [self._groupes[i:i + 4] for i in range(0, len(self._groupes), 4)]
        self._cle.setText("\n".join("  –  ".join(ligne) for ligne in lignes))
        self._champ.libelle.setText(
            f"Pour vérifier, recopiez le groupe n° {rang} depuis la feuille")
        self._saisie.setAccessibleName(self._champ.libelle.text())
        self._saisie.clear()
        self.pret_change.emit()

    def confirmer(self, texte: str) -> None:
        """Say that the sheet was printed or saved."""
        self._fait.dire("circle-check", "succes", texte)
        self._fait.show()

    def _juste(self) -> bool:
        return bool(self._groupes) and \
            self._saisie.text().strip().upper() == self._groupes[self._rang - 1].upper()

    def _comparer(self, texte: str) -> None:
        attendu = self._groupes[self._rang - 1] if self._groupes else ""
        faux = len(texte.strip()) >= len(attendu) and not self._juste()
        self._champ.montrer_faute("Ce n’est pas ce groupe. Relisez la feuille." if faux else "")
        self.pret_change.emit()

    def pret(self) -> bool:
        return self._juste()

    def entrer(self) -> None:
        self.bouton_imprimer.setFocus(Qt.FocusReason.OtherFocusReason)

    def oublier(self) -> None:
        """The key leaves the screen and the memory."""
        self._groupes = []
        self._cle.clear()
        self._saisie.clear()


class EtapePsc(Etape):
    """Address of the proxy, then the first login. May be left for later."""

    titre = "Reliez votre compte à Pro Santé Connect"
    titre_court = "Pro Santé Connect"
    explication = ("Une seule connexion ouvre INSi et le DMP. L’adresse du Proxy e-santé et les "
                   "fichiers sont donnés par votre éditeur.")
    verbe = "Se connecter"
    facultative = True

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(14)
        self.formulaire = FormulaireServices()
        self.formulaire.modifie.connect(self.pret_change)
        colonne.addWidget(self.formulaire)
        self._cadre = QFrame()
        theme.poser(self._cadre, carte="oui")
        interieur = QVBoxLayout(self._cadre)
        interieur.setContentsMargins(0, 0, 0, 0)
        self.panneau = PanneauSession()
        interieur.addWidget(self.panneau)
        self._cadre.hide()
        colonne.addWidget(self._cadre)

    def attendre(self, oui: bool) -> None:
        """The browser is open, or came back."""
        self._cadre.setVisible(oui)
        self.formulaire.setEnabled(not oui)
        if oui:
            self.panneau.attendre_navigateur()

    def controler(self) -> bool:
        return self.formulaire.controler()

    def pret(self) -> bool:
        return bool(self.formulaire.valeur()["proxy_url"])
