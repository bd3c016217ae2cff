"""One call received by a double: what it carries, the faults that strike it, its answer."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.x509.oid import NameOID
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from app.sandbox.pannes import Panne
from app.sandbox.protocole import CLE_CERTIFICAT, CLE_TRANSPORT

if TYPE_CHECKING:
    from app.sandbox.etat import Etat

#: Largest body accepted, in bytes: a lot of TD2.1 stays far below.
TAILLE_MAX = 64 * 1024 * 1024

PAGE_INDISPONIBLE = (
    '<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Service indisponible'
    "</title></head><body><h1>Service momentanément indisponible</h1><p>Une maintenance est en "
    "cours. Veuillez réessayer plus tard.</p></body></html>")


class CorpsTropGrand(ValueError):
    """The body is larger than `TAILLE_MAX`."""


@dataclass(slots=True)
class Appel:
    """A call. `certificat` is the client certificate of the TLS connection, if any."""

    etat: "Etat"
    service: str
    operation: str
    requete: Request
    corps: bytes
    certificat: x509.Certificate | None
    pannes: list[Panne] = field(default_factory=list)
    journal: dict[str, Any] = field(default_factory=dict)

    def panne(self, *types: str) -> Panne | None:
        """First fault of one of these types that strikes this call."""
        return next((p for p in self.pannes if p.type in types), None)

    @property
    def empreinte(self) -> bytes:
        """SHA-256 of the client certificate (DER), empty without one."""
        der = self.requete.scope.get(CLE_CERTIFICAT)
        return sha256(der).digest() if der else b""

    def formulaire(self) -> dict[str, str]:
        """The body as a form; the first value of a repeated field wins."""
        champs: dict[str, str] = {}
        for nom, valeur in parse_qsl(self.corps.decode("utf-8", "replace"),
                                     keep_blank_values=True):
            champs.setdefault(nom, valeur)
        return champs

    def noter(self, **details: Any) -> None:
        """Complete this call's line of the journal."""
        self.journal.update(details)


Traitement = Callable[[Appel], Awaitable[Response]]


def ou_du_certificat(certificat: x509.Certificate | None) -> str:
    """OU of the subject (Struct_idNat of an organisation certificate), or an empty string."""
    if certificat is None:
        return ""
    valeurs = certificat.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return str(valeurs[0].value) if valeurs else ""


def json_reponse(corps: object, statut: int = 200, **entetes: str) -> Response:
    """A JSON answer, never cached (token answers must not be)."""
    return Response(json.dumps(corps, ensure_ascii=False), statut,
                    {"Cache-Control": "no-store", **{n.replace("_", "-"): v
                                                     for n, v in entetes.items()}},
                    media_type="application/json")


def erreur_oauth(erreur: str, description: str, statut: int = 400) -> Response:
    """An OAuth error body, with Keycloak's words where they are known."""
    return json_reponse({"error": erreur, "error_description": description}, statut)


class ReponseCoupee(Response):
    """Sends `part` of a body (0: nothing at all), waits, and drops the connection."""

    def __init__(self, reponse: Response | None = None, *, part: float = 0.0,
                 attente_s: float = 0.0) -> None:
        super().__init__(b"" if reponse is None else bytes(reponse.body))
        self._reponse, self._part, self._attente_s = reponse, part, attente_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what must be, then abort the transport."""
        if self._attente_s:
            await asyncio.sleep(self._attente_s)
        if self._reponse is not None and self._part > 0:
            await send({"type": "http.response.start", "status": self._reponse.status_code,
                        "headers": self._reponse.raw_headers})
            debut = self.body[:max(1, int(len(self.body) * self._part))]
            await send({"type": "http.response.body", "body": debut, "more_body": True})
        transport = scope.get(CLE_TRANSPORT)
        if transport is not None:
            if self._part > 0:
                await asyncio.sleep(0.05)
            transport.abort()


async def lire_corps(requete: Request) -> bytes:
    """Read the body, within `TAILLE_MAX`."""
    morceaux, taille = [], 0
    async for morceau in requete.stream():
        taille += len(morceau)
        if taille > TAILLE_MAX:
            raise CorpsTropGrand
        morceaux.append(morceau)
    return b"".join(morceaux)


async def ouvrir(etat: "Etat", service: str, requete: Request) -> Appel:
    """Read the request; the operation is still unknown.

    Raises
    ------
    CorpsTropGrand
        The body passes the limit.
    """
    der = requete.scope.get(CLE_CERTIFICAT)
    certificat = x509.load_der_x509_certificate(der) if der else None
    return Appel(etat, service, "", requete, await lire_corps(requete), certificat)


async def servir(etat: "Etat", service: str, operation: str, requete: Request,
                 traiter: Traitement) -> Response:
    """Read, strike with the faults, treat, journal: the way of a call with a fixed operation."""
    try:
        appel = await ouvrir(etat, service, requete)
    except CorpsTropGrand:
        return Response(status_code=413)
    return await executer(appel, operation, traiter)


async def executer(appel: Appel, operation: str, traiter: Traitement) -> Response:
    """Run `traiter` for an opened call, between the faults that come before and after it."""
    appel.operation = operation
    appel.pannes = appel.etat.pannes.prendre(appel.service, operation)
    debut = time.perf_counter()
    appel.journal = appel.etat.journal.noter(
        appel.service, operation, pannes=[p.type for p in appel.pannes], **appel.journal)
    reponse = await _avant(appel)
    if reponse is None:
        reponse = _apres(appel, await traiter(appel))
    appel.noter(statut=0 if isinstance(reponse, ReponseCoupee) else reponse.status_code,
                duree_ms=round((time.perf_counter() - debut) * 1000, 1))
    return reponse


async def _avant(appel: Appel) -> Response | None:
    for panne in appel.pannes:
        if panne.type == "delai":
            await asyncio.sleep(panne.nombre(1.0))
        elif panne.type == "http":
            return Response(status_code=int(panne.nombre(503)))
        elif panne.type == "html":
            return HTMLResponse(PAGE_INDISPONIBLE, int(panne.nombre(503)))
        elif panne.type == "coupure" and panne.valeur in (None, "avant"):
            return ReponseCoupee()
        elif panne.type == "silence":
            return ReponseCoupee(attente_s=panne.nombre(30.0))
        elif panne.type == "xml_invalide":
            return Response("<<<ceci n’est pas du XML", media_type="application/soap+xml")
    return None


def _apres(appel: Appel, reponse: Response) -> Response:
    for panne in appel.pannes:
        if panne.type == "coupure" and panne.valeur == "apres":
            return ReponseCoupee()
        if panne.type == "coupure" and panne.valeur == "milieu":
            return ReponseCoupee(reponse, part=0.5)
        if panne.type == "sans_reponse":
            return ReponseCoupee(attente_s=panne.nombre(30.0))
    return reponse
