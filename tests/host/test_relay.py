"""The relay (`sospeso relay`): it carries and refuses as it should; hostile clients get nowhere."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time

import pytest

from sospeso.engines import find_node
from sospeso.paths import ROOT
from sospeso.relay import frames
from sospeso.relay.frames import Kind, Reason, Resolved
from sospeso.relay.limits import Bucket, Limits, Usages
from sospeso.relay.policy import AllowList, BadEntry, is_public, normal_name
from sospeso.relay.stream import WINDOW
from sospeso.relay.tokens import BadToken, make_token, read_token
from tests.host.relay_clients import LOOPBACK, Client, client, handshake_status, relay
from tests.network_servers import echo
from tests.network_servers import tcp as target

KEY = b"k" * 32


# ---- carrying ---------------------------------------------------------------------------------


async def test_bytes_go_there_and_back_and_each_side_ends_by_itself() -> None:
    async with relay() as (_, url), target(echo) as port, client(url) as one:
        await one.connect(1, "127.0.0.1", port)
        opened = await one.until(Kind.OPENED, 1)
        assert opened.payload[:5] == b"\x04\x7f\0\0\x01"
        assert int.from_bytes(opened.payload[17:19], "little") == port
        await one.send(Kind.DATA, 1, b"hello")
        assert (await one.until(Kind.DATA, 1)).payload == b"hello"
        await one.send(Kind.END, 1)
        await one.until(Kind.END, 1)


async def test_the_client_learns_of_room_for_as_many_bytes_as_were_carried() -> None:
    async with relay() as (_, url), target(echo) as port, client(url) as one:
        await one.connect(1, "127.0.0.1", port)
        await one.until(Kind.OPENED, 1)
        granted = echoed = 0
        for _ in range(3):
            await one.send(Kind.DATA, 1, b"x" * WINDOW)
            while granted < WINDOW or echoed < WINDOW:
                packet = await one.next()
                if packet.kind == Kind.CREDIT:
                    granted += frames.number(packet)
                elif packet.kind == Kind.DATA:
                    echoed += len(packet.payload)
            granted, echoed = granted - WINDOW, echoed - WINDOW
        assert (granted, echoed) == (0, 0)


async def test_a_client_without_room_holds_its_target_up_and_nobody_else() -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while True:
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()

    async with relay() as (_, url), target(flood) as busy, target(echo) as port:
        async with client(url, window=1000) as one:
            await one.connect(1, "127.0.0.1", busy)
            await one.connect(2, "127.0.0.1", port)
            got = 0
            while got < 1000:
                got += len((await one.until(Kind.DATA, 1)).payload)
            await one.send(Kind.DATA, 2, b"still here")
            assert (await one.until(Kind.DATA)).stream == 2
            assert sent < 20_000_000
            await one.send(Kind.CREDIT, 1, frames.u32(500))
            assert len((await one.until(Kind.DATA, 1)).payload) <= 500


async def test_plain_wisp_of_both_versions_is_served() -> None:
    async with relay() as (_, url), target(echo) as port:
        for version in (1, 2):
            async with client(url, version=version, window=None) as one:
                await one.connect(7, "127.0.0.1", port)
                for _ in range(64):
                    await one.send(Kind.DATA, 7, b"abc")
                assert frames.number(await one.until(Kind.CONTINUE, 7)) > 0
                got = b""
                while len(got) < 3 * 64:
                    got += (await one.until(Kind.DATA, 7)).payload
                await one.send(Kind.CLOSE, 7, bytes([Reason.VOLUNTARY]))


@pytest.mark.parametrize("version", [1, 2])
async def test_a_wisp_client_of_others_is_served(version: int) -> None:
    async def run(port: int, text: str) -> str:
        program = str(ROOT / "tests/host/wisp_js_client.mjs")
        words = (program, url, "127.0.0.1", str(port), str(version), text)
        process = await asyncio.create_subprocess_exec(
            *find_node().command(*words), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        return out.decode().strip()

    async with target(echo) as port, target(echo) as other:
        async with relay(allow=(f"127.0.0.1/32:{port}",)) as (_, url):
            assert await run(port, "hello" * 1000) == "hello" * 1000
            assert await run(other, "hello") == str(int(Reason.BLOCKED))


async def test_the_end_of_a_target_closes_a_stream_of_plain_wisp() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")
        writer.close()

    async with relay() as (_, url), target(greet) as port, client(url, window=None) as one:
        await one.connect(1, "127.0.0.1", port)
        assert (await one.until(Kind.DATA, 1)).payload == b"bye"
        assert await one.reason(1) == Reason.VOLUNTARY


async def test_datagrams_keep_their_borders() -> None:
    loop = asyncio.get_running_loop()

    class Echo(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: object) -> None:
            self.transport.sendto(data.upper(), addr)  # type: ignore[attr-defined]

    transport, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    async with relay() as (_, url), client(url) as one:
        await one.connect(1, "127.0.0.1", port, frames.UDP)
        for data in (b"one", b"two"):
            await one.send(Kind.DATA, 1, data)
        got = {(await one.until(Kind.DATA, 1)).payload for _ in range(2)}
        assert got == {b"ONE", b"TWO"}
    transport.close()


async def test_a_refusal_and_a_reset_are_told() -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        writer.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
        )
        writer.transport.abort()

    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    async with relay() as (_, url), target(break_off) as port, client(url) as one:
        await one.connect(1, "127.0.0.1", free)
        assert await one.reason(1) == Reason.REFUSED
        await one.connect(2, "127.0.0.1", port)
        await one.until(Kind.OPENED, 2)
        await one.send(Kind.DATA, 2, b"x")
        assert await one.reason(2) == Reason.NETWORK


# ---- who may reach what -----------------------------------------------------------------------

NAMES = {
    "db.example.org": ["93.184.216.34"],
    "inside.example.org": ["10.0.0.5"],
    "both.example.org": ["10.0.0.5", "93.184.216.34"],
    "loop.example.org": ["127.0.0.1"],
}


async def _lookup(name: str) -> list[frames.Address]:
    if name not in NAMES:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    return [ipaddress.ip_address(text) for text in NAMES[name]]


@pytest.mark.parametrize(
    ("allow", "host", "port", "allowed"),
    [
        (["db.example.org:5432"], "db.example.org", 5432, True),
        (["db.example.org:5432"], "DB.Example.org.", 5432, True),
        (["db.example.org:5432"], "db.example.org", 5433, False),
        (["db.example.org:5000-6000"], "db.example.org", 5433, True),
        (["db.example.org:*"], "other.example.org", 1, False),
        (["*.example.org:443"], "a.b.example.org", 443, True),
        (["*.example.org:443"], "example.org", 443, False),
        (["*.example.org:443"], "evilexample.org", 443, False),
        (["*:443"], "anything.test", 443, True),
        ([], "db.example.org", 443, False),
    ],
)
def test_the_allow_list_is_of_names_and_ports(
    allow: list[str], host: str, port: int, allowed: bool
) -> None:
    public = ipaddress.ip_address("93.184.216.34")
    assert AllowList(allow).allows(normal_name(host), public, port) == allowed


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd12::1",
        "ff02::1", "::ffff:93.184.216.34", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
        "::7f00:1", "fec0::1", "2001::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_reached_by_cidr_alone(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert not is_public(address)
    assert not AllowList(["*:*"]).allows(None, address, 80)
    assert not AllowList(["name.test:80"]).allows("name.test", address, 80)
    by_cidr = AllowList([f"{text}/{address.max_prefixlen}:80"])
    assert by_cidr.allows(None, address, 80) and by_cidr.allows("name.test", address, 80)


def test_a_mapped_address_is_what_it_maps() -> None:
    inside = ipaddress.ip_address("::ffff:10.0.0.5")
    assert AllowList(["10.0.0.0/8:80"]).allows(None, inside, 80)
    assert not AllowList(["93.0.0.0/8:80"]).allows(None, inside, 80)


@pytest.mark.parametrize(
    "entry",
    ["", "example.org", ":80", "a:0", "a:70000", "a:9-1", "10.0.0.1/8:80", "a b:80", "127.1:80"],
)
def test_an_entry_that_means_nothing_is_an_error(entry: str) -> None:
    with pytest.raises(BadEntry):
        AllowList([entry])


async def test_a_name_leads_to_no_address_that_it_may_not_have() -> None:
    """DNS of somebody else that answers with the relay's own network is the classic way in."""
    async with relay(allow=("*.example.org:*",), lookup=_lookup) as (_, url), client(url) as one:
        for id, host in enumerate(("inside.example.org", "loop.example.org"), 1):
            await one.connect(id, host, 80)
            assert await one.reason(id) == Reason.BLOCKED
        await one.connect(9, "unknown.example.org", 80)
        assert await one.reason(9) == Reason.UNREACHABLE


async def test_a_name_is_looked_up_once_so_that_it_cannot_change_between() -> None:
    asked = []

    async def changes(name: str) -> list[frames.Address]:
        asked.append(name)
        return [ipaddress.ip_address("127.0.0.1" if len(asked) > 1 else "127.0.0.2")]

    seen = asyncio.Queue[str]()

    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.put_nowait(writer.get_extra_info("sockname")[0])
        writer.close()

    server = await asyncio.start_server(tell, "0.0.0.0", 0)
    port = server.sockets[0].getsockname()[1]
    allow = ("127.0.0.2/32:*", "name.test:*")
    async with server, relay(allow=allow, lookup=changes) as (_, url), client(url) as one:
        await one.connect(1, "name.test", port)
        await one.until(Kind.OPENED, 1)
        assert await seen.get() == "127.0.0.2"
        assert asked == ["name.test"]


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "[::ffff:127.0.0.1]",
        "localhost",
        "",
        "a\0b",
    ],
)
async def test_no_spelling_leads_around_the_list(host: str) -> None:
    async with relay(allow=("*:*",)) as (_, url), target(echo) as port, client(url) as one:
        await one.connect(1, host, port)
        assert await one.outcome(1) in ("BLOCKED", "INVALID")


async def test_names_are_resolved_for_the_client_if_it_may_reach_them() -> None:
    async with relay(allow=("*.example.org:*",), lookup=_lookup) as (_, url), client(url) as one:
        answers = []
        for id, name in enumerate(("db.example.org", "none.example.org", "elsewhere.test"), 1):
            await one.send(Kind.RESOLVE, id, b"\0" + name.encode())
            answers.append((await one.until(Kind.RESOLVE, id)).payload)
        assert answers[0] == bytes([Resolved.FOUND]) + frames.packed(
            ipaddress.ip_address("93.184.216.34")
        )
        assert answers[1:] == [bytes([Resolved.UNKNOWN]), bytes([Resolved.BLOCKED])]


# ---- who may come -----------------------------------------------------------------------------


async def test_pages_of_other_origins_are_turned_away() -> None:
    async with relay(origins=("https://app.example",)) as (_, url):
        assert await handshake_status(url, Origin="https://app.example") == 101
        assert await handshake_status(url, Origin="https://evil.example") == 403
        assert await handshake_status(url) == 101  # no page: the token is what stops programs


async def test_a_token_lets_in_and_narrows() -> None:
    async with relay(key=KEY) as (_, url), target(echo) as port, target(echo) as other:
        assert await handshake_status(url) == 401
        token = make_token(KEY, audience="relay", allow=[f"127.0.0.1/32:{port}"])
        async with client(url, token=token) as one:
            await one.connect(1, "127.0.0.1", port)
            assert await one.outcome(1) == "OPENED"
            await one.connect(2, "127.0.0.1", other)
            assert await one.outcome(2) == "BLOCKED"


async def test_a_token_cannot_widen_what_the_relay_allows() -> None:
    async with relay(key=KEY, allow=("db.test:1",)) as (_, url), target(echo) as port:
        async with client(url, token=make_token(KEY, audience="relay", allow=[LOOPBACK])) as one:
            await one.connect(1, "127.0.0.1", port)
            assert await one.outcome(1) == "BLOCKED"


def test_tokens_that_are_not_valid_here_and_now_are_not_accepted() -> None:
    good = make_token(KEY, audience="relay")
    now = time.time()
    assert read_token(good, KEY, "relay", Limits(), now).allow is None
    _version, body, signature = good.split(".")
    forged = make_token(b"x" * 32, audience="relay").split(".")
    for bad in (
        "", "v1", "v1..", f"v1.{body}.", f"v2.{body}.{signature}", f"v1.{body}x.{signature}",
        f"v1.{forged[1]}.{signature}", ".".join(forged), good + "=", "v1.\u00e9.x", good * 100,
    ):  # fmt: skip
        with pytest.raises(BadToken):
            read_token(bad, KEY, "relay", Limits(), now)
    with pytest.raises(BadToken, match="another relay"):
        read_token(good, KEY, "elsewhere", Limits(), now)
    with pytest.raises(BadToken, match="expired"):
        read_token(good, KEY, "relay", Limits(), now + 301)
    with pytest.raises(ValueError, match="32 bytes"):
        make_token(b"short", audience="relay")


def test_a_token_can_only_lower_limits() -> None:
    token = make_token(KEY, audience="relay", limits={"streams": 10_000, "idle_seconds": 5})
    limits = read_token(token, KEY, "relay", Limits(), time.time()).limits
    assert (limits.streams, limits.idle_seconds) == (Limits().streams, 5)


# ---- how much ---------------------------------------------------------------------------------


async def test_streams_and_connects_of_one_token_are_counted_over_all_its_sockets() -> None:
    limits = Limits(streams=2, connects_per_minute=3)
    async with relay(limits=limits) as (_, url), target(echo) as port:
        async with client(url) as one, client(url) as two:
            outcomes = []
            for id, each in enumerate((one, two, one), 1):
                await each.connect(id, "127.0.0.1", port)
                outcomes.append(await each.outcome(id))
            assert outcomes == ["OPENED", "OPENED", "THROTTLED"]
            await two.send(Kind.CLOSE, 2, b"\2")
            await two.connect(4, "127.0.0.1", port)
            assert await two.outcome(4) == "OPENED"
            await one.send(Kind.CLOSE, 1, b"\2")
            await one.connect(5, "127.0.0.1", port)
            assert await one.outcome(5) == "THROTTLED"  # the fourth of a minute


async def test_too_many_sockets_of_one_token_are_turned_away() -> None:
    async with relay(limits=Limits(sockets=1)) as (_, url), client(url):
        assert await handshake_status(url) == 429


async def test_a_socket_that_carries_nothing_and_one_that_is_old_are_closed() -> None:
    for limits in (Limits(idle_seconds=0.1), Limits(total_seconds=0.1)):
        async with relay(limits=limits) as (_, url), client(url) as one:
            with pytest.raises(ConnectionError, match="1008"):
                await one.next()


def test_a_bucket_fills_again() -> None:
    now = 0.0
    bucket = Bucket(2, 10, lambda: now)
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    now = 5.0
    assert [bucket.take() for _ in range(2)] == [True, False]
    assert bucket.debt(2) == pytest.approx(10)


def test_who_comes_again_at_once_finds_its_counters_as_they_were() -> None:
    now = 0.0
    usages = Usages(lambda: now)
    limits = Limits(connects_per_minute=1)
    first = usages.enter("id", limits)
    assert first is not None and first.may_connect()
    usages.leave(first)
    again = usages.enter("id", limits)
    assert again is first and not again.may_connect()
    usages.leave(again)
    now = 1000.0
    assert usages.enter("id", limits) is not first


# ---- hostile clients --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        b"", b"\x02", frames.encode(Kind.CONNECT, 1, b"\1"),
        frames.encode(Kind.CONNECT, 0, b"\1\1\0a"),
        frames.encode(Kind.CONNECT, 1, b"\1\1\0\xff\xfe"), frames.encode(Kind.RESOLVE, 1),
        "text", b"x" * (2 << 20),
    ],
)  # fmt: skip
async def test_a_client_that_breaks_the_protocol_loses_its_socket(message: bytes | str) -> None:
    async with relay() as (_, url), client(url) as one:
        if isinstance(message, str):
            await one.ws.send_str(message)
        else:
            await one.ws.send_bytes(message)
        with pytest.raises(ConnectionError):
            while True:
                await one.next()
        async with client(url) as other:  # and nobody else is troubled
            await other.send(Kind.RESOLVE, 1, b"\0x.test")
            await other.until(Kind.RESOLVE, 1)


async def test_more_bytes_than_there_is_room_for_end_the_socket() -> None:
    async def sleep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with relay() as (_, url), target(sleep) as port:
        for window, size in ((1 << 20, WINDOW), (None, 60_000)):
            async with client(url, window=window) as one:
                await one.connect(1, "127.0.0.1", port)
                with pytest.raises(ConnectionError):
                    for _ in range(1000):
                        await one.send(Kind.DATA, 1, b"x" * size)
                    while True:
                        await one.next()


async def test_packets_for_no_stream_and_of_no_kind_are_passed_over() -> None:
    async with relay() as (_, url), client(url) as one:
        for kind in (Kind.DATA, Kind.CLOSE, Kind.CREDIT, Kind.END, 0x77, 0xFF):
            await one.ws.send_bytes(frames.HEADER.pack(kind, 5) + b"\1\2\3\4")
        await one.send(Kind.RESOLVE, 1, b"\0x.test")
        await one.until(Kind.RESOLVE, 1)


async def test_a_client_that_goes_leaves_nothing_behind() -> None:
    ended = asyncio.Event()

    async def watch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read()
        except ConnectionError:
            pass
        ended.set()

    async with relay() as (made, url), target(watch) as port:
        async with client(url) as one:
            await one.connect(1, "127.0.0.1", port)
            await one.until(Kind.OPENED, 1)
        await asyncio.wait_for(ended.wait(), 10)
        while made.metrics.get("sockets"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert made.metrics.get("streams") == 0


async def _ask_much(one: Client) -> None:
    for id in range(1, 2000):
        await one.send(Kind.RESOLVE, id, b"\0x.test")


async def test_questions_without_end_are_answered_with_try_again() -> None:
    async with relay(lookup=_lookup, limits=Limits(connects_per_minute=10)) as (_, url):
        async with client(url) as one:
            asking = asyncio.ensure_future(_ask_much(one))
            answers = [(await one.until(Kind.RESOLVE)).payload[0] for _ in range(1999)]
            await asking
            assert answers.count(Resolved.TRY_AGAIN) == 1989
