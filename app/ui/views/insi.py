"""Comparison of the file's identity with INSi's answer (mock 04, SC.INS.19)."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.domain.comparison import Comparaison, EtatComparaison, LigneComparaison
from app.domain.identity import StatutIdentite
from app.ui import theme
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Etiquette, Icone
from app.ui.views.identite import PastilleStatut

#: When one of these differs there is no default button: the user must choose.
GRAVES = frozenset({"nom_naissance", "date_naissance", "sexe"})
_MOTS = {EtatComparaison.IDENTIQUE: ("equal", "Identique", "succes"),
         EtatComparaison.DIFFERENT: ("equal-not", "Différent", "alerte"),
         EtatComparaison.AJOUTE: ("plus", "Ajouté", "info")}


def mots_differents(valeur: str, autre: str) -> str:
    """Rich text of `valeur`: words that `autre` lacks are bold and underlined."""
    mots, autres = valeur.split(), autre.split()
    morceaux = []
    for operation, debut, fin, _, _ in SequenceMatcher(a=mots, b=autres).get_opcodes():
        texte = escape(" ".join(mots[debut:fin]))
        if texte and operation != "equal":
            texte = f"<b><u>{texte}</u></b>"
        if texte:
            morceaux.append(texte)
    return " ".join(morceaux)


class _Rangee(QFrame):
    """One trait of the table."""

    def __init__(self, ligne: LigneComparaison) -> None:
        super().__init__()
        differe = ligne.etat is EtatComparaison.DIFFERENT
        theme.poser(self, comparaison="different" if differe else "autre")
        grille = QGridLayout(self)
        # The bar at the left of a difference is 4 px wide: the text stays in its column.
        grille.setContentsMargins(16 if differe else 20, 8, 20, 8)
        grille.setHorizontalSpacing(12)
        for colonne, part in enumerate((24, 26, 34, 14)):
            grille.setColumnStretch(colonne, part)
        local = ligne.local_affiche or ligne.local
        insi = ligne.insi_affiche or ligne.insi
        grille.addWidget(Etiquette(ligne.libelle, "body", "texte" if differe else "texte2"), 0, 0)
        grille.addWidget(_valeur(local, insi if differe else local), 0, 1)
        grille.addWidget(_valeur(insi, local if differe else insi), 0, 2)
        icone, mot, couleur = _MOTS[ligne.etat]
        etat = QHBoxLayout()
        etat.setSpacing(6)
        etat.addWidget(Icone(icone, couleur, 16))
        etat.addWidget(Etiquette(mot, "body", couleur))
        etat.addStretch(1)
        grille.addLayout(etat, 0, 3)
        self.setAccessibleName(f"{ligne.libelle} : cabinet {local or 'vide'}, INSi "
                               f"{insi or 'vide'}, {mot.lower()}")


def _valeur(texte: str, autre: str) -> QLabel:
    etiquette = Etiquette(texte, "trait", "texte" if texte else "texte2")
    if not texte:
        etiquette.setText("vide")
    elif texte != autre:
        etiquette.setTextFormat(Qt.TextFormat.RichText)
        etiquette.setText(mots_differents(texte, autre))
    etiquette.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    etiquette.setWordWrap(True)
    return etiquette


class DialogueInsi(Dialogue):
    """Accept or refuse INSi's identity, in one click.

    Args:
        comparaison: the lines and the alerts.
        avant, apres: status of the identity now, and once accepted.
        explication: where the answer comes from.
        prenom_propose: first given name to take instead of the file's; "" = none.
    """

    #: First given name chosen by the user, or "" to keep the file's.
    accepte = Signal(str)
    refuse = Signal()
    douteuse = Signal()

    def __init__(self, comparaison: Comparaison, avant: StatutIdentite, apres: StatutIdentite,
                 explication: str, prenom_propose: str, parent: QWidget) -> None:
        super().__init__("Comparer avec l’identité INSi", parent)
        self.expliquer(explication)
        self._prenom = ""
        for statut in (avant, apres):
            pastille = PastilleStatut()
            pastille.definir(statut)
            pastille.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            if statut is apres:
                self.tete.addWidget(Icone("arrow-right", "texte2", 18))
            self.tete.addWidget(pastille)
        self.corps.addWidget(_entete(("Trait", "Dossier du cabinet", "Réponse INSi",
                                      "Comparaison")))
        for ligne in comparaison.lignes:
            self.corps.addWidget(_Rangee(ligne))
        for alerte in comparaison.alertes:
            self.corps.addWidget(self._alerte(alerte, prenom_propose))
        self._pied(comparaison)

    def _alerte(self, texte: str, prenom: str) -> QWidget:
        enveloppe = QWidget()
        marges = QVBoxLayout(enveloppe)
        marges.setContentsMargins(20, 12, 20, 12)
        cadre = QFrame()
        theme.poser(cadre, message="alerte")
        rangee = QHBoxLayout(cadre)
        rangee.setContentsMargins(12, 10, 12, 10)
        rangee.setSpacing(10)
        rangee.addWidget(Icone("alert-triangle", "alerte", 20),
                         alignment=Qt.AlignmentFlag.AlignTop)
        phrase = Etiquette(texte, "body")
        phrase.setWordWrap(True)
        rangee.addWidget(phrase, 1)
        if prenom and "prénom" in texte:
            mettre = Bouton(f"Mettre {prenom}", petit=True)
            mettre.setObjectName("mettrePrenom")
            mettre.clicked.connect(lambda: self._mettre(prenom, mettre))
            rangee.addWidget(mettre, alignment=Qt.AlignmentFlag.AlignTop)
        marges.addWidget(cadre)
        return enveloppe

    def _mettre(self, prenom: str, bouton: Bouton) -> None:
        self._prenom = prenom
        bouton.setText(f"{prenom} sera mis")
        bouton.setEnabled(False)
        self.accepter.setFocus()

    def _pied(self, comparaison: Comparaison) -> None:
        doute = Bouton("Marquer l’identité douteuse", "discret", "user-question")
        doute.clicked.connect(self._marquer)
        self.pied.addWidget(doute)
        self.pied.addStretch(1)
        self.refuser = Bouton("Refuser", touche="Échap")
        self.refuser.setObjectName("refuserInsi")
        self.refuser.clicked.connect(self.reject)
        grave = any(ligne.trait in GRAVES and ligne.etat is EtatComparaison.DIFFERENT
                    for ligne in comparaison.lignes)
        self.accepter = Bouton("Accepter l’identité INSi", "principal", "check",
                               "" if grave else "Entrée")
        self.accepter.setObjectName("accepterInsi")
        self.accepter.clicked.connect(self._accepter)
        self.pied.addWidget(self.refuser)
        self.pied.addWidget(self.accepter)
        # A grave difference must be read: Entrée alone then does nothing.
        self._defaut = not grave
        (self.titre if grave else self.accepter).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Entrée accepts when no grave trait differs, or when the button has the focus."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._defaut or self.accepter.hasFocus():
                self._accepter()
            elif self.refuser.hasFocus():
                self.reject()
            return
        super().keyPressEvent(event)

    def _accepter(self) -> None:
        self.accepte.emit(self._prenom)
        self.accept()

    def _marquer(self) -> None:
        self.douteuse.emit()
        self.done(0)

    def reject(self) -> None:
        """Refuse: the identity doesn't change."""
        self.refuse.emit()
        super().reject()


def _entete(titres: Sequence[str]) -> QFrame:
    cadre = QFrame()
    theme.poser(cadre, fond="surface2", trait="bas")
    grille = QGridLayout(cadre)
    grille.setContentsMargins(20, 7, 20, 7)
    grille.setHorizontalSpacing(12)
    for colonne, (titre, part) in enumerate(zip(titres, (24, 26, 34, 14), strict=True)):
        grille.setColumnStretch(colonne, part)
        grille.addWidget(Etiquette(titre, "small", "texte2", 500), 0, colonne)
    return cadre
