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
from app.store.search.words import RANG_MAX, RANG_MIN, Formes, Mots, index_mots
from app.store.tables import T_CLE, T_MATRICULE, T_RANG

#: Above every character of a key.
_FIN = "\U0010ffff"
#: From this length a first word is rare enough to fetch all matches at once.
_LETTRES_RARES = 3


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
    if recherche.mots and not recherche.dates:
        texte = " ".join(recherche.mots)
        yield from _par_cle(connexion, PAR_NOM + texte, lot)
        yield from _par_cle(connexion, PAR_PRENOM + texte, lot)
    mots = index_mots(connexion)
    formes = _formes(connexion, recherche)
    bas, haut = RANG_MIN, RANG_MIN
    if len(recherche.mots) + len(recherche.dates) > 1 and recherche.mots:
        bas, haut = _bornes(connexion, recherche.mots[0])
    if bas < haut and len(recherche.mots[0]) < _LETTRES_RARES:
        yield from _par_mots(connexion, mots, formes, lot, bas, haut)
    rangs = mots.chercher(formes, lot)
    if len(rangs) < lot:
        # Everybody is here: the two groups are one list in another order.
        rangs.sort(key=lambda rang: not bas < rang < haut)
        yield from _patients(connexion, rangs)
        return
    yield from _par_mots(connexion, mots, formes, lot, bas, haut)
    yield from _patients(connexion, rangs)
    yield from _par_mots(connexion, mots, formes, lot, rangs[-1], RANG_MAX)


def _formes(connexion: Connection, recherche: Recherche) -> list[list[list[str]]]:
    """What the index of words is asked: the words, or two neighbours in one (LE GOFF, LEGOFF)."""
    formes: list[list[list[str]]] = [[[forme] for forme in groupe] for groupe in recherche.dates]
    mots = list(recherche.mots)
    if not mots:
        return formes
    choix = [mots]
    for i in range(len(mots) - 1):
        colle = mots[i] + mots[i + 1]
        # Asking for a word that nobody bears would cost as much as the whole query.
        if any(next(_par_cle(connexion, genre + colle, 1), None) is not None
               for genre in (PAR_NOM, PAR_PRENOM)):
            choix.append([*mots[:i], colle, *mots[i + 2:]])
    return [choix, *formes]


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


def _bornes(connexion: Connection, mot: str) -> tuple[int, int]:
    """Ranks between which stand the names that begin with `mot`; equal when there is none."""
    bas = connexion.execute(
        select(T_RANG.c.rang).where(T_RANG.c.tri >= mot, T_RANG.c.tri < mot + _FIN)
        .order_by(T_RANG.c.tri, T_RANG.c.rang).limit(1)).scalar()
    if bas is None:
        return RANG_MIN, RANG_MIN
    haut = connexion.execute(
        select(T_RANG.c.rang).where(T_RANG.c.tri >= mot + _FIN)
        .order_by(T_RANG.c.tri, T_RANG.c.rang).limit(1)).scalar()
    return int(bas) - 1, RANG_MAX if haut is None else int(haut)


def _par_mots(connexion: Connection, mots: Mots, formes: Formes, lot: int,
              apres: int, jusqua: int) -> Iterator[int]:
    while apres < jusqua:
        rangs = mots.chercher(formes, lot, apres, jusqua)
        yield from _patients(connexion, rangs)
        if len(rangs) < lot:
            return
        apres = rangs[-1]


def _patients(connexion: Connection, rangs: list[int]) -> Iterator[int]:
    patients: dict[int, int] = {ligne.rang: ligne.patient_id for ligne in connexion.execute(
        select(T_RANG.c.rang, T_RANG.c.patient_id).where(T_RANG.c.rang.in_(rangs)))}
    return (patients[rang] for rang in rangs)


def _par_matricule(connexion: Connection, matricule: str, lot: int) -> list[int]:
    return list(connexion.execute(
        select(T_MATRICULE.c.patient_id)
        .where(T_MATRICULE.c.matricule_ins >= matricule,
               T_MATRICULE.c.matricule_ins < matricule + _FIN)
        .order_by(T_MATRICULE.c.actif.desc(), T_MATRICULE.c.matricule_ins,
                  T_MATRICULE.c.patient_id).limit(lot)).scalars())
