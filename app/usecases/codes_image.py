"""Codes in an image: a photograph, a copy of the screen, a scanned sheet."""

from pathlib import Path

from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import libre

#: A file larger than this isn't read.
OCTETS_MAX = 40_000_000


@libre("une image est lue, rien du dossier")
def lire_codes(ctx: Contexte, source: bytes | Path) -> tuple[str, ...]:
    """Texts of the codes of an image, the most useful first, in the worker process.

    :raises Refus: the file can't be read, isn't an image, or holds no code.
    """
    octets = source if isinstance(source, bytes) else _lire(source)
    codes: tuple[str, ...] = ctx.lourd(decoder, octets)
    if not codes:
        raise Refus("Aucun code n’a été trouvé dans cette image. Cadrez le code seul, à plat et "
                    "net, puis recommencez.")
    return codes


def decoder(octets: bytes) -> tuple[str, ...]:
    """Codes of the bytes of an image. Pure: may run in the worker process.

    :raises Refus: not an image.
    """
    from app.devices.scan_image import ImageIllisible, lire_image, ouvrir

    try:
        return tuple(code.complet if code.symbologie.startswith("]d") else code.texte
                     for code in lire_image(ouvrir(octets)))
    except ImageIllisible as erreur:
        raise Refus(f"{erreur} Choisissez une photo ou une copie d’écran.") from erreur


def _lire(chemin: Path) -> bytes:
    try:
        if chemin.stat().st_size > OCTETS_MAX:
            raise Refus("Cette image est trop volumineuse : 40 Mo au plus.")
        return chemin.read_bytes()
    except OSError as erreur:
        raise Refus("Ce fichier ne peut pas être lu. Vérifiez qu’il existe encore.") from erreur
