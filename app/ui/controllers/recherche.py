"""Search everywhere: patients, recent files and actions under one field."""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QObject, Signal

from app.domain import dates, matricule
from app.domain.libelles import ATTRIBUTS
from app.domain.names import cle_recherche
from app.domain.patient import PatientResume
from app.ui.fenetre import Fenetre
from app.ui.models.recherche import Resultat
from app.ui.workers import Tache, Workers
from app.usecases import patients
from app.usecases.context import Contexte

#: Patients shown at most; actions take the rest of the eight rows.
LIMITE = 6
RECENTS = 5


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do from the field. `mots` is what finds it beside its title."""

    code: str
    titre: str
    icone: str
    faire: Callable[[], object]
    mots: str = ""
    touche: str = ""


def detail_patient(patient: PatientResume, aujourd_hui: date) -> str:
    """« 31/12/1975, 50 ans, F », then used name and attributes."""
    morceaux = [dates.formater(patient.date_naissance),
                dates.age(patient.date_naissance, aujourd_hui), patient.sexe]
    if patient.nom_utilise and patient.nom_utilise != patient.nom_naissance:
        morceaux.append(f"utilise {patient.nom_utilise}")
    morceaux += [ATTRIBUTS[a].lower() for a in sorted(patient.attributs)]
    return ", ".join(m for m in morceaux if m)


def resultat_patient(patient: PatientResume, groupe: str, aujourd_hui: date) -> Resultat:
    """A patient as a row."""
    return Resultat(groupe, f"patient:{patient.id}",
                    f"{patient.nom_naissance} {patient.premier_prenom}",
                    detail_patient(patient, aujourd_hui), statut=patient.statut)


def fautes_matricule(texte: str) -> list[str]:
    """What is wrong with a text that looks like a whole matricule; empty when it doesn't."""
    compact = re.sub(r"[\s.]", "", texte).upper()
    if not re.fullmatch(r"[12378][0-9]{4}[0-9AB][0-9AB][0-9]{8}", compact):
        return []
    return matricule.verifier(compact)


class RechercheController(QObject):
    """Answers the field of the bar. The last question wins."""

    patient_demande = Signal(int)
    #: Text proposed as the birth name.
    nouveau_demande = Signal(str)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._champ = fenetre.barre.recherche
        self._workers, self._ctx = workers, ctx
        self._actions: list[Action] = []
        self._recents: OrderedDict[int, None] = OrderedDict()
        self._tache: Tache | None = None
        self._dernier_texte = ""
        self._champ.cherche.connect(self._chercher)
        self._champ.choisi.connect(self._choisi)

    def ajouter_action(self, action: Action) -> None:
        """Offer an action."""
        self._actions.append(action)

    def noter_recent(self, patient_id: int) -> None:
        """A file was opened: it comes first before typing."""
        self._recents[patient_id] = None
        self._recents.move_to_end(patient_id, last=False)
        while len(self._recents) > RECENTS:
            self._recents.popitem()

    def _chercher(self, texte: str) -> None:
        self._dernier_texte = texte
        if self._tache is not None:
            self._tache.annuler()
        if not texte:
            recents = list(self._recents)
            if not recents:
                self._montrer(texte, [])
                return
            self._tache = self._workers.submit(
                patients.resumes, self._ctx, recents, queue="recherche", proprietaire=self,
                on_done=lambda r: self._montrer(texte, self._ranger(recents, r)))
            return
        self._tache = self._workers.submit(
            patients.chercher, self._ctx, texte, LIMITE, queue="recherche", proprietaire=self,
            on_done=lambda r: self._montrer(texte, r))

    @staticmethod
    def _ranger(ids: list[int], resumes: list[PatientResume]) -> list[PatientResume]:
        par_id = {r.id: r for r in resumes}
        return [par_id[i] for i in ids if i in par_id]

    def _montrer(self, texte: str, trouves: list[PatientResume]) -> None:
        aujourd_hui = date.today()
        groupe = "Patients" if texte else "Dossiers récents"
        resultats = [resultat_patient(p, groupe, aujourd_hui) for p in trouves]
        if texte and not trouves:
            fautes = fautes_matricule(texte)
            phrase = fautes[0] if fautes else f"Aucun patient ne correspond à « {texte} »."
            resultats.append(Resultat(groupe, "", phrase, icone="info-circle"))
        resultats += self._actions_pour(texte)
        self._champ.montrer(resultats)

    def _actions_pour(self, texte: str) -> list[Resultat]:
        lignes = []
        mots = cle_recherche(texte).split()
        for action in self._actions:
            cles = cle_recherche(f"{action.titre} {action.mots}").split()
            if not mots or all(any(c.startswith(m) for c in cles) for m in mots):
                lignes.append(Resultat("Actions", f"action:{action.code}", action.titre,
                                       icone=action.icone, touche=action.touche))
        if texte and not any(c.isdigit() for c in texte):
            # Last: a word that names an action is rarely the name of a new patient.
            lignes = [*lignes[:3], Resultat("Actions", "creer", f"Nouveau patient « {texte} »",
                                            icone="user-plus", touche="Ctrl+N")]
        return lignes[:6]

    def _choisi(self, cle: str) -> None:
        genre, _, reste = cle.partition(":")
        if genre == "patient":
            self.patient_demande.emit(int(reste))
        elif genre == "creer":
            self.nouveau_demande.emit(self._dernier_texte)
        else:
            action = next((a for a in self._actions if a.code == reste), None)
            if action is not None:
                action.faire()
