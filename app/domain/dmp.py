"""What the house knows of a DMP (`spec/dmp.md` §5, §7, §12)."""

from dataclasses import dataclass
from enum import StrEnum


class AutorisationDmp(StrEnum):
    """Authorisation of the professional, from TD0.2."""

    VALIDE = "VALIDE"
    EXPIRE = "EXPIRE"
    NON_EXISTE = "NON_EXISTE"
    INTERDIT = "INTERDIT"


@dataclass(frozen=True, slots=True)
class EtatDmp:
    """Answer of TD0.2. `verifie_le` local ISO with offset; traits of the answer are never kept."""

    existe: bool
    ouvert: bool
    autorisation: AutorisationDmp
    verifie_le: str
    motif_fermeture: str = ""
    rattache_mes: bool | None = None
    medecin_traitant: bool = False


class VisibiliteDmp(StrEnum):
    """confidentialityCode added to N (`spec/dmp.md` §15)."""

    MASQUE_PS = "MASQUE_PS"
    INVISIBLE_PATIENT = "INVISIBLE_PATIENT"
    INVISIBLE_REPRESENTANTS_LEGAUX = "INVISIBLE_REPRESENTANTS_LEGAUX"


class StatutFiche(StrEnum):
    """availabilityStatus, last part of the URN."""

    APPROVED = "Approved"
    ARCHIVED = "Archived"
    DEPRECATED = "Deprecated"
    DELETED = "Deleted"


@dataclass(frozen=True, slots=True)
class FicheDmp:
    """Metadata of one document of the registry (TD3.1). Dates: ISO date-time UTC or date."""

    unique_id: str
    entry_uuid: str
    logical_id: str
    titre: str
    type_code: str
    type_libelle: str
    class_code: str
    format_code: str
    mime_type: str
    date_creation: str
    date_acte: str
    auteur_nom: str
    auteur_id: str
    auteur_structure: str
    auteur_structure_id: str
    auteur_specialite: str
    statut: StatutFiche
    visibilites: frozenset[VisibiliteDmp] = frozenset()
    hash_sha1: str = ""
    taille: int | None = None
    version_metadonnees: str = "1"
    repository_id: str = ""
    set_id: str = ""
    patient_ins: str = ""
    """Matricule of the entry's patient. It may differ from the one asked for (the INS of a person
    changes), so answers aren't filtered on it (EX_3.1-1055); a difference is to be shown."""

    @property
    def depose_par_patient(self) -> bool:
        """classCode 90: « Expression du titulaire »."""
        return self.class_code == "90"


@dataclass(frozen=True, slots=True)
class CompteurMes:
    """Number of new documents of one type."""

    type_code: str
    libelle: str
    nombre: int


@dataclass(frozen=True, slots=True)
class BandeauMes:
    """The « Mon espace santé » bar: counters, or the sentence that says why they are unknown."""

    compteurs: tuple[CompteurMes, ...] = ()
    total: int | None = None
    """New documents since the last visit; None = not known (never shown as 0)."""
    depuis: str = ""
    date_synthese: str = ""
    """Date (AAAA-MM-JJ) of the newest synthèse médicale, empty if none."""
    plus_recent: str = ""
    """`cle` of the newest new document, empty if none."""
    inconnu: str = ""
    en_cours: bool = False
