"""What leaves the file by the user’s hand: printed, saved outside, copied (traced)."""

from enum import StrEnum

from app.usecases.context import Contexte
from app.usecases.garde import libre


class Sortie(StrEnum):
    """How it left."""

    IMPRESSION = "impression"
    ENREGISTREMENT = "enregistrement"
    PRESSE_PAPIERS = "presse_papiers"


@libre("trace ce que la fenêtre a déjà sous les yeux")
def noter_sortie(ctx: Contexte, sortie: Sortie, objet: str, patient_id: int | None = None,
                 resultat: str = "ok") -> None:
    """Trace a printing, a file saved outside, an identity copied.

    :param objet: what, without content (« document 12 », « matricule »). :param resultat: « ok »,
        « abandon » or « echec ».
    """
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi=f"sortie.{sortie.value}",
                       sur_qui="" if patient_id is None else str(patient_id), resultat=resultat,
                       detail=objet[:120])
