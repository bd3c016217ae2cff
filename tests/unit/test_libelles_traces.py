"""Every act that the program writes in the trail has French words on the screen of the journal."""

import re
from pathlib import Path

from app.domain.libelles_traces import _ACTES

APP = Path(__file__).parents[2] / "app"


def test_every_act_of_the_code_has_its_words() -> None:
    ecrits = {acte for fichier in APP.rglob("*.py")
              for acte in re.findall(r'quoi="([a-z_.]+)"', fichier.read_text("utf-8"))}
    assert len(ecrits) > 60
    assert sorted(ecrits - set(_ACTES)) == []
