"""http.client and urllib over the fetch transport, on this machine's own Python.

Why: the transport (polyfills/http/http_fetch.py) is plain Python, and what it owes http.client can
be checked without a core: here `_sospeso_core` is a fake whose responses are pipes. What needs a
real fetch is in tests/runtime/test_http.py.
"""

from __future__ import annotations

import errno
import http.client
import importlib.util
import json
import os
import socket
import sys
import types
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from sospeso.paths import ROOT

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


class FakeCore(types.ModuleType):
    """What polyfills/http/http.c offers; each request is answered by the next of `answers`."""

    def __init__(self) -> None:
        super().__init__("_sospeso_core")
        self.answers: list[bytes | BaseException | dict[str, str]] = []
        self.requests: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.timeouts: list[float] = []
        self.failures: dict[int, str] = {}
        self.base: str | None = None

    def http_open(self, request: str, body: bytes) -> int:
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        self.requests.append(json.loads(request))
        self.bodies.append(bytes(body))
        if isinstance(answer, dict):
            # A descriptor whose reads fail, as those of a failed fetch do.
            fd = os.open(ROOT, os.O_RDONLY)
            self.failures[fd] = json.dumps(answer)
            return fd
        reader, writer = os.pipe()
        os.write(writer, answer)
        os.close(writer)
        return reader

    def http_error(self, fd: int) -> str | None:
        return self.failures.get(fd)

    def http_absolute(self, address: str) -> str | None:
        return None if self.base is None else urljoin(self.base, address)

    def http_timeout(self, fd: int, milliseconds: float) -> None:
        os.fstat(fd)
        self.timeouts.append(milliseconds)


def _open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCore]:
    """The fake, with the transport in http.client's hands; fails on a descriptor left open."""
    fake = FakeCore()
    monkeypatch.setitem(sys.modules, "_sospeso_core", fake)
    before = _open_descriptors()
    yield fake
    assert _open_descriptors() == before, "a response was left open"


@pytest.fixture
def transport(core: FakeCore) -> types.ModuleType:
    path = ROOT / "polyfills/http/http_fetch.py"
    spec = importlib.util.spec_from_file_location("sospeso_http_under_test", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class HTTPConnection(http.client.HTTPConnection):
    """As patched: connect() gets the transport."""

    create: Callable[..., Any]

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._create_connection = type(self).create


@pytest.fixture
def connection(transport: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> type:
    monkeypatch.setattr(
        HTTPConnection, "create", staticmethod(transport.create_connection), raising=False
    )
    return HTTPConnection


@pytest.fixture
def opener(connection: type) -> urllib.request.OpenerDirector:
    class Handler(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> Any:
            return self.do_open(connection, req)

    return urllib.request.build_opener(Handler, urllib.request.ProxyHandler({}))


def test_get(core: FakeCore, opener: urllib.request.OpenerDirector) -> None:
    core.answers = [OK]
    with opener.open("http://example.test/a?b#c") as response:
        assert (response.status, response.reason) == (200, "OK")
        assert response.read() == b"hello"
    assert core.requests[0]["method"] == "GET"
    assert core.requests[0]["url"] == "http://example.test:80/a?b"
    assert ["Host", "example.test"] in core.requests[0]["headers"]
    assert core.bodies == [b""]


def test_post(core: FakeCore, opener: urllib.request.OpenerDirector) -> None:
    core.answers = [OK]
    opener.open("http://example.test:8080/", data=b"\0body").close()
    assert core.requests[0]["url"] == "http://example.test:8080/"
    assert core.requests[0]["method"] == "POST"
    assert core.bodies == [b"\0body"]


def test_a_chunked_body_is_sent_whole(core: FakeCore, connection: type) -> None:
    core.answers = [OK]
    pieces = [b"x" * size for size in (1, 70_000, 3, 70_000)]
    link = connection("example.test")
    link.request("PUT", "/", body=iter(pieces))
    assert link.getresponse().read() == b"hello"
    link.close()
    assert core.bodies == [b"".join(pieces)]


def test_nothing_is_sent_before_the_body_is_complete(core: FakeCore, connection: type) -> None:
    core.answers = [OK]
    link = connection("example.test")
    link.putrequest("POST", "/")
    link.putheader("Content-Length", "4")
    link.putheader("X-Folded", "one", "two")
    link.endheaders()
    link.send(b"ab")
    assert core.requests == []
    link.send(b"cd")
    assert core.bodies == [b"abcd"]
    assert ["X-Folded", "one two"] in core.requests[0]["headers"]
    link.getresponse().close()
    link.close()


def test_a_connection_is_used_for_several_requests(core: FakeCore, connection: type) -> None:
    core.answers = [OK, OK]
    link = connection("example.test")
    for path in ("/1", "/2"):
        link.request("GET", path)
        assert link.getresponse().read() == b"hello"
    link.close()
    assert [request["url"][-2:] for request in core.requests] == ["/1", "/2"]


def test_an_address_of_ipv6_is_bracketed(core: FakeCore, connection: type) -> None:
    core.answers = [OK]
    link = connection("::1", 81)
    link.request("GET", "/")
    link.close()
    assert core.requests[0]["url"] == "http://[::1]:81/"


def test_a_tunnel_changes_the_address_only(core: FakeCore, connection: type) -> None:
    core.answers = [OK]
    link = connection("proxy.test", 3128)
    link.set_tunnel("example.test", 8443)
    link.connect()
    link.sock.start_tls()
    link.request("GET", "/x")
    assert link.getresponse().read() == b"hello"
    link.close()
    assert core.requests[0]["url"] == "https://example.test:8443/x"


def test_a_proxied_request_goes_straight_to_its_server(core: FakeCore, connection: type) -> None:
    core.answers = [OK]
    link = connection("proxy.test", 3128)
    link.request("GET", "http://example.test/x")
    link.close()
    assert core.requests[0]["url"] == "http://example.test/x"


def test_a_missing_reason_is_filled_in(core: FakeCore, connection: type) -> None:
    core.answers = [b"HTTP/1.1 404 \r\n\r\n", b"HTTP/1.1 799 \r\n\r\n"]
    for status, reason in ((404, "Not Found"), (799, "")):
        link = connection("example.test")
        link.request("GET", "/")
        response = link.getresponse()
        assert (response.status, response.reason) == (status, reason)
        response.close()
        link.close()


def test_a_refused_connection_is_an_urlerror(
    core: FakeCore, opener: urllib.request.OpenerDirector
) -> None:
    core.answers = [{"kind": "os", "code": "ECONNREFUSED", "message": ""}]
    with pytest.raises(urllib.error.URLError) as caught:
        opener.open("http://example.test/")
    assert isinstance(caught.value.reason, ConnectionRefusedError)


@pytest.mark.parametrize(
    ("failure", "expected", "words"),
    [
        ({"kind": "dns", "code": "ENOTFOUND", "message": ""}, socket.gaierror, "not known"),
        ({"kind": "os", "code": "ETIMEDOUT", "message": ""}, TimeoutError, "timed out"),
        ({"kind": "tls", "code": "CERT_HAS_EXPIRED", "message": "expired"}, OSError, "expired"),
        ({"kind": "fetch", "code": "", "message": "CORS"}, ConnectionError, "CORS"),
        ({"kind": "unsupported", "code": "", "message": "with GET"}, OSError, "with GET"),
    ],
)
def test_a_connection_that_fails_does_so_while_sending(
    core: FakeCore,
    connection: type,
    failure: dict[str, str],
    expected: type[Exception],
    words: str,
) -> None:
    core.answers = [failure]
    link = connection("example.test")
    with pytest.raises(expected, match=words):
        link.request("GET", "/")
    link.close()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"kind": "reset", "code": "ECONNRESET", "message": ""}, ConnectionResetError),
        ({"kind": "protocol", "code": "HPE_X", "message": "bad"}, http.client.BadStatusLine),
        (b"", http.client.RemoteDisconnected),
    ],
)
def test_a_connection_that_breaks_does_so_while_reading(
    core: FakeCore, connection: type, answer: Any, expected: type[Exception]
) -> None:
    core.answers = [answer]
    link = connection("example.test")
    link.request("GET", "/")
    with pytest.raises(expected):
        link.getresponse()
    link.close()


def test_a_silent_server_is_a_timeout_while_reading(
    core: FakeCore, connection: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    core.answers = [OK]

    def never(fd: int, size: int) -> bytes:
        raise TimeoutError(errno.ETIMEDOUT, "Operation timed out")

    link = connection("example.test", timeout=2.5)
    with monkeypatch.context() as patch:
        patch.setattr(os, "read", never)
        link.request("GET", "/")
        with pytest.raises(TimeoutError, match=r"^timed out$"):
            link.getresponse()
    assert core.requests[0]["timeout_ms"] == 2500
    link.close()


def test_timeouts(core: FakeCore, transport: types.ModuleType, connection: type) -> None:
    core.answers = [OK]
    link = connection("example.test")
    link.request("GET", "/")
    assert core.requests[0]["timeout_ms"] == -1
    assert link.sock.gettimeout() is None
    link.sock.settimeout(0.5)
    assert core.timeouts == [500]
    with pytest.raises(ValueError, match="range"):
        link.sock.settimeout(-1)
    link.close()
    with pytest.raises(BlockingIOError):
        connection("example.test", timeout=0).request("GET", "/")


def test_a_stack_that_cannot_wait_sends_nothing_and_leaves_nothing(
    core: FakeCore, opener: urllib.request.OpenerDirector
) -> None:
    core.answers = [RuntimeError("cannot wait here")]
    with pytest.raises(RuntimeError, match="cannot wait here"):
        opener.open("http://example.test/", data=b"x")


def test_an_exception_while_waiting_closes_the_response(
    core: FakeCore, connection: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    core.answers = [OK]

    def interrupted(fd: int, size: int) -> bytes:
        raise KeyboardInterrupt

    link = connection("example.test")
    with monkeypatch.context() as patch:
        patch.setattr(os, "read", interrupted)
        with pytest.raises(KeyboardInterrupt):
            link.request("GET", "/")
    assert link.sock.fileno() == -1
    link.close()


def test_a_connection_that_nobody_closed_warns_and_closes(
    core: FakeCore, transport: types.ModuleType
) -> None:
    core.answers = [OK]
    sock = transport.create_connection(("example.test", 80))
    sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del sock
    assert [str(warning.message).split()[0] for warning in caught] == ["unclosed"]
    assert caught[0].category is ResourceWarning


def test_the_response_outlives_the_connection(core: FakeCore, transport: types.ModuleType) -> None:
    core.answers = [OK]
    with transport.create_connection(("example.test", 80)) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        file = sock.makefile("rb")
    assert file.readline() == b"HTTP/1.1 200 OK\r\n"
    assert sock.fileno() >= 0
    file.close()
    assert sock.fileno() == -1
    with pytest.raises(OSError, match="Bad file descriptor"):
        sock.sendall(b"")


@pytest.mark.parametrize("address", ["https://x.test/", "data:,x", "blob:https://x.test/1", ""])
def test_what_has_a_scheme_stays_as_it_is(
    core: FakeCore, transport: types.ModuleType, address: str
) -> None:
    core.base = "https://page.test/a/"
    assert transport.absolute(address) == address


@pytest.mark.parametrize("address", ["data.json", "./a:b", "/x", "?q=a:b", "//other.test/x"])
def test_what_has_none_is_relative_to_the_page(
    core: FakeCore, transport: types.ModuleType, address: str
) -> None:
    core.base = "https://page.test/a/"
    assert transport.absolute(address) == urljoin(core.base, address)


def test_without_a_page_the_error_is_native_and_has_the_cure(
    core: FakeCore, transport: types.ModuleType
) -> None:
    with pytest.raises(ValueError, match="data") as caught:
        transport.absolute("data.json")
    assert str(caught.value) == "unknown url type: 'data.json'"
    assert "whole address" in caught.value.__notes__[0]
    assert transport.absolute("?q=a:b") == "?q=a:b", "urllib has its own error for these"
