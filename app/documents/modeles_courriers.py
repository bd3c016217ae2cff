"""Templates of letters and reports: those of `resources/modeles`, and how a template is kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from app.documents.corps_json import corps_en_json, lire_corps
from app.documents.model import Bloc
from app.documents.ressources import DOSSIER
from app.documents.types import type_document
from app.documents.valeur_json import ValeurInvalide

#: Key of the letter without a template.
VIDE = "vide"


@dataclass(frozen=True, slots=True)
class ModeleCourrier:
    """A template.

    `type_cle` is a kind of `types.csv`; `professions` the sigles of who is offered it (empty =
    all); `destinataires` say in words for whom it is written. `maison` is true for one of ours,
    unchanged; `modifie` when the practice changed one of ours.
    """

    cle: str
    titre: str
    type_cle: str
    corps: tuple[Bloc, ...] = ()
    professions: tuple[str, ...] = ()
    destinataires: tuple[str, ...] = ()
    maison: bool = False
    modifie: bool = False
    version: int = 0
    """Version of the practice's own, as it was read; 0 = the practice has none of that key."""

    @property
    def type_code(self) -> str:
        """Type of document (JDV_J07)."""
        return type_document(self.type_cle).type_code

    def pour(self, sigles: frozenset[str]) -> bool:
        """True when one of these professions is offered it."""
        return not self.professions or bool(sigles & set(self.professions))


@cache
def modeles_maison() -> tuple[ModeleCourrier, ...]:
    """The templates that come with the program, in the order of the table."""
    brut = json.loads((DOSSIER / "modeles/courriers.json").read_text("utf-8"))
    return tuple(replace(lire_modele(m), maison=True) for m in brut["modeles"])


def lire_modele(brut: Mapping[str, Any]) -> ModeleCourrier:
    """A template from its JSON.

    Raises:
        ValeurInvalide: it isn't one.
    """
    try:
        type_cle = str(brut["type_cle"])
        type_document(type_cle)
        return ModeleCourrier(
            str(brut["cle"]), str(brut["titre"]), type_cle, lire_corps(brut.get("corps", [])),
            tuple(map(str, brut.get("professions", ()))),
            tuple(map(str, brut.get("destinataires", ()))))
    except (KeyError, TypeError) as erreur:
        raise ValeurInvalide("modele", f"ce modèle ne peut pas être lu ({erreur}).") from None


def modele_en_json(modele: ModeleCourrier) -> dict[str, Any]:
    """The JSON that `lire_modele` reads."""
    return {"cle": modele.cle, "titre": modele.titre, "type_cle": modele.type_cle,
            "professions": list(modele.professions), "destinataires": list(modele.destinataires),
            "corps": corps_en_json(modele.corps)}
