"""Sockets on the network inside the runtime: they connect, block, wake, refuse, as on Linux."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.programs import Programs, programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)
LIBRARY = Programs(Path(__file__).parent / "programs" / "sockets_library.py")


@pytest.mark.parametrize(
    ("address", "family"), [("127.0.0.1", "AF_INET"), ("::1", "AF_INET6"), ("", "AF_INET")]
)
async def test_a_client_and_a_server_in_a_thread_talk(
    runtime: Any, address: str, family: str
) -> None:
    got = await runtime.call(PROGRAMS.talk_to_a_server_in_a_thread, address, family)
    assert got == "(b'HELLO YOU', True)"


async def test_a_large_sendall_waits_for_its_reader(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.send_more_than_a_socket_holds) == 3_000_000


async def test_timeouts_and_refusals_are_those_of_a_real_network(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.timeouts_and_refusals)
        == "['OSError', 'TimeoutError', 'TimeoutError', 'TimeoutError', 'ConnectionRefusedError', 'OSError']"
    )


async def test_a_connection_to_elsewhere_says_why_it_cannot_be(runtime: Any) -> None:
    result = await runtime.run_async(
        "import socket\nsocket.create_connection(('93.184.216.34', 80))"
    )
    assert result.error_type == "OSError"
    assert "this machine's own addresses only" in (result.error or "")
    result = await runtime.run_async("import socket\nsocket.create_connection(('example.org', 80))")
    assert result.error_type == "gaierror"
    assert "localhost" in (result.error or "")


async def test_unread_data_at_close_resets_the_connection(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.close_with_unread_data)
        == "['ConnectionResetError', 'BrokenPipeError']"
    )


async def test_nonblocking_sockets_and_select(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.nonblocking_sockets_and_select)
        == "['nobody', True, True, 'nothing', b'aabc', b'']"
    )


async def test_datagrams_keep_their_bounds(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.datagrams) == "[(b'one', True), b'sec', b'late', 'timeout']"


async def test_unix_sockets_have_names_in_the_file_system(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.unix_sockets)
        == "[True, b'UNIX', '/tmp/server.sock', 'refused', 'gone', b'\\x00abstract']"
    )


async def test_a_socket_is_a_file(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.a_socket_is_a_file)
        == "[[b'first\\n', b'second\\n', b'third']]"
    )


async def test_an_interrupt_ends_accept_and_recv(runtime: Any) -> None:
    for how in ("accept", "recv"):
        program = PROGRAMS.wait_for_an_interrupt.called(how)
        assert await runtime.js(SCRIPTS.interrupt_a_wait, program) == "KeyboardInterrupt", how


@pytest.mark.parametrize("program", list(LIBRARY), ids=lambda program: program.name)
async def test_the_librarys_servers_serve(runtime: Any, program: Any) -> None:
    assert await runtime.value(program) is True


async def test_open_files_pass_through_unix_sockets(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.pass_open_files)
        == "(b'three', b'through', b'content', b'', b'')"
    )


async def test_services_hosts_and_interfaces_have_names(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.names_of_services_hosts_and_interfaces)
        == "(80, 53, 'smtp', ('localhost', [], ['127.0.0.1']), 'localhost', [(1, 'lo')], 1, 'lo', ('fe80::1', 1, 0, 1))"
    )


async def test_a_duplicate_is_not_inheritable(runtime: Any) -> None:
    # dup() of a socket asks for a descriptor that is closed on exec, and got a plain one.
    assert await runtime.value(PROGRAMS.duplicate_a_socket) == "False"


async def test_sendfile_sends_a_file_and_keeps_its_place(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.sendfile)
        == "(499997, 10, 500000, 500007, b'345', b'5678901234', 100000, 100000)"
    )
