"""Structured contents of the delivery and of the newborn (OBP 2024.01, `spec/cda.md` §8).

Codes are those of the value sets named in each docstring; days are AAAA-MM-JJ.
"""

from dataclasses import dataclass
from decimal import Decimal

from app.documents.contenus import ContenuStructure
from app.documents.contenus_obstetrique import ActeCouches, Pathologie

#: Examinations that the delivery room may ask for.
EXAMENS_DEMANDES = {"MED-1266": "Examen d'anapath demandé",
                    "MED-1267": "Examen de biologie demandé",
                    "19102-3": "Dépistage génétique"}


@dataclass(frozen=True, slots=True)
class NaissanceMere(ContenuStructure):
    """Delivery room, the mother (OBP-SNM).

    `debut_travail`, `motif_declenchement`, `anesthesies_avant`, `anesthesies_apres`,
    `actes_post_partum` and `sortie` (`sortie_naissance_mere`) are codes of those sets;
    `examens_demandes` are codes of `EXAMENS_DEMANDES`. The gestational age is in weeks.
    """

    date_accouchement: str
    debut_travail: str
    age_gestationnel: int
    enfants_vivants: int
    sortie: str
    date_sortie: str
    motif_declenchement: str = ""
    anesthesies_avant: tuple[str, ...] = ()
    anesthesies_apres: tuple[str, ...] = ()
    actes_post_partum: tuple[str, ...] = ()
    transfusion: bool = False
    pathologies: tuple[Pathologie, ...] = ()
    examens_demandes: frozenset[str] = frozenset()
    commentaire: str = ""


@dataclass(frozen=True, slots=True)
class NaissanceEnfant(ContenuStructure):
    """Delivery room, the child, who is the patient of the document (OBP-SNE).

    `mode` (`mode_naissance`), `intervention` (`intervention_voie_basse`), `presentation`
    (`presentation_foetale`), `quantite_liquide`, `aspect_liquide`, `vitamine_k` (a route of
    `voie`, or empty) and `sortie` (`sortie_naissance_enfant`) are codes. Weight in grams, lengths
    in centimetres, opening of the egg in minutes, lactates in mmol/L.
    """

    date_naissance: str
    mode: str
    age_gestationnel: int
    poids_g: Decimal
    taille_cm: Decimal
    perimetre_cm: Decimal
    apgar_1: int
    apgar_5: int
    sortie: str
    date_sortie: str
    apgar_10: int | None = None
    rang: int = 1
    vivant: bool = True
    intervention: str = ""
    presentation: str = ""
    quantite_liquide: str = ""
    aspect_liquide: str = ""
    ouverture_oeuf_min: int | None = None
    atresie_choanes: bool = False
    imperforation_anale: bool = False
    urines: bool = False
    meconium: bool = False
    actes: tuple[ActeCouches, ...] = ()
    vitamine_k: str = ""
    ph_arteriel: Decimal | None = None
    ph_veineux: Decimal | None = None
    lactates: Decimal | None = None
    commentaire: str = ""


@dataclass(frozen=True, slots=True)
class MaterniteEnfant(ContenuStructure):
    """The child in the maternity ward, who is the patient of the document (OBP-SEM).

    `audition` (`test_audition`), `allaitement` and `sortie` (`sortie_maternite_enfant`) are codes.
    `guthrie`: day of the neonatal screening, empty when it was not made.
    """

    sortie: str
    date_sortie: str
    allaitement: str
    audition: str
    guthrie: str = ""
    actes: tuple[ActeCouches, ...] = ()
    depistages: str = ""
    pathologies: tuple[Pathologie, ...] = ()
    suivi: str = ""
    commentaire: str = ""
