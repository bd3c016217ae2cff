"""The gestures on a shared PostgreSQL: created, locked, opened again, searched, written."""

from pathlib import Path

import pytest

from app.cli.demo import MOT_DE_PASSE
from app.cli.demo_donnees import CABINET, PROFESSIONNEL
from app.domain.identity import Traits
from app.store.errors import ErreurStore
from app.usecases import agenda, brouillons, dossier, patients, produce
from app.usecases.access import DemandeCabinet, creer_cabinet, deverrouiller, fichier_existe
from tests.store_outils import nouvelle_base, postgresql


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_a_practice_on_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First start by URL, then every gesture that needs no service."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with postgresql() as serveur:
        url = nouvelle_base(serveur, "cabinet_partage", "template1")
        assert not fichier_existe(url)
        creer_cabinet(url, DemandeCabinet(CABINET, PROFESSIONNEL, MOT_DE_PASSE)).contexte.fermer()
        assert fichier_existe(url)
        with pytest.raises(ErreurStore):
            deverrouiller(url, "un autre mot de passe")
        ctx = deverrouiller(url, MOT_DE_PASSE)
        try:
            cree = patients.creer_patient(ctx, Traits("Dûpont-Martin", "Zoé", "311275", "F",
                                                      "63220")).patient
            assert cree is not None
            assert [p.id for p in patients.chercher(ctx, "dupont m")] == [cree.id]
            assert [p.id for p in patients.chercher(ctx, "31/12/1975")] == [cree.id]
            agenda.ajouter_passage(ctx, "2026-11-21", "08:50", cree.id, "Pansement")
            assert [p.heure for p in agenda.tournee(ctx, "2026-11-21")] == ["08:50"]
            dossier.ajouter_observation(ctx, cree.id, "Plaie propre.")
            brouillon = brouillons.nouveau_brouillon(ctx, cree.id, "11488-4")
            produce.valider(ctx, produce.replace(brouillon, texte="Plaie propre."))
            ouvert = dossier.ouvrir_dossier(ctx, cree.id)
            assert [o.texte for o in ouvert.observations] == ["Plaie propre."]
            assert len(ouvert.documents.lignes) == 1
            assert ctx.store.verifier().bon
        finally:
            ctx.fermer()
