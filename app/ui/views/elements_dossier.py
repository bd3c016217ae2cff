"""Lines of the record that letters use: allergies, antecedents, treatments, measures, contacts."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.domain import dates
from app.domain.dossier_clinique import LIBELLES, ElementClinique, NatureElement
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, BoutonIcone, Champ, Elide, Etiquette, vider
from app.ui.views.formulaires import liste
from app.ui.views.messages import MessageEnLigne, PileMessages

_EXEMPLES = {
    NatureElement.ALLERGIE: ("Pénicilline", "urticaire"),
    NatureElement.ANTECEDENT: ("Diabète de type 2", "insulinorequérant"),
    NatureElement.TRAITEMENT: ("Ramipril 5 mg", "1 comprimé le matin"),
    NatureElement.MESURE: ("Pression artérielle", "128/80 mmHg"),
    NatureElement.CONTACT: ("Jean ADRUN (conjoint)", "06 12 34 56 78")}


class DialogueElements(Dialogue):
    """What the record holds, a line to add one more; each line may be taken back."""

    #: (nature, libelle, detail, AAAA-MM-JJ or empty).
    ajout_demande = Signal(str, str, str, str)
    retrait_demande = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Dossier du patient", parent, 760)
        self.expliquer("Écrit une fois, repris dans chaque courrier. Ce qui est retiré reste dans "
                       "l’historique du dossier.")
        zone = QWidget()
        colonne = QVBoxLayout(zone)
        colonne.setContentsMargins(20, 0, 20, 12)
        colonne.setSpacing(8)
        self.messages = PileMessages(marge=0)
        colonne.addWidget(self.messages)
        saisie = QHBoxLayout()
        saisie.setSpacing(8)
        self.nature = liste([(n.value, LIBELLES[n][0]) for n in NatureElement])
        self.nature.currentIndexChanged.connect(lambda _: self._exemple())
        self.libelle, self.detail, self.date = QLineEdit(), QLineEdit(), QLineEdit()
        self.date.setPlaceholderText("JJ/MM/AAAA")
        self.ajouter = Bouton("Ajouter", "principal", "plus")
        self.ajouter.setDefault(True)
        self.ajouter.clicked.connect(self._ajouter)
        saisie.addWidget(Champ("Nature", self.nature), 2)
        saisie.addWidget(Champ("Libellé", self.libelle), 3)
        saisie.addWidget(Champ("Précision ou valeur", self.detail), 3)
        saisie.addWidget(Champ("Date", self.date), 2)
        saisie.addWidget(self.ajouter, 0, Qt.AlignmentFlag.AlignBottom)
        colonne.addLayout(saisie)
        self._lignes = QVBoxLayout()
        self._lignes.setSpacing(2)
        colonne.addLayout(self._lignes, 1)
        self.corps.addWidget(zone)
        fermer = Bouton("Fermer", "second", touche="Échap")
        fermer.clicked.connect(self.reject)
        self.pied.addStretch(1)
        self.pied.addWidget(fermer)
        self._exemple()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.libelle.setFocus(Qt.FocusReason.OtherFocusReason)

    def definir(self, elements: Sequence[ElementClinique]) -> None:
        """Show what holds, by nature."""
        vider(self._lignes)
        for nature in NatureElement:
            siens = [e for e in elements if e.nature is nature]
            if not siens:
                continue
            self._lignes.addWidget(Etiquette(LIBELLES[nature][1], "small", "texte2", 600))
            for e in siens:
                self._lignes.addWidget(self._ligne(e))
        if not elements:
            self._lignes.addWidget(Etiquette("Rien n’est encore noté. Commencez par les "
                                             "allergies.", "body", "texte2"))
        self._lignes.addStretch(1)
        self.ajouter.setEnabled(True)

    def _ligne(self, e: ElementClinique) -> QWidget:
        ligne = QWidget()
        rangee = QHBoxLayout(ligne)
        rangee.setContentsMargins(8, 0, 0, 0)
        rangee.setSpacing(8)
        texte = " : ".join(x for x in (e.libelle, e.detail) if x)
        rangee.addWidget(Elide(texte, "body"), 1)
        rangee.addWidget(Etiquette(dates.formater(e.date) if e.date else "", "small", "texte2"))
        retirer = BoutonIcone("x", f"Retirer « {e.libelle} » du dossier", bordure=False)
        retirer.clicked.connect(lambda: self.retrait_demande.emit(e))
        rangee.addWidget(retirer)
        return ligne

    def _exemple(self) -> None:
        libelle, detail = _EXEMPLES[NatureElement(str(self.nature.currentData()))]
        self.libelle.setPlaceholderText(libelle)
        self.detail.setPlaceholderText(detail)

    def _ajouter(self) -> None:
        texte = self.date.text().strip()
        date = dates.lire_date_saisie(texte) if texte else ""
        if date is None:
            self.refuser("Cette date ne se lit pas. Écrivez JJ/MM/AAAA, ou laissez-la vide.")
            self.date.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.ajouter.setEnabled(False)
        self.ajout_demande.emit(str(self.nature.currentData()), self.libelle.text().strip(),
                                self.detail.text().strip(), date)

    def ajoute(self) -> None:
        """The line is in the record: room for the next one."""
        self.messages.vider()
        for champ in (self.libelle, self.detail, self.date):
            champ.clear()
        self.libelle.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuser(self, texte: str) -> None:
        """Nothing was written: why."""
        self.ajouter.setEnabled(True)
        self.messages.vider()
        self.messages.ajouter(MessageEnLigne("erreur", texte))
