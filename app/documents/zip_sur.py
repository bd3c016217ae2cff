"""Open a ZIP that nobody vouches for: bounded in number, size, ratio and names.

Nothing is ever written to disk, and an archive inside the archive is not opened.
"""

import io
import struct
import zipfile
import zlib

from app.documents.illisible import DocumentIllisible

#: Entries at most.
ENTREES_MAX = 1_000
#: Size of one entry, and of all of them, once inflated.
TAILLE_ENTREE_MAX = 64_000_000
TAILLE_TOTALE_MAX = 256_000_000
#: Inflated size over compressed size, looked at from 1 MB up.
RATIO_MAX = 200
_RATIO_DES = 1_000_000
_METHODES = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class ArchiveSure:
    """The entries of an archive, checked; their bytes are read on demand."""

    def __init__(self, contenu: bytes) -> None:
        """Check the directory of the archive.

        Raises:
            DocumentIllisible: not a ZIP, or one that breaks a bound.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(contenu))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error):
            raise DocumentIllisible("archive_abimee", "Archive ZIP abîmée.") from None
        self._entrees: dict[str, zipfile.ZipInfo] = {}
        infos = self._zip.infolist()
        if len(infos) > ENTREES_MAX:
            raise _refus("archive_trop_d_entrees", "trop de fichiers")
        total = 0
        for info in infos:
            nom = info.filename
            if nom.endswith("/"):
                continue
            _verifier_nom(nom)
            cle = nom.upper()
            if cle in self._entrees:
                raise _refus("archive_noms_en_double", "deux fichiers portent le même nom")
            if info.flag_bits & 0x1:
                raise _refus("archive_chiffree", "elle est chiffrée")
            if info.compress_type not in _METHODES:
                raise _refus("archive_compression", "compression inconnue")
            total += info.file_size
            if info.file_size > TAILLE_ENTREE_MAX or total > TAILLE_TOTALE_MAX:
                raise _refus("archive_trop_grosse", "contenu trop volumineux")
            if info.file_size > _RATIO_DES and (
                    info.file_size > RATIO_MAX * max(info.compress_size, 1)):
                raise _refus("archive_bombe", "compression anormale")
            self._entrees[cle] = info

    @property
    def noms(self) -> list[str]:
        """Names of the files, as written."""
        return [info.filename for info in self._entrees.values()]

    def trouver(self, nom: str) -> str | None:
        """Name as written of a file, whatever its case."""
        info = self._entrees.get(nom.upper())
        return info.filename if info else None

    def lire(self, nom: str) -> bytes:
        """Bytes of a file.

        Raises:
            DocumentIllisible: absent, damaged, or larger than announced.
        """
        info = self._entrees.get(nom.upper())
        if info is None:
            raise DocumentIllisible("archive_fichier_absent", "Fichier absent de l’archive.", nom)
        try:
            with self._zip.open(info) as flux:
                # One byte more than announced: a lying directory is caught here.
                octets = flux.read(info.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError,
                RuntimeError, ValueError, struct.error):
            raise DocumentIllisible("archive_abimee", "Fichier abîmé dans l’archive.",
                                    nom) from None
        if len(octets) != info.file_size:
            raise DocumentIllisible("archive_abimee", "Fichier abîmé dans l’archive.", nom)
        return octets


def _verifier_nom(nom: str) -> None:
    """Refuse a path that would leave the archive, were it extracted."""
    parts = nom.replace("\\", "/").split("/")
    if (not nom or nom.startswith(("/", "\\")) or ".." in parts or ":" in nom or "\x00" in nom
            or len(nom) > 240 or len(parts) > 12):
        raise _refus("archive_chemin", "un chemin de fichier est dangereux")


def _refus(code: str, pourquoi: str) -> DocumentIllisible:
    return DocumentIllisible(code, f"Archive refusée : {pourquoi}.")
