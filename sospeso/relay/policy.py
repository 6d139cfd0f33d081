"""Who may be reached: the allow-list, and the addresses that no name may lead to.

Nothing is reachable that no entry allows. An entry by name (or `*`) leads to public addresses only,
so that a name which somebody else controls cannot point into the relay's own network; any other
address needs an entry by address. Each name is resolved once; what is checked is what is connected
to. Used by session.py, and by tokens.py for the list that a token carries.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .frames import Address

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IANA's registries of special addresses, as far as they are not reachable from anywhere, and what
# carries an IPv4 address inside an IPv6 one, which would be a way around a list of IPv4 networks.
_NOT_PUBLIC = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
        "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10",
        "fec0::/10", "ff00::/8",
    )
]  # fmt: skip
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


class BadEntry(ValueError):
    """An entry of an allow-list that means nothing."""


def is_public(address: Address) -> bool:
    """Whether an address is one that anybody on the internet may have."""
    return not any(address in network for network in _NOT_PUBLIC)


def literal(host: str) -> Address | None:
    """The address that a host is, if it is no name. IPv6 may stand in brackets, without a scope."""
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def normal_name(host: str) -> str:
    """A name as it is compared: lower case, ASCII, without the dot at its end.

    Raises:
        ValueError: it is no name that could be looked up, such as 127.1 or 0x7f000001, which
            resolvers take for addresses.
    """
    name = host.removesuffix(".").lower()
    if not name.isascii():
        name = name.encode("idna").decode("ascii")
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{host!r} is no name of a host")
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):
        raise ValueError(f"{host!r} is neither a name nor a whole address")
    return name


@dataclass(frozen=True)
class Entry:
    """One entry: a name, the names below one, all names, or a network; and ports.

    Attributes:
        name: "host", ".domain" for what is below it, "*" for all; "" with a network.
        network: the addresses, or None.
        first, last: the ports.
    """

    name: str
    network: Network | None
    first: int
    last: int

    def has_port(self, port: int) -> bool:
        return self.first <= port <= self.last

    def has_name(self, name: str) -> bool:
        return self.name in ("*", name) or (self.name.startswith(".") and name.endswith(self.name))

    def has_address(self, address: Address) -> bool:
        return self.network is not None and address in self.network


def parse_entry(text: str) -> Entry:
    """Read `host:port`, `*.domain:port`, `*:port` or `CIDR:port`; a port may be `*` or `from-to`.

    Raises:
        BadEntry: it is none of these.
    """
    host, colon, ports = text.strip().rpartition(":")
    if not colon or not host:
        raise BadEntry(f"{text!r}: an entry is host:port, *.domain:port or CIDR:port")
    first, last = _ports(text, ports)
    if host == "*":
        return Entry("*", None, first, last)
    bare = host.removeprefix("[").removesuffix("]")
    try:
        return Entry("", ipaddress.ip_network(bare), first, last)
    except ValueError as error:
        if "/" in host or ":" in bare:
            raise BadEntry(f"{text!r}: {error}") from None
    try:
        if host.startswith("*."):
            return Entry("." + normal_name(host[2:]), None, first, last)
        return Entry(normal_name(host), None, first, last)
    except ValueError as error:
        raise BadEntry(f"{text!r}: {error}") from None


def _ports(text: str, ports: str) -> tuple[int, int]:
    if ports == "*":
        return 1, 65535
    found = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", ports)
    first = int(found[1]) if found else 0
    last = int(found[2] or first) if found else 0
    if not 1 <= first <= last <= 65535:
        raise BadEntry(f"{text!r}: a port is a number from 1 to 65535, from-to, or *")
    return first, last


class AllowList:
    """What may be reached."""

    def __init__(self, entries: Iterable[str]) -> None:
        """Read the entries.

        Raises:
            BadEntry: one of them means nothing.
        """
        self._entries = [parse_entry(text) for text in entries]

    def __bool__(self) -> bool:
        return bool(self._entries)

    def may_resolve(self, name: str) -> bool:
        """Whether some port of a host of this name may be reachable."""
        return any(entry.network is not None or entry.has_name(name) for entry in self._entries)

    def allows(self, name: str | None, address: Address, port: int | None) -> bool:
        """Whether a connection to this address may be made.

        Args:
            name: what was asked for, normal; None: the address itself.
            address: what the name stands for.
            port: of either; None: whether it is allowed on some port.
        """
        four = address.ipv4_mapped if address.version == 6 else None
        for entry in self._entries:
            if port is not None and not entry.has_port(port):
                continue
            if entry.has_address(address) or (four is not None and entry.has_address(four)):
                return True
            by_name = entry.name == "*" if name is None else entry.has_name(name)
            if by_name and is_public(address):
                return True
        return False
