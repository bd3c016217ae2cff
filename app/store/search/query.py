"""What was typed in the search field: a matricule, dates, words (`spec/ins.md` §3)."""

import re
from dataclasses import dataclass
from datetime import date

from app.domain.names import cle_recherche
from app.store.search.keys import jeton_date

#: A matricule being typed: from 9 characters it can be nothing else; 15 with its key.
_MATRICULE = re.compile(r"[0-9]{5}(?:[0-9]{2}|2[AB])[0-9]{2,8}")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)
_SEPAREE = re.compile(r"(?<!\d)(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{0,4}))?(?!\d)", re.ASCII)
#: More words than any identity holds.
MOTS_MAX = 8


@dataclass(frozen=True, slots=True)
class Recherche:
    """A parsed query. Every part must match.

    `dates` holds one group a typed date: its possible forms JJMMAAAA, each a prefix.
    """

    matricule: str = ""
    mots: tuple[str, ...] = ()
    dates: tuple[tuple[str, ...], ...] = ()

    @property
    def vide(self) -> bool:
        """True when nothing was typed that can be searched."""
        return not (self.matricule or self.mots or self.dates)


def _formes(chiffres: str, annee_max: int) -> tuple[str, ...]:
    """Possible words JJMMAAAA of digits: JJMMAAAA, AAAAMMJJ, JJMMAA, or a beginning."""
    if len(chiffres) == 8:
        inverse = chiffres[6:] + chiffres[4:6] + chiffres[:4]
        if chiffres[:2] in ("19", "20") and chiffres[2:4] > "12":
            return (inverse,)
        return (chiffres,)
    if len(chiffres) == 6:
        jour, annee = chiffres[:4], chiffres[4:]
        # 120319 may also be the beginning of 12/03/19xx: the beginning covers 1900 to 1999.
        siecles = [s for s in ("19", "20") if int(s + annee) <= annee_max]
        return tuple(dict.fromkeys([f"{jour}{s}{annee}" for s in siecles]))
    return (chiffres,)


def analyser(texte: str, au: date | None = None) -> Recherche:
    """Parse a query; never fails, whatever is typed."""
    texte = texte.strip()[:200]
    serre = re.sub(r"[\s.]", "", texte).upper()
    if _MATRICULE.fullmatch(serre) and serre.isascii():
        return Recherche(matricule=serre)
    annee_max = (au or date.today()).year
    dates: list[tuple[str, ...]] = []

    def iso(lu: re.Match[str]) -> str:
        dates.append((jeton_date(f"{lu[1]}-{lu[2]:0>2}-{lu[3]:0>2}"),))
        return " "

    def separee(lu: re.Match[str]) -> str:
        annee = lu[4] or ""
        dates.append(_formes(f"{lu[1]:0>2}{lu[3]:0>2}{annee}", annee_max))
        return " "

    reste = _SEPAREE.sub(separee, _ISO.sub(iso, texte))
    mots = []
    for mot in cle_recherche(reste).split():
        if mot.isascii() and mot.isdigit() and len(mot) <= 8:
            dates.append(_formes(mot, annee_max))
        else:
            mots.append(mot)
    return Recherche(mots=tuple(mots[:MOTS_MAX]), dates=tuple(dates[:2]))
