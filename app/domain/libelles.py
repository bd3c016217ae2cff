"""French words of the trade's codes, shared by the window, documents and messages."""

from app.domain import dates
from app.domain.document import EtatDocument, OrigineDocument
from app.domain.identity import Attribut, Identite, ModeQualification, StatutIdentite
from app.domain.justificatifs import libelle_justificatif
from app.domain.outbox import Destination, EtatOrdre
from app.domain.people import SituationExercice

STATUTS: dict[StatutIdentite, str] = {
    StatutIdentite.PROVISOIRE: "Provisoire",
    StatutIdentite.RECUPEREE: "Récupérée",
    StatutIdentite.VALIDEE: "Validée",
    StatutIdentite.QUALIFIEE: "Qualifiée",
}

ATTRIBUTS: dict[Attribut, str] = {
    Attribut.HOMONYME: "Homonyme",
    Attribut.DOUTEUSE: "Douteuse",
    Attribut.FICTIVE: "Fictive",
}

#: Full labels of the traits: unambiguous, for screens and print (rules 3 and 32).
TRAITS: dict[str, str] = {
    "nom_naissance": "Nom de naissance",
    "premier_prenom": "1er prénom de naissance",
    "prenoms": "Prénoms de naissance",
    "date_naissance": "Date de naissance",
    "sexe": "Sexe",
    "lieu_naissance": "Lieu de naissance (INSEE)",
    "matricule_ins": "Matricule INS",
    "oid": "OID",
    "nom_utilise": "Nom utilisé",
    "prenom_utilise": "Prénom utilisé",
    "numero_secu": "Numéro de sécurité sociale",
}

#: Short labels allowed by rule 3, where the place is scarce.
TRAITS_COURTS: dict[str, str] = {
    "nom_naissance": "N. Nais.",
    "premier_prenom": "Pr. 1",
    "prenoms": "Pr. Nais.",
    "date_naissance": "DDN",
    "sexe": "S.",
    "lieu_naissance": "INSEE Nais.",
    "matricule_ins": "INS",
    "oid": "OID",
    "nom_utilise": "N. Ut.",
    "prenom_utilise": "Pr. Ut.",
}

SEXES: dict[str, str] = {"F": "Féminin", "M": "Masculin", "I": "Indéterminé"}

#: Professions of the corridor and their neighbours, code TRE_G15.
PROFESSIONS: dict[str, str] = {
    "10": "Médecin",
    "21": "Pharmacien",
    "40": "Chirurgien-dentiste",
    "50": "Sage-femme",
    "60": "Infirmier",
    "69": "Infirmier psychiatrique",
    "70": "Masseur-kinésithérapeute",
    "80": "Pédicure-podologue",
    "91": "Orthophoniste",
    "92": "Orthoptiste",
    "94": "Ergothérapeute",
    "95": "Diététicien",
    "96": "Psychomotricien",
}

#: Sectors of activity that a practice may have, code TRE_R02.
SECTEURS: dict[str, str] = {
    "SA05": "Centre de santé",
    "SA07": "Cabinet individuel",
    "SA08": "Cabinet de groupe",
    "SA09": "Exercice en société",
    "SA52": "Maison de santé",
}

ETATS_ORDRE: dict[EtatOrdre, str] = {
    EtatOrdre.RETENU: "Retenu",
    EtatOrdre.PROGRAMME: "Programmé",
    EtatOrdre.EN_COURS: "En cours",
    EtatOrdre.ATTENTE_TECHNIQUE: "En attente technique",
    EtatOrdre.ENVOYE: "Envoyé",
    EtatOrdre.REFUSE: "Refusé",
    EtatOrdre.ANNULE: "Annulé",
}

DESTINATIONS: dict[Destination, str] = {
    Destination.DMP: "DMP",
    Destination.MSSANTE: "MSSanté",
}

ORIGINES: dict[OrigineDocument, str] = {
    OrigineDocument.CABINET: "Cabinet",
    OrigineDocument.DMP: "DMP",
    OrigineDocument.MSSANTE: "MSSanté",
    OrigineDocument.IMPORT: "Importé",
    OrigineDocument.SCAN: "Scan",
}

ETATS_DOCUMENT: dict[EtatDocument, str] = {
    EtatDocument.BROUILLON: "Brouillon",
    EtatDocument.VALIDE: "Au dossier",
    EtatDocument.REMPLACE: "Remplacé",
    EtatDocument.SUPPRIME: "Supprimé",
}


def infobulle_statut(identite: Identite) -> str:
    """What is done and what remains to do, then the attributes: shown after one second on the
    status (`spec/ins.md` §2)."""
    attributs = [ATTRIBUTS[a].lower() for a in Attribut if a in identite.attributs]
    suite = f"\nAttribut : {', '.join(attributs)}" if attributs else ""
    return _reste_a_faire(identite) + suite


def _reste_a_faire(identite: Identite) -> str:
    if identite.attributs & {Attribut.DOUTEUSE, Attribut.FICTIVE}:
        return "Appel INSi bloqué : levez d’abord l’attribut"
    match identite.statut:
        case StatutIdentite.PROVISOIRE:
            return "À faire : document d’identité, appel INSi"
        case StatutIdentite.RECUPEREE:
            return "Fait : appel INSi\nÀ faire : document d’identité"
        case StatutIdentite.VALIDEE:
            return "Fait : document d’identité\nÀ faire : appel INSi"
        case StatutIdentite.QUALIFIEE:
            return preuve_qualification(identite)


def preuve_qualification(identite: Identite) -> str:
    """How a qualifiée identity was qualified, with the date of the INSi answer."""
    jour = dates.formater(identite.date_insi)[:10]
    le = f" le {jour}" if jour else ""
    match identite.mode_qualification:
        case ModeQualification.APCV:
            return f"Appli carte Vitale lue{le}"
        case ModeQualification.PROCEDURE_TRANSITOIRE:
            return f"Qualifiée par la procédure spécifique transitoire, INSi{le}"
        case _:
            document = libelle_justificatif(identite.justificatif)
            precision = f" ({document[0].lower()}{document[1:]})" if document else ""
            return f"Document{precision} et INSi contrôlés{le}"


def message_attributs(identite: Identite) -> str:
    """Line under the banner when an attribute blocks the identity; else empty."""
    for attribut in (Attribut.DOUTEUSE, Attribut.FICTIVE):
        if attribut in identite.attributs:
            return f"Identité {ATTRIBUTS[attribut].lower()} : appel INSi et envois bloqués."
    if Attribut.HOMONYME in identite.attributs:
        return "Homonyme : un autre patient porte les mêmes traits. Vérifiez avant tout acte."
    return ""


def libelle_situation(situation: SituationExercice) -> tuple[str, str]:
    """A situation d'exercice in words: as what, and where."""
    metier = PROFESSIONS.get(situation.profession, situation.profession)
    if situation.savoir_faire.startswith("SI"):
        metier += " en pratique avancée"
    return metier, situation.structure_nom or situation.structure_identifiant
