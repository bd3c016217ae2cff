"""The note being written: kept every two seconds, found again when the file is opened."""

from app.domain.roles import Droit
from app.usecases.context import Contexte
from app.usecases.garde import exige, libre


def _cle(ctx: Contexte, patient_id: int) -> str:
    return f"brouillon_observation:{ctx.compte_id}:{patient_id}"


@exige(Droit.CLINIQUE_ECRIRE)
def garder_brouillon_note(ctx: Contexte, patient_id: int, texte: str) -> None:
    """Keep the unfinished note of this professional for this patient; "" forgets it."""
    with ctx.store.ecriture() as u:
        if texte or u.reglages.lire(_cle(ctx, patient_id), ""):
            u.reglages.ecrire(_cle(ctx, patient_id), texte)


@libre("son propre brouillon")
def brouillon_note(ctx: Contexte, patient_id: int) -> str:
    """The unfinished note, "" without one."""
    with ctx.store.lecture() as u:
        return str(u.reglages.lire(_cle(ctx, patient_id), ""))
