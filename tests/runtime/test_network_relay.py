"""Sockets through a relay (option network: { relay }): `sospeso relay`, and a Wisp server of others."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from sospeso.engines import find_node
from sospeso.paths import ROOT
from sospeso.relay.frames import Address
from sospeso.relay.tokens import make_token
from tests.host.relay_clients import LOOPBACK, relay
from tests.network_servers import break_off, echo, free_port, late, silent, tcp, udp
from tests.programs import Programs
from tests.runtime.conftest import CORES, ENGINES, Host, Runtime, fresh_runtime

PROGRAMS = Programs(ROOT / "tests/runtime/programs/network.py")
HERE = "127.0.0.1"
KEY = b"k" * 32
CELLS = [f"{engine}-{core}" for engine in ENGINES for core in CORES]


async def _lookup(name: str) -> list[Address]:
    if name.endswith(".here.test"):
        return [ipaddress.ip_address(HERE)]
    raise socket.gaierror(socket.EAI_NONAME, "no such name")


@pytest_asyncio.fixture(params=CELLS)
async def relayed(request: Any, hosts: dict[str, Host]) -> AsyncIterator[Runtime]:
    """A runtime behind a relay that allows this machine and its names."""
    engine, core = request.param.split("-")
    allow = (LOOPBACK, "*.here.test:*", "unknown.test:*")
    async with (
        relay(allow=allow, lookup=_lookup) as (_, url),
        fresh_runtime(hosts, engine, core, network={"relay": url}) as made,
    ):
        yield made


async def _called(runtime: Runtime, program: Any, *arguments: Any) -> Any:
    """What a program gives, as its repr() where it is a list."""
    got = await runtime.call(program, *arguments)
    return got["text"] if isinstance(got, dict) else got


async def test_a_page_talks_to_a_server_and_each_side_ends_by_itself(relayed: Runtime) -> None:
    async with tcp(late) as port:
        got = await _called(relayed, PROGRAMS.talk_to_an_echo, HERE, port)
        assert got == "['HELLO YOU', True, True, 'AF_INET']"
        # By a name, which the relay looks up.
        got = await _called(relayed, PROGRAMS.talk_to_an_echo, "db.here.test", port)
        assert got == "['HELLO YOU', True, True, 'AF_INET']"


async def test_much_goes_there_and_comes_back_at_once(relayed: Runtime) -> None:
    async with tcp(echo) as port:
        got = await _called(relayed, PROGRAMS.send_and_receive_much, HERE, port, 5_000_000)
    assert got == "[4999936, True]"


async def test_who_does_not_read_stops_the_peer(relayed: Runtime) -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.read(2)
        while sent < 500_000_000:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    async with tcp(flood) as port:
        assert await relayed.call(PROGRAMS.read_slowly, HERE, port) == 1000
    assert sent < 50_000_000


async def test_a_peer_that_does_not_read_stops_the_writer(relayed: Runtime) -> None:
    async with tcp(silent) as port:
        sent = await relayed.call(PROGRAMS.write_to_a_peer_that_does_not_read, HERE, port)
    assert 65536 <= sent < 50_000_000


async def test_refusals_and_resets_have_their_numbers_of_linux(relayed: Runtime) -> None:
    assert await _called(relayed, PROGRAMS.refusals, free_port()) == str(
        ["ECONNREFUSED", "ECONNREFUSED", "EINPROGRESS", "ECONNREFUSED", "ENOTCONN", "EADDRNOTAVAIL"]
    )
    async with tcp(break_off) as port:
        got = await relayed.call(PROGRAMS.read_from_one_who_breaks_off, HERE, port)
        assert got == "ConnectionResetError"


async def test_waits_end_and_all_ways_to_wait_see_them(relayed: Runtime) -> None:
    async with tcp(echo) as port:
        assert await _called(relayed, PROGRAMS.read_with_a_timeout, HERE, port) == (
            "['TimeoutError', 'x']"
        )
        got = await relayed.call(PROGRAMS.interrupted_while_it_waits, HERE, port)
        assert got == "interrupted"
        got = await relayed.call(PROGRAMS.poll_epoll_and_select, HERE, port)
        assert got == "[([], [], []), True, True, True]"
        assert await relayed.call(PROGRAMS.asyncio_streams, HERE, port) == 10_000
        assert await relayed.call(PROGRAMS.many_at_once, HERE, port, 100)


async def test_datagrams(relayed: Runtime) -> None:
    async with udp() as port:
        got = await _called(relayed, PROGRAMS.datagrams, HERE, port, "AF_INET")
        assert got == "['FIRST', True, True, True, True, 'SECOND']"
        assert await _called(relayed, PROGRAMS.asyncio_datagrams, HERE, port) == "['X', True]"


async def test_what_is_not_allowed_says_why_and_what_helps(relayed: Runtime) -> None:
    got = await _called(relayed, PROGRAMS.what_a_refused_target_says, "10.1.2.3", 5432)
    assert got.startswith("['PermissionError'")
    assert "does not allow 10.1.2.3:5432" in got and "--allow" in got and "CIDR" in got
    got = await relayed.call(PROGRAMS.what_a_name_says, "unknown.test")
    assert got == "[Errno -2] Name or service not known"


@pytest.mark.parametrize("cell", CELLS)
async def test_a_name_that_is_not_allowed_says_what_helps(
    hosts: dict[str, Host], cell: str
) -> None:
    """A list that has addresses lets every name be looked up, as it may stand for one of them."""
    engine, core = cell.split("-")
    async with (
        relay(allow=("*.here.test:*",), lookup=_lookup) as (_, url),
        fresh_runtime(hosts, engine, core, network={"relay": url}) as made,
    ):
        assert "--allow" in await made.call(PROGRAMS.what_a_name_says, "elsewhere.test")


async def test_servers_inside_are_found_first_and_by_nobody_outside(relayed: Runtime) -> None:
    async with tcp(echo) as port:
        assert await _called(relayed, PROGRAMS.inside_first, port) == "[True, 'x']"


@pytest.mark.parametrize("cell", CELLS)
async def test_tokens_let_in(hosts: dict[str, Host], cell: str) -> None:
    engine, core = cell.split("-")
    async with relay(key=KEY) as (_, url), tcp(late) as port:
        token = make_token(KEY, audience="relay")
        network = {"relay": url, "token": token}
        async with fresh_runtime(hosts, engine, core, network=network) as made:
            got = await _called(made, PROGRAMS.talk_to_an_echo, HERE, port)
            assert got.startswith("['HELLO YOU'")
        # Without one.
        async with fresh_runtime(hosts, engine, core, network={"relay": url}) as made:
            got = await _called(made, PROGRAMS.what_a_refused_target_says, HERE, port)
            assert got.startswith("['OSError'") and "the token is missing" in got
            assert "relay" in await made.call(PROGRAMS.what_a_name_says, "db.here.test")


async def test_a_relay_that_is_not_there_says_so(hosts: dict[str, Host]) -> None:
    network = {"relay": f"ws://{HERE}:{free_port()}/"}
    for engine in ENGINES:
        async with fresh_runtime(hosts, engine, "jspi", network=network) as made:
            got = await _called(made, PROGRAMS.what_a_refused_target_says, HERE, 80)
            assert got.startswith("['OSError'") and "there is no relay" in got


async def test_a_relay_that_is_lost_breaks_connections_and_is_found_again(
    hosts: dict[str, Host],
) -> None:
    async with tcp(silent) as quiet, tcp(late) as port, relay() as (made, url):
        async with fresh_runtime(hosts, "node", "jspi", network={"relay": url}) as one:
            broken = asyncio.ensure_future(
                one.call(PROGRAMS.read_from_one_who_breaks_off, HERE, quiet)
            )
            while made.metrics.get("streams") == 0:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)
            await made.drain()
            assert await broken == "ConnectionResetError"
            made.draining = False
            got = await _called(one, PROGRAMS.talk_to_an_echo, HERE, port)
            assert got.startswith("['HELLO YOU'")


async def test_the_page_lives_while_much_arrives(relayed: Runtime) -> None:
    size = 30_000_000

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(2)
        for _ in range(size // 100_000):
            writer.write(b"x" * 100_000)
            await writer.drain()

    async with tcp(send) as port:
        code = PROGRAMS.connect_while_the_page_lives.called(HERE, port, size)
        result = await relayed.run_async(code)
    assert result.error is None and result.value is True
    assert result.ticks > 10


# ---- a server of others -----------------------------------------------------------------------

SERVER = str(ROOT / "tests/runtime/wisp_js_server.mjs")


@asynccontextmanager
async def wisp_js(version: int) -> AsyncIterator[str]:
    """Mercury Workshop's Wisp server; its address."""
    command = find_node().command(SERVER, str(version))
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    yield f"ws://{HERE}:{int(await process.stdout.readline())}/"
    process.kill()
    await process.wait()


@pytest.mark.parametrize("version", [1, 2])
async def test_plain_wisp_servers_will_do(hosts: dict[str, Host], version: int) -> None:
    """Without half-close, addresses and names, which their protocol does not have."""
    async with tcp(echo) as port, udp() as datagrams, wisp_js(version) as url:
        async with fresh_runtime(hosts, "node", "jspi", network={"relay": url}) as made:
            assert await made.call(PROGRAMS.many_at_once, HERE, port, 20)
            assert await _called(made, PROGRAMS.read_with_a_timeout, HERE, port) == (
                "['TimeoutError', 'x']"
            )
            got = await _called(made, PROGRAMS.asyncio_datagrams, HERE, datagrams)
            assert got == "['X', True]"
