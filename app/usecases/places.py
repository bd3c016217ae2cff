"""Birthplaces: search as one types, at the date of birth, and equivalence of codes.

Reads `resources/cog/cog.sqlite` (`packaging/resources/make_cog.py`), never writes it. Rules are in
`app.domain.cog`; facts in `spec/ins.md` §1.7.
"""

import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

from app.domain.cog import LIEU_INCONNU, MOTS_VIDES, Evenements, Lieu, TypeLieu, cle_lieu
from app.domain.identity import COG_INCONNU
from app.domain.traits import est_cog

FICHIER = Path(__file__).parents[2] / "resources" / "cog" / "cog.sqlite"

_COLONNES = "rang, cog, libelle, type, du, au, ou, mots"
#: Rows looked at for one list of answers.
_CANDIDATS = 60
#: Answers to the explicit choice of the unknown place.
_INCONNU = frozenset({"INCONNU", "LIEU INCONNU", COG_INCONNU})
#: Départements of codes that changed in 1968 and 1976.
_ANCIENS_DEPARTEMENTS = {"20": "Corse", "78": "Seine-et-Oise", "75": "Seine"}

Rangee = tuple[int, str, str, str, str, str, str, str]


class _Base:
    """One read-only connection, shared by the threads of the workers."""

    def __init__(self, fichier: Path) -> None:
        self._verrou = threading.Lock()
        self._connexion = sqlite3.connect(f"{fichier.as_uri()}?mode=ro&immutable=1", uri=True,
                                          check_same_thread=False)

    def lire(self, sql: str, parametres: Iterable[object] = ()) -> list[tuple[object, ...]]:
        with self._verrou:
            return self._connexion.execute(sql, tuple(parametres)).fetchall()

    def rangees(self, sql: str, parametres: Iterable[object] = ()) -> list[Rangee]:
        return self.lire(sql, parametres)  # type: ignore[return-value]


@cache
def _base() -> _Base:
    return _Base(FICHIER)


@cache
def _evenements() -> Evenements:
    base = _base()
    return Evenements(
        base.lire("SELECT avant, apres, jour FROM evenement"),  # type: ignore[arg-type]
        base.lire("SELECT commune, cog FROM arrondissement"))  # type: ignore[arg-type]


@cache
def _departements() -> dict[str, str]:
    return dict(_base().lire("SELECT code, libelle FROM departement"))  # type: ignore[arg-type]


def reference() -> str:
    """Source and date of the reference, for « À propos »."""
    return str(_base().lire("SELECT valeur FROM meta WHERE cle = 'source'")[0][0])


@lru_cache(maxsize=4096)
def equivalents(cog: str) -> frozenset[str]:
    """Codes that name the same place at other times, or more or less precisely."""
    return _evenements().equivalents(cog)


def chercher(texte: str, le: str | None = None, limite: int = 20) -> list[Lieu]:
    """Places that match what is typed, best first.

    Args:
        texte: name (any spelling, former names, start of words), name and département, COG code
            or postal code.
        le: date of birth, AAAA-MM-JJ; only places that existed that day are given, a name of
            another time being carried to that day. None or empty: every time.
        limite: how many answers at most.

    The unknown place is given only to who asks for it by its name or code.
    """
    cle = cle_lieu(texte)
    if not cle:
        return []
    if cle in _INCONNU:
        return [LIEU_INCONNU]
    candidats = _candidats(cle)
    if le:
        lieux = _a_la_date(candidats, le)
    else:
        # A name given back after a few months is one place, not two.
        uniques: dict[tuple[str, str], Lieu] = {}
        for r in candidats:
            uniques.setdefault((r[1], r[2]), _lieu(r))
        lieux = list(uniques.values())
    return [_complet(lieu) for lieu in lieux[:limite]]


def lieu(cog: str, le: str | None = None) -> Lieu | None:
    """The place of a code on a day, else its last name; None when the code is unknown."""
    if cog == COG_INCONNU:
        return LIEU_INCONNU
    rangees = _par_code(cog)
    if not rangees:
        return None
    valides = [r for r in rangees if le and _valide(r, le)]
    return _complet(_lieu(valides[0] if valides else rangees[0]))


@lru_cache(maxsize=4096)
def libelle_complet(cog: str, le: str | None = None) -> str:
    """Display form: `63220 Mazoires`; an unknown code says so, and stays usable (SC.INS.03)."""
    if not cog:
        return ""
    trouve = lieu(cog, le)
    if trouve is None:
        return f"{cog} (code absent du référentiel)"
    nom = "Inconnu" if trouve.type is TypeLieu.INCONNU else trouve.libelle
    return f"{cog} {nom}"


def _candidats(cle: str) -> list[Rangee]:
    """Rows that match, best first: exact name, start of the name, then words in any order."""
    codes = _par_code_saisi(cle)
    if codes:
        return codes
    trouves = _par_nom(cle)
    if len(trouves) < _CANDIDATS:
        trouves += _par_mots(cle)
    debut, _, fin = cle.rpartition(" ")
    if debut and len(fin) in (2, 3) and fin in _departements():
        # « Saint-Denis 93 »: the département separates namesakes.
        trouves = _par_nom(debut, fin) + _par_mots(debut, fin) + trouves
    return list({r[0]: r for r in trouves or _approches(cle)}.values())


def _approches(cle: str) -> list[Rangee]:
    """Nothing matches: give up the last words, then the last letters.

    « Montreuil-sous-Bois » is officially Montreuil; « Marseile » begins like Marseille.
    """
    mots = cle.split()
    debuts = [" ".join(mots[:reste]) for reste in range(len(mots) - 1, 0, -1)]
    # A whole name first: « Montreuil », rather than another name that begins alike.
    for exact in (True, False):
        for debut in debuts:
            if trouves := [r for r in _par_nom(debut)
                           if not exact or debut == cle_lieu(r[2])]:
                return trouves
    premier = mots[0]
    for longueur in range(len(premier) - 1, 3, -1):
        if trouves := _par_nom(premier[:longueur]):
            return trouves
    return []


def _par_nom(cle: str, departement: str = "") -> list[Rangee]:
    """Names that are `cle`, then names that begin with it, each by importance."""
    filtre = "AND l.cog >= ? AND l.cog < ?" if departement else ""
    bornes = (departement, _suite(departement)) if departement else ()
    colonnes = ", ".join(f"l.{c}" for c in _COLONNES.split(", "))
    exact = _base().rangees(
        f"SELECT {colonnes} FROM nom n JOIN lieu l USING (rang) WHERE n.cle = ? {filtre} "
        f"ORDER BY n.rang LIMIT {_CANDIDATS}", (cle, *bornes))
    debut = _base().rangees(
        f"SELECT {colonnes} FROM nom n JOIN lieu l USING (rang) WHERE n.cle > ? AND n.cle < ? "
        f"{filtre} ORDER BY n.rang LIMIT {_CANDIDATS}", (cle, _suite(cle), *bornes))
    return exact + debut


def _par_mots(cle: str, departement: str = "") -> list[Rangee]:
    """Names that hold every typed word, or words that begin with it, in any order."""
    mots = [m for m in cle.split() if m not in MOTS_VIDES] or cle.split()
    # The longest word is the rarest; « Saint » never is.
    pivot = max(mots, key=lambda m: (m not in {"SAINT", "SAINTE"}, len(m)))
    autres = list(mots)
    autres.remove(pivot)
    conditions = "".join(" AND instr(' ' || l.mots, ?) > 0" for _ in autres)
    bornes: tuple[str, ...] = ()
    if departement:
        conditions += " AND l.cog >= ? AND l.cog < ?"
        bornes = (departement, _suite(departement))
    colonnes = ", ".join(f"l.{c}" for c in _COLONNES.split(", "))
    return _base().rangees(
        f"SELECT DISTINCT {colonnes} FROM mot m JOIN lieu l USING (rang) "
        f"WHERE m.mot >= ? AND m.mot < ?{conditions} ORDER BY m.rang LIMIT {_CANDIDATS}",
        (pivot, _suite(pivot), *(f" {m}" for m in autres), *bornes))


def _suite(debut: str) -> str:
    """First key after every key that begins with `debut` (keys hold A-Z, 0-9 and space)."""
    return debut + "["


def _par_code_saisi(cle: str) -> list[Rangee]:
    """Rows of a typed code: COG of today, else postal code, else COG of the past."""
    if not est_cog(cle):
        return []
    rangees = _par_code(cle)
    postaux = _base().rangees(
        f"SELECT {_COLONNES} FROM postal p JOIN lieu USING (rang) WHERE p.code = ? "
        f"ORDER BY rang LIMIT {_CANDIDATS}", (cle,))
    actuelles = [r for r in rangees if not r[5]]
    return actuelles + postaux + [r for r in rangees if r[5]]


def _par_code(cog: str) -> list[Rangee]:
    """Rows of a code: the present one first, then the latest."""
    return _base().rangees(
        f"SELECT {_COLONNES} FROM lieu WHERE cog = ? ORDER BY au = '' DESC, au DESC", (cog,))


def _a_la_date(rangees: list[Rangee], le: str) -> list[Lieu]:
    """Carry each row to what it was on `le`; rows that were nothing then come last."""
    gardes: dict[int, Rangee] = {}
    orphelins: dict[int, Rangee] = {}
    for rangee in rangees:
        valides = [rangee] if _valide(rangee, le) else _ce_jour_la(rangee[1], le)
        for valide in valides:
            gardes.setdefault(valide[0], valide)
        if not valides:
            orphelins[rangee[0]] = rangee
    return [_lieu(r) for r in (*gardes.values(), *orphelins.values())]


def _ce_jour_la(cog: str, le: str) -> list[Rangee]:
    """Rows valid on a day under the same code, else under an equivalent one."""
    meme = [r for r in _par_code(cog) if _valide(r, le)]
    if meme:
        return meme
    evenements = _evenements()
    autres = evenements.successeurs(cog) | evenements.predecesseurs(cog)
    # A large commune nouvelle took over many codes: none of them is the answer to its name.
    return [r for c in sorted(autres)[:8] for r in _par_code(c) if _valide(r, le)]


def _valide(rangee: Rangee, le: str) -> bool:
    return rangee[4] <= le and (not rangee[5] or le < rangee[5])


def _lieu(rangee: Rangee) -> Lieu:
    _, cog, libelle, nature, du, au, ou, _ = rangee
    return Lieu(cog, libelle, TypeLieu(nature), du, au, precision=ou)


def _complet(place: Lieu) -> Lieu:
    """Add what replaced the place, and where it is."""
    successeurs: tuple[str, ...] = ()
    if place.au and not any(r[5] == "" for r in _par_code(place.cog)):
        suite = _evenements().successeurs(place.cog, place.au)
        successeurs = tuple(sorted(c for c in suite if any(r[5] == "" for r in _par_code(c))))
    return replace(place, successeurs=successeurs,
                   precision=_precision(place) + _devenu(successeurs))


def _devenu(successeurs: tuple[str, ...]) -> str:
    """« , aujourd’hui Annecy (74010) » (SC.INS.02); nothing when it was shared between several."""
    if len(successeurs) != 1:
        return ""
    actuels = [r for r in _par_code(successeurs[0]) if not r[5]]
    return f", aujourd’hui {actuels[0][2]} ({successeurs[0]})" if actuels else ""


def _precision(place: Lieu) -> str:
    """Département, country or collectivity, and the last day of a former name."""
    if place.type is TypeLieu.PAYS:
        ou = place.precision or "pays"
    else:
        code = place.cog[:3] if place.cog.startswith(("97", "98")) else place.cog[:2]
        ancien = place.au and place.au <= "1976-01-01" and code in _ANCIENS_DEPARTEMENTS
        nom = _ANCIENS_DEPARTEMENTS[code] if ancien else _departements().get(code, "")
        ou = place.precision or (f"{nom} ({code})" if nom else code)
    if not place.au:
        return ou
    veille = (date.fromisoformat(place.au) - timedelta(days=1)).strftime("%d/%m/%Y")
    return f"{ou}, jusqu’au {veille}"
