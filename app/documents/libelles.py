"""French wording of people, identities and roles: one place for PDF, CDA narrative and archive."""

from app.documents.model import (
    Destinataire,
    PatientDocument,
    RoleIntervenant,
    lignes_adresse,
)
from app.documents.types import PROFESSIONS, sigle
from app.domain.dates import formater as formater_date
from app.domain.libelles import TRAITS
from app.domain.matricule import formater as formater_matricule
from app.domain.matricule import nature
from app.domain.people import Professionnel

SEXES = {"M": "Masculin", "F": "Féminin", "I": "Indéterminé"}
_CIVILITES = {"M": "M.", "MME": "Mme"}
#: Label, and what introduces the date.
ROLES = {RoleIntervenant.PRESCRIPTEUR: ("Prescripteur", "ordonnance du"),
         RoleIntervenant.MEDECIN_TRAITANT: ("Médecin traitant", ""),
         RoleIntervenant.PRELEVEUR: ("Préleveur", "prélèvement du"),
         RoleIntervenant.CORRESPONDANT: ("Correspondant", "")}


def civilite(code: str) -> str:
    """M. or Mme of a JDV_J245 code, other texts unchanged."""
    return _CIVILITES.get(code, code)


def nom_professionnel(professionnel: Professionnel) -> str:
    """Mme Camille DURAND."""
    return " ".join(x for x in (civilite(professionnel.civilite), professionnel.prenom,
                                professionnel.nom) if x)


def profession_affichee(professionnel: Professionnel) -> str:
    """Profession in plain French, in the feminine when the title says so."""
    qui = sigle(professionnel)
    if professionnel.civilite == "MME" and qui in ("IDE", "IPA", "MK"):
        return {"IDE": "Infirmière", "IPA": "Infirmière en pratique avancée",
                "MK": "Masseuse-kinésithérapeute"}[qui]
    return PROFESSIONS.get(qui, "Professionnel de santé")


def rpps(professionnel: Professionnel) -> str:
    """« RPPS 10000000001 », or the raw identifier when it isn't an RPPS."""
    numero = professionnel.identifiant
    if len(numero) == 12 and numero.startswith("8"):
        return f"RPPS\u00a0{numero[1:]}"
    return f"Identifiant\u00a0{numero}"


def traits_imprimes(patient: PatientDocument) -> list[tuple[str, str]]:
    """Labelled traits in the order of print; labels leave no doubt (`spec/ins.md` §3)."""
    lignes = [(TRAITS["nom_naissance"], patient.nom_naissance),
              (TRAITS["premier_prenom"], patient.premier_prenom),
              (TRAITS["date_naissance"], formater_date(patient.date_naissance)),
              (TRAITS["sexe"], SEXES.get(patient.sexe, patient.sexe))]
    if patient.matricule_ins:
        marque = nature(patient.oid)
        suite = f"\u00a0({marque})" if marque else ""
        lignes.append((TRAITS["matricule_ins"], formater_matricule(patient.matricule_ins) + suite))
    prenoms = patient.prenoms if patient.prenoms != patient.premier_prenom else ""
    facultatifs = {"lieu_naissance": patient.lieu_naissance, "prenoms": prenoms,
                   "nom_utilise": patient.nom_utilise, "prenom_utilise": patient.prenom_utilise,
                   "oid": patient.oid}
    lignes += [(TRAITS[trait], valeur) for trait, valeur in facultatifs.items()
               if valeur and trait in patient.imprimes]
    return lignes


def lignes_destinataire(destinataire: Destinataire) -> list[str]:
    """Name, quality, structure, address, MSSanté address: what is known, at least one line."""
    nom = " ".join(x for x in (civilite(destinataire.civilite), destinataire.prenom,
                               destinataire.nom) if x)
    lignes = [nom, destinataire.qualite, destinataire.structure, *lignes_adresse(destinataire),
              destinataire.telephone.replace(" ", "\u00a0"), destinataire.messagerie]
    return [ligne for ligne in lignes if ligne] or ["Destinataire"]
