"""Technical log: one JSON object a line on stderr, without any secret.

Only the fields listed here are written. A session is named by a short digest of its id; whatever
looks like a token is masked, in case a library puts one into a message.
"""

import hashlib
import json
import logging
import re
import sys
import traceback
from datetime import datetime

_CHAMPS = ("requete", "methode", "route", "api", "statut", "duree_ms", "octets_recus",
           "octets_envoyes", "client", "motif", "cause", "statut_amont", "adresse", "fichier",
           "sso_conserve", "rejeu", "evenement", "nombre")

_SECRETS = re.compile(
    r"eyJ[\w-]{4,}(?:\.[\w-]*){1,4}"
    r"|(?i:bearer|basic)\s+[\w.~+/=-]{8,}"
    r"|(?i:access_token|refresh_token|id_token|subject_token|code|ticket|state|client_secret"
    r"|proxy_session_id)=[^&\s\"']+")


def mask(texte: str) -> str:
    """Replace what looks like a token."""
    return _SECRETS.sub("[masqué]", texte)


class JsonFormatter(logging.Formatter):
    """A record as one JSON line."""

    def format(self, record: logging.LogRecord) -> str:
        ligne: dict[str, object] = {
            "date": datetime.fromtimestamp(record.created).astimezone().isoformat(
                timespec="milliseconds"),
            "niveau": record.levelname, "source": record.name, "message": record.getMessage()}
        for champ in _CHAMPS:
            valeur = getattr(record, champ, None)
            if valeur is not None:
                ligne[champ] = valeur
        session = getattr(record, "session", None)
        if session:
            ligne["session"] = hashlib.sha256(str(session).encode()).hexdigest()[:12]
        if record.exc_info:
            # Where it happened and what kind it was: its message may quote what was handled.
            genre, _, trace = record.exc_info
            ligne["exception"] = "".join(traceback.format_tb(trace)) + getattr(
                genre, "__name__", "")
        return mask(json.dumps(ligne, ensure_ascii=False, default=str))


def configure(niveau: str) -> None:
    """Send the log of the proxy to stderr at this level; others' only from WARNING on."""
    sortie = logging.StreamHandler(sys.stderr)
    sortie.setFormatter(JsonFormatter())
    racine = logging.getLogger()
    racine.handlers[:] = [sortie]
    racine.setLevel(logging.WARNING)
    logging.getLogger("pleiade").setLevel(niveau.upper())
    for bavard in ("httpx", "httpcore", "uvicorn.access", "authlib"):
        logging.getLogger(bavard).setLevel(logging.WARNING)
