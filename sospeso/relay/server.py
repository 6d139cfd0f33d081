"""The relay's HTTP side: who may open a WebSocket, health and metrics, the way down.

`make_app` gives an aiohttp application, which tests mount in their own loop and a site of yours can
mount beside others; `serve` runs it (`sospeso relay`).

Invariants
 1. Without an allow-list nothing is reachable; `sospeso relay` starts with a key, or being told to
    do without.
 2. After SIGTERM no WebSocket and no stream begins; those that are open have `drain_seconds`.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, web

from ..paths import UserError
from .limits import Limits, Usages
from .policy import AllowList
from .records import Log, Metrics
from .session import LARGEST_MESSAGE, Lookup, Rights, Session, look_up
from .tokens import PREFIX, BadToken, Token, read_token

PROTOCOL = "wisp-v2"
PING_SECONDS = 30.0


@dataclass(frozen=True)
class RelayOptions:
    """How a relay behaves.

    Attributes:
        allow: entries of the allow-list (policy.py).
        key: what tokens are signed with; None: anybody may come, from `origins`.
        audience: the name that tokens have to be for.
        origins: pages that may come, such as "https://example.org"; "*" is any. Programs that are
            no pages say no origin; the token is what stops them.
        limits: of each token; without tokens, of each address that clients come from.
        udp: whether datagrams are carried.
        behind_proxy: take clients' addresses from X-Forwarded-For.
        drain_seconds: how long what is open may go on after SIGTERM.
    """

    allow: tuple[str, ...] = ()
    key: bytes | None = None
    audience: str = "relay"
    origins: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    udp: bool = True
    behind_proxy: bool = False
    drain_seconds: float = 30.0


class Relay:
    """The state of one process: its open WebSockets."""

    def __init__(
        self, options: RelayOptions, log: Log | None = None, lookup: Lookup = look_up
    ) -> None:
        """Read the allow-list.

        Raises:
            BadEntry: an entry means nothing.
        """
        self.options = options
        self.metrics = Metrics()
        self.draining = False
        self._allow = AllowList(options.allow)
        self.log = log or Log()
        self._lookup = lookup
        self._usages = Usages()
        self._sessions: set[Session] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """A request for a WebSocket."""
        try:
            token = self._admit(request)
        except web.HTTPException as refused:
            self.metrics.add("sockets_total", "result", str(refused.status))
            self.log("turned away", why=refused.text, client=self._client(request))
            raise
        limits = self.options.limits if token is None else token.limits
        id = self._client(request) if token is None else token.id
        usage = self._usages.enter(id, limits)
        if usage is None:
            self.metrics.add("sockets_total", "result", "429")
            raise web.HTTPTooManyRequests(text="too many WebSockets of this token are open")
        rights = Rights(self._lists(token), usage, self.options.udp)
        try:
            return await self._serve(request, rights, id)
        finally:
            self._usages.leave(usage)

    async def _serve(self, request: web.Request, rights: Rights, id: str) -> web.StreamResponse:
        offered = _protocols(request)
        ws = web.WebSocketResponse(
            protocols=[PROTOCOL] if PROTOCOL in offered else (),
            heartbeat=PING_SECONDS,
            max_msg_size=LARGEST_MESSAGE,
            compress=False,
        )
        await ws.prepare(request)
        started = time.monotonic()
        session = Session(
            ws,
            rights,
            log=lambda event, **fields: self.log(event, id=id, **fields),
            metrics=self.metrics,
            lookup=self._lookup,
            is_draining=lambda: self.draining,
        )
        self._sessions.add(session)
        self.metrics.add("sockets_total", "result", "101")
        self.metrics.add("sockets")
        self.log("open", id=id, client=self._client(request), origin=request.headers.get("Origin"))
        try:
            await session.run(2 if offered else 1)
        finally:
            self._sessions.discard(session)
            self.metrics.add("sockets", count=-1)
            seconds = round(time.monotonic() - started, 3)
            self.log("close", id=id, seconds=seconds, code=ws.close_code)
        return ws

    def _lists(self, token: Token | None) -> tuple[AllowList, ...]:
        own = None if token is None else token.allow
        return (self._allow,) if own is None else (self._allow, own)

    def _admit(self, request: web.Request) -> Token | None:
        """The token of a request that may have a WebSocket.

        Raises:
            web.HTTPException: it may not.
        """
        if request.headers.get("Upgrade", "").lower() != "websocket":
            raise web.HTTPUpgradeRequired(text="this is a relay: it speaks Wisp over a WebSocket")
        if self.draining:
            raise web.HTTPServiceUnavailable(text="this relay is being shut down")
        origin = request.headers.get("Origin")
        if origin is not None and not {"*", origin} & set(self.options.origins):
            raise web.HTTPForbidden(text=f"pages of {origin} may not use this relay (--origin)")
        if self.options.key is None:
            return None
        given = [name for name in _protocols(request) if name.startswith(PREFIX)]
        if len(given) != 1:
            raise web.HTTPUnauthorized(text="this relay wants a token, as a subprotocol")
        text = given[0].removeprefix(PREFIX)
        options = self.options
        assert options.key is not None
        try:
            return read_token(text, options.key, options.audience, options.limits, time.time())
        except BadToken as error:
            raise web.HTTPUnauthorized(text=f"the token is not accepted: {error}") from None

    def _client(self, request: web.Request) -> str:
        if self.options.behind_proxy:
            # The last entry is the one that our own proxy has put there.
            forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
            if forwarded:
                return forwarded
        return request.remote or "unknown"

    async def drain(self) -> None:
        """Begin nothing new, and wait until what is open has ended, but not for ever."""
        self.draining = True
        end = time.monotonic() + self.options.drain_seconds
        for session in list(self._sessions):
            await session.settled(end - time.monotonic())
        going = [session.close(WSCloseCode.GOING_AWAY, "shut down") for session in self._sessions]
        await asyncio.gather(*going, return_exceptions=True)

    async def health(self, request: web.Request) -> web.Response:
        """200, or 503 for a balancer that is to send nobody here any more."""
        return web.Response(
            status=503 if self.draining else 200, text="draining" if self.draining else "ok"
        )

    async def numbers(self, request: web.Request) -> web.Response:
        """The metrics."""
        return web.Response(text=self.metrics.text(), content_type="text/plain", charset="utf-8")


def _protocols(request: web.Request) -> list[str]:
    header = request.headers.get("Sec-WebSocket-Protocol", "")
    return [name for one in header.split(",") if (name := one.strip())]


def make_app(relay: Relay) -> web.Application:
    """The application: WebSockets at every path that ends in a slash, /healthz."""
    app = web.Application()
    app.router.add_get("/healthz", relay.health)
    app.router.add_get(r"/{path:(?:.*/)?}", relay.handle)

    async def drained(_: web.Application) -> AsyncIterator[None]:
        yield
        if not relay.draining:
            await relay.drain()

    app.cleanup_ctx.append(drained)
    return app


def make_metrics_app(relay: Relay) -> web.Application:
    """Metrics alone, for a port of their own: they say who uses the relay for what."""
    app = web.Application()
    app.router.add_get("/metrics", relay.numbers)
    app.router.add_get("/healthz", relay.health)
    return app


async def serve(relay: Relay, host: str, port: int, metrics: tuple[str, int] | None) -> None:
    """Run a relay until SIGTERM or SIGINT, and its way down.

    Raises:
        UserError: it cannot listen there.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runners: list[web.AppRunner] = []
    try:
        for app, where in ((make_app(relay), (host, port)), (make_metrics_app(relay), metrics)):
            if where is None:
                continue
            runner = web.AppRunner(app, access_log=None, handle_signals=False)
            await runner.setup()
            runners.append(runner)
            try:
                await web.TCPSite(runner, *where).start()
            except OSError as error:
                raise UserError(
                    f"cannot listen on {where[0]}:{where[1]}: {error.strerror}"
                ) from None
            for address in runner.addresses:
                relay.log("listening", address=address[:2])
        await stop.wait()
        relay.log("draining")
        await relay.drain()
    finally:
        for runner in runners:
            await runner.cleanup()
