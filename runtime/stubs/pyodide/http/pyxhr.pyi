# Synchronous requests; see runtime/python/pyodide/http/pyxhr.py.
from typing import Any

from . import HttpStatusError as HttpStatusError

__all__ = [
    "HttpStatusError",
    "XHRError",
    "XHRNetworkError",
    "XHRResponse",
    "XHRTimeoutError",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "request",
]

class XHRError(OSError): ...
class XHRNetworkError(XHRError): ...
class XHRTimeoutError(XHRError): ...

class XHRResponse:
    status_code: int
    status_text: str
    url: str
    content: bytes
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def text(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    def json(self, **kwargs: Any) -> Any: ...
    def raise_for_status(self) -> None: ...

def request(
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = ...,
    params: dict[str, Any] | None = ...,
    data: Any = ...,
    json: Any = ...,
    auth: tuple[str, str] | None = ...,
) -> XHRResponse: ...
def get(url: str, **options: Any) -> XHRResponse: ...
def post(url: str, **options: Any) -> XHRResponse: ...
def put(url: str, **options: Any) -> XHRResponse: ...
def patch(url: str, **options: Any) -> XHRResponse: ...
def delete(url: str, **options: Any) -> XHRResponse: ...
def head(url: str, **options: Any) -> XHRResponse: ...
def options(url: str, **options: Any) -> XHRResponse: ...
