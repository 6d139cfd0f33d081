"""One connection that the relay makes for a client: TCP, or UDP with one peer.

A session (session.py) feeds it what the client sends and passes on what it gives.

Invariants
 1. A client that sends more than it may breaks the protocol: buffers are never larger than WINDOW.
 2. With the extension STREAMS the target is read only as far as the client has room; without it, as
    far as the WebSocket takes it.
 3. A stream ends once: finish() tells the session, and nothing is sent for it after that.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import socket
import struct
from typing import Protocol

from .frames import Address, Kind, Reason, endpoint, u32
from .limits import Usage

WINDOW = 262_144
PACKETS = 128  # that a client without credits may send ahead
PIECE = 32_768
CONNECT_SECONDS = 30.0
# A peer may go on sending to a client that has ended its side for so long.
ORPHAN_SECONDS = 60.0

REASONS = {
    errno.ECONNREFUSED: Reason.REFUSED,
    errno.ETIMEDOUT: Reason.TIMED_OUT,
    errno.EHOSTUNREACH: Reason.UNREACHABLE,
    errno.ENETUNREACH: Reason.UNREACHABLE,
}


class Owner(Protocol):
    """What a stream needs of its session."""

    usage: Usage
    has_credits: bool

    async def send(self, kind: Kind, stream: int, payload: bytes = b"") -> None: ...

    async def finish(self, stream: int, reason: Reason | None) -> None:
        """The stream has ended; None: both sides know."""


class TcpStream:
    """A TCP connection."""

    def __init__(self, owner: Owner, id: int, credit: int) -> None:
        self._owner = owner
        self._id = id
        self._to_target: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._waiting_bytes = 0
        self._credit = credit  # bytes that the client has room for
        self._more_credit = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._ended = False  # the client sends no more

    # ---- what the client says -----------------------------------------------------------------

    def feed(self, data: bytes) -> bool:
        """Bytes for the target; False: the client has sent more than it may."""
        self._waiting_bytes += len(data)
        self._to_target.put_nowait(data)
        if self._ended:
            return False
        if self._owner.has_credits:
            return self._waiting_bytes <= WINDOW
        return self._to_target.qsize() <= PACKETS and self._waiting_bytes <= PACKETS * 2 * PIECE

    def grant(self, count: int) -> None:
        """The client has room for so many more bytes."""
        self._credit += count
        self._more_credit.set()

    def end(self) -> None:
        """The client will send no more."""
        if not self._ended:
            self._ended = True
            self._to_target.put_nowait(None)

    def abort(self) -> None:
        """Break the connection."""
        if self._writer is not None:
            reset(self._writer)

    # ---- carrying -----------------------------------------------------------------------------

    async def run(self, addresses: list[Address], port: int) -> None:
        """Connect to the first address that answers, and carry to the end."""
        try:
            reader, self._writer = await connect(addresses, port)
        except OSError as error:
            await self._owner.finish(self._id, REASONS.get(error.errno or 0, Reason.NETWORK))
            return
        reason: Reason | None = None
        try:
            if self._owner.has_credits:
                await self._owner.send(Kind.OPENED, self._id, _names(self._writer))
            await self._carry(reader, self._writer)
            self._writer.close()
            if not self._owner.has_credits:
                reason = Reason.VOLUNTARY
        except (OSError, EOFError) as error:
            timed_out = isinstance(error, OSError) and error.errno == errno.ETIMEDOUT
            reason = Reason.TIMED_OUT if timed_out else Reason.NETWORK
            reset(self._writer)
        except asyncio.CancelledError:
            reset(self._writer)
            raise
        await self._owner.finish(self._id, reason)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        out = asyncio.ensure_future(self._outward(writer))
        into = asyncio.ensure_future(self._inward(reader))
        try:
            if self._owner.has_credits:
                await asyncio.wait({out, into}, return_when=asyncio.FIRST_EXCEPTION)
            else:
                # Plain Wisp has no half-close: the end of the target is the end of the stream.
                await asyncio.wait({out, into}, return_when=asyncio.FIRST_COMPLETED)
            for task in (out, into):
                if task.done():
                    task.result()
        finally:
            out.cancel()
            into.cancel()
            await asyncio.gather(out, into, return_exceptions=True)

    async def _outward(self, writer: asyncio.StreamWriter) -> None:
        used = packets = 0
        while (data := await self._to_target.get()) is not None:
            writer.write(data)
            await writer.drain()
            await self._carried(len(data))
            self._waiting_bytes -= len(data)
            used += len(data)
            packets += 1
            if self._owner.has_credits:
                if used >= WINDOW // 4 or self._to_target.empty():
                    await self._owner.send(Kind.CREDIT, self._id, u32(used))
                    used = 0
            elif packets % (PACKETS // 2) == 0:
                room = max(0, PACKETS - self._to_target.qsize())
                await self._owner.send(Kind.CONTINUE, self._id, u32(room))
        writer.write_eof()

    async def _inward(self, reader: asyncio.StreamReader) -> None:
        while True:
            size = PIECE
            if self._owner.has_credits:
                while self._credit <= 0:
                    self._more_credit.clear()
                    await self._more_credit.wait()
                size = min(size, self._credit)
            data = await reader.read(size)
            if not data:
                break
            self._credit -= len(data)
            await self._carried(len(data))
            await self._owner.send(Kind.DATA, self._id, data)
        if self._owner.has_credits:
            await self._owner.send(Kind.END, self._id)

    async def _carried(self, count: int) -> None:
        await self._owner.usage.carry(count)


class UdpStream(asyncio.DatagramProtocol):
    """Datagrams to and from one peer. What there is no room for is lost, as on any network."""

    MOST_WAITING = 64

    def __init__(self, owner: Owner, id: int) -> None:
        self._owner = owner
        self._id = id
        self._transport: asyncio.DatagramTransport | None = None
        self._early: list[bytes] = []
        self._received: asyncio.Queue[bytes | OSError] = asyncio.Queue()

    def feed(self, data: bytes) -> bool:
        """A datagram for the peer."""
        if self._transport is not None:
            self._transport.sendto(data)
        elif len(self._early) < self.MOST_WAITING:
            self._early.append(data)
        return True

    def grant(self, count: int) -> None:
        """Datagrams need no credit."""

    def end(self) -> None:
        """Datagrams have no end."""

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def datagram_received(self, data: bytes, addr: object) -> None:
        if self._received.qsize() < self.MOST_WAITING:
            self._received.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError):
            self._received.put_nowait(exc)

    async def run(self, addresses: list[Address], port: int) -> None:
        """Carry until the client closes the stream or the peer refuses."""
        loop = asyncio.get_running_loop()
        reason = Reason.NETWORK
        try:
            transport, _ = await loop.create_datagram_endpoint(
                lambda: self, remote_addr=(str(addresses[0]), port)
            )
            self._transport = transport
            if self._owner.has_credits:
                await self._owner.send(Kind.OPENED, self._id, _names(transport))
            for data in self._early:
                transport.sendto(data)
            while isinstance(got := await self._received.get(), bytes):
                await self._owner.usage.carry(len(got))
                await self._owner.send(Kind.DATA, self._id, got)
            reason = REASONS.get(got.errno or 0, Reason.NETWORK)
        except OSError as error:
            reason = REASONS.get(error.errno or 0, Reason.NETWORK)
        finally:
            self.abort()
        await self._owner.finish(self._id, reason)


async def connect(
    addresses: list[Address], port: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the first of the addresses that takes it.

    Raises:
        OSError: none did; the error of the last.
    """
    last: OSError = OSError(errno.EHOSTUNREACH, "no address")
    for address in addresses:
        try:
            async with asyncio.timeout(CONNECT_SECONDS / len(addresses)):
                return await asyncio.open_connection(str(address), port, limit=PIECE)
        except TimeoutError:
            last = OSError(errno.ETIMEDOUT, "no answer")
        except OSError as error:
            last = error
    raise last


def reset(writer: asyncio.StreamWriter) -> None:
    """Break a connection, so that its peer sees a reset and no end."""
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _names(of: asyncio.StreamWriter | asyncio.DatagramTransport) -> bytes:
    both = b""
    for name in ("peername", "sockname"):
        host, port = of.get_extra_info(name)[:2]
        both += endpoint(ipaddress.ip_address(host.split("%")[0]), port)
    return both
