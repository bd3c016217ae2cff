"""A whole patient file as it is handed over: tables, documents, and what was left out.

RGPD articles 15 and 20, CSP L1111-7 (MIN.RGPD.01); columns beside each document: MIN.PORT.01.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

#: Version of the format, written in `dossier.json`: a column added doesn't change it.
FORMAT, VERSION = "pleiade-dossier", 1
#: Shortest password accepted: the ZIP format derives its key in 1,000 turns only (AE-2), length
#: has to do the rest.
LONGUEUR_MOT = 12
#: Power of ten of the guesses that must not find it: months of a machine that tries ten million
#: passwords a second.
ROBUSTESSE_MOT = 14
#: No letter or figure that could be taken for another when it is read aloud or copied by hand.
_LETTRES = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_GROUPES, _TAILLE_GROUPE = 4, 5


def proposer_mot_de_passe() -> str:
    """A random password that can be dictated, about 99 bits: « K7PQM-… »."""
    return "-".join("".join(secrets.choice(_LETTRES) for _ in range(_TAILLE_GROUPE))
                    for _ in range(_GROUPES))


@dataclass(frozen=True, slots=True)
class Table:
    """One part of the file: `colonnes` says each column's key and its French words."""

    cle: str
    titre: str
    colonnes: Mapping[str, str]
    lignes: tuple[tuple[str, ...], ...]
    techniques: frozenset[str] = frozenset()
    """Columns for programs: the page doesn't show them."""

    def objets(self) -> list[dict[str, str]]:
        """The rows by key of column."""
        return [dict(zip(self.colonnes, ligne, strict=True)) for ligne in self.lignes]


def table(cle: str, titre: str, colonnes: Mapping[str, str],
          lignes: Iterable[Sequence[str]],
          techniques: frozenset[str] = frozenset()) -> Table:
    """A table of the file. :raises ValueError: a row hasn't one cell a column."""
    rangees = tuple(tuple(ligne) for ligne in lignes)
    if any(len(ligne) != len(colonnes) for ligne in rangees):
        raise ValueError(f"{cle}: a row hasn't {len(colonnes)} cells")
    return Table(cle, titre, colonnes, rangees, techniques)


@dataclass(frozen=True, slots=True)
class FichierExporte:
    """Bytes of a document to put in the archive. `chemin` is relative to the file's own folder."""

    chemin: str
    sha256: str
    mime: str


@dataclass(frozen=True, slots=True)
class DossierExporte:
    """What an archive says of one patient. `ecarte`: French sentences, what isn't in it and why."""

    patient_id: int
    nom: str
    cabinet: str
    cree_le: str
    cree_par: str
    tables: tuple[Table, ...]
    fichiers: tuple[FichierExporte, ...] = ()
    ecarte: tuple[str, ...] = ()
    depuis: str = ""
    """First day kept (AAAA-MM-JJ), "" = everything."""

    def table(self, cle: str) -> Table:
        """A table by its key. :raises KeyError: there is none."""
        return {t.cle: t for t in self.tables}[cle]


@dataclass(frozen=True, slots=True)
class BilanExport:
    """What was written. `ecarte`: as in the archive, the patient's number before in a practice."""

    chemin: str
    patients: int
    documents: int
    octets: int
    chiffre: bool
    ecarte: tuple[str, ...] = field(default=())
