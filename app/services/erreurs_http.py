"""Every httpx error becomes one of the family, in French, with a remedy (design §7)."""

import ssl

import httpx

from app.services.errors import ErreurService, Indisponible, Invalide, Remede
from app.services.noms import nom_service

#: Errors that can only happen before a byte of the request left.
_AVANT_ENVOI = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError,
                httpx.UnsupportedProtocol)


def traduire(erreur: httpx.HTTPError | httpx.InvalidURL | httpx.StreamError,
             service: str) -> ErreurService:
    """Translate an error of the HTTP client.

    `incertain` is set as soon as the request may have left: the peer can have carried it out.
    """
    sujet = nom_service(service)
    incertain = not isinstance(erreur, (*_AVANT_ENVOI, httpx.InvalidURL))
    tls = _cause_tls(erreur)
    if isinstance(tls, ssl.SSLCertVerificationError):
        return Indisponible(f"{sujet} présente un certificat qui n’est pas valable.",
                            service=service, code="TLS", remede=Remede.ETAT_SERVICES,
                            incertain=False)
    if tls is not None and not incertain:
        return Indisponible(f"La connexion sécurisée avec {_minuscule(sujet)} a échoué.",
                            service=service, code="TLS", remede=Remede.ETAT_SERVICES)
    if isinstance(erreur, httpx.TimeoutException):
        return Indisponible(f"{sujet} ne répond pas dans le temps prévu.", service=service,
                            code="DELAI", incertain=incertain)
    if isinstance(erreur, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return Invalide(f"L’adresse réglée pour {_minuscule(sujet)} n’est pas valable.",
                        service=service, code="ADRESSE")
    if not incertain:
        return Indisponible(f"{sujet} est injoignable. Vérifiez la connexion à Internet.",
                            service=service, code="RESEAU")
    return Indisponible(f"La liaison avec {_minuscule(sujet)} s’est interrompue.",
                        service=service, code="RESEAU", incertain=True)


def _minuscule(sujet: str) -> str:
    return sujet[0].lower() + sujet[1:] if sujet.startswith("Le ") else sujet


def _cause_tls(erreur: BaseException) -> ssl.SSLError | None:
    """The TLS error behind an httpx error, if any."""
    vue: BaseException | None = erreur
    for _ in range(6):
        if vue is None or isinstance(vue, ssl.SSLError):
            return vue
        vue = vue.__cause__ or vue.__context__
    return None
