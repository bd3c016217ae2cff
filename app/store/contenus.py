"""Bytes kept once, by their SHA-256."""

from hashlib import sha256

from sqlalchemy import Connection, insert, select

from app.store.errors import FichierAbime, Introuvable
from app.store.tables import T_CONTENU


def garder(connexion: Connection, octets: bytes) -> str:
    """Keep bytes; returns their hash."""
    empreinte = sha256(octets).hexdigest()
    if connexion.execute(select(T_CONTENU.c.sha256).where(
            T_CONTENU.c.sha256 == empreinte)).first() is None:
        connexion.execute(insert(T_CONTENU).values(
            sha256=empreinte, taille=len(octets), octets=octets))
    return empreinte


def lire(connexion: Connection, empreinte: str) -> bytes:
    """Bytes of a hash, checked against it.

    :raises Introuvable: no such content. :raises FichierAbime: the bytes changed.
    """
    octets = connexion.execute(select(T_CONTENU.c.octets).where(
        T_CONTENU.c.sha256 == empreinte)).scalar()
    if octets is None:
        raise Introuvable("Le contenu de ce document n’est pas dans le dossier.")
    octets = bytes(octets)
    if sha256(octets).hexdigest() != empreinte:
        raise FichierAbime("Le contenu de ce document est abîmé. Restaurez une sauvegarde.")
    return octets
