"""HTTP calls that can be dropped at any instant (`spec/dmp.md` §2: « cancellable »).

httpx blocks its thread while it waits for an answer. Each connection is therefore a channel of
its own, kept alive between calls, whose socket is known: a small watcher asks the caller's
`annule` and shuts the socket down. The peer sees the connection fall, which is the only way to
give up a CIBA request (`spec/psc.md` §2: « there is no cancel endpoint »).
"""

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any

import httpx

from app.services.erreurs_http import traduire
from app.services.errors import Annule, Indisponible, Invalide
from app.services.noms import nom_service
from app.services.transport import Annulation, Reponse

#: Largest answer accepted, in bytes.
TAILLE_MAX = 96 * 1024 * 1024
DELAI_CONNEXION_S = 5.0
PAS_S = 0.05
OISIFS_MAX = 4


class _Canal:
    """One kept-alive connection and its socket."""

    def __init__(self, base_url: str, contexte: ssl.SSLContext) -> None:
        self.prise: socket.socket | None = None
        self.client = httpx.Client(
            base_url=base_url, verify=contexte, trust_env=False, follow_redirects=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1,
                                keepalive_expiry=4.0),
            headers={"Accept-Encoding": "identity", "User-Agent": "Pleiade"})

    def noter(self, evenement: str, infos: Mapping[str, Any]) -> None:
        """Trace hook of httpcore: remembers the socket of a new connection."""
        if evenement in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.prise = infos["return_value"].get_extra_info("socket")

    def couper(self) -> None:
        """Shut the connection down from another thread."""
        if self.prise is None:
            return
        try:
            # Not SSLSocket.shutdown: it would pull the TLS state from under the reading thread.
            socket.socket.shutdown(self.prise, socket.SHUT_RDWR)
        except OSError:
            # Already closed: that is what was wanted.
            self.prise = None


class _Veille:
    """Watches one call: drops it when the user gives up or the deadline passes."""

    def __init__(self, canal: _Canal, delai: float, annule: Annulation | None) -> None:
        self._canal = canal
        self._echeance = time.monotonic() + delai
        self._annule = annule
        self._fini = threading.Event()
        self.annulee = False
        self.depassee = False
        self._fil = threading.Thread(target=self._veiller, name="pleiade-veille", daemon=True)

    def __enter__(self) -> "_Veille":
        self._fil.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._fini.set()
        self._fil.join()

    def _veiller(self) -> None:
        pas = PAS_S if self._annule is not None else 1.0
        while True:
            reste = self._echeance - time.monotonic()
            if self._fini.wait(max(0.0, min(pas, reste))):
                return
            if self._annule is not None and self._annule():
                self.annulee = True
            elif time.monotonic() >= self._echeance:
                self.depassee = True
            # Again and again: the connection may still be opening.
            if self.annulee or self.depassee:
                self._canal.couper()


class HttpAnnulable:
    """A small pool of such channels towards one server.

    Args:
        base_url: root address of the server.
        contexte: TLS settings; the certificate and the name of the server are always verified.
        service: short name of the server, for the errors.
    """

    def __init__(self, base_url: str, contexte: ssl.SSLContext, service: str) -> None:
        self._base_url = base_url
        self._contexte = contexte
        self._service = service
        self._verrou = threading.Lock()
        self._oisifs: list[_Canal] = []
        self._occupes: set[_Canal] = set()

    def appeler(self, methode: str, chemin: str, *, delai: float, corps: bytes = b"",
                entetes: Mapping[str, str] | None = None, annule: Annulation | None = None,
                service: str = "") -> Reponse:
        """Send one request and read the whole answer, whatever its status.

        Args:
            methode, chemin: method, and path below the root address.
            delai: longest wait for the whole answer, in seconds (connecting takes at most 5).
            corps, entetes: body and headers.
            annule: asked every 50 ms; True drops the connection.
            service: whom the errors speak of, when it isn't the server itself.

        Raises:
            Annule: the user gave up; `incertain` when the request may have left.
            Indisponible: no answer; `incertain` likewise.
            Invalide: the answer is larger than 96 MB.
        """
        if annule is not None and annule():
            raise _annulation(self._service)
        canal = self._prendre()
        sain = False
        try:
            with _Veille(canal, delai, annule) as veille:
                try:
                    reponse = self._echanger(canal, methode, chemin, corps, entetes, delai)
                except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as erreur:
                    if veille.annulee:
                        raise _annulation(self._service, partie=True) from erreur
                    if veille.depassee:
                        raise Indisponible(
                            f"{nom_service(service or self._service)} ne répond pas dans le "
                            "temps prévu.", service=service or self._service, code="DELAI",
                            incertain=True) from erreur
                    nom = self._service if isinstance(erreur, httpx.ConnectError) else service
                    raise traduire(erreur, nom or self._service) from erreur
            sain = True
            return reponse
        finally:
            self._rendre(canal, sain)

    def _echanger(self, canal: _Canal, methode: str, chemin: str, corps: bytes,
                  entetes: Mapping[str, str] | None, delai: float) -> Reponse:
        requete = canal.client.build_request(
            methode, chemin, content=corps, headers=dict(entetes or {}),
            timeout=httpx.Timeout(delai, connect=min(DELAI_CONNEXION_S, delai)),
            extensions={"trace": canal.noter})
        reponse = canal.client.send(requete, stream=True)
        try:
            morceaux: list[bytes] = []
            taille = 0
            for morceau in reponse.iter_bytes():
                taille += len(morceau)
                if taille > TAILLE_MAX:
                    raise Invalide(f"{nom_service(self._service)} a renvoyé une réponse trop "
                                   "volumineuse.", service=self._service)
                morceaux.append(morceau)
        finally:
            reponse.close()
        noms = {nom.lower(): valeur for nom, valeur in reponse.headers.items()}
        return Reponse(reponse.status_code, noms.get("content-type", ""), b"".join(morceaux), noms)

    def _prendre(self) -> _Canal:
        with self._verrou:
            canal = self._oisifs.pop() if self._oisifs else _Canal(self._base_url, self._contexte)
            self._occupes.add(canal)
            return canal

    def _rendre(self, canal: _Canal, sain: bool) -> None:
        # The cookie is ours alone, sent by hand: nothing is kept in a jar.
        canal.client.cookies.clear()
        with self._verrou:
            self._occupes.discard(canal)
            garder = sain and len(self._oisifs) < OISIFS_MAX
            if garder:
                self._oisifs.append(canal)
        if not garder:
            canal.client.close()

    def fermer(self) -> None:
        """Drop every call in flight and close every connection."""
        with self._verrou:
            oisifs, occupes = self._oisifs, list(self._occupes)
            self._oisifs = []
        for canal in occupes:
            canal.couper()
        for canal in oisifs:
            canal.client.close()


def _annulation(service: str, *, partie: bool = False) -> Annule:
    """`partie`: the request may have left, so its outcome is unknown."""
    return Annule("Vous avez interrompu la demande.", service=service, incertain=partie)
