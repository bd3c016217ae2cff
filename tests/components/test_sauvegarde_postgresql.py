"""Backup of a practice on PostgreSQL, restored into a new database or into a file."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.outbox import Destination
from app.store import places
from app.store.errors import ErreurSauvegarde
from app.usecases import access, backup
from app.usecases.restore import restaurer
from tests.sauvegarde_outils import MOT, creer
from tests.store_outils import (
    NOM_RARE,
    fiche,
    identite,
    nouvelle_base,
    serveur_commun,
    supprimer_base,
)

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]


@pytest.fixture
def urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """A practice's database and an empty one."""
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    noms = [f"essai_{secrets.token_hex(4)}" for _ in range(2)]
    yield (nouvelle_base(serveur_commun(), noms[0]),
           nouvelle_base(serveur_commun(), noms[1], "template1"))
    for nom in noms:
        supprimer_base(serveur_commun(), nom)


def test_a_database_comes_back_whole_elsewhere(
        urls: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cabinet = creer(urls[0], monkeypatch)
    with cabinet.ctx.store.ecriture() as u:
        f = u.documents.ajouter(fiche(1, "1.1"), cda=NOM_RARE.encode(), pdf=b"%PDF")
        u.outbox.ajouter(Destination.DMP, f.id, 1, cabinet.ctx.compte_id,
                         "2026-01-01T00:00:00+00:00")
    usb = tmp_path / "usb"
    usb.mkdir()
    faite = backup.sauvegarder(cabinet.ctx, usb)
    assert faite.avec_coffre and NOM_RARE.encode() not in faite.chemin.read_bytes()
    cabinet.ctx.fermer()

    with pytest.raises(ErreurSauvegarde, match="existe déjà"):
        restaurer(faite.chemin, urls[0], cle_secours=cabinet.cle_secours)
    with pytest.raises(ErreurSauvegarde, match="pas vide"):
        restaurer(faite.chemin, urls[0], cle_secours=cabinet.cle_secours, mettre_de_cote=True)
    access.deverrouiller(urls[0], MOT).fermer()

    rendu = restaurer(faite.chemin, urls[1], cle_secours=cabinet.cle_secours)
    assert rendu.rapport.bon
    fichier = tmp_path / "portable" / "cabinet.pleiade"
    restaurer(faite.chemin, fichier, mot_de_passe=MOT)
    for emplacement in (urls[1], fichier):
        ctx = access.deverrouiller(emplacement, MOT)
        with ctx.store.ecriture() as u:
            assert [p.nom_naissance for p in u.patients.chercher(NOM_RARE)] == [NOM_RARE]
            assert u.documents.contenu(f.cda_sha256) == NOM_RARE.encode()
            assert [o.incertain for o in u.outbox.lister()] == [True]
            assert u.trail.verifier_chaine().intacte
            assert u.patients.ajouter(identite("SUITE"), auteur="a", cause="c").id == 2
        ctx.fermer()
    assert not list((tmp_path / "donnees").glob(".pleiade-*"))
