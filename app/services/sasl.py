"""SASL by a bearer token, for the mail servers of MSSanté (`spec/mssante.md` §2.1).

XOAUTH2 is the rule (ECO.1.2.1, SC.MSS/CONF.07); OAUTHBEARER (RFC 7628) a fallback. The answers are
bytes before base64: the mail library encodes them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from app.services.errors import Invalide

XOAUTH2, OAUTHBEARER = "XOAUTH2", "OAUTHBEARER"
#: In the order of preference.
MECANISMES = (XOAUTH2, OAUTHBEARER)


@dataclass(frozen=True, slots=True)
class Sasl:
    """One authentication: what to send first, and after a refusal.

    A client that leaves the challenge of a failure without `apres_echec` hangs (§2.1). The token is
    in `initiale` only, which is never shown.
    """

    mecanisme: str
    initiale: bytes = field(repr=False)
    apres_echec: bytes

    def repondeur(self) -> Callable[[bytes], bytes]:
        """What `imaplib` and `smtplib` call at each challenge: the token once, then the end."""
        reste = [self.apres_echec, self.initiale]
        return lambda _defi: reste.pop() if reste else b""


def preparer(mecanisme: str, bal: str, jeton: str, hote: str = "", port: int = 0) -> Sasl:
    """The bytes of one authentication.

    Args:
        mecanisme: `XOAUTH2` or `OAUTHBEARER`.
        bal: address of the box to open, not the person's id.
        jeton: PSC access token.
        hote, port: of the server, for OAUTHBEARER.

    Raises:
        Invalide: another mechanism, or a value that would break out of its field.
    """
    if not bal or not jeton or not (bal + jeton + hote).isascii() \
            or any(ord(c) <= 0x20 or ord(c) == 0x7F for c in bal + jeton + hote):
        raise Invalide("L’adresse de la boîte MSSanté n’est pas valable.", service="mssante",
                       code="SASL")
    if mecanisme == XOAUTH2:
        return Sasl(XOAUTH2, f"user={bal}\x01auth=Bearer {jeton}\x01\x01".encode("ascii"), b"")
    if mecanisme == OAUTHBEARER:
        nom = bal.replace("=", "=3D").replace(",", "=2C")  # gs2-header, RFC 5801
        return Sasl(OAUTHBEARER, f"n,a={nom},\x01host={hote}\x01port={port}\x01"
                    f"auth=Bearer {jeton}\x01\x01".encode("ascii"), b"\x01")
    raise Invalide("Le serveur de messagerie ne propose pas d’identification par Pro Santé "
                   "Connect.", service="mssante", code="SASL")


def choisir(offerts: tuple[str, ...]) -> str:
    """The mechanism to use among those of the server (`AUTH=` of IMAP, `AUTH` of SMTP).

    Raises:
        Invalide: none of ours.
    """
    connus = {m.upper().removeprefix("AUTH=") for m in offerts}
    for mecanisme in MECANISMES:
        if mecanisme in connus:
            return mecanisme
    raise Invalide("Le serveur de messagerie ne propose pas d’identification par Pro Santé "
                   "Connect.", service="mssante", code="SASL")


def statut_refus(defi: bytes) -> str:
    """`status` of the JSON that a server sends with a refusal, "" when it isn't readable."""
    try:
        lu = json.loads(defi[:4096])
    except (ValueError, RecursionError):
        return ""
    statut = lu.get("status") if isinstance(lu, dict) else None
    return statut[:40] if isinstance(statut, str) and statut.isprintable() else ""
