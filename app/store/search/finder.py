"""The search itself: the first patients that match what was typed, best first.

1. names that begin with the whole text, then first names that do (sorted keys: one range scan,
   however common the prefix);
2. people whose name begins with the first word and who have the others anywhere;
3. everybody else who has all the words.
Each group is sorted by name and stops at the limit, so that no query sorts a large set.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from app.store.search.keys import PAR_NOM, PAR_PRENOM
from app.store.search.query import Recherche
from app.store.search.words import RANG_MAX, RANG_MIN, Mots, index_mots
from app.store.tables import T_CLE, T_MATRICULE, T_RANG

#: Above every character of a key.
_FIN = "\U0010ffff"


def trouver(connexion: Connection, recherche: Recherche, nombre: int) -> list[int]:
    """Ids of the `nombre` best patients."""
    if recherche.vide or nombre <= 0:
        return []
    trouves: dict[int, None] = {}
    for patient_id in _tous(connexion, recherche, nombre):
        trouves[patient_id] = None
        if len(trouves) == nombre:
            break
    return list(trouves)


def _tous(connexion: Connection, recherche: Recherche, lot: int) -> Iterator[int]:
    if recherche.matricule:
        yield from _par_matricule(connexion, recherche.matricule, lot)
        return
    mots = index_mots(connexion)
    if recherche.mots and not recherche.dates:
        texte = " ".join(recherche.mots)
        yield from _par_cle(connexion, PAR_NOM + texte, lot)
        yield from _par_cle(connexion, PAR_PRENOM + texte, lot)
    if len(recherche.mots) + len(recherche.dates) > 1 and recherche.mots:
        bas, haut = _bornes(connexion, recherche.mots[0])
        if bas is not None:
            yield from _par_mots(connexion, mots, recherche, lot, bas - 1, haut)
    yield from _par_mots(connexion, mots, recherche, lot, RANG_MIN, RANG_MAX)


def _par_cle(connexion: Connection, prefixe: str, lot: int) -> Iterator[int]:
    derniere: tuple[str, int] | None = None
    requete = select(T_CLE.c.cle, T_CLE.c.patient_id).order_by(
        T_CLE.c.cle, T_CLE.c.patient_id).limit(lot)
    while True:
        if derniere is None:
            page = requete.where(T_CLE.c.cle >= prefixe, T_CLE.c.cle < prefixe + _FIN)
        else:
            page = requete.where(T_CLE.c.cle >= derniere[0], T_CLE.c.cle < prefixe + _FIN,
                                 (T_CLE.c.cle > derniere[0])
                                 | (T_CLE.c.patient_id > derniere[1]))
        lignes = connexion.execute(page).all()
        for cle, patient_id in lignes:
            yield patient_id
            derniere = (cle, patient_id)
        if len(lignes) < lot:
            return


def _bornes(connexion: Connection, mot: str) -> tuple[int | None, int]:
    """Smallest rank of the names that begin with `mot`, and the first rank after them."""
    bas = connexion.execute(
        select(T_RANG.c.rang).where(T_RANG.c.tri >= mot, T_RANG.c.tri < mot + _FIN)
        .order_by(T_RANG.c.tri, T_RANG.c.rang).limit(1)).scalar()
    if bas is None:
        return None, 0
    haut = connexion.execute(
        select(T_RANG.c.rang).where(T_RANG.c.tri >= mot + _FIN)
        .order_by(T_RANG.c.tri, T_RANG.c.rang).limit(1)).scalar()
    return int(bas), RANG_MAX if haut is None else int(haut)


def _par_mots(connexion: Connection, mots: Mots, recherche: Recherche, lot: int,
              apres: int, jusqua: int) -> Iterator[int]:
    while True:
        rangs = mots.chercher(recherche.mots, recherche.dates, lot, apres, jusqua)
        if rangs:
            patients: dict[int, int] = {ligne.rang: ligne.patient_id for ligne in connexion.execute(
                select(T_RANG.c.rang, T_RANG.c.patient_id).where(T_RANG.c.rang.in_(rangs)))}
            yield from (patients[rang] for rang in rangs)
            apres = rangs[-1]
        if len(rangs) < lot:
            return


def _par_matricule(connexion: Connection, matricule: str, lot: int) -> list[int]:
    return list(connexion.execute(
        select(T_MATRICULE.c.patient_id)
        .where(T_MATRICULE.c.matricule_ins >= matricule,
               T_MATRICULE.c.matricule_ins < matricule + _FIN)
        .order_by(T_MATRICULE.c.actif.desc(), T_MATRICULE.c.matricule_ins,
                  T_MATRICULE.c.patient_id).limit(lot)).scalars())
