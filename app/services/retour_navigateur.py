"""The loopback listener by which the browser comes back after a login (`spec/psc.md` §2).

It carries a one-time ticket only, never a code or a token of Pro Santé Connect. 127.0.0.1 (not
`localhost`), a random port, one use, closed after five minutes. Any page of the browser may knock
at this port: hence the secret in the path (the state of this login), the check of Host (DNS
rebinding), and the ticket being worth nothing without the code that the software alone holds.
"""

import html
import re
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from app.horloge import ecoule
from app.services.errors import Annule, Indisponible, Refuse, Remede, SessionExpiree
from app.services.transport import Annulation

CHEMIN = "/psc/done"
DUREE_S = 300.0

#: What the proxy, or Pro Santé Connect, says of a failure that is nobody's refusal.
_PANNES = frozenset({"psc_indisponible", "temporarily_unavailable", "server_error"})
_TICKET = re.compile(r"[A-Za-z0-9._~-]{8,512}")

_PAGE = """<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>Pléiade</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body{{font:1.1rem/1.5 system-ui,sans-serif;background:#f5f7fa;color:#1b2733;margin:0;
display:grid;place-items:center;min-height:100vh}}
main{{background:#fff;border:1px solid #d5dde5;border-radius:12px;padding:2.5rem 3rem;
max-width:32rem;text-align:center}}
h1{{font-size:1.4rem;margin:0 0 .75rem}}p{{margin:0}}
</style></head><body><main><h1>{titre}</h1><p>{texte}</p></main></body></html>
"""


class RetourNavigateur:
    """Listens for the return of the browser. Use it as a context manager.

    Args:
        duree: how long to listen, in seconds.
    """

    def __init__(self, *, duree: float = DUREE_S) -> None:
        self._chemin = f"{CHEMIN}/{secrets.token_urlsafe(24)}"
        self._duree = duree
        self._arrive = threading.Event()
        self._verrou = threading.Lock()
        self._ticket = ""
        self._erreur = ""
        self._serveur = _Serveur(self)
        self._fil = threading.Thread(target=self._serveur.serve_forever, args=(0.1,),
                                     name="pleiade-retour-psc", daemon=True)

    @property
    def adresse(self) -> str:
        """Where the proxy must send the browser back."""
        return f"http://127.0.0.1:{self._serveur.server_port}{self._chemin}"

    def __enter__(self) -> "RetourNavigateur":
        self._fil.start()
        return self

    def __exit__(self, genre: type[BaseException] | None, erreur: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._serveur.shutdown()
        self._serveur.server_close()
        self._fil.join(timeout=2)

    def attendre(self, annule: Annulation | None = None) -> str:
        """Wait for the browser and give its ticket.

        Raises:
            Annule: the user gave up.
            SessionExpiree: nobody came within the time allowed.
            Refuse: Pro Santé Connect, or the user on its page, said no.
            Indisponible: Pro Santé Connect couldn't answer.
        """
        echeance = ecoule() + self._duree
        while not self._arrive.wait(0.1):
            if annule is not None and annule():
                raise Annule("Vous avez interrompu la connexion.", service="psc")
            if ecoule() >= echeance:
                raise SessionExpiree("La connexion n’a pas été terminée dans les cinq minutes. "
                                     "Recommencez.", service="psc", code="DELAI")
        if self._erreur in _PANNES:
            raise Indisponible("Pro Santé Connect ne répond pas. Recommencez dans quelques "
                               "instants.", service="psc", code=self._erreur)
        if self._erreur:
            raise Refuse("La connexion à Pro Santé Connect n’a pas abouti.", service="psc",
                         code=self._erreur, remede=Remede.SE_CONNECTER)
        return self._ticket

    def recevoir(self, cible: str) -> tuple[int, str, str]:
        """Treat one request for `cible`: status, title and text of the page to show."""
        morceaux = urlsplit(cible)
        if not secrets.compare_digest(morceaux.path.encode(), self._chemin.encode()):
            return 404, "Page inconnue", "Cette adresse ne sert qu’à Pléiade."
        try:
            champs = parse_qs(morceaux.query, max_num_fields=10)
        except ValueError:
            return 400, "Demande refusée", "Recommencez la connexion depuis Pléiade."
        erreur = (champs.get("error") or champs.get("erreur") or [""])[0]
        ticket = (champs.get("ticket") or [""])[0]
        with self._verrou:
            if self._arrive.is_set():
                return 410, "Connexion déjà reçue", "Vous pouvez fermer cette page."
            if erreur:
                self._erreur = re.sub(r"[^\w.-]", "", erreur)[:60] or "erreur"
            elif _TICKET.fullmatch(ticket):
                self._ticket = ticket
            else:
                return 400, "Demande refusée", "Recommencez la connexion depuis Pléiade."
            self._arrive.set()
        if erreur:
            return (200, "La connexion n’a pas abouti",
                    "Revenez à Pléiade pour recommencer.")
        return 200, "Vous pouvez revenir à Pléiade", "Cette page peut être fermée."


class _Serveur(ThreadingHTTPServer):
    """Loopback server on a random port; a silent connection holds one thread for 5 s at most."""

    daemon_threads = True
    allow_reuse_address = False
    request_queue_size = 16

    def __init__(self, retour: RetourNavigateur) -> None:
        super().__init__(("127.0.0.1", 0), _Guichet)
        self.retour = retour


class _Guichet(BaseHTTPRequestHandler):
    """Answers GET only, to our own Host only."""

    timeout: ClassVar[float] = 5.0
    server_version = "Pleiade"
    sys_version = ""

    def do_GET(self) -> None:
        """Give the ticket to the waiting login and a small page to the browser."""
        assert isinstance(self.server, _Serveur)
        if self.headers.get("Host", "") != f"127.0.0.1:{self.server.server_port}":
            self._repondre(421, "Demande refusée", "Cette adresse ne sert qu’à Pléiade.")
            return
        # The browser comes by itself, sent by the proxy: neither the script, nor the image, nor
        # the frame of another page.
        if self.headers.get("Origin", "null") != "null" \
                or self.headers.get("Sec-Fetch-Dest", "document") != "document":
            self._repondre(403, "Demande refusée", "Cette adresse ne sert qu’à Pléiade.")
            return
        self._repondre(*self.server.retour.recevoir(self.path))

    def _repondre(self, status: int, titre: str, texte: str) -> None:
        page = _PAGE.format(titre=html.escape(titre), texte=html.escape(texte)).encode()
        self.send_response(status)
        for nom, valeur in (("Content-Type", "text/html; charset=utf-8"),
                            ("Content-Length", str(len(page))), ("Cache-Control", "no-store"),
                            ("Connection", "close"), ("Referrer-Policy", "no-referrer"),
                            ("X-Content-Type-Options", "nosniff"),
                            ("Content-Security-Policy",
                             "default-src 'none'; style-src 'unsafe-inline'; "
                             "frame-ancestors 'none'")):
            self.send_header(nom, valeur)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the request line holds the ticket."""
