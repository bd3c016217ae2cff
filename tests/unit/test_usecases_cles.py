"""Keys of the practice: change, recovery key, key store; refusals, traces, commands."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.__main__ import main
from app.domain.people import Professionnel
from app.domain.roles import Acces
from app.store import places, trousseau, vault
from app.store.connections import ouvre
from app.store.errors import ErreurStore, FichierOccupe
from app.usecases import access, backup, cles, comptes, mots_de_passe
from app.usecases.errors import Refus
from tests.sauvegarde_outils import MOT, Cabinet, creer
from tests.store_outils import NOM_RARE

MOT_PAUL = "Un second mot fictif 22"
PAUL = Professionnel("899700000024", "REMPLACANT", "PAUL")


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT)
    monkeypatch.setattr(trousseau, "nom", lambda: "")
    (tmp_path / "poste").mkdir()
    cree = creer(tmp_path / "poste" / "cabinet.pleiade", monkeypatch)
    yield cree
    cree.ctx.fermer()


class Magasin:
    """A key store in memory, at the seam."""

    def __init__(self) -> None:
        self.garde: dict[str, bytes] = {}
        self.en_panne = False

    def _oser(self) -> None:
        if self.en_panne:
            raise trousseau.TrousseauIndisponible()

    def garder(self, entree: str) -> bytes:
        self._oser()
        return self.garde.setdefault(entree, entree.encode())

    def lire(self, entree: str) -> bytes | None:
        self._oser()
        return self.garde.get(entree)

    def oublier(self, entree: str) -> None:
        self._oser()
        del self.garde[entree]


@pytest.fixture
def magasin(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> Magasin:
    un = Magasin()
    monkeypatch.setattr(trousseau, "nom", lambda: "le trousseau d’essai")
    for geste in ("garder", "lire", "oublier"):
        monkeypatch.setattr(trousseau, geste, getattr(un, geste))
    return un


def _traces(cabinet: Cabinet, quoi: str) -> list[tuple[str, str]]:
    with cabinet.ctx.store.lecture() as u:
        return [(t.resultat, t.detail) for t in u.trail.lister(50) if t.quoi == quoi]


def test_a_new_key_leaves_one_backup_under_it_and_nothing_else(cabinet: Cabinet) -> None:
    ctx, fichier = cabinet.ctx, cabinet.fichier
    assert isinstance(fichier, Path)
    ancienne = vault.ouvrir_coffre(fichier, MOT)
    vieille = backup.sauvegarder(ctx).chemin
    marque = vault.marque(fichier)[:8]
    for suite in (".pleiade", ".coffre.json"):  # as if it were made on another day
        ancien = vieille.with_name(vieille.stem + suite)
        ancien.rename(vieille.with_name(f"pleiade-{marque}-20260101-080000{suite}"))
    vieille = vieille.with_name(f"pleiade-{marque}-20260101-080000.pleiade")
    faite = cles.changer_cle(ctx)
    nouvelle = vault.ouvrir_coffre(fichier, MOT)
    assert nouvelle != ancienne and faite.sauvegarde is not None and not faite.echec
    assert vault.ouvrir_par_secours(faite.sauvegarde, cabinet.cle_secours) == nouvelle
    # The practice still knows its former backups: rotation will thin them out.
    assert {s.chemin for s in backup.sauvegardes(ctx)} == {vieille, faite.sauvegarde}
    dossier = places.dossier_sauvegardes(fichier)
    assert not [p for p in dossier.iterdir() if "changement" in p.name]
    with ctx.store.lecture() as u:
        assert u.patients.chercher(NOM_RARE)
    assert _traces(cabinet, "cle.changement") == [("ok", "")]
    assert cles.etat_cles(ctx).cle_le and not cles.etat_cles(ctx).secours_le
    # What was saved before opens by the recovery key, under the former key.
    assert vault.ouvrir_par_secours(vieille, cabinet.cle_secours) == ancienne


def test_only_an_administrator_changes_keys(cabinet: Cabinet) -> None:
    comptes.ajouter_compte(cabinet.ctx, PAUL, Acces(("titulaire",)), MOT_PAUL)
    paul = access.deverrouiller(cabinet.fichier, MOT_PAUL)
    assert not cles.etat_cles(paul).gestionnaire
    for geste in (cles.changer_cle, cles.preparer_secours):
        with pytest.raises(Refus, match="administrateur"):
            geste(paul)  # type: ignore[operator]
    with pytest.raises(Refus, match="administrateur"):
        cles.poser_secours(paul, cabinet.cle_secours)
    paul.fermer()
    assert vault.ouvrir_par_secours(cabinet.fichier, cabinet.cle_secours)


def test_a_file_open_twice_is_said_and_nothing_is_left(cabinet: Cabinet) -> None:
    autre = access.deverrouiller(cabinet.fichier, MOT)
    with autre.store.lecture() as u:
        u.patients.chercher(NOM_RARE)
        with pytest.raises(FichierOccupe, match="autres fenêtres"):
            cles.changer_cle(cabinet.ctx)
    autre.fermer()
    assert [r for r, _ in _traces(cabinet, "cle.changement")] == ["echec"]
    assert isinstance(cabinet.fichier, Path)
    dossier = places.dossier_sauvegardes(cabinet.fichier)
    assert not [p for p in dossier.iterdir() if "changement" in p.name]
    assert cles.changer_cle(cabinet.ctx).sauvegarde


def test_no_change_while_a_backup_runs(cabinet: Cabinet) -> None:
    with backup.seule(), pytest.raises(Refus, match="en cours"):
        cles.changer_cle(cabinet.ctx)


def test_a_backup_that_fails_afterwards_keeps_the_copy_made_before(
        cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuser(*_: object) -> None:
        raise ErreurStore("Le disque est débranché.")

    monkeypatch.setattr(backup, "sauvegarder", refuser)
    faite = cles.changer_cle(cabinet.ctx)
    assert faite.sauvegarde is None and "débranché" in faite.echec
    assert isinstance(cabinet.fichier, Path)
    dossier = places.dossier_sauvegardes(cabinet.fichier)
    assert [p.suffix for p in sorted(dossier.iterdir())] == [".json", ".pleiade"]


def test_the_former_recovery_key_holds_until_the_new_one_is_confirmed(cabinet: Cabinet) -> None:
    nouvelle = cles.preparer_secours(cabinet.ctx)
    with pytest.raises(vault.MotDePasseRefuse):
        vault.ouvrir_par_secours(cabinet.fichier, nouvelle)
    assert vault.ouvrir_par_secours(cabinet.fichier, cabinet.cle_secours)
    cles.poser_secours(cabinet.ctx, nouvelle)
    access.deverrouiller_par_secours(cabinet.fichier, nouvelle).fermer()
    with pytest.raises(vault.MotDePasseRefuse):
        vault.ouvrir_par_secours(cabinet.fichier, cabinet.cle_secours)
    assert _traces(cabinet, "cle.secours") == [("ok", "")]


# --- key store ---------------------------------------------------------------------------------

def test_the_workstation_opens_the_practice_until_it_is_withdrawn(
        cabinet: Cabinet, magasin: Magasin) -> None:
    ctx = cabinet.ctx
    with pytest.raises(vault.MotDePasseRefuse):
        cles.activer_trousseau(ctx, "pas le bon mot 9")
    assert not magasin.garde
    cles.activer_trousseau(ctx, MOT)
    assert cles.etat_cles(ctx).trousseau_actif
    with pytest.raises(Refus, match="déjà"):
        cles.activer_trousseau(ctx, MOT)
    ouvert = access.deverrouiller_par_trousseau(cabinet.fichier)
    assert ouvert.compte_id == ctx.compte_id
    ouvert.fermer()
    cles.changer_cle(ctx)  # the key store follows
    access.deverrouiller_par_trousseau(cabinet.fichier).fermer()
    cles.desactiver_trousseau(ctx)
    assert not magasin.garde and not cles.etat_cles(ctx).trousseau_actif
    with pytest.raises(Refus, match="Tapez votre mot de passe"):
        access.deverrouiller_par_trousseau(cabinet.fichier)
    with pytest.raises(Refus):
        cles.desactiver_trousseau(ctx)
    assert [d for _, d in reversed(_traces(cabinet, "cle.trousseau"))] == ["activé", "retiré"]


@pytest.mark.attaque(
    "Secret du trousseau volé avec l’ancien mot de passe changé",
    tente="rouvrir par le trousseau du poste après que le mot de passe a été changé",
    constat="refusé : l’enveloppe du trousseau est retirée avec l’ancien mot de passe")
def test_a_new_password_ends_what_the_key_store_opens(
        cabinet: Cabinet, magasin: Magasin) -> None:
    cles.activer_trousseau(cabinet.ctx, MOT)
    mots_de_passe.changer_mot_de_passe(cabinet.ctx, "Un autre mot fictif 33", ancien=MOT)
    assert magasin.garde
    with pytest.raises(Refus):
        access.deverrouiller_par_trousseau(cabinet.fichier)


def test_a_key_store_that_fails_changes_nothing(cabinet: Cabinet, magasin: Magasin) -> None:
    magasin.en_panne = True
    avant = vault.chemin_coffre(cabinet.fichier).read_bytes()
    with pytest.raises(trousseau.TrousseauIndisponible):
        cles.activer_trousseau(cabinet.ctx, MOT)
    assert vault.chemin_coffre(cabinet.fichier).read_bytes() == avant


def test_without_a_key_store_it_is_said_and_not_offered(
        cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    from keyring.backends import fail, null

    for absent in (fail.Keyring(), null.Keyring()):
        monkeypatch.setattr(keyring, "get_keyring", lambda absent=absent: absent)
        assert trousseau._magasin() is None
        with pytest.raises(trousseau.TrousseauIndisponible, match="mot de passe"):
            trousseau.garder("entree")
    assert cles.etat_cles(cabinet.ctx).trousseau == ""


# --- vault of the first form, commands ---------------------------------------------------------

def test_the_commands(cabinet: Cabinet, capsys: pytest.CaptureFixture[str],
                      monkeypatch: pytest.MonkeyPatch) -> None:
    cabinet.ctx.fermer()
    lieu = ["--dossier", str(cabinet.fichier), "--json"]
    ancienne = vault.ouvrir_coffre(cabinet.fichier, MOT)
    assert main(["cles", "changer", *lieu]) == 0
    assert Path(json.loads(capsys.readouterr().out)["sauvegarde"]).exists()
    assert isinstance(cabinet.fichier, Path) and not ouvre(cabinet.fichier, ancienne)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main(["cles", "secours", *lieu]) == 2
    assert vault.ouvrir_par_secours(cabinet.fichier, cabinet.cle_secours)
    capsys.readouterr()
    assert main(["cles", "secours", "--oui", *lieu]) == 0
    nouvelle = json.loads(capsys.readouterr().out)["cle_secours"]
    assert vault.ouvrir_par_secours(cabinet.fichier, nouvelle)
    assert main(["cles", "etat", *lieu]) == 0
    etat = json.loads(capsys.readouterr().out)
    assert etat["cle_changee_le"] and etat["secours_change_le"] and etat["coffre_intact"]
    assert main(["cles", "poste", "retirer", *lieu]) == 1


def test_a_second_factor_is_never_bypassed_by_the_workstation(
        cabinet: Cabinet, magasin: Magasin, monkeypatch: pytest.MonkeyPatch) -> None:
    cles.activer_trousseau(cabinet.ctx, MOT)
    monkeypatch.setattr(access, "actif", lambda *_: True)
    monkeypatch.setattr(cles, "actif", lambda *_: True)
    with pytest.raises(Refus, match="second facteur"):
        access.deverrouiller_par_trousseau(cabinet.fichier)
    with pytest.raises(Refus, match="second facteur"):
        cles.activer_trousseau(cabinet.ctx, MOT)
