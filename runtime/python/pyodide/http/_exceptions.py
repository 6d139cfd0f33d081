"""What requests raise; the public names are those of pyodide.http and pyodide.http.pyxhr."""

from __future__ import annotations

from typing import Any

from _sospeso_ffi import JsException

__all__ = [
    "AbortError",
    "BodyUsedError",
    "HttpStatusError",
    "XHRError",
    "XHRNetworkError",
    "XHRTimeoutError",
]


class HttpStatusError(OSError):
    """The server answered with a status of 400 to 599."""

    status: int
    status_text: str
    url: str

    def __init__(self, status: int, status_text: str, url: str) -> None:
        self.status = status
        self.status_text = status_text
        self.url = url
        if 400 <= status < 600:
            kind = "Client Error" if status < 500 else "Server Error"
        else:
            kind = "Invalid error code not between 400 and 599"
        super().__init__(f"{status} {kind}: {status_text} for url: {url}")

    def __reduce__(self) -> Any:
        return HttpStatusError, (self.status, self.status_text, self.url)


class BodyUsedError(OSError):
    """The response's body was read already."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*(args or ("Response body is already used",)))


class AbortError(OSError):
    """The request was aborted, or failed before its response was there."""

    def __init__(self, reason: Any = None) -> None:
        self.reason = reason
        if isinstance(reason, JsException):
            reason = getattr(reason, "message", None) or str(reason)
        super().__init__("The request was aborted" if reason is None else str(reason))


class XHRError(OSError):
    """A synchronous request failed."""


class XHRNetworkError(XHRError):
    """A synchronous request got no answer."""


class XHRTimeoutError(XHRError):
    """A synchronous request took too long."""
