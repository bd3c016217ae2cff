"""State of the Pro Santé Connect session, as the window shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EtatSession:
    """`expire_le` is UTC ISO, empty when not connected."""

    connecte: bool = False
    nom: str = ""
    expire_le: str = ""
    possible: bool = True
    """False when no proxy is configured."""


@dataclass(frozen=True, slots=True)
class EtatService:
    """« Météo » of one national service. `depuis`, `prochain_essai`: UTC ISO or empty."""

    nom: str
    disponible: bool = True
    depuis: str = ""
    prochain_essai: str = ""
    message: str = ""
