"""Forms of structured documents being filled."""

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, insert, select

from app.domain.formulaire import SaisieForme
from app.store.errors import Introuvable
from app.store.moments import local
from app.store.repos.base import Depot
from app.store.tables import T_SAISIE

_C = T_SAISIE.c


class Saisies(Depot):
    """Repository of the forms being filled."""

    def enregistrer(self, saisie: SaisieForme) -> SaisieForme:
        """Keep what was typed; `id` 0 adds. Returns it with its id and new version.

        :raises ConflitVersion: another window wrote it since. :raises Introuvable: it is gone.
        """
        quand = local()
        texte = json.dumps(saisie.valeur, ensure_ascii=False)
        if saisie.id:
            self._modifier(T_SAISIE, saisie.id, saisie.version, valeur=texte, modifie_le=quand)
            return replace(saisie, modifie_le=quand, version=saisie.version + 1)
        id = self._c.execute(insert(T_SAISIE).values(
            patient_id=saisie.patient_id, auteur_id=saisie.auteur_id, type_cle=saisie.type_cle,
            valeur=texte, modifie_le=quand, version=1,
        )).inserted_primary_key[0]  # type: ignore[index]
        return replace(saisie, id=id, modifie_le=quand, version=1)

    def lire(self, id: int) -> SaisieForme:
        """A form. :raises Introuvable: validated or thrown away meanwhile."""
        ligne = self._c.execute(select(T_SAISIE).where(_C.id == id)).first()
        if ligne is None:
            raise Introuvable("Ce formulaire n’existe plus : il a été validé ou abandonné.")
        return _saisie(ligne)

    def auteur(self, id: int) -> int:
        """Account that began a form; 0 when it is gone."""
        return self._c.execute(select(_C.auteur_id).where(_C.id == id)).scalar() or 0

    def lister(self, patient_id: int, auteur_id: int) -> list[SaisieForme]:
        """What an author began for a patient, newest first."""
        return [_saisie(ligne) for ligne in self._c.execute(
            select(T_SAISIE).where(_C.patient_id == patient_id, _C.auteur_id == auteur_id)
            .order_by(_C.modifie_le.desc(), _C.id.desc()))]

    def supprimer(self, id: int) -> None:
        """Throw a form away; one that isn't there is no error."""
        self._c.execute(delete(T_SAISIE).where(_C.id == id))


def _saisie(ligne: Any) -> SaisieForme:
    return SaisieForme(ligne.id, ligne.patient_id, ligne.auteur_id, ligne.type_cle,
                       json.loads(ligne.valeur), ligne.modifie_le, ligne.version)
