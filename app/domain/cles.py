"""What is known of the keys of a practice, for the screens. No secret here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EtatCles:
    """State of the keys. Dates are ISO local with offset, "" = since the practice was created."""

    cle_le: str = ""
    """Last change of the key of the file."""
    secours_le: str = ""
    """Last change of the recovery key."""
    trousseau: str = ""
    """French name of the system's key store; "" = this workstation has none."""
    trousseau_actif: bool = False
    """This account opens the practice from this workstation's key store."""
    gestionnaire: bool = False
    """The user may change the keys of the practice."""
    serveur: bool = False
    """The practice lies on a server: the key encrypts its backups, not its database."""
