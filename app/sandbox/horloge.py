"""A clock that tests can move (`spec/dmp.md` §22: settable clock)."""

import time
from datetime import UTC, datetime


class Horloge:
    """Time of the bac à sable: the machine's, plus a shift in seconds."""

    def __init__(self) -> None:
        self.decalage_s = 0.0

    def maintenant(self) -> float:
        """Seconds since 1970, shifted."""
        return time.time() + self.decalage_s

    def utc(self) -> datetime:
        """Aware UTC date-time, shifted."""
        return datetime.fromtimestamp(self.maintenant(), UTC)
