"""What the double of the DMP keeps: dossiers, entries, submissions, associations."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.sandbox.identites import Personne

REPOSITORY = "1.2.250.1.213.4.1.1.1.2"
#: Scheme of the visibility codes (`spec/dmp.md` §15).
SCHEME_VISIBILITE = "1.2.250.1.213.1.1.4.13"
DUREE_AUTORISATION = timedelta(days=182)
DELAI_VISIBILITE = timedelta(days=90)


class Statut(StrEnum):
    """availabilityStatus, as the registry writes it."""

    APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
    DEPRECATED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
    ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
    DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"

    @property
    def court(self) -> str:
        """Last part of the URN."""
        return self.value.rsplit(":", 1)[1]


class Liaison(StrEnum):
    """Types of association."""

    MEMBRE = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
    SIGNE = "urn:ihe:iti:2007:AssociationType:signs"
    REMPLACE = "urn:ihe:iti:2007:AssociationType:RPLC"


@dataclass(frozen=True, slots=True)
class Code:
    """A coded value: code, scheme, label."""

    code: str
    scheme: str
    libelle: str = ""


@dataclass(frozen=True, slots=True)
class AuteurXds:
    """One author classification; each member is a list of XDS strings."""

    personnes: tuple[str, ...]
    institutions: tuple[str, ...]
    specialites: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(slots=True)
class Fiche:
    """One DocumentEntry with its bytes. Times are UTC, YYYYMMDDhhmmss."""

    entry_uuid: str
    lid: str
    unique_id: str
    titre: str
    mime: str
    type: Code
    classe: Code
    format: Code
    confidentialites: list[Code]
    etablissement: Code
    cadre: Code
    evenements: list[Code]
    auteurs: list[AuteurXds]
    creation: str
    debut: str
    fin: str
    langue: str
    valideur: str
    patient_id: str
    source_patient_id: str
    source_patient_info: tuple[str, ...]
    description: str
    contenu: bytes
    hash: str
    depot: datetime
    soumission: str
    statut: Statut = Statut.APPROVED
    version: int = 1
    signature: bool = False

    def visible(self, code: str) -> bool:
        """True when the entry bears this visibility code."""
        return any(c.code == code for c in self.confidentialites)

    def auteur_ids(self) -> set[str]:
        """National ids of the authors."""
        return {p.split("^", 1)[0] for a in self.auteurs for p in a.personnes}


@dataclass(slots=True)
class Soumission:
    """One SubmissionSet."""

    entry_uuid: str
    unique_id: str
    source_id: str
    patient_id: str
    titre: str
    heure: str
    contenu: Code
    auteurs: list[AuteurXds]


@dataclass(frozen=True, slots=True)
class Association:
    """A link. `statut` is the SubmissionSetStatus of HasMember, empty for the others."""

    id: str
    type: str
    source: str
    cible: str
    statut: str = ""


@dataclass(slots=True)
class Autorisation:
    """Authorisation of one professional: until when, or forbidden by the patient."""

    fin: datetime
    interdite: bool = False


@dataclass(slots=True)
class Dossier:
    """The DMP of one person. `etat` is actif, ferme or absent."""

    personne: Personne
    etat: str = "actif"
    motif_fermeture: str = ""
    ferme_le: datetime | None = None
    rattache_mes: bool = True
    mineur: bool = False
    opposition_bris_de_glace: bool = False
    opposition_urgence: bool = False
    masques_en_urgence: bool = True
    """The patient lets masked documents be read in bris de glace."""
    autorisation_defaut: str = "NON_EXISTE"
    autorisations: dict[str, Autorisation] = field(default_factory=dict)
    fiches: list[Fiche] = field(default_factory=list)
    soumissions: list[Soumission] = field(default_factory=list)
    associations: list[Association] = field(default_factory=list)

    @property
    def cx(self) -> str:
        """Patient id as the queries write it."""
        return f"{self.personne.matricule}^^^&{self.personne.oid}&ISO^NH"

    def autorisation(self, professionnel: str, instant: datetime) -> str:
        """VALIDE, EXPIRE, NON_EXISTE or INTERDIT (`spec/dmp.md` §5, TD0.2)."""
        propre = self.autorisations.get(professionnel)
        if propre is None:
            return self.autorisation_defaut
        if propre.interdite:
            return "INTERDIT"
        return "VALIDE" if instant < propre.fin else "EXPIRE"

    def par_unique_id(self, unique_id: str) -> Fiche | None:
        """The entry that holds a document, whatever its status."""
        return next((f for f in self.fiches if f.unique_id == unique_id), None)

    def par_uuid(self, entry_uuid: str) -> Fiche | None:
        """The entry of an entryUUID."""
        return next((f for f in self.fiches if f.entry_uuid == entry_uuid), None)
