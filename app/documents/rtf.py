"""Text of an RTF file: its shape is given up, nothing embedded in it is opened."""

from striprtf.striprtf import rtf_to_text

#: Characters read at most.
TAILLE_MAX = 5_000_000


class RtfIllisible(ValueError):
    """These bytes are no RTF that can be read. The message is French."""


def est_rtf(contenu: bytes) -> bool:
    """True for bytes that begin as RTF."""
    return contenu.lstrip()[:5] == b"{\\rtf"


def texte_rtf(contenu: bytes) -> str:
    """Text of an RTF file.

    Raises:
        RtfIllisible: not RTF, or damaged.
    """
    if not est_rtf(contenu) or len(contenu) > TAILLE_MAX:
        raise RtfIllisible("Ce fichier RTF est abîmé ou trop volumineux.")
    try:
        texte: str = rtf_to_text(  # type: ignore[no-untyped-call]
            contenu.decode("cp1252", errors="replace"), errors="replace")
    except (ValueError, LookupError, IndexError, KeyError, RecursionError, AttributeError,
            TypeError):
        raise RtfIllisible("Ce fichier RTF est abîmé.") from None
    return texte
