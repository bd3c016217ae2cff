"""The practice and its professionals."""

import dataclasses
from typing import Any

from sqlalchemy import Row, insert, select, update

from app.domain.people import Professionnel, Structure
from app.store.errors import ErreurStore, Introuvable
from app.store.repos.base import Depot
from app.store.tables import T_PROFESSIONNEL, T_STRUCTURE

_CHAMPS = tuple(f.name for f in dataclasses.fields(Professionnel))
_COLONNES = [T_PROFESSIONNEL.c.id, *(T_PROFESSIONNEL.c[c] for c in _CHAMPS)]
_STRUCTURE = tuple(f.name for f in dataclasses.fields(Structure))


def _compte(ligne: Row[Any]) -> tuple[int, Professionnel]:
    return ligne.id, Professionnel(**{champ: getattr(ligne, champ) for champ in _CHAMPS})


class Comptes(Depot):
    """Repository of the accounts."""

    def professionnels(self) -> list[tuple[int, Professionnel]]:
        """Active accounts, oldest first: (id, professional)."""
        return [_compte(ligne) for ligne in self._c.execute(
            select(*_COLONNES).where(T_PROFESSIONNEL.c.actif)
            .order_by(T_PROFESSIONNEL.c.id))]

    def retires(self) -> list[tuple[int, Professionnel]]:
        """Retired accounts, oldest first."""
        return [_compte(ligne) for ligne in self._c.execute(
            select(*_COLONNES).where(T_PROFESSIONNEL.c.actif.is_(False))
            .order_by(T_PROFESSIONNEL.c.id))]

    def reactiver(self, compte_id: int) -> None:
        """Open a retired account again."""
        self._ecrire(compte_id, actif=True)

    def ajouter_professionnel(self, professionnel: Professionnel,
                              subject_name_id: str = "") -> int:
        """Create an account; returns its id."""
        return int(self._c.execute(insert(T_PROFESSIONNEL).values(
            **dataclasses.asdict(professionnel), subject_name_id=subject_name_id, actif=True,
        )).inserted_primary_key[0])  # type: ignore[index]

    def enregistrer_professionnel(self, compte_id: int, professionnel: Professionnel) -> None:
        """Replace what is known of a professional. :raises Introuvable: no such account."""
        self._ecrire(compte_id, **dataclasses.asdict(professionnel))

    def lier_psc(self, compte_id: int, subject_name_id: str) -> None:
        """Tie an account to a Pro Santé Connect identity (SubjectNameID)."""
        self._ecrire(compte_id, subject_name_id=subject_name_id)

    def desactiver(self, compte_id: int) -> None:
        """Retire an account; what it wrote keeps its name."""
        self._ecrire(compte_id, actif=False)

    def _ecrire(self, compte_id: int, **valeurs: str | bool) -> None:
        if self._c.execute(update(T_PROFESSIONNEL).where(T_PROFESSIONNEL.c.id == compte_id)
                           .values(**valeurs)).rowcount == 0:
            raise Introuvable("Ce compte n’existe pas.")

    def par_subject_name_id(self, subject_name_id: str) -> list[tuple[int, Professionnel]]:
        """Active accounts tied to a Pro Santé Connect identity: none, one or several."""
        if not subject_name_id:
            return []
        return [_compte(ligne) for ligne in self._c.execute(
            select(*_COLONNES).where(T_PROFESSIONNEL.c.subject_name_id == subject_name_id,
                                     T_PROFESSIONNEL.c.actif).order_by(T_PROFESSIONNEL.c.id))]

    def subject_name_id(self, compte_id: int) -> str:
        """Pro Santé Connect identity of an account, empty when it has none."""
        return self._c.execute(select(T_PROFESSIONNEL.c.subject_name_id).where(
            T_PROFESSIONNEL.c.id == compte_id)).scalar() or ""

    def structure(self) -> Structure:
        """The practice. :raises ErreurStore: the file was never set up."""
        ligne = self._c.execute(select(*(T_STRUCTURE.c[c] for c in _STRUCTURE))).first()
        if ligne is None:
            raise ErreurStore("Le cabinet n’est pas encore décrit dans ce dossier.")
        return Structure(*ligne)

    def reserver_structure(self) -> None:
        """Keep the description of the practice for this unit: others wait until it ends."""
        self._c.execute(select(T_STRUCTURE.c.id).with_for_update()).first()

    def enregistrer_structure(self, structure: Structure) -> None:
        """Describe the practice."""
        valeurs = dataclasses.asdict(structure)
        if self._c.execute(update(T_STRUCTURE).where(T_STRUCTURE.c.id == 1)
                           .values(**valeurs)).rowcount == 0:
            self._c.execute(insert(T_STRUCTURE).values(id=1, **valeurs))
