"""Restore a backup, here or on a fresh machine (GEN.21.BIS)."""

from pathlib import Path

from app.store import places
from app.store.restore import (
    Restauration,
    ouvrir_coffre_sauvegarde,
    restaurer_fichier,
    restaurer_postgresql,
)
from app.usecases.errors import Refus


def restaurer(sauvegarde: Path, vers: Path | str, *, cle_secours: str = "",
              mot_de_passe: str = "", mettre_de_cote: bool = False) -> Restauration:
    """Restore a backup as a file, or into an empty PostgreSQL database.

    :param cle_secours: the printed recovery key; or else `mot_de_passe`, one of the time of the
        backup.
    :param mettre_de_cote: an existing practice is first moved into a dated folder.
    :raises Refus, ErreurStore: each with a French sentence; nothing was modified.
    """
    if not (cle_secours or mot_de_passe):
        raise Refus("Donnez la clé de secours ou le mot de passe du cabinet.")
    sauvegarde = Path(sauvegarde).absolute()
    if isinstance(vers, Path) and vers.absolute() == sauvegarde:
        raise Refus("La sauvegarde et le dossier restauré ne peuvent pas être le même fichier.")
    cle = ouvrir_coffre_sauvegarde(sauvegarde, cle_secours=cle_secours,
                                   mot_de_passe=mot_de_passe)
    if places.est_url(vers):
        return restaurer_postgresql(sauvegarde, cle, str(vers), places.dossier_donnees(),
                                    mettre_de_cote=mettre_de_cote)
    return restaurer_fichier(sauvegarde, cle, Path(vers), mettre_de_cote=mettre_de_cote)
