"""Settings of the interpreter that keep the window alive while threads work.

Measured with `pleiade bench blocage` (20 answers of 5 MB in flight): largest gap of the event loop
25 to 55 ms by default, 12 to 20 ms with the collector frozen, 5 ms with both settings.
"""

import gc
import sys

#: Longest time that a thread keeps the interpreter when the window asks for it (default 5 ms).
PARTAGE_S = 0.001


def menager() -> None:
    """Call once the window is built, on its thread.

    The modules and widgets loaded by then live until the end: freezing them spares the collector
    a walk over all of them (tens of ms, interpreter held) each time answers fill its counters.
    """
    sys.setswitchinterval(PARTAGE_S)
    gc.collect()
    gc.freeze()
    gc.enable()
