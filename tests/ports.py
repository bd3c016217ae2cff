"""Ports that a test may count on: one to come back to later, one where nobody listens."""

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager

#: Below what systems hand out by themselves (32768 and up on Linux, 49152 on Windows): a port that
#: was freed isn't given, meanwhile, to a connection that somebody opens.
PLAGE = range(15_000, 32_000)


def port_reserve() -> int:
    """A free port that a server may take, leave and take again."""
    hasard = random.SystemRandom()
    while True:
        port = hasard.choice(PLAGE)
        with socket.socket() as prise:
            try:
                prise.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@contextmanager
def port_mort() -> Iterator[int]:
    """A port where nobody listens, and nobody will before the end of the block."""
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        yield int(prise.getsockname()[1])
