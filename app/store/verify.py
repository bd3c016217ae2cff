"""Is the file what it should be? Encryption, pages, structure, trail, documents, search."""

from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.exc import DBAPIError

from app.store.backup import est_en_clair
from app.store.connections import operation_longue
from app.store.errors import BaseInjoignable, traduire
from app.store.repos.trail import Trail
from app.store.tables import T_CONTENU, T_DOCUMENT, T_PATIENT, T_RANG, T_REGROUPEMENT
from app.store.upgrade import revision_du_fichier


class EtatPoint(StrEnum):
    """Result of one check."""

    BON = "bon"
    DEFAUT = "defaut"
    SANS_OBJET = "sans_objet"


@dataclass(frozen=True, slots=True)
class Point:
    """One check: `libelle` and `detail` are French, for people."""

    code: str
    libelle: str
    etat: EtatPoint
    detail: str


@dataclass(frozen=True, slots=True)
class RapportVerification:
    """Every check of one file."""

    emplacement: str
    revision: str
    points: tuple[Point, ...]

    @property
    def bon(self) -> bool:
        """True when no check found a defect."""
        return all(point.etat is not EtatPoint.DEFAUT for point in self.points)

    def avec(self, point: Point) -> "RapportVerification":
        """The same report, with one more check."""
        return replace(self, points=(*self.points, point))


def verifier(connexion: Connection, emplacement: Path | str) -> RapportVerification:
    """Read the whole file, change nothing. Takes about a second for 100 MB."""
    points = [_chiffrement(emplacement)]
    revision = ""
    try:
        operation_longue(connexion)
        revision = revision_du_fichier(connexion) or ""
        if connexion.dialect.name == "sqlite":
            points.append(_pages(connexion))
            points.append(_structure(connexion))
        points += [_trail(connexion), _documents(connexion), _recherche(connexion)]
    except DBAPIError as erreur:
        if isinstance(traduire(erreur), BaseInjoignable):
            raise  # a server that goes away isn't a damaged file
        points.append(Point("lecture", "Lecture", EtatPoint.DEFAUT,
                            "le fichier est abîmé : la lecture s’est arrêtée là"))
    return RapportVerification(str(emplacement), revision, tuple(points))


def _point(code: str, libelle: str, bon: bool, oui: str, non: str) -> Point:
    return Point(code, libelle, EtatPoint.BON if bon else EtatPoint.DEFAUT, oui if bon else non)


def point_coffre(intact: bool) -> Point:
    """Check of the vault beside the file: written by who had the key, and by nobody else."""
    return _point("coffre", "Coffre des clés", intact, "signé par le cabinet",
                  "modifié hors de Pléiade")


def point_repere(ecart: str) -> Point:
    """Check of the end of the trail, by what this workstation remembers of it."""
    return _point("repere", "Fin du journal", not ecart, "celle que ce poste a vue", ecart)


def _chiffrement(emplacement: Path | str) -> Point:
    if not isinstance(emplacement, Path):
        return Point("chiffrement", "Chiffrement", EtatPoint.SANS_OBJET,
                     "assuré par le serveur PostgreSQL et son disque")
    return _point("chiffrement", "Chiffrement", not est_en_clair(emplacement),
                  "fichier chiffré", "LE FICHIER EST EN CLAIR")


def _pages(connexion: Connection) -> Point:
    defauts = connexion.exec_driver_sql("PRAGMA cipher_integrity_check").fetchall()
    return _point("pages", "Pages", not defauts, "chaque page est authentique",
                  f"{len(defauts)} page(s) altérée(s)")


def _structure(connexion: Connection) -> Point:
    lignes = connexion.exec_driver_sql("PRAGMA integrity_check").fetchall()
    liens = connexion.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    bon = [tuple(ligne) for ligne in lignes] == [("ok",)] and not liens
    return _point("structure", "Structure", bon, "tables et liens intacts",
                  "tables ou liens abîmés")


def _trail(connexion: Connection) -> Point:
    chaine = Trail(connexion).verifier_chaine()
    return _point("journal", "Journal des accès", chaine.intacte,
                  f"{chaine.lignes} ligne(s), chaîne intacte"
                  + (f" depuis la purge de la ligne {chaine.ancre}" if chaine.ancre else ""),
                  f"chaîne rompue à la ligne {chaine.rupture} : {chaine.raison}")


def _documents(connexion: Connection) -> Point:
    abimes = total = 0
    for empreinte in connexion.execute(select(T_CONTENU.c.sha256)).scalars().all():
        # One by one: the documents of a practice don't fit in memory.
        octets, taille = connexion.execute(select(T_CONTENU.c.octets, T_CONTENU.c.taille).where(
            T_CONTENU.c.sha256 == empreinte)).one()
        total += 1
        abimes += sha256(octets).hexdigest() != empreinte or len(octets) != taille
    fiches = connexion.execute(select(func.count()).select_from(T_DOCUMENT)).scalar_one()
    return _point("documents", "Documents", not abimes,
                  f"{fiches} document(s), {total} contenu(s) intact(s)",
                  f"{abimes} contenu(s) abîmé(s) sur {total}")


def _recherche(connexion: Connection) -> Point:
    patients = connexion.execute(select(func.count()).select_from(T_PATIENT)).scalar_one()
    rangs = connexion.execute(select(func.count()).select_from(T_RANG)).scalar_one()
    if inspect(connexion).has_table(T_REGROUPEMENT.name):  # a former file has none yet
        # A merged file is out of the lists: only the one that was kept is found.
        patients -= connexion.execute(select(func.count()).select_from(T_REGROUPEMENT).where(
            T_REGROUPEMENT.c.nature == "fusion", T_REGROUPEMENT.c.defait_le == "")).scalar_one()
    return _point("recherche", "Recherche", patients == rangs, f"{patients} patient(s) indexé(s)",
                  f"{patients} patient(s), {rangs} indexé(s)")
