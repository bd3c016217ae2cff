"""The software carte Vitale of the bac à sable, for the demonstration and the tests.

Asks the control API once a second what lies in the simulated reader, and tells it with the same
events as a real one. Loopback only: it is never a way into a real workstation.
"""

import ipaddress
import threading
from typing import Any
from urllib.parse import urlsplit

import httpx

from app.devices.events import (
    CarteArrachee,
    CarteCps,
    CarteMuette,
    CarteOccupee,
    CarteVitale1,
    ErreurCarte,
    EvenementLecteur,
    LectureIncomplete,
    PasUneVitale,
)
from app.devices.pcsc import LECTURE, LUE, SANS_CARTE
from app.devices.port import Rappel
from app.domain.identity import Beneficiaire

PERIODE_S = 1.0
NOM = "Lecteur logiciel"
SANS_BAC = "Le lecteur logiciel du bac à sable ne répond pas."

_ERREURS: dict[str, type[ErreurCarte]] = {
    classe.code: classe for classe in (
        CarteVitale1, PasUneVitale, CarteCps, CarteMuette, CarteArrachee, CarteOccupee,
        LectureIncomplete)}


class LecteurLogiciel:
    """Stands for a reader; see `port.LecteurVitale`.

    Args:
        controle: base URL of the control API, `http://127.0.0.1:PORT`.
        rappel: called for each event from a thread; may also be given to `demarrer`.

    Raises:
        ValueError: the URL isn't on loopback.
    """

    agree = False

    def __init__(self, controle: str, rappel: Rappel | None = None, *,
                 periode_s: float = PERIODE_S,
                 transport: httpx.BaseTransport | None = None) -> None:
        hote = urlsplit(controle).hostname or ""
        if hote != "localhost" and not _loopback(hote):
            raise ValueError("Le lecteur logiciel n’existe que sur cette machine.")
        self._url = controle.rstrip("/") + "/controle/carte"
        self._rappel = rappel
        self._periode = periode_s
        self._transport = transport
        self._fin = threading.Event()
        self._verrou = threading.RLock()
        self._fil: threading.Thread | None = None
        # Opened by a worker, stopped by the window: one after the other.
        self._vie = threading.Lock()
        self._vu: tuple[object, ...] = ()
        self._carte = False

    def demarrer(self, rappel: Rappel | None = None) -> None:
        """Begin to ask; returns at once."""
        self._rappel = rappel or self._rappel
        with self._vie:
            if self._fil is None:
                self._fin.clear()
                self._vu = ()
                self._carte = False
                self._fil = threading.Thread(target=self._vivre, name="carte logicielle",
                                             daemon=True)
                self._fil.start()

    def arreter(self) -> None:
        """Stop; no event comes after."""
        with self._vie:
            with self._verrou:
                self._fin.set()
            fil, self._fil = self._fil, None
        if fil is not None and fil is not threading.current_thread():
            fil.join(3.0)

    def _vivre(self) -> None:
        with httpx.Client(timeout=2.0, trust_env=False, transport=self._transport) as http:
            while not self._fin.is_set():
                self._regarder(http)
                self._fin.wait(self._periode)

    def _regarder(self, http: httpx.Client) -> None:
        vu: tuple[object, ...] = ("injoignable",)
        try:
            reponse = http.get(self._url)
            etat: Any = reponse.raise_for_status().json()
            if not isinstance(etat, dict):
                raise ValueError
            vu = (etat.get("etat"), etat.get("numero"), str(etat.get("beneficiaires")))
        except (httpx.HTTPError, ValueError):
            etat = None
        if vu == self._vu:
            return
        premier, self._vu = not self._vu, vu
        if etat is None:
            self._carte = False
            self._emettre(EvenementLecteur("aucun_service", NOM, SANS_BAC))
            return
        nom = str(etat.get("lecteur") or NOM)
        if self._carte or premier or etat.get("etat") == "aucune_carte":
            self._carte = False
            self._emettre(EvenementLecteur("aucune_carte", nom, SANS_CARTE))
        if etat.get("etat") != "aucune_carte":
            self._poser(nom, etat)

    def _poser(self, nom: str, etat: dict[str, Any]) -> None:
        self._carte = True
        self._emettre(EvenementLecteur("lecture", nom, LECTURE))
        try:
            if etat.get("etat") != "carte_lue":
                raise _ERREURS.get(str(etat.get("code")), CarteMuette)
            lus = tuple(_beneficiaire(b, rang)
                        for rang, b in enumerate(etat.get("beneficiaires") or ()))
            if not lus:
                raise LectureIncomplete
        except ErreurCarte as exc:
            self._emettre(EvenementLecteur("illisible", nom, exc.message, code=exc.code))
        else:
            self._emettre(EvenementLecteur("carte_lue", nom, LUE, lus))

    def _emettre(self, evenement: EvenementLecteur) -> None:
        with self._verrou:
            if not self._fin.is_set() and self._rappel is not None:
                self._rappel(evenement)


def _beneficiaire(brut: Any, position: int) -> Beneficiaire:
    if not isinstance(brut, dict):
        raise LectureIncomplete
    rang = brut.get("rang", 1)
    return Beneficiaire(
        nom=str(brut.get("nom", "")), prenom=str(brut.get("prenom", "")),
        date_naissance_brute=str(brut.get("date_naissance_brute", "")),
        nir=str(brut.get("nir", "")), rang=rang if isinstance(rang, int) else 1,
        position=position)


def _loopback(hote: str) -> bool:
    try:
        return ipaddress.ip_address(hote).is_loopback
    except ValueError:
        return False
