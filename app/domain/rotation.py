"""Which backups stay: the newest ones of the last days, weeks and months (GEN.21.BIS)."""

from collections.abc import Iterable
from datetime import datetime


def a_garder(moments: Iterable[datetime], *, jours: int, semaines: int,
             mois: int) -> set[datetime]:
    """Moments to keep: the newest backup of each kept day, ISO week and month.

    Periods without a backup don't count: a practice closed in August still has its seven days.
    The newest backup of all always stays.

    :param moments: local times of the existing backups.
    :param jours, semaines, mois: how many of each, 0 keeps none for that period.
    """
    tries = sorted(set(moments), reverse=True)
    gardes = set(tries[:1])
    for combien, periode in ((jours, "%Y-%m-%d"), (semaines, "%G-%V"), (mois, "%Y-%m")):
        vues: set[str] = set()
        for moment in tries:
            nom = moment.strftime(periode)
            if nom not in vues and len(vues) < combien:
                vues.add(nom)
                gardes.add(moment)
    return gardes
