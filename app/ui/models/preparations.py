"""What « À valider » says of a prepared document. No Qt."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.preparations import EtatPreparation, GenrePreparation, LignePreparation

#: Icon of what is prepared.
ICONES = {GenrePreparation.COURRIER: "file-text", GenrePreparation.FORMULAIRE: "clipboard-check"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """State of a line: words, icon, colour role."""

    texte: str
    icone: str
    role: str


def quand(iso: str) -> str:
    """« 29/11 à 10:42 », or the hour alone for today."""
    lu = datetime.fromisoformat(iso)
    aujourdhui = datetime.now(lu.tzinfo).date()
    return f"{lu:%H:%M}" if lu.date() == aujourdhui else f"{lu:%d/%m à %H:%M}"


def pour_moi(ligne: LignePreparation) -> Verdict:
    """What the professional reads."""
    if ligne.sans_suite:
        return Verdict(f"Laissé par {ligne.par} : délégation terminée", "alert-triangle",
                       "alerte")
    match ligne.preparation.etat:
        case EtatPreparation.A_VALIDER:
            return Verdict(f"Préparé par {ligne.par}", "list-check", "accent")
        case EtatPreparation.RENVOYEE:
            return Verdict(f"Renvoyé à {ligne.par}", "arrow-back-up", "texte2")
    return Verdict(f"{ligne.par} l’écrit", "pencil", "texte2")


def par_moi(ligne: LignePreparation) -> Verdict:
    """What who prepared it reads."""
    match ligne.preparation.etat:
        case EtatPreparation.A_VALIDER:
            return Verdict(f"À valider par {ligne.pour}", "clock", "info")
        case EtatPreparation.RENVOYEE:
            return Verdict(f"Renvoyé : {ligne.preparation.motif}", "arrow-back-up", "alerte")
        case EtatPreparation.VALIDEE:
            return Verdict(f"Validé par {ligne.pour}", "check", "succes")
        case EtatPreparation.ECARTEE:
            return Verdict("Écarté", "ban", "texte2")
    if ligne.sans_suite:
        return Verdict(f"Délégation terminée, laissé à {ligne.pour}", "ban", "texte2")
    return Verdict(f"En préparation pour {ligne.pour}", "pencil", "texte2")
