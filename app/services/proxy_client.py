"""Client of the Proxy e-santé: the session and the way out (`spec/psc.md` §2, §4).

The desktop never talks to Pro Santé Connect itself. It holds one secret, the proxy's cookie, in
memory only. TLS is always verified, against the authorities of the machine or the one given.
"""

import json
import logging
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from app.domain.people import ProfilUtilisateur
from app.horloge import ecoule
from app.services.errors import (
    ErreurService,
    Invalide,
    Refuse,
    Rejete,
    Remede,
    SessionExpiree,
)
from app.services.http_annulable import HttpAnnulable
from app.services.meteo import Meteo
from app.services.profil import lire_profil
from app.services.proxy_reponses import champ, corps_json, descripteur_de, refus
from app.services.retour_navigateur import RetourNavigateur
from app.services.soap import erreur_http
from app.services.transport import Annulation, Reponse

journal = logging.getLogger("pleiade.session")

COOKIE = "proxy_session_id"
#: Tells the proxy who we believe is connected: it refuses a session that is somebody else's.
ENTETE_UTILISATEUR = "X-Pleiade-Utilisateur"
#: A CIBA request lives 120 s; the answer must be allowed to come after (`spec/psc.md` §7).
DELAI_CIBA_S = 140.0
DELAI_S = 15.0
#: Where a 401 refuses the login itself.
_CONNEXIONS = ("/connect", "/session/ticket")
#: What the proxy says when it holds no session for a cookie (`spec/psc.md` §4.2, §4.3).
_SANS_SESSION = ("No session found.", "Session ID not found.")
_AUTRE_UTILISATEUR = "The session belongs to another user."
_AUTHENTIFICATION_ANCIENNE = "The authentication is too old."
#: A date shown may be that wrong: below, it is left alone.
_ECART = timedelta(seconds=30)
#: Life of a session when the proxy doesn't tell (`spec/psc.md` §1.5).
DUREE_DEFAUT_S = 14400


@dataclass(frozen=True, slots=True)
class SessionPsc:
    """An open session, without its secret. Dates are aware UTC."""

    session_state: str
    ouverte_le: datetime
    expire_le: datetime
    subject_name_id: str
    moyen: str = ""
    """`navigateur`, `MOBILE` or `CARD`."""
    psc_active: bool = True
    """False once Pro Santé Connect ended its own session: no token can be renewed."""


class ProxyClient:
    """Session with the Proxy e-santé, and transport of the national services through it.

    Args:
        base_url: https address of the proxy.
        ca_pem_path: certificate of the authority of the proxy; the machine's own by default.
        client_id: how the software is known at the proxy.
        meteo: states of the services, shared with the clients that use this transport.
        horloge: aware UTC clock, for what is shown.
        chrono: seconds that pass, for what ends (`app.horloge`).

    Raises:
        Invalide: the address isn't https, or the certificate file can't be read.
    """

    strategie = "psc_proxy"

    def __init__(self, base_url: str, ca_pem_path: str | Path | None = None,
                 client_id: str = "pleiade", *, meteo: Meteo | None = None,
                 horloge: Callable[[], datetime] = lambda: datetime.now(UTC),
                 chrono: Callable[[], float] = ecoule) -> None:
        adresse = urlsplit(base_url)
        if adresse.scheme != "https" or not adresse.hostname or adresse.username:
            raise Invalide("L’adresse du Proxy e-santé doit commencer par https://.",
                           service="proxy", code="ADRESSE")
        self.client_id = client_id
        self.meteo = meteo or Meteo()
        self.sur_session: Callable[[SessionPsc | None], None] | None = None
        """Told, in the calling thread, when a session opens or ends."""
        self._base_url = base_url.rstrip("/")
        self._origine = (adresse.scheme, adresse.hostname, adresse.port or 443)
        self._http = HttpAnnulable(self._base_url, _contexte_tls(ca_pem_path), "proxy")
        self._horloge, self._chrono = horloge, chrono
        self._fin = 0.0
        """When the session ends, on `chrono`."""
        self._verrou = threading.Lock()
        self._session: SessionPsc | None = None
        self._cookie = ""
        self._ouverture = threading.Lock()
        """One session opens at a time, here as over there: the last one is the one kept."""

    # --- Session ----------------------------------------------------------------------------

    @property
    def session(self) -> SessionPsc | None:
        """The session, or None when there is none or its time has passed.

        Its end, as shown, follows a date that was corrected meanwhile.
        """
        with self._verrou:
            reste = self._fin - self._chrono()
            if self._session is None or reste <= 0:
                return None
            fin = self._horloge() + timedelta(seconds=reste)
            if abs(fin - self._session.expire_le) > _ECART:
                self._session = replace(self._session, expire_le=fin)
            return self._session

    def connecter_navigateur(self, ouvrir_url: Callable[[str], None],
                             annule: Annulation | None = None, *,
                             de_nouveau: bool = False) -> SessionPsc:
        """Log in by the external browser (SC.PSC.01, flow of `spec/psc.md` §2).

        Args:
            ouvrir_url: opens an address in the browser of the system.
            annule: True gives up.
            de_nouveau: authenticate even in a browser that is still logged in.

        Raises:
            Annule, Refuse, SessionExpiree: given up, refused, not finished within five minutes.
            Indisponible: proxy or Pro Santé Connect out of reach.
        """
        with RetourNavigateur() as retour:
            debut = self._json("POST", "/session/nouvelle", annule=annule,
                               corps={"clientId": self.client_id, "retour": retour.adresse,
                                      **({"fraiche": True} if de_nouveau else {})})
            code, url = champ(debut, "code"), champ(debut, "url")
            vers = urlsplit(url)
            if (vers.scheme, vers.hostname, vers.port or 443) != self._origine:
                raise Invalide("Le Proxy e-santé propose une page de connexion qui n’est pas la "
                               "sienne. Elle n’a pas été ouverte.", service="proxy", code="ORIGINE")
            ouvrir_url(url)
            ticket = retour.attendre(annule)
        with self._ouverture:
            with self._verrou:
                ancien = self._cookie
            # With the former cookie: the proxy ends the session that this one replaces.
            reponse = self._appeler("POST", "/session/ticket", annule=annule, cookie=ancien,
                                    corps={"code": code, "ticket": ticket})
            return self._ouvrir(reponse, "navigateur")

    def connecter_ciba(self, national_id: str, message_liaison: str, canal: str,
                       annule: Annulation | None = None) -> SessionPsc:
        """Log in by CIBA: blocks until the professional answered on the phone or the card tool.

        Args:
            national_id: SubjectNameID (`8` + RPPS).
            message_liaison: the two digits shown to the professional.
            canal: `MOBILE` or `CARD`.
            annule: True drops the request (there is no other way to cancel it).

        Raises:
            Refuse: refused on the device, or left without an answer.
            Rejete: unknown national id, wrong field.
            Indisponible, Annule.
        """
        garde = ""
        actuelle = self.session
        if actuelle is not None and actuelle.subject_name_id == national_id:
            with self._verrou:
                garde = self._cookie
        else:
            # The proxy answers 304 to a live cookie whatever the body says: end it first.
            self._finir_discretement()
        reponse = self._appeler(
            "POST", "/connect", delai=DELAI_CIBA_S, annule=annule, cookie=garde,
            corps={"nationalId": national_id, "bindingMessage": message_liaison,
                   "clientId": self.client_id, "channel": canal})
        if reponse.status == 304:
            if actuelle is None or not garde:
                raise Invalide("Le Proxy e-santé répond par une session inconnue.",
                               service="proxy", code="HTTP 304")
            return actuelle
        return self._ouvrir(reponse, canal, national_id)

    def deconnecter(self) -> None:
        """Log out, here and at Pro Santé Connect. The local session ends whatever happens.

        Raises:
            Indisponible: the proxy couldn't be told.
        """
        with self._verrou:
            cookie = self._cookie
        self._oublier()
        if not cookie:
            return
        try:
            self._appeler("DELETE", "/disconnect", cookie=cookie)
        except SessionExpiree:
            # Already ended over there: nothing left to do.
            return

    def _finir_discretement(self) -> None:
        """End the session of a former user; the next login doesn't depend on it."""
        try:
            self.deconnecter()
        except ErreurService as erreur:
            journal.info("session précédente non fermée au proxy : %s", erreur.code)

    def profil(self) -> ProfilUtilisateur:
        """Who is connected, from the UserInfo of Pro Santé Connect.

        Raises:
            SessionExpiree, Indisponible, Invalide.
        """
        return lire_profil(self._json("GET", "/session/userinfo", cookie=self._exiger_cookie()))

    def jeton_psc(self) -> tuple[str, float]:
        """The access token of Pro Santé Connect, for the mail server alone; seconds it has left.

        Never stored, never logged (`jetons_messagerie` keeps it while it lives).

        Raises:
            SessionExpiree: Pro Santé Connect ended its session, even if the APIs' tokens live on.
            Indisponible.
        """
        reponse = self._json("GET", "/session/jeton-psc", cookie=self._exiger_cookie())
        duree = reponse.get("expires_in")
        reste = float(duree) if isinstance(duree, int | float) and duree > 0 else 0.0
        return champ(reponse, "access_token"), reste

    def cle_publique(self, sujet: str) -> tuple[str, str]:
        """Public key for which the key of a file is sealed for a professional, and its version.

        Raises:
            Rejete: this proxy doesn't open patient files.
        """
        reponse = self._json("GET", f"/session/part?{urlencode({'sujet': sujet})}",
                             cookie=self._exiger_cookie())
        return champ(reponse, "cle_publique"), champ(reponse, "version")

    def part(self, point: str, version: str) -> str:
        """The half that opens what was sealed for the connected professional.

        Raises:
            Refuse: code `PSC-ANCIENNE` when she didn't authenticate by hand a moment ago.
        """
        return champ(self._json("POST", "/session/part", cookie=self._exiger_cookie(),
                                corps={"point": point, "version": version}), "part")

    def actualiser(self) -> SessionPsc | None:
        """Ask the proxy how long the session still lives; doesn't count as an activity.

        Raises:
            Indisponible: nobody can tell; what was known stays.
        """
        actuelle = self.session
        if actuelle is None:
            return None
        cookie = self._exiger_cookie()
        try:
            etat = self._json("GET", "/session/etat", cookie=cookie)
        except (SessionExpiree, Rejete):
            # Ended over there, or a proxy whose own routes are closed.
            return self.session
        duree = etat.get("expires_in")
        if not isinstance(duree, int | float):
            return actuelle
        reste = max(0.0, float(duree))
        nouvelle = replace(actuelle, expire_le=self._horloge() + timedelta(seconds=reste),
                           psc_active=etat.get("psc_active") is not False)
        with self._verrou:
            if self._cookie == cookie:
                self._session, self._fin = nouvelle, self._chrono() + reste
        return self.session

    def fermer(self) -> None:
        """Drop calls in flight and close connections; the session is left to end by itself."""
        self._http.fermer()

    # --- Transport --------------------------------------------------------------------------

    def envoyer(self, api: str, chemin: str, corps: bytes, content_type: str, *, delai: float,
                annule: Annulation | None = None) -> Reponse:
        """POST to `/send/{api}{chemin}` (`spec/psc.md` §4.3); see `Transport.envoyer`."""
        cookie = self._exiger_cookie()
        reponse = self._http.appeler(
            "POST", f"/send/{api}{chemin}", corps=corps, delai=delai, annule=annule, service=api,
            entetes={"Content-Type": content_type, **self._entetes(cookie)})
        descripteur = descripteur_de(reponse)
        if descripteur is None:
            return reponse
        if reponse.status == 401 or descripteur.get("message") == _AUTRE_UTILISATEUR:
            raise self._session_refusee(descripteur, cookie)
        if reponse.status == 404:
            raise Invalide("Le Proxy e-santé ne connaît pas ce service.", service=api,
                           code="HTTP 404", remede=Remede.ETAT_SERVICES)
        raise erreur_http(reponse.status, api)

    # --- Inside -----------------------------------------------------------------------------

    def _ouvrir(self, reponse: Reponse, moyen: str, national_id: str = "") -> SessionPsc:
        """Keep the session that the proxy opened.

        The official `/connect` tells neither how long it lives nor whose it is: a route of the
        proxy's own does, where it isn't closed.
        """
        corps = corps_json(reponse)
        cookie = champ(corps, COOKIE)
        etat = corps
        if "expires_in" not in corps:
            try:
                etat = self._json("GET", "/session/etat", cookie=cookie)
            except Rejete:
                etat = {"subject_name_id": national_id}
        duree = etat.get("expires_in")
        secondes = duree if isinstance(duree, int | float) and duree > 0 else DUREE_DEFAUT_S
        maintenant = self._horloge()
        session = SessionPsc(
            session_state=str(corps.get("session_state", "")), ouverte_le=maintenant,
            expire_le=maintenant + timedelta(seconds=float(secondes)),
            subject_name_id=champ(etat, "subject_name_id"), moyen=moyen)
        with self._verrou:
            self._session, self._cookie = session, cookie
            self._fin = self._chrono() + float(secondes)
        self.meteo.rearmer()
        if self.sur_session is not None:
            self.sur_session(session)
        return session

    def _oublier(self, si: str = "") -> None:
        """Forget the session; only if its cookie is still `si`, when given."""
        with self._verrou:
            if si and si != self._cookie:
                return
            avait = self._session is not None
            self._session, self._cookie = None, ""
        if avait and self.sur_session is not None:
            self.sur_session(None)

    def _exiger_cookie(self) -> str:
        if self.session is None:
            raise SessionExpiree("Connectez-vous à Pro Santé Connect pour continuer.",
                                 service="psc", code="SESSION")
        with self._verrou:
            return self._cookie

    def _entetes(self, cookie: str) -> dict[str, str]:
        """The cookie, and whose session we believe it is."""
        with self._verrou:
            session = self._session if cookie == self._cookie else None
        entetes = {"Cookie": f"{COOKIE}={cookie}"}
        if session is not None and session.subject_name_id.isascii():
            entetes[ENTETE_UTILISATEUR] = session.subject_name_id
        return entetes

    def _json(self, methode: str, chemin: str, *, corps: Mapping[str, Any] | None = None,
              cookie: str = "", annule: Annulation | None = None) -> Mapping[str, Any]:
        return corps_json(self._appeler(methode, chemin, corps=corps, cookie=cookie,
                                         annule=annule))

    def _appeler(self, methode: str, chemin: str, *, corps: Mapping[str, Any] | None = None,
                 cookie: str = "", delai: float = DELAI_S,
                 annule: Annulation | None = None) -> Reponse:
        """Call a route of the proxy itself; 2xx and 304 come back, the rest is raised."""
        self.meteo.entrer("proxy")
        entetes = {"Accept": "application/json"}
        if corps is not None:
            entetes["Content-Type"] = "application/json"
        if cookie:
            entetes |= self._entetes(cookie)
        donnees = b"" if corps is None else json.dumps(dict(corps)).encode()
        try:
            reponse = self._http.appeler(methode, chemin, delai=delai, corps=donnees,
                                         entetes=entetes, annule=annule)
        except BaseException as erreur:
            self.meteo.noter("proxy", erreur)
            raise
        self.meteo.noter("proxy", None)
        if 200 <= reponse.status < 300 or reponse.status == 304:
            return reponse
        descripteur = descripteur_de(reponse) or {}
        message = descripteur.get("message")
        if cookie and ((reponse.status == 401 and chemin not in _CONNEXIONS)
                       or message == _AUTRE_UTILISATEUR):
            raise self._session_refusee(descripteur, cookie)
        if message == _AUTHENTIFICATION_ANCIENNE:
            raise Refuse("Votre navigateur était déjà connecté à Pro Santé Connect\u00a0: ce n’est "
                         "pas une preuve que c’est vous. Confirmez sur votre téléphone, ou "
                         "recommencez.", service="psc", code="PSC-ANCIENNE")
        raise refus(reponse, descripteur)

    def _session_refusee(self, descripteur: Mapping[str, Any], cookie: str) -> SessionExpiree:
        """A 401 of the proxy: either our session is over, or Pro Santé Connect's alone is."""
        if descripteur.get("message") in (*_SANS_SESSION, _AUTRE_UTILISATEUR):
            self._oublier(si=cookie)
        return SessionExpiree("Votre session Pro Santé Connect est terminée. Reconnectez-vous.",
                              service="psc", code="SESSION")


def _contexte_tls(ca_pem_path: str | Path | None) -> ssl.SSLContext:
    try:
        contexte = ssl.create_default_context(
            cafile=None if ca_pem_path is None else str(ca_pem_path))
    except OSError as erreur:
        raise Invalide("Le certificat de l’autorité du Proxy e-santé est illisible.",
                       service="proxy", code="TLS") from erreur
    contexte.minimum_version = ssl.TLSVersion.TLSv1_2
    return contexte
