"""Backup, restoration, keys and upgrades through the real window."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.__main__ import main
from app.cli.demo import MOT_DE_PASSE
from app.store import vault
from app.store.connections import ouvre
from app.ui.views.cles import DialogueSecours
from app.usecases import patients

if TYPE_CHECKING:
    from app.ui.lancer import Application
    from tests.scenarios.conftest import Poste, Preuve


def _section(poste: "Poste", nom: str) -> None:
    poste.application.fenetre.aller("reglages")
    poste.pilote.cliquer(nom)


def _nouvelle_cle_de_secours(poste: "Poste") -> str:
    """Replace the recovery key as the user does, and keep what the sheet says."""
    pilote = poste.pilote
    _section(poste, "Clés")
    pilote.cliquer("Remplacer la clé…")
    pilote.attendre(lambda: pilote.visibles(DialogueSecours), "la nouvelle clé")
    etape = pilote.visibles(DialogueSecours)[0].etape
    groupes = list(etape._groupes)
    pilote.capturer("nouvelle-cle-de-secours")
    pilote.ecrire(etape._saisie, groupes[etape._rang - 1])
    pilote.cliquer("Remplacer la clé")
    pilote.attendre(lambda: pilote.voit("Clé de secours remplacée"), "remplacée")
    return "-".join(groupes)


@pytest.mark.exigence("SC.SSI/GEN.21.BIS")
def test_backup_verified_then_restored_on_a_fresh_machine(
        poste: "Poste", preuve: "Preuve", poste_neuf: "Application", tmp_path: Path,
        capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Folder chosen, backup made and read again by the window; the recovery key alone brings the
    practice back elsewhere, with the same patients; the command line verifies both."""
    from app.cli.pilote import Pilote
    from app.ui.views.restauration import DialogueRestauration

    usb = tmp_path / "disque-externe"
    usb.mkdir()
    poste.ouvrir()
    pilote = poste.pilote
    secours = _nouvelle_cle_de_secours(poste)
    _section(poste, "Sauvegardes")
    pilote.attendre(lambda: pilote.voit("Aucune sauvegarde pour le moment."))
    pilote.remplir("Dossier de sauvegarde", str(usb))
    pilote.cliquer("Enregistrer")
    pilote.attendre(lambda: pilote.voit("Réglages des sauvegardes enregistrés"), "réglages")
    pilote.cliquer("Sauvegarder maintenant")
    pilote.attendre(lambda: pilote.voit("relue et intacte"), "sauvegarde relue")
    pilote.capturer("sauvegarde-faite")
    (faite,) = usb.glob("*.pleiade")
    assert b"ADRUN" not in faite.read_bytes()
    with poste.ctx.store.lecture() as u:
        attendus = [(r.nom_naissance, r.premier_prenom) for r in u.patients.resumes(
            u.patients.ids())]
    poste.application.fermer()

    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT_DE_PASSE)
    assert main(["verifier", str(faite), "--json"]) == 0
    preuve.fichier("verification.json", capsys.readouterr().out.encode())

    poste_neuf.demarrer()
    ailleurs = Pilote(poste_neuf.fenetre, preuve.dossier / "poste-neuf")
    (preuve.dossier / "poste-neuf").mkdir()
    ailleurs.cliquer("J’ai une sauvegarde…")
    ailleurs.attendre(lambda: ailleurs.visibles(DialogueRestauration), "dialogue")
    ailleurs.remplir("Fichier de sauvegarde", str(faite))
    ailleurs.remplir("Clé de secours ou mot de passe", secours)
    ailleurs.capturer("restauration")
    ailleurs.cliquer("Restaurer")
    ailleurs.attendre(lambda: ailleurs.voit("Ouvrir le dossier du cabinet"), "restauré")
    ailleurs.remplir("Mot de passe du poste", MOT_DE_PASSE)
    ailleurs.cliquer("Déverrouiller")
    ailleurs.attendre(lambda: ailleurs.voit("Tournée du matin"), "la tournée restaurée")
    ailleurs.capturer("cabinet-restaure")
    assert poste_neuf.ctx is not None
    with poste_neuf.ctx.store.lecture() as u:
        assert [(r.nom_naissance, r.premier_prenom) for r in u.patients.resumes(
            u.patients.ids())] == attendus
        assert u.trail.verifier_chaine().intacte
    preuve.noter(f"{len(attendus)} patients avant et après, journal intact, par la clé de secours "
                 "seule")


@pytest.mark.exigence("SC.SSI/GEN.21.BIS")
def test_an_unplugged_disk_is_said_and_nothing_is_lost(poste: "Poste", tmp_path: Path) -> None:
    """The folder goes away between two backups: the window says what to do."""
    usb = tmp_path / "disque-externe"
    usb.mkdir()
    poste.ouvrir()
    pilote = poste.pilote
    _section(poste, "Sauvegardes")
    pilote.remplir("Dossier de sauvegarde", str(usb))
    pilote.cliquer("Enregistrer")
    pilote.attendre(lambda: pilote.voit("Réglages des sauvegardes enregistrés"), "réglages")
    usb.rmdir()
    pilote.cliquer("Sauvegarder maintenant")
    pilote.attendre(lambda: pilote.voit("Branchez le disque"), "le disque manque")
    pilote.capturer("disque-debranche")
    assert not usb.exists() and patients.chercher(poste.ctx, "ADRUN")


@pytest.mark.exigence("SC.SSI/GEN.21.BIS")
def test_a_damaged_practice_is_restored_from_the_lock_screen(
        poste: "Poste", cabinet: Path, preuve: "Preuve", tmp_path: Path) -> None:
    """The disk damaged the file: the lock screen says so, offers the backups, keeps what was."""
    from app.cli.pilote import Pilote
    from app.ui.views.restauration import DialogueRestauration
    from app.usecases import backup

    usb = tmp_path / "disque-externe"
    usb.mkdir()
    poste.ouvrir()
    faite = backup.sauvegarder(poste.ctx, usb).chemin
    poste.application.fermer()
    octets = bytearray(cabinet.read_bytes())
    octets[16:4096] = bytes(4080)
    cabinet.write_bytes(octets)

    application = _application(cabinet)
    pilote = Pilote(application.fenetre, preuve.dossier)
    try:
        pilote.cliquer("Déverrouiller")
        pilote.attendre(lambda: pilote.voit("Restaurez la dernière sauvegarde"), "le refus")
        pilote.capturer("dossier-abime")
        pilote.cliquer("Restaurer une sauvegarde…")
        pilote.attendre(lambda: pilote.visibles(DialogueRestauration), "dialogue")
        pilote.remplir("Fichier de sauvegarde", str(faite))
        pilote.cliquer("Mot de passe")
        pilote.remplir("Clé de secours ou mot de passe", MOT_DE_PASSE)
        pilote.cliquer("Restaurer")
        pilote.attendre(lambda: pilote.voit("Cabinet restauré."), "restauré")
        pilote.capturer("restaure")
        pilote.remplir("Mot de passe du poste", MOT_DE_PASSE)
        pilote.cliquer("Déverrouiller")
        pilote.attendre(lambda: pilote.voit("Tournée du matin"), "la tournée")
        assert application.ctx is not None and patients.chercher(application.ctx, "ADRUN")
    finally:
        application.fermer()
        application.fenetre.deleteLater()
    (cote,) = cabinet.parent.glob("*mis-de-cote*")
    assert (cote / cabinet.name).read_bytes() == octets


def test_the_key_of_the_file_is_changed_by_the_window(poste: "Poste", cabinet: Path) -> None:
    """Three clicks; the former key opens nothing, work goes on at once."""
    poste.ouvrir()
    pilote = poste.pilote
    ancienne = vault.ouvrir_coffre(cabinet, MOT_DE_PASSE)
    _section(poste, "Clés")
    pilote.attendre(lambda: pilote.voit("Celle de la création du cabinet."), "état des clés")
    pilote.capturer("cles")
    pilote.cliquer("Changer la clé…")
    pilote.attendre(lambda: pilote.voit("Changer la clé du dossier ?"), "question")
    pilote.capturer("question")
    pilote.cliquer("Changer la clé")
    pilote.attendre(lambda: pilote.voit("Clé du dossier changée"), "changée")
    pilote.attendre(lambda: pilote.voit("Changée le"), "la date")
    pilote.capturer("cle-changee")
    assert patients.chercher(poste.ctx, "ADRUN ZOE")
    assert [t.resultat for t in poste.traces("cle.changement")] == ["ok"]
    poste.application.fermer()
    assert not ouvre(cabinet, ancienne)
    assert ouvre(cabinet, vault.ouvrir_coffre(cabinet, MOT_DE_PASSE))


@pytest.fixture
def ancien_cabinet(tmp_path: Path) -> Path:
    """A practice as the first version of the program left it (revision 0001)."""
    from app.store.connections import moteur_sqlite
    from tests.store_outils import semer_0001

    fichier = tmp_path / "ancien" / "cabinet.pleiade"
    fichier.parent.mkdir()
    cree = vault.creer_coffre(fichier, MOT_DE_PASSE, "899700000016")
    fichier.touch()
    moteur = moteur_sqlite(fichier, cree.cle, references=False)
    semer_0001(moteur)
    with moteur.begin() as connexion:
        connexion.exec_driver_sql(
            "INSERT INTO structure VALUES (1, '10B0000000', 'CABINET FICTIF', '', '', '', '', '', "
            "'')")
    moteur.dispose()
    return fichier


def _application(emplacement: Path) -> "Application":
    from app.ui.lancer import Application, OptionsFenetre, nouvelle_application

    application = Application(OptionsFenetre(emplacement=emplacement, demonstration=True,
                                             mot_de_passe_demo=MOT_DE_PASSE),
                              nouvelle_application())
    application.fenetre.resize(1366, 768)
    application.demarrer()
    return application


@pytest.mark.exigence("MIN.UPG.01")
def test_a_practice_of_the_first_version_opens_after_a_backup(
        ancien_cabinet: Path, preuve: "Preuve", capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch) -> None:
    """Its patients are there, a copy of what it was lies beside it, and opens too."""
    from app.cli.pilote import Pilote

    application = _application(ancien_cabinet)
    pilote = Pilote(application.fenetre, preuve.dossier)
    try:
        pilote.cliquer("Déverrouiller")
        pilote.attendre(lambda: application.ctx is not None, "ouvert", 30)
        pilote.attendre(lambda: pilote.voit("Tournée"), "la tournée")
        pilote.capturer("ancien-cabinet-ouvert")
        assert application.ctx is not None
        with application.ctx.store.lecture() as u:
            nombre = len(u.patients.ids())
            assert nombre and "fichier.mise_a_niveau" in [t.quoi for t in u.trail.lister(50)]
            assert u.trail.verifier_chaine().intacte
    finally:
        application.fermer()
        application.fenetre.deleteLater()
    (copie,) = (ancien_cabinet.parent / "sauvegardes").glob("*avant-mise-a-niveau*.pleiade")
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT_DE_PASSE)
    assert main(["verifier", str(copie), "--json"]) == 0
    sortie = capsys.readouterr().out
    assert json.loads(sortie)["revision"] == "0001"
    preuve.fichier("copie-avant-mise-a-niveau.json", sortie.encode())


@pytest.mark.exigence("MIN.UPG.01")
def test_a_practice_of_a_newer_version_is_refused_untouched(
        cabinet: Path, preuve: "Preuve") -> None:
    """The lock screen says which version to install; not a byte changes."""
    from app.cli.pilote import Pilote
    from app.store.connections import ouvrir_brut

    connexion = ouvrir_brut(cabinet, vault.ouvrir_coffre(cabinet, MOT_DE_PASSE))
    connexion.execute("UPDATE alembic_version SET version_num = '9999'")
    connexion.execute("UPDATE reglage SET valeur = '\"9.4.0\"' "
                      "WHERE cle = 'fichier.version_programme'")
    connexion.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connexion.close()
    avant = cabinet.read_bytes()
    application = _application(cabinet)
    pilote = Pilote(application.fenetre, preuve.dossier)
    try:
        pilote.cliquer("Déverrouiller")
        pilote.attendre(lambda: pilote.voit("9.4.0"), "refus")
        pilote.capturer("version-plus-recente")
        assert pilote.voit("Installez la dernière version")
    finally:
        application.fermer()
        application.fenetre.deleteLater()
    assert cabinet.read_bytes() == avant
