"""Functional rights (`resources/bac_a_sable/droits_fonctionnels.csv`) and a fictitious matrix.

The table is the public sheet for a professional who is not a doctor; a doctor is allowed all that
is not played here. The matrix profession x type of document is invented: the real one was not
found (`spec/dmp.md` §17).
"""

import csv
from functools import cache

from app.sandbox.ressources import DOSSIER

_COLONNES = {"normal": "direct_cps_ps_non_medecin_normal",
             "centre_15": "direct_cps_ps_non_medecin_regulation",
             "bris_de_glace": "direct_cps_ps_non_medecin_bris_de_glace"}
_INDIRECTE = "indirecte_certificat_es_normal"
MEDECIN = "10"


@cache
def _table() -> dict[tuple[str, str], dict[str, str]]:
    with (DOSSIER / "droits_fonctionnels.csv").open(encoding="utf-8", newline="") as flux:
        return {(r["transaction"], r["action"]): r for r in csv.DictReader(flux)}


@cache
def _matrice() -> dict[tuple[str, str], dict[str, str]]:
    with (DOSSIER / "matrice_habilitations.csv").open(encoding="utf-8", newline="") as flux:
        return {(r["profession_g15"], r["type_code"]): r for r in csv.DictReader(flux)}


def droit(transaction: str, action: str, mode: str, profession: str, *,
          indirecte: bool = False) -> str:
    """Cell of the table: `oui`, `non`, `oui_auteur`, `oui_si_autorise_patient`...

    Parameters
    ----------
    mode
        Access mode of the VIHF: normal, bris_de_glace, centre_15.
    indirecte
        Authenticated by the structure's certificate: normal access alone, whatever the profession.
    """
    if indirecte:
        ligne = next((r for (t, a), r in _table().items()
                      if t == transaction and a.startswith(action)), None)
        return "non" if ligne is None or mode != "normal" else ligne[_INDIRECTE]
    if profession == MEDECIN:
        return "oui"
    ligne = next((r for (t, a), r in _table().items()
                  if t == transaction and a.startswith(action)), None)
    return "non" if ligne is None else ligne[_COLONNES[mode]]


def habilite(profession: str, type_code: str, acces: str) -> bool:
    """True when the (fictitious) matrix lets this profession read (`lecture`) or deposit."""
    ligne = _matrice().get((profession, type_code))
    return ligne is None or ligne[acces] == "oui"
