"""Upkeep of the three indexes, inside the unit of work that writes the patient."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection, delete, insert, select, text

from app.domain.identity import Traits
from app.store.search.keys import entrees
from app.store.search.ranks import ecarter, place_pour
from app.store.search.words import RANG_MAX, index_mots
from app.store.tables import T_CLE, T_PATIENT, T_RANG, T_REGROUPEMENT

_TRAITS = ("nom_naissance", "premier_prenom", "date_naissance", "sexe", "lieu_naissance",
           "prenoms", "nom_utilise", "prenom_utilise")
_LOT = 5000
_T = TypeVar("_T")


def _traits(connexion: Connection, ids: Sequence[int]) -> dict[int, Traits]:
    colonnes = [T_PATIENT.c[c] for c in _TRAITS]
    lignes = connexion.execute(
        select(T_PATIENT.c.id, *colonnes).where(T_PATIENT.c.id.in_(ids))).all()
    return {ligne[0]: Traits(*ligne[1:]) for ligne in lignes}


def verrouiller(connexion: Connection) -> None:
    """One writer of the order at a time (SQLite: BEGIN IMMEDIATE has done it)."""
    if connexion.dialect.name == "postgresql":
        connexion.execute(text("LOCK TABLE recherche_rang IN SHARE ROW EXCLUSIVE MODE"))


def indexer(connexion: Connection, patient_id: int, traits: Traits) -> None:
    """Add a patient to the indexes, or replace the entries it has."""
    verrouiller(connexion)
    ancien = connexion.execute(
        select(T_RANG.c.rang, T_RANG.c.tri).where(T_RANG.c.patient_id == patient_id)).first()
    nouvelles = entrees(traits)
    mots = index_mots(connexion)
    if ancien is not None:
        mots.retirer([ancien.rang])
        connexion.execute(delete(T_CLE).where(T_CLE.c.patient_id == patient_id))
    if ancien is not None and ancien.tri == nouvelles.tri:
        rang = ancien.rang
    else:
        if ancien is not None:
            connexion.execute(delete(T_RANG).where(T_RANG.c.rang == ancien.rang))
        place = place_pour(connexion, nouvelles.tri)
        if place is None:
            _ecarter(connexion, nouvelles.tri)
            place = place_pour(connexion, nouvelles.tri)
            assert place is not None, "a spread window has gaps"
        rang = place
        connexion.execute(insert(T_RANG).values(rang=rang, patient_id=patient_id,
                                                tri=nouvelles.tri))
    connexion.execute(insert(T_CLE), [{"cle": cle, "patient_id": patient_id}
                                      for cle in nouvelles.cles])
    mots.ajouter([(rang, nouvelles.mots)])


def desindexer(connexion: Connection, patient_id: int) -> None:
    """Take a patient out of the indexes: a file merged into another one."""
    verrouiller(connexion)
    rang = connexion.execute(
        select(T_RANG.c.rang).where(T_RANG.c.patient_id == patient_id)).scalar()
    if rang is not None:
        index_mots(connexion).retirer([rang])
    connexion.execute(delete(T_CLE).where(T_CLE.c.patient_id == patient_id))
    connexion.execute(delete(T_RANG).where(T_RANG.c.patient_id == patient_id))


def _ecarter(connexion: Connection, tri: str) -> None:
    deplaces = ecarter(connexion, tri)
    traits = _traits(connexion, [patient_id for patient_id, _, _ in deplaces])
    mots = index_mots(connexion)
    mots.retirer([ancien for _, ancien, _ in deplaces])
    mots.ajouter((nouveau, entrees(traits[patient_id]).mots)
                 for patient_id, _, nouveau in deplaces)


def reconstruire(connexion: Connection) -> int:
    """Make the three indexes again from the patients; returns their number.

    For bulk imports, and for migrations that change what can be found. Merged files stay out.
    """
    colonnes = [T_PATIENT.c[c] for c in _TRAITS]
    fusionnes = select(T_REGROUPEMENT.c.autre_id).where(
        T_REGROUPEMENT.c.nature == "fusion", T_REGROUPEMENT.c.defait_le == "")
    lignes = connexion.execute(
        select(T_PATIENT.c.id, *colonnes).where(T_PATIENT.c.id.not_in(fusionnes)))
    return remplacer(connexion, ((ligne[0], Traits(*ligne[1:])) for ligne in lignes))


def remplacer(connexion: Connection, patients: Iterable[tuple[int, Traits]]) -> int:
    """Fill the emptied indexes with (id, traits) of every patient of the file."""
    verrouiller(connexion)
    mots = index_mots(connexion)
    mots.vider()
    connexion.execute(delete(T_CLE))
    connexion.execute(delete(T_RANG))
    toutes = [(e.tri, patient_id, e) for patient_id, e in
              ((patient_id, entrees(traits)) for patient_id, traits in patients)]
    toutes.sort(key=lambda t: t[:2])
    pas = RANG_MAX // (len(toutes) + 2)
    for lot in _lots([(pas * (i + 1), *t) for i, t in enumerate(toutes)]):
        connexion.execute(insert(T_RANG), [
            {"rang": rang, "patient_id": patient_id, "tri": tri}
            for rang, tri, patient_id, _ in lot])
        mots.ajouter((rang, e.mots) for rang, _, _, e in lot)
    cles = sorted((cle, patient_id) for _, patient_id, e in toutes for cle in e.cles)
    for paquet in _lots(cles):
        connexion.execute(insert(T_CLE), [{"cle": cle, "patient_id": patient_id}
                                          for cle, patient_id in paquet])
    return len(toutes)


def _lots(suite: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for debut in range(0, len(suite), _LOT):
        yield suite[debut:debut + _LOT]
