"""Counters and histograms in the text form of Prometheus, without a library.

Label values come from short closed lists (routes, methods, names of APIs): never from a request,
so that a caller can't make the page grow.
"""

from bisect import bisect_left
from collections import defaultdict

PREFIXE = "pleiade_proxy_"

_AIDE = {
    "requests_total": "Requests answered, by route, method and status",
    "request_seconds": "Time to answer, by route",
    "upstream_seconds": "Time until the API begins its answer, by API",
    "upstream_failures_total": "Calls an API could not answer, by API and reason",
    "in_flight": "Requests being served",
    "sessions": "Open sessions",
    "sessions_opened_total": "Sessions opened, by login mode",
    "sessions_closed_total": "Sessions closed, by reason",
    "token_operations_total": "Exchanges and renewals, by target, operation and result",
    "retries_total": "Calls replayed after an expired token, by API",
    "refused_total": "Requests refused by a limit, by limit",
    "bytes_total": "Bytes carried by /send, by direction",
    "certificate_expiry_seconds": "End of validity of the certificates in use",
}

#: Upper bounds of the histograms, seconds.
SEUILS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)

_Cle = tuple[tuple[str, str], ...]


class Metrics:
    """Figures of one process. Everything runs on one event loop: no lock is needed."""

    def __init__(self) -> None:
        self._compteurs: dict[str, dict[_Cle, float]] = defaultdict(lambda: defaultdict(float))
        self._jauges: dict[str, dict[_Cle, float]] = defaultdict(dict)
        self._histogrammes: dict[str, dict[_Cle, list[float]]] = defaultdict(dict)

    def count(self, name: str, amount: float = 1.0, **labels: str) -> None:
        """Add to a counter."""
        self._compteurs[name][tuple(labels.items())] += amount

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Set a value that goes up and down."""
        self._jauges[name][tuple(labels.items())] = value

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Put a duration into a histogram."""
        cases = self._histogrammes[name].setdefault(
            tuple(labels.items()), [0.0] * (len(SEUILS) + 2))
        cases[bisect_left(SEUILS, seconds)] += 1
        cases[-1] += seconds

    def value(self, name: str, **labels: str) -> float:
        """A counter or gauge (for tests and for readiness)."""
        cle = tuple(labels.items())
        return self._compteurs[name].get(cle, self._jauges[name].get(cle, 0.0))

    def render(self) -> str:
        """The whole page, text format 0.0.4."""
        lignes: list[str] = []
        for genre, familles in (("counter", self._compteurs), ("gauge", self._jauges)):
            for nom, valeurs in sorted(familles.items()):
                lignes += _entete(nom, genre)
                lignes += [f"{PREFIXE}{nom}{_labels(cle)} {_nombre(v)}"
                           for cle, v in sorted(valeurs.items())]
        for nom, histogrammes in sorted(self._histogrammes.items()):
            lignes += _entete(nom, "histogram")
            for cle, cases in sorted(histogrammes.items()):
                cumul = 0.0
                for seuil, n in zip((*map(str, SEUILS), "+Inf"), cases[:-1], strict=True):
                    cumul += n
                    lignes.append(f"{PREFIXE}{nom}_bucket{_labels((*cle, ('le', seuil)))} "
                                  f"{_nombre(cumul)}")
                lignes.append(f"{PREFIXE}{nom}_sum{_labels(cle)} {cases[-1]!r}")
                lignes.append(f"{PREFIXE}{nom}_count{_labels(cle)} {_nombre(cumul)}")
        return "\n".join(lignes) + "\n"


def _entete(nom: str, genre: str) -> list[str]:
    return [f"# HELP {PREFIXE}{nom} {_AIDE.get(nom, nom)}", f"# TYPE {PREFIXE}{nom} {genre}"]


def _labels(cle: _Cle) -> str:
    if not cle:
        return ""
    textes = []
    for nom, valeur in cle:
        sur = valeur.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        textes.append(f'{nom}="{sur}"')
    return "{" + ",".join(textes) + "}"


def _nombre(valeur: float) -> str:
    return str(int(valeur)) if valeur == int(valeur) else repr(valeur)
