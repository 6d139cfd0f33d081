"""A connection that looks like a socket to http.client and sends its request by fetch.

The core cannot open TCP connections in a page, but it can fetch. http.client is left as it is:
it writes a request and parses a response as always, only that the "socket" it gets from
create_connection() collects the request, has the host fetch it (polyfills/http/http.ts) and
reads the response's bytes from a file descriptor, waiting in os.read(). Installed as
_sospeso/http.py in the core's standard library; called by the patched http.client
(cpython/patches/0010-http-client-over-fetch.patch), so urllib, xmlrpc and the like work too.
The patched urllib.request (0027) asks absolute() what a relative address means in a page.

Invariants
 1. Nothing is sent before the request is complete, and nothing at all on a stack that cannot wait.
 2. The descriptor is closed, which aborts the fetch, when the transport and all files made from it
    are closed, and on any exception before the head has arrived.
 3. Exceptions come from where they come natively: a connection that cannot be made fails in
    sendall() (urllib makes a URLError of it), one that breaks or is silent fails in reading.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import socket
import warnings
from typing import Any, NoReturn

import _sospeso_core

__all__ = ["FetchTransport", "absolute", "create_connection"]

Bytes = bytes | bytearray | memoryview

_HEAD_BYTES = 65536

# RFC 3986, section 3.1. urllib's own pattern takes "?q=a:b" for an address of the scheme "?q=a".
_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")


def absolute(address: str) -> str:
    """The whole address for one that is relative to this page or worker, as fetch resolves it.

    Args:
        address: an address without its fragment. One that has a scheme is returned as it is, and
            so is an empty one, which urllib.request refuses: it is hardly ever meant.

    Raises:
        ValueError: neither page nor worker has an address that http reaches (in Node there is
            none, a worker made of a blob has none). The text is urllib's, a note has the cure.
    """
    if not address or _SCHEME.match(address):
        return address
    found: str | None = _sospeso_core.http_absolute(address)
    if found is not None:
        return found
    if ":" in address.partition("/")[0]:
        return address  # urllib sees a scheme in it, and says that it does not know it
    error = ValueError(f"unknown url type: {address!r}")
    error.add_note(
        "A relative address needs a page or worker that was loaded by http or https; there is none "
        "here. Give the whole address (https://...), or read a file with open()."
    )
    raise error


def create_connection(
    address: tuple[str, int],
    timeout: Any = socket._GLOBAL_DEFAULT_TIMEOUT,  # type: ignore[attr-defined]
    source_address: tuple[str, int] | None = None,
) -> FetchTransport | OwnConnection:
    """Like socket.create_connection(): to a server in this runtime, else a transport over fetch.

    With fetch nothing happens before a request is sent, and the source address is its choice.
    """
    own = _own_server(address, timeout, source_address)
    if own is not None:
        return own
    if timeout is socket._GLOBAL_DEFAULT_TIMEOUT:  # type: ignore[attr-defined]
        timeout = socket.getdefaulttimeout()
    return FetchTransport(address[0], address[1], timeout)


class OwnConnection(socket.socket):
    """A connection to a server in this runtime."""

    def start_tls(self) -> None:
        """Called for https, which needs the module ssl.

        Raises:
            OSError: always.
        """
        self.close()
        raise OSError(
            errno.EOPNOTSUPP, "https to a server in this runtime needs ssl, which is not here"
        )


def _own_server(
    address: tuple[str, int], timeout: Any, source_address: tuple[str, int] | None
) -> OwnConnection | None:
    """A connection to whoever listens at the address inside this runtime; None: nobody does.

    Servers outside of it (of the page's own origin on localhost, say) are fetch's.
    """
    try:
        found = socket.getaddrinfo(*address, 0, socket.SOCK_STREAM)
    except OSError:
        return None  # no name of this machine
    for family, kind, protocol, _, target in found:
        connection = OwnConnection(family, kind, protocol)
        try:
            if timeout is not socket._GLOBAL_DEFAULT_TIMEOUT:  # type: ignore[attr-defined]
                connection.settimeout(timeout)
            if source_address is not None:
                connection.bind(source_address)
            connection.connect(target)
        except OSError as error:
            connection.close()
            if error.errno in (errno.ECONNREFUSED, errno.ENETUNREACH, errno.EADDRNOTAVAIL):
                continue
            raise
        return connection
    return None


class FetchTransport:
    """One connection to a host: the methods of a socket that http.client and its users call."""

    family = socket.AF_INET
    type = socket.SOCK_STREAM
    proto = 0

    def __init__(self, host: str, port: int, timeout: float | None) -> None:
        self._fd = -1
        self._host = host
        self._port = port
        self._scheme = "http"
        self._timeout: float | None = None
        self._request = _Request()
        self._ready = b""  # received and not yet read
        self._error: Exception | None = None  # to be raised by the next read
        self._io_refs = 0
        self._closed = False
        self.settimeout(timeout)

    def start_tls(self) -> None:
        """Speak https from now on; fetch checks the certificates."""
        self._scheme = "https"

    # ---- sending ------------------------------------------------------------------------------

    def sendall(self, data: Bytes, flags: int = 0) -> None:
        """Collect the request; when it is complete, send it and wait for the response's head.

        Raises OSError if no connection could be made, RuntimeError if this stack cannot wait.
        """
        if self._closed:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        if self._timeout == 0:
            raise BlockingIOError(errno.EINPROGRESS, os.strerror(errno.EINPROGRESS))
        if not self._request.feed(data):
            return
        whole, self._request = self._request, _Request()
        target = whole.target
        if whole.method == "CONNECT":
            # A proxy's tunnel: fetch finds its own way, only the address changes.
            host, _, port = target.rpartition(":")
            self._host, self._port = host.strip("[]"), int(port)
            self._ready = b"HTTP/1.1 200 Connection established\r\n\r\n"
            return
        self._close_response()
        url = target if target.startswith(("http://", "https://")) else self._url(target)
        request = json.dumps(
            {
                "method": whole.method,
                "url": url,
                "headers": whole.headers,
                "timeout_ms": self._timeout_ms(),
            }
        )
        self._fd = _sospeso_core.http_open(request, whole.body)
        try:
            self._ready = _with_reason(self._read(_HEAD_BYTES))
        except _Deferred as deferred:
            self._error = deferred.error
        except BaseException:
            self._close_response()
            raise

    def send(self, data: Bytes, flags: int = 0) -> int:
        """Like sendall(); everything is taken."""
        self.sendall(data)
        return memoryview(data).nbytes

    def _url(self, target: str) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
        return f"{self._scheme}://{host}:{self._port}{target}"

    # ---- receiving ----------------------------------------------------------------------------

    def recv_into(self, buffer: Bytes, nbytes: int = 0, flags: int = 0) -> int:
        """Fill the buffer with what has come, waiting if nothing has. 0 at the end."""
        view = memoryview(buffer).cast("B")
        data = self.recv(nbytes or len(view))
        view[: len(data)] = data
        return len(data)

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """At most `bufsize` bytes, waiting if none have come. b"" at the end."""
        if self._ready:
            data, self._ready = self._ready[:bufsize], self._ready[bufsize:]
            return data
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        if self._fd < 0:
            return b""  # nothing was asked: as if the server had closed
        try:
            return self._read(bufsize)
        except _Deferred as deferred:
            raise deferred.error from None

    def makefile(
        self, mode: str = "r", buffering: int | None = None
    ) -> io.RawIOBase | io.BufferedReader:
        """A binary file to read the response from."""
        if mode not in ("rb", "br"):
            raise ValueError(f"invalid mode {mode!r} (a fetched response is read with 'rb')")
        raw = socket.SocketIO(self, "r")  # type: ignore[arg-type]
        self._io_refs += 1
        if buffering == 0:
            return raw
        size = io.DEFAULT_BUFFER_SIZE if buffering is None or buffering < 0 else buffering
        return io.BufferedReader(raw, size)

    def _read(self, size: int) -> bytes:
        try:
            return os.read(self._fd, size)
        except OSError as error:
            details = _sospeso_core.http_error(self._fd)
            if details is None:
                if error.errno == errno.ETIMEDOUT:
                    raise _Deferred(TimeoutError("timed out")) from None
                raise
            _raise(json.loads(details))

    # ---- the rest of a socket -----------------------------------------------------------------

    def settimeout(self, value: float | None) -> None:
        """Seconds that each operation may wait; None for ever, 0 not at all."""
        if value is not None:
            value = float(value)
            if value < 0:
                raise ValueError("Timeout value out of range")
        self._timeout = value
        if self._fd >= 0:
            _sospeso_core.http_timeout(self._fd, self._timeout_ms())

    def gettimeout(self) -> float | None:
        return self._timeout

    def setblocking(self, flag: bool) -> None:
        self.settimeout(None if flag else 0.0)

    def getblocking(self) -> bool:
        return self._timeout != 0

    def _timeout_ms(self) -> float:
        return -1.0 if self._timeout is None else self._timeout * 1000

    def fileno(self) -> int:
        return self._fd

    def getpeername(self) -> tuple[str, int]:
        return (self._host, self._port)

    def setsockopt(self, *args: Any) -> None:
        """Accepted and ignored: the connection is the host's."""

    def shutdown(self, how: int) -> None:
        if how != socket.SHUT_WR:
            self._close_response()

    def close(self) -> None:
        """Close; the response goes when the last file made from it is closed too."""
        self._closed = True
        if self._io_refs <= 0:
            self._close_response()

    def _decref_socketios(self) -> None:
        if self._io_refs > 0:
            self._io_refs -= 1
        if self._closed:
            self.close()

    def _close_response(self) -> None:
        fd, self._fd = self._fd, -1
        self._ready = b""
        self._error = None
        if fd >= 0:
            os.close(fd)

    def __enter__(self) -> FetchTransport:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open"
        return f"<FetchTransport {self._scheme}://{self._host}:{self._port} fd={self._fd} {state}>"

    def __del__(self) -> None:
        if not self._closed and self._fd >= 0:
            warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self, stacklevel=2)
        self._close_response()


class _Deferred(Exception):
    """An error that belongs to reading the response, wherever it was noticed."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


def _raise(failure: dict[str, str]) -> NoReturn:
    """Raise what a socket would have raised for a fetch that failed."""
    kind, code, message = failure["kind"], failure["code"], failure["message"]
    if kind == "reset":
        raise _Deferred(
            ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        ) from None
    if kind == "protocol":
        from http.client import BadStatusLine

        raise _Deferred(BadStatusLine(message)) from None
    if kind == "dns":
        number = getattr(socket, "EAI_NONAME", -2)
        raise socket.gaierror(number, "Name or service not known") from None
    if kind == "os":
        number = getattr(errno, code)
        raise OSError(number, os.strerror(number)) from None
    if kind == "tls":
        raise OSError(errno.EPROTO, f"TLS: {message} ({code})") from None
    if kind == "unsupported":
        raise OSError(errno.EOPNOTSUPP, message) from None
    raise ConnectionError(f"fetch failed: {message}") from None


def _with_reason(head: bytes) -> bytes:
    """HTTP/2 has no reason phrases: put in the usual one."""
    line, end, rest = head.partition(b"\r\n")
    if line.endswith(b" ") and end:
        from http.client import responses

        line += responses.get(int(line.split()[1]), "").encode("ascii")
    return line + end + rest


class _Request:
    """The request being written: told about each piece, knows when it is whole."""

    def __init__(self) -> None:
        self.method = ""
        self.target = ""
        self.headers: list[tuple[str, str]] = []
        self.body = bytearray()
        self._data = bytearray()
        self._at = 0  # start of what is not parsed yet
        self._has_head = False
        self._chunked = False
        self._left = 0  # bytes of the body still to come

    def feed(self, data: Bytes) -> bool:
        """Add a piece; true when the request is whole."""
        self._data += data
        if not self._has_head and not self._parse_head():
            return False
        if self._chunked:
            return self._parse_chunks()
        self.body += self._data[self._at :]
        self._left -= len(self._data) - self._at
        self._data.clear()
        self._at = 0
        if self._left < 0:
            del self.body[self._left :]
        return self._left <= 0

    def _parse_head(self) -> bool:
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return False
        lines: list[str] = []
        for line in self._data[:end].decode("latin-1").split("\r\n"):
            if lines and line[:1] in (" ", "\t"):
                lines[-1] += " " + line.strip()  # a folded header
            else:
                lines.append(line)
        self.method, self.target, _ = lines[0].split(" ", 2)
        for line in lines[1:]:
            name, _, value = line.partition(":")
            value = value.strip()
            self.headers.append((name, value))
            if name.lower() == "content-length":
                self._left = int(value)
            elif name.lower() == "transfer-encoding":
                self._chunked = value.lower().endswith("chunked")
        self._at = end + 4
        self._has_head = True
        return True

    def _parse_chunks(self) -> bool:
        data = self._data
        while (line_end := data.find(b"\r\n", self._at)) >= 0:
            size = int(data[self._at : line_end].split(b";")[0], 16)
            start = line_end + 2
            if len(data) < start + size + 2:
                return False
            if size == 0:
                return True
            self.body += data[start : start + size]
            self._at = start + size + 2
        if self._at > _HEAD_BYTES:
            del data[: self._at]
            self._at = 0
        return False
