"""Sockets on the host's network (option network: "host"): as on Linux, to servers outside and from clients there."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.network_servers import break_off, echo, free_port, late, silent, tcp, udp
from tests.programs import programs, scripts
from tests.runtime.conftest import CORES, Host, Runtime, fresh_runtime

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)
HERE = "127.0.0.1"


@pytest_asyncio.fixture(params=CORES)
async def networked(request: Any, hosts: dict[str, Host]) -> AsyncIterator[Runtime]:
    """A runtime in Node with the host's network, on each core."""
    async with fresh_runtime(hosts, "node", request.param, network="host") as made:
        yield made


# ---- connections to outside -------------------------------------------------------------------


@pytest.mark.parametrize(("host", "family"), [(HERE, "AF_INET"), ("::1", "AF_INET6")])
async def test_a_client_talks_to_a_server_outside(
    networked: Runtime, host: str, family: str
) -> None:
    async with tcp(late, host) as port:
        got = await networked.call(PROGRAMS.talk_to_an_echo, host, port)
    assert got == {"proxy": "list", "text": f"['HELLO YOU', True, True, '{family}']"}


async def _called(runtime: Runtime, program: Any, *arguments: Any) -> Any:
    """What a program gives, as its repr() where it is a list."""
    got = await runtime.call(program, *arguments)
    return got["text"] if isinstance(got, dict) else got


async def test_a_name_is_reached_by_any_of_its_addresses(networked: Runtime) -> None:
    async with tcp(late) as port:
        got = await _called(networked, PROGRAMS.talk_to_an_echo, "localhost", port)
    assert got.startswith("['HELLO YOU'")


async def test_much_goes_there_and_comes_back_at_once(networked: Runtime) -> None:
    async with tcp(echo) as port:
        got = await _called(networked, PROGRAMS.send_and_receive_much, HERE, port, 5_000_000)
    assert got == "[4999936, True]"


async def test_who_does_not_read_stops_the_peer(networked: Runtime) -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.read(2)
        while sent < 500_000_000:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    async with tcp(flood) as port:
        assert await networked.call(PROGRAMS.read_slowly, HERE, port) == 1000
    assert sent < 50_000_000  # what the kernel, Node and the runtime hold


async def test_a_peer_that_does_not_read_stops_the_writer(networked: Runtime) -> None:
    async with tcp(silent) as port:
        sent = await networked.call(PROGRAMS.write_to_a_peer_that_does_not_read, HERE, port)
    assert 65536 <= sent < 50_000_000


async def test_refusals_have_their_numbers_of_linux(networked: Runtime) -> None:
    assert await _called(networked, PROGRAMS.refusals, free_port()) == str(
        ["ECONNREFUSED", "ECONNREFUSED", "EINPROGRESS", "ECONNREFUSED", "ENOTCONN", "EADDRNOTAVAIL"]
    )


async def test_a_reset_is_an_error_and_unread_data_makes_one(networked: Runtime) -> None:
    async with tcp(break_off) as port:
        got = await networked.call(PROGRAMS.read_from_one_who_breaks_off, HERE, port)
        assert got == "ConnectionResetError"
    how: asyncio.Queue[str] = asyncio.Queue()

    async def watch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(2)
        writer.write(b"x" * 100_000)
        try:
            await reader.read()
            how.put_nowait("end")
        except ConnectionResetError:
            how.put_nowait("reset")

    async with tcp(watch) as port:
        await networked.call(PROGRAMS.leave_with_unread_data, HERE, port)
        assert await how.get() == "reset"


async def test_waits_have_timeouts_and_can_be_interrupted(networked: Runtime) -> None:
    async with tcp(echo) as port:
        assert await _called(networked, PROGRAMS.read_with_a_timeout, HERE, port) == (
            "['TimeoutError', 'x']"
        )
        got = await networked.call(PROGRAMS.interrupted_while_it_waits, HERE, port)
        assert got == "interrupted"


async def test_select_poll_epoll_and_asyncio_see_them(networked: Runtime) -> None:
    async with tcp(echo) as port:
        got = await networked.call(PROGRAMS.poll_epoll_and_select, HERE, port)
        assert got == "[([], [], []), True, True, True]"
        assert await networked.call(PROGRAMS.asyncio_streams, HERE, port) == 10_000
        assert await networked.call(PROGRAMS.many_at_once, HERE, port, 100)


async def test_urgent_bytes_and_options(networked: Runtime) -> None:
    async with tcp(echo) as port:
        got = await networked.call(PROGRAMS.urgent_bytes_go_with_the_others, HERE, port)
        assert got == "ab!"
        assert await _called(networked, PROGRAMS.options_are_kept, HERE, port) == "['x', 1, 1]"


# ---- servers that are reached from outside ----------------------------------------------------


@pytest.mark.parametrize(
    ("at", "family", "host"),
    [(HERE, "AF_INET", HERE), ("::1", "AF_INET6", "::1"), ("", "AF_INET", HERE)],
)
async def test_a_server_is_reached_from_outside(
    networked: Runtime, at: str, family: str, host: str
) -> None:
    program = PROGRAMS.listen_and_tell.called(at, family)
    got = await networked.js(SCRIPTS.reachFromOutside, program, host, "hello")
    assert got == ["HELLO", True]


async def test_a_port_that_is_taken_outside_is_taken(networked: Runtime) -> None:
    async with tcp(echo) as port:
        got = await _called(networked, PROGRAMS.a_taken_port, port)
    assert got == "['EADDRINUSE', True, 'EADDRINUSE']"


async def test_a_server_inside_is_found_first(networked: Runtime) -> None:
    async with tcp(echo) as port:
        assert await _called(networked, PROGRAMS.inside_first, port) == "[True, 'x']"


async def test_a_runtime_that_ends_leaves_nothing_open(networked: Runtime) -> None:
    program = PROGRAMS.leave_a_server_and_a_connection
    got = await networked.js(
        SCRIPTS.destroyWhileItListens, program, networked.host.dist, networked.core
    )
    assert got == "ECONNREFUSED"


# ---- datagrams and names ----------------------------------------------------------------------


@pytest.mark.parametrize(("host", "family"), [(HERE, "AF_INET"), ("::1", "AF_INET6")])
async def test_datagrams_go_out_and_come_back(networked: Runtime, host: str, family: str) -> None:
    async with udp(host) as port:
        got = await _called(networked, PROGRAMS.datagrams, host, port, family)
    assert got == "['FIRST', True, True, True, True, 'SECOND']"


async def test_datagrams_come_from_outside(networked: Runtime) -> None:
    program = PROGRAMS.receive_datagrams.called(HERE)
    assert await networked.js(SCRIPTS.sendFromOutside, program, HERE, "abc") == ["ABC", "abc"]


async def test_asyncio_has_datagrams_and_refusals_are_told(networked: Runtime) -> None:
    async with udp() as port:
        got = await _called(networked, PROGRAMS.asyncio_datagrams, HERE, port)
    assert got == "['X', True]"
    free = free_port(socket.SOCK_DGRAM)
    assert await networked.call(PROGRAMS.datagrams_to_nobody, free) == "ECONNREFUSED"


async def test_names_are_the_hosts(networked: Runtime) -> None:
    assert await _called(networked, PROGRAMS.names) == "[True, True, '127.0.0.1', 'localhost']"
    own = socket.gethostname()
    try:
        addresses = sorted({str(one[4][0]) for one in socket.getaddrinfo(own, 80)})
    except socket.gaierror:
        pytest.skip(f"this machine's own name, {own}, has no address here")
    got = await _called(networked, PROGRAMS.names_of_the_host, own)
    assert got.startswith(f"['{socket.gethostbyname(own)}', {addresses}")


# ---- what is not allowed ----------------------------------------------------------------------


async def test_without_the_option_sockets_stay_inside(runtime: Any) -> None:
    """Programs that run other people's code must not reach the network unless they say so."""
    async with tcp(echo) as port:
        got = await runtime.call(PROGRAMS.what_a_refused_target_says, HERE, port)
    assert got["text"] == "['ConnectionRefusedError', 'None']"


async def test_a_host_that_does_not_let_programs_listen(hosts: dict[str, Host]) -> None:
    options = {"network": {"host": {"listen": False}}}
    async with tcp(echo) as port, fresh_runtime(hosts, "node", "jspi", **options) as closed:
        assert await _called(closed, PROGRAMS.inside_first, port) == "[True, 'x']"
        # The name is known inside only: who has it outside is no obstacle.
        got = await _called(closed, PROGRAMS.a_taken_port, port)
        assert got == "['nothing', True, 'EADDRINUSE']"


async def test_a_host_that_lets_programs_listen_at_one_port(hosts: dict[str, Host]) -> None:
    port = free_port()
    options = {"network": {"host": {"listen": [str(port)]}}}
    async with tcp(echo) as taken, fresh_runtime(hosts, "node", "jspi", **options) as one:
        program = PROGRAMS.listen_and_tell.called("", "AF_INET", port)
        assert await one.js(SCRIPTS.reachFromOutside, program, HERE, "hello") == ["HELLO", True]
        got = await _called(one, PROGRAMS.a_taken_port, taken)
        assert got == "['nothing', True, 'EADDRINUSE']"
    host = hosts["node"]
    for entry in ("", "x", "70000", "nowhere:80"):
        options = {"network": {"host": {"listen": [entry]}}}
        with pytest.raises(RuntimeError, match="no port to listen on"):
            await host.ask("load", dist=host.dist, core="jspi", options=options)


async def test_a_page_has_no_network_of_a_host(hosts: dict[str, Host]) -> None:
    host = hosts["chromium"]
    with pytest.raises(RuntimeError, match=r"a page needs \{ relay"):
        await host.ask("load", dist=host.dist, core="jspi", options={"network": "host"})
