"""Killed at 50 random instants of the main job: nothing is lost, nothing is sent twice."""

import random
from collections import Counter
from pathlib import Path

import httpx
import pytest
from lignee import Lignee

from app.cli.demo import MOT_DE_PASSE
from app.cli.demo_donnees import creer_dossier_demo
from app.cli.serveurs import BacASable
from app.domain.document import OrigineDocument
from app.domain.outbox import EtatOrdre
from app.usecases import outbox, patients
from app.usecases.access import deverrouiller

MORTS = 50


@pytest.mark.attaque(
    "Arrêt brutal du geste principal",
    tente="cinquante kill −9 à des instants tirés au hasard, avec envois au DMP",
    constat="rien de perdu, rien d’envoyé deux fois, journal intact")
def test_killed_at_fifty_random_instants(bac: BacASable, tmp_path: Path) -> None:
    """Kill -9 anywhere between the first call and the sending; then finish and count."""
    emplacement = tmp_path / "cabinet.pleiade"
    creer_dossier_demo(emplacement, MOT_DE_PASSE, bac.reglages_services)
    hasard = random.Random(20261121)
    valides: set[str] = set()
    lignee = Lignee("geste_principal", str(emplacement), bac.controle, str(bac.bac.etat["ca"]))
    for _ in range(MORTS):
        # What was said (validated, sent) up to then, then anywhere before the next thing.
        dites = lignee.vivre(lignes=hasard.randint(1, 5), attente_s=hasard.uniform(0.0, 0.3))
        assert dites[0] == "PRET"
        valides |= {mots[1] for ligne in dites
                    if len(mots := ligne.split()) == 2 and mots[0] == "VALIDE"}
    assert len(valides) > MORTS / 2, "the kills came too early to test anything"
    assert lignee.vivre("--finir")[-1] == "FINI"
    lignee.fermer()

    ctx = deverrouiller(emplacement, MOT_DE_PASSE)
    try:
        rapport = ctx.store.verifier()
        assert rapport.bon, rapport
        patient_id = patients.chercher(ctx, "ADRUN ZOE")[0].id
        with ctx.store.lecture() as u:
            fiches = [f for f in u.documents.lister(patient_id)
                      if f.origine is OrigineDocument.CABINET]
            matricule = u.patients.lire(patient_id).identite.matricule_ins
        ordres = outbox.lister_envois(ctx, 10_000)
    finally:
        ctx.fermer()
    assert valides <= {f.cda_id for f in fiches}, "a document that was acknowledged is lost"
    assert {o.etat for o in ordres} == {EtatOrdre.ENVOYE}
    assert len(ordres) == len(fiches)

    gardes = httpx.get(f"{bac.controle}/controle/dmp/{matricule}").json()["documents"]
    deposes = Counter(d["unique_id"] for d in gardes if d["unique_id"] in
                      {f.cda_id for f in fiches})
    assert set(deposes) == {f.cda_id for f in fiches}, "sent according to the file, not in the DMP"
    assert set(deposes.values()) == {1}
    doublons = [appel for appel in
                httpx.get(f"{bac.controle}/controle/journal", params={
                    "service": "dmp", "operation": "TD2.1"}).json()
                if appel.get("code") == "XDSDuplicateUniqueIdInRegistry"]
    assert not doublons, "a document left twice"
