"""State of the Pro Santé Connect session, as the window shows it."""

from dataclasses import dataclass

from app.domain.people import SituationExercice


@dataclass(frozen=True, slots=True)
class EtatSession:
    """`expire_le` is UTC ISO, empty when not connected."""

    connecte: bool = False
    nom: str = ""
    expire_le: str = ""
    possible: bool = True
    """False when no proxy is configured."""
    situation: SituationExercice | None = None
    """As what, and where, the professional acts; None while it is to be chosen."""
    situations: tuple[SituationExercice, ...] = ()
    """All those that Pro Santé Connect knows."""

    @property
    def a_choisir(self) -> bool:
        """Several situations d'exercice, and none chosen yet."""
        return self.connecte and self.situation is None and len(self.situations) > 1


@dataclass(frozen=True, slots=True)
class EtatService:
    """« Météo » of one national service. `depuis`, `prochain_essai`: UTC ISO or empty."""

    nom: str
    disponible: bool = True
    depuis: str = ""
    prochain_essai: str = ""
    message: str = ""
