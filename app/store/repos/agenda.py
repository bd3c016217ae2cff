"""Visits and appointments."""

from typing import Any

from sqlalchemy import delete, insert, select

from app.domain.agenda import EtatPassage, LieuPassage, Passage
from app.store import coding
from app.store.errors import Introuvable
from app.store.repos.base import Depot
from app.store.tables import T_DMP_LISTE, T_PASSAGE, T_PATIENT

_PASSAGE = [T_PASSAGE.c[c] for c in ("id", "jour", "heure", "professionnel_id", "soins", "duree",
                                     "lieu", "etat", "adresse", "version")]
_RESUME = [T_PATIENT.c[c].label(f"p_{c}") for c in coding.CHAMPS_RESUME]


class Agenda(Depot):
    """Repository of the visits."""

    def ajouter(self, jour: str, heure: str, professionnel_id: int, patient_id: int | None,
                soins: str = "", duree: int = 15, lieu: LieuPassage = LieuPassage.DOMICILE,
                adresse: str = "") -> Passage:
        """Add a visit. `jour` AAAA-MM-JJ, `heure` HH:MM local, `duree` in minutes."""
        id = self._c.execute(insert(T_PASSAGE).values(
            jour=jour, heure=heure, professionnel_id=professionnel_id, patient_id=patient_id,
            soins=soins, duree=duree, lieu=lieu.value, etat=EtatPassage.A_VENIR.value,
            adresse=adresse, version=1)).inserted_primary_key[0]  # type: ignore[index]
        return self.lire(id)

    def lire(self, id: int) -> Passage:
        """A visit. :raises Introuvable: it was taken away."""
        passages = self._lire(T_PASSAGE.c.id == id)
        if not passages:
            raise Introuvable("Ce passage n’existe plus.")
        return passages[0]

    def du_jour(self, jour: str, professionnel_id: int | None = None) -> list[Passage]:
        """Visits of a day, by hour; of everyone when `professionnel_id` is None."""
        conditions = [T_PASSAGE.c.jour == jour]
        if professionnel_id is not None:
            conditions.append(T_PASSAGE.c.professionnel_id == professionnel_id)
        return self._lire(*conditions)

    def du_patient(self, patient_id: int, depuis: str = "") -> list[Passage]:
        """Visits of a patient from a day on."""
        return self._lire(T_PASSAGE.c.patient_id == patient_id, T_PASSAGE.c.jour >= depuis)

    def _lire(self, *conditions: Any) -> list[Passage]:
        source = T_PASSAGE.outerjoin(T_PATIENT, T_PATIENT.c.id == T_PASSAGE.c.patient_id).outerjoin(
            T_DMP_LISTE, T_DMP_LISTE.c.patient_id == T_PASSAGE.c.patient_id)
        lignes = self._c.execute(
            select(*_PASSAGE, T_DMP_LISTE.c.nouveaux, *_RESUME).select_from(source)
            .where(*conditions).order_by(T_PASSAGE.c.jour, T_PASSAGE.c.heure, T_PASSAGE.c.id))
        return [Passage(
            id=ligne.id, jour=ligne.jour, heure=ligne.heure,
            professionnel_id=ligne.professionnel_id,
            patient=None if ligne.p_id is None else coding.resume(tuple(ligne)[11:]),
            soins=ligne.soins, duree=ligne.duree, lieu=LieuPassage(ligne.lieu),
            etat=EtatPassage(ligne.etat), nouveaux_dmp=ligne.nouveaux, adresse=ligne.adresse,
            version=ligne.version) for ligne in lignes]

    def deplacer(self, id: int, jour: str, heure: str, *, version: int) -> Passage:
        """Move a visit. :raises ConflitVersion: somebody changed it since `version`."""
        self._modifier(T_PASSAGE, id, version, jour=jour, heure=heure)
        return self.lire(id)

    def marquer(self, id: int, etat: EtatPassage, *, version: int) -> Passage:
        """Set the state of a visit. :raises ConflitVersion: changed since `version`."""
        self._modifier(T_PASSAGE, id, version, etat=etat.value)
        return self.lire(id)

    def modifier(self, id: int, *, soins: str, duree: int, lieu: LieuPassage, adresse: str,
                 version: int) -> Passage:
        """Change what the visit is. :raises ConflitVersion: changed since `version`."""
        self._modifier(T_PASSAGE, id, version, soins=soins, duree=duree, lieu=lieu.value,
                       adresse=adresse)
        return self.lire(id)

    def supprimer(self, id: int) -> None:
        """Take a visit away; nothing happens when it is gone already."""
        self._c.execute(delete(T_PASSAGE).where(T_PASSAGE.c.id == id))

    def noter_nouveaux_dmp(self, patient_id: int, nombre: int | None) -> None:
        """Number of new DMP documents shown with the patient's visits; None = not known."""
        from app.store.repos.dmp import noter_nouveaux
        noter_nouveaux(self._c, patient_id, nombre)
