"""The real pcscd with its virtual reader: cards written in Python, read by pyscard.

pcscd is started and ended here, and kept to one test process of the machine; a workstation's own
pcscd is used when it runs already.
"""

import contextlib
import fcntl
import os
import queue
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from carte_virtuelle import (
    ATR_CPS3,
    ATR_VITALE_1,
    FAMILLE,
    Autre,
    Carte,
    DansLecteur,
)

from app.devices.events import EvenementLecteur
from app.devices.pcsc import MoniteurCartes

pytestmark = [pytest.mark.pcsc, pytest.mark.xdist_group("pcsc")]

PRISE = Path("/run/pcscd/pcscd.comm")
SECOND = 35964


def demarrer_pcscd() -> subprocess.Popen[bytes]:
    """Start pcscd and wait for it."""
    binaire = shutil.which("pcscd") or "/usr/sbin/pcscd"
    processus = subprocess.Popen([binaire, "--foreground", "--error"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    fin = time.monotonic() + 60
    while not PRISE.exists():
        assert processus.poll() is None and time.monotonic() < fin, "pcscd didn't start"
        time.sleep(0.02)
    return processus


def arreter_pcscd(processus: subprocess.Popen[bytes]) -> None:
    """End the pcscd that was started here."""
    processus.terminate()
    try:
        processus.wait(60)
    except subprocess.TimeoutExpired:
        processus.kill()
        processus.wait(30)
    PRISE.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def verrou() -> Iterator[None]:
    with (Path(tempfile.gettempdir()) / "pleiade-pcscd.lock").open("w") as fichier:
        fcntl.flock(fichier, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="module")
def pcscd(verrou: None) -> Iterator[list[subprocess.Popen[bytes]]]:
    if PRISE.exists():
        # The machine's own service (a developer's workstation): used as it is, never ended.
        with contextlib.closing(socket.socket()) as prise:
            if prise.connect_ex(("127.0.0.1", 35963)):
                pytest.skip("the pcscd of this machine has no virtual reader")
        yield []
        return
    if os.geteuid() != 0:
        pytest.skip("pcscd is started by root")
    en_cours = [demarrer_pcscd()]
    yield en_cours
    arreter_pcscd(en_cours[0])


class Temoin:
    """A monitor and its events, by reader."""

    def __init__(self, **options: object) -> None:
        self._recus: queue.Queue[tuple[float, EvenementLecteur]] = queue.Queue()
        self._moniteur = MoniteurCartes(
            lambda e: self._recus.put((time.monotonic(), e)), pause_service_s=0.2, **options)

    def __enter__(self) -> "Temoin":
        self._moniteur.demarrer()
        return self

    def __exit__(self, *_: object) -> None:
        self._moniteur.arreter()

    def attendre(self, etat: str, code: str = "", delai: float = 30.0) -> EvenementLecteur:
        """The next event of this state; others before it are passed over."""
        fin = time.monotonic() + delai
        vus = []
        while (reste := fin - time.monotonic()) > 0:
            try:
                _, evenement = self._recus.get(timeout=reste)
            except queue.Empty:
                break
            vus.append((evenement.etat, evenement.code))
            if (evenement.etat, evenement.code) == (etat, code):
                return evenement
        raise AssertionError(f"{etat} {code} didn't come; seen: {vus}")


@pytest.fixture
def temoin(pcscd: list) -> Iterator[Temoin]:
    with Temoin(lecteur_vitale="Virtual PCD 00 00") as temoin:
        temoin.attendre("aucune_carte")
        yield temoin


def test_carte_vitale_is_read(temoin: Temoin) -> None:
    with DansLecteur(Carte()):
        lue = temoin.attendre("carte_lue")
        assert lue.lecteur == "Virtual PCD 00 00"
        assert [(b.nom, b.prenom, b.date_naissance_brute, b.nir) for b in lue.beneficiaires] == [
            (n, p, d, nir or "") for n, p, d, nir in FAMILLE]
    temoin.attendre("aucune_carte")


def test_large_family_in_t0(temoin: Temoin) -> None:
    famille = [(f"NOM{n}", "ÉLÉONORE", "19901301", f"2900175{n:08d}") for n in range(9)]
    with DansLecteur(Carte(famille, t0=True)):
        assert len(temoin.attendre("carte_lue").beneficiaires) == 9
    temoin.attendre("aucune_carte")


@pytest.mark.parametrize(("carte", "code"), [
    (Carte(atr=ATR_VITALE_1), "carte_vitale_1"), (Autre(atr=ATR_CPS3), "carte_cps"),
    (Autre(), "carte_inconnue"), (Carte(tronquer=30), "lecture_incomplete")])
def test_wrong_card_then_a_good_one(temoin: Temoin, carte: Carte, code: str) -> None:
    with DansLecteur(carte):
        temoin.attendre("illisible", code)
    temoin.attendre("aucune_carte", "cps_retiree" if code == "carte_cps" else "")
    with DansLecteur(Carte()):
        temoin.attendre("carte_lue")
    temoin.attendre("aucune_carte")


def test_card_torn_out_in_the_middle_then_a_good_one(temoin: Temoin) -> None:
    def arracher(commande: bytes) -> None:
        if commande[1] == 0xB0:
            raise EOFError

    with DansLecteur(Carte(), pendant=arracher):
        # Gone so fast that the daemon may see a dead card before it sees an empty slot.
        fin = {"carte_arrachee", "carte_muette"}
        for _ in range(6):
            evenement = _suivant(temoin)
            if evenement.etat == "illisible":
                break
        assert evenement.code in fin
    temoin.attendre("aucune_carte")
    with DansLecteur(Carte()):
        temoin.attendre("carte_lue")
    temoin.attendre("aucune_carte")


def test_card_that_stops_answering_then_a_good_one(pcscd: list) -> None:
    libre = threading.Event()
    with Temoin(delai_lecture_s=4.0, lecteur_vitale="Virtual PCD 00 00") as temoin:
        temoin.attendre("aucune_carte")
        with DansLecteur(Carte(), pendant=lambda _: libre.wait(60) and None):
            temoin.attendre("illisible", "carte_muette")
        libre.set()
        temoin.attendre("aucune_carte")
        with DansLecteur(Carte()):
            temoin.attendre("carte_lue")
        temoin.attendre("aucune_carte")


def test_cps_beside_the_vitale(temoin: Temoin) -> None:
    with DansLecteur(Autre(atr=ATR_CPS3), SECOND):
        temoin.attendre("aucune_carte", "carte_cps")
        with DansLecteur(Carte()):
            assert len(temoin.attendre("carte_lue").beneficiaires) == 3
        temoin.attendre("aucune_carte")
    # The CPS leaves: the window may lock.
    temoin.attendre("aucune_carte", "cps_retiree")


def test_cards_one_after_the_other(temoin: Temoin) -> None:
    for n in range(5):
        with DansLecteur(Carte([(f"PATIENT{n}", "A", "20000101", None)])):
            assert temoin.attendre("carte_lue").beneficiaires[0].nom == f"PATIENT{n}"
        temoin.attendre("aucune_carte")


def test_pcscd_absent_then_back(pcscd: list) -> None:
    if not pcscd:
        pytest.skip("the pcscd of this machine isn't ours to stop")
    arreter_pcscd(pcscd[0])
    with Temoin() as temoin:
        temoin.attendre("aucun_service")
        pcscd[0] = demarrer_pcscd()
        temoin.attendre("aucune_carte")
        with DansLecteur(Carte()):
            temoin.attendre("carte_lue")
            arreter_pcscd(pcscd[0])
            temoin.attendre("aucun_service")
        pcscd[0] = demarrer_pcscd()
        temoin.attendre("aucune_carte")


def _suivant(temoin: Temoin) -> EvenementLecteur:
    return temoin._recus.get(timeout=30)[1]
