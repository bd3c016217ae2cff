"""The DICA list: four conditions, their remedies, consent and bris de glace (mock 02).

A child frame raised over the page, never a popup of the system: focus and keys stay ours.
"""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.domain import dates
from app.domain.consent import EpisodeSoins
from app.domain.dica import Dica, EtatLigne, LigneDica, RemedeDica
from app.ui import theme
from app.ui.views.choix_pour import ChoixPour
from app.ui.views.elements import Bande, Bouton, Etiquette, Icone, Lien, Touche, filet, vider

_ETATS: dict[EtatLigne, tuple[str, str, str, str]] = {
    EtatLigne.REMPLI: ("circle-check-filled", "succes", "Rempli", "surface"),
    EtatLigne.A_FAIRE: ("alert-triangle", "alerte", "À faire", "alerte_doux"),
    EtatLigne.EN_COURS: ("clock", "info", "En cours", "surface"),
    EtatLigne.BLOQUE: ("alert-octagon", "erreur", "Bloqué", "erreur_douce"),
}
#: Remedies that are buttons: words, icon. The others are links.
_BOUTONS: dict[RemedeDica, tuple[str, str]] = {
    RemedeDica.PATIENT_CONSENT: ("Le patient consent", "check"),
    RemedeDica.PATIENT_REFUSE: ("Le patient refuse", ""),
    RemedeDica.QUALIFIER_INS: ("Qualifier l’INS", "user-check"),
    RemedeDica.SE_CONNECTER: ("Se connecter", "login"),
    RemedeDica.ETAT_SERVICES: ("État des services", ""),
    RemedeDica.REESSAYER: ("Vérifier de nouveau", "refresh"),
}
_LIENS: dict[RemedeDica, str] = {
    RemedeDica.QUE_DIRE: "Que dire au patient ?",
    RemedeDica.BRIS_DE_GLACE: "Bris de glace…",
    RemedeDica.MODIFIER_CONSENTEMENT: "Modifier",
}
#: To be read aloud.
QUE_DIRE = (
    "« Avec votre accord, je peux consulter les documents de votre dossier médical partagé, dans "
    "Mon espace santé, pour mieux vous soigner. Votre accord vaut pour toute notre équipe, le "
    "temps de cette prise en charge. Vous pouvez refuser, ou changer d’avis à tout moment, sans "
    "conséquence sur vos soins. Chaque accès est tracé et vous est signalé. »")


class _LigneDica(Bande):
    """One condition."""

    remede = Signal(object)
    #: (consultation | None, opposition | None)
    consentement = Signal(object, object)
    bris_de_glace = Signal(str)
    taille_changee = Signal()

    def __init__(self, ligne: LigneDica, episode: EpisodeSoins | None, principal: bool,
                 parent: QWidget | None = None) -> None:
        icone, role, mot, fond = _ETATS[ligne.etat]
        super().__init__(fond, parent, trait=False)
        self.ligne = ligne
        self.boutons: dict[RemedeDica, Bouton | Lien] = {}
        self.setAccessibleName(f"{ligne.lettre}, {ligne.titre}. {ligne.fait} {mot}")
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(16, 9, 16, 10)
        rangee.setSpacing(10)
        haut = Qt.AlignmentFlag.AlignTop
        rangee.addWidget(Icone(icone, role, 20), 0, haut)
        lettre = Etiquette(ligne.lettre, "trait", "texte", 700)
        lettre.setFixedWidth(theme.espace(18))
        rangee.addWidget(lettre, 0, haut)
        self._colonne = QVBoxLayout()
        self._colonne.setSpacing(3)
        titre = QHBoxLayout()
        titre.addWidget(Etiquette(ligne.titre, "trait", "texte", 600), 1)
        titre.addWidget(Etiquette(mot, "small", role if ligne.etat is not EtatLigne.EN_COURS
                                  else "texte2", 600))
        self._colonne.addLayout(titre)
        fait = Etiquette(ligne.fait, "small",
                         "texte" if fond in ("alerte_doux", "erreur_douce") else "texte2")
        fait.setWordWrap(True)
        self._colonne.addWidget(fait)
        self._remedes(principal)
        self._texte = Etiquette(QUE_DIRE, "small", "texte")
        self._texte.setWordWrap(True)
        self._texte.hide()
        self._colonne.addWidget(self._texte)
        self._formulaire_bris()
        self._formulaire_consentement(episode)
        rangee.addLayout(self._colonne, 1)

    def _remedes(self, principal: bool) -> None:
        boutons, liens = QHBoxLayout(), QHBoxLayout()
        boutons.setSpacing(8)
        liens.setSpacing(16)
        for remede in self.ligne.remedes:
            if remede in _BOUTONS:
                mots, icone = _BOUTONS[remede]
                bouton = Bouton(mots, "principal" if principal else "second", icone)
                principal = False
                bouton.clicked.connect(lambda _=False, r=remede: self._agir(r))
                boutons.addWidget(bouton)
                self.boutons[remede] = bouton
            elif remede in _LIENS:
                lien = Lien(_LIENS[remede])
                lien.clicked.connect(lambda _=False, r=remede: self._agir(r))
                liens.addWidget(lien)
                self.boutons[remede] = lien
        for rangee in (boutons, liens):
            if rangee.count():
                rangee.addStretch(1)
                rangee.setContentsMargins(0, 5, 0, 0)
                self._colonne.addLayout(rangee)

    def _agir(self, remede: RemedeDica) -> None:
        match remede:
            case RemedeDica.PATIENT_CONSENT:
                self.consentement.emit(True, None)
            case RemedeDica.PATIENT_REFUSE:
                self.consentement.emit(False, None)
            case RemedeDica.QUE_DIRE:
                self._texte.setVisible(self._texte.isHidden())
                self._ajuster()
            case RemedeDica.BRIS_DE_GLACE:
                self._bris.setVisible(self._bris.isHidden())
                self._ajuster()
                if not self._bris.isHidden():
                    self.motif.setFocus(Qt.FocusReason.OtherFocusReason)
            case RemedeDica.MODIFIER_CONSENTEMENT:
                self._choix.setVisible(self._choix.isHidden())
                self._ajuster()
                if not self._choix.isHidden():
                    self.consulter.setFocus(Qt.FocusReason.OtherFocusReason)
            case _:
                self.remede.emit(remede)

    def _ajuster(self) -> None:
        self.taille_changee.emit()

    def _formulaire_bris(self) -> None:
        self._bris = QWidget()
        colonne = QVBoxLayout(self._bris)
        colonne.setContentsMargins(0, 6, 0, 0)
        colonne.setSpacing(6)
        conseil = Etiquette("Le patient ne peut pas répondre et son état l’exige. L’accès est "
                            "tracé, le patient en est informé.", "small", "texte")
        conseil.setWordWrap(True)
        self.motif = QLineEdit()
        self.motif.setPlaceholderText("Motif (nécessaire)")
        self.motif.setAccessibleName("Motif du bris de glace")
        self.motif.setMaxLength(200)
        self.commencer = Bouton("Commencer le bris de glace", "danger")
        self.commencer.setEnabled(False)
        self.motif.textChanged.connect(
            lambda texte: self.commencer.setEnabled(len(texte.strip()) >= 3))
        self.motif.returnPressed.connect(self._commencer_bris)
        self.commencer.clicked.connect(self._commencer_bris)
        colonne.addWidget(conseil)
        colonne.addWidget(self.motif)
        colonne.addWidget(self.commencer, 0, Qt.AlignmentFlag.AlignRight)
        self._bris.hide()
        self._colonne.addWidget(self._bris)

    def _commencer_bris(self) -> None:
        if self.commencer.isEnabled():
            self.bris_de_glace.emit(self.motif.text().strip())

    def _formulaire_consentement(self, episode: EpisodeSoins | None) -> None:
        """Two boxes, each editable at any time (SC.DMP/CONF.06.BIS)."""
        self._choix = QWidget()
        colonne = QVBoxLayout(self._choix)
        colonne.setContentsMargins(0, 4, 0, 0)
        colonne.setSpacing(2)
        self.consulter = QCheckBox("Le patient accepte la consultation de son DMP")
        self.alimenter = QCheckBox("Le patient accepte l’envoi de documents à son DMP")
        self.consulter.setChecked(bool(episode and episode.consentement_consultation))
        self.alimenter.setChecked(not (episode and episode.opposition_alimentation))
        # `clicked`, not `toggled`: only a gesture is recorded. The other answer is not touched.
        self.consulter.clicked.connect(lambda oui: self.consentement.emit(
            bool(oui), not self.alimenter.isChecked()))
        self.alimenter.clicked.connect(lambda oui: self.consentement.emit(None, not oui))
        colonne.addWidget(self.consulter)
        colonne.addWidget(self.alimenter)
        self._choix.hide()
        self._colonne.addWidget(self._choix)


class PopoverDica(QFrame):
    """The list. Shown by its button or F2, closed by Échap, an outside click, or success."""

    #: RemedeDica of a button that the controller carries out.
    remede = Signal(object)
    #: (consultation | None, opposition | None).
    consentement = Signal(object, object)
    bris_de_glace = Signal(str)
    ferme = Signal()

    def __init__(self, bouton: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._bouton = bouton
        self.setObjectName("popoverDica")
        theme.poser(self, carte="flottante")
        self.setAccessibleName("Conditions de consultation du DMP")
        self.lignes: dict[str, _LigneDica] = {}
        self._dica: Dica | None = None
        self._a_jour = False
        self._episode: EpisodeSoins | None = None
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(1, 1, 1, 1)
        colonne.setSpacing(0)
        tete = QVBoxLayout()
        tete.setContentsMargins(16, 12, 16, 10)
        tete.setSpacing(3)
        self._titre = Etiquette("", "title")
        self._sous_titre = Etiquette("", "small", "texte2")
        self._sous_titre.setWordWrap(True)
        tete.addWidget(self._titre)
        tete.addWidget(self._sous_titre)
        self.pour = ChoixPour(titre="Recueilli pour", nom="Consentement recueilli pour")
        tete.addWidget(self.pour)
        colonne.addLayout(tete)
        self._contenu = QWidget()
        theme.poser(self._contenu, fond="")
        self._corps = QVBoxLayout(self._contenu)
        self._corps.setContentsMargins(0, 0, 0, 0)
        self._corps.setSpacing(0)
        self._defilement = QScrollArea()
        self._defilement.setFrameShape(QFrame.Shape.NoFrame)
        self._defilement.setWidgetResizable(True)
        self._defilement.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._defilement.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._defilement.setWidget(self._contenu)
        colonne.addWidget(self._defilement)
        colonne.addWidget(filet())
        pied = QHBoxLayout()
        pied.setContentsMargins(16, 8, 16, 10)
        self._envoi = Etiquette("", "small", "texte2")
        self._envoi.setWordWrap(True)
        pied.addWidget(self._envoi, 1)
        pied.addWidget(Touche("Échap"))
        fermer = Lien("Fermer")
        fermer.clicked.connect(self.fermer)
        pied.addWidget(fermer)
        colonne.addLayout(pied)
        self._fermer = fermer
        self.hide()
        theme.signaux().change.connect(self._retablir)

    # -- what the controller says ------------------------------------------------------------

    def definir(self, dica: Dica, episode: EpisodeSoins | None) -> None:
        """Show an answer; a visible list is rebuilt in place, focus kept on a remedy.

        A hidden list only remembers: it is built when it is opened.
        """
        if dica == self._dica and episode == self._episode:
            return
        self._dica, self._episode, self._a_jour = dica, episode, False
        if self.isVisible():
            self._construire()

    def _construire(self) -> None:
        dica, episode = self._dica, self._episode
        if self._a_jour or dica is None:
            return
        self._a_jour = True
        avait_focus = self.isVisible() and self.isAncestorOf(
            QApplication.focusWidget() or self._bouton)
        self._titre.setText(_titre(dica))
        self._sous_titre.setText(_sous_titre(episode))
        self._envoi.setText(dica.envoi)
        vider(self._corps)
        self.lignes = {}
        principal = True
        for ligne in dica.lignes:
            self._corps.addWidget(filet())
            a_bouton = any(r in _BOUTONS for r in ligne.remedes)
            widget = _LigneDica(ligne, episode, principal and a_bouton, self)
            principal = principal and not a_bouton
            widget.remede.connect(self.remede)
            widget.consentement.connect(self.consentement)
            widget.bris_de_glace.connect(self.bris_de_glace)
            widget.taille_changee.connect(self.ajuster)
            self._corps.addWidget(widget)
            self.lignes[ligne.lettre] = widget
        if self.isVisible():
            self.ajuster()
            if avait_focus:
                self._focus_premier()

    def _retablir(self) -> None:
        self._a_jour = False
        if self.isVisible():
            self._construire()

    def ouvrir(self) -> None:
        """Show the list under its button, focus on the first remedy."""
        if self.isVisible() or self._dica is None:
            return
        self._construire()
        self.show()
        self.raise_()
        self.ajuster()
        self._focus_premier()
        app = QGuiApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def fermer(self) -> None:
        """Hide the list and give the focus back to the button."""
        if self.isHidden():
            return
        focus = QApplication.focusWidget()
        rendre = focus is not None and self.isAncestorOf(focus)
        self.hide()
        app = QGuiApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        if rendre:
            self._bouton.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ferme.emit()

    def ajuster(self) -> None:
        """Place the frame under its button, right edges aligned, inside the page."""
        page = self.parentWidget()
        if page is None:
            return
        largeur = min(theme.espace(440), page.width() - 16)
        self.setFixedWidth(largeur)
        coin = self._bouton.mapTo(page, self._bouton.rect().bottomRight())
        self._corps.activate()
        corps = self._corps.totalHeightForWidth(largeur - 2)
        if corps <= 0:
            return
        self._defilement.setFixedHeight(corps)
        mise_en_page = self.layout()
        assert mise_en_page is not None
        mise_en_page.activate()
        voulue = mise_en_page.totalHeightForWidth(largeur)
        if voulue < 0:
            voulue = mise_en_page.totalSizeHint().height()
        trop = max(0, voulue - (page.height() - coin.y() - 12))
        self._defilement.setFixedHeight(max(theme.espace(80), corps - trop))
        self.setFixedHeight(voulue - trop)
        self.move(max(8, min(coin.x(), page.width() - 8) - largeur), coin.y() + 4)

    def _focus_premier(self) -> None:
        for ligne in self.lignes.values():
            for bouton in ligne.boutons.values():
                if isinstance(bouton, Bouton):
                    bouton.setFocus(Qt.FocusReason.OtherFocusReason)
                    self._defilement.ensureWidgetVisible(bouton)
                    return
        self._fermer.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- events ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.fermer()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focus = QApplication.focusWidget()
            if isinstance(focus, Bouton | Lien):
                focus.click()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, objet: QObject, event: QEvent) -> bool:
        """A click outside closes; the click itself goes on to what it aims at."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(objet, QWidget):
            assert isinstance(event, QMouseEvent)
            dedans = self.rect().contains(self.mapFromGlobal(event.globalPosition().toPoint()))
            sur_bouton = self._bouton.rect().contains(
                self._bouton.mapFromGlobal(event.globalPosition().toPoint()))
            if not dedans and not sur_bouton and objet.window() is self.window():
                self.fermer()
        return False


def _titre(dica: Dica) -> str:
    if dica.recueil:
        return "Ce que le patient répond"
    manque = sum(x.etat is not EtatLigne.REMPLI for x in dica.lignes)
    if not manque:
        return "Le DMP est consultable"
    if manque == 1:
        return "Il manque une condition pour consulter le DMP"
    nombre = ("", "", "deux", "trois", "quatre")[manque]
    return f"Il manque {nombre} conditions pour consulter le DMP"


def _sous_titre(episode: EpisodeSoins | None) -> str:
    if episode is None:
        return "L’épisode de soins s’ouvre avec la réponse du patient."
    jour = dates.formater(episode.ouvert_le)[:10]
    return f"Épisode de soins ouvert le {jour}, équipe de soins du cabinet."
