"""Which headers travel through `/send`, each way (`spec/psc.md` §4.3).

Hop-by-hop headers stay on their hop. So does what is about the way and not about the call: an
address, a certificate or another target, which an intermediary of the API might believe.
"""

import re

Entetes = list[tuple[bytes, bytes]]

_SAUT = {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
         b"proxy-connection", b"proxy-authentication-info", b"te", b"trailer",
         b"transfer-encoding", b"upgrade"}
#: Never forwarded: ours, or about the way.
_ALLER = _SAUT | {b"host", b"authorization", b"cookie", b"cookie2", b"expect", b"forwarded",
                  b"via", b"proxy", b"http2-settings", b"max-forwards", b"content-length",
                  b"x-real-ip", b"x-client-ip", b"true-client-ip", b"x-cluster-client-ip",
                  b"x-host", b"x-http-method", b"x-http-method-override", b"x-method-override",
                  b"client-cert", b"client-cert-chain", b"x-client-cert"}
_ALLER_DEBUTS = (b"x-forwarded-", b"x-original-", b"x-rewrite-", b"x-ssl-", b"ssl-client-",
                 b"x-pleiade-", b"x-envoy-")
#: A cookie of the API could pass for the session's, an echo could hold its token; the date is the
#: server's; the others tell a browser about the whole site, which is the proxy's.
_RETOUR = _SAUT | {b"set-cookie", b"set-cookie2", b"authorization", b"date", b"server",
                   b"alt-svc", b"clear-site-data", b"strict-transport-security",
                   b"public-key-pins"}

_ILLISIBLE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def towards_api(entetes: Entetes) -> Entetes:
    """Headers of a request that go on to the API."""
    return [(nom, valeur) for nom, valeur in end_to_end(entetes)
            # Some servers take an underscore for a hyphen.
            if (plat := nom.replace(b"_", b"-")) not in _ALLER
            and not plat.startswith(_ALLER_DEBUTS)]


def towards_caller(entetes: Entetes, statut: int) -> Entetes | None:
    """Headers of an answer that go back to the caller; None when they can't be sent."""
    retires = _RETOUR
    if statut == 304 or any(nom.lower() == b"transfer-encoding" for nom, _ in entetes):
        # There is no body to measure, or chunks measure it better (RFC 9112 §6.3).
        retires = _RETOUR | {b"content-length"}
    gardes = [(nom, valeur) for nom, valeur in end_to_end(entetes) if nom not in retires]
    if any(_ILLISIBLE.search(valeur) for _, valeur in gardes):
        return None
    return gardes


def end_to_end(entetes: Entetes) -> Entetes:
    """Headers that `Connection` doesn't name, their names in lower case."""
    nommes = {mot.strip().lower() for nom, valeur in entetes if nom.lower() == b"connection"
              for mot in valeur.split(b",")}
    return [(nom.lower(), valeur) for nom, valeur in entetes if nom.lower() not in nommes]
