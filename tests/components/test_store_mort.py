"""The file survives kill -9 of its writer, its upgrader and its backup at random instants."""

import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from app.domain.outbox import EtatOrdre
from app.store import upgrade
from app.store.connections import moteur_sqlite
from app.store.engine import ouvrir
from tests.store_outils import CLE, decor, fichier_neuf, semer_0001

MORTS = 20
DEMAIN = "2099-01-01T00:00:00+00:00"

ECRIVAIN = textwrap.dedent("""
    import sys
    from pathlib import Path
    from app.domain.document import *
    from app.domain.outbox import Destination
    from app.store.engine import ouvrir
    fichier, vie = Path(sys.argv[1]), sys.argv[4]
    patient, compte = int(sys.argv[2]), int(sys.argv[3])
    store = ouvrir(fichier, bytes(range(32)))
    print("PRET", flush=True)
    n = 0
    while True:
        n += 1
        nom = f"{vie}.{n}"
        with store.ecriture() as u:
            u.observations.ajouter(patient, nom, auteur_id=compte)
            f = u.documents.ajouter(FicheDocument(
                0, patient, OrigineDocument.CABINET, EtatDocument.VALIDE, "11488-4", nom,
                "2026-01-01", "LINE", cda_id=nom), cda=nom.encode() * 3000, pdf=None)
            u.outbox.ajouter(Destination.DMP, f.id, patient, compte, "2026-01-01T00:00:00Z")
            u.trail.ecrire(qui="LINE", quoi="observation.ajout", sur_qui=nom)
        print("ECRIT", nom, flush=True)
        with store.ecriture() as u:
            ordre = u.outbox.prendre("2026-01-02T00:00:00Z", auteur_id=compte)
        print("PRIS", ordre.id, flush=True)
""")


def _tuer_apres(code: str, *arguments: str, attente: float, racine: Path,
                lignes: int = 0) -> list[str]:
    """Run a program, kill it `attente` seconds after its first line and `lignes` more (counted: a
    slow machine does as much as a fast one); its whole lines."""
    processus = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=racine,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert processus.stdout is not None
    premiere = processus.stdout.readline()
    assert premiere == "PRET\n", processus.communicate()[1]
    dites = [processus.stdout.readline().rstrip("\n") for _ in range(lignes)]
    time.sleep(attente)
    processus.kill()
    reste = processus.communicate()[0]
    return dites + reste[:reste.rfind("\n") + 1].splitlines()


def test_a_killed_writer_loses_nothing_it_committed(tmp_path: Path, racine: Path) -> None:
    fichier = fichier_neuf(tmp_path)
    store = ouvrir(fichier, CLE)
    d = decor(store)
    store.fermer()
    hasard = random.Random(11)
    ecrits: set[str] = set()
    pris: list[int] = []
    for vie in range(MORTS):
        lignes = _tuer_apres(ECRIVAIN, str(fichier), str(d.patient), str(d.compte), str(vie),
                             attente=hasard.uniform(0, 0.03), racine=racine,
                             lignes=hasard.randint(0, 7))
        ecrits |= {mot.split()[1] for mot in lignes if mot.startswith("ECRIT")}
        pris += [int(mot.split()[1]) for mot in lignes if mot.startswith("PRIS")]
    assert len(ecrits) > MORTS, "the kills came too early to test anything"
    assert len(pris) == len(set(pris)), "an order was claimed twice"

    store = ouvrir(fichier, CLE)
    assert store.verifier().bon, store.verifier()
    with store.ecriture() as u:
        notes = {o.texte for o in u.observations.lister(d.patient, 100_000)}
        traces = {t.sur_qui for t in u.trail.lister(100_000) if t.quoi == "observation.ajout"}
        documents = {f.cda_id for f in u.documents.lister(d.patient)}
        ordres = u.outbox.lister(100_000)
        assert ecrits <= notes
        assert notes == traces == documents, "a unit of work was cut in two"
        assert {o.document_titre for o in ordres} == notes
        assert {o.id for o in ordres if o.etat is EtatOrdre.EN_COURS} >= set(pris)
        repris = u.outbox.reprendre_bails_expires(DEMAIN)
        assert repris >= len(pris)
        assert all(u.outbox.lire(id).incertain for id in pris)
        suivant = u.outbox.prendre(DEMAIN, auteur_id=d.compte)
        assert suivant is not None
        assert (suivant.incertain, suivant.essais) == (True, 2)
    store.fermer()


CREATEUR = textwrap.dedent("""
    import sys
    from pathlib import Path
    import alembic.command
    from app.store.engine import ouvrir
    print("PRET", flush=True)
    ouvrir(Path(sys.argv[1]), bytes(range(32)))
    print("FAIT", flush=True)
""")

SAUVEGARDEUR = textwrap.dedent("""
    import sys
    from pathlib import Path
    from app.store.engine import ouvrir
    store = ouvrir(Path(sys.argv[1]), bytes(range(32)))
    print("PRET", flush=True)
    n = 0
    while True:
        n += 1
        with store.ecriture() as u:
            u.reglages.ecrire("n", n)
        store.sauvegarder(Path(sys.argv[2]))
        print("FAIT", n, flush=True)
""")


def test_a_killed_first_start_can_be_started_again(tmp_path: Path, racine: Path) -> None:
    for n in range(6):
        fichier = tmp_path / f"{n}.pleiade"
        _tuer_apres(CREATEUR, str(fichier), attente=0.03 * n, racine=racine)
        store = ouvrir(fichier, CLE)
        assert store.verifier().bon
        decor(store)
        store.fermer()


def test_a_killed_backup_leaves_the_former_one_whole(tmp_path: Path, racine: Path) -> None:
    fichier = fichier_neuf(tmp_path)
    decor(ouvrir(fichier, CLE))
    copie = tmp_path / "s" / "copie.pleiade"
    for n in range(6):
        lignes = _tuer_apres(SAUVEGARDEUR, str(fichier), str(copie), attente=0.02 * n,
                             racine=racine, lignes=n)
        faits = [int(mot.split()[1]) for mot in lignes if mot.startswith("FAIT")]
        if not faits:
            continue
        sauvegarde = ouvrir(copie, CLE)
        assert sauvegarde.verifier().bon
        with sauvegarde.lecture() as u:
            assert u.reglages.lire("n") >= faits[-1]
        sauvegarde.fermer()
    assert copie.exists()


@pytest.mark.attaque("Arrêt brutal pendant une mise à niveau",
                     tente="tuer le programme à quinze instants, de la copie préalable à la "
                           "dernière instruction de la migration d’un dossier de la première "
                           "version",
                     constat="le dossier garde son ancienne révision, entière, ou a la nouvelle ; "
                             "l’ouverture suivante finit le travail")
def test_a_killed_upgrade_is_whole_or_not_at_all(tmp_path: Path) -> None:
    modele = tmp_path / "modele.pleiade"
    modele.touch()
    moteur = moteur_sqlite(modele, CLE, references=False)
    semer_0001(moteur)
    moteur.dispose()
    total = _ordres_de(lambda: ouvrir(_copier(modele, tmp_path / "compte"), CLE).fermer())
    assert total > 40
    issues = set()
    for rang in range(1, total + 1, max(1, total // 14)):
        fichier = _copier(modele, tmp_path / f"essai-{rang}")
        assert _mourir_a_l_ordre(fichier, rang)
        ancien = ouvrir(fichier, CLE, mettre_a_niveau=False)
        with ancien.lecture() as u:
            issues.add(upgrade.revision_du_fichier(u.connexion))
        ancien.fermer()
        store = ouvrir(fichier, CLE)
        with store.lecture() as u:
            assert u.documents.contenu(u.documents.lire(1).cda_sha256) == b"abc"
        rapport = store.verifier()
        assert rapport.bon and rapport.revision == upgrade.REVISION
        store.fermer()
    assert "0001" in issues and issues <= {"0001", upgrade.REVISION}


def _copier(modele: Path, dossier: Path) -> Path:
    dossier.mkdir()
    return Path(shutil.copy(modele, dossier / "cabinet.pleiade"))


def _ordres_de(geste: Callable[[], None]) -> int:
    """Number of SQL statements of a gesture."""
    vus = [0]

    def compter(*_: object) -> None:
        vus[0] += 1

    event.listen(Engine, "before_cursor_execute", compter)
    try:
        geste()
    finally:
        event.remove(Engine, "before_cursor_execute", compter)
    return vus[0]


def _mourir_a_l_ordre(fichier: Path, rang: int) -> bool:
    """Upgrade in a process that dies before its `rang`-th statement; True if it died."""
    pid = os.fork()
    if pid == 0:
        reste = [rang]

        def compter(*_: object) -> None:
            reste[0] -= 1
            if not reste[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", compter)
        try:
            ouvrir(fichier, CLE)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])
