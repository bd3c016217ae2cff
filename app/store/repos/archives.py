"""XDM archives made for an order, until the mail takes them (SC.INS.24)."""

from dataclasses import dataclass

from sqlalchemy import insert, select

from app.store import contenus
from app.store.errors import Introuvable
from app.store.repos.base import Depot
from app.store.tables import T_ARCHIVE


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that waits. `adresse` is the MSSanté address when it is known, else empty."""

    ordre_id: int
    nom: str
    sha256: str
    destinataire: str
    adresse: str = ""


class Archives(Depot):
    """Repository of the archives."""

    def ajouter(self, ordre_id: int, octets: bytes, *, nom: str, destinataire: str,
                adresse: str = "") -> Archive:
        """Keep the archive of an order."""
        empreinte = contenus.garder(self._c, octets)
        archive = Archive(ordre_id, nom, empreinte, destinataire, adresse)
        self._c.execute(insert(T_ARCHIVE).values(
            ordre_id=ordre_id, nom=nom, sha256=empreinte, destinataire=destinataire,
            adresse=adresse))
        return archive

    def lire(self, ordre_id: int) -> Archive:
        """The archive of an order. :raises Introuvable: it has none."""
        ligne = self._c.execute(
            select(T_ARCHIVE).where(T_ARCHIVE.c.ordre_id == ordre_id)).first()
        if ligne is None:
            raise Introuvable("Cet envoi n’a pas d’archive.")
        return Archive(*ligne)
