"""Backup of a practice on PostgreSQL, restored into a new database or into a file."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.outbox import Destination
from app.store import places
from app.store.errors import ErreurSauvegarde, FichierOccupe
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


@pytest.mark.attaque(
    "Deux postes restaurent à la fois dans la même base",
    tente="deux restaurations simultanées dans une base vide, chaque poste avec son dossier",
    constat="une se fait, l’autre est refusée en français et ne laisse aucun coffre ; la base est "
            "entière")
def test_two_workstations_restore_into_one_base(
        urls: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cabinet = creer(urls[0], monkeypatch)
    usb = tmp_path / "usb"
    usb.mkdir()
    faite = backup.sauvegarder(cabinet.ctx, usb).chemin
    cabinet.ctx.fermer()
    depart, feu = os.pipe()
    enfants = []
    for rang in range(2):
        enfant = os.fork()
        if enfant == 0:
            code = 3
            try:
                os.close(feu)
                places.dossier_donnees = (  # type: ignore[assignment]
                    lambda rang=rang: tmp_path / f"poste-{rang}")
                os.read(depart, 1)
                restaurer(faite, urls[1], cle_secours=cabinet.cle_secours)
                code = 0
            except (FichierOccupe, ErreurSauvegarde):
                code = 1
            finally:
                os._exit(code)
        enfants.append(enfant)
    os.close(feu)
    codes = [os.waitstatus_to_exitcode(os.waitpid(e, 0)[1]) for e in enfants]
    os.close(depart)
    assert sorted(codes) == [0, 1]
    perdant = tmp_path / f"poste-{codes.index(1)}"
    assert not list(perdant.glob("*coffre*")) and not list(perdant.glob(".*"))
    monkeypatch.setattr(places, "dossier_donnees",
                        lambda: tmp_path / f"poste-{codes.index(0)}")
    ctx = access.deverrouiller(urls[1], MOT)
    assert ctx.store.verifier().bon
    ctx.fermer()
