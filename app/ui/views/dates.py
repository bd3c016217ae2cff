"""Dates as people type them in a field, and back."""

import calendar
import re
from datetime import date

from app.domain.dates import formater, lire_date_saisie


def lire_date(texte: str) -> str:
    """A typed date as AAAA-MM-JJ, expiry dates ahead included; what isn't one stays as typed.

    MM/AAAA is the last day of the month, as boxes print it.
    """
    net = texte.strip()
    if lu := re.fullmatch(r"(\d{1,2})[/. -](\d{4})", net):
        mois, annee = int(lu[1]), int(lu[2])
        if 1 <= mois <= 12 and annee >= 1900:
            return f"{annee:04d}-{mois:02d}-{calendar.monthrange(annee, mois)[1]:02d}"
    return lire_date_saisie(net, date(date.today().year + 20, 12, 31)) or net


def lire_instant(texte: str) -> str:
    """« 28/11/2026 14:05 » (or 14h05) as AAAA-MM-JJTHH:MM; what isn't one stays as typed."""
    lu = re.fullmatch(r"(\S+)(?:\s+à)?\s+(\d{1,2})\s*[:hH]\s*(\d{2})?", texte.strip())
    if lu is None:
        return texte.strip()
    return f"{lire_date(lu[1])}T{int(lu[2]):02d}:{lu[3] or '00'}"


def ecrire_instant(iso: str) -> str:
    """AAAA-MM-JJTHH:MM as « JJ/MM/AAAA HH:MM »; other texts are kept."""
    jour, trouve, heure = iso.partition("T")
    return f"{formater(jour)} {heure[:5]}" if trouve else formater(iso)
