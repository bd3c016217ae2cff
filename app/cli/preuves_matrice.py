"""The non-regression matrix: requirement × scenario × result, compared with the version before.

MIN.UPG.01: a version keeps the requirements of the one before. A requirement that was proved and
isn't any more is a regression, whatever the reason: its scenario fails, vanished, wasn't played.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.cli.preuves_inventaire import Exigence, Scenario
from app.cli.preuves_table import Ligne, Resultat

REUSSI, ECHEC, NON_JOUE = "réussi", "échec", "non joué"


@dataclass(frozen=True, slots=True)
class Matrice:
    """`exigences`: requirement -> scenario -> result; an empty mapping has no scenario."""

    version: str
    exigences: Mapping[str, Mapping[str, str]]

    def prouvee(self, exigence: str) -> bool:
        """True when it has scenarios and all of them hold."""
        resultats = self.exigences.get(exigence, {})
        return bool(resultats) and all(r == REUSSI for r in resultats.values())


def dresser(version: str, exigences: Iterable[Exigence], scenarios: Sequence[Scenario],
            resultats: Sequence[Resultat]) -> Matrice:
    """The matrix of a run. A scenario of the sources that left no result wasn't played.

    A scenario with parameters holds when each of its runs holds.
    """
    joues: dict[str, str] = {}
    for r in resultats:
        noeud = r.scenario.partition("[")[0]
        etat = REUSSI if r.etat == "passed" else ECHEC
        joues[noeud] = ECHEC if ECHEC in (joues.get(noeud), etat) else etat
    ids = {e.id: None for e in exigences} | {i: None for s in scenarios for i in s.exigences}
    return Matrice(version, {
        i: {s.noeud: joues.get(s.noeud, NON_JOUE) for s in scenarios if i in s.exigences}
        for i in ids})


def regressions(avant: Matrice, maintenant: Matrice) -> list[str]:
    """French sentences: what was proved and isn't any more. Empty = the version may go out."""
    fautes: list[str] = []
    for exigence in avant.exigences:
        if not avant.prouvee(exigence) or maintenant.prouvee(exigence):
            continue
        resultats = maintenant.exigences.get(exigence, {})
        if not resultats:
            fautes.append(f"{exigence}\u00a0: n’a plus de scénario.")
        fautes += [f"{exigence}\u00a0: {etat}, {noeud}" for noeud, etat in resultats.items()
                   if etat != REUSSI]
    return fautes


def gagnees(avant: Matrice, maintenant: Matrice) -> list[str]:
    """Requirements that are proved for the first time."""
    return [e for e in maintenant.exigences if maintenant.prouvee(e) and not avant.prouvee(e)]


def lire(fichier: Path) -> Matrice:
    """A matrix written by `ecrire`; an empty one when there is none yet."""
    if not fichier.exists():
        return Matrice("", {})
    lu = json.loads(fichier.read_text(encoding="utf-8"))
    return Matrice(lu["version"], lu["exigences"])


def ecrire(matrice: Matrice, fichier: Path) -> None:
    """Without dates nor durations: the same results give the same file."""
    fichier.write_text(json.dumps({"version": matrice.version, "exigences": matrice.exigences},
                                  ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def lignes(matrice: Matrice, exigences: Sequence[Exigence]) -> list[Ligne]:
    """The matrix as the lines of the table that people read."""
    connues = {e.id: e for e in exigences}
    etats = {REUSSI: "passed", ECHEC: "failed", NON_JOUE: "error"}
    table: list[Ligne] = []
    for id, resultats in matrice.exigences.items():
        exigence = connues.get(id, Exigence(id))
        table += [Ligne(exigence, Resultat(noeud, (id,), etats[etat], 0, ""))
                  for noeud, etat in resultats.items()] or [Ligne(exigence, None)]
    return table
