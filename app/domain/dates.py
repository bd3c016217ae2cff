"""Birth dates: calendar, lunar, partly unknown (`spec/ins.md` §1.5, `spec/cards.md` §1.5).

The wire form is AAAA-MM-JJ and may be no day of the calendar: 00 for an unknown part, a month
above 12 on cards. It is kept as received; only what people type must be a real day.
"""

import calendar
import re
from datetime import date

_FIL = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_CARTE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_SAISIE_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_SAISIE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})", re.ASCII)
_SAISIE_COLLEE = re.compile(r"(\d{2})(\d{2})(\d{4}|\d{2})", re.ASCII)
_ANNEE_MIN = 1850


def _jour(annee: int, mois: int, jour: int) -> date | None:
    """The day, or None when the calendar has no such day."""
    if not (1 <= annee <= 9999 and 1 <= mois <= 12
            and 1 <= jour <= calendar.monthrange(annee, mois)[1]):
        return None
    return date(annee, mois, jour)


def lire_date_saisie(texte: str, au: date | None = None) -> str | None:
    """Read a typed date: JJMMAA, JJMMAAAA, JJ/MM/AAAA (or - . space), AAAA-MM-JJ.

    A two-digit year is the last one that gives a day not after `au` (default: today). Returns
    AAAA-MM-JJ, or None when the text is no date of the calendar.
    """
    mots = texte.strip()
    if iso := _SAISIE_ISO.fullmatch(mots):
        annee, mois, jour = (int(g) for g in iso.groups())
    elif saisie := _SAISIE.fullmatch(mots) or _SAISIE_COLLEE.fullmatch(mots):
        jour, mois = int(saisie[1]), int(saisie[2])
        annee = int(saisie[3])
        if len(saisie[3]) == 2:
            return _siecle(annee, mois, jour, au or date.today())
    else:
        return None
    lue = _jour(annee, mois, jour)
    return lue.isoformat() if lue and annee >= _ANNEE_MIN else None


def _siecle(annee: int, mois: int, jour: int, au: date) -> str | None:
    """Give its century to a two-digit year: the nearest in the past."""
    for siecle in (au.year // 100 * 100, au.year // 100 * 100 - 100):
        lue = _jour(siecle + annee, mois, jour)
        if lue and lue <= au:
            return lue.isoformat()
    return None


def formater(iso: str) -> str:
    """AAAA-MM-JJ (or a date-time) → JJ/MM/AAAA; 00 and lunar parts are kept, other texts too."""
    lu = _FIL.match(iso)
    return f"{lu[3]}/{lu[2]}/{lu[1]}" if lu else iso


def est_calendaire(iso: str) -> bool:
    """True when AAAA-MM-JJ is a day of the calendar."""
    lu = _FIL.fullmatch(iso)
    return lu is not None and _jour(int(lu[1]), int(lu[2]), int(lu[3])) is not None


def est_forme_du_fil(iso: str) -> bool:
    """True when the text has the form of the wire type DateLunaire, whatever its value."""
    return _FIL.fullmatch(iso) is not None


def a_partie_inconnue(iso: str) -> bool:
    """True when day or month is 00: INSi's answer must not be retrieved (rule 11)."""
    lu = _FIL.fullmatch(iso)
    return lu is not None and "00" in (lu[2], lu[3])


def depuis_carte(aaaammjj: str) -> str:
    """Date of a card, AAAAMMJJ, as the wire form; lunar parts kept, other texts unchanged."""
    lu = _CARTE.fullmatch(aaaammjj)
    return f"{lu[1]}-{lu[2]}-{lu[3]}" if lu else aaaammjj


def completer(annee: int, mois: int | None = None, jour: int | None = None) -> str:
    """Date of creation when parts are unknown (RNIV): 01 for one part, 31/12 for both.

    Raises:
        ValueError: the known parts are no day of the calendar.
    """
    if mois is None and jour is None:
        lue = _jour(annee, 12, 31)
    else:
        lue = _jour(annee, mois or 1, jour or 1)
    if lue is None:
        raise ValueError("Cette date n’existe pas.")
    return lue.isoformat()


def age(iso: str, au: date) -> str:
    """Age in French at day `au`: days under a month, months under two years, then years.

    A lunar or partly unknown date gives an approximate age from what is known; an unreadable or
    future one gives an empty text.
    """
    lu = _FIL.match(iso)
    if not lu:
        return ""
    annee, mois, jour = int(lu[1]), int(lu[2]), int(lu[3])
    ne = _jour(annee, mois, jour)
    if ne is None:
        ans = au.year - annee
        return f"environ {_pluriel(ans, 'an')}" if annee > 0 and 0 <= ans <= 130 else ""
    if ne > au:
        return ""
    nombre_mois = (au.year - ne.year) * 12 + au.month - ne.month - (au.day < ne.day)
    if nombre_mois < 1:
        return _pluriel((au - ne).days, "jour")
    if nombre_mois < 24:
        return f"{nombre_mois} mois"
    return _pluriel(nombre_mois // 12, "an")


def _pluriel(nombre: int, mot: str) -> str:
    return f"{nombre} {mot}{'s' if nombre > 1 else ''}"
