"""Time that never goes back.

Expiries are compared on the boot clock, anchored once on the wall clock: an administrator (or an
attacker) who moves the wall clock neither prolongs nor ends a session, and a suspended laptop
finds its sessions aged.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]
"""Gives seconds since 1970, only ever growing."""

_HORLOGE = getattr(time, "CLOCK_BOOTTIME", None)


def _ecoule() -> float:
    return time.monotonic() if _HORLOGE is None else time.clock_gettime(_HORLOGE)


_ANCRE = time.time() - _ecoule()


def now() -> float:
    """Seconds since 1970 on the boot clock."""
    return _ANCRE + _ecoule()


def iso(instant: float) -> str:
    """Date-time with offset and milliseconds, as the traces want it (`spec/psc.md` §4.4)."""
    return datetime.fromtimestamp(instant, UTC).astimezone().isoformat(timespec="milliseconds")
