"""Dated free-text notes; a correction keeps the former text."""

from sqlalchemy import Connection, insert, select

from app.domain.confidentialite import ENTIER, Regard
from app.domain.patient import Observation
from app.store.errors import Introuvable
from app.store.moments import Instant, local, utc
from app.store.repos.base import Depot
from app.store.tables import T_OBSERVATION, T_OBSERVATION_ANCIENNE, T_PROFESSIONNEL

_COLONNES = [T_OBSERVATION.c[c] for c in ("id", "patient_id", "horodatage", "auteur_id", "auteur",
                                          "texte", "version")]


class Observations(Depot):
    """Repository of the notes: care, read by those who may read care."""

    def __init__(self, connexion: Connection, regard: Regard = ENTIER) -> None:
        super().__init__(connexion)
        self._regard = regard

    def ajouter(self, patient_id: int, texte: str, *, auteur_id: int,
                horodatage: Instant = "") -> Observation:
        """Add a note. `horodatage`: local ISO with offset, empty = now."""
        quand = local(horodatage)
        t = T_PROFESSIONNEL.c
        auteur = self._c.execute(
            select(t.prenom, t.nom).where(t.id == auteur_id)).first()
        if auteur is None:
            raise Introuvable("Ce professionnel n’a pas de compte dans le dossier.")
        id = self._c.execute(insert(T_OBSERVATION).values(
            patient_id=patient_id, horodatage=quand, instant=utc(quand), auteur_id=auteur_id,
            auteur=" ".join(filter(None, auteur)), texte=texte, version=1,
        )).inserted_primary_key[0]  # type: ignore[index]
        return self.lire(id)

    def lire(self, id: int) -> Observation:
        """A note. :raises Introuvable: no such note."""
        ligne = self._c.execute(select(*_COLONNES).where(T_OBSERVATION.c.id == id)).first()
        if ligne is None or not self._regard.clinique:
            raise Introuvable("Cette observation n’existe pas.")
        return Observation(*ligne)

    def modifier(self, id: int, texte: str, *, version: int) -> Observation:
        """Correct a note. :raises ConflitVersion: changed since `version`."""
        avant = self.lire(id)
        self._modifier(T_OBSERVATION, id, version, texte=texte)
        self._c.execute(insert(T_OBSERVATION_ANCIENNE).values(
            observation_id=id, version=avant.version, texte=avant.texte, remplace_le=local()))
        return self.lire(id)

    def lister(self, patient_id: int, limite: int = 200) -> list[Observation]:
        """Notes of a patient, newest first."""
        if not self._regard.clinique:
            return []
        return [Observation(*ligne) for ligne in self._c.execute(
            select(*_COLONNES).where(T_OBSERVATION.c.patient_id == patient_id)
            .order_by(T_OBSERVATION.c.instant.desc(), T_OBSERVATION.c.id.desc()).limit(limite))]

    def anciennes(self, id: int) -> list[tuple[str, str]]:
        """Former texts of a note, oldest first: (text, local date-time of its replacement)."""
        t = T_OBSERVATION_ANCIENNE.c
        if not self._regard.clinique:
            return []
        return [(ligne.texte, ligne.remplace_le) for ligne in self._c.execute(
            select(t.texte, t.remplace_le).where(t.observation_id == id).order_by(t.version))]
