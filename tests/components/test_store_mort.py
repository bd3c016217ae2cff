"""The file survives kill -9 of its writer, its upgrader and its backup at random instants."""

import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from app.domain.outbox import EtatOrdre
from app.store.engine import ouvrir
from tests.store_outils import CLE, decor, fichier_neuf

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


def _tuer_apres(code: str, *arguments: str, attente: float, racine: Path) -> list[str]:
    """Run a program, kill it `attente` seconds after its first line; its whole lines."""
    processus = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=racine,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert processus.stdout is not None
    premiere = processus.stdout.readline()
    assert premiere == "PRET\n", processus.communicate()[1]
    time.sleep(attente)
    processus.kill()
    reste = processus.communicate()[0]
    return reste[:reste.rfind("\n") + 1].splitlines()


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
                             attente=hasard.uniform(0, 0.12), racine=racine)
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
        lignes = _tuer_apres(SAUVEGARDEUR, str(fichier), str(copie), attente=0.05 + 0.03 * n,
                             racine=racine)
        faits = [int(mot.split()[1]) for mot in lignes if mot.startswith("FAIT")]
        if not faits:
            continue
        sauvegarde = ouvrir(copie, CLE)
        assert sauvegarde.verifier().bon
        with sauvegarde.lecture() as u:
            assert u.reglages.lire("n") >= faits[-1]
        sauvegarde.fermer()
    assert copie.exists()
