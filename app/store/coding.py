"""Values of the trade as columns and JSON, and back."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from app.domain.identity import (
    Attribut,
    Identite,
    MatriculeHistorique,
    ModeQualification,
    StatutIdentite,
    Traits,
)
from app.domain.patient import Contact, Patient, PatientResume

CHAMPS_TRAITS = tuple(f.name for f in dataclasses.fields(Traits))
CHAMPS_CONTACT = tuple(f.name for f in dataclasses.fields(Contact))
#: Columns of a `PatientResume`, in its order.
CHAMPS_RESUME = tuple(f.name for f in dataclasses.fields(PatientResume))


def ecrire_attributs(attributs: frozenset[Attribut]) -> str:
    """Sorted codes, separated by commas."""
    return ",".join(sorted(attributs))


def lire_attributs(texte: str) -> frozenset[Attribut]:
    """Reverse of `ecrire_attributs`."""
    return frozenset(Attribut(code) for code in texte.split(",")) if texte else frozenset()


def ecrire_historique(historique: tuple[MatriculeHistorique, ...]) -> str:
    """INSHISTO as JSON."""
    return json.dumps([dataclasses.asdict(m) for m in historique]) if historique else "[]"


def lire_historique(texte: str) -> tuple[MatriculeHistorique, ...]:
    """Reverse of `ecrire_historique`."""
    return tuple(MatriculeHistorique(**m) for m in json.loads(texte)) if texte != "[]" else ()


def colonnes_identite(identite: Identite) -> dict[str, Any]:
    """Columns of the table of patients for an identity."""
    colonnes: dict[str, Any] = {c: getattr(identite.traits, c) for c in CHAMPS_TRAITS}
    colonnes |= {
        "statut": identite.statut.value, "matricule_ins": identite.matricule_ins,
        "oid": identite.oid, "attributs": ecrire_attributs(identite.attributs),
        "mode_qualification": identite.mode_qualification.value,
        "justificatif": identite.justificatif, "date_insi": identite.date_insi,
        "historique": ecrire_historique(identite.historique)}
    return colonnes


def identite(ligne: Mapping[str, Any]) -> Identite:
    """Identity of the columns of `colonnes_identite`."""
    return Identite(
        traits=Traits(**{c: ligne[c] for c in CHAMPS_TRAITS}),
        statut=StatutIdentite(ligne["statut"]), matricule_ins=ligne["matricule_ins"],
        oid=ligne["oid"], attributs=lire_attributs(ligne["attributs"]),
        mode_qualification=ModeQualification(ligne["mode_qualification"]),
        justificatif=ligne["justificatif"], date_insi=ligne["date_insi"],
        historique=lire_historique(ligne["historique"]))


def ecrire_identite(valeur: Identite) -> str:
    """A whole identity as JSON, for the history."""
    return json.dumps(colonnes_identite(valeur), ensure_ascii=False)


def lire_identite(texte: str) -> Identite:
    """Reverse of `ecrire_identite`."""
    return identite(json.loads(texte))


def patient(ligne: Mapping[str, Any]) -> Patient:
    """Patient of a row."""
    return Patient(id=ligne["id"], identite=identite(ligne),
                   contact=Contact(**{c: ligne[c] for c in CHAMPS_CONTACT}),
                   version=ligne["version"], numero_secu=ligne["numero_secu"])


def resume(ligne: tuple[Any, ...]) -> PatientResume:
    """Line of a list, of the columns CHAMPS_RESUME in that order."""
    (id, nom, prenom, utilise, prenom_utilise, date, sexe, statut, attributs) = ligne
    return PatientResume(id, nom, prenom, utilise, prenom_utilise, date, sexe,
                         StatutIdentite(statut), lire_attributs(attributs))
