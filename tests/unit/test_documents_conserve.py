"""A document kept as JSON and read back is the same value: it can be rendered again later."""

import json
from datetime import datetime

import pytest
from hypothesis import given

from app.documents.conserve import document_depuis_json, document_en_json
from app.documents.gabarits import gabarit
from app.documents.model import DocumentClinique
from app.documents.saisie import depuis_saisie
from app.documents.types import types_documents
from app.documents.valeur_json import ValeurInvalide
from tests.documents_valeurs import documents

MAINTENANT = datetime.fromisoformat("2026-11-28T10:00:00+01:00")


@given(documents())
def test_a_letter_comes_back_the_same(document: DocumentClinique) -> None:
    garde = json.loads(json.dumps(document_en_json(document)))
    assert document_depuis_json(garde) == document


@pytest.mark.parametrize("cle", [t.cle for t in types_documents()])
def test_every_kind_comes_back_the_same(cle: str) -> None:
    document = depuis_saisie(cle, gabarit(cle, MAINTENANT), maintenant=MAINTENANT)
    garde = json.loads(json.dumps(document_en_json(document)))
    assert document_depuis_json(garde) == document


@pytest.mark.parametrize("garde", [
    {}, {"document": None}, {"document": {"id": "1.2"}}, {"titre": "ancien", "texte": "x"}])
def test_what_another_version_kept_is_refused_in_words(garde: dict[str, object]) -> None:
    with pytest.raises(ValeurInvalide):
        document_depuis_json(garde)
