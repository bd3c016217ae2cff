"""HTTP/1.1 protocol that shows the TLS peer to the application.

uvicorn does not expose the client certificate, which everything here depends on (mTLS client
authentication, `cnf`): each connection hands its peer to the application through the scope.
"""

import asyncio
import ssl
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

#: Keys added to the ASGI scope.
CLE_CERTIFICAT = "certificat_client"
CLE_TRANSPORT = "transport"


class ProtocoleTls(H11Protocol):
    """uvicorn's protocol; the scope also holds the peer certificate (DER) and the transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the peer of the connection and wrap the application with it."""
        super().connection_made(transport)
        objet: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        der = objet.getpeercert(True) if objet is not None else None
        application = self.app

        async def avec_pair(scope: Any, receive: Any, send: Any) -> None:
            scope[CLE_CERTIFICAT] = der
            scope[CLE_TRANSPORT] = transport
            await application(scope, receive, send)

        self.app = avec_pair
