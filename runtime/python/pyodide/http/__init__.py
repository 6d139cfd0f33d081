"""Requests by the host's fetch: the public module `pyodide.http`.

`pyfetch` is asynchronous and streams nothing into Python that was not asked for; cancelling
the task that awaits it aborts the request. `open_url` is synchronous: it waits where the stack can
wait, and elsewhere uses a synchronous XMLHttpRequest (pyxhr.py), which only pages and workers
have. Used by users' programs; the standard library has a path of its own
(polyfills/http/http_fetch.py).

Invariants
 1. A body is read once; reading it again raises BodyUsedError.
 2. Cancelling a task that awaits a request, or its body, aborts the request.
"""

from __future__ import annotations

import json
from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from io import StringIO
from typing import Any

from _sospeso_core import can_wait
from _sospeso_ffi import JsException, js_module, run_sync, to_js

from . import pyxhr
from ._exceptions import AbortError, BodyUsedError, HttpStatusError, XHRError, XHRNetworkError
from .pyxhr import XHRResponse

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


def _js() -> Any:
    return js_module("js")


# ---- fetch ------------------------------------------------------------------------------------


def _construct(make: Any, *args: Any) -> Any:
    return make.new(*args)


class FetchResponse:
    """A response of fetch: its head is there, its body comes when it is asked for.

    Args:
        url: the address that was asked for.
        js_response: the Response of JavaScript.
        abort_controller: ends the request.
        abort_signal: tells when the request was ended by others.
    """

    def __init__(
        self,
        url: str,
        js_response: Any,
        abort_controller: Any = None,
        abort_signal: Any = None,
    ) -> None:
        self._url = url
        self.js_response = js_response
        self.abort_controller = abort_controller
        self.abort_signal = abort_signal

    @property
    def body_used(self) -> bool:
        """Whether the body was read."""
        used: bool = self.js_response.bodyUsed
        return used

    @property
    def headers(self) -> dict[str, str]:
        """The headers that the page may see, by lower-case names."""
        return {str(name): str(value) for name, value in self.js_response.headers.entries()}

    @property
    def ok(self) -> bool:
        """Whether the status is from 200 to 299."""
        ok: bool = self.js_response.ok
        return ok

    @property
    def redirected(self) -> bool:
        """Whether the answer came from another address than was asked for."""
        redirected: bool = self.js_response.redirected
        return redirected

    @property
    def status(self) -> int:
        """The HTTP status."""
        status: int = self.js_response.status
        return status

    @property
    def status_text(self) -> str:
        """The status in words; empty over HTTP/2."""
        text: str = self.js_response.statusText
        return text

    @property
    def type(self) -> str:
        """basic, cors, opaque and so on, as JavaScript names it."""
        kind: str = self.js_response.type
        return kind

    @property
    def url(self) -> str:
        """Where the answer came from; if JavaScript does not say, what was asked for."""
        return self.js_response.url or self._url

    def raise_for_status(self) -> None:
        """Raises HttpStatusError for a status of 400 to 599."""
        if 400 <= self.status < 600:
            raise HttpStatusError(self.status, self.status_text, self.url)

    def clone(self) -> FetchResponse:
        """The same response once more, whose body can be read apart.

        Raises:
            BodyUsedError: the body was read already.
        """
        self._check_unused()
        return FetchResponse(
            self._url, self.js_response.clone(), self.abort_controller, self.abort_signal
        )

    def abort(self, reason: Any = None) -> None:
        """End the request: who awaits its body gets AbortError.

        Raises:
            ValueError: the response was made without an AbortController.
        """
        if self.abort_controller is None:
            raise ValueError("abort() needs the abort_controller that the request was made with")
        _abort(self.abort_controller, reason)

    def _check_unused(self) -> None:
        if self.js_response.bodyUsed:
            raise BodyUsedError

    async def _read(self, method: str) -> Any:
        self._check_unused()
        aborted = self.abort_signal is not None and self.abort_signal.aborted
        if aborted:
            raise AbortError(getattr(self.abort_signal, "reason", None))
        return await _guarded(getattr(self.js_response, method)(), self.abort_controller)

    async def buffer(self) -> Any:
        """The body as an ArrayBuffer of JavaScript.

        Raises (as all methods that read):
            BodyUsedError: the body was read already.
            AbortError: the request was aborted.
        """
        return await self._read("arrayBuffer")

    async def text(self) -> str:
        """The body as text, decoded as UTF-8."""
        text: str = await self._read("text")
        return text

    async def string(self) -> str:
        """text(), by an older name."""
        return await self.text()

    async def json(self, **kwargs: Any) -> Any:
        """The body as what json.loads(body, **kwargs) gives."""
        return json.loads(await self.text(), **kwargs)

    async def memoryview(self) -> memoryview:
        """The body as a memoryview of a copy."""
        view: memoryview = (await self.buffer()).to_memoryview()
        return view

    async def bytes(self) -> bytes:
        """The body."""
        body: bytes = (await self.buffer()).to_bytes()
        return body

    async def _into_file(self, file: Any) -> None:
        (await self.buffer()).to_file(file)

    async def _create_file(self, path: str) -> None:
        import os

        with open(path, "xb") as file:  # noqa: ASYNC230 - it is in memory
            try:
                await self._into_file(file)
            except BaseException:
                os.unlink(path)  # no file is left where there is no body
                raise

    async def unpack_archive(
        self, *, extract_dir: str | None = None, format: str | None = None
    ) -> None:
        """Unpack the body, an archive, into a folder.

        Args:
            extract_dir: the folder; default: the current one.
            format: "zip", "tar", "gztar", "bztar", "xztar", "wheel" or a file name's ending;
                default: found by the address.

        Raises:
            ValueError: the format is unknown, or a name in the archive leads out of the folder.
            shutil.ReadError: the body is no such archive, or the address does not tell the format.
        """
        import os
        import shutil
        import tempfile
        from urllib.parse import urlsplit

        from pyodide import _package_loader

        name = urlsplit(self.url).path.rpartition("/")[2]
        with tempfile.NamedTemporaryFile(suffix=f"-{name}", delete=False) as file:
            await self._into_file(file)
        try:
            ending = ".".join(name.split(".")[1:])
            if ".tar." in f".{ending}":
                ending = "tar." + ending.rpartition("tar.")[2]
            else:
                ending = ending.rpartition(".")[2]
            if format is None and not _package_loader.is_format(ending):
                raise shutil.ReadError(f"Unknown archive format {name!r}")
            _package_loader.unpack(file.name, format or ending, extract_dir)
        finally:
            os.unlink(file.name)


def _abort(controller: Any, reason: Any) -> None:
    if reason is None:
        controller.abort()
    else:
        controller.abort(to_js(reason))


async def _guarded(promise: Any, controller: Any) -> Any:
    """Await a promise; cancelling aborts it. Whatever fails is an AbortError, as with Pyodide."""
    try:
        return await promise
    except CancelledError:
        if controller is not None:
            controller.abort()
        raise
    except JsException as error:
        raise AbortError(error) from error


async def pyfetch(
    request: Any,
    /,
    *,
    signal: Any = None,
    fetcher: Callable[..., Awaitable[Any]] | Any = None,
    **fetch_kwargs: Any,
) -> FetchResponse:
    """Fetch an address.

    Args:
        request: the address, or a Request of JavaScript.
        signal: an AbortSignal that ends the request.
        fetcher: what to call instead of JavaScript's fetch, with the same arguments.
        **fetch_kwargs: fetch's options: method, headers, body, credentials and so on. Dicts
            become objects.

    Returns:
        The response as soon as its head is there, whatever its status is.

    Raises:
        AbortError: the request was aborted, or no answer came (the network, CORS, a wrong
            address); an OSError, whose __cause__ is what JavaScript threw.
    """
    js = _js()
    controller = _construct(js.AbortController)
    used = controller.signal
    if signal is not None:
        used = js.AbortSignal.any(to_js([signal, used]))
    options = to_js(fetch_kwargs, dict_converter=js.Object.fromEntries)
    options.signal = used
    if fetcher is None:
        fetcher = js.fetch
    response = await _guarded(fetcher(request, options), controller)
    url = request if isinstance(request, str) else getattr(request, "url", str(request))
    return FetchResponse(url, response, controller, used)


# ---- synchronous ------------------------------------------------------------------------------


def open_url(url: str) -> StringIO:
    """Fetch text and wait for it.

    Args:
        url: the address; in pages it may be relative to the page's.

    Returns:
        The text as a file.

    Raises:
        AbortError: no answer came.
        RuntimeError: this stack cannot wait, and there is no XMLHttpRequest (in Node).
    """
    if can_wait():
        return StringIO(run_sync(_fetch_text(url)))
    return StringIO(pyxhr.send("GET", url, {}, None).text)


async def _fetch_text(url: str) -> str:
    return await (await pyfetch(url)).text()
