"""Section « Clés » of the settings: key of the file, recovery key, this workstation's key store."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.cles import EtatCles
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Champ, Etiquette, filet, vider
from app.ui.views.etapes import EtapeCle
from app.ui.views.messages import MessageEnLigne
from app.ui.views.secret import ChampSecret

CREATION = "Celle de la création du cabinet."
SANS_TROUSSEAU = ("Ce poste n’a pas de trousseau de clés chiffré par le système\u00a0: le mot de "
                  "passe reste demandé à chaque ouverture.")
RESERVE = "Seul un administrateur du cabinet change ces deux clés."


def _date(iso: str) -> str:
    return (f"Changée le {datetime.fromisoformat(iso).strftime('%d/%m/%Y à %H:%M')}."
            if iso else CREATION)


class _Bloc(QWidget):
    """A title, what it is, its state, its gesture."""

    def __init__(self, titre: str, explication: str, verbe: str, icone: str) -> None:
        super().__init__()
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(16)
        colonne = QVBoxLayout()
        colonne.setSpacing(3)
        colonne.addWidget(Etiquette(titre, "body", "texte", 600))
        self.etat = Etiquette("", "body")
        self.etat.setWordWrap(True)
        colonne.addWidget(self.etat)
        self.explication = Etiquette(explication, "small", "texte2")
        self.explication.setWordWrap(True)
        colonne.addWidget(self.explication)
        rangee.addLayout(colonne, 1)
        self.bouton = Bouton(verbe, "second", icone)
        droite = QVBoxLayout()
        droite.addWidget(self.bouton)
        droite.addStretch(1)
        rangee.addLayout(droite)


class VueCles(QWidget):
    """Three blocks, one under the other."""

    changer_cle = Signal()
    changer_secours = Signal()
    #: True: let this workstation open the practice; False: ask for the password again.
    poste = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actif = False
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(14)
        self._messages = QVBoxLayout()
        colonne.addLayout(self._messages)
        self.cle = _Bloc("Clé du dossier", "Elle chiffre tout le cabinet. Changez-la après un vol "
                         "ou quand une personne s’en va\u00a0: les mots de passe et la clé de "
                         "secours restent les mêmes.", "Changer la clé…", "lock")
        self.secours = _Bloc("Clé de secours", "La feuille imprimée qui ouvre le dossier si les "
                             "mots de passe sont perdus. Remplacez-la si elle a pu être lue ou "
                             "égarée.", "Remplacer la clé…", "key")
        self.ici = _Bloc("Ouverture sur ce poste", "La session de ce poste remplace alors le mot "
                         "de passe au démarrage de Pléiade. À réserver à un poste dont vous êtes "
                         "seul à connaître la session.", "", "user-check")
        for rang, bloc in enumerate((self.cle, self.secours, self.ici)):
            if rang:
                colonne.addWidget(filet())
            colonne.addWidget(bloc)
        self.cle.bouton.clicked.connect(self.changer_cle)
        self.secours.bouton.clicked.connect(self.changer_secours)
        self.ici.bouton.clicked.connect(lambda: self.poste.emit(not self._actif))

    def montrer(self, etat: EtatCles) -> None:
        """Say what is known, offer what may be done."""
        vider(self._messages)
        self.cle.etat.setText(_date(etat.cle_le))
        self.secours.etat.setText(_date(etat.secours_le))
        for bloc in (self.cle, self.secours):
            bloc.bouton.setVisible(etat.gestionnaire)
            bloc.bouton.setEnabled(True)
        if not etat.gestionnaire:
            self.dire("info", RESERVE)
        if etat.serveur:
            self.cle.explication.setText(
                "Elle chiffre les sauvegardes de ce poste. La base du centre est chiffrée par son "
                "serveur.")
        self._actif = etat.trousseau_actif
        self.ici.etat.setText(
            SANS_TROUSSEAU if not etat.trousseau else
            f"Votre compte s’ouvre par {etat.trousseau}." if etat.trousseau_actif else
            "Le mot de passe est demandé à chaque ouverture.")
        self.ici.explication.setVisible(bool(etat.trousseau))
        self.ici.bouton.setVisible(bool(etat.trousseau))
        self.ici.bouton.setText("Redemander le mot de passe" if etat.trousseau_actif
                                else "Ouvrir sans mot de passe…")

    def occuper(self, texte: str) -> None:
        """A key is being changed: say so, offer nothing."""
        vider(self._messages)
        self.dire("info", texte)
        for bloc in (self.cle, self.secours):
            bloc.bouton.setEnabled(False)

    def dire(self, genre: str, texte: str) -> None:
        """Add a message above the blocks."""
        self._messages.addWidget(MessageEnLigne(genre, texte, fermable=False))


class DialogueSecours(Dialogue):
    """A new recovery key: print it, copy a group of it, then only it replaces the former one."""

    confirmee = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Remplacer la clé de secours", parent, largeur=660)
        self.expliquer("L’ancienne feuille reste valable jusqu’à ce que vous confirmiez celle-ci. "
                       "Les sauvegardes déjà faites gardent l’ancienne\u00a0: conservez les deux.")
        self.etape = EtapeCle()
        page = QWidget()
        colonne = QVBoxLayout(page)
        colonne.setContentsMargins(20, 8, 20, 16)
        colonne.addWidget(self.etape)
        self._messages = QVBoxLayout()
        colonne.addLayout(self._messages)
        self.corps.addWidget(page)
        self.annuler = Bouton("Garder l’ancienne clé", "second", touche="Échap")
        self.remplacer = Bouton("Remplacer la clé", "principal", "check")
        self.remplacer.setEnabled(False)
        self.etape.pret_change.connect(
            lambda: self.remplacer.setEnabled(self.etape.pret()))
        self.annuler.clicked.connect(self.reject)
        self.remplacer.clicked.connect(self._confirmer)
        self.remplacer.setDefault(True)
        self.etape.bouton_imprimer.setFocus()
        self.pied.addStretch(1)
        self.pied.addWidget(self.annuler)
        self.pied.addWidget(self.remplacer)

    def _confirmer(self) -> None:
        self.remplacer.setEnabled(False)
        self.confirmee.emit()

    def refuser(self, texte: str) -> None:
        """Say why the former key stays."""
        self._messages.addWidget(MessageEnLigne("erreur", texte, fermable=False))
        self.remplacer.setEnabled(self.etape.pret())

    def done(self, resultat: int) -> None:
        """The key leaves the screen, however the dialog closes."""
        self.etape.oublier()
        super().done(resultat)


class DialogueMotDePasse(Dialogue):
    """Asks for the password again before a gesture that an open screen must not allow alone."""

    demande = Signal(str)

    def __init__(self, titre: str, explication: str, verbe: str, parent: QWidget) -> None:
        super().__init__(titre, parent, largeur=520)
        self.expliquer(explication)
        page = QWidget()
        colonne = QVBoxLayout(page)
        colonne.setContentsMargins(20, 8, 20, 16)
        self.secret = ChampSecret("Votre mot de passe")
        colonne.addWidget(Champ("Votre mot de passe", self.secret))
        self._messages = QVBoxLayout()
        colonne.addLayout(self._messages)
        self.corps.addWidget(page)
        self.annuler = Bouton("Annuler", "second", touche="Échap")
        self.confirmer = Bouton(verbe, "principal")
        self.annuler.clicked.connect(self.reject)
        self.confirmer.clicked.connect(self._demander)
        self.confirmer.setDefault(True)
        self.pied.addStretch(1)
        self.pied.addWidget(self.annuler)
        self.pied.addWidget(self.confirmer)

    def _demander(self) -> None:
        if self.secret.texte() and self.confirmer.isEnabled():
            self.confirmer.setEnabled(False)
            self.demande.emit(self.secret.texte())

    def refuser(self, texte: str) -> None:
        """Say why nothing was done."""
        vider(self._messages)
        self._messages.addWidget(MessageEnLigne("erreur", texte, fermable=False))
        self.confirmer.setEnabled(True)
        self.secret.champ.selectAll()

    def done(self, resultat: int) -> None:
        """The password leaves the screen, however the dialog closes."""
        self.secret.vider()
        super().done(resultat)
