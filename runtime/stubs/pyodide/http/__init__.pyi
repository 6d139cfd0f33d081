# Requests by the host's fetch; see runtime/python/pyodide/http/__init__.py.
import builtins
from collections.abc import Awaitable, Callable
from io import StringIO
from typing import Any

from ..ffi import JsBuffer, JsFetchResponse, JsProxy
from . import pyxhr as pyxhr
from .pyxhr import XHRError as XHRError
from .pyxhr import XHRNetworkError as XHRNetworkError
from .pyxhr import XHRResponse as XHRResponse

__all__ = [
    "AbortError",
    "BodyUsedError",
    "FetchResponse",
    "HttpStatusError",
    "XHRError",
    "XHRNetworkError",
    "XHRResponse",
    "open_url",
    "pyfetch",
    "pyxhr",
]

class HttpStatusError(OSError):
    """An answer with a status of 400 or above, by `raise_for_status()`."""

    status: int
    status_text: str
    url: str
    def __init__(self, status: int, status_text: str, url: str) -> None: ...

class BodyUsedError(OSError):
    """The body of the response was read before."""

    def __init__(self, *args: Any) -> None: ...

class AbortError(OSError):
    """The request was aborted."""

    reason: Any
    def __init__(self, reason: Any = None) -> None: ...

class FetchResponse:
    js_response: JsFetchResponse
    abort_controller: Any
    abort_signal: Any
    def __init__(
        self,
        url: str,
        js_response: JsFetchResponse,
        abort_controller: Any = None,
        abort_signal: Any = None,
    ) -> None: ...
    @property
    def body_used(self) -> bool: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def ok(self) -> bool: ...
    @property
    def redirected(self) -> bool: ...
    @property
    def status(self) -> int: ...
    @property
    def status_text(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def url(self) -> str: ...
    def raise_for_status(self) -> None: ...
    def clone(self) -> FetchResponse: ...
    def abort(self, reason: Any = None) -> None: ...
    async def buffer(self) -> JsBuffer: ...
    async def text(self) -> str: ...
    async def string(self) -> str: ...
    async def json(self, **kwargs: Any) -> Any: ...
    async def memoryview(self) -> builtins.memoryview: ...
    async def bytes(self) -> builtins.bytes: ...
    async def unpack_archive(
        self, *, extract_dir: str | None = None, format: str | None = None
    ) -> None: ...

async def pyfetch(
    request: str | JsProxy,
    /,
    *,
    signal: JsProxy | None = None,
    fetcher: Callable[..., Awaitable[Any]] | None = None,
    **fetch_kwargs: Any,
) -> FetchResponse: ...
def open_url(url: str) -> StringIO: ...
