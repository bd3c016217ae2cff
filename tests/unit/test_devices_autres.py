"""The software card and the vendor's library, behind the same port as the readers."""

import ctypes
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.devices.api_lec import (
    Brut,
    ComposantAbsent,
    ComposantEnErreur,
    LectureApiLec,
    decoder,
    interroger,
)
from app.devices.events import CarteMuette, EvenementLecteur, LectureIncomplete
from app.devices.logicielle import LecteurLogiciel
from app.devices.pcsc import MoniteurCartes
from app.devices.port import LecteurVitale, Lecture
from app.devices.winscard import ServiceAbsent
from app.domain.identity import Beneficiaire

# --- software card -----------------------------------------------------------------------


class Bac:
    """The control API, reduced to the card."""

    def __init__(self) -> None:
        self.etat: Any = {"etat": "aucune_carte", "numero": 0, "beneficiaires": []}

    def __call__(self, requete: httpx.Request) -> httpx.Response:
        assert requete.url.path == "/controle/carte"
        if isinstance(self.etat, Exception):
            raise self.etat
        return httpx.Response(200, json=self.etat)

    def poser(self, numero: int, etat: str = "carte_lue", nom: str = "ADRUN", **plus: str) -> None:
        """Put a card in."""
        self.etat = {"etat": etat, "numero": numero, "lecteur": "Bac", **plus, "beneficiaires": [
            {"nom": nom, "prenom": "ZOÉ", "date_naissance_brute": "19780917", "nir": "2" * 15,
             "rang": 2, "position": 0}]}


def _attendre(recus: "queue.Queue[EvenementLecteur]", *etats: str) -> EvenementLecteur:
    for etat in etats:
        evenement = recus.get(timeout=30)
        assert evenement.etat == etat, evenement
    return evenement


def test_software_card_comes_goes_and_changes() -> None:
    bac, recus = Bac(), queue.Queue()
    lecteur = LecteurLogiciel("http://127.0.0.1:1", periode_s=0.01,
                              transport=httpx.MockTransport(bac))
    lecteur.demarrer(recus.put)
    try:
        _attendre(recus, "aucune_carte")
        bac.poser(1)
        lue = _attendre(recus, "lecture", "carte_lue")
        assert lue.beneficiaires == (
            Beneficiaire("ADRUN", "ZOÉ", "19780917", "2" * 15, rang=2, position=0),)
        bac.poser(3, nom="AUTRE")
        lue = _attendre(recus, "aucune_carte", "lecture", "carte_lue")
        assert lue.beneficiaires[0].nom == "AUTRE"
        bac.poser(5, etat="illisible")
        assert _attendre(recus, "aucune_carte", "lecture", "illisible").code == "carte_muette"
        bac.poser(6, etat="illisible", code="carte_vitale_1")
        assert _attendre(recus, "aucune_carte", "lecture", "illisible").code == "carte_vitale_1"
        bac.etat = httpx.ConnectError("non")
        _attendre(recus, "aucun_service")
        bac.etat = {"etat": "aucune_carte", "numero": 7}
        _attendre(recus, "aucune_carte")
        bac.etat = ["autre chose"]
        _attendre(recus, "aucun_service")
        bac.etat = {"etat": "carte_lue", "beneficiaires": [3]}
        _attendre(recus, "lecture", "illisible")
    finally:
        lecteur.arreter()
    bac.poser(9)
    time.sleep(0.05)  # short: nothing must come
    assert recus.empty()


def _sans_service() -> Any:
    raise ServiceAbsent(False)


@pytest.mark.parametrize("ouvrir", [
    lambda: LecteurLogiciel("http://127.0.0.1:1", transport=httpx.MockTransport(Bac())),
    lambda: MoniteurCartes(contexte=_sans_service)], ids=["logicielle", "pcsc"])
def test_a_reader_told_to_stop_while_it_starts(
        ouvrir: Callable[[], LecteurVitale], monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker opens it, the window closes it: « cannot join thread before it is started »."""
    cree, suite = threading.Event(), threading.Event()
    faits: list[threading.Thread] = []

    class Lent(threading.Thread):
        def start(self) -> None:
            if self.name in ("cartes", "carte logicielle"):
                faits.append(self)
                cree.set()
                suite.wait(30)
            super().start()

    monkeypatch.setattr(threading, "Thread", Lent)
    lecteur, erreurs = ouvrir(), []

    def arreter() -> None:
        try:
            lecteur.arreter()
        except RuntimeError as erreur:
            erreurs.append(erreur)

    debut, fin = Lent(target=lecteur.demarrer), Lent(target=arreter)
    debut.start()
    assert cree.wait(30)
    fin.start()
    fin.join(0.3)  # short: it was over at once, by an error
    suite.set()
    for fil in (debut, fin, *faits):
        fil.join(30)
        assert not fil.is_alive()
    assert erreurs == []


def test_software_card_is_for_this_machine_alone() -> None:
    for url in ("http://192.0.2.1:80", "http://mechant.test", "http://127.0.0.1.mechant.test"):
        with pytest.raises(ValueError, match="cette machine"):
            LecteurLogiciel(url)


def test_all_sources_fit_the_port() -> None:
    sources: list[LecteurVitale] = [MoniteurCartes(), LecteurLogiciel("http://127.0.0.1:1")]
    lectures: list[Lecture] = [LectureApiLec(Path("x"), Path("y"))]
    assert [s.agree for s in sources] == [False, False] and lectures[0].agree


# --- vendor's library --------------------------------------------------------------------

XML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<x:lecture xmlns:x="urn:x"><T_AsnBeneficiaire><ident><nomUsuel>ADRUN</nomUsuel>
<prenomUsuel>ZO\xc9</prenomUsuel><dateNaissance>17091978</dateNaissance></ident>
<amo><nir>2 78 09 12 345 678 90</nir><codeRegime>01</codeRegime></amo></T_AsnBeneficiaire>
<x:T_AsnBeneficiaire><x:ident><x:nomUsuel>ADRUN</x:nomUsuel><x:prenomUsuel>LÉO</x:prenomUsuel>
<x:dateNaissance>32032019</x:dateNaissance><x:rangGemellaire>2</x:rangGemellaire></x:ident>
</x:T_AsnBeneficiaire></x:lecture>""".encode("latin-1")


class Fausse:
    """The library, made of Python."""

    def __init__(self, xml: bytes = XML, *, init: int = 0, lecture: int = 0,
                 annonce: int | None = None) -> None:
        self.appels: list[str] = []
        self._xml, self._init, self._lecture = xml, init, lecture
        self._annonce = len(xml) if annonce is None else annonce

    def Hn_Init(self, dossier: bytes, mode: Any, erreur: Any) -> int:
        self.appels.append(f"init {dossier.decode()}")
        erreur._obj.value = self._init
        return int(bool(self._init))

    def Hn_LectureVitaleDonneesIdentification(self, attente: int, sortie: Any, longueur: Any,
                                              etat: Any, erreur: Any) -> int:
        self.appels.append(f"lecture {attente}")
        assert longueur._obj.value == 65536
        ctypes.memmove(sortie, self._xml, len(self._xml))
        longueur._obj.value = self._annonce
        erreur._obj.value = self._lecture
        return int(bool(self._lecture))

    def Hn_Finir(self, erreur: Any) -> int:
        self.appels.append("finir")
        return 0


def test_one_reading() -> None:
    fausse = Fausse()
    brut = interroger(fausse, b"/etc/x", 5)
    assert brut == Brut(xml=XML)
    assert fausse.appels == ["init /etc/x", "lecture 5", "finir"]
    assert decoder(brut.xml) == [
        Beneficiaire("ADRUN", "ZOÉ", "19780917", "278091234567890", position=0),
        Beneficiaire("ADRUN", "LÉO", "20190332", "", rang=2, position=1)]


@pytest.mark.parametrize(("fausse", "etape", "code"), [
    (Fausse(init=12), "Hn_Init", 12), (Fausse(lecture=61441), "Hn_Lecture", 61441)])
def test_errors_always_finish(fausse: Fausse, etape: str, code: int) -> None:
    assert interroger(fausse, b"x") == Brut(etape=etape, erreur=code)
    assert fausse.appels[-1] == "finir"


def test_a_length_that_lies_is_bounded() -> None:
    assert len(interroger(Fausse(annonce=10**6), b"x").xml) == 65536


@pytest.mark.parametrize("xml", [
    b"", b"<x", b"<x/>", b"<T_AsnBeneficiaire/>",
    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x><T_AsnBeneficiaire><nomUsuel>&a;'
    b"</nomUsuel></T_AsnBeneficiaire></x>", b"<a>" * 100_000])
def test_hostile_xml(xml: bytes) -> None:
    with pytest.raises(LectureIncomplete):
        decoder(xml)


def charge_bonne(_: Path) -> Fausse:
    return Fausse()


def charge_en_erreur(_: Path) -> Fausse:
    return Fausse(lecture=7)


class Bloquee(Fausse):
    """Never comes back."""

    def Hn_Init(self, dossier: bytes, mode: Any, erreur: Any) -> int:
        time.sleep(600)  # short: never comes back
        return 0


def charge_bloquee(_: Path) -> Fausse:
    return Bloquee()


def charge_mortelle(_: Path) -> Fausse:
    import os
    os._exit(3)


def test_in_a_process_of_its_own() -> None:
    def lecture(charge: Any, delai: float = 120.0) -> list[Beneficiaire]:
        return LectureApiLec(Path("api_lec64"), Path("/etc/x"), charge=charge,
                             delai_s=delai).lire("Lecteur", None)

    assert len(lecture(charge_bonne)) == 2
    with pytest.raises(ComposantEnErreur, match="code 7"):
        lecture(charge_en_erreur)
    with pytest.raises(ComposantEnErreur):
        lecture(charge_mortelle)
    with pytest.raises(CarteMuette):
        lecture(charge_bloquee, 1.5)


def test_library_that_is_not_there() -> None:
    with pytest.raises(ComposantAbsent, match="pas installé"):
        LectureApiLec(Path("/nulle/part.so"), Path("/etc/x")).lire("Lecteur", None)
