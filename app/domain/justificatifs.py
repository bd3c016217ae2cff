"""Proofs of identity and the trust given to them (`spec/ins.md` §2, rules 19 and 23)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Justificatif:
    """A kind of proof. `haute_confiance` lets it validate an identity; `mineur` says that it does
    so for a minor only, together with the high-trust title of a parent."""

    code: str
    libelle: str
    haute_confiance: bool
    mineur: bool = False


#: The default list of a practice. PA, CN, LE, AN: national value set; the other codes are ours.
JUSTIFICATIFS: tuple[Justificatif, ...] = (
    Justificatif("CN", "Carte nationale d’identité", True),
    Justificatif("PA", "Passeport", True),
    Justificatif("CS", "Titre de séjour", True),
    Justificatif("IE", "Identité électronique (France Identité, La Poste)", True),
    Justificatif("DC", "Document de circulation pour mineur", True),
    Justificatif("LE", "Livret de famille, avec le titre du parent", True, mineur=True),
    Justificatif("AN", "Extrait d’acte de naissance, avec le titre du parent", True, mineur=True),
    Justificatif("CV", "Carte Vitale", False),
    Justificatif("PC", "Permis de conduire", False),
    Justificatif("CT", "Carte de transport", False),
    Justificatif("CO", "Photocopie", False),
    Justificatif("DO", "Déclaration orale", False),
)

#: Codes that check an identity by default.
HAUTE_CONFIANCE = frozenset(j.code for j in JUSTIFICATIFS if j.haute_confiance)

_PAR_CODE = {j.code: j for j in JUSTIFICATIFS}


def libelle_justificatif(code: str) -> str:
    """French label of a kind of proof; the code itself when it is not in the default list."""
    connu = _PAR_CODE.get(code)
    return connu.libelle if connu else code
