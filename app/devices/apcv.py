"""Appli carte Vitale: the port, and the component of the bac à sable (`spec/cards.md` §3).

The content of a QR code isn't public: it goes to the component as it was scanned, and nobody here
looks into it. The token of a context stays in memory and is never written anywhere.
"""

import hashlib
import ipaddress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

import httpx

from app.domain.identity import Identite, MatriculeHistorique, Traits

Mode = Literal["QR", "NFC"]
DELAI_S = 60.0
#: Longest scan handed over: a QR code holds no more.
QR_MAX = 4296


@dataclass(frozen=True, slots=True)
class ContexteApcv:
    """An open context. `expire_le` is UTC ISO; `jeton` is opaque and never shown or kept."""

    id: str
    expire_le: str
    jeton: str = field(default="", repr=False)

    def expire(self, maintenant: datetime | None = None) -> bool:
        """True when the context can't be used any more; an unreadable date is in the past."""
        try:
            fin = datetime.fromisoformat(self.expire_le)
        except ValueError:
            return True
        if fin.tzinfo is None:
            fin = fin.replace(tzinfo=UTC)
        return fin <= (maintenant or datetime.now(UTC))

    @property
    def empreinte(self) -> str:
        """What the trail may keep of the context: the beginning of its hash."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class BeneficiaireApcv:
    """A person of the context. `ins` holds traits, matricule and OID, or is None."""

    nom: str
    prenom: str
    date_naissance_brute: str
    rang: int = 1
    nir_od: str = ""
    ins: Identite | None = None


@dataclass(frozen=True, slots=True)
class LectureApcv:
    """What was read: the user of the appli, then the other beneficiaries attached to it.

    `demo`: an ApCV of demonstration, which proves nothing.
    """

    contexte: ContexteApcv
    beneficiaires: tuple[BeneficiaireApcv, ...]
    demo: bool = False
    mode: Mode = "QR"


class ErreurApcv(Exception):
    """The appli can't be read. `message` is for the user; `code` is the component's own."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


#: Code of the component -> sentence.
MESSAGES: dict[str, str] = {
    "QR_EXPIRED": "Ce QR code a expiré. Demandez au patient d’en afficher un nouveau.",
    "QR_INVALID": "Ce code n’est pas celui d’une appli carte Vitale, ou il a déjà servi.",
    "DECLINED": "Le patient a refusé la lecture dans son appli carte Vitale.",
    "NETWORK": "Le service de l’appli carte Vitale ne répond pas. Réessayez, ou insérez la carte "
               "Vitale.",
    "READER_ABSENT": "Aucun lecteur sans contact n’est branché. Scannez plutôt le QR code.",
    "CPS_ABSENT": "L’appli carte Vitale demande votre carte CPS dans le lecteur.",
    "CONTEXT_EXPIRED": "La lecture de l’appli carte Vitale a expiré. Scannez un nouveau QR code.",
    "NOT_CERTIFIED": "Le composant de l’appli carte Vitale n’est pas agréé sur ce poste.",
}
_INCONNU = "L’appli carte Vitale n’a pas pu être lue. Demandez un nouveau QR code."


def erreur_apcv(code: str) -> ErreurApcv:
    """The error of a code of the component."""
    return ErreurApcv(MESSAGES.get(code, _INCONNU), code)


class ApcvPort(Protocol):
    """A component that opens contexts: the vendor's one, or that of the bac à sable."""

    agree: bool
    """True when the component is approved by GIE SESAM-Vitale."""

    def ouvrir(self, mode: Mode, qr: bytes | None, professionnel: str) -> LectureApcv:
        """Open a context from a QR code or a contactless reading.

        Args:
            qr: the scan, untouched; None with NFC.
            professionnel: national id of the professional.

        Raises:
            ErreurApcv: with the message for the user.
        """

    def fermer(self, contexte: ContexteApcv) -> None:
        """End a context (patient changed, lock, logout). Never raises."""


class ApcvBacASable:
    """Component of the bac à sable over HTTP, for the demonstration and the tests.

    Args:
        adresse: base URL of the control API; loopback only.

    Raises:
        ValueError: the URL isn't on this machine.
    """

    agree = False

    def __init__(self, adresse: str, *, transport: httpx.BaseTransport | None = None) -> None:
        if not _locale(urlsplit(adresse).hostname or ""):
            raise ValueError("Le composant du bac à sable n’existe que sur cette machine.")
        self._base = adresse.rstrip("/") + "/apcv"
        self._transport = transport

    def ouvrir(self, mode: Mode, qr: bytes | None, professionnel: str) -> LectureApcv:
        """See `ApcvPort.ouvrir`."""
        if mode == "QR" and not (qr and len(qr) <= QR_MAX):
            raise erreur_apcv("QR_INVALID")
        demande = {"mode": mode, "qr": (qr or b"").decode("utf-8", "replace"),
                   "professionnel": professionnel}
        try:
            with httpx.Client(timeout=DELAI_S, trust_env=False,
                              transport=self._transport) as http:
                reponse = http.post(f"{self._base}/contextes", json=demande)
            corps: Any = reponse.json()
        except (httpx.HTTPError, ValueError) as erreur:
            raise erreur_apcv("NETWORK") from erreur
        if not isinstance(corps, dict):
            raise erreur_apcv("NETWORK")
        if reponse.status_code != 201:
            raise erreur_apcv(str(corps.get("code", "")))
        return _lecture(corps, mode)

    def fermer(self, contexte: ContexteApcv) -> None:
        """See `ApcvPort.fermer`."""
        try:
            with httpx.Client(timeout=5.0, trust_env=False, transport=self._transport) as http:
                http.delete(f"{self._base}/contextes/{contexte.id}")
        except httpx.HTTPError:
            # The context ends by itself: closing early is a courtesy.
            return


def _lecture(corps: dict[str, Any], mode: Mode) -> LectureApcv:
    contexte = corps.get("contexte")
    personnes = corps.get("beneficiaires")
    if not isinstance(contexte, dict) or not isinstance(personnes, list) or not personnes:
        raise erreur_apcv("")
    return LectureApcv(
        ContexteApcv(str(contexte.get("id", "")), str(contexte.get("expire_le", "")),
                     str(contexte.get("jeton", ""))),
        tuple(_beneficiaire(p) for p in personnes if isinstance(p, dict)),
        corps.get("demo") is True, mode)


def _beneficiaire(p: dict[str, Any]) -> BeneficiaireApcv:
    def t(nom: str, source: dict[str, Any] = p) -> str:
        valeur = source.get(nom)
        return valeur.strip()[:120] if isinstance(valeur, str) else ""

    ins = p.get("ins")
    identite = None
    if isinstance(ins, dict):
        historique = ins.get("historique")
        identite = Identite(
            Traits(t("nom_naissance", ins), t("prenom_acte", ins), t("date_naissance", ins),
                   t("sexe", ins), t("lieu_naissance", ins), t("liste_prenoms", ins)),
            matricule_ins=t("matricule", ins), oid=t("oid", ins),
            historique=tuple(MatriculeHistorique(t("matricule", h), t("oid", h))
                             for h in historique if isinstance(h, dict))
            if isinstance(historique, list) else ())
    rang = p.get("rang", 1)
    return BeneficiaireApcv(t("nom"), t("prenom"), t("date_naissance_brute"),
                            rang if isinstance(rang, int) else 1, t("nir_od"), identite)


def _locale(hote: str) -> bool:
    try:
        return hote == "localhost" or ipaddress.ip_address(hote).is_loopback
    except ValueError:
        return False
