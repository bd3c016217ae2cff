"""Alphabetical order kept as numbers with gaps (order maintenance).

A new patient takes the middle of the gap between its two neighbours. When a gap is used up, its
neighbourhood is spread again: a few hundred rows, once in a very long while.
"""

from sqlalchemy import Connection, delete, insert, select

from app.store.search.words import RANG_MAX
from app.store.tables import T_RANG

#: Distance given at both ends of the list.
PAS = 1 << 40
_VOISINS = 64


def place_pour(connexion: Connection, tri: str) -> int | None:
    """A free rank after every row sorted at or before `tri`; None when there is no gap left."""
    avant = connexion.execute(
        select(T_RANG.c.rang).where(T_RANG.c.tri <= tri)
        .order_by(T_RANG.c.tri.desc(), T_RANG.c.rang.desc()).limit(1)).scalar()
    apres = connexion.execute(
        select(T_RANG.c.rang).where(T_RANG.c.tri > tri)
        .order_by(T_RANG.c.tri, T_RANG.c.rang).limit(1)).scalar()
    if avant is None and apres is None:
        return RANG_MAX // 2
    bas, haut = avant or 0, RANG_MAX if apres is None else apres
    if apres is None and bas + PAS < haut:
        return int(bas + PAS)
    if avant is None and haut - PAS > bas:
        return int(haut - PAS)
    milieu = (bas + haut) // 2
    return int(milieu) if bas < milieu < haut else None


def ecarter(connexion: Connection, tri: str) -> list[tuple[int, int, int]]:
    """Spread the rows around `tri`; returns (patient, old rank, new rank) of those that moved.

    The window grows until its rows stand at least 1,024 apart.
    """
    nombre = _VOISINS
    while True:
        avant = list(connexion.execute(
            select(T_RANG.c.rang, T_RANG.c.patient_id, T_RANG.c.tri).where(T_RANG.c.tri <= tri)
            .order_by(T_RANG.c.tri.desc(), T_RANG.c.rang.desc()).limit(nombre + 1)))
        apres = list(connexion.execute(
            select(T_RANG.c.rang, T_RANG.c.patient_id, T_RANG.c.tri).where(T_RANG.c.tri > tri)
            .order_by(T_RANG.c.tri, T_RANG.c.rang).limit(nombre + 1)))
        bas = avant.pop().rang if len(avant) > nombre else 0
        haut = apres.pop().rang if len(apres) > nombre else RANG_MAX
        lignes = [*reversed(avant), *apres]
        pas = (haut - bas) // (len(lignes) + 1)
        if pas >= 1024:
            break
        nombre *= 4
    connexion.execute(delete(T_RANG).where(T_RANG.c.rang > bas, T_RANG.c.rang < haut))
    connexion.execute(insert(T_RANG), [
        {"rang": bas + (i + 1) * pas, "patient_id": ligne.patient_id, "tri": ligne.tri}
        for i, ligne in enumerate(lignes)])
    return [(ligne.patient_id, ligne.rang, bas + (i + 1) * pas)
            for i, ligne in enumerate(lignes)]
