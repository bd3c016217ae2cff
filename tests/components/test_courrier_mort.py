"""Killed while a letter is typed in the real window: at most the last two seconds are lost."""

import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli.demo import MOT_DE_PASSE
from app.documents.corps import textes
from app.documents.courrier import depuis_texte
from app.domain.identity import Traits
from app.domain.patient import Contact
from app.domain.people import Professionnel, Structure
from app.usecases import access, brouillons, patients

SCRIPT = Path(__file__).parent / "ecriture_courrier.py"
#: What a crash may cost, in seconds: the interval of the autosave, and the time of a write.
PERTE_MAX_S = 2.5


@pytest.mark.timeout(300)
def test_nothing_typed_is_lost_but_the_last_two_seconds(tmp_path: Path) -> None:
    emplacement = tmp_path / "cabinet.pleiade"
    ctx = access.creer_cabinet(emplacement, access.DemandeCabinet(
        structure=Structure("499700000016001", "Cabinet fictif"),
        professionnel=Professionnel("899700000016", "MOREAU", "Claire", civilite="MME"),
        mot_de_passe=MOT_DE_PASSE, profils=("IDE",), module_mss="integree")).contexte
    patient = patients.creer_patient(
        ctx, Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220", "ZOE"), Contact()).patient
    assert patient is not None
    ctx.fermer()
    hasard = random.Random(7)
    pertes: list[float] = []
    for _ in range(3):
        processus = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(emplacement), str(patient.id)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
        assert processus.stdout is not None
        premiere = processus.stdout.readline()
        assert premiere == "PRET\n", processus.communicate()[1]
        # More than an autosave ago, counted in words: a slow machine types as much as a fast one.
        reste_avant = [processus.stdout.readline() for _ in range(7)]
        time.sleep(hasard.uniform(0.0, 2.0))
        mort = time.monotonic()
        processus.kill()
        reste, _ = processus.communicate()
        tapes = [(int(n), float(t)) for n, _, t in (
            ligne.partition(" ") for ligne in [*reste_avant, *reste.splitlines()]) if t]
        ctx = access.deverrouiller(emplacement, MOT_DE_PASSE)
        try:
            assert ctx.store.verifier().bon
            with ctx.store.lecture() as u:
                dernier = u.documents.brouillons(patient.id)[0]
            lu = " ".join(textes(depuis_texte(dernier.texte).corps)).split()
            # Listed and reopened: the draft is told apart from those of the former deaths.
            repris = brouillons.lire_brouillon(ctx, dernier.id, patient.id)
            brouillons.enregistrer_brouillon(ctx, replace(repris, titre="Repris"), repris)
        finally:
            ctx.fermer()
        entiers = lu[:-1]  # the last word may have been caught half typed
        assert entiers == [f"m{n}" for n in range(len(entiers))], "what is kept has no hole"
        perdus = [t for n, t in tapes if n >= len(lu)]
        pertes.append(mort - min(perdus) if perdus else 0.0)
        assert entiers
    # A machine that stalls, or a disk that does, may cost more once: an autosave that doesn't work
    # costs more each time.
    assert min(pertes) < PERTE_MAX_S, pertes
