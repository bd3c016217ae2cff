"""PostgreSQL beside the repositories: backup into an encrypted file, upgrade, lost server."""

import secrets
import shutil
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.store import backup, places, upgrade
from app.store.connections import moteur_postgresql
from app.store.engine import ouvrir
from app.store.errors import (
    BaseInjoignable,
    ConflitVersion,
    ErreurSauvegarde,
    ErreurStore,
    FichierTropRecent,
)
from app.store.repos import trail as depot_trail
from app.store.verify import EtatPoint
from tests.store_outils import (
    CLE,
    NOM_RARE,
    base,
    decor,
    fiche,
    identite,
    nouvelle_base,
    semer_0001,
    serveur_commun,
    supprimer_base,
)

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]
AVANT = upgrade.REVISION


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty patient file on the server; the user's data folder is the test's."""
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    nom = f"essai_{secrets.token_hex(4)}"
    yield nouvelle_base(serveur_commun(), nom)
    supprimer_base(serveur_commun(), nom)


def test_a_backup_is_an_encrypted_file_that_opens(url: str, tmp_path: Path) -> None:
    store = ouvrir(url, CLE)
    d = decor(store)
    with store.ecriture() as u:
        f = u.documents.ajouter(fiche(d.patient, "1.1"), cda=NOM_RARE.encode(), pdf=b"%PDF")
        u.patients.ajouter(identite(NOM_RARE, "ANNE"), auteur="a", cause="c")
        u.episodes.ouvrir(d.patient, auteur="LINE")
        trail = u.trail.lister()
    copie = tmp_path / "s" / "copie.pleiade"
    store.sauvegarder(copie)
    store.fermer()
    assert NOM_RARE.encode() not in copie.read_bytes()
    assert [p.name for p in copie.parent.iterdir()] == ["copie.pleiade"]
    relu = ouvrir(copie, CLE, creer=False)
    assert relu.verifier().bon
    with relu.lecture() as u:
        assert u.trail.lister() == trail
        assert u.documents.contenu(f.cda_sha256) == NOM_RARE.encode()
        assert [r.nom_naissance for r in u.patients.chercher(NOM_RARE[:5])] == [NOM_RARE]
    with relu.ecriture() as u:
        assert u.patients.ajouter(identite("SUITE"), auteur="a", cause="c").id == 3
        u.trail.ecrire(qui="LINE", quoi="reprise")
    relu.fermer()


def test_without_a_key_no_backup_and_no_upgrade(
        url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ouvrir(url)
    with pytest.raises(ErreurSauvegarde, match="clé"):
        store.sauvegarder(tmp_path / "copie.pleiade")
    store.fermer()
    _programme_suivant(tmp_path, monkeypatch)
    with pytest.raises(ErreurSauvegarde):
        ouvrir(url)


def _programme_suivant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrations = tmp_path / "migrations"
    shutil.copytree(upgrade.dossier_migrations(), migrations)
    (migrations / "versions" / "essai.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\nrevision = 'essai'\n"
        f"down_revision = {AVANT!r}\nbranch_labels = depends_on = None\n\n\ndef upgrade():\n"
        "    op.add_column('patient', sa.Column('ajout', sa.Text(), server_default='neuf'))\n")
    monkeypatch.setattr(upgrade, "dossier_migrations", lambda: migrations)
    monkeypatch.setattr(upgrade, "REVISION", "essai")


def test_an_older_database_is_upgraded_after_a_backup(
        url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ouvrir(url, CLE)
    decor(store)
    store.fermer()
    _programme_suivant(tmp_path, monkeypatch)
    sorts: list[str] = []

    def demarrer() -> None:
        poste = ouvrir(url, CLE)
        with poste.lecture() as u:
            sorts.append(u.connexion.execute(text("SELECT ajout FROM patient")).scalar_one())
        poste.fermer()

    # Two workstations start together: one upgrade.
    postes = [threading.Thread(target=demarrer) for _ in range(2)]
    for poste in postes:
        poste.start()
    for poste in postes:
        poste.join()
    assert sorts == ["neuf", "neuf"]
    store = ouvrir(url, CLE)
    with store.lecture() as u:
        assert [t.quoi for t in u.trail.lister()].count("fichier.mise_a_niveau") == 1
        assert u.trail.verifier_chaine().intacte
    store.fermer()
    copies = list((tmp_path / "donnees" / "sauvegardes").glob("*.pleiade"))
    assert copies
    assert not any(backup.est_en_clair(copie) for copie in copies)


def test_a_database_of_the_first_revision_is_still_upgraded(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    nom = f"vieux_{secrets.token_hex(4)}"
    url = nouvelle_base(serveur_commun(), nom, "template1")
    try:
        moteur = moteur_postgresql(url)
        semer_0001(moteur)
        moteur.dispose()
        store = ouvrir(url, CLE)
        with store.lecture() as u:
            assert u.patients.lire(1).identite == identite()
            assert u.documents.contenu(u.documents.lire(1).cda_sha256) == b"abc"
        assert all(p.etat is not EtatPoint.DEFAUT for p in store.verifier().points)
        store.fermer()
    finally:
        supprimer_base(serveur_commun(), nom)


def test_a_newer_database_is_refused(url: str) -> None:
    store = ouvrir(url, CLE)
    with store.ecriture() as u:
        u.connexion.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.fermer()
    with pytest.raises(FichierTropRecent):
        ouvrir(url, CLE)


def test_a_foreign_database_is_left_alone() -> None:
    nom = f"autre_{secrets.token_hex(4)}"
    url = nouvelle_base(serveur_commun(), nom, "template1")
    try:
        moteur = moteur_postgresql(url)
        with moteur.begin() as connexion:
            connexion.execute(text("CREATE TABLE autre (x int)"))
        moteur.dispose()
        with pytest.raises(ErreurStore, match="Pléiade"):
            ouvrir(url, CLE)
    finally:
        supprimer_base(serveur_commun(), nom)


@pytest.mark.parametrize("adresse", [
    "postgresql://line:SECRET@127.0.0.1:9/pleiade?connect_timeout=2",
    "postgresql+psycopg://line:SECRET@/pleiade?host=/nulle/part"])
def test_a_server_that_is_not_there(adresse: str) -> None:
    with pytest.raises(BaseInjoignable) as erreur:
        ouvrir(adresse, CLE)
    assert "SECRET" not in f"{erreur.value} {erreur.value.__cause__}"


def test_a_server_that_goes_away_and_comes_back(url: str) -> None:
    store = ouvrir(url, CLE)
    decor(store)
    with pytest.raises(BaseInjoignable), store.ecriture() as u:
        moi = u.connexion.execute(text("SELECT pg_backend_pid()")).scalar_one()
        autre = ouvrir(base(serveur_commun(), "modele"), CLE)
        with autre.ecriture() as v:
            v.connexion.execute(text("SELECT pg_terminate_backend(:moi)"), {"moi": moi})
        autre.fermer()
        u.reglages.ecrire("x", 1)
    with store.ecriture() as u:
        assert u.reglages.lire("x") is None
        u.reglages.ecrire("x", 2)
    assert store.verifier().bon
    assert "essai" in repr(store)
    store.fermer()


@pytest.mark.attaque("Horloge d’un poste changée sur un serveur",
                     tente="avancer puis reculer d’un an l’horloge d’un poste pour ouvrir ou "
                           "ranimer une délégation",
                     constat="sans effet\u00a0: les droits datés se jugent à l’heure du serveur")
def test_dated_rights_are_judged_by_the_clock_of_the_server(
        url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ouvrir(url, CLE)
    reel = datetime.now()
    for jours in (365, -365):
        faux = (reel + timedelta(days=jours)).astimezone().isoformat(timespec="milliseconds")
        monkeypatch.setattr(depot_trail, "local_maintenant", lambda fige=faux: fige)
        with store.ecriture() as u:
            u.trail.ecrire(qui="a", quoi="essai")
            lu = datetime.fromisoformat(u.trail.maintenant())
            assert u.trail.jour(faux[:10]) == lu.date().isoformat()  # accounts and passwords too
        assert abs(lu - reel) < timedelta(minutes=5)
    store.fermer()


def test_two_workstations_and_one_row(url: str) -> None:
    un, deux = ouvrir(url, CLE), ouvrir(url, CLE)
    d = decor(un)
    with deux.ecriture() as u:
        p = u.agenda.ajouter("2026-06-01", "10:00", d.compte, d.patient)
    with un.lecture() as u:
        (vu,) = u.agenda.du_jour("2026-06-01")
    with deux.ecriture() as u:
        u.agenda.deplacer(p.id, "2026-06-01", "11:00", version=p.version)
    with pytest.raises(ConflitVersion), un.ecriture() as u:
        u.agenda.deplacer(vu.id, "2026-06-01", "12:00", version=vu.version)
    un.fermer()
    deux.fermer()


def test_workstations_create_patients_at_once(url: str) -> None:
    postes = [ouvrir(url, CLE) for _ in range(3)]

    def creer(n: int) -> None:
        for i in range(8):
            with postes[n].ecriture() as u:
                u.patients.ajouter(identite("DURAND", f"P{n}{i}"), auteur="a", cause="c")

    fils = [threading.Thread(target=creer, args=(n,)) for n in range(3)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    with postes[0].lecture() as u:
        assert len(u.patients.ids()) == 24
        prenoms = [r.premier_prenom for r in u.patients.resumes(u.patients.ids())]
        assert prenoms == sorted(prenoms)
    for poste in postes:
        poste.fermer()
