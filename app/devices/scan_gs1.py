"""GS1 element strings of medicine boxes (`spec/cards.md` §5.2 to §5.6).

The parser is pure: a text, the day against which dates are judged, a reading. When the group
separators were lost on the way, every complete reading is tried, and nothing is guessed in silence.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

GS = "\x1d"
#: What scanners, keyboards and copies make of a GS; none of them is a GS1 character.
_GS_ECRITS = re.compile(r"<GS>|\{GS\}|\\x1d|\^\]|[␝|~#]", re.IGNORECASE)
_SET82 = re.compile(r"""[A-Za-z0-9!"%&'()*+,\-./:;<=>?_]*""")
_CIP_EN_GTIN = "034009"


class EtatLecture(StrEnum):
    """How far a code could be read."""

    OK = "OK"
    A_VERIFIER = "A_VERIFIER"
    PARTIEL = "PARTIEL"
    ERREUR = "ERREUR"


@dataclass(frozen=True, slots=True)
class Avertissement:
    """A stable code and a French sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class LectureGs1:
    """What a GS1 code says. Dates AAAA-MM-JJ; absent values are empty.

    `candidats` are the lots among which the user must choose.
    """

    etat: EtatLecture
    gtin: str = ""
    cip13: str = ""
    peremption: str = ""
    lot: str = ""
    serie: str = ""
    fabrication: str = ""
    candidats: tuple[str, ...] = ()
    avertissements: tuple[Avertissement, ...] = field(default=())


class _Refus(Exception):
    """A reading stops: code, message, what was read before."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.avertissement = Avertissement(code, message)


# --- Identifiers and dates ----------------------------------------------------------------------

_LONGUEURS = {"00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "20": 2,
              **{f"{n}": 6 for n in range(11, 20)}}
_MAXIMUMS = {"10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "90": 30, "240": 30, "241": 30,
             "242": 6, "250": 30, "251": 30, "253": 30, "254": 20, "71": 20}
_IDENTIFIANTS = (
    (re.compile(r"0[0-4]|1[0-9]|2[0-2]|30|37|9[0-9]"), 2),
    (re.compile(r"235|24[0-3]|25[0134]|40[0-3]|41[0-7]|42[0-7]|71[0-9]"), 3),
    (re.compile(r"3[1-69]\d\d|70\d\d|72\d\d|80\d\d|81\d\d|82\d\d"), 4))


def cle_gs1(chiffres: str) -> str:
    """Check digit of a GTIN without it (mod 10, weights 3 and 1 from the right)."""
    somme = sum(int(c) * (3 if n % 2 == 0 else 1) for n, c in enumerate(reversed(chiffres)))
    return str(-somme % 10)


def gtin_valide(gtin: str) -> bool:
    """True for 8, 12, 13 or 14 digits whose check digit is right."""
    return (gtin.isascii() and gtin.isdigit() and len(gtin) in (8, 12, 13, 14)
            and cle_gs1(gtin[:-1]) == gtin[-1])


def date_gs1(aammjj: str, au: date) -> str | None:
    """YYMMDD as AAAA-MM-JJ, or None; day 00 is the last of the month.

    The century is that of the sliding window of the GS1 rules: 51 years ahead is the past.
    """
    if not (aammjj.isascii() and aammjj.isdigit() and len(aammjj) == 6):
        return None
    annee, mois, jour = int(aammjj[:2]), int(aammjj[2:4]), int(aammjj[4:])
    ecart = annee - au.year % 100
    siecle = au.year // 100 - (1 if ecart >= 51 else -1 if ecart <= -50 else 0)
    pleine = siecle * 100 + annee
    if not 1 <= mois <= 12:
        return None
    dernier = calendar.monthrange(pleine, mois)[1]
    jour = jour or dernier
    return f"{pleine:04d}-{mois:02d}-{jour:02d}" if jour <= dernier else None


def _identifiant(texte: str) -> str | None:
    for motif, longueur in _IDENTIFIANTS:
        if motif.fullmatch(texte[:longueur]):
            return texte[:longueur]
    return None


def _longueur_fixe(ai: str) -> int | None:
    if ai[:2] in _LONGUEURS:
        return _LONGUEURS[ai[:2]]
    if ai[:2] in {"31", "32", "33", "34", "35", "36"}:
        return 6
    return 13 if ai[:2] == "41" else None


# --- Reading ------------------------------------------------------------------------------------

def nettoyer(texte: str) -> str:
    """The payload: blanks, symbology identifier, leading separator dropped; GS restored."""
    brut = _GS_ECRITS.sub(GS, texte.strip(" \t\r\n"))
    return re.sub(r"^\][A-Za-z]\d", "", brut).lstrip(GS)


def lire_gs1(texte: str, au: date) -> LectureGs1:
    """Read an element string, in the form a scanner gives or as printed, with parentheses.

    Args:
        texte: the payload; separators may be written in any known way, or lost.
        au: the day against which dates are judged.
    """
    brut = nettoyer(texte)
    if brut.startswith("("):
        return _conclure(_parenthese(brut), au)
    if GS not in brut:
        return _sans_separateur(brut, au)
    return _conclure(_suite(brut), au)


@dataclass(frozen=True, slots=True)
class _Champs:
    """Fields as read, and the first thing that stopped the reading."""

    valeurs: dict[str, str]
    refus: Avertissement | None = None
    inconnu: bool = False


def _suite(brut: str) -> _Champs:
    """Walk an element string in which separators are trusted."""
    valeurs: dict[str, str] = {}
    try:
        while brut := brut.lstrip(GS):
            ai = _identifiant(brut)
            if ai is None:
                return _Champs(valeurs, Avertissement(
                    "UNKNOWN_AI", f"Donnée « {brut[:2]} » inconnue : la suite n’est pas lue."),
                    inconnu=True)
            valeur, brut = _valeur(ai, brut[len(ai):])
            _poser(valeurs, ai, valeur)
    except _Refus as refus:
        return _Champs(valeurs, refus.avertissement)
    return _Champs(valeurs)


def _valeur(ai: str, reste: str) -> tuple[str, str]:
    fixe = _longueur_fixe(ai)
    if fixe is not None:
        valeur = reste[:fixe]
        if len(valeur) < fixe or GS in valeur:
            raise _Refus("TOO_SHORT", f"La donnée ({ai}) est incomplète.")
        return valeur, reste[fixe:]
    valeur, _, suite = reste.partition(GS)
    maximum = _MAXIMUMS.get(ai, _MAXIMUMS.get(ai[:2], 90))
    if len(valeur) > maximum:
        raise _Refus("TOO_LONG", f"La donnée ({ai}) est trop longue : un séparateur a sans doute "
                     "été perdu. Relisez le code, ou saisissez le lot à la main.")
    return valeur, suite


def _poser(valeurs: dict[str, str], ai: str, valeur: str) -> None:
    if not valeur or not _SET82.fullmatch(valeur):
        raise _Refus("INVALID_CHARACTER", f"La donnée ({ai}) contient un caractère interdit.")
    if valeurs.setdefault(ai, valeur) != valeur:
        raise _Refus("DUPLICATE", f"La donnée ({ai}) figure deux fois, avec des valeurs "
                     "différentes.")


def _parenthese(brut: str) -> _Champs:
    """The printed form `(01)…(17)…(10)…`, typed by hand."""
    valeurs: dict[str, str] = {}
    morceaux = re.split(r"\((\d{2,4})\)", brut)
    try:
        if morceaux[0]:
            raise _Refus("UNPARSED", "Le code saisi n’a pas la forme attendue.")
        for ai, valeur in zip(morceaux[1::2], morceaux[2::2], strict=True):
            if _identifiant(ai) != ai:
                return _Champs(valeurs, Avertissement(
                    "UNKNOWN_AI", f"Donnée « {ai} » inconnue."), inconnu=True)
            nette = valeur.strip().strip(GS)
            lue, suite = _valeur(ai, nette)
            if suite:
                raise _Refus("TOO_LONG", f"La donnée ({ai}) est trop longue.")
            _poser(valeurs, ai, lue)
    except _Refus as refus:
        return _Champs(valeurs, refus.avertissement)
    return _Champs(valeurs)


# --- Lost separators ----------------------------------------------------------------------------

def _lectures_possibles(brut: str, au: date,
                        deja: frozenset[str] = frozenset()) -> Iterator[dict[str, str]]:
    """Every complete reading with 01, 11, 17, 10 and 21, each once at most, all values sound."""
    if not brut:
        yield {}
        return
    ai = brut[:2]
    if ai in deja or ai not in ("01", "10", "11", "17", "21"):
        return
    reste = brut[2:]
    fixe = _LONGUEURS.get(ai)
    longueurs = [fixe] if fixe is not None else range(1, min(20, len(reste)) + 1)
    for longueur in longueurs:
        valeur = reste[:longueur]
        if len(valeur) == longueur and _sense(ai, valeur, au):
            for suite in _lectures_possibles(reste[longueur:], au, deja | {ai}):
                yield {ai: valeur, **suite}


def _sense(ai: str, valeur: str, au: date) -> bool:
    if ai == "01":
        return gtin_valide(valeur)
    if ai in ("11", "17"):
        lue = date_gs1(valeur, au)
        return lue is not None and _annees(au, -5) <= lue <= _annees(au, 15)
    return _SET82.fullmatch(valeur) is not None


def _annees(jour: date, ecart: int) -> str:
    """The same day `ecart` years away, AAAA-MM-JJ."""
    return f"{jour.year + ecart:04d}-{jour:%m-%d}"


def _sans_separateur(brut: str, au: date) -> LectureGs1:
    """Rule 2 of §5.6: one reading is sure; several are shown; none is an error."""
    lectures = list(_lectures_possibles(brut, au))
    if len(lectures) == 1:
        return _conclure(_Champs(lectures[0]), au)
    if not lectures:
        lue = _conclure(_suite(brut), au)
        if lue.etat is EtatLecture.PARTIEL and any(
                a.code == "UNKNOWN_AI" for a in lue.avertissements):
            return lue
        perte = Avertissement("UNPARSED", "Le code ne se lit pas en entier : vérifiez chaque "
                              "champ sur la boîte.")
        notes = lue.avertissements if lue.etat is EtatLecture.ERREUR else (
            perte, *lue.avertissements)
        return replace(lue, etat=EtatLecture.ERREUR, avertissements=notes)
    completes = [v for v in lectures if {"01", "10", "17", "21"} <= set(v)]
    if len(completes) == 1:
        lue = _conclure(_Champs(completes[0]), au)
        doute = Avertissement("GS_LOST", "Le lecteur a perdu un séparateur : vérifiez le numéro "
                              "de lot sur la boîte.")
        return _douteuse(lue, doute)
    lots = tuple(sorted({v["10"] for v in lectures if "10" in v}, key=lambda x: (len(x), x)))
    communes = {ai: v for ai, v in lectures[0].items()
                if ai != "10" and all(autre.get(ai) == v for autre in lectures)}
    lue = _conclure(_Champs(communes), au)
    doute = Avertissement(
        "AMBIGUOUS", "Le lecteur a perdu un séparateur et le numéro de lot est ambigu : "
        f"recopiez-le de la boîte ({', '.join(lots)}).")
    return replace(_douteuse(lue, doute), lot="", serie="", candidats=lots)


def _douteuse(lue: LectureGs1, doute: Avertissement) -> LectureGs1:
    etat = EtatLecture.A_VERIFIER if lue.etat is EtatLecture.OK else lue.etat
    return replace(lue, etat=etat, avertissements=(doute, *lue.avertissements))


# --- Conclusion ---------------------------------------------------------------------------------

def _conclure(champs: _Champs, au: date) -> LectureGs1:
    """Judge the fields: check digit, dates, what stopped the reading."""
    valeurs = champs.valeurs
    notes: list[Avertissement] = []
    etat = EtatLecture.OK
    if champs.refus is not None:
        etat = EtatLecture.PARTIEL if champs.inconnu and valeurs else EtatLecture.ERREUR
        notes.append(champs.refus)
    gtin = valeurs.get("01", "")
    cip13 = ""
    if gtin and not gtin_valide(gtin):
        etat = EtatLecture.ERREUR
        notes.append(Avertissement("GTIN_INVALID", "La clé du code produit est fausse : relisez "
                                   "le code."))
    elif gtin.startswith(_CIP_EN_GTIN):
        cip13 = gtin[1:]
    elif gtin and gtin[0] in "12345678":
        notes.append(Avertissement("GROUPED_PACK", "Ce code est celui d’un conditionnement de "
                                   "regroupement : lisez celui de la boîte."))
    elif not gtin and etat is EtatLecture.OK:
        etat = EtatLecture.PARTIEL
        notes.append(Avertissement("NO_GTIN", "Le code ne porte pas de code produit."))
    dates = {}
    for ai, nom in (("17", "péremption"), ("11", "fabrication")):
        if ai not in valeurs:
            continue
        lue = date_gs1(valeurs[ai], au)
        if lue is None:
            etat = EtatLecture.PARTIEL if etat is EtatLecture.OK else etat
            notes.append(Avertissement("DATE_INVALID", f"La date de {nom} est impossible : "
                                       "saisissez-la."))
        else:
            dates[ai] = lue
    notes += _juger_peremption(dates.get("17", ""), au)
    return LectureGs1(etat, gtin, cip13, dates.get("17", ""), valeurs.get("10", ""),
                      valeurs.get("21", ""), dates.get("11", ""), (), tuple(notes))


def _juger_peremption(peremption: str, au: date) -> Iterator[Avertissement]:
    if not peremption:
        return
    jour = date.fromisoformat(peremption)
    if jour < au:
        yield Avertissement("EXPIRED", f"Périmé depuis le {jour:%d/%m/%Y} : ne pas administrer.")
    elif jour <= au + timedelta(days=30):
        yield Avertissement("EXPIRES_SOON", f"Se périme le {jour:%d/%m/%Y}.")
