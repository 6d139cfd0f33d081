"""The dev server: a folder and dist/ over HTTP, the way a browser wants wasm served.

Why: `python -m http.server` gets MIME types of .mjs wrong on some systems, compresses nothing and
cannot send the headers that SharedArrayBuffer and origin trials need. Used by `sospeso serve`, by
`run --engine chromium` and by the browser tests, which mount `make_app()` in their own loop.

A compressed copy comes from `name.br`/`name.gz` beside the file if it is not older than the file,
else it is made once and kept in memory for as long as the file stays the same.
"""

from __future__ import annotations

import asyncio
import errno
import gzip
import ipaddress
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import brotli
from aiohttp import web

from .origin_trial import read_token
from .paths import UserError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MIME = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".htm": "text/html; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".py": "text/x-python; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ts": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".whl": "application/zip",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}

# Worth compressing. A zip is: ours is stored, not deflated, so that the transfer compresses better.
COMPRESSED = {".css", ".html", ".js", ".json", ".map", ".mjs"}
COMPRESSED |= {".py", ".svg", ".ts", ".txt", ".wasm", ".zip"}
SMALLEST_COMPRESSED = 1024
BROTLI_QUALITY = 5  # 7 MB in a third of a second


@dataclass(frozen=True)
class ServerOptions:
    """What `make_app` serves and how.

    Attributes:
        root: the folder at /.
        dist: the folder at /dist/.
        coop: send the headers that make the page cross-origin isolated (SharedArrayBuffer).
        origin_trial: token sent with every page, or None.
        names: names of this machine by which it may be asked, beside its own and localhost.
    """

    root: Path
    dist: Path
    coop: bool = False
    origin_trial: str | None = None
    names: tuple[str, ...] = ()


class Compressor:
    """Compressed copies of files, made off the event loop and remembered."""

    def __init__(self) -> None:
        self._made: dict[tuple[Path, str, int, int], bytes] = {}

    async def get(self, path: Path, coding: str) -> bytes:
        """The bytes of `path` in `coding` ("br" or "gzip")."""
        status = path.stat()
        beside = path.with_name(path.name + (".br" if coding == "br" else ".gz"))
        if beside.is_file() and beside.stat().st_mtime_ns >= status.st_mtime_ns:
            return await asyncio.to_thread(beside.read_bytes)
        key = (path, coding, status.st_size, status.st_mtime_ns)
        if key not in self._made:
            for old in [k for k in self._made if k[:2] == key[:2]]:
                del self._made[old]
            self._made[key] = await asyncio.to_thread(self._compress, path, coding)
        return self._made[key]

    @staticmethod
    def _compress(path: Path, coding: str) -> bytes:
        data = path.read_bytes()
        if coding == "br":
            packed: bytes = brotli.compress(data, quality=BROTLI_QUALITY)
            return packed
        return gzip.compress(data, compresslevel=6, mtime=0)


def accepted_coding(header: str) -> str | None:
    """The best of our codings that an Accept-Encoding header takes: "br", "gzip" or None."""
    quality: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, parameters = part.strip().partition(";")
        weight = 1.0
        if parameters.strip().startswith("q="):
            try:
                weight = float(parameters.strip()[2:])
            except ValueError:
                weight = 0.0
        quality[name.strip()] = weight
    for coding in ("br", "gzip"):
        if quality.get(coding, quality.get("*", 0.0)) > 0:
            return coding
    return None


def is_known_host(header: str, names: tuple[str, ...] = ()) -> bool:
    """Whether a Host header names this machine.

    A page of the web may give its own name this machine's address (DNS rebinding), and would then
    read what is served here. Such a request has that page's name in it; an address cannot be taken
    over.
    """
    host = header.rpartition(":")[0] if header.rpartition(":")[2].isdecimal() else header
    host = host.removeprefix("[").removesuffix("]").rstrip(".").lower()
    own = {"localhost", socket.gethostname().lower(), *(name.lower() for name in names)}
    if host in own or host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_hidden(relative: Path) -> bool:
    """Whether a path leads through a name with a dot, such as .git; RFC 8615's is public."""
    return any(part.startswith(".") and part != ".well-known" for part in relative.parts)


def resolve(root: Path, relative: str) -> Path | None:
    """The file below `root` that a URL path means; None when it is none, hidden or outside."""
    base = root.resolve()
    asked = Path(relative.lstrip("/"))
    path = (base / asked).resolve()
    if not path.is_relative_to(base) or is_hidden(asked) or is_hidden(path.relative_to(base)):
        return None
    if path.is_dir():
        path = path / "index.html"
    return path if path.is_file() else None


def make_app(
    options: ServerOptions, routes: Mapping[str, Handler] | None = None
) -> web.Application:
    """The application.

    Args:
        options: what is served and how.
        routes: more GET routes, asked before the folders.
    """
    compressor = Compressor()

    async def serve(request: web.Request) -> web.StreamResponse:
        relative = request.match_info["path"]
        if relative == "dist" or relative.startswith("dist/"):
            path = resolve(options.dist, relative[5:])
        else:
            path = resolve(options.root, relative)
        if path is None:
            hint = ""
            if relative.startswith("dist/") and not options.dist.is_dir():
                hint = " (nothing is built yet: make build)"
            raise web.HTTPNotFound(text=f"404: no file /{relative}{hint}\n")
        if path.name == "index.html" and relative and not relative.endswith(("/", ".html")):
            raise web.HTTPFound(f"/{relative}/")  # so that the page's relative links work
        headers = {
            "Content-Type": MIME.get(path.suffix.lower(), "application/octet-stream"),
            "Cache-Control": "no-cache",  # always asked again; unchanged files answer 304
            "X-Content-Type-Options": "nosniff",
        }
        status = path.stat()
        coding = None
        if path.suffix in COMPRESSED and status.st_size >= SMALLEST_COMPRESSED:
            headers["Vary"] = "Accept-Encoding"
            coding = accepted_coding(request.headers.get("Accept-Encoding", ""))
        if coding is None or "Range" in request.headers:
            return web.FileResponse(path, headers=headers)
        etag = f"{status.st_mtime_ns:x}-{status.st_size:x}-{coding}"
        headers["ETag"] = f'"{etag}"'
        if any(tag.value in (etag, "*") for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        headers["Content-Encoding"] = coding
        return web.Response(body=await compressor.get(path, coding), headers=headers)

    @web.middleware
    async def headers(request: web.Request, handler: Handler) -> web.StreamResponse:
        """The options' headers, on every answer: workers and 404 pages need them as well."""
        extra = {}
        if options.coop:
            extra["Cross-Origin-Opener-Policy"] = "same-origin"
            extra["Cross-Origin-Embedder-Policy"] = "require-corp"
            extra["Cross-Origin-Resource-Policy"] = "same-origin"
        if options.origin_trial:
            extra["Origin-Trial"] = options.origin_trial
        if not is_known_host(request.headers.get("Host", ""), options.names):
            raise web.HTTPForbidden(
                text=f"403: this server is not {request.headers.get('Host')!r}. If that is a "
                "name of this machine, allow it: --allow-host NAME\n"
            )
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(extra)
            raise
        if not response.prepared:
            response.headers.update(extra)
        return response

    app = web.Application(middlewares=[headers])
    for path, handler in (routes or {}).items():
        app.router.add_get(path, handler)
    app.router.add_get("/{path:.*}", serve)
    return app


@asynccontextmanager
async def serving(
    app: web.Application, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[str]:
    """Run `app` while the block runs.

    Args:
        app: what to serve.
        host: address to listen on.
        port: TCP port; 0 takes any free one.

    Yields:
        The base URL, without a slash at its end.

    Raises:
        UserError: the port is taken or may not be used.
    """
    # The pages that keep connections open must not hold the shutdown back.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise UserError(explain_bind(error, host, port)) from None
        address: Any = runner.addresses[0]
        name = f"[{address[0]}]" if ":" in address[0] else address[0]
        yield f"http://{name}:{address[1]}"
    finally:
        await runner.cleanup()


def explain_bind(error: OSError, host: str, port: int) -> str:
    """What to tell the user when listening failed."""
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} is taken by another program. Stop that one, or choose another port: "
            f"--port {port + 1} (--port 0 takes any free one)."
        )
    if error.errno == errno.EACCES:
        return f"port {port} needs special rights. Choose one above 1023, e.g. --port 8000."
    return f"cannot listen on {host}:{port}: {error.strerror or error}"


async def serve_forever(options: ServerOptions, host: str, port: int) -> None:
    """`sospeso serve`: runs until it is cancelled (Ctrl-C)."""
    async with serving(make_app(options), host, port) as url:
        print(f"Serving {options.root} at {url}/ (and {options.dist} at {url}/dist/)")
        if options.coop:
            print("Cross-origin isolated: SharedArrayBuffer is available to the page.")
        if options.origin_trial:
            token = read_token(options.origin_trial)
            print(f"Origin trial of {token.feature} until {token.expiry:%Y-%m-%d}.")
            for doubt in token.doubts(url, datetime.now(UTC)):
                print(f"Chrome will not heed the token: {doubt}.")
        print("Ctrl-C stops.")
        sys.stdout.flush()
        await asyncio.Event().wait()
