"""Labels of document types: short ones for lists, official ones for what leaves the house."""

from app.documents.types import code_type

#: Short labels of the types met every day; the others show their official label.
COURTS: dict[str, str] = {
    "11488-4": "Compte rendu de consultation",
    "11490-0": "Lettre de liaison de sortie",
    "11502-2": "Compte rendu de biologie",
    "11505-5": "Compte rendu d’acte",
    "11506-3": "Fiche de suivi de soins",
    "11369-6": "Historique de vaccination",
    "15508-5": "Compte rendu d’accouchement",
    "18725-2": "Compte rendu de microbiologie",
    "18748-4": "Compte rendu d’imagerie",
    "18761-7": "Note de transfert",
    "18776-5": "Plan personnalisé de soins",
    "34112-3": "Compte rendu hospitalier",
    "34120-6": "Bilan",
    "34133-9": "Synthèse d’épisode de soins",
    "47420-5": "Bilan fonctionnel",
    "57828-6": "Ordonnance",
    "57832-8": "Prescription d’actes de biologie",
    "57833-6": "Ordonnance",
    "60591-5": "Synthèse médicale",
    "60593-1": "Dispensation",
    "74207-2": "Liaison d’urgence",
    "80565-5": "Administration de médicaments",
    "87273-9": "Note de vaccination",
    "89233-1": "Compte rendu de grossesse",
    "96163-1": "Bilan de soins infirmiers",
    "96173-0": "TROD",
    "96349-6": "Lettre d’adressage",
    "CERT_DECL": "Certificat",
    "PRESC-BIO": "Prescription d’actes de biologie",
    "PRESC-INF": "Prescription d’actes infirmiers",
    "PRESC-KINE": "Prescription de kinésithérapie",
    "SYNTH": "Synthèse médicale",
}


def libelle_type(code: str) -> str:
    """Short French label of a JDV_J07 code; the code itself when it is unknown."""
    if code in COURTS:
        return COURTS[code]
    officiel = code_type(code)
    return officiel.libelle if officiel is not None else code or "Document"


def libelle_officiel(code: str) -> str:
    """displayName of a JDV_J07 code, exactly as the value set writes it.

    :raises KeyError: the code isn't in the value set.
    """
    officiel = code_type(code)
    if officiel is None:
        raise KeyError(code)
    return officiel.libelle


#: Types met in what a practice scans or receives on paper, the most frequent first.
_A_CLASSER = ("57833-6", "11502-2", "18748-4", "11488-4", "34112-3", "11490-0", "96349-6",
              "PRESC-INF", "PRESC-KINE", "PRESC-BIO", "CERT_DECL", "51851-4")


def types_a_classer() -> tuple[tuple[str, str], ...]:
    """Types offered for a document that says nothing of itself: the frequent ones, then all."""
    from app.documents.types import codes_types

    frequents = [c for c in _A_CLASSER if code_type(c) is not None]
    autres = sorted((c for c in codes_types() if c not in frequents), key=libelle_type)
    return tuple((c, libelle_type(c)) for c in (*frequents, *autres))
