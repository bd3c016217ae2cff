"""Right part of Envois: reason, remedies, steps and facts of one order (mock 07)."""

from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.domain.libelles import DESTINATIONS, ETATS_ORDRE
from app.domain.outbox import EtatOrdre, Ordre
from app.ui import theme
from app.ui.models.envois import APPARENCE, moment, quand
from app.ui.views.elements import Bouton, Carte, Etiquette, Icone, vider
from app.ui.views.messages import MessageEnLigne

#: remedy of the order -> (verb, icon). The other remedies open the patient's file.
REMEDES = {
    "se_connecter": ("Se connecter", "shield-check"),
    "reessayer": ("Réessayer", "refresh"),
    "qualifier_ins": ("Qualifier l’INS", "id-badge-2"),
    "completer_identite": ("Compléter l’identité", "user-search"),
    "consentement": ("Noter le consentement", "user-check"),
    "lire_carte": ("Lire la carte Vitale", "credit-card"),
    "etat_services": ("État des services", "server"),
}
#: A step without a reason of its own.
ETAPES = ETATS_ORDRE | {
    EtatOrdre.PROGRAMME: "Inscrit dans la file", EtatOrdre.EN_COURS: "Transmission",
    EtatOrdre.ENVOYE: "Reçu par le service", EtatOrdre.RETENU: "Retenu à votre demande",
    EtatOrdre.ANNULE: "Annulé, rien n’a été envoyé"}
_GENRES = {EtatOrdre.REFUSE: "erreur", EtatOrdre.ATTENTE_TECHNIQUE: "alerte"}
#: What did not happen, said after the reason.
_SUITE = {
    EtatOrdre.REFUSE: "Le document n’a pas été déposé ; il reste dans le dossier du cabinet.",
    EtatOrdre.ATTENTE_TECHNIQUE: "Rien n’est perdu : l’envoi sera repris automatiquement.",
}


class DetailEnvoi(QFrame):
    """What is known of the selected order and what may be done."""

    #: Code of the remedy ("reessayer", "se_connecter", …).
    remede = Signal(str, object)
    reessayer = Signal(object)
    retenir = Signal(object)
    liberer = Signal(object)
    annuler = Signal(object)
    ouvrir_patient = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, fond="fond", trait="gauche")
        self.setAccessibleName("Détail de l’envoi")
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(1, 0, 0, 0)
        defilement = QScrollArea()
        defilement.setWidgetResizable(True)
        defilement.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        defilement.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        interieur = QWidget()
        theme.poser(interieur, fond="fond")
        self._colonne = QVBoxLayout(interieur)
        self._colonne.setContentsMargins(16, 16, 16, 16)
        self._colonne.setSpacing(10)
        defilement.setWidget(interieur)
        colonne.addWidget(defilement)
        self.principal: QPushButton | None = None
        self._montre: tuple[Ordre | None, date] | None = None

    def montrer(self, ordre: Ordre | None, aujourd_hui: date) -> None:
        """Show an order, or an empty panel."""
        if self._montre == (ordre, aujourd_hui):
            return
        self._montre = (ordre, aujourd_hui)
        vider(self._colonne)
        self.principal = None
        if ordre is None:
            self._colonne.addStretch(1)
            return
        tete = QVBoxLayout()
        tete.setSpacing(2)
        titre = Etiquette(ordre.document_titre, "title")
        titre.setWordWrap(True)
        tete.addWidget(titre)
        patient = Etiquette(ordre.patient_nom, "body", "texte2")
        patient.setWordWrap(True)
        tete.addWidget(patient)
        self._colonne.addLayout(tete)
        self._raison(ordre)
        self._actions(ordre)
        self._deroule(ordre, aujourd_hui)
        self._faits(ordre, aujourd_hui)
        self._colonne.addStretch(1)

    def _raison(self, ordre: Ordre) -> None:
        genre = _GENRES.get(ordre.etat)
        if genre is None and not ordre.incertain:
            return
        phrase = ordre.motif or ("Le service a refusé ce document." if genre == "erreur"
                                 else "Le service ne répond pas.")
        if not phrase.endswith("."):
            phrase += "."
        texte = f"{phrase} {_SUITE.get(ordre.etat, '')}".strip()
        if ordre.incertain:
            texte += (" Un essai précédent a pu aboutir : le DMP sera interrogé avant tout nouvel "
                      "envoi.")
        self._colonne.addWidget(MessageEnLigne(genre or "info", texte, fermable=False))

    def _actions(self, ordre: Ordre) -> None:
        """The best remedy first and primary, the others two by two."""
        autres: list[QPushButton] = []
        if ordre.etat in (EtatOrdre.REFUSE, EtatOrdre.ATTENTE_TECHNIQUE):
            code = ordre.remede if ordre.remede in REMEDES else "reessayer"
            verbe, icone = REMEDES[code]
            self.principal = self._large(Bouton(verbe, "principal", icone))
            self.principal.clicked.connect(lambda: self.remede.emit(code, ordre))
            self._colonne.addWidget(self.principal)
            if code != "reessayer":
                autres.append(self._action("Réessayer", "refresh", self.reessayer, ordre))
        if ordre.etat in (EtatOrdre.PROGRAMME, EtatOrdre.ATTENTE_TECHNIQUE):
            autres.append(self._action("Retenir", "hand-stop", self.retenir, ordre))
        if ordre.etat is EtatOrdre.RETENU:
            self.principal = self._large(Bouton("Libérer l’envoi", "principal", "send"))
            self.principal.clicked.connect(lambda: self.liberer.emit(ordre))
            self._colonne.addWidget(self.principal)
        if ordre.etat not in (EtatOrdre.ENVOYE, EtatOrdre.ANNULE, EtatOrdre.EN_COURS):
            autres.append(self._action("Annuler l’envoi", "ban", self.annuler, ordre))
        autres.append(self._action("Ouvrir le dossier", "folder-open", self.ouvrir_patient, ordre))
        for i in range(0, len(autres), 2):
            rangee = QHBoxLayout()
            rangee.setSpacing(8)
            for bouton in autres[i:i + 2]:
                rangee.addWidget(bouton, 1)
            self._colonne.addLayout(rangee)

    @staticmethod
    def _large(bouton: QPushButton) -> QPushButton:
        politique = bouton.sizePolicy()
        politique.setHorizontalPolicy(politique.Policy.Expanding)
        bouton.setSizePolicy(politique)
        return bouton

    def _action(self, texte: str, icone: str, signal: object, ordre: Ordre) -> QPushButton:
        bouton = self._large(Bouton(texte, "second", icone))
        bouton.clicked.connect(lambda: signal.emit(ordre))  # type: ignore[attr-defined]
        return bouton

    def _deroule(self, ordre: Ordre, aujourd_hui: date) -> None:
        if not ordre.etapes:
            return
        carte = Carte("Déroulé", "list-check")
        for etape in ordre.etapes:
            icone, ton = APPARENCE[etape.etat]
            rangee = QHBoxLayout()
            rangee.setContentsMargins(0, 5, 0, 5)
            rangee.setSpacing(10)
            rangee.addWidget(Icone(icone, ton, 18), 0, Qt.AlignmentFlag.AlignTop)
            textes = QVBoxLayout()
            textes.setSpacing(0)
            tete = QHBoxLayout()
            tete.setSpacing(6)
            titre = Etiquette(etape.texte or ETAPES[etape.etat], "body", "texte", 600)
            titre.setWordWrap(True)
            tete.addWidget(titre, 1)
            textes.addLayout(tete)
            le = moment(etape.horodatage)
            jour = "" if le is None or le.date() == aujourd_hui else f"{le:%d/%m} "
            heure = "" if le is None else f"{jour}{le:%H:%M}"
            code = f"Code {etape.code}" if etape.code else ""
            bas = Etiquette(", ".join(filter(None, (heure, code))), "small", "texte2")
            bas.setWordWrap(True)
            textes.addWidget(bas)
            rangee.addLayout(textes, 1)
            carte.corps.addLayout(rangee)
        self._colonne.addWidget(carte)

    def _faits(self, ordre: Ordre, aujourd_hui: date) -> None:
        grille = QGridLayout()
        grille.setHorizontalSpacing(12)
        grille.setVerticalSpacing(6)
        grille.setColumnStretch(1, 1)
        faits = [("Destinataire", DESTINATIONS[ordre.destination]),
                 ("Formats", "PDF/A-1 et CDA niveau 1"),
                 ("Essais", str(ordre.essais)),
                 ("Inscrit", quand(ordre.cree_le, aujourd_hui)),
                 ("Code officiel", ordre.code)]
        for i, (nom, valeur) in enumerate((n, v) for n, v in faits if v):
            grille.addWidget(Etiquette(nom, "small", "texte2"), i, 0, Qt.AlignmentFlag.AlignTop)
            texte = Etiquette(valeur, "body")
            texte.setWordWrap(True)
            texte.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grille.addWidget(texte, i, 1)
        self._colonne.addLayout(grille)
