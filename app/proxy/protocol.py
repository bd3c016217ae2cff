"""HTTP protocol of the server: uvicorn's, with bounds, and deaf to what is ambiguous.

uvicorn's httptools protocol accepts headers of any size and waits for them, or for a reader,
without end. Here a connection that hasn't sent complete headers in time, doesn't read its answer,
or goes on sending a body that was answered already, is closed (slow-loris both ways), and headers
beyond a size are refused with 431. A request that two servers in a row could read differently is
refused (RFC 9112 §3.2, §6.1): the proxy may stand behind another one.
"""

import asyncio
import hashlib
import re
import socket
import sys
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.proxy.config import Limites

#: A peer that doesn't answer our goodbye is left after this, seconds.
ADIEU_S = 2.0

#: Where Linux tells, in TCP_INFO, how many bytes the peer has acknowledged (linux/tcp.h).
_ACQUITTES = 120
_TCP_INFO = getattr(socket, "TCP_INFO", None)

_ABSOLUE = re.compile(rb"https?://([^/?]*)", re.IGNORECASE)

_REFUS = {400: b"Bad Request", 405: b"Method Not Allowed", 431: b"Request Header Fields Too Large",
          505: b"HTTP Version Not Supported"}


class BoundedProtocol(HttpToolsProtocol):
    """httptools with deadlines and a size for headers. Set them by `bounded`."""

    delai_s = 10.0
    octets_max = 32768
    lecture_s = 30.0
    debit_min = 500

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._echeance: asyncio.TimerHandle | None = None
        self._adieu: asyncio.TimerHandle | None = None
        self._lecture: asyncio.TimerHandle | None = None
        self._lus = 0
        self._octets = 0
        self._attend_entetes = True
        self._refuse = False
        self._poste = ""
        self.certificat: bytes | None = None
        """What the workstation showed (DER)."""
        self.courante: Callable[[], bool] = _toujours
        """False once the server's certificates were renewed: this connection then ends with the
        request under way, or the next one."""
        self.annonce: tuple[str, int] | None = None
        """Who calls, where a balancer in front said it."""
        self.depart: Callable[[], None] | None = None
        """Called once the connection is over."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection opens: its headers are awaited."""
        super().connection_made(transport)
        if self.annonce is not None:
            self.client = self.annonce
        tls = transport.get_extra_info("ssl_object")
        self.certificat = None if tls is None else tls.getpeercert(binary_form=True)
        if self.certificat:
            self._poste = hashlib.sha256(self.certificat).hexdigest()
        self._armer()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._desarmer()
        for minuteur in (self._adieu, self._lecture):
            if minuteur is not None:
                minuteur.cancel()
        super().connection_lost(exc)
        if self.depart is not None:
            self.depart()

    def pause_writing(self) -> None:
        """The peer reads more slowly than we write: it has a while to catch up."""
        super().pause_writing()
        if self._lecture is None:
            self._lus = self._acquittes()
            self._lecture = self.loop.call_later(self.lecture_s, self._lecteur_lent)

    def resume_writing(self) -> None:
        """The peer caught up."""
        super().resume_writing()
        if self._lecture is not None:
            self._lecture.cancel()
            self._lecture = None

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
        """Bound the headers together; those that come after a body (trailers) are dropped.

        Nobody in front of this server looks at trailers: none may pass for a header.
        """
        if self._attend_entetes:
            super().on_header(name, value)
        self._compter(len(name) + len(value) + 4)

    def on_headers_complete(self) -> None:
        """Headers are there: the deadline is lifted, the request starts, unless it is ambiguous."""
        if self._refuse:
            return
        statut = self._douteux()
        if statut:
            self._refuser(statut)
            return
        self._attend_entetes = False
        self._desarmer()
        if self._poste:
            # Which workstation it is, where they show certificates: a session stays on its own.
            self.scope["pleiade.poste"] = self._poste  # type: ignore[typeddict-unknown-key]
        super().on_headers_complete()
        if not self.courante():
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if not self._refuse:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete: the next bytes are headers again."""
        if not self._refuse:
            super().on_message_complete()
            self._attend_entetes = True
            if self.cycle.response_complete:
                # The body ended behind its answer: nothing else limits the wait for headers.
                self._desarmer()
                self._armer()

    def on_response_complete(self) -> None:
        """An answer is sent; a connection that closes now doesn't linger.

        Nor does one whose caller goes on sending a body: any byte would lift the delay of idle
        connections.
        """
        super().on_response_complete()
        if (not self._attend_entetes and self.cycle.response_complete
                and self._echeance is None and not self.transport.is_closing()):
            self._echeance = self.loop.call_later(self.delai_s, self._corps_sans_fin)
        self._borner_adieu()

    def shutdown(self) -> None:
        """The server stops: idle connections close at once."""
        super().shutdown()
        self._borner_adieu()

    def send_400_response(self, msg: str) -> None:
        """The bytes make no request; an answer that has begun isn't mixed with ours."""
        cycle = self.cycle
        if cycle is not None and cycle.response_started and not cycle.response_complete:
            self.transport.close()
        else:
            super().send_400_response(msg)
        self._refuse = True
        self._borner_adieu()

    def _unsupported_upgrade_warning(self) -> None:
        """Such a request is refused already."""

    def _douteux(self) -> int:
        """Status that refuses a request which another server could read otherwise, or 0."""
        version = self.parser.get_http_version()
        if version not in ("1.0", "1.1"):
            return 505
        if self.parser.get_method() == b"CONNECT":
            return 405
        # A protocol we don't switch to: the parser would take the body for its first bytes.
        if self.parser.should_upgrade():
            return 400
        hotes = [v for n, v in self.headers if n == b"host"]
        codages = [v for n, v in self.headers if n == b"transfer-encoding"]
        un_hote = len(hotes) == 1 and not any(o in b" ,\t" for o in hotes[0])
        if not (un_hote or (version == "1.0" and not hotes)):
            return 400
        absolue = _ABSOLUE.match(self.url)
        if b"#" in self.url or (self.url[:1] != b"/" and (
                absolue is None or [absolue[1].lower()] != [h.lower() for h in hotes])):
            # Another host than the one named, or a part that never leaves a browser.
            return 400
        if codages and (version == "1.0" or [c.lower() for c in codages] != [b"chunked"]):
            return 400
        return 0

    def _borner_adieu(self) -> None:
        # TLS waits half a minute for the goodbye of a peer that may be asleep.
        if self.transport.is_closing() and self._adieu is None:
            self._partir()

    def _partir(self, lus: int | None = None) -> None:
        """Leave, once the peer no longer reads what was written before the goodbye."""
        acquittes = self._acquittes()
        if lus is not None and acquittes - lus < max(self.debit_min * ADIEU_S, 1):
            self.transport.abort()
            return
        self._adieu = self.loop.call_later(ADIEU_S, self._partir, acquittes)

    def _compter(self, octets: int) -> None:
        self._octets += octets
        if self._octets > self.octets_max and not self._refuse:
            self._refuser(431)

    def _refuser(self, statut: int) -> None:
        self._refuse = True
        if self.transport.is_closing():
            return
        # Behind an answer under way, or after a body began, nothing may be written.
        if self._attend_entetes and (self.cycle is None or self.cycle.response_complete):
            self.transport.write(
                b"HTTP/1.1 %d %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                % (statut, _REFUS[statut]))
        self.transport.close()
        self._borner_adieu()

    def _armer(self) -> None:
        self._echeance = self.loop.call_later(self.delai_s, self._trop_lent)

    def _desarmer(self) -> None:
        if self._echeance is not None:
            self._echeance.cancel()
            self._echeance = None

    def _corps_sans_fin(self) -> None:
        self._echeance = None
        if not self._attend_entetes:
            self.transport.close()
            self._borner_adieu()

    def _lecteur_lent(self) -> None:
        """A reader that is only slow goes on; one that stopped, or nearly, is cut."""
        self._lecture = None
        lus = self._acquittes()
        if lus - self._lus < max(self.debit_min * self.lecture_s, 1):
            self.transport.abort()
            return
        self._lus = lus
        self._lecture = self.loop.call_later(self.lecture_s, self._lecteur_lent)

    def _acquittes(self) -> int:
        """Bytes that the peer's system has received since the connection began."""
        prise = self.transport.get_extra_info("socket")
        if _TCP_INFO is None or prise is None:
            return 0
        try:
            etat = prise.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _ACQUITTES + 8)
        except OSError:
            return 0
        return int.from_bytes(etat[_ACQUITTES:], sys.byteorder)

    def _trop_lent(self) -> None:
        self._echeance = None
        if self._attend_entetes and not self.transport.is_closing():
            self.transport.close()


def _toujours() -> bool:
    return True


def bounded(limites: Limites) -> type[BoundedProtocol]:
    """The protocol with these bounds: headers, a reader's rest, its least pace."""
    return type("BoundedProtocol", (BoundedProtocol,), {
        "delai_s": limites.entetes_delai_s, "octets_max": limites.entetes_octets,
        "lecture_s": limites.lecture_delai_s, "debit_min": limites.debit_min_octets_s})
