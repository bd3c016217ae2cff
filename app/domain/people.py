"""Professionals and structures, as the national registers name them (`spec/cda.md` §1.2)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Structure:
    """A practice or centre. `identifiant` is the Struct_idNat (prefix + number)."""

    identifiant: str
    raison_sociale: str
    secteur: str = "SA07"
    """Code TRE_R02 of the sector (SA07 individuel, SA08 groupe, SA05 centre de santé)."""
    adresse: str = ""
    code_postal: str = ""
    commune: str = ""
    telephone: str = ""
    courriel: str = ""


@dataclass(frozen=True, slots=True)
class Professionnel:
    """A professional. `identifiant` is the PS_IdNat: '8' + the 11 digits of the RPPS."""

    identifiant: str
    nom: str
    prenom: str
    profession: str = "60"
    """Code TRE_G15: 50 sage-femme, 60 infirmier, 70 MK, 80 podologue, 91 orthophoniste, 92."""
    savoir_faire: str = ""
    """SI01 to SI05 for an infirmier en pratique avancée, else empty."""
    civilite: str = ""
    """M or MME (JDV_J245), or empty."""


@dataclass(frozen=True, slots=True)
class SituationExercice:
    """Where and as what a professional acts; chosen at login when several (`spec/psc.md` §1.6)."""

    profession: str
    categorie: str
    savoir_faire: str
    secteur: str
    structure_identifiant: str
    structure_nom: str


@dataclass(frozen=True, slots=True)
class ProfilUtilisateur:
    """Who Pro Santé Connect says is there."""

    subject_name_id: str
    nom: str
    prenom: str
    situations: tuple[SituationExercice, ...] = field(default=())
