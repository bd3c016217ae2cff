"""A gesture that can't be done: what, why, and what to do."""

from app.services.errors import Remede


class Refus(Exception):
    """Raised by a use case when a rule of the trade says no.

    `message` is a whole French sentence for the screen, `remede` what the window may offer,
    `code` a small official or internal code.
    """

    def __init__(self, message: str, *, remede: Remede = Remede.AUCUN, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remede = remede
        self.code = code
