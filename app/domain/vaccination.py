"""Vaccinations as the screens show them: what was done, what a box says, what is validated."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.calendrier_vaccinal import Dose, LigneSituation
from app.domain.document import FicheDocument, OrigineDocument

#: Nature of the act (HL7 ActSubstanceAdministrationImmunizationCode) -> words of the screen.
NATURES = (("IMMUNIZ", "Sans précision"), ("INITIMMUNIZ", "Première série"),
           ("BOOSTER", "Rappel"))
#: Youngest age, in years, at which an infirmier vaccinates without a prescription.
AGE_SANS_PRESCRIPTION = 11
RANG_MAX = 20


class Gravite(StrEnum):
    """How a remark on a box is shown."""

    BLOQUANT = "erreur"
    A_VERIFIER = "alerte"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Remarque:
    """A stable code and a French sentence."""

    code: str
    message: str
    gravite: Gravite = Gravite.A_VERIFIER


@dataclass(frozen=True, slots=True)
class VaccinationFaite:
    """One vaccination known to the file. Dates AAAA-MM-JJ; unknown values are empty.

    `codes` are the disease codes of the schedule, `maladies` their short names.
    """

    date: str
    vaccin: str
    maladies: str = ""
    codes: tuple[str, ...] = ()
    nature: str = ""
    rang: int | None = None
    lot: str = ""
    vaccinateur: str = ""
    origine: OrigineDocument = OrigineDocument.CABINET
    document_id: int | None = None

    @property
    def dose(self) -> Dose:
        """The same for the schedule."""
        return Dose(self.date, self.codes, self.rang)

    @property
    def libelle_nature(self) -> str:
        """« Rappel », « 1re série 2 », or « – » when the document doesn't tell."""
        mot = {"BOOSTER": "Rappel", "INITIMMUNIZ": "1re série"}.get(self.nature, "")
        rang = "" if self.rang is None else f"dose {self.rang}"
        return ", ".join(x for x in (mot, rang) if x) or "–"


@dataclass(frozen=True, slots=True)
class ProduitVaccin:
    """A vaccine to choose or chosen. `cis` and `atc` are empty when the table doesn't tell."""

    denomination: str
    marque: str = ""
    presentation: str = ""
    cip13: str = ""
    cis: str = ""
    atc: str = ""
    atc_libelle: str = ""
    atc_a_confirmer: bool = False
    codes: tuple[str, ...] = ()
    maladies: tuple[str, ...] = ()
    voies: tuple[str, ...] = ()

    @property
    def nom(self) -> str:
        """Short name."""
        return self.marque or self.denomination

    @property
    def structurable(self) -> bool:
        """True when a structured note can carry it (CIS and ATC are mandatory there)."""
        return bool(self.cis and self.atc and self.atc_libelle)


@dataclass(frozen=True, slots=True)
class Proposition:
    """A box, as read: what fills the form, and what must be looked at.

    `medicament` is False for a code that isn't a box at all. `lots`: candidates when the scanner
    lost a separator.
    """

    produit: ProduitVaccin | None = None
    lot: str = ""
    peremption: str = ""
    lots: tuple[str, ...] = ()
    remarques: tuple[Remarque, ...] = ()
    medicament: bool = True
    cip13: str = ""
    nature: str = "IMMUNIZ"
    rang: int | None = None
    voie: str = ""
    site: str = ""

    @property
    def gravite(self) -> Gravite | None:
        """The worst remark, None when all is well."""
        for gravite in Gravite:
            if any(r.gravite is gravite for r in self.remarques):
                return gravite
        return None

    def a(self, code: str) -> bool:
        """True when that remark was made."""
        return any(r.code == code for r in self.remarques)


@dataclass(frozen=True, slots=True)
class SaisieVaccination:
    """What the professional validates. Dates AAAA-MM-JJ; `peremption` may be empty.

    `motif_perime`: why an expired box is used all the same.
    """

    produit: ProduitVaccin | None
    lot: str
    date: str
    peremption: str = ""
    nature: str = "IMMUNIZ"
    rang: int | None = None
    voie: str = ""
    site: str = ""
    envoyer: bool = True
    motif_perime: str = ""


@dataclass(frozen=True, slots=True)
class CarnetVaccinal:
    """The whole tab. `aide` dates and names the schedule; `avis` is about who may vaccinate."""

    situation: tuple[LigneSituation, ...]
    faites: tuple[VaccinationFaite, ...]
    aide: str
    lien: str
    avis: str = ""
    aujourdhui: str = ""
    naissance: str = ""
    voies: tuple[tuple[str, str], ...] = ()
    sites: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NoteValidee:
    """A note kept in the file. `ordre` says whether it waits for the DMP, `retenu` if held."""

    fiche: FicheDocument
    vaccin: str
    ordre: bool
    retenu: bool = False
    delai_min: int = 0
    structuree: bool = True


def avis_profession(sigle: str, age_ans: int | None) -> str:
    """What the law asks before a vaccination by this profession, or empty (arrêtés 08/08/2023)."""
    if sigle in ("IDE", "IPA") and age_ans is not None and age_ans < AGE_SANS_PRESCRIPTION:
        return (f"Avant {AGE_SANS_PRESCRIPTION} ans, un infirmier vaccine sur prescription "
                "médicale.")
    return ""
