"""Synchronous requests by XMLHttpRequest, for pages and workers: the module `pyodide.http.pyxhr`.

They hold the page until the answer is there, which is what they are for: where a program can
wait, urllib and pyfetch leave the page alive. Used by users' programs and by open_url().
"""

from __future__ import annotations

import json
from typing import Any

from _sospeso_ffi import JsException, js_module, to_js

from ._exceptions import HttpStatusError, XHRError, XHRNetworkError, XHRTimeoutError

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


class XHRResponse:
    """What a synchronous request gave."""

    def __init__(self, xhr: Any, url: str, body: bytes) -> None:
        self._xhr = xhr
        self.status_code: int = xhr.status
        self.status_text: str = xhr.statusText
        self.url: str = xhr.responseURL or url
        self.content = body

    @property
    def headers(self) -> dict[str, str]:
        """The headers that the page may see, by lower-case names."""
        found = {}
        for line in (self._xhr.getAllResponseHeaders() or "").splitlines():
            name, colon, value = line.partition(":")
            if colon:
                found[name.strip().lower()] = value.strip()
        return found

    @property
    def text(self) -> str:
        """The body as text, in the encoding that its headers name, else UTF-8."""
        from email.message import Message

        head = Message()
        head["content-type"] = self.headers.get("content-type", "")
        try:
            return self.content.decode(head.get_content_charset("utf-8"), "replace")
        except LookupError:
            return self.content.decode("utf-8", "replace")

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < 400

    def json(self, **kwargs: Any) -> Any:
        """The body as what json.loads(body, **kwargs) gives."""
        return json.loads(self.content, **kwargs)

    def raise_for_status(self) -> None:
        """Raises HttpStatusError for a status of 400 to 599."""
        if 400 <= self.status_code < 600:
            raise HttpStatusError(self.status_code, self.status_text, self.url)


def send(method: str, url: str, headers: dict[str, str], body: str | bytes | None) -> XHRResponse:
    """Send a request as it is; request() makes one of more convenient arguments."""
    make = getattr(js_module("js"), "XMLHttpRequest", None)
    if make is None:
        raise RuntimeError(
            "there is no XMLHttpRequest here (it is a browser's): "
            "use pyfetch(), or run the program with runPythonAsync()"
        )
    request = make.new()
    request.open(method, url, False)
    for name, value in headers.items():
        request.setRequestHeader(name, value)
    # Bytes as characters of the same numbers: pages may not set responseType here.
    request.overrideMimeType("text/plain; charset=x-user-defined")
    try:
        request.send(to_js(body) if body is not None else None)
    except JsException as error:
        raise XHRNetworkError(f"Network error for {method} {url}") from error
    content = bytes(ord(character) & 0xFF for character in request.responseText)
    return XHRResponse(request, url, content)


def request(
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    params: dict[str, Any] | str | None = None,
    data: Any = None,
    json: Any = None,
    auth: tuple[str, str] | None = None,
    **_: Any,
) -> XHRResponse:
    """Send a request and wait for the answer, blocking the page meanwhile.

    Args:
        method: "GET" and so on.
        url: the address.
        headers: request headers.
        params: added to the address as a query; text is taken as it is.
        data: the body: str, bytes, or a dict that is sent as a form.
        json: the body, sent as JSON.
        auth: user and password for HTTP Basic authentication.
        **_: what other libraries take besides (timeout) has no effect.

    Raises:
        RuntimeError: there is no XMLHttpRequest (in Node).
        XHRNetworkError: no answer came.
    """
    from urllib.parse import urlencode

    sent = {name: str(value) for name, value in (headers or {}).items()}
    given = {name.lower() for name in sent}

    def default(name: str, value: str) -> None:
        if name.lower() not in given:
            sent[name] = value

    if params:
        query = params if isinstance(params, str) else urlencode(params, doseq=True)
        url += ("&" if "?" in url else "?") + query
    body = data
    if json is not None:
        from json import dumps

        body = dumps(json)
        default("Content-Type", "application/json")
    elif isinstance(data, dict):
        body = urlencode(data, doseq=True)
        default("Content-Type", "application/x-www-form-urlencoded")
    if auth is not None:
        from base64 import b64encode

        user, password = auth
        word = b64encode(f"{user}:{password}".encode()).decode()
        default("Authorization", f"Basic {word}")
    return send(method.upper(), url, sent, body)


def get(url: str, **options: Any) -> XHRResponse:
    """request("GET", ...)"""
    return request("GET", url, **options)


def post(url: str, **options: Any) -> XHRResponse:
    """request("POST", ...)"""
    return request("POST", url, **options)


def put(url: str, **options: Any) -> XHRResponse:
    """request("PUT", ...)"""
    return request("PUT", url, **options)


def patch(url: str, **options: Any) -> XHRResponse:
    """request("PATCH", ...)"""
    return request("PATCH", url, **options)


def delete(url: str, **options: Any) -> XHRResponse:
    """request("DELETE", ...)"""
    return request("DELETE", url, **options)


def head(url: str, **options: Any) -> XHRResponse:
    """request("HEAD", ...)"""
    return request("HEAD", url, **options)


def options(url: str, **options: Any) -> XHRResponse:
    """request("OPTIONS", ...)"""
    return request("OPTIONS", url, **options)
