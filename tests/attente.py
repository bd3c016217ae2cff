"""Wait for what another part of the program will do, however slow the machine."""

import asyncio
from collections.abc import Callable

#: Never reached unless the thing doesn't come.
DELAI_S = 30.0


async def jusqua(condition: Callable[[], object], delai_s: float = DELAI_S) -> None:
    """Let the loop turn until `condition` holds. :raises TimeoutError: it never did."""
    async with asyncio.timeout(delai_s):
        while not condition():
            await asyncio.sleep(0.005)
