"""The PSC access token of the mail (`spec/mssante.md` §2, SC.MSS/CONF.10, CONF.28).

In memory alone, while it lives: 120 s, known by the Proxy e-santé, which renews it. A mail session
outlives its token; only a new login to the server needs a fresh one. When Pro Santé Connect ends,
the mail must end: `sur_fin` tells it.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from app.horloge import ecoule
from app.services.errors import SessionExpiree
from app.services.proxy_client import ProxyClient

#: A token with less than that to live isn't given: a login to the server takes its time.
RESTE_MIN_S = 30.0


@dataclass(frozen=True, slots=True)
class _Jeton:
    valeur: str = field(repr=False)
    session: str
    """`session_state` under which it was given."""
    fin: float


class JetonsMessagerie:
    """Gives the token of the moment, to IMAP and SMTP at once.

    Args:
        proxy: the session.
        chrono: seconds that pass (`app.horloge`).
    """

    def __init__(self, proxy: ProxyClient, chrono: Callable[[], float] = ecoule) -> None:
        self.sur_fin: Callable[[], None] = lambda: None
        """Told once, in the calling thread, when the mail sessions must end."""
        self._proxy, self._chrono = proxy, chrono
        self._verrou = threading.Lock()
        self._jeton: _Jeton | None = None
        self._session = ""
        """Of which a token was given, until its end was told."""

    def __repr__(self) -> str:
        return "JetonsMessagerie(…)"

    def jeton(self, refuse: str = "") -> str:
        """A token good for `RESTE_MIN_S` seconds at least.

        Args:
            refuse: the token that the server has just refused: another one is fetched, unless
                another thread did meanwhile.

        Raises:
            SessionExpiree: Pro Santé Connect ended; the mail sessions are told to.
            Indisponible: the proxy doesn't answer.
        """
        try:
            with self._verrou:
                return self._prendre(refuse)
        except SessionExpiree as erreur:
            self.terminer()
            raise SessionExpiree("La messagerie attend votre connexion à Pro Santé Connect.",
                                 service="mssante", code=erreur.code) from erreur

    def _prendre(self, refuse: str) -> str:
        session = self._proxy.session
        actuel = self._jeton
        if actuel is not None and session is not None and actuel.valeur != refuse \
                and actuel.session == session.session_state \
                and actuel.fin - self._chrono() >= RESTE_MIN_S:
            return actuel.valeur
        self._jeton = None
        depart = self._chrono()  # of the question: a slow answer doesn't lengthen its life
        valeur, duree = self._proxy.jeton_psc()
        session = self._proxy.session
        self._session = "" if session is None else session.session_state
        self._jeton = _Jeton(valeur, self._session, depart + duree)
        return valeur

    def surveiller(self) -> None:
        """End the mail when Pro Santé Connect ended or somebody else is there; no call leaves."""
        session = self._proxy.session
        with self._verrou:
            vivante = session is not None and session.psc_active \
                and session.session_state == self._session
        if not vivante:
            self.terminer()

    def terminer(self) -> None:
        """Forget the token; the mail sessions that it opened end (SC.MSS/CONF.10)."""
        with self._verrou:
            servie, self._session, self._jeton = self._session, "", None
        if servie:
            self.sur_fin()
