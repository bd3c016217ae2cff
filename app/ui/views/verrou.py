"""The lock screen: opens the file at the start, and covers everything while nobody is there."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.views.elements import Bouton, Etiquette, Lien, filet
from app.ui.views.messages import MessageEnLigne
from app.ui.views.pile import Pile
from app.ui.views.session import PanneauSession
from app.ui.views.verrou_nuit import PanneauNuit
from app.ui.views.verrou_pages import (
    NouveauMotDePasse,
    PageCode,
    PageMotDePasse,
    PageSecours,
)

LARGEUR_FORMULAIRE = 440
INFO_MOT_DE_PASSE = ("Avec le mot de passe seul, vous travaillez sur le dossier du cabinet. "
                     "Les envois attendent votre connexion.")


class Verrou(QWidget):
    """The screen. The controller checks what is typed and answers by `refuser` or uncovers."""

    mot_de_passe = Signal(str)
    cle_secours = Signal(str)
    #: The button, and the link under it: the other way to be identified.
    psc = Signal()
    psc_autre = Signal()
    #: Rank of the account chosen.
    compte_choisi = Signal(int)
    annulation = Signal()
    #: Bring the practice back from a backup.
    restauration = Signal()
    #: The server can't be joined: its address, its authority or its password may have changed.
    serveur = Signal()
    #: Open by the key store of this workstation.
    poste = Signal()
    a_propos = Signal()
    conditions = Signal()
    #: Code of the second factor.
    code = Signal(str)
    #: Password chosen in place of an expired or temporary one.
    nouveau = Signal(str)
    #: Somebody else wants to work here.
    autre_compte = Signal()

    def __init__(self, version: str, *, nom: str = "", profession: str = "", cabinet: str = "",
                 lieu: str = "", faits: Sequence[tuple[str, str]] = (), psc_possible: bool = False,
                 reprise: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, fond="fond")
        self._attente = 0
        self._minuteur = QTimer(self, interval=1000)
        self._minuteur.timeout.connect(self._decompter)
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(0)
        self._nuit = PanneauNuit(cabinet, lieu, faits)
        rangee.addWidget(self._nuit)
        droite = QVBoxLayout()
        droite.setContentsMargins(24, 24, 24, 16)
        rangee.addLayout(droite, 1)
        defilement = QScrollArea()
        defilement.setWidgetResizable(True)
        defilement.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        defilement.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        milieu = QWidget()
        theme.poser(milieu, fond="fond")
        centre = QVBoxLayout(milieu)
        centre.setContentsMargins(8, 8, 8, 8)
        centre.addStretch(1)
        self._formulaire = QWidget()
        # Not by an alignment: the height would be that of the whole width, and sentences be cut.
        bande = QHBoxLayout()
        bande.addStretch(1)
        bande.addWidget(self._formulaire)
        bande.addStretch(1)
        centre.addLayout(bande)
        centre.addStretch(1)
        defilement.setWidget(milieu)
        droite.addWidget(defilement, 1)
        droite.addLayout(self._pied(version))
        self._composer(nom, profession, psc_possible, reprise)
        self._mesurer()
        theme.signaux().change.connect(self._mesurer)

    # -- Building ---------------------------------------------------------------------------

    def _pied(self, version: str) -> QHBoxLayout:
        pied = QHBoxLayout()
        pied.setSpacing(20)
        pied.addStretch(1)
        pied.addWidget(Etiquette(f"Version {version}", "small", "texte2"))
        for texte, signal in (("Conditions d’utilisation", self.conditions),
                              ("Mentions et licences", self.a_propos)):
            lien = Lien(texte)
            lien.clicked.connect(signal)
            pied.addWidget(lien)
        pied.addStretch(1)
        return pied

    def _composer(self, nom: str, profession: str, psc_possible: bool, reprise: bool) -> None:
        colonne = QVBoxLayout(self._formulaire)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(8)
        titre = Etiquette("Reprendre la session" if reprise else "Ouvrir le dossier du cabinet",
                          "page")
        colonne.addWidget(titre)
        if nom:
            qui = Etiquette(", ".join(filter(None, (nom, profession.lower()))), "body", "texte2")
            qui.setWordWrap(True)
            colonne.addWidget(qui)
        colonne.addSpacing(6)
        self._bouton_psc: Bouton | None = None
        self._avec_autre = False
        if psc_possible:
            self._composer_psc(colonne, reprise)
        self._choix = Pile()
        mot, cle = PageMotDePasse(), PageSecours()
        self._secret, self._ouvrir, self._avance = mot.secret, mot.ouvrir, mot.avance
        self._cle, self._ouvrir_cle = cle.cle, cle.ouvrir
        mot.valide.connect(self._valider)
        cle.valide.connect(self._valider_cle)
        self._choix.addWidget(mot)
        self._choix.addWidget(cle)
        self._consigne = QVBoxLayout()
        colonne.addLayout(self._consigne)
        colonne.addWidget(self._choix)
        self._messages = QVBoxLayout()
        colonne.addLayout(self._messages)
        self._message: MessageEnLigne | None = None
        if reprise and psc_possible:
            self._dire("info", INFO_MOT_DE_PASSE)
        self._bascule = Lien("Mot de passe oublié : clé de secours")
        self._bascule.clicked.connect(self._changer_moyen)
        colonne.addWidget(self._bascule, 0, Qt.AlignmentFlag.AlignLeft)
        self._bascule.setVisible(not reprise)
        self._restaurer = Bouton("Restaurer une sauvegarde…", "second", "download")
        self._restaurer.clicked.connect(self.restauration)
        self._restaurer.hide()
        self._serveur = Bouton("Connexion au serveur…", "second", "server")
        self._serveur.clicked.connect(self.serveur)
        self._serveur.hide()
        colonne.addWidget(self._serveur, 0, Qt.AlignmentFlag.AlignLeft)
        colonne.addWidget(self._restaurer, 0, Qt.AlignmentFlag.AlignLeft)
        self._poste = Bouton("Ouvrir par la session de ce poste", "second", "user-check")
        self._poste.clicked.connect(self._valider_poste)
        self._poste.hide()
        colonne.insertWidget(colonne.indexOf(self._choix), self._poste, 0,
                             Qt.AlignmentFlag.AlignLeft)
        self._autre = Lien("Ouvrir avec un autre compte")
        self._autre.clicked.connect(self.autre_compte)
        colonne.addWidget(self._autre, 0, Qt.AlignmentFlag.AlignLeft)
        if not reprise:
            self._autre.hide()

    def _composer_psc(self, colonne: QVBoxLayout, reprise: bool) -> None:
        self._panneau_psc = PanneauSession()
        self._panneau_psc.layout().setContentsMargins(0, 0, 0, 0)  # type: ignore[union-attr]
        self._panneau_psc.annulation.connect(self.annulation)
        self._panneau_psc.choisi.connect(self.compte_choisi)
        self._panneau_psc.hide()
        self._bouton_psc = Bouton("S’identifier avec Pro Santé Connect", "principal",
                                  "shield-check", grand=True)
        politique = self._bouton_psc.sizePolicy()
        politique.setHorizontalPolicy(politique.Policy.Expanding)
        self._bouton_psc.setSizePolicy(politique)
        self._bouton_psc.clicked.connect(self.psc)
        self._aide_psc = Etiquette(
            "Confirmation dans l’application e-CPS de votre téléphone. Rouvre aussi le DMP et INSi."
            if reprise else "Carte CPS ou application e-CPS, dans le navigateur du poste. Ouvre "
            "aussi le DMP et INSi.", "small", "texte2")
        self._aide_psc.setWordWrap(True)
        self._autre_psc = Lien("Avec ma carte CPS, dans le navigateur" if reprise
                               else "Sans navigateur : confirmer sur mon téléphone")
        self._autre_psc.clicked.connect(self.psc_autre)
        self._autre_psc.setVisible(reprise)
        for widget in (self._panneau_psc, self._bouton_psc, self._aide_psc):
            colonne.addWidget(widget)
        colonne.addWidget(self._autre_psc, 0, Qt.AlignmentFlag.AlignLeft)
        self._separation = QWidget()
        separation = QHBoxLayout(self._separation)
        separation.setContentsMargins(0, 4, 0, 4)
        separation.setSpacing(12)
        separation.addWidget(filet(), 1)
        separation.addWidget(Etiquette("ou sans les services en ligne", "small", "texte2"))
        separation.addWidget(filet(), 1)
        colonne.addWidget(self._separation)

    def _mesurer(self) -> None:
        nuit = 0 if self._nuit.isHidden() else self._nuit.width()
        # Margins of the column and of what scrolls, and its bar when the text is large.
        autour = 2 * (24 + 8) + theme.espace(12)
        self._formulaire.setFixedWidth(min(theme.espace(LARGEUR_FORMULAIRE),
                                           max(360, self.width() - nuit - autour)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._nuit.setFixedWidth(min(max(self.width() * 38 // 100, 260), theme.espace(520)))
        self._nuit.setVisible(self.width() > theme.espace(LARGEUR_FORMULAIRE) + 320)
        self._mesurer()

    # -- Asking -----------------------------------------------------------------------------

    def preparer(self, mot_de_passe: str = "") -> None:
        """Give the focus to the field, filled for a demonstration."""
        self._secret.champ.setText(mot_de_passe)
        if mot_de_passe:
            self._dire("info", "Dossier de démonstration. Le mot de passe est déjà rempli.")
        self._secret.champ.setFocus(Qt.FocusReason.OtherFocusReason)

    def proposer_psc(self) -> None:
        """Pro Santé Connect opens this file: it comes first, and the telephone may do it."""
        self._avec_autre = True
        if self._bouton_psc is None or self._bouton_psc.isHidden():
            return
        self._autre_psc.show()
        if not self._secret.texte():
            self._bouton_psc.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Échap gives a login up; words typed on the button go to the password."""
        if event.key() == Qt.Key.Key_Escape and self._bouton_psc is not None \
                and not self._panneau_psc.isHidden():
            self.annulation.emit()
            return
        texte = event.text()
        if texte.isprintable() and texte.strip() and not self._choix.currentIndex() \
                and self._bouton_psc is not None and self._bouton_psc.hasFocus():
            self._secret.champ.setFocus(Qt.FocusReason.OtherFocusReason)
            self._secret.champ.insert(texte)
            return
        super().keyPressEvent(event)

    def _offrir_psc(self, oui: bool) -> None:
        """The other way in, above the fields."""
        if self._bouton_psc is None or not self._panneau_psc.isHidden():
            return
        if oui != self._separation.isHidden():
            return
        self._avec_autre = self._avec_autre if oui else not self._autre_psc.isHidden()
        for widget in (self._bouton_psc, self._aide_psc, self._separation):
            widget.setVisible(oui)
        self._autre_psc.setVisible(oui and self._avec_autre)

    def _changer_moyen(self) -> None:
        self._offrir_psc(True)
        secours = self._choix.currentIndex() == 0
        self._choix.setCurrentIndex(1 if secours else 0)
        self._bascule.setText("Revenir au mot de passe" if secours
                              else "Mot de passe oublié : clé de secours")
        self._dire("", "")
        (self._cle if secours else self._secret).champ.setFocus()

    def _valider(self) -> None:
        if self._secret.texte() and self._ouvrir.isEnabled():
            self._occuper(True)
            self.mot_de_passe.emit(self._secret.texte())
        elif not self._secret.texte():
            self.refuser("Saisissez le mot de passe du poste.")

    def proposer_restauration(self) -> None:
        """The practice can't be read: a backup is the way out."""
        self._restaurer.show()

    def proposer_serveur(self) -> None:
        """The server isn't joined: how it is can be said again."""
        self._serveur.show()

    def informer(self, texte: str) -> None:
        """Say something that isn't a refusal."""
        self._dire("info", texte)

    def proposer_poste(self) -> None:
        """This workstation keeps what opens the file: one click, the password below."""
        self._poste.show()

    def _valider_poste(self) -> None:
        self._occuper(True)
        self.poste.emit()

    def _valider_cle(self) -> None:
        if self._cle.texte().strip():
            self._occuper(True)
            self.cle_secours.emit(self._cle.texte())
        else:
            self.refuser("Saisissez la clé de secours.")

    def _occuper(self, oui: bool) -> None:
        self._ouvrir.setEnabled(not oui)
        self._ouvrir_cle.setEnabled(not oui)
        self._poste.setEnabled(not oui)
        self._avance.setVisible(oui)
        page = self._choix.currentWidget()
        if isinstance(page, PageCode):
            page.bouton.setEnabled(not oui)

    def demander_code(self) -> None:
        """The password is right: ask for the second factor."""
        self._occuper(False)
        self._dire("", "")
        self._page_code = PageCode()
        self._page_code.valide.connect(self._valider_code)
        self._montrer_page(self._page_code)
        self._page_code.champ.setFocus(Qt.FocusReason.OtherFocusReason)

    def demander_nouveau(self, texte: str, juger: Callable[[str], list[str]]) -> None:
        """The password must change before anything is shown.

        Args:
            texte: why. juger: faults of a password, as the policy says.
        """
        self._occuper(False)
        page = NouveauMotDePasse(juger, "Changer et ouvrir")
        page.valide.connect(self._valider_nouveau)
        self._montrer_page(page)
        self._dire("info", texte, au_dessus=True)
        page.un.champ.setFocus(Qt.FocusReason.OtherFocusReason)

    def _montrer_page(self, page: QWidget) -> None:
        """A step after the password: Pro Santé Connect comes back when it is given up."""
        self._offrir_psc(False)
        while self._choix.count() > 2:
            ancienne = self._choix.widget(2)
            assert ancienne is not None
            self._choix.removeWidget(ancienne)
            ancienne.deleteLater()
        self._choix.addWidget(page)
        self._choix.setCurrentIndex(2)
        self._bascule.setText("Revenir au mot de passe")
        self._bascule.show()

    def _valider_code(self, code: str) -> None:
        self._occuper(True)
        self._page_code.bouton.setEnabled(False)
        self.code.emit(code)

    def _valider_nouveau(self, mot: str) -> None:
        self._occuper(True)
        self.nouveau.emit(mot)

    # -- Answers ----------------------------------------------------------------------------

    def refuser(self, texte: str, attente_s: int = 0) -> None:
        """Say why it stays closed.

        Args:
            attente_s: seconds before the next try.
        """
        self._occuper(False)
        self._dire("erreur", texte)
        page = self._choix.currentWidget()
        if isinstance(page, PageCode):
            page.bouton.setEnabled(not attente_s)
            page.champ.selectAll()
            page.champ.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not isinstance(page, NouveauMotDePasse):
            champ = self._cle if self._choix.currentIndex() else self._secret
            champ.erreur(True)
            champ.champ.selectAll()
            champ.champ.setFocus(Qt.FocusReason.OtherFocusReason)
        if attente_s:
            self._attente = attente_s
            self._occuper(True)
            self._avance.hide()
            self._minuteur.start()
            self._decompter()

    def _decompter(self) -> None:
        if self._attente <= 0:
            self._minuteur.stop()
            self._occuper(False)
            self._ouvrir.setText("Déverrouiller")
            return
        minutes = -(-self._attente // 60)
        self._ouvrir.setText(f"Encore {minutes} min" if self._attente > 120
                             else f"Encore {self._attente} s")
        self._attente -= 1

    def _montrer_panneau(self, oui: bool) -> None:
        assert self._bouton_psc is not None
        self._dire("", "")
        self._avec_autre = not self._autre_psc.isHidden() if oui else self._avec_autre
        for widget in (self._bouton_psc, self._aide_psc):
            widget.setVisible(not oui)
        self._autre_psc.setVisible(self._avec_autre and not oui)
        self._panneau_psc.setVisible(oui)

    def attendre_psc(self, canal: str, liaison: str) -> None:
        """Show the two digits to compare."""
        if self._panneau_psc.isHidden():
            self._montrer_panneau(True)
        self._panneau_psc.attendre_ciba(canal, liaison)

    def attendre_navigateur(self) -> None:
        """The browser is open on the page of Pro Santé Connect."""
        if self._panneau_psc.isHidden():
            self._montrer_panneau(True)
        self._panneau_psc.attendre_navigateur()

    def choisir_compte(self, noms: Sequence[str], texte: str) -> None:
        """Several accounts: which one?"""
        if self._panneau_psc.isHidden():
            self._montrer_panneau(True)
        self._panneau_psc.choisir("compte", "Votre compte", texte, [(nom, "") for nom in noms])
        self._panneau_psc.ajouter_annuler()

    def fin_psc(self, texte: str = "", genre: str = "erreur") -> None:
        """The login ended without unlocking, or can't begin: say why."""
        if not self._panneau_psc.isHidden():
            self._montrer_panneau(False)
        if texte:
            self._dire(genre, texte)

    def _dire(self, genre: str, texte: str, *, au_dessus: bool = False) -> None:
        """The one message: under the fields, or above them when it says what to do there."""
        if self._message is not None:
            self._message.fermer()
            self._message = None
        self._secret.erreur(False)
        self._cle.erreur(False)
        if texte:
            self._message = MessageEnLigne(genre, texte, fermable=False)
            (self._consigne if au_dessus else self._messages).addWidget(self._message)
