"""Figures of the identities: places per keystroke, duplicates at a creation, work lists."""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from app.domain.identity import Traits
from app.domain.listes_identite import ListeIdentite
from app.domain.people import Professionnel, Structure
from app.store import vault
from app.store.engine import Store, ouvrir
from app.usecases import listes_identite, places, verification
from app.usecases.context import Contexte
from app.usecases.patients import chercher_doublons
from tests.bench.population import MOT_DE_PASSE, Population, installer, peupler

#: Places that are typed, letter by letter: large and small, former names, articles, « St ».
LIEUX = ("Paris", "Marseille 5e", "Saint-Étienne", "St Denis", "Mazoires", "L'Haÿ-les-Roses",
         "Villefranche-sur-Saône", "Châlons-sur-Marne", "Fort-de-France", "Ajaccio", "La Rochelle",
         "Alger", "Portugal", "Nouméa", "Saint-Martin", "Le Bourg", "Y", "Saint-Germain-en-Laye",
         "Montreuil 93", "75112", "63220", "Bourg-en-Bresse", "Évry", "Cherbourg")
_NAISSANCES = ("", "1936-05-02", "1975-12-31", "2019-07-14")


def _chronometrer(gestes: Iterable[Callable[[], object]]) -> list[float]:
    durees = []
    for geste in gestes:
        debut = time.perf_counter()
        geste()
        durees.append((time.perf_counter() - debut) * 1000)
    return durees


def _centile(durees: list[float], part: float) -> float:
    return sorted(durees)[min(len(durees) - 1, int(len(durees) * part))]


def frappes() -> list[tuple[str, str]]:
    """Every keystroke of every place, at every date of birth."""
    return [(texte[:n], le) for texte in LIEUX for n in range(1, len(texte) + 1)
            for le in _NAISSANCES]


def mesurer_lieux() -> dict[str, float]:
    """Search of a birthplace, per keystroke, over all communes since 1943."""
    places.chercher("Paris")
    processeur = time.thread_time()
    durees = _chronometrer([lambda t=t, le=le: places.chercher(t, le or None)  # type: ignore[misc]
                            for t, le in frappes()])
    processeur = time.thread_time() - processeur
    return {"lieu_processeur_ms": round(processeur * 1000 / len(durees), 2),
            "lieu_p50_ms": round(statistics.median(durees), 2),
            "lieu_p95_ms": round(_centile(durees, 0.95), 2),
            "lieu_max_ms": round(max(durees), 2)}


def nouvelles(nombre: int) -> list[Traits]:
    """Identities being created: half unknown, half already in the file, some with a slip."""
    hasard = random.Random(11)
    connues = [i.traits for i in Population().identites(nombre)]
    inconnues = [i.traits for i in Population(99).identites(nombre)]
    melange = [*connues, *inconnues]
    hasard.shuffle(melange)
    return melange


def mesurer_doublons(store: Store, nombre: int = 400) -> dict[str, float]:
    """Duplicate check of a new identity, unit of work included."""
    def chercher(traits: Traits) -> object:
        with store.lecture() as u:
            return chercher_doublons(u, traits)

    durees = _chronometrer([lambda t=t: chercher(t) for t in nouvelles(nombre)])  # type: ignore[misc]
    return {"doublons_p50_ms": round(statistics.median(durees), 2),
            "doublons_p95_ms": round(_centile(durees, 0.95), 2),
            "doublons_max_ms": round(max(durees), 2)}


def mesurer_listes(ctx: Contexte) -> dict[str, float]:
    """Each work list once, and the search of what is due for a verification."""
    resultat = {}
    for liste in ListeIdentite:
        (duree,) = _chronometrer([lambda x=liste: listes_identite.page(ctx, x)])  # type: ignore[misc]
        resultat[f"liste_{liste.value}_ms"] = round(duree, 1)
    (duree,) = _chronometrer([lambda: verification.programmer_dues(ctx)])
    return resultat | {"verifications_dues_ms": round(duree, 1)}


def mesurer(patients: int = 100_000) -> dict[str, Any]:
    """All the figures of identities, over an encrypted file of `patients`."""
    resultat: dict[str, Any] = mesurer_lieux()
    with tempfile.TemporaryDirectory() as dossier:
        fichier = Path(dossier) / "mesure.pleiade"
        coffre = vault.creer_coffre(fichier, MOT_DE_PASSE, "899700000016")
        store = ouvrir(fichier, coffre.cle)
        peupler(store, patients)
        compte = installer(store)
        resultat |= mesurer_doublons(store)
        services: Any = None  # nothing here calls a service
        ctx = Contexte(store, compte, Professionnel("899700000016", "INFIRMIERE", "LINE"),
                       Structure("10B0000000", "CABINET FICTIF"), services)
        resultat |= mesurer_listes(ctx)
        store.fermer()
    return resultat
