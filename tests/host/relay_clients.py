"""What the tests of the relay speak to it with: Wisp by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp

from sospeso.relay import frames
from sospeso.relay.frames import Kind, Packet, Reason
from sospeso.relay.records import Log
from sospeso.relay.server import PROTOCOL, Relay, RelayOptions, make_app
from sospeso.relay.tokens import PREFIX
from sospeso.server import serving

HERE = "127.0.0.0/8"
LOOPBACK = f"{HERE}:*"
OPEN = RelayOptions(allow=(LOOPBACK,), origins=("*",))


class Quiet(Log):
    """A log that is kept, not written."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []

    def __call__(self, event: str, **fields: Any) -> None:
        self.lines.append({"event": event, **fields})


@asynccontextmanager
async def relay(
    options: RelayOptions = OPEN, lookup: Any = None, **changes: Any
) -> AsyncIterator[tuple[Relay, str]]:
    """A relay that runs, and its address."""
    more = {} if lookup is None else {"lookup": lookup}
    made = Relay(replace(options, **{"drain_seconds": 0.0, **changes}), log=Quiet(), **more)
    async with serving(make_app(made)) as base:
        yield made, base.replace("http:", "ws:") + "/"


class Client:
    """A WebSocket to a relay, packet by packet."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.offered: dict[int, bytes] = {}

    async def next(self) -> Packet:
        """The next packet.

        Raises:
            ConnectionError: the relay has closed the WebSocket.
        """
        message = await self.ws.receive(timeout=20)
        if message.type != aiohttp.WSMsgType.BINARY:
            raise ConnectionError(f"{message.type.name} {message.data} {message.extra}")
        return frames.decode(message.data)

    async def until(self, kind: Kind, stream: int | None = None) -> Packet:
        """The next packet of this kind; others are passed over."""
        while True:
            packet = await self.next()
            if packet.kind == kind and stream in (None, packet.stream):
                return packet

    async def send(self, kind: Kind, stream: int, payload: bytes = b"") -> None:
        await self.ws.send_bytes(frames.encode(kind, stream, payload))

    async def connect(self, stream: int, host: str, port: int, kind: int = frames.TCP) -> None:
        payload = bytes([kind]) + port.to_bytes(2, "little") + host.encode()
        await self.send(Kind.CONNECT, stream, payload)

    async def reason(self, stream: int) -> Reason:
        """Why a stream closes."""
        return Reason((await self.until(Kind.CLOSE, stream)).payload[0])

    async def outcome(self, stream: int) -> str:
        """ "OPENED", or why not."""
        while True:
            packet = await self.next()
            if packet.stream == stream and packet.kind == Kind.OPENED:
                return "OPENED"
            if packet.stream == stream and packet.kind == Kind.CLOSE:
                return Reason(packet.payload[0]).name


@asynccontextmanager
async def client(
    url: str,
    version: int = 2,
    window: int | None = 1 << 20,
    token: str | None = None,
    **headers: str,
) -> AsyncIterator[Client]:
    """A client that has shaken hands; `window` None: one without our extension."""
    protocols = [PROTOCOL] if version == 2 else []
    if token is not None:
        protocols.append(PREFIX + token)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=protocols, headers=headers, max_msg_size=0) as ws,
    ):
        made = Client(ws)
        if version == 2:
            made.offered = frames.extensions(await made.next())
            own = {} if window is None else {frames.EXTENSION_STREAMS: frames.u32(window)}
            await ws.send_bytes(frames.info(own))
        await made.until(Kind.CONTINUE, 0)
        yield made


async def handshake_status(url: str, **headers: str) -> int:
    """The HTTP status by which a relay answers a WebSocket that is asked for with these headers."""
    async with aiohttp.ClientSession() as session:
        try:
            async with session.ws_connect(url, protocols=["wisp-v2"], headers=headers):
                return 101
        except aiohttp.WSServerHandshakeError as error:
            return error.status
