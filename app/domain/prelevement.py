"""Checklist of a sampling away from the laboratory (SC.INS.24)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PointControle:
    """One thing to do before attesting. `obligatoire` ones hold the attestation back."""

    code: str
    libelle: str
    obligatoire: bool = True


CHECKLIST: tuple[PointControle, ...] = (
    PointControle("identite_demandee", "Le patient a dit lui-même ses nom, prénom et date de "
                                       "naissance, ou un proche pour lui"),
    PointControle("document_controle", "Un document d’identité à haut niveau de confiance a été "
                                       "contrôlé, ou l’est déjà au dossier"),
    PointControle("prescription_verifiee", "L’identité portée sur la prescription est la même",
                  obligatoire=False),
    PointControle("etiquetage", "Les échantillons ont été étiquetés après le prélèvement, devant "
                                "le patient"),
    PointControle("concordance", "L’identité des étiquettes est celle du dossier"),
    PointControle("heure_notee", "La date et l’heure du prélèvement sont notées"),
)


def manquants(coches: frozenset[str]) -> tuple[PointControle, ...]:
    """Mandatory points that are not ticked."""
    return tuple(p for p in CHECKLIST if p.obligatoire and p.code not in coches)
