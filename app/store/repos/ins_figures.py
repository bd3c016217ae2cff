"""What the dashboard TBB.INS.02 counts: who was seen, and the identity that each had then."""

from collections.abc import Sequence

from sqlalchemy import func, select, union

from app.domain.agenda import EtatPassage
from app.domain.identity import Identite
from app.store import coding
from app.store.repos.base import Depot
from app.store.tables import T_IDENTITE_HISTORIQUE, T_OBSERVATION, T_PASSAGE

_LOT = 500
_VU = (EtatPassage.FAIT.value, EtatPassage.EN_COURS.value)


class TableauIns(Depot):
    """Repository of the dashboard."""

    def vus(self, debut: str, fin: str, professionnels: Sequence[int]) -> list[int]:
        """Patients seen from day `debut` to day `fin` (excluded) by accounts, each once.

        Seen: a visit done or going on, or a note written that day.
        """
        p, o = T_PASSAGE.c, T_OBSERVATION.c
        jour = func.substr(o.horodatage, 1, 10)
        requete = union(
            select(p.patient_id).where(
                p.jour >= debut, p.jour < fin, p.etat.in_(_VU), p.patient_id.is_not(None),
                p.professionnel_id.in_(professionnels)),
            select(o.patient_id).where(jour >= debut, jour < fin,
                                       o.auteur_id.in_(professionnels)))
        return sorted(self._c.execute(requete).scalars())

    def identites_au(self, fin: str, ids: Sequence[int]) -> dict[int, Identite]:
        """Identity of each patient at the beginning of day `fin`, from the histories.

        A past month thus keeps its figures, whatever happens since.
        """
        h = T_IDENTITE_HISTORIQUE.c
        trouvees: dict[int, Identite] = {}
        for debut in range(0, len(ids), _LOT):
            lot = list(ids[debut:debut + _LOT])
            dernieres = (select(func.max(h.id)).where(h.patient_id.in_(lot), h.horodatage < fin)
                         .group_by(h.patient_id))
            for ligne in self._c.execute(
                    select(h.patient_id, h.identite).where(h.id.in_(dernieres))):
                trouvees[ligne.patient_id] = coding.lire_identite(ligne.identite)
        return trouvees

    def premier_jour(self) -> str:
        """First day with a visit or a note, empty when there is none."""
        jours = [j for j in (
            self._c.execute(select(func.min(T_PASSAGE.c.jour))).scalar(),
            self._c.execute(select(func.min(T_OBSERVATION.c.horodatage))).scalar()) if j]
        return min(jours)[:10] if jours else ""
