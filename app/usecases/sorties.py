"""What leaves the file by the user’s hand: printed, saved outside, copied (traced)."""

import errno
from enum import StrEnum
from pathlib import Path

from app.store.errors import DisquePlein, ErreurStore
from app.store.files import ecrire_durablement
from app.usecases.context import Contexte
from app.usecases.export_csv import refuser_le_programme
from app.usecases.garde import libre


class Sortie(StrEnum):
    """How it left."""

    IMPRESSION = "impression"
    ENREGISTREMENT = "enregistrement"
    PRESSE_PAPIERS = "presse_papiers"


@libre("trace ce que la fenêtre a déjà sous les yeux")
def noter_sortie(ctx: Contexte, sortie: Sortie, objet: str, patient_id: int | None = None,
                 resultat: str = "ok") -> None:
    """Trace a printing, a file saved outside, an identity copied.

    :param objet: what, without content (« document 12 », « matricule »). :param resultat: « ok »,
        « abandon » or « echec ».
    """
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi=f"sortie.{sortie.value}",
                       sur_qui="" if patient_id is None else str(patient_id), resultat=resultat,
                       detail=objet[:120])


@libre("écrit ce que la fenêtre a déjà sous les yeux, et le trace")
def enregistrer_sortie(ctx: Contexte, objet: str, vers: Path, contenu: bytes,
                       patient_id: int | None = None) -> Path:
    """Save a file outside. The trace comes first, so that none can be missing.

    :raises ErreurStore: as `ecrire_fichier`.
    """
    refuser_le_programme(vers)
    noter_sortie(ctx, Sortie.ENREGISTREMENT, objet, patient_id)
    return ecrire_fichier(vers, contenu)


def ecrire_fichier(vers: Path, contenu: bytes) -> Path:
    """Write a file in clear where the user said: whole or not at all, readable by them alone.

    A file already there is replaced: the dialog that named it has asked.

    :raises Refus: the name is that of a practice, a backup or a vault. :raises DisquePlein,
        ErreurStore: nothing was left, what was there stays.
    """
    vers = refuser_le_programme(vers)
    try:
        ecrire_durablement(vers, contenu)
    except OSError as erreur:
        if erreur.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DisquePlein("Le disque est plein\u00a0: le fichier n’a pas été enregistré. "
                              "Libérez de la place, ou choisissez un autre disque.") from erreur
        raise ErreurStore(f"Le fichier «\u00a0{vers.name}\u00a0» n’a pas pu être enregistré à cet "
                          "endroit. Choisissez un autre dossier.") from erreur
    return vers
