"""BER-TLV of the carte Vitale: small, bounded, no recursion (`spec/cards.md` §1.3)."""

from collections.abc import Iterator

from app.devices.events import LectureIncomplete


def lire_tlv(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Tags and values of one level; a tag 00 (padding) ends it.

    Raises:
        LectureIncomplete: a tag, length or value is cut.
    """
    position, fin = 0, len(octets)
    while position < fin and octets[position] not in (0x00, 0xFF):
        tag = octets[position]
        position += 1
        if tag & 0x1F == 0x1F:
            tag = tag << 8 | _octet(octets, position)
            position += 1
        longueur = _octet(octets, position)
        position += 1
        if longueur in (0x81, 0x82):
            taille = longueur - 0x80
            if position + taille > fin:
                raise LectureIncomplete
            longueur = int.from_bytes(octets[position:position + taille], "big")
            position += taille
        elif longueur > 0x82 or longueur == 0x80:
            raise LectureIncomplete
        if position + longueur > fin:
            raise LectureIncomplete
        yield tag, octets[position:position + longueur]
        position += longueur


def _octet(octets: bytes, position: int) -> int:
    if position >= len(octets):
        raise LectureIncomplete
    return octets[position]
