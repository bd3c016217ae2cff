"""Every byte that a SQLCipher file and its log hold, in clear: free pages and slack included.

Written from the format (SQLCipher 4: AES-256-CBC, 4096-byte pages, 80 reserved bytes at their end,
IV first; a log has a header of 32 bytes and one of 24 before each page), not from the program.
"""

from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE, RESERVE, SEL = 4096, 80, 16


def _page(octets: bytes, cle: bytes, debut: int) -> bytes:
    iv = octets[PAGE - RESERVE:PAGE - RESERVE + 16]
    lecteur = Cipher(algorithms.AES(cle), modes.CBC(iv)).decryptor()
    return lecteur.update(octets[debut:PAGE - RESERVE]) + lecteur.finalize()


def en_clair(fichier: Path, cle: bytes) -> bytes:
    """The file, then its log."""
    octets = fichier.read_bytes()
    clair = [_page(octets[i:i + PAGE], cle, SEL if i == 0 else 0)
             for i in range(0, len(octets), PAGE)]
    journal = fichier.with_name(fichier.name + "-wal")
    if journal.exists():
        trames = journal.read_bytes()[32:]
        for i in range(0, len(trames) - PAGE - 23, PAGE + 24):
            numero = int.from_bytes(trames[i:i + 4], "big")
            clair.append(_page(trames[i + 24:i + 24 + PAGE], cle, SEL if numero == 1 else 0))
    return b"".join(clair)
