"""A document value as JSON and back: what is kept of a document that must be rendered again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.documents.contenus import ContenuStructure
from app.documents.model import DocumentClinique
from app.documents.saisie import CONTENUS
from app.documents.types import type_document
from app.documents.valeur_json import ValeurInvalide, depuis_json, en_json


def document_en_json(document: DocumentClinique) -> dict[str, Any]:
    """The whole value, structured content apart."""
    return {"document": en_json(replace(document, donnees=None)),
            "contenu": en_json(document.donnees)}


def document_depuis_json(garde: Mapping[str, Any]) -> DocumentClinique:
    """The value that `document_en_json` kept.

    Raises:
        ValeurInvalide: it isn't one (another version of the program wrote it).
    """
    document = depuis_json(DocumentClinique, garde.get("document"))
    brut = garde.get("contenu")
    if brut is None:
        return document
    try:
        classe: type[ContenuStructure] = CONTENUS[type_document(document.type_cle).modele]
    except KeyError:
        raise ValeurInvalide("type_cle", "ce type n’a pas de contenu structuré.") from None
    return replace(document, donnees=depuis_json(classe, brut, "contenu"))
