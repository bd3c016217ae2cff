"""Opening a file: key, damage, newer and older revisions, backups, verification."""

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.store import backup, places, upgrade, vault
from app.store.connections import moteur_sqlite, ouvrir_brut
from app.store.engine import Store, ouvrir
from app.store.errors import (
    CleRefusee,
    DisquePlein,
    DossierFerme,
    ErreurSauvegarde,
    ErreurStore,
    FichierAbime,
    FichierIntrouvable,
    FichierOccupe,
    FichierTropRecent,
)
from app.store.tables import Base
from tests.store_outils import CLE, NOM_RARE, decor, fiche, fichier_neuf, identite, semer_0001


@pytest.fixture
def fichier(tmp_path: Path) -> Path:
    return fichier_neuf(tmp_path)


@pytest.fixture
def store(fichier: Path) -> Iterator[Store]:
    store = ouvrir(fichier, CLE)
    yield store
    store.fermer()


# --- schema ------------------------------------------------------------------------------------

def test_the_constant_is_the_head_of_the_migrations() -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(upgrade.dossier_migrations())).get_current_head() == \
        upgrade.REVISION


def test_the_migrations_make_the_declared_tables(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def a_nous(nom: str | None, genre: str, _: object) -> bool:
        return not (genre == "table" and nom is not None and nom.startswith("recherche_mots"))

    with store.lecture() as u:
        ecarts = compare_metadata(
            MigrationContext.configure(u.connexion, opts={"include_name": a_nous}),
            Base.metadata)
    assert ecarts == []


def test_a_frozen_program_looks_inside_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", "/gele", raising=False)
    assert upgrade.dossier_migrations() == Path("/gele/migrations")


def test_opening_an_up_to_date_file_imports_no_alembic(fichier: Path, racine: Path) -> None:
    code = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from app.store.engine import ouvrir
        store = ouvrir(Path({str(fichier)!r}), bytes(range(32)))
        with store.lecture() as u:
            u.patients.ids()
        store.fermer()
        lourds = {{"alembic", "httpx", "lxml", "PySide6", "psycopg"}} & set(sys.modules)
        assert not lourds, lourds
    """)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=racine, timeout=60)


# --- key and damage ----------------------------------------------------------------------------

def test_a_new_file_is_encrypted_and_for_its_owner(tmp_path: Path) -> None:
    fichier = tmp_path / "neuf" / "cabinet.pleiade"
    ouvrir(fichier, CLE).fermer()
    assert not backup.est_en_clair(fichier)
    assert fichier.stat().st_mode & 0o077 == 0
    ouvrir(fichier, CLE).fermer()


def test_the_key_is_required_and_shown_nowhere(fichier: Path, store: Store) -> None:
    for cle in (None, b"", bytes(16)):
        with pytest.raises(CleRefusee):
            ouvrir(fichier, cle)
    for texte in (repr(store), repr(store._moteur), str(store._moteur.url)):
        assert CLE.hex() not in texte


def test_the_key_is_not_in_the_logs(fichier: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    store = ouvrir(fichier, CLE)
    with store.ecriture() as u:
        u.reglages.ecrire("x", NOM_RARE)
    store.fermer()
    assert CLE.hex() not in caplog.text
    assert NOM_RARE not in caplog.text


def test_a_wrong_key_is_refused_in_silence(fichier: Path,
                                           capfd: pytest.CaptureFixture[str]) -> None:
    avant = fichier.read_bytes()
    with pytest.raises(CleRefusee):
        ouvrir(fichier, bytes(32))
    assert fichier.read_bytes() == avant
    sortie = capfd.readouterr()
    assert sortie.out + sortie.err == ""


def test_the_vault_tells_a_damaged_file_from_a_wrong_key(tmp_path: Path) -> None:
    fichier = tmp_path / "cabinet.pleiade"
    cle = vault.creer_coffre(fichier, "mot", "line").cle
    ouvrir(fichier, cle).fermer()
    with pytest.raises(CleRefusee):
        ouvrir(fichier, CLE)
    contenu = bytearray(fichier.read_bytes())
    contenu[100] ^= 0xFF
    fichier.write_bytes(contenu)
    with pytest.raises(FichierAbime):
        ouvrir(fichier, cle)


@pytest.mark.parametrize("contenu", [b"Bonjour", b"x" * 8192, b"SQLite format 3\x00" + b"x" * 90])
def test_what_is_not_a_file_of_ours_is_left_alone(tmp_path: Path, contenu: bytes) -> None:
    fichier = tmp_path / "cabinet.pleiade"
    fichier.write_bytes(contenu)
    with pytest.raises((FichierAbime, CleRefusee)):
        ouvrir(fichier, CLE)
    assert fichier.read_bytes() == contenu


def test_a_database_in_clear_is_refused(tmp_path: Path) -> None:
    fichier = tmp_path / "cabinet.pleiade"
    with sqlite3.connect(fichier) as connexion:
        connexion.execute("CREATE TABLE patient (nom)")
    with pytest.raises(FichierAbime, match="chiffré"):
        ouvrir(fichier, CLE)


def test_a_foreign_encrypted_database_is_refused(tmp_path: Path) -> None:
    fichier = tmp_path / "cabinet.pleiade"
    connexion = ouvrir_brut(fichier, CLE, creer=True)
    connexion.execute("CREATE TABLE autre (x)")
    connexion.close()
    with pytest.raises(FichierAbime, match="Pléiade"):
        ouvrir(fichier, CLE)


def test_an_empty_file_is_made_a_patient_file(tmp_path: Path) -> None:
    fichier = tmp_path / "cabinet.pleiade"
    fichier.touch()
    store = ouvrir(fichier, CLE)
    assert store.verifier().bon
    store.fermer()


def test_an_existing_practice_is_never_replaced_by_an_empty_file(tmp_path: Path) -> None:
    fichier = tmp_path / "cabinet.pleiade"
    with pytest.raises(FichierIntrouvable):
        ouvrir(fichier, CLE, creer=False)
    assert not fichier.exists()
    fichier.touch()
    with pytest.raises(FichierAbime):
        ouvrir(fichier, CLE, creer=False)
    # Pages without any table: a first start that was killed.
    connexion = ouvrir_brut(fichier, CLE)
    connexion.execute("PRAGMA user_version = 1")
    connexion.close()
    with pytest.raises(FichierAbime):
        ouvrir(fichier, CLE, creer=False)
    store = ouvrir(fichier, CLE)
    assert store.verifier().bon
    store.fermer()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "barre").write_text("un fichier")
    with pytest.raises(ErreurStore, match="accessible"):
        ouvrir(tmp_path / "barre" / "cabinet.pleiade", CLE)


def test_a_damaged_page_is_found_and_never_served(fichier: Path) -> None:
    store = ouvrir(fichier, CLE)
    d = decor(store)
    with store.ecriture() as u:
        f = u.documents.ajouter(fiche(d.patient, "1.1"), cda=bytes(200_000), pdf=None)
    store.fermer()
    contenu = bytearray(fichier.read_bytes())
    contenu[-50_000] ^= 1
    fichier.write_bytes(contenu)
    store = ouvrir(fichier, CLE)
    rapport = store.verifier()
    assert not rapport.bon
    assert any(p.code in ("pages", "lecture") for p in rapport.points)
    with pytest.raises(ErreurStore), store.lecture() as u:
        u.documents.contenu(f.cda_sha256)
    store.fermer()


# --- encrypted at rest -------------------------------------------------------------------------

def test_nothing_written_to_disk_shows_a_name(tmp_path: Path) -> None:
    fichier = fichier_neuf(tmp_path)
    store = ouvrir(fichier, CLE)
    d = decor(store)
    with store.ecriture() as u:
        for n in range(300):
            u.patients.ajouter(identite(NOM_RARE, f"PRENOM{n}"), auteur=NOM_RARE, cause="c")
        u.documents.ajouter(fiche(d.patient, "1.1"), cda=NOM_RARE.encode() * 5000, pdf=None)
        u.observations.ajouter(d.patient, NOM_RARE, auteur_id=d.compte)
        u.trail.ecrire(qui=NOM_RARE, quoi="essai")
    store.sauvegarder(tmp_path / "sauvegardes" / "copie.pleiade")
    with store.lecture() as u:
        assert len(u.patients.chercher(NOM_RARE, 500)) == 300
        # Sorting what doesn't fit in a page makes temporary files, if anything does.
        u.connexion.execute(text("SELECT * FROM patient ORDER BY cree_le, prenoms")).all()
    ecrits = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert any(p.name.endswith("-wal") and p.stat().st_size for p in ecrits)
    for motif in (NOM_RARE, NOM_RARE.lower(), "PRENOM1", "DURAND", "CREATE TABLE"):
        for forme in (motif.encode(), motif.encode("utf-16-le")):
            for chemin in ecrits:
                assert forme not in chemin.read_bytes(), chemin
    store.fermer()


# --- revisions ---------------------------------------------------------------------------------

def test_a_newer_file_is_refused_and_left_alone(fichier: Path) -> None:
    store = ouvrir(fichier, CLE)
    with store.ecriture() as u:
        u.connexion.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        u.reglages.ecrire(upgrade.CLE_VERSION, "7.8.9")
    store.fermer()
    avant = fichier.read_bytes()
    with pytest.raises(FichierTropRecent, match=r"7\.8\.9"):
        ouvrir(fichier, CLE)
    assert fichier.read_bytes() == avant
    assert not places.dossier_sauvegardes(fichier).exists()


#: Revision of this program, before a test plays the next one.
AVANT = upgrade.REVISION

NOUVELLE = '''
"""A later revision, for the test."""
import sqlalchemy as sa
from alembic import op
revision = "essai"
down_revision = "{avant}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("patient") as lot:
        lot.add_column(sa.Column("ajout", sa.Text(), nullable=False, server_default="neuf"))
    {suite}
'''


@pytest.fixture
def programme_suivant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The next version of the program: one migration more."""
    migrations = tmp_path / "migrations"
    shutil.copytree(upgrade.dossier_migrations(), migrations)
    suivante = migrations / "versions" / "essai.py"
    suivante.write_text(NOUVELLE.format(avant=AVANT, suite="pass"))
    monkeypatch.setattr(upgrade, "dossier_migrations", lambda: migrations)
    monkeypatch.setattr(upgrade, "REVISION", "essai")
    return suivante


def test_an_older_file_is_upgraded_after_an_encrypted_backup(
        tmp_path: Path, request: pytest.FixtureRequest) -> None:
    fichier = tmp_path / "cabinet.pleiade"
    cle = vault.creer_coffre(fichier, "mot", "line").cle
    store = ouvrir(fichier, cle)
    d = decor(store)
    store.fermer()
    request.getfixturevalue("programme_suivant")
    store = ouvrir(fichier, cle)
    with store.lecture() as u:
        assert u.connexion.execute(text("SELECT ajout FROM patient")).scalar() == "neuf"
        assert u.patients.lire(d.patient).identite == identite()
        derniere = u.trail.lister(1)[0]
        assert (derniere.quoi, derniere.detail) == ("fichier.mise_a_niveau", f"{AVANT} vers essai")
    assert store.verifier().bon
    store.fermer()
    (copie,) = places.dossier_sauvegardes(fichier).glob("*.pleiade")
    assert not backup.est_en_clair(copie)
    assert vault.ouvrir_coffre(copie, "mot") == cle
    ancien = ouvrir(copie, cle, mettre_a_niveau=False)
    with ancien.lecture() as u:
        assert upgrade.revision_du_fichier(u.connexion) == AVANT
    rapport = ancien.verifier()
    assert (rapport.bon, rapport.revision) == (True, AVANT)
    ancien.fermer()


def test_a_file_of_the_first_revision_is_still_upgraded(tmp_path: Path) -> None:
    fichier = tmp_path / "cabinet.pleiade"
    fichier.touch()
    moteur = moteur_sqlite(fichier, CLE)
    semer_0001(moteur)
    moteur.dispose()
    store = ouvrir(fichier, CLE)
    with store.lecture() as u:
        assert u.patients.lire(1).identite == identite()
        assert u.documents.contenu(u.documents.lire(1).cda_sha256) == b"abc"
        (passage,) = u.agenda.du_jour("2026-01-15")
        assert passage.patient is not None
    assert store.verifier().bon
    store.fermer()


def test_a_failed_upgrade_changes_nothing(fichier: Path, programme_suivant: Path) -> None:
    programme_suivant.write_text(NOUVELLE.format(
        avant=AVANT, suite='op.execute("SELECT rien FROM nulle")'))
    with pytest.raises(ErreurStore):
        ouvrir(fichier, CLE)
    store = ouvrir(fichier, CLE, mettre_a_niveau=False)
    assert store.verifier().revision == AVANT
    with store.lecture() as u:
        colonnes = [c[1] for c in u.connexion.execute(text("PRAGMA table_info(patient)"))]
    assert "ajout" not in colonnes
    store.fermer()


def test_no_upgrade_without_a_backup(fichier: Path, programme_suivant: Path) -> None:
    places.dossier_sauvegardes(fichier).write_text("un fichier au lieu du dossier")
    with pytest.raises(ErreurSauvegarde):
        ouvrir(fichier, CLE)
    store = ouvrir(fichier, CLE, mettre_a_niveau=False)
    assert store.verifier().revision == AVANT
    store.fermer()


def test_automatic_backups_do_not_pile_up(tmp_path: Path) -> None:
    for n in range(9):
        nom = f"cabinet-avant-2026060{n}"
        (tmp_path / f"{nom}.pleiade").touch()
        (tmp_path / f"{nom}.coffre.json").touch()
    backup.elaguer(tmp_path, "avant")
    assert sorted(p.name[-8 - 5:] for p in tmp_path.glob("*.pleiade"))[0].startswith("60604")
    assert len(list(tmp_path.iterdir())) == 2 * backup.GARDEES


# --- backup ------------------------------------------------------------------------------------

def test_a_backup_holds_what_was_committed_while_others_write(tmp_path: Path) -> None:
    store = ouvrir(fichier_neuf(tmp_path), CLE)
    d = decor(store)
    with store.ecriture() as ecrivain:
        ecrivain.observations.ajouter(d.patient, "pas encore", auteur_id=d.compte)
        store.sauvegarder(tmp_path / "copie.pleiade")
    copie = ouvrir(tmp_path / "copie.pleiade", CLE)
    with copie.lecture() as u:
        assert u.patients.compter() == 1
        assert u.observations.lister(d.patient) == []
    assert copie.verifier().bon
    copie.fermer()
    store.fermer()


def test_a_backup_replaces_the_former_one_only_when_good(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ouvrir(fichier_neuf(tmp_path), CLE)
    vers = tmp_path / "s" / "copie.pleiade"
    store.sauvegarder(vers)
    avant = vers.read_bytes()
    decor(store)

    def dechirer(partiel: Path, cle: bytes, temoin: str | None = None) -> None:
        contenu = bytearray(partiel.read_bytes())
        contenu[len(contenu) // 2] ^= 1
        partiel.write_bytes(contenu)
        controler(partiel, cle, temoin)

    controler = backup.controler
    monkeypatch.setattr(backup, "controler", dechirer)
    with pytest.raises(ErreurSauvegarde):
        store.sauvegarder(vers)
    assert vers.read_bytes() == avant
    assert [p.name for p in vers.parent.iterdir()] == ["copie.pleiade"]
    store.fermer()


@pytest.mark.parametrize(("numero", "attendue"), [(errno.ENOSPC, DisquePlein),
                                                  (errno.EIO, ErreurSauvegarde),
                                                  (errno.EROFS, ErreurSauvegarde)])
def test_a_disk_that_fails_during_the_backup(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numero: int,
        attendue: type[ErreurStore]) -> None:
    store = ouvrir(fichier_neuf(tmp_path), CLE)

    def echouer(chemin: Path) -> None:
        raise OSError(numero, os.strerror(numero), str(chemin))

    monkeypatch.setattr(backup, "synchroniser", echouer)
    with pytest.raises(attendue):
        store.sauvegarder(tmp_path / "s" / "copie.pleiade")
    assert list((tmp_path / "s").iterdir()) == []
    assert store.verifier().bon
    store.fermer()


def test_a_truncated_backup_is_refused_by_the_check(tmp_path: Path) -> None:
    store = ouvrir(fichier_neuf(tmp_path), CLE)
    store.sauvegarder(tmp_path / "copie.pleiade")
    store.fermer()
    copie = tmp_path / "copie.pleiade"
    os.truncate(copie, copie.stat().st_size - 4096)
    with pytest.raises(ErreurStore):
        store = ouvrir(copie, CLE)
        try:
            if not store.verifier().bon:
                raise FichierAbime()
        finally:
            store.fermer()


# --- writers -----------------------------------------------------------------------------------

def test_a_full_disk_rolls_back_and_says_so(store: Store) -> None:
    d = decor(store)
    with store.lecture() as u:
        pages = u.connexion.execute(text("PRAGMA page_count")).scalar()
        u.connexion.execute(text(f"PRAGMA max_page_count = {pages + 20}"))
    with pytest.raises(DisquePlein), store.ecriture() as u:
        u.observations.ajouter(d.patient, "perdue", auteur_id=d.compte)
        u.documents.ajouter(fiche(d.patient, "1.1"), cda=os.urandom(500_000), pdf=None)
    with store.lecture() as u:
        assert u.observations.lister(d.patient) == []
        assert u.documents.lister(d.patient) == []
        u.connexion.execute(text("PRAGMA max_page_count = 1000000"))
    with store.ecriture() as u:
        u.observations.ajouter(d.patient, "gardée", auteur_id=d.compte)
    assert store.verifier().bon


def test_a_file_held_by_another_program_is_said_busy(
        fichier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.connections.ATTENTE_S", 0.1)
    store = ouvrir(fichier, CLE)
    autre = ouvrir_brut(fichier, CLE)
    autre.execute("BEGIN IMMEDIATE")
    with pytest.raises(FichierOccupe), store.ecriture() as u:
        u.reglages.ecrire("x", 1)
    autre.execute("ROLLBACK")
    autre.close()
    with store.ecriture() as u:
        u.reglages.ecrire("x", 1)
    store.fermer()


def test_a_closed_file_stays_closed(fichier: Path, tmp_path: Path) -> None:
    store = ouvrir(fichier, CLE)
    with store.lecture() as u:
        store.fermer()
        assert u.patients.compter() == 0  # the unit that runs ends in peace
    for geste in (store.lecture, store.ecriture):
        with pytest.raises(DossierFerme), geste():
            pass
    with pytest.raises(DossierFerme):
        store.sauvegarder(tmp_path / "copie.pleiade")
    store.fermer()


def test_a_unit_inside_another_of_the_same_thread_does_not_hang(
        store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.engine.ATTENTE_S", 0.1)
    with store.ecriture():
        with pytest.raises(FichierOccupe), store.ecriture():
            pass
        with store.lecture() as u:
            assert u.patients.compter() == 0
