"""Servers of the test process, for programs in the runtime to reach: TCP and UDP on loopback."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def tcp(serve: Serve, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """A TCP server; its port. Clients that are still there at the end are let go."""
    tasks: set[asyncio.Task[None]] = set()

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)
        except (asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(run, host, 0)
    async with server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            going = list(tasks)
            for task in going:
                task.cancel()
            await asyncio.gather(*going, return_exceptions=True)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send back what comes, and end when it ends."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer when everything has come: a client that has ended its side still reads."""
    writer.write((await reader.read()).upper())


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Neither read nor write."""
    reader._transport.pause_reading()  # type: ignore[attr-defined]
    await asyncio.Event().wait()


async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset the connection at the first byte."""
    await reader.readexactly(1)
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


class EchoDatagrams(asyncio.DatagramProtocol):
    """Sends back what comes, in capitals."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._transport.sendto(data.upper(), addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def udp(host: str = "127.0.0.1") -> AsyncIterator[int]:
    """A server of datagrams; its port."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(EchoDatagrams, local_addr=(host, 0))
    yield transport.get_extra_info("sockname")[1]
    transport.close()


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that nobody has."""
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
