"""Twenty workstations on one real PostgreSQL, over TLS on loopback: how late the others see.

Each workstation is an open file with its listener. One moves a visit; the clock runs from the first
order of its gesture until each of the others has heard *and read the day again*, as its window
does. Then all twenty write at once.

Usage: .venv/bin/python tests/bench/bench_postes.py
"""

import json
import statistics
import threading
import time
from typing import Any

from app.domain.people import Professionnel, Structure
from app.store.changes import Changements, Ecoute
from app.store.engine import Store, ouvrir
from tests.serveur_pg import postgresql_tls
from tests.store_outils import CLE, identite, nouvelle_base

POSTES = 20
GESTES = 30
JOUR = "2026-06-01"
#: A centre's day: this many visits are read again each time.
PASSAGES = 120


class Poste:
    """A workstation that reads the day again when another one changes the agenda."""

    def __init__(self, url: str) -> None:
        self.store: Store = ouvrir(url, CLE)
        self._attente = threading.Condition()
        self._versions: dict[int, int] = {}
        self._vus: dict[tuple[int, int], float] = {}
        ecoute = self.store.ecouter(self._entendre)
        assert isinstance(ecoute, Ecoute)
        self.ecoute = ecoute
        assert ecoute.branchee.wait(20)

    def _entendre(self, changements: Changements) -> None:
        if "passage" not in changements.tables:
            return
        with self.store.lecture() as u:
            lus = {p.id: p.version for p in u.agenda.du_jour(JOUR)}
        quand = time.perf_counter()
        with self._attente:
            for id, version in lus.items():
                self._vus.setdefault((id, version), quand)
            self._attente.notify_all()

    def deplacer(self, id: int, heure: str) -> tuple[float, int]:
        """Move a visit; when the gesture began, and the version that it gave."""
        debut = time.perf_counter()
        with self.store.ecriture(par_versions=True) as u:  # as `usecases.agenda` does
            passage = u.agenda.lire(id)
            version = u.agenda.deplacer(id, JOUR, heure, version=passage.version).version
        return debut, version

    def attendre(self, id: int, version: int) -> float:
        """When this version (or a later one) was seen here."""
        with self._attente:
            assert self._attente.wait_for(
                lambda: any(i == id and v >= version for i, v in self._vus), 10)
            return min(t for (i, v), t in self._vus.items() if i == id and v >= version)

    def fermer(self) -> None:
        """End the listener and the file."""
        self.ecoute.arreter()
        self.store.fermer()


def _semer(url: str) -> list[int]:
    store = ouvrir(url, CLE)
    with store.ecriture() as u:
        u.comptes.enregistrer_structure(Structure("1630009999", "CENTRE FICTIF"))
        compte = u.comptes.ajouter_professionnel(Professionnel("899700000081", "D", "M"))
        patients = [u.patients.ajouter(identite("DURAND", f"P{n}"), auteur="a", cause="c").id
                    for n in range(30)]
        ids = [u.agenda.ajouter(JOUR, f"{7 + n // 12:02d}:{n % 12 * 5:02d}", compte,
                                patients[n % 30]).id for n in range(PASSAGES)]
    store.fermer()
    return ids


def _centile(valeurs: list[float], part: float) -> float:
    return round(sorted(valeurs)[min(len(valeurs) - 1, int(len(valeurs) * part))], 1)


def mesurer() -> dict[str, Any]:
    """Figures in milliseconds."""
    with postgresql_tls() as pg:
        ouvrir(nouvelle_base(pg.url(), "centre", "template1"), CLE).fermer()
        ids = _semer(pg.url("centre"))
        postes = [Poste(pg.url("centre")) for _ in range(POSTES)]
        seuls: list[float] = []
        for n in range(GESTES):
            auteur = postes[n % POSTES]
            debut, version = auteur.deplacer(ids[n], "18:00")
            seuls += [(p.attendre(ids[n], version) - debut) * 1000
                      for p in postes if p is not auteur]
        ensemble: list[float] = []
        fils = []

        def ecrire(rang: int) -> None:
            """Two gestures a second and workstation: forty changes a second in the centre."""
            for tour in range(3):
                id = ids[rang * 3 + tour]
                debut, version = postes[rang].deplacer(id, "19:00")
                ensemble.extend((p.attendre(id, version) - debut) * 1000
                                for p in postes if p is not postes[rang])
                time.sleep(0.5)

        for rang in range(POSTES):
            fils.append(threading.Thread(target=ecrire, args=(rang,)))
            fils[-1].start()
        for fil in fils:
            fil.join()
        for poste in postes:
            poste.fermer()
    return {"postes": POSTES,
            "postes_vu_p50_ms": round(statistics.median(seuls), 1),
            "postes_vu_p95_ms": _centile(seuls, 0.95), "postes_vu_max_ms": round(max(seuls), 1),
            "postes_ensemble_p95_ms": _centile(ensemble, 0.95),
            "postes_ensemble_max_ms": round(max(ensemble), 1)}


if __name__ == "__main__":
    print(json.dumps(mesurer(), indent=2))
