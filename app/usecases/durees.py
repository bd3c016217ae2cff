"""A period that the practice sets: read and changed the same way, whatever it is about."""

from app.domain.duree_conservation import RegleDuree
from app.store.unite import Unite
from app.usecases.errors import Refus


def lire_duree(u: Unite, regle: RegleDuree) -> int:
    """Years, as the practice set them."""
    return int(u.reglages.lire(regle.cle, regle.annees))


def regler_duree(u: Unite, qui: str, regle: RegleDuree, annees: int, vues: int | None) -> None:
    """Set a period; the change is a line of the trail.

    :param vues: the rule as the user read it.
    :raises Refus: out of bounds, or a colleague has just set another one.
    """
    if not regle.mini <= annees <= regle.maxi:
        raise Refus(f"{regle.sujet} va de {regle.mini} à {regle.maxi} ans. Rien n’a été modifié.")
    actuelles = lire_duree(u, regle)
    if vues is not None and actuelles not in (vues, annees):
        raise Refus(f"{regle.sujet} vient d’être fixée à {actuelles} ans sur un autre poste. Rien "
                    "n’a été modifié\u00a0; relisez-la avant de la changer.", code="CONFLIT")
    u.reglages.ecrire(regle.cle, annees)
    u.trail.ecrire(qui=qui, quoi=regle.acte, resultat="ok", detail=f"{annees} ans")
