"""A small practice with its vault, as the tests of backup, accounts and traces need it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from app.domain.people import Professionnel, Structure
from app.store import vault
from app.usecases import access
from app.usecases.context import Contexte
from tests.store_outils import NOM_RARE, identite

MOT = "Un mot de passe fictif 1"
LINE = Professionnel("899700000016", "INFIRMIERE", "LINE")


@dataclass
class Cabinet:
    """An open practice and its recovery key."""

    ctx: Contexte
    fichier: Path | str
    cle_secours: str


def creer(emplacement: Path | str, monkeypatch: pytest.MonkeyPatch) -> Cabinet:
    """Create a practice with one patient; the password derivation is made cheap."""
    monkeypatch.setattr(vault, "MEMOIRE_KIO", 64)
    cree = access.creer_cabinet(emplacement, access.DemandeCabinet(
        Structure("10B0000000", "CABINET FICTIF"), LINE, MOT))
    with cree.contexte.store.ecriture() as u:
        u.patients.ajouter(identite(NOM_RARE), auteur="LINE", cause="création")
    return Cabinet(cree.contexte, emplacement, cree.cle_secours)
