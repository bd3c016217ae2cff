"""Structured contents of the midwife's documents (OBP 2024.01, `spec/cda.md` §8)."""

from dataclasses import dataclass
from decimal import Decimal

from app.documents.contenus import ContenuStructure

#: Problems whose presence or absence the antepartum synthesis must state (CIM-10).
PATHOLOGIES_SUIVIES = {
    "O46": "Hémorragie précédant l'accouchement, non classée ailleurs",
    "O47.0": "Faux travail avant 37 semaines révolues de gestation",
    "O42": "Rupture prématurée des membranes",
    "N39.0": "Infection des voies urinaires, siège non précisé",
    "O23": "Infections de l'appareil génito-urinaire au cours de la grossesse"}


@dataclass(frozen=True, slots=True)
class Pathologie:
    """A problem coded in CIM-10, with the day it began (AAAA-MM-JJ, or empty)."""

    code_cim10: str
    libelle: str
    date: str = ""
    commentaire: str = ""


@dataclass(frozen=True, slots=True)
class RencontreGrossesse:
    """A meeting of the pregnancy: code of the value set `rencontre_grossesse`, days."""

    genre: str
    debut: str
    fin: str = ""
    commentaire: str = ""


@dataclass(frozen=True, slots=True)
class TraitementGrossesse:
    """A medicine given to the mother; `cis` may be empty."""

    denomination: str
    cis: str = ""


@dataclass(frozen=True, slots=True)
class SyntheseAntepartum(ContenuStructure):
    """What the maternity must know before birth (OBP-SAP).

    `presentes` are the codes of `PATHOLOGIES_SUIVIES` that occurred; the others are stated absent.
    Weight and height are those of the beginning of pregnancy. `groupe`: code of `groupe_rhesus`.
    """

    date_dernieres_regles: str
    foetus: int
    grossesses_anterieures: int
    verres_alcool_jour: Decimal
    paquets_tabac_jour: Decimal
    poids_kg: Decimal
    taille_cm: Decimal
    groupe: str
    date_groupe: str
    rencontres: tuple[RencontreGrossesse, ...]
    presentes: frozenset[str] = frozenset()
    autres_pathologies: tuple[Pathologie, ...] = ()
    traitements: tuple[TraitementGrossesse, ...] = ()
    histoire_obstetricale: str = ""
    suivi_propose: str = ""

    @property
    def imc(self) -> Decimal:
        """Body mass index, one decimal."""
        metres = self.taille_cm / 100
        return (self.poids_kg / (metres * metres)).quantize(Decimal("0.1"))


@dataclass(frozen=True, slots=True)
class ActeCouches:
    """An act of the postpartum: its day, what it was; a code is optional."""

    libelle: str
    date: str
    code: str = ""
    code_system: str = ""
    commentaire: str = ""


@dataclass(frozen=True, slots=True)
class SuitesCouchesMere(ContenuStructure):
    """Synthesis of the mother's postpartum (OBP-SCM). `sortie`: code of `sortie_couches`."""

    sortie: str
    date_sortie: str
    actes: tuple[ActeCouches, ...]
    pathologies: tuple[Pathologie, ...] = ()
    commentaire: str = ""
