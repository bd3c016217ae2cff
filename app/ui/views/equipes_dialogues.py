"""Dialogs of the teams: what is given to whom and until when, who is in a team."""

from collections.abc import Mapping
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from app.domain.dates import formater, lire_date_saisie
from app.domain.equipes import Equipe, Geste, Membre
from app.ui import theme
from app.ui.models.tournee import lire_heure
from app.ui.views.case_longue import CaseLongue
from app.ui.views.dialogue_geste import DialogueGeste
from app.ui.views.elements import Champ, Etiquette
from app.ui.views.formulaires import choisir, liste

#: The gestures as the one who gives them says them.
_MIENS = {Geste.AGENDA: "Tenir mon agenda", Geste.REDIGER: "Préparer mes documents",
          Geste.CONSENTEMENT: "Noter le consentement de mes patients"}


def _champ_date(iso: str = "", nom: str = "") -> QLineEdit:
    champ = QLineEdit(formater(iso) if iso else "")
    champ.setPlaceholderText("JJ/MM/AAAA")
    champ.setAccessibleName(nom)
    return champ


def _champ_heure(nom: str) -> QLineEdit:
    champ = QLineEdit()
    champ.setPlaceholderText("00:00")
    champ.setMaxLength(8)
    champ.setAccessibleName(f"{nom}, heure facultative")
    return champ


def _date(champ: QLineEdit) -> str | None:
    """AAAA-MM-JJ, "" when empty, None when it isn't understood."""
    texte = champ.text().strip()
    return lire_date_saisie(texte) if texte else ""


class DialogueDelegation(DialogueGeste):
    """To whom, what, from a day to a day, or from a minute to a minute."""

    #: (account, frozenset of Geste, from, to, reason); bounds as `Delegation` has them
    valide = Signal(int, object, str, str, str)

    def __init__(self, noms: Mapping[int, str], gestes: tuple[Geste, ...],
                 parent: QWidget) -> None:
        super().__init__(
            "Confier à quelqu’un", "Cette personne agira pour vous entre deux dates\u00a0; le "
            "journal dira qui a fait quoi pour qui. Ce qu’elle prépare ne part jamais sans vous"
            "\u00a0: vous seul validez. Vous reprenez une délégation quand vous voulez.",
            "Confier", parent)
        self.a_qui = liste([("", "Choisissez…"), *((str(i), nom) for i, nom in noms.items())])
        if len(noms) == 1:
            choisir(self.a_qui, str(next(iter(noms))))
        self.contenu.addWidget(Champ("À qui", self.a_qui))
        self.contenu.addWidget(Etiquette("Ce que vous confiez", "small", "texte2", 500))
        grille = QGridLayout()
        grille.setHorizontalSpacing(16)
        self.cases = {geste: QCheckBox(_MIENS[geste]) for geste in gestes}
        if len(self.cases) == 1:
            next(iter(self.cases.values())).setChecked(True)
        for rang, case in enumerate(self.cases.values()):
            grille.addWidget(case, rang // 2, rang % 2)
        self.contenu.addLayout(grille)
        rangee = QHBoxLayout()
        rangee.setSpacing(12)
        self.du = _champ_date(date.today().isoformat(), "Premier jour")
        self.au = _champ_date("", "Dernier jour")
        self.du_heure, self.au_heure = _champ_heure("À partir de"), _champ_heure("Jusqu’à")
        for libelle, champ, large in (("Premier jour", self.du, 3), ("Dès", self.du_heure, 2),
                                      ("Dernier jour", self.au, 3), ("Jusqu’à", self.au_heure, 2)):
            rangee.addWidget(Champ(libelle, champ), large)
        self.contenu.addLayout(rangee)
        aide = Etiquette("Sans heures, les deux jours comptent entiers.", "small", "texte2")
        aide.setWordWrap(True)
        self.contenu.addWidget(aide)
        self.motif = QLineEdit()
        self.motif.setMaxLength(120)
        self.motif.setPlaceholderText("Congé, formation…")
        self.contenu.addWidget(Champ("Motif, facultatif", self.motif))
        self.bouton.clicked.connect(self._valider)

    def showEvent(self, event: QShowEvent) -> None:
        """The keyboard begins with the person."""
        super().showEvent(event)
        self.a_qui.setFocus(Qt.FocusReason.TabFocusReason)

    def _valider(self) -> None:
        if not self.a_qui.currentData():
            self.a_qui.setFocus()
            self.refuser("Choisissez à qui vous confiez.")
            return
        gestes = frozenset(g for g, case in self.cases.items() if case.isChecked())
        if not gestes:
            next(iter(self.cases.values())).setFocus()
            self.refuser("Cochez ce que vous confiez.")
            return
        bornes = []
        for champ, heure, nom in ((self.du, self.du_heure, "premier jour"),
                                  (self.au, self.au_heure, "dernier jour")):
            jour = _date(champ)
            if not jour:
                champ.setFocus()
                self.refuser(f"Indiquez le {nom}\u00a0: JJ/MM/AAAA.")
                return
            lue = lire_heure(heure.text()) if heure.text().strip() else ""
            if lue is None:
                heure.setFocus()
                self.refuser("Heure incomprise\u00a0: écrivez 08:50 ou 850, ou rien pour le jour "
                             "entier.")
                return
            bornes.append(f"{jour}T{lue}" if lue else jour)
        self.bouton.setEnabled(False)
        self.valide.emit(int(self.a_qui.currentData()), gestes, *bornes,
                         self.motif.text().strip())


class DialogueEquipe(DialogueGeste):
    """Name of a team, its members and their days."""

    #: (Equipe)
    valide = Signal(object)

    def __init__(self, equipe: Equipe, noms: Mapping[int, str], parent: QWidget) -> None:
        super().__init__(
            f"Équipe {equipe.nom}" if equipe.id else "Nouvelle équipe",
            "Ce qu’un patient répond à un membre vaut pour toute l’équipe. Sans dates, la personne "
            "en est jusqu’à ce que vous l’en retiriez.",
            "Enregistrer" if equipe.id else "Créer l’équipe", parent, 620)
        self._equipe = equipe
        self.nom = QLineEdit(equipe.nom)
        self.nom.setMaxLength(80)
        self.nom.setPlaceholderText("Secteur nord, équipe du matin…")
        self.contenu.addWidget(Champ("Nom de l’équipe", self.nom))
        grille = QGridLayout()
        grille.setHorizontalSpacing(12)
        grille.setVerticalSpacing(6)
        grille.setColumnStretch(0, 1)
        for rang, texte in enumerate(("Membres", "Du", "Au, compris")):
            grille.addWidget(Etiquette(texte, "small", "texte2", 500), 0, rang)
        connus = {m.compte_id: m for m in equipe.membres}
        self.lignes: dict[int, tuple[QCheckBox, QLineEdit, QLineEdit]] = {}
        for rang, (compte, nom) in enumerate(noms.items(), 1):
            membre = connus.get(compte, Membre(compte))
            ligne = CaseLongue(nom)
            case = ligne.case
            du = _champ_date(membre.du, f"{nom}, du")
            au = _champ_date(membre.au, f"{nom}, au")
            for colonne, champ in enumerate((du, au), 1):
                theme.poser(champ, largeur_max=130)
                champ.setEnabled(False)
                case.toggled.connect(champ.setEnabled)
                grille.addWidget(champ, rang, colonne)
            case.setChecked(compte in connus)
            grille.addWidget(ligne, rang, 0)
            self.lignes[compte] = (case, du, au)
        self.contenu.addLayout(grille)
        self.active = QCheckBox("Équipe en activité")
        self.active.setChecked(equipe.active)
        self.active.setVisible(bool(equipe.id))
        self.contenu.addWidget(self.active)
        self.bouton.clicked.connect(self._valider)

    def showEvent(self, event: QShowEvent) -> None:
        """The keyboard begins with the name."""
        super().showEvent(event)
        self.nom.setFocus(Qt.FocusReason.TabFocusReason)

    def _valider(self) -> None:
        membres = []
        for compte, (case, du, au) in self.lignes.items():
            if not case.isChecked():
                continue
            jours = []
            for champ in (du, au):
                jour = _date(champ)
                if jour is None:
                    champ.setFocus()
                    self.refuser(f"Date incomprise\u00a0: «\u00a0{champ.text().strip()}\u00a0». "
                                 "Écrivez JJ/MM/AAAA.")
                    return
                jours.append(jour)
            membres.append(Membre(compte, *jours))
        self.bouton.setEnabled(False)
        self.valide.emit(Equipe(self._equipe.id, self.nom.text().strip(), tuple(membres),
                                self.active.isChecked(), self._equipe.version))
