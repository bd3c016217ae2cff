"""Why a document can't be read."""


class DocumentIllisible(Exception):
    """A document that can't be read. `code` is stable, `message` a French sentence.

    `fichier` names the file, inside its archive if any. Neither ever holds content.
    """

    def __init__(self, code: str, message: str, fichier: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fichier = fichier

    def __reduce__(self) -> tuple[type["DocumentIllisible"], tuple[str, str, str]]:
        """Cross from the worker process with its three parts."""
        return type(self), (self.code, self.message, self.fichier)
