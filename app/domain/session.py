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
    """All those that Pro Santé Connect knows, or that are written on the card."""
    carte: str = ""
    """Holder of the CPS that stands in for Pro Santé Connect; empty without one."""

    @property
    def a_choisir(self) -> bool:
        """Several situations d'exercice, and none chosen yet."""
        return self.authentifie and self.situation is None and len(self.situations) > 1

    @property
    def authentifie(self) -> bool:
        """The national services may be called: by Pro Santé Connect, or by the open card."""
        return self.connecte or bool(self.carte)

    @property
    def moyen(self) -> str:
        """By what, as the screens say it."""
        return "Carte CPS" if self.carte and not self.connecte else "Pro Santé Connect"


@dataclass(frozen=True, slots=True)
class EtatService:
    """« Météo » of one national service. `depuis`, `prochain_essai`: UTC ISO or empty."""

    nom: str
    disponible: bool = True
    depuis: str = ""
    prochain_essai: str = ""
    message: str = ""
