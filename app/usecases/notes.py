"""The note being written: kept every two seconds, found again when the file is opened.

The same person may write on two workstations: each keeps its own piece. Who opens the file finds
them all, one after the other, and from then on is the one that holds them.
"""

from app.domain.concurrence import reunir
from app.domain.roles import Droit
from app.store.unite import Unite
from app.usecases.context import Contexte
from app.usecases.garde import exige, libre

_DEBUT = "brouillon_observation:"


def _cle(ctx: Contexte, patient_id: int) -> str:
    return f"{_DEBUT}{ctx.compte_id}:{patient_id}"


def cles_du_patient(u: Unite, patient_id: int) -> list[str]:
    """Settings that hold unfinished notes about a patient, whoever writes them."""
    return [cle for cle in u.reglages.cles(_DEBUT) if cle.endswith(f":{patient_id}")]


def _morceaux(u: Unite, cle: str) -> dict[str, str]:
    """Workstation -> its piece; a file of an older program has one piece."""
    brut = u.reglages.lire(cle, {})
    if isinstance(brut, str):
        return {"": brut} if brut else {}
    return {str(poste): str(texte) for poste, texte in dict(brut or {}).items() if texte}


@exige(Droit.CLINIQUE_ECRIRE)
def garder_brouillon_note(ctx: Contexte, patient_id: int, texte: str) -> None:
    """Keep the unfinished note of this professional for this patient; "" forgets it.

    What another workstation wrote since this one opened the file stays.
    """
    cle, poste = _cle(ctx, patient_id), ctx.store.poste
    with ctx.memoire.verrou:
        repris = ctx.memoire.notes.get(patient_id, {})
    with ctx.store.ecriture() as u:
        avant = _morceaux(u, cle)
        apres = {p: t for p, t in avant.items() if p != poste and repris.get(p) != t}
        if texte:
            apres[poste] = texte
        if apres != avant:
            u.reglages.ecrire(cle, apres)


@libre("son propre brouillon")
def brouillon_note(ctx: Contexte, patient_id: int) -> str:
    """The unfinished note, "" without one; the pieces of several workstations together."""
    with ctx.store.lecture() as u:
        morceaux = _morceaux(u, _cle(ctx, patient_id))
    with ctx.memoire.verrou:
        ctx.memoire.notes[patient_id] = morceaux
    return reunir(morceaux.values())
