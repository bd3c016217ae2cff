"""Sampling at home: checklist, summary, attestation in one gesture (SC.INS.24).

What the program knows is checked by itself and shown with its proof; the professional fills in the
laboratory and declares what only a person can see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QCompleter,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.domain.dates import formater, lire_date_saisie
from app.domain.prelevement import A_COCHER, AUTOMATIQUES, PointConnu, refus_adresse
from app.ui.infobulle import sure
from app.ui.views.case_longue import CaseLongue
from app.ui.views.deroulante import Deroulante
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Carte, Champ, Etiquette, Icone, Lien, vider
from app.ui.views.messages import MessageEnLigne, PileMessages

#: Tubes and pots met every day: one click adds one.
ECHANTILLONS = ("EDTA", "Citrate", "Sec / gel", "Héparine", "Fluoré", "ECBU", "Hémoculture")


@dataclass(frozen=True, slots=True)
class SaisiePrelevement:
    """What the user filled in. `prescription`: id of a document or None."""

    laboratoire: str
    adresse: str
    preleve_le: datetime
    echantillons: tuple[tuple[str, int], ...]
    prescription: int | None
    coches: frozenset[str]


@dataclass(frozen=True, slots=True)
class ChoixPrescription:
    """A prescription of the file. `structuree` ones are joined to the archive."""

    document_id: int
    libelle: str
    structuree: bool


class DialoguePrelevement(Dialogue):
    """The form; after `faite` it says where the archive waits."""

    ENTREE_AVANCE = True

    #: SaisiePrelevement.
    attestation_demandee = Signal(object)
    #: Remedy of a missing point: « identite », « preleveur ».
    remede = Signal(str)
    document_demande = Signal()
    archive_demandee = Signal()
    envois_demandes = Signal()

    def __init__(self, patient: str, points: Sequence[PointConnu],
                 prescriptions: Sequence[ChoixPrescription],
                 laboratoires: Sequence[tuple[str, str]], parent: QWidget) -> None:
        super().__init__("Prélèvement à domicile", parent, 980)
        self.expliquer(f"{patient}. L’attestation d’identité qualifiée part au laboratoire avec "
                       "la prescription.")
        self._points = tuple(points)
        self._labos = dict(laboratoires)
        self._echantillons: dict[str, int] = {}
        self.messages = PileMessages(marge=20)
        self.corps.addWidget(self.messages)
        self._formulaire = QWidget()
        colonnes = QHBoxLayout(self._formulaire)
        colonnes.setContentsMargins(20, 4, 20, 16)
        colonnes.setSpacing(16)
        colonnes.addLayout(self._saisie(prescriptions), 5)
        colonnes.addLayout(self._controle(), 4)
        self.corps.addWidget(self._formulaire)
        self.pied.addStretch(1)
        self.fermer = Bouton("Fermer", touche="Échap")
        self.fermer.clicked.connect(self.reject)
        self.pied.addWidget(self.fermer)
        self.attester = Bouton("Attester et préparer l’envoi", "principal", "check",
                               "Ctrl+Entrée")
        self.attester.setObjectName("attester")
        self.attester.clicked.connect(self._attester)
        self.pied.addWidget(self.attester)
        if laboratoires:
            self.labo.setText(laboratoires[0][0])
            self._proposer_adresse()
        (self.cases["identite_demandee"] if laboratoires else self.labo).setFocus()
        self._actualiser()

    # -- form --------------------------------------------------------------------------------

    def _saisie(self, prescriptions: Sequence[ChoixPrescription]) -> QVBoxLayout:
        colonne = QVBoxLayout()
        colonne.setSpacing(10)
        self.labo, self.adresse = QLineEdit(), QLineEdit()
        self.labo.setMaxLength(120)
        self.labo.setPlaceholderText("Nom du laboratoire")
        self.adresse.setPlaceholderText("laboratoire@exemple.mssante.fr")
        self.adresse.setMaxLength(254)
        if self._labos:
            completeur = QCompleter(list(self._labos), self.labo)
            completeur.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completeur.setFilterMode(Qt.MatchFlag.MatchContains)
            completeur.activated.connect(lambda _: self._proposer_adresse())
            self.labo.setCompleter(completeur)
        self.labo.editingFinished.connect(self._proposer_adresse)
        self._champ_labo = Champ("Laboratoire", self.labo)
        self._champ_adresse = Champ("Adresse MSSanté du laboratoire", self.adresse)
        maintenant = datetime.now()
        self.jour = QLineEdit(f"{maintenant:%d/%m/%Y}")
        self.heure = QLineEdit(f"{maintenant:%H:%M}")
        self._champ_jour = Champ("Date du prélèvement", self.jour)
        self._champ_heure = Champ("Heure", self.heure)
        grille = QGridLayout()
        grille.setHorizontalSpacing(12)
        grille.setVerticalSpacing(10)
        haut = Qt.AlignmentFlag.AlignTop
        grille.addWidget(self._champ_labo, 0, 0, 1, 2, haut)
        grille.addWidget(self._champ_adresse, 1, 0, 1, 2, haut)
        grille.addWidget(self._champ_jour, 2, 0, haut)
        grille.addWidget(self._champ_heure, 2, 1, haut)
        self.prescription = Deroulante()
        for p in prescriptions:
            if p.structuree:
                self.prescription.addItem(p.libelle, p.document_id)
        self.prescription.addItem("Aucune prescription jointe", None)
        self.prescription.currentIndexChanged.connect(lambda _: self._actualiser())
        self._champ_prescription = Champ("Prescription jointe", self.prescription)
        grille.addWidget(self._champ_prescription, 3, 0, 1, 2, haut)
        colonne.addLayout(grille)
        if any(not p.structuree for p in prescriptions):
            note = Etiquette("Une prescription en PDF seul n’entre pas dans l’archive : "
                             "remettez-la avec les échantillons.", "small", "texte2")
            note.setWordWrap(True)
            colonne.addWidget(note)
        colonne.addWidget(Etiquette("Échantillons (facultatif)", "small", "texte2", 500))
        puces = QGridLayout()
        puces.setSpacing(6)
        for rang, nom in enumerate(ECHANTILLONS):
            puce = Bouton(nom, "second", petit=True)
            puce.setToolTip(sure(f"Ajouter : {nom}"))
            puce.clicked.connect(lambda _=False, n=nom: self._ajouter(n))
            puces.addWidget(puce, rang // 4, rang % 4, Qt.AlignmentFlag.AlignLeft)
        puces.setColumnStretch(4, 1)
        colonne.addLayout(puces)
        ligne = QHBoxLayout()
        self._liste = Etiquette("", "body")
        self._liste.setWordWrap(True)
        self._vider = Lien("Effacer")
        self._vider.clicked.connect(self._effacer)
        ligne.addWidget(self._liste, 1)
        ligne.addWidget(self._vider)
        colonne.addLayout(ligne)
        colonne.addStretch(1)
        for saisie in (self.labo, self.adresse, self.jour, self.heure):
            saisie.textChanged.connect(lambda _: self._actualiser())
        return colonne

    def _controle(self) -> QVBoxLayout:
        colonne = QVBoxLayout()
        colonne.setSpacing(12)
        carte = Carte("Contrôles avant l’attestation", "list-check")
        self._connus = QVBoxLayout()
        self._connus.setSpacing(6)
        carte.corps.addLayout(self._connus)
        carte.corps.addSpacing(8)
        tete = QHBoxLayout()
        tete.addWidget(Etiquette("Vous déclarez", "small", "texte2", 500), 1)
        self.tout = Lien("Tout cocher")
        self.tout.clicked.connect(self._tout_cocher)
        tete.addWidget(self.tout)
        carte.corps.addLayout(tete)
        self.cases: dict[str, QCheckBox] = {}
        for point in A_COCHER:
            case = CaseLongue(point.libelle)
            case.case.toggled.connect(lambda _: self._actualiser())
            self.cases[point.code] = case.case
            carte.corps.addWidget(case)
            if not point.obligatoire:
                self._case_prescription = case
        colonne.addWidget(carte)
        resume = Carte("Résumé du document", "file-text")
        self._resume = Etiquette("", "body")
        self._resume.setWordWrap(True)
        resume.corps.addWidget(self._resume)
        colonne.addWidget(resume)
        colonne.addStretch(1)
        return colonne

    def _proposer_adresse(self) -> None:
        connue = self._labos.get(self.labo.text().strip())
        if connue and not self.adresse.text().strip():
            self.adresse.setText(connue)

    def _ajouter(self, nom: str) -> None:
        self._echantillons[nom] = self._echantillons.get(nom, 0) + 1
        self._actualiser()

    def _effacer(self) -> None:
        self._echantillons.clear()
        self._actualiser()

    def _tout_cocher(self) -> None:
        for code, case in self.cases.items():
            case.setChecked(code != "prescription_verifiee"
                            or self.prescription.currentData() is not None)
        self.attester.setFocus()

    # -- what is known -----------------------------------------------------------------------

    def _moment(self) -> datetime | None:
        """Day and hour as an aware local date-time; None while they can't be read."""
        jour = lire_date_saisie(self.jour.text().strip())
        heure = self.heure.text().strip().lower().replace("h", ":")
        heures, _, minutes = heure.partition(":")
        if jour is None or not (heures.isdigit() and (minutes or "0").isdigit()):
            return None
        h, m = int(heures), int(minutes or "0")
        if h > 23 or m > 59:
            return None
        return datetime.fromisoformat(f"{jour}T{h:02d}:{m:02d}").astimezone()

    def _actualiser(self) -> None:
        """Points, summary and button follow what is typed."""
        joint = self.prescription.currentData() is not None
        self._case_prescription.setVisible(joint)
        adresse_ok = not refus_adresse(self.adresse.text())
        vider(self._connus)
        for point in self._points:
            self._connus.addWidget(_Point(point.rempli, point.libelle, point.detail,
                                          "" if point.rempli else point.code, self.remede.emit))
        self._connus.addWidget(_Point(
            adresse_ok, "Adresse MSSanté du laboratoire",
            self.adresse.text().strip() if adresse_ok else "À saisir à gauche"))
        self._connus.addWidget(_Point(
            True if joint else None, "Prescription jointe",
            self.prescription.currentText() if joint else "Facultative"))
        textes = [f"{nom} × {n}" for nom, n in self._echantillons.items()]
        self._liste.setText(", ".join(textes) or "Aucun échantillon précisé")
        self._liste.definir_couleur("texte" if textes else "texte2")
        self._vider.setVisible(bool(textes))
        moment = self._moment()
        quand = (f"le {formater(moment.date().isoformat())} à {moment:%H:%M}" if moment
                 else "(date à corriger)")
        lignes = ["Attestation d’identité qualifiée concernant un prélèvement externe : CDA, "
                  "PDF/A et datamatrix INS.",
                  f"Prélèvement {quand}" + (f" : {', '.join(textes)}." if textes else "."),
                  f"Pour {self.labo.text().strip() or 'le laboratoire'}"
                  + (", prescription jointe." if joint else ", sans prescription.")]
        self._resume.setText("\n".join(lignes))
        self.attester.setEnabled(all(p.rempli for p in self._points))
        self.adjustSize()

    # -- gestures ----------------------------------------------------------------------------

    def _attester(self) -> None:
        if not self.attester.isEnabled() or not self.attester.isVisible():
            return
        moment = self._moment()
        fautes = ((self._champ_labo, "" if self.labo.text().strip() else "Nommez le laboratoire."),
                  (self._champ_adresse, refus_adresse(self.adresse.text())),
                  (self._champ_jour, "" if moment else "Écrivez la date comme 31/12/2026."),
                  (self._champ_heure, "" if moment else "Écrivez l’heure comme 08:15."))
        for champ, faute in fautes:
            champ.montrer_faute(faute)
        premiere = next((champ for champ, faute in fautes if faute), None)
        if premiere is not None or moment is None:
            if premiere is not None:
                premiere.saisie.setFocus()
            self.adjustSize()
            return
        coches = frozenset(c for c, case in self.cases.items() if case.isChecked())
        reste = [p for p in A_COCHER if p.obligatoire and p.code not in coches]
        if reste:
            self.dire("alerte", "Cochez d’abord ce que vous avez contrôlé.")
            self.cases[reste[0].code].setFocus()
            return
        self.attester.setEnabled(False)
        self.attestation_demandee.emit(SaisiePrelevement(
            self.labo.text().strip(), self.adresse.text().strip(), moment,
            tuple(self._echantillons.items()), self.prescription.currentData(),
            coches | AUTOMATIQUES))

    # -- answers -----------------------------------------------------------------------------

    def dire(self, genre: str, texte: str) -> None:
        """Say something above the form."""
        self.messages.vider()
        self.messages.ajouter(MessageEnLigne(genre, texte))
        self.adjustSize()

    def refuser(self, texte: str) -> None:
        """Nothing was made: say why; what was typed stays."""
        self.attester.setEnabled(True)
        self.dire("erreur", texte)

    def faite(self, laboratoire: str) -> None:
        """The attestation is kept, its archive waits."""
        self._formulaire.hide()
        self.attester.hide()
        self.expliquer("")
        self.messages.vider()
        self.messages.ajouter(MessageEnLigne(
            "succes", f"Attestation faite. L’archive IHE_XDM pour {laboratoire} est prête et "
            "attend dans Envois ; elle partira par MSSanté.", fermable=False))
        bas = QWidget()
        rangee = QHBoxLayout(bas)
        rangee.setContentsMargins(20, 8, 20, 16)
        rangee.setSpacing(8)
        for texte, icone, signal in (
                ("Voir l’attestation", "file-text", self.document_demande),
                ("Voir dans Envois", "send", self.envois_demandes),
                ("Enregistrer l’archive…", "download", self.archive_demandee)):
            bouton = Bouton(texte, "second", icone)
            bouton.clicked.connect(signal)
            rangee.addWidget(bouton)
        rangee.addStretch(1)
        self.corps.addWidget(bas)
        self.fermer.setFocus()
        self.adjustSize()


class _Point(QWidget):
    """A point that the program checked. `rempli` is None when it is optional and absent."""

    def __init__(self, rempli: bool | None, libelle: str, detail: str, remede: str = "",
                 sur_remede: object = None) -> None:
        super().__init__()
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(8)
        icone, role = {True: ("circle-check", "succes"), None: ("circle", "texte2"),
                       False: ("alert-triangle", "alerte")}[rempli]
        rangee.addWidget(Icone(icone, role, 18), 0, Qt.AlignmentFlag.AlignTop)
        textes = QVBoxLayout()
        textes.setSpacing(0)
        textes.addWidget(Etiquette(libelle, "body", "texte", 500))
        dessous = Etiquette(detail, "small", "texte2")
        dessous.setWordWrap(True)
        textes.addWidget(dessous)
        rangee.addLayout(textes, 1)
        if remede and callable(sur_remede):
            lien = Lien("Y remédier")
            lien.clicked.connect(lambda: sur_remede(remede))
            rangee.addWidget(lien)
        self.setAccessibleName(f"{libelle} : {detail}")
