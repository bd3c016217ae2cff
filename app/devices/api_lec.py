"""Adapter of the vendor's « API de lecture Vitale » (`api_lec`), the approved path.

`spec/cards.md` §1.8. Three C functions; the library may block for half a minute or crash, so it
lives in a process of its own, killed when it doesn't answer. The library isn't part of the product:
a practice gets it from its editor after the CNDA's referencing. The path of the library and its
configuration folder are settings; nothing is guessed.

A PC/SC monitor tells when a card comes (`pcsc.MoniteurCartes(lecture=LectureApiLec(…))`), this
reads it.
"""

import ctypes
import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from lxml import etree

from app.devices.apdu import Transmettre
from app.devices.events import CarteMuette, ErreurCarte, LectureIncomplete
from app.domain.identity import Beneficiaire

#: Size of the buffer the library fills, bytes.
TAMPON = 65536
#: How long the library may wait for the card, and we for the library, seconds.
ATTENTE_CARTE_S = 30
DELAI_S = 40.0
BENEFICIAIRES_MAX = 32


class ComposantAbsent(ErreurCarte):
    """The library isn't there or can't be loaded."""

    code = "composant_absent"
    message = ("Le composant de lecture de la carte Vitale n’est pas installé. "
               "Vérifiez son emplacement dans les réglages.")


class ComposantEnErreur(ErreurCarte):
    """The library answered with an error code, kept in the message for the support."""

    code = "composant_en_erreur"
    message = "Le composant de lecture de la carte Vitale a rencontré une erreur."


class Bibliotheque(Protocol):
    """The three functions, as ctypes gives them."""

    Hn_Init: Callable[..., int]
    Hn_LectureVitaleDonneesIdentification: Callable[..., int]
    Hn_Finir: Callable[..., int]


def charger(chemin: Path) -> Any:
    """Load the library and describe its functions.

    Raises:
        OSError: absent, or for another processor.
        AttributeError: not this library.
    """
    bibliotheque = ctypes.CDLL(str(chemin))
    court = ctypes.POINTER(ctypes.c_ushort)
    bibliotheque.Hn_Init.argtypes = [ctypes.c_char_p, court, court]
    bibliotheque.Hn_LectureVitaleDonneesIdentification.argtypes = [
        ctypes.c_short, ctypes.c_char_p, ctypes.POINTER(ctypes.c_uint),
        ctypes.POINTER(ctypes.c_short), court]
    bibliotheque.Hn_Finir.argtypes = [court]
    for nom in ("Hn_Init", "Hn_LectureVitaleDonneesIdentification", "Hn_Finir"):
        getattr(bibliotheque, nom).restype = ctypes.c_ushort
    return bibliotheque


@dataclass(frozen=True, slots=True)
class Brut:
    """What the library gave: XML, or the step that failed and its code."""

    xml: bytes = b""
    etape: str = ""
    erreur: int = 0


def interroger(bibliotheque: Bibliotheque, configuration: bytes,
               attente_s: int = ATTENTE_CARTE_S) -> Brut:
    """One reading; `Hn_Finir` is called whatever happens.

    Args:
        configuration: configuration folder, in the encoding of the system.
        attente_s: how long the library waits for the card.
    """
    mode, erreur = ctypes.c_ushort(0), ctypes.c_ushort(0)
    try:
        if bibliotheque.Hn_Init(configuration, ctypes.byref(mode), ctypes.byref(erreur)):
            return Brut(etape="Hn_Init", erreur=erreur.value)
        sortie = ctypes.create_string_buffer(TAMPON)
        longueur, etat = ctypes.c_uint(TAMPON), ctypes.c_short(0)
        if bibliotheque.Hn_LectureVitaleDonneesIdentification(
                attente_s, sortie, ctypes.byref(longueur), ctypes.byref(etat),
                ctypes.byref(erreur)):
            return Brut(etape="Hn_Lecture", erreur=erreur.value)
        return Brut(xml=sortie.raw[:min(longueur.value, TAMPON)])
    finally:
        bibliotheque.Hn_Finir(ctypes.byref(erreur))


def decoder(xml: bytes) -> list[Beneficiaire]:
    """Beneficiaries of the XML of the library: by local names, unknown elements ignored.

    Raises:
        LectureIncomplete: not XML, or nobody in it.
    """
    analyseur = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False,
                                huge_tree=False)
    try:
        racine = etree.fromstring(xml.rstrip(b"\0 \r\n"), analyseur)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise LectureIncomplete from exc
    if racine.getroottree().docinfo.internalDTD is not None:
        raise LectureIncomplete
    personnes = list(racine.iter("{*}T_AsnBeneficiaire"))[:BENEFICIAIRES_MAX]
    lus = [_beneficiaire(p, rang) for rang, p in enumerate(personnes)]
    if not lus or not any(b.nom for b in lus):
        raise LectureIncomplete
    return lus


def _beneficiaire(element: Any, position: int) -> Beneficiaire:
    champs: dict[str, str] = {}
    for fils in element.iter("{*}*"):
        if isinstance(fils.tag, str):
            champs.setdefault(etree.QName(fils).localname, " ".join((fils.text or "").split()))
    nir = "".join(c for c in champs.get("nir", "").upper() if c.isascii() and c.isalnum())
    rang = champs.get("rangGemellaire", "1")
    return Beneficiaire(
        nom=champs.get("nomUsuel") or champs.get("nomPatronymique", ""),
        prenom=champs.get("prenomUsuel", ""), date_naissance_brute=_date(champs),
        nir=nir if len(nir) == 15 else "",
        rang=int(rang) if rang.isdigit() and 1 <= int(rang) <= 9 else 1, position=position)


def _date(champs: dict[str, str]) -> str:
    """JJMMAAAA here, AAAAMMJJ on the card (§1.8): turned round, lunar parts kept."""
    date = champs.get("dateNaissance", "")
    return date[4:] + date[2:4] + date[:2] if len(date) == 8 and date.isdigit() else date[:8]


class LectureApiLec:
    """Reading by the library; see `port.Lecture`.

    Args:
        bibliotheque: path of `api_lec64.dll`, `libapi_lec.so`…
        configuration: its configuration folder (holds `api_lec.ini`).
        delai_s: the process is killed after that long.
        charge: loads the library in the process (tests give another function, importable).
    """

    agree = True
    directe = False

    def __init__(self, bibliotheque: Path, configuration: Path, *, delai_s: float = DELAI_S,
                 charge: Callable[[Path], Any] = charger) -> None:
        self._bibliotheque = bibliotheque
        self._configuration = configuration
        self._delai = delai_s
        self._charge = charge

    def lire(self, lecteur: str, transmettre: Transmettre | None) -> list[Beneficiaire]:
        """Read the card that is in the reader of `api_lec.ini`.

        Raises:
            ComposantAbsent, ComposantEnErreur, CarteMuette, LectureIncomplete.
        """
        ici, la_bas = multiprocessing.get_context("spawn").Pipe(duplex=False)
        processus = multiprocessing.get_context("spawn").Process(
            target=_dans_le_processus, name="api_lec", daemon=True,
            args=(la_bas, self._charge, self._bibliotheque, self._configuration))
        processus.start()
        la_bas.close()
        try:
            if not ici.poll(self._delai):
                raise CarteMuette
            brut = ici.recv()
        except EOFError as exc:
            # The vendor's code took its process with it.
            raise ComposantEnErreur from exc
        finally:
            _finir(processus)
            ici.close()
        if brut is None:
            raise ComposantAbsent
        if brut.etape:
            raise ComposantEnErreur(
                f"{ComposantEnErreur.message[:-1]} ({brut.etape}, code {brut.erreur}).")
        return decoder(brut.xml)


def _dans_le_processus(tube: Connection, charge: Callable[[Path], Any], bibliotheque: Path,
                       configuration: Path) -> None:
    try:
        chargee = charge(bibliotheque)
    except (OSError, AttributeError):
        tube.send(None)
        return
    chemin = str(configuration).encode(errors="surrogateescape")
    tube.send(interroger(chargee, chemin))


def _finir(processus: Any) -> None:
    processus.join(0.5)
    if processus.is_alive():
        processus.terminate()
        processus.join(1.0)
    if processus.is_alive():
        processus.kill()
        processus.join(1.0)
    with suppress(ValueError):
        processus.close()
