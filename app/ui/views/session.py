"""Pro Santé Connect and the national services: what the bar opens."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.libelles import libelle_situation
from app.domain.people import SituationExercice
from app.domain.session import EtatService, EtatSession
from app.horloge import ecoule
from app.ui import theme
from app.ui.views.barre import duree, minutes_restantes
from app.ui.views.bouton_choix import BoutonChoix
from app.ui.views.elements import Bouton, Etiquette, Icone, Lien, filet, vider
from app.ui.views.messages import MessageEnLigne
from app.ui.views.secret import ChampSecret
from app.ui.views.volet import Volet

#: Seconds left to confirm on the phone or with the card (CIBA).
DUREE_CIBA_S = 120
DERNIER_ESSAI = ("Il ne reste qu’un essai. Si ce code est faux, votre carte sera bloquée\u00a0: il "
                 "faudra son code de secours dans l’outil CPS de l’ANS.")


def heure_locale(iso: str) -> str:
    """« 12:04 » from an ISO date-time, "" when empty."""
    if not iso:
        return ""
    moment = datetime.fromisoformat(iso)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone().strftime("%H:%M")


def progression() -> QProgressBar:
    """An indeterminate thin bar."""
    barre = QProgressBar()
    barre.setRange(0, 0)
    barre.setTextVisible(False)
    return barre


class PanneauSession(QWidget):
    """Log in and out. One state at a time, chosen by the controller."""

    navigateur = Signal()
    #: MOBILE or CARD.
    ciba = Signal(str)
    annulation = Signal()
    deconnexion = Signal()
    reglages = Signal()
    #: Rank of what was chosen in a list (situation d'exercice, account).
    choisi = Signal(int)
    #: « C’est moi » / « Ce n’est pas moi ».
    rattachement = Signal(bool)
    changer_situation = Signal()
    cgu = Signal()
    #: Its content changed: the popover around it takes its new height.
    taille_changee = Signal()
    #: Go to the PIN of the card; the PIN; close the card.
    carte = Signal()
    code_carte = Signal(str)
    fermer_carte = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colonne = QVBoxLayout(self)
        self._colonne.setContentsMargins(16, 14, 16, 16)
        self._colonne.setSpacing(10)
        self._compte: Etiquette | None = None
        self._reste: QProgressBar | None = None
        self._pied_carte: QVBoxLayout | None = None
        self._fin = 0.0
        self._minuteur = QTimer(self, interval=1000)
        self._minuteur.timeout.connect(self._compter)
        self.premier: QPushButton | None = None
        self.etat = ""

    def _recommencer(self, etat: str, titre: str, texte: str = "") -> None:
        self.etat = etat
        self._minuteur.stop()
        self._compte = self._reste = self.premier = self._pied_carte = None
        vider(self._colonne)
        tete = Etiquette(titre, "title")
        tete.setWordWrap(True)
        self._colonne.addWidget(tete)
        if texte:
            phrase = Etiquette(texte, "body", "texte2")
            phrase.setWordWrap(True)
            self._colonne.addWidget(phrase)

    def _bouton(self, texte: str, role: str, icone: str, action: Callable[[], object], *,
                grand: bool = False, dans: QVBoxLayout | None = None) -> QPushButton:
        bouton = Bouton(texte, role, icone, grand=grand)
        bouton.setSizePolicy(bouton.sizePolicy().Policy.Expanding,
                             bouton.sizePolicy().Policy.Fixed)
        bouton.clicked.connect(lambda: action())
        (dans or self._colonne).addWidget(bouton)
        if self.premier is None:
            self.premier = bouton
        return bouton

    def montrer(self, etat: EtatSession, erreur: str = "") -> None:
        """Show the session as it is, with the reason of a refusal."""
        actif = QApplication.focusWidget()
        clavier = actif is not None and self.isAncestorOf(actif)
        if not etat.possible:
            self._recommencer("impossible", "Pro Santé Connect",
                              "Les services nationaux ne sont pas configurés sur ce poste.")
            self._bouton("Ouvrir les réglages", "second", "settings", self.reglages.emit)
        elif etat.carte and not etat.connecte:
            self._carte_ouverte(etat)
        elif etat.connecte and minutes_restantes(etat, datetime.now(UTC)):
            reste = duree(minutes_restantes(etat, datetime.now(UTC))).replace(" ", "\u00a0")
            self._recommencer("connecte", etat.nom or "Connecté",
                              f"Pro Santé Connect, session jusqu’à {heure_locale(etat.expire_le)} "
                              f"(encore {reste}).")
            self._situation(etat)
            self._bouton("Se déconnecter", "second", "logout", self.deconnexion.emit)
            aide = Etiquette("Ferme aussi la session Pro Santé Connect du navigateur. Pour vous "
                             "absenter un moment, verrouillez (Ctrl+L) : la session reste ouverte.",
                             "small", "texte2")
            aide.setWordWrap(True)
            self._colonne.addWidget(aide)
        else:
            fini = etat.connecte and heure_locale(etat.expire_le)
            self._recommencer("deconnecte", "Pro Santé Connect", (
                f"Votre session a pris fin à {fini}. Reconnectez-vous\u00a0: les envois en attente "
                "partiront aussitôt." if fini else
                "Une seule connexion ouvre INSi et le DMP. Les envois en attente partent "
                "aussitôt."))
            self._boutons_connexion()
        if erreur:
            message = MessageEnLigne("erreur", erreur, fermable=False)
            self._colonne.insertWidget(1, message)
        if clavier and self.premier is not None:  # what held it is gone
            self.premier.setFocus(Qt.FocusReason.OtherFocusReason)
        self.taille_changee.emit()

    def _carte_ouverte(self, etat: EtatSession) -> None:
        self._recommencer("carte_ouverte", etat.carte,
                          "Carte CPS ouverte jusqu’à son retrait\u00a0: INSi et le DMP.")
        self._situation(etat)
        if etat.possible:
            self._bouton("Se connecter à Pro Santé Connect", "second", "shield-check",
                         lambda: self.montrer(EtatSession()))
        self._bouton("Fermer ma carte", "second", "logout", self.fermer_carte.emit)

    def proposer_carte(self, titulaire: str, *, sienne: bool) -> None:
        """A card is in the reader: read without PIN. Only one's own may be opened."""
        if self._pied_carte is None:
            return
        vider(self._pied_carte)
        aide = Etiquette(f"Carte CPS dans le lecteur\u00a0: {titulaire}", "small", "texte2")
        aide.setWordWrap(True)
        self._pied_carte.addWidget(aide)
        if sienne:
            self._bouton("Saisir le code de ma carte", "second", "id-badge-2", self.carte.emit,
                         dans=self._pied_carte)
        self.taille_changee.emit()

    def demander_code(self, titulaire: str, erreur: str = "") -> None:
        """The PIN of the card, with the reason of a refusal."""
        self._recommencer("code", f"Carte CPS de {titulaire}",
                          "Son code est demandé une seule fois, jusqu’au retrait de la carte. Elle "
                          "ouvre INSi et le DMP, sans Pro Santé Connect.")
        if erreur:
            self._colonne.insertWidget(1, MessageEnLigne("erreur", erreur, fermable=False))
        champ = ChampSecret("Code de la carte CPS, quatre chiffres")
        champ.champ.setMaxLength(4)
        champ.champ.setPlaceholderText("Code à quatre chiffres")
        self._colonne.addWidget(champ)

        def valider() -> None:
            code = champ.texte()
            champ.vider()
            self._recommencer("ouverture", f"Carte CPS de {titulaire}", "Ouverture de la carte…")
            self._colonne.addWidget(progression())
            self.taille_changee.emit()
            self.code_carte.emit(code)

        champ.valide.connect(valider)
        self._bouton("Ouvrir ma carte", "principal", "login", valider)
        self._bouton("Annuler", "second", "x", self.annulation.emit)
        self.taille_changee.emit()
        champ.champ.setFocus(Qt.FocusReason.OtherFocusReason)

    def dernier_essai(self, titulaire: str, essayer: Callable[[], None]) -> None:
        """One try is left: nothing was tried, the safe way has the keyboard."""
        self._recommencer("dernier", f"Carte CPS de {titulaire}")
        self._colonne.addWidget(MessageEnLigne("alerte", DERNIER_ESSAI, fermable=False))
        self._bouton("Vérifier d’abord", "principal", "arrow-left",
                     lambda: self.demander_code(titulaire))
        self._bouton("Essayer ce code", "danger", "login", essayer)
        self._finir()

    def _boutons_connexion(self) -> None:
        self._bouton("S’identifier avec Pro Santé Connect", "principal", "shield-check",
                     self.navigateur.emit, grand=True)
        aide = Etiquette("Carte CPS ou application e-CPS, dans le navigateur du poste.", "small",
                         "texte2")
        aide.setWordWrap(True)
        self._colonne.addWidget(aide)
        self._colonne.addWidget(filet())
        aide = Etiquette("Sans navigateur :", "small", "texte2")
        self._colonne.addWidget(aide)
        self._bouton("Confirmer sur mon téléphone (e-CPS)", "second", "device-mobile",
                     lambda: self.ciba.emit("MOBILE"))
        self._bouton("Confirmer avec ma carte CPS", "second", "id",
                     lambda: self.ciba.emit("CARD"))
        self._pied_carte = QVBoxLayout()
        self._pied_carte.setSpacing(10)
        self._colonne.addLayout(self._pied_carte)
        lien = Lien("Conditions d’utilisation")
        lien.clicked.connect(self.cgu)
        self._colonne.addWidget(lien, 0, Qt.AlignmentFlag.AlignLeft)

    def _situation(self, etat: EtatSession) -> None:
        if etat.situation is None:
            return
        titre, detail = libelle_situation(etat.situation)
        self._colonne.addWidget(Etiquette("Situation d’exercice", "small", "texte2", 500))
        ligne = Etiquette(f"{titre}, {detail}" if detail else titre, "body")
        ligne.setWordWrap(True)
        self._colonne.addWidget(ligne)
        if len(etat.situations) > 1:
            lien = Lien("Changer de situation")
            lien.clicked.connect(self.changer_situation)
            self._colonne.addWidget(lien, 0, Qt.AlignmentFlag.AlignLeft)

    def choisir_situation(self, situations: Sequence[SituationExercice],
                          erreur: str = "") -> None:
        """Several situations d'exercice: as what, and where, does she act?"""
        self.choisir("situation", "Votre situation d’exercice",
                     "Elle figure dans vos appels au DMP et à INSi. Pléiade la retient.",
                     [libelle_situation(s) for s in situations], erreur)

    def choisir(self, etat: str, titre: str, texte: str, choix: Sequence[tuple[str, str]],
                erreur: str = "") -> None:
        """One button a choice: (title, detail)."""
        self._recommencer(etat, titre, texte)
        if erreur:
            self._colonne.insertWidget(1, MessageEnLigne("erreur", erreur, fermable=False))
        for rang, (nom, detail) in enumerate(choix):
            bouton = BoutonChoix(nom, detail)
            bouton.clicked.connect(partial(self.choisi.emit, rang))
            self._colonne.addWidget(bouton)
            self.premier = self.premier or bouton
        self._finir()

    def ajouter_annuler(self) -> None:
        """A way back under a list."""
        self._bouton("Annuler", "second", "x", self.annulation.emit)

    def confirmer_rattachement(self, compte: str, identite: str, autres: Sequence[str]) -> None:
        """First login: is this identity the account's owner?"""
        suite = (f" Cette identité ouvre déjà le compte {', '.join(autres)} : vous aurez le choix "
                 "à l’ouverture." if autres else "")
        self._recommencer("rattachement", "Première connexion",
                          f"Pro Santé Connect a reconnu {identite}. Rattacher cette identité à "
                          f"votre compte « {compte} » ? Ensuite, les deux ouvriront le même "
                          f"compte.{suite}")
        self._bouton("C’est moi : rattacher", "principal", "user-check",
                     lambda: self.rattachement.emit(True))
        self._bouton("Ce n’est pas moi", "second", "x", lambda: self.rattachement.emit(False))
        self._finir()

    def attendre_navigateur(self) -> None:
        """The browser is open."""
        self._recommencer("navigateur", "Connexion dans le navigateur",
                          "La page Pro Santé Connect est ouverte dans le navigateur. Terminez-y la "
                          "connexion ; cette fenêtre suivra d’elle-même.")
        self._colonne.addWidget(progression())
        self._bouton("Annuler", "second", "x", self.annulation.emit)
        self._finir()

    def attendre_ciba(self, canal: str, liaison: str, duree_s: int = DUREE_CIBA_S) -> None:
        """The phone or the card asks: the same two digits must be there."""
        ou = "votre téléphone" if canal == "MOBILE" else "le lecteur de carte CPS"
        self._recommencer("ciba", "Comparez les deux nombres",
                          f"Le même nombre s’affiche sur {ou}. S’il est différent, refusez la "
                          "demande.")
        nombre = Etiquette(liaison, "liaison", "accent")
        nombre.setAlignment(Qt.AlignmentFlag.AlignCenter)
        nombre.setAccessibleName(f"Nombre à comparer : {' '.join(liaison)}")
        self._colonne.addWidget(nombre)
        self._compte = Etiquette("", "small", "texte2")
        self._compte.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._colonne.addWidget(self._compte)
        self._reste = progression()
        self._reste.setRange(0, duree_s)
        self._colonne.addWidget(self._reste)
        self._bouton("Annuler", "second", "x", self.annulation.emit)
        self._fin = ecoule() + duree_s
        self._compter()
        self._minuteur.start()
        self._finir()

    def _compter(self) -> None:
        if self._compte is None:
            return
        reste = math.ceil(self._fin - ecoule())
        minutes, secondes = divmod(max(0, reste), 60)
        if self._reste is not None:
            self._reste.setValue(max(0, reste))
        self._compte.setText(f"Encore {minutes} min {secondes:02d} s" if reste > 0
                             else "Délai dépassé\u00a0: la demande va être abandonnée.")

    def _finir(self) -> None:
        self.taille_changee.emit()
        if self.premier is not None:
            self.premier.setFocus(Qt.FocusReason.OtherFocusReason)


class VoletSession(Volet):
    """The session panel under its button."""

    def __init__(self, ancre: QWidget) -> None:
        super().__init__(ancre, 380)
        self.panneau = PanneauSession()
        self.corps.addWidget(self.panneau)
        self.panneau.taille_changee.connect(self._suivre)

    def _suivre(self) -> None:
        if not self.isHidden():
            QTimer.singleShot(0, self.placer)

    def premier_controle(self) -> QWidget | None:
        return self.panneau.premier


class VoletServices(Volet):
    """State of each national service, since when, next try."""

    essai = Signal()
    reglages = Signal()

    def __init__(self, ancre: QWidget) -> None:
        super().__init__(ancre, 380)
        self._services: tuple[EtatService, ...] = ()

    def montrer(self, services: Sequence[EtatService]) -> None:
        """Show these states."""
        self._services = tuple(services)
        vider(self.corps)
        tete = Etiquette("Services nationaux", "title")
        tete.setContentsMargins(16, 14, 16, 10)
        self.corps.addWidget(tete)
        for service in self._services:
            self.corps.addWidget(filet())
            self.corps.addWidget(self._ligne(service))
        self.corps.addWidget(filet())
        self.corps.addWidget(self._pied())

    def _ligne(self, service: EtatService) -> QWidget:
        ligne = QWidget()
        rangee = QHBoxLayout(ligne)
        rangee.setContentsMargins(16, 9, 16, 9)
        rangee.setSpacing(10)
        bon = service.disponible
        rangee.addWidget(Icone("circle-check" if bon else "alert-triangle",
                               "succes" if bon else "alerte", 18), 0, Qt.AlignmentFlag.AlignTop)
        textes = QVBoxLayout()
        textes.setSpacing(1)
        textes.addWidget(Etiquette(service.nom, "body", "texte", 600))
        morceaux = [service.message] if service.message else []
        if service.depuis:
            morceaux.append(f"Depuis {heure_locale(service.depuis)}.")
        if service.prochain_essai:
            morceaux.append(f"Prochain essai à {heure_locale(service.prochain_essai)}.")
        if morceaux and not bon:
            detail = Etiquette(" ".join(morceaux), "small", "texte2")
            detail.setWordWrap(True)
            textes.addWidget(detail)
        rangee.addLayout(textes, 1)
        rangee.addWidget(Etiquette("Disponible" if bon else "Indisponible", "small",
                                   "succes" if bon else "alerte", 600), 0,
                         Qt.AlignmentFlag.AlignTop)
        return ligne

    def _pied(self) -> QWidget:
        pied = QWidget()
        theme.poser(pied, fond="surface2")
        rangee = QHBoxLayout(pied)
        rangee.setContentsMargins(16, 10, 16, 10)
        if not self._services:
            texte = Etiquette("Non configurés sur ce poste.", "small", "texte2")
            bouton = Bouton("Ouvrir les réglages", "second", "settings", petit=True)
            bouton.clicked.connect(self.reglages)
        else:
            texte = Etiquette("D’après les derniers appels.", "small", "texte2")
            bouton = Bouton("Essayer maintenant", "second", "refresh", petit=True)
            bouton.clicked.connect(self.essai)
        rangee.addWidget(texte, 1)
        rangee.addWidget(bouton)
        return pied
