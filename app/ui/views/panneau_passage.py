"""The panel that adds a visit: who, when, what for. It takes the agenda's place, no dialog."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.domain import dates
from app.domain.agenda import LieuPassage
from app.domain.patient import PatientResume
from app.ui import theme
from app.ui.models.tournee import lire_heure
from app.ui.views.deroulante import Deroulante
from app.ui.views.elements import Bouton, BoutonIcone, Champ, Etiquette, Lien, Segment
from app.ui.views.liste_patients import ListePatients

_DUREES = (10, 15, 20, 30, 45, 60)


@dataclass(frozen=True, slots=True)
class DemandePassage:
    """What the panel asks to add."""

    patient: PatientResume
    heure: str
    soins: str
    duree: int
    lieu: LieuPassage
    pour: int = 0
    """Account whose agenda it is; 0 = one's own."""


class PanneauPassage(QFrame):
    """Patient search, hour, care, duration, place."""

    #: Text typed in the patient field, debounced; answer with `proposer`.
    recherche = Signal(str)
    ajoute = Signal(object)
    ferme = Signal()
    #: Text typed when no patient matches.
    nouveau_patient = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panneauPassage")
        theme.poser(self, carte="oui")
        self._patient: PatientResume | None = None
        self._attente = QTimer(self)
        self._attente.setSingleShot(True)
        self._attente.setInterval(60)
        self._attente.timeout.connect(self._chercher)

        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(12, 10, 12, 12)
        colonne.setSpacing(10)
        tete = QHBoxLayout()
        tete.addWidget(Etiquette("Ajouter un passage", "title"), 1)
        fermer = BoutonIcone("x", "Fermer (Échap)", bordure=False)
        fermer.clicked.connect(self.ferme)
        tete.addWidget(fermer)
        colonne.addLayout(tete)

        self.patient = QLineEdit()
        self.patient.setPlaceholderText("Nom, prénom, date de naissance ou matricule")
        self.patient.textEdited.connect(self._patient_edite)
        self._champ_patient = Champ("Patient", self.patient)
        colonne.addWidget(self._champ_patient)
        self.liste = ListePatients("Patients trouvés")
        self.liste.choisi.connect(self.choisir_patient)
        self.liste.hide()
        colonne.addWidget(self.liste)
        self.patient.installEventFilter(self)
        self._aucun = QWidget()
        ligne_aucun = QHBoxLayout(self._aucun)
        ligne_aucun.setContentsMargins(0, 0, 0, 0)
        self._texte_aucun = Etiquette("Aucun patient.", "small", "texte2")
        self.creer = Lien("Créer le dossier")
        self.creer.clicked.connect(lambda: self.nouveau_patient.emit(self.patient.text().strip()))
        ligne_aucun.addWidget(self._texte_aucun)
        ligne_aucun.addWidget(self.creer)
        ligne_aucun.addStretch(1)
        self._aucun.hide()
        colonne.addWidget(self._aucun)

        rangee = QHBoxLayout()
        rangee.setSpacing(12)
        self.heure = QLineEdit()
        self.heure.setPlaceholderText("08:50")
        self.heure.editingFinished.connect(self._relire_heure)
        self._champ_heure = Champ("Heure", self.heure)
        self.duree = Deroulante()
        for minutes in _DUREES:
            self.duree.addItem(f"{minutes} min", minutes)
        self.duree.setCurrentIndex(_DUREES.index(15))
        rangee.addWidget(self._champ_heure, 1)
        rangee.addWidget(Champ("Durée", self.duree), 1)
        colonne.addLayout(rangee)

        self.soins = QLineEdit()
        self.soins.setPlaceholderText("Pansement, injection, suivi…")
        self.soins.setMaxLength(120)
        colonne.addWidget(Champ("Soins", self.soins))
        self.lieu = Segment(((LieuPassage.DOMICILE.value, "Domicile"),
                             (LieuPassage.CABINET.value, "Cabinet")))
        champ_lieu = Champ("Lieu", self.lieu)
        colonne.addWidget(champ_lieu)
        self.pour = Deroulante()
        self._champ_pour = Champ("Dans l’agenda de", self.pour)
        self._champ_pour.hide()
        colonne.addWidget(self._champ_pour)
        colonne.addStretch(1)
        pied = QHBoxLayout()
        pied.addStretch(1)
        annuler = Bouton("Annuler", touche="Échap")
        annuler.clicked.connect(self.ferme)
        self.valider = Bouton("Ajouter le passage", "principal")
        self.valider.clicked.connect(self._ajouter)
        pied.addWidget(annuler)
        pied.addWidget(self.valider)
        colonne.addLayout(pied)

    def sizeHint(self) -> QSize:
        return QSize(theme.espace(374), theme.espace(480))

    def ouvrir(self, heure: str, lieu: LieuPassage | None = None) -> None:
        """Empty the fields and put the caret in the patient search."""
        self._patient = None
        self.patient.clear()
        self.soins.clear()
        self.pour.setCurrentIndex(0 if self.pour.count() else -1)
        self.heure.setText(heure)
        if lieu is not None:
            self.lieu.choisir(lieu.value)
        self._champ_patient.montrer_faute("")
        self._champ_heure.montrer_faute("")
        self.liste.hide()
        self._aucun.hide()
        self.patient.setFocus(Qt.FocusReason.OtherFocusReason)

    def proposer_agendas(self, personnes: Sequence[tuple[int, str]]) -> None:
        """Whose agendas may be kept, the user's own first; one alone isn't asked."""
        choisi = self.pour.currentData()
        self.pour.clear()
        for rang, (compte, nom) in enumerate(personnes):
            self.pour.addItem(nom if rang else f"{nom} (vous)", compte)
        self.pour.setCurrentIndex(max(0, self.pour.findData(choisi)))
        self._champ_pour.setVisible(len(personnes) > 1)

    def choisir_patient(self, patient: PatientResume) -> None:
        """Select a patient (also after a creation)."""
        self._patient = patient
        self.patient.setText(f"{patient.nom_naissance} {patient.premier_prenom}, "
                             f"{dates.formater(patient.date_naissance)}")
        self.patient.setCursorPosition(0)
        self._champ_patient.montrer_faute("")
        self.liste.hide()
        self._aucun.hide()
        self.soins.setFocus(Qt.FocusReason.OtherFocusReason)

    def proposer(self, texte: str, patients: Sequence[PatientResume]) -> None:
        """Answer to `recherche`; an answer to another text is ignored."""
        if texte != self.patient.text().strip() or self._patient is not None:
            return
        self.liste.definir(patients[:30])
        self.liste.setVisible(bool(patients))
        self._aucun.setVisible(not patients and bool(texte))
        self._texte_aucun.setText("Aucun patient ne correspond.")

    def _patient_edite(self) -> None:
        self._patient = None
        self._attente.start()

    def _chercher(self) -> None:
        texte = self.patient.text().strip()
        if texte:
            self.recherche.emit(texte)
        else:
            self.liste.hide()
            self._aucun.hide()

    def _relire_heure(self) -> None:
        heure = lire_heure(self.heure.text())
        if heure is not None:
            self.heure.setText(heure)
            self._champ_heure.montrer_faute("")
        elif self.heure.text().strip():
            self._champ_heure.montrer_faute("Heure incomprise : écrivez 08:50 ou 850.")

    def _ajouter(self) -> None:
        heure = lire_heure(self.heure.text())
        if self._patient is None:
            self._champ_patient.montrer_faute("Choisissez un patient dans la liste.")
            self.patient.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if heure is None:
            self._champ_heure.montrer_faute("Heure nécessaire : écrivez 08:50 ou 850.")
            self.heure.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.ajoute.emit(DemandePassage(self._patient, heure, self.soins.text().strip(),
                                        int(self.duree.currentData()),
                                        LieuPassage(self.lieu.valeur),
                                        int(self.pour.currentData() or 0)
                                        if self.pour.currentIndex() > 0 else 0))

    def eventFilter(self, objet: QObject, event: QEvent) -> bool:
        """↑ ↓ Entrée act on the list while the caret stays in the field."""
        if (objet is self.patient and self.liste.isVisible()
                and event.type() == QEvent.Type.KeyPress):
            assert isinstance(event, QKeyEvent)
            match event.key():
                case Qt.Key.Key_Down:
                    self.liste.monter(1)
                    return True
                case Qt.Key.Key_Up:
                    self.liste.monter(-1)
                    return True
                case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                    if (p := self.liste.courant()) is not None:
                        self.choisir_patient(p)
                    return True
        return super().eventFilter(objet, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.ferme.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ajouter()
        else:
            super().keyPressEvent(event)
