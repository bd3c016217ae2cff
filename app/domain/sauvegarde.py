"""Values of the backups: settings, one backup, what is known of them (GEN.21.BIS)."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ReglagesSauvegarde:
    """Settings of the scheduled backup. `dossier` empty = `sauvegardes` beside the file."""

    active: bool = True
    intervalle_h: int = 24
    dossier: str = ""
    jours: int = 7
    semaines: int = 4
    mois: int = 12
    rappel_jours: int = 3
    """Days without a good backup before a reminder."""
    disque_a_part: bool = False
    """The folder was on another disk than the practice when it was chosen or last used: found on
    the same one, the disk is unplugged and only its empty mount point is left."""


@dataclass(frozen=True, slots=True)
class Sauvegarde:
    """One backup found in a folder. `cree_le` is local, from its name."""

    chemin: Path
    cree_le: datetime
    taille: int
    avec_coffre: bool


@dataclass(frozen=True, slots=True)
class EtatSauvegardes:
    """What is known of the backups. Dates are ISO local with offset, "" = never."""

    reussie_le: str = ""
    chemin: str = ""
    taille: int = 0
    echec_le: str = ""
    """Date of the last failure since the last good backup."""
    echec: str = ""
    """Its French sentence."""
    rappel: str = ""
    """French sentence when the user must act, else ""."""
    meme_disque: bool = False
    """The folder is on the disk of the file: a broken or stolen disk takes both."""
