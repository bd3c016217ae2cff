"""Sentences built from what a service answers, and the names of services."""

import pytest

from app.services.noms import nom_service, phrase


@pytest.mark.parametrize(("debut", "suite", "attendu"), [
    ("Le DMP refuse", "", "Le DMP refuse."), ("Le DMP refuse", "non.", "Le DMP refuse\u00a0: non."),
    ("Refus\u00a0: droits", "x", "Refus\u00a0: droits (x)."), ("Non", "sûr ?", "Non\u00a0: sûr ?")])
def test_sentences(debut: str, suite: str, attendu: str) -> None:
    assert phrase(debut, suite) == attendu


def test_every_service_has_a_name() -> None:
    assert {nom_service(s) for s in ("insi", "dmp", "psc", "proxy", "autre")} == {
        "Le téléservice INSi", "Le DMP", "Pro Santé Connect", "Le Proxy e-santé", "Le service"}
