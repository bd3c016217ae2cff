"""How far this workstation saw the trail go, kept outside the file (IAM.91).

The chain proves that no line was changed. It doesn't prove that its end is still there when who has
the key cut it and set the head back, nor that the file isn't an older copy put in its place. Beside
the vault, the workstation remembers the last line that it saw, sealed by the key of the file.
"""

import hmac
import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from app.store.files import ecrire_durablement
from app.store.places import SUFFIXE_COFFRE, chemin_coffre
from app.store.repos.trail import Repere, Trail

_TAILLE_MAX = 4096


def fichier_repere(emplacement: Path | str) -> Path:
    """Where it is kept."""
    coffre = chemin_coffre(emplacement)
    return coffre.with_name(coffre.name.removesuffix(SUFFIXE_COFFRE) + ".repere.json")


def _sceau(repere: Repere, cle: bytes) -> str:
    texte = json.dumps(["pleiade/repere", repere.numero, repere.empreinte])
    return hmac.new(cle, texte.encode(), sha256).hexdigest()


def lire(emplacement: Path | str, cle: bytes) -> Repere | None:
    """What was kept; None when it is missing, or wasn't written with this key."""
    try:
        with fichier_repere(emplacement).open("rb") as ouvert:
            brut = json.loads(ouvert.read(_TAILLE_MAX))
        repere = Repere(int(brut["numero"]), str(brut["empreinte"]))
        return repere if hmac.compare_digest(_sceau(repere, cle), str(brut["sceau"])) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def poser(emplacement: Path | str, cle: bytes, repere: Repere) -> None:
    """Keep the last line seen. :raises OSError: the folder refuses."""
    contenu = asdict(repere) | {"sceau": _sceau(repere, cle)}
    ecrire_durablement(fichier_repere(emplacement), json.dumps(contenu).encode())


def comparer(trail: Trail, repere: Repere) -> str:
    """Why a whole chain isn't the one that this workstation saw; empty when it is."""
    tete = trail.tete()
    if tete.numero < repere.numero:
        return (f"ce poste avait vu la ligne {repere.numero}, le journal s’arrête à la ligne "
                f"{tete.numero}\u00a0: sa fin a été coupée, ou le dossier est une copie plus "
                "ancienne")
    if trail.empreinte_de(repere.numero) not in (repere.empreinte, None):
        return (f"la ligne {repere.numero} n’est plus celle que ce poste avait vue\u00a0: la fin a "
                "été récrite, ou le dossier est une autre copie")
    return ""
