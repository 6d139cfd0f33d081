"""Packets of Wisp and of our extension to it: bytes to values and back.

Wisp (https://github.com/MercuryWorkshop/wisp-protocol) carries many connections over one WebSocket.
A packet is a type (u8), a stream (u32) and a payload, all little-endian. Version 2 begins with INFO
packets that name extensions. Ours, STREAMS, adds what blocking sockets need: the number of bytes
that each side may send (CREDIT), the addresses of a connection (OPENED), half-close (END), and
names (RESOLVE). polyfills/sockets/relay/frames.ts is the same in TypeScript.
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass
from enum import IntEnum

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

HEADER = struct.Struct("<BI")


class Kind(IntEnum):
    """Types of packets; from CREDIT on they are our extension's."""

    CONNECT = 0x01
    DATA = 0x02
    CONTINUE = 0x03
    CLOSE = 0x04
    INFO = 0x05
    CREDIT = 0xA1
    OPENED = 0xA2
    END = 0xA3
    RESOLVE = 0xA4


class Reason(IntEnum):
    """Why a stream closes."""

    UNKNOWN = 0x01
    VOLUNTARY = 0x02
    NETWORK = 0x03
    INCOMPATIBLE = 0x04
    INVALID = 0x41
    UNREACHABLE = 0x42
    TIMED_OUT = 0x43
    REFUSED = 0x44
    IDLE = 0x47
    BLOCKED = 0x48
    THROTTLED = 0x49


class Resolved(IntEnum):
    """How a RESOLVE ended."""

    FOUND = 0
    UNKNOWN = 1
    TRY_AGAIN = 2
    BLOCKED = 3


TCP, UDP = 1, 2
EXTENSION_UDP = 0x01
EXTENSION_STREAMS = 0xA0
# What RESOLVE asks for: addresses of any family, of one, or the name of an address.
ANY, FOUR, SIX, NAME = 0, 4, 6, 0x80


class BadPacket(ValueError):
    """The other side does not speak the protocol."""


@dataclass(frozen=True)
class Packet:
    """One packet.

    Attributes:
        kind: its type, also one that is not known.
        stream: the stream it is about; 0 is the WebSocket itself.
        payload: the rest.
    """

    kind: int
    stream: int
    payload: bytes


def decode(message: bytes) -> Packet:
    """A packet from a message of the WebSocket.

    Raises:
        BadPacket: it is shorter than a header.
    """
    if len(message) < HEADER.size:
        raise BadPacket(f"a packet of {len(message)} bytes")
    kind, stream = HEADER.unpack_from(message)
    return Packet(kind, stream, message[HEADER.size :])


def encode(kind: Kind, stream: int, payload: bytes = b"") -> bytes:
    """A message of the WebSocket from a packet."""
    return HEADER.pack(kind, stream) + payload


def number(packet: Packet) -> int:
    """The u32 of CONTINUE and CREDIT."""
    if len(packet.payload) != 4:
        raise BadPacket("a number of another size than 4 bytes")
    return int.from_bytes(packet.payload, "little")


def u32(value: int) -> bytes:
    """A number as CONTINUE and CREDIT have it."""
    return value.to_bytes(4, "little")


@dataclass(frozen=True)
class Connect:
    """The payload of CONNECT: what kind of stream to which port of which host."""

    kind: int
    host: str
    port: int


def connect(packet: Packet) -> Connect:
    """Read a CONNECT.

    Raises:
        BadPacket: it is cut off, or its host is no text.
    """
    if len(packet.payload) < 3:
        raise BadPacket("CONNECT without a port")
    kind, port = struct.unpack_from("<BH", packet.payload)
    return Connect(kind, text(packet.payload[3:]).strip(), port)


def text(raw: bytes) -> str:
    """Text of the other side.

    Raises:
        BadPacket: it is not UTF-8.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadPacket("text that is not UTF-8") from None


def extensions(packet: Packet) -> dict[int, bytes]:
    """What an INFO packet offers: extension -> its payload.

    Raises:
        BadPacket: a length leads past its end.
    """
    rest, found = packet.payload[2:], {}
    if len(packet.payload) < 2:
        raise BadPacket("INFO without a version")
    while rest:
        if len(rest) < 5:
            raise BadPacket("INFO is cut off")
        name, size = HEADER.unpack_from(rest)
        if len(rest) < 5 + size:
            raise BadPacket("INFO is cut off")
        found[name] = rest[5 : 5 + size]
        rest = rest[5 + size :]
    return found


def info(offered: dict[int, bytes]) -> bytes:
    """Our INFO packet: version 2.0 with these extensions."""
    entries = (HEADER.pack(name, len(payload)) + payload for name, payload in offered.items())
    return encode(Kind.INFO, 0, b"\x02\x00" + b"".join(entries))


def packed(address: Address) -> bytes:
    """An address in 17 bytes: 4 or 6, then 16 bytes, of which IPv4 uses the first four."""
    return bytes([address.version]) + address.packed.ljust(16, b"\0")


def endpoint(address: Address, port: int) -> bytes:
    """An address with a port, as OPENED has two of: the remote one and the relay's own."""
    return packed(address) + port.to_bytes(2, "little")
