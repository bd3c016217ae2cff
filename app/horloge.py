"""Time that passes: a clock that nobody sets and that sleep doesn't stop.

`time.time` jumps when the date is corrected; `time.monotonic` stops on Linux while the machine
sleeps. A laptop closed for three hours must find its session three hours older, and a session must
not become younger, nor die, because the date was wrong.
"""

import time


def ecoule() -> float:
    """Seconds since some instant of the past, sleep included."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)  # Linux; elsewhere `monotonic` counts sleep
    return time.monotonic() if boot is None else time.clock_gettime(boot)
