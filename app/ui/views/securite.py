"""Section « Sécurité » of the settings: one's password and second factor, lock of the screen."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.domain.dates import formater
from app.ui import theme
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Champ, Etiquette, filet, vider
from app.ui.views.messages import MessageEnLigne


class VueSecurite(QWidget):
    """What each may do for herself, then what an administrator sets for all."""

    mot_de_passe = Signal()
    activer = Signal()
    desactiver = Signal()
    questionnaire = Signal()
    #: (minutes before the lock, minutes before the end, card removal, seconds of the clipboard)
    enregistrer = Signal(int, int, bool, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(10)
        colonne.addWidget(Etiquette("Mon compte", "trait", "texte", 600))
        rangee = QHBoxLayout()
        rangee.setSpacing(8)
        self._etat = Etiquette("", "body", "texte2")
        self._etat.setWordWrap(True)
        self.changer = Bouton("Changer mon mot de passe…", "second", "key")
        self.changer.clicked.connect(self.mot_de_passe)
        self.second = Bouton("", "second", "device-mobile")
        self.second.clicked.connect(self._basculer)
        rangee.addWidget(self.changer)
        rangee.addWidget(self.second)
        rangee.addStretch(1)
        colonne.addLayout(rangee)
        colonne.addWidget(self._etat)
        self._cabinet = QWidget()
        bas = QVBoxLayout(self._cabinet)
        bas.setContentsMargins(0, 6, 0, 0)
        bas.setSpacing(10)
        bas.addWidget(filet())
        bas.addWidget(Etiquette("Verrouillage des postes du cabinet", "trait", "texte", 600))
        grille = QGridLayout()
        grille.setHorizontalSpacing(12)
        self.boites: dict[str, QSpinBox] = {}
        for rang, (nom, libelle, bas_, haut, unite) in enumerate((
                ("verrou_min", "Verrouiller après", 1, 60, " min"),
                ("fin_min", "Terminer la session après", 15, 240, " min"),
                ("presse_papiers_s", "Vider le presse-papiers après", 10, 600, " s"))):
            boite = QSpinBox()
            boite.setRange(bas_, haut)
            theme.poser(boite, champ="nombre")
            boite.setSuffix(unite.replace(" ", "\u00a0"))
            self.boites[nom] = boite
            grille.addWidget(Champ(libelle, boite), 0, rang)
        bas.addLayout(grille)
        self.carte = QCheckBox("Verrouiller aussitôt quand la carte CPS est retirée du lecteur")
        bas.addWidget(self.carte)
        aide = Etiquette("Verrouillé, le poste n’affiche plus rien du dossier et les envois "
                         "continuent\u00a0; votre saisie est gardée. À la fin de la session, le "
                         "dossier se ferme et Pro Santé Connect est quitté. Ctrl+L verrouille "
                         "aussitôt.", "small", "texte2")
        aide.setWordWrap(True)
        bas.addWidget(aide)
        pied = QHBoxLayout()
        pied.addStretch(1)
        self.bouton = Bouton("Enregistrer", "principal", "check")
        self.bouton.clicked.connect(self._enregistrer)
        pied.addWidget(self.bouton)
        bas.addLayout(pied)
        self.ssi = QWidget()
        ligne = QHBoxLayout(self.ssi)
        ligne.setContentsMargins(0, 10, 0, 0)
        ligne.setSpacing(12)
        phrase = Etiquette("Ce que Pléiade fait pour la sécurité, prérempli\u00a0; vos réponses, "
                           "et un export à joindre à un dossier.", "body", "texte2")
        phrase.setWordWrap(True)
        ouvrir = Bouton("Questionnaire de sécurité…", "second", "list-check")
        ouvrir.clicked.connect(self.questionnaire)
        ligne.addWidget(phrase, 1)
        ligne.addWidget(ouvrir)
        colonne.addWidget(self._cabinet)
        colonne.addWidget(self.ssi)
        self._actif = False
        self.montrer_second_facteur("", 0)

    def montrer_second_facteur(self, depuis: str, codes: int) -> None:
        """Say whether one's login has a second factor."""
        self._actif = bool(depuis)
        self.second.setText("Retirer le second facteur…" if depuis
                            else "Activer le second facteur…")
        if not depuis:
            self._etat.setText("Votre mot de passe seul ouvre le dossier. Un code de votre "
                               "téléphone le protège si quelqu’un l’apprend.")
            return
        reste = f"{codes} codes de secours restent" if codes > 1 else (
            "un code de secours reste" if codes else "plus aucun code de secours")
        self._etat.setText(f"Second facteur actif depuis le {formater(depuis)}\u00a0; {reste}.")

    def montrer_reglages(self, valeurs: dict[str, int], retrait_carte: bool, *,
                         modifiable: bool) -> None:
        """Fill the form; `modifiable`: the account may change it."""
        for nom, boite in self.boites.items():
            boite.setValue(valeurs[nom])
            boite.setEnabled(modifiable)
        self.carte.setChecked(retrait_carte)
        self.carte.setEnabled(modifiable)
        self.bouton.setVisible(modifiable)
        self.ssi.setVisible(modifiable)
        self.bouton.setEnabled(True)

    def _basculer(self) -> None:
        (self.desactiver if self._actif else self.activer).emit()

    def _enregistrer(self) -> None:
        self.bouton.setEnabled(False)
        self.enregistrer.emit(self.boites["verrou_min"].value(), self.boites["fin_min"].value(),
                              self.carte.isChecked(), self.boites["presse_papiers_s"].value())


class DialogueSecondFacteur(Dialogue):
    """Scan, type the code, keep the backup codes."""

    code = Signal(str)

    def __init__(self, image: bytes, secret: str, parent: QWidget) -> None:
        super().__init__("Activer le second facteur", parent, 620)
        self.expliquer("Avec une application d’authentification (FreeOTP, Aegis, Google "
                       "Authenticator…), lisez ce code, puis saisissez les six chiffres.")
        self._boite = QVBoxLayout()
        self._boite.setContentsMargins(20, 4, 20, 16)
        self._boite.setSpacing(10)
        self.corps.addLayout(self._boite)
        self._zone = QVBoxLayout()
        self._boite.addLayout(self._zone)
        self._etape = QWidget()
        rangee = QHBoxLayout(self._etape)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(20)
        qr = QLabel()
        dessin = QPixmap()
        dessin.loadFromData(image)
        cote = theme.espace(216)
        qr.setPixmap(dessin.scaled(QSize(cote, cote), Qt.AspectRatioMode.KeepAspectRatio,
                                   Qt.TransformationMode.FastTransformation))
        qr.setAccessibleName("Code QR du second facteur")
        rangee.addWidget(qr)
        droite = QVBoxLayout()
        droite.setSpacing(8)
        self.champ = QLineEdit()
        self.champ.setMaxLength(7)
        droite.addWidget(Champ("Code à six chiffres", self.champ))
        cle = QLineEdit(" ".join(secret[i:i + 4] for i in range(0, len(secret), 4)))
        cle.setReadOnly(True)
        droite.addWidget(Champ("Sans appareil photo, saisissez cette clé", cle))
        droite.addStretch(1)
        rangee.addLayout(droite, 1)
        self._boite.addWidget(self._etape)
        self.annuler = Bouton("Annuler", "second", touche="Échap")
        self.annuler.clicked.connect(self.reject)
        self.bouton = Bouton("Activer", "principal")
        self.bouton.clicked.connect(self._valider)
        self.bouton.setDefault(True)
        self.pied.addStretch(1)
        self.pied.addWidget(self.annuler)
        self.pied.addWidget(self.bouton)
        self.champ.setFocus()

    def _valider(self) -> None:
        if self.champ.text().strip() and self.bouton.isEnabled():
            self.bouton.setEnabled(False)
            self.code.emit(self.champ.text())

    def refuser(self, texte: str) -> None:
        """The code isn't right."""
        self.bouton.setEnabled(True)
        vider(self._zone)
        self._zone.addWidget(MessageEnLigne("erreur", texte, fermable=False))
        self.champ.selectAll()
        self.champ.setFocus()
        self.adjustSize()

    def montrer_codes(self, codes: Sequence[str]) -> None:
        """It is done: the codes to keep on paper."""
        self.renommer("Gardez vos codes de secours")
        self.expliquer("Chacun ouvre une fois sans téléphone. Rangez-les avec la clé de secours, "
                       "pas dans ce poste\u00a0: ils ne seront plus montrés.")
        self._etape.hide()
        vider(self._zone)
        texte = QPlainTextEdit("\n".join(
            f"{codes[i]}      {codes[i + 1]}" for i in range(0, len(codes) - 1, 2)))
        texte.setReadOnly(True)
        texte.setAccessibleName("Codes de secours")
        theme.poser(texte, police="trait")
        texte.setFixedHeight(theme.espace(124))
        self._boite.addWidget(texte)
        self.annuler.hide()
        self.bouton.setText("J’ai noté mes codes")
        self.bouton.setDefault(False)  # shown once: Entrée pressed twice must not take them away
        texte.setFocus()
        self.bouton.setEnabled(True)
        self.bouton.clicked.disconnect()
        self.bouton.clicked.connect(self.accept)
        self.adjustSize()


class DialogueCode(Dialogue):
    """Ask for a last code before the factor goes."""

    code = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Retirer le second facteur", parent, 440)
        self.expliquer("Saisissez un code de votre application, ou un code de secours.")
        boite = QVBoxLayout()
        boite.setContentsMargins(20, 4, 20, 16)
        self.champ = QLineEdit()
        self._champ = Champ("Code", self.champ)
        boite.addWidget(self._champ)
        self.corps.addLayout(boite)
        annuler = Bouton("Annuler", "second", touche="Échap")
        annuler.clicked.connect(self.reject)
        self.bouton = Bouton("Retirer", "danger")
        self.bouton.clicked.connect(lambda: self.code.emit(self.champ.text()))
        self.bouton.setDefault(True)
        self.pied.addStretch(1)
        self.pied.addWidget(annuler)
        self.pied.addWidget(self.bouton)

    def refuser(self, texte: str) -> None:
        """The code isn't right."""
        self._champ.montrer_faute(texte)
        self.champ.selectAll()
