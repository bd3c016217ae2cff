"""Looks for secrets in what the proxy writes. Every test that runs a proxy ends with this look."""

import re
from collections.abc import Iterable
from pathlib import Path

#: Tokens of the doubles, JWTs, and whatever the proxy draws (32 bytes in base64url: session,
#: code, ticket, state).
_SECRETS = re.compile(
    r"eyJ[\w-]{8,}|psc-(?:acces|refresh)-\d+|jeton-as-[\w.]+-\d+|bon-code|\breq-[0-9A-Z]\w+"
    r"|(?i:bearer|basic)\s+[\w.~+/=-]{8,}|(?<![\w:/-])[A-Za-z0-9_-]{43}(?![\w-])")


def secrets(texte: str) -> set[str]:
    """What looks like a secret."""
    return set(_SECRETS.findall(texte))


def _sans_session(ligne: str) -> str:
    """A trace, cut or whole, without the session's id: the contract wants it where `/traces` is
    open."""
    return re.sub(r'"proxy_id_session":"[^"]*', "", ligne)


def rien_de_secret(journal: str, traces: Iterable[Path]) -> None:
    """Fail when the log or the traces hold a secret."""
    assert secrets(journal) == set()
    for fichier in traces:
        for ligne in fichier.read_text(encoding="utf-8", errors="replace").splitlines():
            assert secrets(_sans_session(ligne)) == set(), fichier.name
