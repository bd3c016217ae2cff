"""Errors of the proxy and their form on the wire (`spec/psc.md` §4.1).

Every refusal is an ErrorDescriptor: `code` is the HTTP status *as a string*, absent members are
omitted, `metadata` may be empty. Nothing secret is ever put in a message.
"""

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response


class ProxyError(Exception):
    """A refusal that the caller receives as an ErrorDescriptor.

    Args:
        status: HTTP status.
        message: text for the caller; English where the official contract fixes it.
        metadata: `nationalId` and `clientId` of the request, when known.
        headers: further headers (`Retry-After`, `Allow`).
        motif: short word for the log.
    """

    def __init__(self, status: int, message: str, *,
                 metadata: Mapping[str, str] | None = None,
                 headers: Mapping[str, str] | None = None, motif: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.metadata = dict(metadata or {})
        self.headers = dict(headers or {})
        self.motif = motif or str(status)

    def response(self) -> Response:
        """The answer to send."""
        return descriptor(self.status, self.message, self.metadata, self.headers)


class UpstreamRefused(Exception):
    """PSC or an authorization server said no with an OAuth error.

    `error` and `description` are the OAuth members, cut to a sane length.
    """

    def __init__(self, status: int, error: str, description: str = "") -> None:
        self.status = status
        self.error = error[:80]
        self.description = description[:300]
        super().__init__(f"{status} - {self.error} : {self.description}")


class UpstreamDown(Exception):
    """PSC, an authorization server or an API can't answer.

    `status` is what the caller gets: 502, 503 or 504 as received; 503 when the connection is
    refused, 504 after a time-out, 500 when TLS can't be set up (`spec/psc.md` §4.3).
    """

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(f"{status} {reason}")


class InvalidIdToken(Exception):
    """The id_token (or another signed answer of PSC) doesn't prove what it must."""


def descriptor(status: int, message: str, metadata: Mapping[str, str] | None = None,
               headers: Mapping[str, str] | None = None) -> Response:
    """Build an ErrorDescriptor answer."""
    return JSONResponse(
        {"code": str(status), "message": message, "metadata": dict(metadata or {})},
        status_code=status, headers={"Cache-Control": "no-store", **(headers or {})})
