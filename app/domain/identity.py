"""Patient identity: values shared by the whole house (`spec/ins.md` §1 and §2).

Fields carry the names of the référentiel INS. Rules on them live beside: `names`, `matricule`,
`dates`, `statuts`, `comparison`.
"""

from dataclasses import dataclass
from enum import StrEnum

#: Assigning authorities of an INS (`spec/ins.md` §1.2).
OID_NIR = "1.2.250.1.213.1.4.8"
OID_NIA = "1.2.250.1.213.1.4.9"
OID_NIR_TEST = "1.2.250.1.213.1.4.10"
OID_NIR_DEMO = "1.2.250.1.213.1.4.11"

#: Code of an unknown birthplace: may be chosen, is never proposed (`spec/ins.md` §1.7).
COG_INCONNU = "99999"


class StatutIdentite(StrEnum):
    """Trust in an identity: document checked (IV) x INSi used (`spec/ins.md` §2)."""

    PROVISOIRE = "provisoire"
    RECUPEREE = "recuperee"
    VALIDEE = "validee"
    QUALIFIEE = "qualifiee"


class Attribut(StrEnum):
    """Complements of the status; douteuse and fictive block INSi and downgrade to provisoire."""

    HOMONYME = "homonyme"
    DOUTEUSE = "douteuse"
    FICTIVE = "fictive"


class ModeQualification(StrEnum):
    """How the identity was verified."""

    AUCUN = ""
    DOCUMENT = "document"
    APCV = "apcv"
    PROCEDURE_TRANSITOIRE = "procedure_specifique_transitoire"


@dataclass(frozen=True, slots=True)
class Traits:
    """Identity traits. Strict ones in capitals without accents, exactly as INSi gives them.

    `date_naissance` is the wire form AAAA-MM-JJ and may hold 00 or a lunar month;
    `sexe` is M, F or I; `lieu_naissance` is the COG code (5 characters).
    """

    nom_naissance: str
    premier_prenom: str
    date_naissance: str
    sexe: str
    lieu_naissance: str
    prenoms: str = ""
    nom_utilise: str = ""
    prenom_utilise: str = ""


@dataclass(frozen=True, slots=True)
class MatriculeHistorique:
    """A former matricule given by INSi in INSHISTO. Dates AAAA-MM-JJ or empty."""

    matricule_ins: str
    oid: str
    debut: str = ""
    fin: str = ""


@dataclass(frozen=True, slots=True)
class Identite:
    """An identity with its status. `matricule_ins` has 15 characters (key included) or is empty."""

    traits: Traits
    statut: StatutIdentite = StatutIdentite.PROVISOIRE
    matricule_ins: str = ""
    oid: str = ""
    attributs: frozenset[Attribut] = frozenset()
    mode_qualification: ModeQualification = ModeQualification.AUCUN
    justificatif: str = ""
    """Code of the high-trust document that was checked (PA, CN, ...), empty if none."""
    date_insi: str = ""
    """ISO date-time of the last successful INSi answer, empty if none."""
    historique: tuple[MatriculeHistorique, ...] = ()

    @property
    def matricule_transmissible(self) -> bool:
        """True when matricule and OID may leave the house (rule 28: qualifiée only)."""
        return self.statut is StatutIdentite.QUALIFIEE and bool(self.matricule_ins and self.oid)


@dataclass(frozen=True, slots=True)
class Beneficiaire:
    """One person of a carte Vitale (`spec/cards.md` §1.3).

    `date_naissance_brute` is kept as the card gives it (AAAAMMJJ, possibly lunar); `nir` is the
    15-character NIR found at the same position (it may be the opener of rights'), or empty.
    """

    nom: str
    prenom: str
    date_naissance_brute: str
    nir: str = ""
    rang: int = 1
    position: int = 0
