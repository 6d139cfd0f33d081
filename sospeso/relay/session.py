"""One WebSocket of a client, and the streams it carries.

Invariants
 1. A stream is in `_streams` from its CONNECT until the client knows its end.
 2. What was checked is what is connected to: a name is looked up once for each stream.
 3. A client that breaks the protocol loses its WebSocket; one that is refused loses the stream.
 4. Whatever a client does, it holds no more here than its limits times stream.WINDOW.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from . import frames
from .frames import Address, BadPacket, Kind, Packet, Reason, Resolved
from .limits import Usage
from .policy import AllowList, literal, normal_name
from .records import Metrics
from .stream import PACKETS, WINDOW, TcpStream, UdpStream

Lookup = Callable[[str], Awaitable[list[Address]]]

HANDSHAKE_SECONDS = 5.0
LOOKUP_SECONDS = 10.0
LOOKUPS_AT_ONCE = 32
LARGEST_MESSAGE = 1 << 20


async def look_up(name: str) -> list[Address]:
    """The addresses of a name.

    Raises:
        OSError: it has none (socket.gaierror), or nobody answered (TimeoutError).
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(LOOKUP_SECONDS):
        found = await loop.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    addresses = (ipaddress.ip_address(str(one[4][0]).split("%")[0]) for one in found)
    return list(dict.fromkeys(addresses))


@dataclass(frozen=True)
class Rights:
    """What a session may do.

    Attributes:
        allow: lists that all have to allow a target: the relay's, and the token's if it has one.
        usage: its token's counters.
        udp: whether datagrams are carried.
    """

    allow: tuple[AllowList, ...]
    usage: Usage
    udp: bool = True

    def permit(self, name: str | None, address: Address, port: int | None) -> bool:
        return all(each.allows(name, address, port) for each in self.allow)


class Refused(Exception):
    """A stream that is not opened."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason = reason


class Session:
    """One WebSocket."""

    def __init__(
        self,
        ws: web.WebSocketResponse,
        rights: Rights,
        *,
        log: Callable[..., None],
        metrics: Metrics,
        lookup: Lookup = look_up,
        is_draining: Callable[[], bool] = lambda: False,
    ) -> None:
        self.usage = rights.usage
        self.has_credits = False
        self._ws = ws
        self._rights = rights
        self._log = log
        self._metrics = metrics
        self._lookup = lookup
        self._is_draining = is_draining
        self._streams: dict[int, TcpStream | UdpStream] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._lookups: set[asyncio.Task[None]] = set()
        self._window = 0  # what a client with credits has room for at the start of a stream
        self._last = time.monotonic()

    async def settled(self, seconds: float) -> None:
        """Wait until no stream is open, so long at most."""
        tasks = list(self._tasks.values())
        if tasks and seconds > 0:
            await asyncio.wait(tasks, timeout=seconds)

    async def run(self, version: int) -> None:
        """Serve the WebSocket to its end."""
        watch = asyncio.ensure_future(self._watch())
        try:
            await self._greet(version)
            async for message in self._ws:
                if message.type != WSMsgType.BINARY:
                    raise BadPacket("a message that is text")
                self._last = time.monotonic()
                await self._take(frames.decode(message.data))
        except BadPacket as error:
            self._log("protocol", why=str(error))
            await self._ws.close(code=WSCloseCode.PROTOCOL_ERROR, message=str(error).encode()[:120])
        except (ConnectionError, TimeoutError):
            pass  # the client has gone
        finally:
            watch.cancel()
            await self._end()

    async def close(self, code: int, why: str) -> None:
        """End it from here."""
        await self._ws.close(code=code, message=why.encode())

    # ---- what streams call --------------------------------------------------------------------

    async def send(self, kind: Kind, stream: int, payload: bytes = b"") -> None:
        """Send a packet, as soon as the client takes it."""
        self._last = time.monotonic()
        if kind == Kind.DATA:
            self._metrics.add("bytes_total", "direction", "in", len(payload))
        await self._ws.send_bytes(frames.encode(kind, stream, payload))

    async def finish(self, stream: int, reason: Reason | None) -> None:
        """A stream has ended."""
        self._forget(stream)
        if reason is not None:
            await self._ws.send_bytes(frames.encode(Kind.CLOSE, stream, bytes([reason])))

    # ---- the beginning and the end ------------------------------------------------------------

    async def _greet(self, version: int) -> None:
        if version == 2:
            offered = {frames.EXTENSION_STREAMS: frames.u32(WINDOW)}
            if self._rights.udp:
                offered[frames.EXTENSION_UDP] = b""
            await self._ws.send_bytes(frames.info(offered))
            first = await self._ws.receive(timeout=HANDSHAKE_SECONDS)
            if first.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED):
                raise ConnectionError
            if first.type != WSMsgType.BINARY:
                raise BadPacket("the first message is no INFO packet")
            packet = frames.decode(first.data)
            if packet.kind != Kind.INFO:
                raise BadPacket("the first message is no INFO packet")
            theirs = frames.extensions(packet).get(frames.EXTENSION_STREAMS)
            if theirs is not None:
                self.has_credits = True
                self._window = frames.number(Packet(0, 0, theirs))
        await self._ws.send_bytes(frames.encode(Kind.CONTINUE, 0, frames.u32(PACKETS)))

    async def _watch(self) -> None:
        limits = self.usage.limits
        end = time.monotonic() + limits.total_seconds
        while True:
            left = min(self._last + limits.idle_seconds, end) - time.monotonic()
            if left <= 0:
                break
            await asyncio.sleep(left + 0.01)
        idle = time.monotonic() < end
        self._log("limit", limit="idle_seconds" if idle else "total_seconds")
        await self.close(WSCloseCode.POLICY_VIOLATION, "idle" if idle else "open too long")

    async def _end(self) -> None:
        tasks = [*self._tasks.values(), *self._lookups]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for stream in list(self._streams):
            self._forget(stream)

    def _forget(self, stream: int) -> None:
        if self._streams.pop(stream, None) is not None:
            self._tasks.pop(stream, None)
            self.usage.streams -= 1
            self._metrics.add("streams", count=-1)

    # ---- packets ------------------------------------------------------------------------------

    async def _take(self, packet: Packet) -> None:
        stream = self._streams.get(packet.stream)
        match packet.kind:
            case Kind.CONNECT:
                await self._connect(packet)
            case Kind.DATA if stream is not None:
                self._metrics.add("bytes_total", "direction", "out", len(packet.payload))
                if not stream.feed(packet.payload):
                    raise BadPacket("more bytes than there is room for")
            case Kind.CLOSE if stream is not None:
                self._cancel(packet.stream, stream)
            case Kind.CREDIT if stream is not None and self.has_credits:
                stream.grant(frames.number(packet))
            case Kind.END if stream is not None and self.has_credits:
                stream.end()
            case Kind.RESOLVE if self.has_credits:
                await self._resolve(packet)
            case _:
                pass  # for a stream that has just ended, or of a later version

    def _cancel(self, id: int, stream: TcpStream | UdpStream) -> None:
        task = self._tasks.get(id)
        stream.abort()
        self._forget(id)
        if task is not None:
            task.cancel()

    async def _connect(self, packet: Packet) -> None:
        wanted = frames.connect(packet)
        id = packet.stream
        if id == 0 or id in self._streams:
            raise BadPacket(f"CONNECT for stream {id}, which is taken")
        try:
            self._admit(wanted)
        except Refused as refused:
            await self._refuse(id, wanted, refused)
            return
        made = (
            TcpStream(self, id, self._window) if wanted.kind == frames.TCP else UdpStream(self, id)
        )
        self._streams[id] = made
        self.usage.streams += 1
        self._metrics.add("streams")
        self._start(id, self._open(id, made, wanted))

    def _start(self, id: int, work: Coroutine[Any, Any, None]) -> None:
        self._tasks[id] = asyncio.ensure_future(work)

    def _admit(self, wanted: frames.Connect) -> None:
        if self._is_draining():
            raise Refused(Reason.THROTTLED, "the relay is being shut down")
        if wanted.kind not in (frames.TCP, frames.UDP) or wanted.port == 0:
            raise Refused(Reason.INVALID, "there is no such kind of stream, or no port")
        if wanted.kind == frames.UDP and not self._rights.udp:
            raise Refused(Reason.BLOCKED, "this relay carries no datagrams")
        if self.usage.streams >= self.usage.limits.streams:
            raise Refused(Reason.THROTTLED, "too many connections at once")
        if not self.usage.may_connect():
            raise Refused(Reason.THROTTLED, "too many connections in a minute")

    async def _open(self, id: int, stream: TcpStream | UdpStream, wanted: frames.Connect) -> None:
        try:
            addresses = await self._targets(wanted.host, wanted.port)
        except Refused as refused:
            self._forget(id)
            await self._refuse(id, wanted, refused)
            return
        self._metrics.add("streams_total", "result", "begun")
        self._log("stream", host=wanted.host, port=wanted.port, addresses=addresses)
        try:
            await stream.run(addresses, wanted.port)
        except ConnectionError:
            self._forget(id)  # the WebSocket has gone

    async def _refuse(self, id: int, wanted: frames.Connect, refused: Refused) -> None:
        self._metrics.add("streams_total", "result", refused.reason.name.lower())
        self._log("refused", host=wanted.host, port=wanted.port, why=str(refused))
        await self._ws.send_bytes(frames.encode(Kind.CLOSE, id, bytes([refused.reason])))

    async def _targets(self, host: str, port: int) -> list[Address]:
        """The addresses that a connection may be made to.

        Raises:
            Refused: there is none.
        """
        address = literal(host)
        if address is not None:
            if not self._rights.permit(None, address, port):
                raise Refused(Reason.BLOCKED, "no entry of the allow-list covers the address")
            return [address]
        try:
            name = normal_name(host)
        except ValueError as error:
            raise Refused(Reason.INVALID, str(error)) from None
        # Names that nobody may reach are not even looked up.
        if not all(each.may_resolve(name) for each in self._rights.allow):
            raise Refused(Reason.BLOCKED, "no entry of the allow-list covers the name")
        try:
            found = await self._lookup(name)
        except OSError as error:
            raise Refused(Reason.UNREACHABLE, f"the name is not known: {error}") from None
        allowed = [one for one in found if self._rights.permit(name, one, port)]
        if not allowed:
            raise Refused(Reason.BLOCKED, f"no entry of the allow-list covers any of {found}")
        return allowed

    # ---- names --------------------------------------------------------------------------------

    async def _resolve(self, packet: Packet) -> None:
        if not packet.payload:
            raise BadPacket("RESOLVE that asks for nothing")
        if len(self._lookups) >= LOOKUPS_AT_ONCE or not self.usage.may_connect():
            await self._answer(packet.stream, Resolved.TRY_AGAIN)
            return
        what, name = packet.payload[0], frames.text(packet.payload[1:])
        task = asyncio.ensure_future(self._look_up(packet.stream, what, name))
        self._lookups.add(task)
        task.add_done_callback(self._lookups.discard)

    async def _look_up(self, id: int, what: int, asked: str) -> None:
        try:
            if what == frames.NAME:
                await self._answer(id, *await self._name_of(asked))
            else:
                await self._answer(id, *await self._addresses_of(asked, what))
        except ConnectionError:
            pass  # the WebSocket has gone

    async def _addresses_of(self, asked: str, what: int) -> tuple[Resolved, bytes]:
        try:
            name = normal_name(asked)
        except ValueError:
            return Resolved.UNKNOWN, b""
        if not all(each.may_resolve(name) for each in self._rights.allow):
            return Resolved.BLOCKED, b""
        try:
            found = await self._lookup(name)
        except TimeoutError:
            return Resolved.TRY_AGAIN, b""
        except OSError:
            return Resolved.UNKNOWN, b""
        wanted = [one for one in found if what in (frames.ANY, one.version)]
        return (Resolved.FOUND if wanted else Resolved.UNKNOWN), b"".join(
            map(frames.packed, wanted)
        )

    async def _name_of(self, asked: str) -> tuple[Resolved, bytes]:
        address = literal(asked)
        if address is None or not self._rights.permit(None, address, None):
            return Resolved.UNKNOWN, b""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                name, _ = await loop.getnameinfo((str(address), 0), socket.NI_NAMEREQD)
        except OSError:
            return Resolved.UNKNOWN, b""
        return Resolved.FOUND, name.encode()

    async def _answer(self, id: int, how: Resolved, rest: bytes = b"") -> None:
        self._metrics.add("lookups_total", "result", how.name.lower())
        await self._ws.send_bytes(frames.encode(Kind.RESOLVE, id, bytes([how]) + rest))
