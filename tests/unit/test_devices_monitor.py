"""The monitor of readers, on a PC/SC made of Python (`spec/cards.md` §1; real one: components)."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator

import pytest
from carte_virtuelle import ATR_CPS3, ATR_VITALE, ATR_VITALE_1, Autre, Carte

from app.devices.events import CarteArrachee, CarteMuette, CarteOccupee, EvenementLecteur
from app.devices.pcsc import MoniteurCartes
from app.devices.winscard import EtatLecteur, ServiceAbsent


class Machine:
    """Readers and cards of a workstation; `service` may stop."""

    def __init__(self) -> None:
        self.service = True
        self.installe = True
        self.cartes: dict[str, Carte | None] = {}
        self.numeros: dict[str, int] = {}
        self.muettes: set[str] = set()
        self.avant: Callable[[bytes], None] = lambda _: None
        self.occupee = 0
        self.change = threading.Condition()

    def poser(self, lecteur: str, carte: Carte | None, sauts: int = 1) -> None:
        """Insert, pull (None) or swap (two steps at once) a card."""
        with self.change:
            self.cartes[lecteur] = carte
            self.numeros[lecteur] = self.numeros.get(lecteur, 0) + sauts
            self.change.notify_all()

    def debrancher(self, lecteur: str) -> None:
        """Unplug a reader."""
        with self.change:
            del self.cartes[lecteur]
            self.change.notify_all()

    def etat(self, nom: str) -> EtatLecteur:
        """State as PC/SC gives it."""
        carte = self.cartes.get(nom)
        brut = self.numeros.get(nom, 0) << 16 | (0x22 if carte else 0x12)
        return EtatLecteur(brut, present=carte is not None, muette=nom in self.muettes,
                           absent=nom not in self.cartes, atr=carte.atr if carte else b"")

    def contexte(self) -> "Contexte":
        """A connection."""
        if not self.service:
            raise ServiceAbsent(self.installe)
        return Contexte(self)


class Contexte:
    """Stands for `winscard.Contexte`."""

    def __init__(self, machine: Machine) -> None:
        self._m = machine
        self._annule = False

    def __enter__(self) -> "Contexte":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def lecteurs(self) -> list[str]:
        if not self._m.service:
            raise ServiceAbsent
        return list(self._m.cartes)

    def attendre(self, connus: dict[str, int], delai_ms: int) -> dict[str, EtatLecteur]:
        with self._m.change:
            def changes() -> dict[str, EtatLecteur]:
                return {n: e for n in connus if (e := self._m.etat(n)).brut != connus[n]
                        or e.absent}
            self._m.change.wait_for(lambda: changes() or self._annule or not self._m.service,
                                    delai_ms / 1000)
            if not self._m.service:
                raise ServiceAbsent
            return changes()

    def annuler(self) -> None:
        with self._m.change:
            self._annule = True
            self._m.change.notify_all()

    @contextlib.contextmanager
    def carte(self, lecteur: str) -> Iterator["Contexte"]:
        if self._m.occupee:
            self._m.occupee -= 1
            raise CarteOccupee
        self._lecteur = lecteur
        self._carte = self._m.cartes.get(lecteur)
        if self._carte is None:
            raise CarteArrachee
        self._carte.reset()
        yield self

    def transmettre(self, commande: bytes) -> tuple[bytes, int]:
        self._m.avant(commande)
        if self._m.cartes.get(self._lecteur) is not self._carte or self._carte is None:
            raise CarteArrachee
        return self._carte.transmettre(commande)


class Temoin:
    """Runs a monitor and keeps its events."""

    def __init__(self, machine: Machine, **options: object) -> None:
        self.recus: queue.Queue[EvenementLecteur] = queue.Queue()
        self.machine = machine
        self.moniteur = MoniteurCartes(self.recus.put, contexte=machine.contexte,
                                       pause_service_s=0.05, **options)

    def __enter__(self) -> "Temoin":
        self.moniteur.demarrer()
        return self

    def __exit__(self, *_: object) -> None:
        self.moniteur.arreter()

    def attendre(self, etat: str, code: str = "") -> EvenementLecteur:
        """The next event, which must be this one."""
        evenement = self.recus.get(timeout=30)
        assert (evenement.etat, evenement.code) == (etat, code), evenement
        return evenement

    def rien(self, duree: float = 0.15) -> None:
        """No event."""
        with pytest.raises(queue.Empty):
            raise AssertionError(self.recus.get(timeout=duree))


@pytest.fixture
def machine() -> Machine:
    machine = Machine()
    machine.cartes["Lecteur 0"] = None
    return machine


def test_card_comes_and_goes(machine: Machine) -> None:
    with Temoin(machine) as t:
        assert t.attendre("aucune_carte").lecteur == "Lecteur 0"
        machine.poser("Lecteur 0", Carte())
        t.attendre("lecture")
        lue = t.attendre("carte_lue")
        assert [b.prenom for b in lue.beneficiaires] == ["ZOÉ", "LÉO-PAUL", "AGNÈS"]
        machine.poser("Lecteur 0", None)
        t.attendre("aucune_carte")
        t.rien()


def test_card_that_was_already_there(machine: Machine) -> None:
    machine.poser("Lecteur 0", Carte())
    with Temoin(machine) as t:
        t.attendre("lecture")
        t.attendre("carte_lue")


@pytest.mark.parametrize(("carte", "code", "lecture"), [
    (Carte(atr=ATR_VITALE_1), "carte_vitale_1", False), (Autre(atr=ATR_CPS3), "carte_cps", False),
    (Autre(atr=b"\x3b\x02\x14\x50"), "carte_inconnue", True), (Autre(), "carte_inconnue", True),
    (Carte(tronquer=20), "lecture_incomplete", True)])
def test_wrong_cards_are_told_and_the_next_one_works(machine: Machine, carte: Carte, code: str,
                                                     lecture: bool) -> None:
    with Temoin(machine) as t:
        t.attendre("aucune_carte")
        machine.poser("Lecteur 0", carte)
        if lecture:
            t.attendre("lecture")
        refus = t.attendre("illisible", code)
        assert refus.message.endswith(".") and refus.beneficiaires == ()
        machine.poser("Lecteur 0", None)
        t.attendre("aucune_carte", "cps_retiree" if code == "carte_cps" else "")
        machine.poser("Lecteur 0", Carte())
        t.attendre("lecture")
        t.attendre("carte_lue")


def test_mute_card(machine: Machine) -> None:
    with Temoin(machine) as t:
        t.attendre("aucune_carte")
        machine.muettes.add("Lecteur 0")
        machine.poser("Lecteur 0", Carte(atr=b""))
        t.attendre("illisible", "carte_muette")


def test_card_torn_out_while_it_is_read(machine: Machine) -> None:
    commence, libre = threading.Event(), threading.Event()

    def avant(_: bytes) -> None:
        commence.set()
        libre.wait(60)

    machine.avant = avant
    with Temoin(machine) as t:
        t.attendre("aucune_carte")
        machine.poser("Lecteur 0", Carte())
        t.attendre("lecture")
        assert commence.wait(30)
        machine.poser("Lecteur 0", None)
        # Told at once, though the reading thread is still stuck in its command.
        t.attendre("illisible", "carte_arrachee")
        t.attendre("aucune_carte")
        machine.avant = lambda _: None
        machine.poser("Lecteur 0", Carte())
        t.attendre("lecture")
        t.attendre("carte_lue")
        libre.set()
        t.rien()


def test_card_swapped_between_two_looks(machine: Machine) -> None:
    with Temoin(machine) as t:
        t.attendre("aucune_carte")
        machine.poser("Lecteur 0", Carte())
        t.attendre("lecture")
        t.attendre("carte_lue")
        machine.poser("Lecteur 0", Carte([("AUTRE", "A", "20000101", None)]), sauts=2)
        t.attendre("aucune_carte")
        t.attendre("lecture")
        assert t.attendre("carte_lue").beneficiaires[0].nom == "AUTRE"


def test_stuck_card_is_given_up(machine: Machine) -> None:
    libre = threading.Event()
    machine.avant = lambda _: libre.wait(60) and None
    with Temoin(machine, delai_lecture_s=0.1) as t:
        t.attendre("aucune_carte")
        machine.poser("Lecteur 0", Carte())
        t.attendre("lecture")
        t.attendre("illisible", "carte_muette")
        libre.set()
        t.rien()


def test_busy_card_is_tried_again(machine: Machine) -> None:
    machine.occupee = 2
    with Temoin(machine) as t:
        t.attendre("aucune_carte")
        machine.poser("Lecteur 0", Carte())
        t.attendre("lecture")
        t.attendre("carte_lue")
        machine.poser("Lecteur 0", None)
        t.attendre("aucune_carte")
        machine.occupee = 3
        machine.poser("Lecteur 0", Carte())
        t.attendre("lecture")
        t.attendre("illisible", "carte_occupee")


def test_cps_in_its_own_reader_is_no_mistake(machine: Machine) -> None:
    machine.cartes["Lecteur 1"] = None
    with Temoin(machine) as t:
        t.attendre("aucune_carte")
        t.attendre("aucune_carte")
        machine.poser("Lecteur 1", Autre(atr=ATR_CPS3))
        t.attendre("aucune_carte", "carte_cps")
        machine.poser("Lecteur 0", Carte())
        assert t.attendre("lecture").lecteur == "Lecteur 0"
        t.attendre("carte_lue")


def test_cps_in_the_reader_reserved_for_the_vitale(machine: Machine) -> None:
    machine.cartes["Lecteur 1"] = None
    with Temoin(machine, lecteur_vitale="Lecteur 0") as t:
        t.attendre("aucune_carte")
        t.attendre("aucune_carte")
        machine.poser("Lecteur 0", Autre(atr=ATR_CPS3))
        t.attendre("illisible", "carte_cps")


def test_readers_come_and_go(machine: Machine) -> None:
    machine.cartes.clear()
    with Temoin(machine) as t:
        t.attendre("aucun_lecteur")
        t.rien()
        with machine.change:
            machine.cartes["USB"] = Carte()
        t.attendre("lecture")
        t.attendre("carte_lue")
        machine.debrancher("USB")
        t.attendre("aucune_carte")
        t.attendre("aucun_lecteur")


def test_service_absent_then_there_then_restarted(machine: Machine) -> None:
    machine.service = False
    with Temoin(machine) as t:
        t.attendre("aucun_service")
        t.rien(0.2)
        machine.service = True
        t.attendre("aucune_carte")
        machine.poser("Lecteur 0", Carte())
        t.attendre("lecture")
        t.attendre("carte_lue")
        with machine.change:
            machine.service = False
            machine.change.notify_all()
        t.attendre("aucune_carte")
        t.attendre("aucun_service")
        machine.service = True
        t.attendre("lecture")
        t.attendre("carte_lue")


def test_pcsc_not_installed(machine: Machine) -> None:
    machine.service = machine.installe = False
    with Temoin(machine) as t:
        assert "pas installé" in t.attendre("aucun_service", "composant_absent").message


def test_stop_is_quick_and_silent(machine: Machine) -> None:
    libre, sorti = threading.Event(), threading.Event()

    def avant(_: bytes) -> None:
        libre.wait(60)
        sorti.set()

    machine.avant = avant
    t = Temoin(machine)
    with t:
        t.attendre("aucune_carte")
        machine.poser("Lecteur 0", Carte())
        t.attendre("lecture")
    assert not sorti.is_set()  # nobody waited for the card
    libre.set()
    t.rien()
    machine.avant = lambda _: None
    with t:
        t.attendre("lecture")
        t.attendre("carte_lue")


def test_vendor_reading_needs_no_connection(machine: Machine) -> None:
    class Vendeur:
        agree = True
        directe = False

        def lire(self, lecteur: str, transmettre: object) -> list:
            assert transmettre is None
            raise CarteMuette

    machine.avant = lambda _: pytest.fail("no command may be sent")
    with Temoin(machine, lecture=Vendeur()) as t:
        assert t.moniteur.agree
        t.attendre("aucune_carte")
        machine.poser("Lecteur 0", Carte(atr=ATR_VITALE))
        t.attendre("lecture")
        t.attendre("illisible", "carte_muette")
