"""A letter or report being written: everything but its title, as one value and as a text.

The text is what a draft keeps (`Brouillon.texte`) and what a validated document keeps of its
source, for its next version. Drafts of former versions of the program are plain texts: they are
read as such, and nothing that can't be read is dropped.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.documents.corps import normaliser
from app.documents.corps_json import corps_en_json, lire_corps
from app.documents.model import (
    Bloc,
    Destinataire,
    Intertitre,
    Intervenant,
    Liste,
    Paragraphe,
)
from app.documents.valeur_json import ValeurInvalide, depuis_json, en_json

_MARQUE = '{"courrier": 1'


@dataclass(frozen=True, slots=True)
class EnteteCourrier:
    """What the header of a letter says beside its author and patient.

    `cadre`: JDV_J04. `date_acte` None = when it is validated. `remplace`: id in the file of the
    document whose next version this is, 0 = none. `type_cle`: kind of `types.csv`. `modele`: key
    of the template it was begun from.
    """

    destinataires: tuple[Destinataire, ...] = ()
    intervenants: tuple[Intervenant, ...] = ()
    cadre: str = "AMBULATOIRE"
    date_acte: datetime | None = None
    date_fin: datetime | None = None
    type_cle: str = ""
    modele: str = ""
    remplace: int = 0


@dataclass(frozen=True, slots=True)
class Courrier:
    """Header and body."""

    corps: tuple[Bloc, ...] = ()
    entete: EnteteCourrier = EnteteCourrier()


def en_texte(courrier: Courrier) -> str:
    """The text that a draft keeps."""
    return json.dumps({"courrier": 1, "entete": en_json(courrier.entete),
                       "corps": corps_en_json(courrier.corps)}, ensure_ascii=False)


def depuis_texte(texte: str) -> Courrier:
    """The letter that a draft keeps; any other text is its body."""
    if not texte.startswith(_MARQUE):
        return Courrier(blocs_simples(texte))
    try:
        brut: dict[str, Any] = json.loads(texte)
        return Courrier(lire_corps(brut["corps"]), depuis_json(EnteteCourrier, brut["entete"]))
    except (ValeurInvalide, KeyError, TypeError, ValueError, RecursionError):
        return Courrier(blocs_simples(texte))


def blocs_simples(texte: str) -> tuple[Bloc, ...]:
    """Plain text -> blocks: « # » heads, « - » lists, empty lines part paragraphs."""
    resultat: list[Bloc] = []
    paragraphe: list[str] = []
    liste: list[str] = []

    def vider() -> None:
        if paragraphe:
            resultat.append(Paragraphe("\n".join(paragraphe)))
            paragraphe.clear()
        if liste:
            resultat.append(Liste(tuple(liste)))
            liste.clear()

    for ligne in texte.replace("\r\n", "\n").split("\n"):
        nue = ligne.strip()
        if nue.startswith("# "):
            vider()
            resultat.append(Intertitre(nue[2:].strip()))
        elif nue.startswith(("- ", "• ")):
            if paragraphe:
                vider()
            liste.append(nue[2:].strip())
        elif not nue:
            vider()
        else:
            if liste:
                vider()
            paragraphe.append(ligne.rstrip())
    vider()
    return normaliser(resultat)
