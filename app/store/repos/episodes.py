"""Care episodes, consent and opposition (`spec/dmp.md` §11)."""

from typing import Any

from sqlalchemy import insert, select

from app.domain.consent import EpisodeSoins
from app.store.errors import Introuvable
from app.store.moments import local
from app.store.repos.base import Depot
from app.store.tables import T_EPISODE

_COLONNES = [T_EPISODE.c[c] for c in (
    "id", "patient_id", "ouvert_le", "informe_le", "informe_par", "consentement_consultation",
    "opposition_alimentation", "version", "recueilli_par")]


class Episodes(Depot):
    """Repository of the care episodes."""

    def courant(self, patient_id: int) -> EpisodeSoins | None:
        """The open episode of a patient."""
        ligne = self._c.execute(select(*_COLONNES).where(
            T_EPISODE.c.patient_id == patient_id, T_EPISODE.c.clos_le == "")).first()
        return None if ligne is None else EpisodeSoins(*ligne)

    def tous(self, patient_id: int) -> list[tuple[EpisodeSoins, str]]:
        """Every episode of a patient, oldest first, and when it ended ("" = still open)."""
        return [(EpisodeSoins(*ligne[:-1]), ligne[-1]) for ligne in self._c.execute(
            select(*_COLONNES, T_EPISODE.c.clos_le).where(
                T_EPISODE.c.patient_id == patient_id).order_by(T_EPISODE.c.id))]

    def lire(self, id: int) -> EpisodeSoins:
        """An episode. :raises Introuvable: no such episode."""
        ligne = self._c.execute(select(*_COLONNES).where(T_EPISODE.c.id == id)).first()
        if ligne is None:
            raise Introuvable("Cet épisode de soins n’existe pas.")
        return EpisodeSoins(*ligne)

    def ouvrir(self, patient_id: int, *, auteur: str) -> EpisodeSoins:
        """Open an episode; the one that is open already is given back."""
        ouvert = self.courant(patient_id)
        if ouvert is not None:
            return ouvert
        id = self._c.execute(insert(T_EPISODE).values(
            patient_id=patient_id, ouvert_le=local(), ouvert_par=auteur, clos_le="",
            informe_le="", informe_par="", consentement_consultation=None,
            opposition_alimentation=False, recueilli_par="", version=1)).inserted_primary_key[0]  # type: ignore[index]
        return self.lire(id)

    def noter(self, episode_id: int, *, informe: bool | None = None,
              consentement_consultation: bool | None = None,
              opposition_alimentation: bool | None = None, auteur: str,
              version: int, recueilli_par: str = "") -> EpisodeSoins:
        """Record what the patient said; None leaves a point as it is. No reason is stored.

        :param auteur: for whom it was asked. :param recueilli_par: who asked, when it is another.

        :raises ConflitVersion: the episode changed since `version`.
        """
        valeurs: dict[str, Any] = {}
        if informe is not None:
            valeurs["informe_le"] = local() if informe else ""
            valeurs["informe_par"] = auteur if informe else ""
            valeurs["recueilli_par"] = recueilli_par if informe else ""
        if consentement_consultation is not None:
            valeurs["consentement_consultation"] = consentement_consultation
        if opposition_alimentation is not None:
            valeurs["opposition_alimentation"] = opposition_alimentation
        self._modifier(T_EPISODE, episode_id, version, **valeurs)
        return self.lire(episode_id)

    def clore(self, episode_id: int, *, version: int) -> None:
        """Close an episode: consent ends with it. :raises ConflitVersion: changed meanwhile."""
        self._modifier(T_EPISODE, episode_id, version, clos_le=local())
