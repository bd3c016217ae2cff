"""State of the PSC double: client, sessions, codes, CIBA requests, switches (`spec/psc.md` §1)."""

import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from app.sandbox.certificats import STRUCTURE_PROXY
from app.sandbox.horloge import Horloge
from app.sandbox.psc.professionnels import Professionnel, charger

#: Lifetimes in seconds (`spec/psc.md` §1.5).
DUREE_ACCES = 120
DUREE_RAFRAICHISSEMENT = 1800
DUREE_CODE = 60
DUREE_CIBA = 120
DUREE_SSO = 4 * 3600
INACTIVITE_SSO = 30 * 60


@dataclass(slots=True)
class Client:
    """The relying party: `secret` for Basic, `ou` for tls_client_auth."""

    client_id: str = "pleiade"
    secret: str = "secret-fictif-du-bac-a-sable"
    ou: str = STRUCTURE_PROXY
    redirections: set[str] = field(default_factory=set)


@dataclass(slots=True)
class SessionSso:
    """A PSC session, named by its session_state."""

    session_state: str
    professionnel: Professionnel
    client_id: str
    ouverte: float
    vue: float
    fermee: bool = False
    nonce: str = ""


@dataclass(slots=True)
class CodeAutorisation:
    """An authorization code: single use, bound to its request."""

    session: SessionSso
    redirect_uri: str
    defi: str
    nonce: str
    expire: float
    utilise: bool = False


@dataclass(slots=True)
class DemandeCiba:
    """A CIBA request, as the phone or card tool sees it. `decision` empty = still waiting."""

    id: str
    professionnel: Professionnel
    client_id: str
    message: str
    canal: str
    scope: str
    expire: float
    intervalle: int
    reponse_prevue: float
    decision: str
    dernier_essai: float = 0.0
    utilisee: bool = False
    ralentie: bool = False


@dataclass(slots=True)
class Reglages:
    """Switches of the control API."""

    page_auto: bool = False
    page_professionnel: str = "899700000016"
    appareil_decision: str = "approuver"
    appareil_delai_s: float = 0.5
    ciba_intervalle_s: int = 1
    ciba_duree_s: int = DUREE_CIBA
    userinfo_signe: bool = False
    decouverte_standard: bool = False
    cle_active: int = 1
    duree_acces_s: int = DUREE_ACCES
    duree_rafraichissement_s: int = DUREE_RAFRAICHISSEMENT


class RegistrePsc:
    """Everything the double of PSC remembers."""

    def __init__(self, horloge: Horloge) -> None:
        self.horloge = horloge
        self.professionnels = charger()
        self.client = Client()
        self.reglages = Reglages()
        self.sessions: dict[str, SessionSso] = {}
        self.codes: dict[str, CodeAutorisation] = {}
        self.transactions: dict[str, dict[str, str]] = {}
        self.ciba: dict[str, DemandeCiba] = {}
        self.jti_revoques: set[str] = set()
        self.rafraichissements: dict[str, tuple[str, float]] = {}

    def oublier(self) -> None:
        """Back to the state of the start; registered redirections stay."""
        self.reglages = Reglages()
        for magasin in (self.sessions, self.codes, self.transactions, self.ciba,
                        self.rafraichissements):
            magasin.clear()
        self.jti_revoques.clear()

    def structures(self) -> frozenset[str]:
        """Every form of Struct_idNat of the structures where somebody works."""
        return frozenset().union(*(p.structures() for p in self.professionnels.values()))

    def ouvrir_session(self, professionnel: Professionnel) -> SessionSso:
        """Open a PSC session."""
        t = self.horloge.maintenant()
        session = SessionSso(str(uuid.uuid4()), professionnel, self.client.client_id, t, t)
        self.sessions[session.session_state] = session
        return session

    def session_vivante(self, session_state: str) -> SessionSso | None:
        """The session when it is open, younger than 4 h and used in the last 30 min."""
        session = self.sessions.get(session_state)
        t = self.horloge.maintenant()
        if (session is None or session.fermee or t - session.ouverte > DUREE_SSO
                or t - session.vue > INACTIVITE_SSO):
            return None
        return session

    def emettre_code(self, session: SessionSso, demande: dict[str, str], *,
                     expire: bool = False) -> str:
        """Make an authorization code for a checked authorize request."""
        code = f"{uuid.uuid4()}.{session.session_state}.{secrets.token_hex(8)}"
        duree = -1 if expire else DUREE_CODE
        self.codes[code] = CodeAutorisation(
            session, demande["redirect_uri"], demande["code_challenge"], demande["nonce"],
            self.horloge.maintenant() + duree)
        return code

    def terminer(self, session_state: str) -> bool:
        """Close a session and its refresh tokens. False when it was not open."""
        session = self.sessions.get(session_state)
        if session is None or session.fermee:
            return False
        session.fermee = True
        for jti in [j for j, (etat, _) in self.rafraichissements.items() if etat == session_state]:
            del self.rafraichissements[jti]
        return True

    def resume(self) -> dict[str, Any]:
        """What the control API shows. No token."""
        return {
            "sessions": [{"session_state": s.session_state, "professionnel": s.professionnel.id,
                          "vivante": self.session_vivante(s.session_state) is not None}
                         for s in self.sessions.values()],
            "ciba_en_attente": [d.id for d in self.ciba.values() if not d.utilisee],
            "redirections": sorted(self.client.redirections)}
