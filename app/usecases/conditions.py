"""Terms of use, and the notice on the national services (SC.PSC.01, SC.DMP/CONF.21)."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from app.usecases.context import Contexte
from app.usecases.garde import libre
from app.usecases.settings import lire_reglages

FICHIER = Path(__file__).parents[2] / "resources" / "conditions" / "conditions.json"


@dataclass(frozen=True, slots=True)
class Conditions:
    """The terms of use. `sections`: title, text (paragraphs apart by an empty line)."""

    version: str
    date: str
    sections: tuple[tuple[str, str], ...]


@cache
def conditions() -> Conditions:
    """The terms of use of this version of the program."""
    brut: dict[str, Any] = json.loads(FICHIER.read_text(encoding="utf-8"))
    return Conditions(brut["version"], brut["date"],
                      tuple((s["titre"], s["texte"]) for s in brut["sections"]))


@libre("ce que chacun doit avoir lu")
def conditions_changees(ctx: Contexte) -> bool:
    """True once when the terms changed since this account last opened the file.

    The first opening of an account shows nothing: the terms are under the login button.
    """
    cle, version = f"compte.{ctx.compte_id}.conditions", conditions().version
    with ctx.store.lecture() as u:
        connue = u.reglages.lire(cle, "")
    if connue == version:
        return False
    with ctx.store.ecriture() as u:
        u.reglages.ecrire(cle, version)
        u.trail.ecrire(qui=ctx.qui, quoi="conditions.presentees", resultat="ok", detail=version)
    return bool(connue)


@libre("ce que chacun doit avoir lu")
def periode_avis(ctx: Contexte) -> int:
    """Days between two showings of the notice: a setting of the practice."""
    return lire_reglages(ctx).avis_dmp_jours


@libre("ce que chacun doit avoir lu")
def avis_du(ctx: Contexte, jour: date | None = None) -> bool:
    """True when the notice on the DMP must be shown to this account (SC.DMP/CONF.21)."""
    with ctx.store.lecture() as u:
        compris = u.reglages.lire(_cle_avis(ctx), "")
    if not compris:
        return True
    age = ((jour or date.today()) - date.fromisoformat(compris)).days
    # A clock set back doesn't silence it.
    return age < 0 or age >= periode_avis(ctx)


@libre("ce que chacun doit avoir lu")
def avis_compris(ctx: Contexte, jour: date | None = None) -> None:
    """« J’ai compris » was ticked."""
    with ctx.store.ecriture() as u:
        u.reglages.ecrire(_cle_avis(ctx), (jour or date.today()).isoformat())
        u.trail.ecrire(qui=ctx.qui, quoi="avis_dmp.compris", resultat="ok")


def _cle_avis(ctx: Contexte) -> str:
    return f"compte.{ctx.compte_id}.avis_dmp"
