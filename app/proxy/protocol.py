"""HTTP protocol of the server: uvicorn's, with bounds on headers.

uvicorn's httptools protocol accepts headers of any size and waits for them without end. Here a
connection that hasn't sent complete headers in time is closed (slow-loris), and headers beyond a
size are refused with 431.
"""

import asyncio
import hashlib
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: A peer that doesn't answer our goodbye is left after this, seconds.
ADIEU_S = 2.0


class BoundedProtocol(HttpToolsProtocol):
    """httptools with a deadline and a size for headers. Set the two by `bounded`."""

    delai_s = 10.0
    octets_max = 32768

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._echeance: asyncio.TimerHandle | None = None
        self._octets = 0
        self._attend_entetes = True
        self._refuse = False
        self._poste = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection opens: its headers are awaited."""
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        certificat = None if tls is None else tls.getpeercert(binary_form=True)
        if certificat:
            self._poste = hashlib.sha256(certificat).hexdigest()
        self._armer()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._desarmer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes arrive; the first ones of a request start the deadline."""
        if self._refuse:
            return
        if self._attend_entetes and self._echeance is None:
            self._armer()
        super().data_received(data)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._octets = 0

    def on_url(self, url: bytes) -> None:
        """Bound the request line."""
        super().on_url(url)
        self._compter(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Bound the headers together."""
        super().on_header(name, value)
        self._compter(len(name) + len(value) + 4)

    def on_headers_complete(self) -> None:
        """Headers are there: the deadline is lifted, the request starts."""
        if self._refuse:
            return
        self._attend_entetes = False
        self._desarmer()
        if self._poste:
            # Which workstation it is, where they show certificates: a session stays on its own.
            self.scope["pleiade.poste"] = self._poste  # type: ignore[typeddict-unknown-key]
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if not self._refuse:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete: the next bytes are headers again."""
        if not self._refuse:
            super().on_message_complete()
            self._attend_entetes = True

    def on_response_complete(self) -> None:
        """An answer is sent; a connection that closes now doesn't linger."""
        super().on_response_complete()
        self._borner_adieu()

    def shutdown(self) -> None:
        """The server stops: idle connections close at once."""
        super().shutdown()
        self._borner_adieu()

    def _borner_adieu(self) -> None:
        # TLS waits half a minute for the goodbye of a peer that may be asleep.
        if self.transport.is_closing():
            self.loop.call_later(ADIEU_S, self.transport.abort)

    def _compter(self, octets: int) -> None:
        self._octets += octets
        if self._octets > self.octets_max and not self._refuse:
            self._refuser()

    def _refuser(self) -> None:
        self._refuse = True
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
                b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()

    def _armer(self) -> None:
        self._echeance = self.loop.call_later(self.delai_s, self._trop_lent)

    def _desarmer(self) -> None:
        if self._echeance is not None:
            self._echeance.cancel()
            self._echeance = None

    def _trop_lent(self) -> None:
        self._echeance = None
        if self._attend_entetes and not self.transport.is_closing():
            self.transport.close()


def bounded(delai_s: float, octets_max: int) -> type[BoundedProtocol]:
    """The protocol with these bounds."""
    return type("BoundedProtocol", (BoundedProtocol,),
                {"delai_s": delai_s, "octets_max": octets_max})
