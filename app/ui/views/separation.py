"""Traits of one person in a dialog, and the choice of what belongs to whom (collision)."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.domain import dates
from app.domain.document import FicheDocument
from app.domain.identity import Traits
from app.domain.patient import Observation
from app.ui.views.case_longue import CaseLongue
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Champ, Etiquette
from app.ui.views.nouveau_patient import DialogueNouveauPatient

#: Shortest reason accepted.
MOTIF_MIN = 5
_EXTRAIT = 110


class DialogueTraits(DialogueNouveauPatient):
    """The five traits of a person, filled with those of a file: edited, not created.

    Args:
        lieu: display form of the birthplace of `traits`.
        motif: ask why too (strict traits of a locked identity).
    """

    #: Traits, reason ("" when none was asked).
    valide = Signal(object, str)

    def __init__(self, titre: str, explication: str, verbe: str, traits: Traits, lieu: str,
                 parent: QWidget, *, motif: bool = False) -> None:
        super().__init__(traits, parent, explication)
        self.renommer(titre)
        self.expliquer(explication)
        self.creer.setText(verbe)
        self.creer.definir_icone("check")
        self.prenoms.setText(traits.prenoms)
        self.nom_utilise.setText(traits.nom_utilise)
        self._initiaux = traits
        self._cog = traits.lieu_naissance
        self.lieu.setText(lieu)
        # A file like this one exists: nothing to warn about.
        self._attente.stop()
        self.motif: QLineEdit | None = None
        if motif:
            self.motif = QLineEdit()
            self.motif.setMaxLength(500)
            self.motif.setPlaceholderText("Erreur de saisie, acte d’état civil vu…")
            self._champ_motif = Champ("Motif, gardé dans l’historique de l’identité", self.motif)
            marge = QWidget()
            boite = QVBoxLayout(marge)
            boite.setContentsMargins(20, 0, 20, 16)
            boite.addWidget(self._champ_motif)
            marge.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
            self.corps.addWidget(marge)
        self.cree.connect(self._emettre)

    def _chercher(self) -> None:
        """No search of look-alikes: the file is known."""

    def _creer(self) -> None:
        if self.motif is not None and len(self.motif.text().strip()) < MOTIF_MIN:
            self._champ_motif.montrer_faute("Écrivez le motif en quelques mots.")
            self.motif.setFocus()
            return
        super()._creer()

    def _emettre(self, traits: Traits, _force: bool) -> None:
        complets = replace(traits, prenom_utilise=self._initiaux.prenom_utilise)
        self.valide.emit(complets, self.motif.text().strip() if self.motif else "")


class DialogueSeparation(Dialogue):
    """Tick what belongs to the other person. `separe`: ids by table, reason."""

    separe = Signal(object, str)

    def __init__(self, autre: Traits, observations: Sequence[Observation],
                 documents: Sequence[FicheDocument], parent: QWidget) -> None:
        super().__init__("Que revient-il à l’autre personne ?", parent, largeur=760)
        self.expliquer(f"Cochez ce qui concerne {autre.nom_naissance} {autre.premier_prenom}. Le "
                       "reste demeure dans ce dossier, noté douteux jusqu’à votre contrôle.")
        colonne = QVBoxLayout()
        colonne.setContentsMargins(20, 4, 20, 8)
        colonne.setSpacing(6)
        self._cases: dict[tuple[str, int], QCheckBox] = {}
        for titre, table, lignes in (
                ("Documents", "document",
                 [(d.id, f"{dates.formater(d.date_acte)[:10]}, {d.titre}, {d.auteur}")
                  for d in documents]),
                ("Observations", "observation",
                 [(o.id, f"{dates.formater(o.horodatage)[:10]}, {o.auteur}. {_extrait(o.texte)}")
                  for o in observations])):
            colonne.addWidget(Etiquette(f"{titre} ({len(lignes)})", "trait", "texte", 600))
            for id, texte in lignes:
                ligne = CaseLongue(texte)
                ligne.case.toggled.connect(lambda _: self._compter())
                self._cases[(table, id)] = ligne.case
                colonne.addWidget(ligne)
            if not lignes:
                colonne.addWidget(Etiquette("Aucun", "body", "texte2"))
        self.corps.addLayout(colonne)
        bas = QWidget()
        rangee = QHBoxLayout(bas)
        rangee.setContentsMargins(20, 4, 20, 14)
        self.motif = QLineEdit()
        self.motif.setMaxLength(500)
        self._champ = Champ("Motif, gardé dans les deux historiques", self.motif)
        self.motif.textEdited.connect(lambda _: self._champ.montrer_faute(""))
        rangee.addWidget(self._champ)
        self.corps.addWidget(bas)
        sage = Bouton("Annuler", "second", touche="Échap")
        sage.clicked.connect(self.reject)
        self.separer = Bouton("Séparer", "principal", "users")
        self.separer.clicked.connect(self._separer)
        self._resume = Etiquette("", "body", "texte2")
        self.pied.addWidget(self._resume)
        self.pied.addStretch(1)
        self.pied.addWidget(sage)
        self.pied.addWidget(self.separer)
        self._compter()

    def choisis(self) -> dict[str, list[int]]:
        """Ids ticked, by table."""
        faits: dict[str, list[int]] = {}
        for (table, id), case in self._cases.items():
            if case.isChecked():
                faits.setdefault(table, []).append(id)
        return faits

    def cocher(self, table: str, id: int) -> None:
        """Tick one line."""
        self._cases[(table, id)].setChecked(True)

    def _compter(self) -> None:
        nombre = sum(len(x) for x in self.choisis().values())
        self._resume.setText(f"{nombre} à déplacer" if nombre else "Rien n’est coché")

    def _separer(self) -> None:
        motif = self.motif.text().strip()
        if len(motif) < MOTIF_MIN:
            self._champ.montrer_faute("Écrivez le motif en quelques mots.")
            self.motif.setFocus()
            return
        self.separe.emit(self.choisis(), motif)
        self.accept()


def _extrait(texte: str) -> str:
    """First words of a note, on one line."""
    court = " ".join(texte.split())
    if len(court) > _EXTRAIT:
        court = court[:_EXTRAIT].rstrip() + "…"
    return court
