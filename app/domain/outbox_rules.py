"""Decisions of the outbox: may it leave, and when to try again (`spec/dmp.md` §11 and §16)."""

from datetime import UTC, datetime, timedelta

from app.domain.consent import EpisodeSoins
from app.domain.dmp import EtatDmp
from app.domain.identity import Attribut, Identite
from app.domain.outbox import TRANSITIONS, EtatOrdre

#: First wait after a technical failure.
ATTENTE_MIN = timedelta(minutes=1)
#: Longest wait between two tries.
ATTENTE_MAX = timedelta(minutes=30)
#: Share of the wait that chance may add or take away.
PART_ALEA = 0.2

MOTIF_OPPOSITION = "Le patient s’oppose à l’alimentation de son DMP."
MOTIF_FICTIVE = "Identité fictive : rien n’est envoyé."
MOTIF_NON_QUALIFIEE = "Identité non qualifiée."
MOTIF_SANS_DMP = "Ce patient n’a pas de DMP."
MOTIF_FERME = "Le DMP de ce patient est fermé."


def envoi_possible(identite: Identite, episode: EpisodeSoins | None,
                   etat_dmp: EtatDmp | None) -> str:
    """French reason why nothing may be sent to the DMP now, or empty.

    Sending needs no consent to consultation and no authorisation of the professional: only a
    qualifiée identity, no opposition, and an active DMP. An unknown `etat_dmp` (None) does not
    forbid: the sending itself asks first.
    """
    if opposition(episode):
        return MOTIF_OPPOSITION
    if Attribut.FICTIVE in identite.attributs:
        return MOTIF_FICTIVE
    if not identite.matricule_transmissible:
        return MOTIF_NON_QUALIFIEE
    if etat_dmp is not None and not etat_dmp.existe:
        return MOTIF_SANS_DMP
    if etat_dmp is not None and not etat_dmp.ouvert:
        return MOTIF_FERME
    return ""


def opposition(episode: EpisodeSoins | None) -> bool:
    """True when the patient is opposed: the orders are cancelled, not delayed."""
    return episode is not None and episode.opposition_alimentation


def transition_permise(avant: EtatOrdre, apres: EtatOrdre) -> bool:
    """True when an order may go from one state to the other."""
    return apres in TRANSITIONS[avant]


def prochain_essai(essais: int, maintenant: datetime, alea: float = 0.5) -> datetime:
    """When to try again after `essais` failed tries: 1 min, doubled each time, at most 30 min.

    Args:
        essais: number of tries already made, 1 or more.
        maintenant: aware.
        alea: a number drawn in [0, 1]; it moves the wait by 20 % at most, so that workstations
            do not all come back at once. 0.5 moves nothing.

    Returns:
        The instant, in UTC; the wait is never under 1 min nor over 30 min.
    """
    # Beyond five doublings the ceiling holds; a larger power would overflow.
    attente = ATTENTE_MIN * (1 << min(max(essais - 1, 0), 5))
    attente = min(attente, ATTENTE_MAX) * (1 + PART_ALEA * (2 * min(max(alea, 0.0), 1.0) - 1))
    return maintenant.astimezone(UTC) + min(max(attente, ATTENTE_MIN), ATTENTE_MAX)
