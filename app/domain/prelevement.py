"""Checklist of a sampling away from the laboratory (SC.INS.24)."""

import re
from dataclasses import dataclass

from app.domain.identity import Identite, ModeQualification
from app.domain.libelles import preuve_qualification

_ADRESSE_MSS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.mssante\.fr", re.IGNORECASE)
_RPPS = re.compile(r"8[0-9]{11}")
#: Ways of qualifying that looked at a proof of identity: the transitory procedure did not.
_PAR_DOCUMENT = frozenset({ModeQualification.DOCUMENT, ModeQualification.APCV})


@dataclass(frozen=True, slots=True)
class PointControle:
    """One thing to do before attesting. `obligatoire` ones hold the attestation back;
    `automatique` ones are known by the program and aren't ticked by hand."""

    code: str
    libelle: str
    obligatoire: bool = True
    automatique: bool = False


CHECKLIST: tuple[PointControle, ...] = (
    PointControle("identite_demandee", "Le patient a dit lui-même ses nom, prénom et date de "
                                       "naissance, ou un proche pour lui"),
    PointControle("document_controle", "Un document d’identité à haut niveau de confiance a été "
                                       "contrôlé, ou l’est déjà au dossier", automatique=True),
    PointControle("prescription_verifiee", "L’identité portée sur la prescription est la même",
                  obligatoire=False),
    PointControle("etiquetage", "Les échantillons ont été étiquetés après le prélèvement, devant "
                                "le patient"),
    PointControle("concordance", "L’identité des étiquettes est celle du dossier"),
    PointControle("heure_notee", "La date et l’heure du prélèvement sont notées",
                  automatique=True),
)

#: Profiles of a practice that takes samples at home.
PROFILS = frozenset({"IDE", "IPA", "SF", "CSI"})
#: What a person declares, and what the program knows.
A_COCHER = tuple(p for p in CHECKLIST if not p.automatique)
AUTOMATIQUES = frozenset(p.code for p in CHECKLIST if p.automatique)


def manquants(coches: frozenset[str]) -> tuple[PointControle, ...]:
    """Mandatory points that are not ticked."""
    return tuple(p for p in CHECKLIST if p.obligatoire and p.code not in coches)


def refus_identite(identite: Identite) -> str:
    """French reason why this identity can't be attested, or empty: qualifiée, by a proof seen."""
    if not identite.matricule_transmissible:
        return ("L’attestation demande une identité qualifiée : contrôlez un document d’identité "
                "et interrogez INSi.")
    if identite.mode_qualification not in _PAR_DOCUMENT:
        return ("L’identité a été qualifiée par la procédure transitoire : contrôlez d’abord un "
                "document d’identité.")
    return ""


def refus_preleveur(identifiant: str) -> str:
    """French reason why this sampler can't attest, or empty: an RPPS is needed."""
    return "" if _RPPS.fullmatch(identifiant) else (
        "L’attestation demande le RPPS du préleveur : complétez-le dans Réglages, Cabinet.")


def refus_adresse(adresse: str) -> str:
    """French reason why this isn't an MSSanté address, or empty."""
    return "" if _ADRESSE_MSS.fullmatch(adresse.strip()) else (
        "L’adresse MSSanté du laboratoire se termine par « .mssante.fr ».")


@dataclass(frozen=True, slots=True)
class PointConnu:
    """A point that the program checked by itself: `detail` is the proof, or what to do."""

    code: str
    libelle: str
    rempli: bool
    detail: str


def points_connus(identite: Identite, preleveur: str, nom: str) -> tuple[PointConnu, ...]:
    """Identity and sampler, checked. `preleveur`: PS_IdNat; `nom`: as printed."""
    identite_refusee, rpps_refuse = refus_identite(identite), refus_preleveur(preleveur)
    return (
        PointConnu("identite", "Identité INS qualifiée par un document", not identite_refusee,
                   identite_refusee or preuve_qualification(identite)),
        PointConnu("preleveur", "RPPS du préleveur", not rpps_refuse,
                   rpps_refuse or f"{nom}, RPPS {preleveur[1:]}"))
