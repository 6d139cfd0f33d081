"""urllib.request, http.client and what stands on them, over fetch, in the real core.

What is expected is what CPython does over a socket: status, reason, headers, errors and who raises
them, redirects, time limits, streaming. Where a page cannot do that, because its fetch hides things
or does them itself, `by_engine` has what it does instead: these are the documented limits.
Server: http_server.py.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
from typing import Any

import pytest

from tests.programs import Program, programs
from tests.runtime import http_server as server_module

PROGRAMS = programs(__file__)

http_server = server_module.http_server  # the fixture


def by_engine(runtime: Any, *, native: Any, page: Any) -> Any:
    """What to expect: on Node, which behaves natively, and in a page."""
    return page if runtime.engine == "chromium" else native


async def run(runtime: Any, server: Any, program: Program, *arguments: Any) -> Any:
    """Call the program with the server's address and the arguments; it returns a JSON text."""
    return json.loads(await runtime.call(program, server.url, *arguments))


async def test_get(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.get)
    assert found == [
        200, "OK", 11, "yes", "application/json", f"{http_server.url}/echo?a=b#fragment",
        "GET", "/echo?a=b", *by_engine(
            runtime, native=[True, "Python-urllib/"], page=[False, "Mozilla/5.0 (X"]
        ),
    ]  # fmt: skip


async def test_post_sends_body_and_headers(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.post)
    assert found == ["POST", True, "256", "application/x-www-form-urlencoded", "caf\xe9"]


async def test_a_chunked_body_arrives_whole(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.a_chunked_body)
    assert found == ["PUT", "one two three"]


async def test_head_has_headers_and_no_body(runtime: Any, http_server: Any) -> None:
    assert await run(runtime, http_server, PROGRAMS.head) == [200, "1000", 0]


async def test_no_content(runtime: Any, http_server: Any) -> None:
    assert await run(runtime, http_server, PROGRAMS.no_content) == [204, "No Content", 0]


@pytest.mark.parametrize("status", [400, 404, 418, 500])
async def test_an_http_error_has_its_body(runtime: Any, http_server: Any, status: int) -> None:
    found = await run(runtime, http_server, PROGRAMS.an_http_error, status)
    assert found == [
        "HTTPError", status, "Because", f"body of {status}", "text/plain; charset=utf-8",
    ]  # fmt: skip


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_get_follows_redirects(runtime: Any, http_server: Any, status: int) -> None:
    found = await run(runtime, http_server, PROGRAMS.a_redirected_get, status)
    assert found == [200, f"{http_server.url}/echo?new", "GET"]


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirected_post_becomes_a_get(runtime: Any, http_server: Any, status: int) -> None:
    assert await run(runtime, http_server, PROGRAMS.a_redirected_post, status) == ["GET", ""]


@pytest.mark.parametrize("status", [307, 308])
async def test_a_post_is_not_repeated_elsewhere(
    runtime: Any, http_server: Any, status: int
) -> None:
    # A browser repeats it before anybody can be asked.
    expected = by_engine(runtime, native=[status, "/echo", "look elsewhere"], page="POST")
    assert await run(runtime, http_server, PROGRAMS.a_post_elsewhere, status) == expected


async def test_a_redirect_loop_ends(runtime: Any, http_server: Any) -> None:
    expected = by_engine(runtime, native="infinite loop", page="fetch failed")
    assert expected in await run(runtime, http_server, PROGRAMS.a_redirect_loop)


async def test_http_client_does_not_follow(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.http_client_redirected)
    assert found == by_engine(
        runtime,
        native=[302, "Found", "/echo", "look elsewhere"],
        page=[303, "See Other", f"{http_server.url}/echo", ""],
    )


async def test_one_connection_serves_several_requests(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.several_requests)
    assert found == ["", "POST", "DELETE"]


async def test_headers_that_come_twice(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.headers_that_come_twice)
    # Cookies in a page are the browser's own business.
    assert found == by_engine(
        runtime, native=[["a=1; Path=/", "b=2; Path=/"], "42", "a=1; b=2"], page=[None, "42", None]
    )


async def test_a_compressed_body_arrives_decoded(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.compressed)
    # A browser always asks for compression; the length it got says nothing about the body then.
    length = by_engine(runtime, native="11000", page=None)
    assert found == [length, 11000, None, None, True]


async def test_a_large_body_arrives_whole(runtime: Any, http_server: Any) -> None:
    count = 3_000_000
    body = bytes(range(251)) * (count // 251) + bytes(count % 251)
    assert (
        await run(runtime, http_server, PROGRAMS.digest_of_a_large_body, count)
        == hashlib.sha256(body).hexdigest()
    )


async def test_a_chunked_response(runtime: Any, http_server: Any) -> None:
    expected = ["chunked", [f"line {number}\n" for number in range(500)]]
    assert await run(runtime, http_server, PROGRAMS.chunked) == expected


async def test_a_body_is_read_while_it_is_sent(runtime: Any, http_server: Any) -> None:
    assert await run(runtime, http_server, PROGRAMS.until_released) == ["first\n", "second\n"]


async def test_two_tasks_wait_at_the_same_time(runtime: Any, http_server: Any) -> None:
    # Two addresses: Chromium's cache lets a second request for one wait 20 s for the first.
    both = [run(runtime, http_server, PROGRAMS.meet, number) for number in range(2)]
    assert await asyncio.gather(*both) == ["met", "met"]


async def test_it_waits_below_c_code(runtime: Any, http_server: Any) -> None:
    assert await run(runtime, http_server, PROGRAMS.in_a_sort_key) == [3, 2, 1]


async def test_a_silent_server_is_a_timeout(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.silent)
    assert found == ["TimeoutError: timed out", 0, 200]


async def test_a_body_that_stops_is_a_timeout(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.a_body_that_stops)
    timed_out = "OSError: cannot read from timed out object"
    assert found == ["some", "TimeoutError: timed out", timed_out]


async def test_the_time_limit_can_be_changed(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.a_changed_time_limit)
    assert found == [0.1, "TimeoutError: timed out"]


async def test_a_refused_connection(runtime: Any, http_server: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        found = await run(runtime, http_server, PROGRAMS.refused, port)
    reason = by_engine(runtime, native="ConnectionRefusedError", page="ConnectionError")
    assert found == ["URLError", reason]


async def test_an_unknown_host(runtime: Any, http_server: Any) -> None:
    reason = by_engine(runtime, native="gaierror", page="ConnectionError")
    assert await run(runtime, http_server, PROGRAMS.unknown_host) == ["URLError", reason]


async def test_a_server_that_hangs_up(runtime: Any, http_server: Any) -> None:
    expected = by_engine(runtime, native="RemoteDisconnected", page="URLError")
    assert await run(runtime, http_server, PROGRAMS.hangs_up) == expected


@pytest.mark.parametrize("framing", ["counted", "chunked"])
async def test_a_body_that_breaks_off_is_an_incomplete_read(
    runtime: Any, http_server: Any, framing: str
) -> None:
    # An engine throws away what it has not handed out yet: how much that is, is a race between
    # its network code and the reader (it was all of it in 99 runs of 100, then none of it).
    kind, partial = await run(runtime, http_server, PROGRAMS.breaks_off, framing)
    assert kind == "IncompleteRead"
    assert partial in {"", "half of it"}


async def test_closing_a_response_ends_the_request(runtime: Any, http_server: Any) -> None:
    assert await run(runtime, http_server, PROGRAMS.closing) == ["so", 1, 0]
    await asyncio.wait_for(http_server.disconnected.wait(), 20)


async def test_responses_leave_no_descriptors(runtime: Any, http_server: Any) -> None:
    assert await run(runtime, http_server, PROGRAMS.descriptors_left) == 0


async def test_https_is_there(runtime: Any, http_server: Any) -> None:
    # A server that does not speak TLS: the request must get as far as the handshake.
    assert await run(runtime, http_server, PROGRAMS.https) == ["URLError", True, 443]
    assert http_server.requests == []


async def test_xmlrpc(runtime: Any, http_server: Any) -> None:
    assert await run(runtime, http_server, PROGRAMS.xmlrpc_calls) == [5, "Fault"]


async def test_urlretrieve(runtime: Any, http_server: Any) -> None:
    assert await run(runtime, http_server, PROGRAMS.urlretrieve) == [
        "/tmp/retrieved",
        "70000",
        70000,
    ]


async def test_a_plain_call_says_that_it_cannot_wait(runtime: Any, http_server: Any) -> None:
    result = await runtime.run(
        f"import urllib.request\nurllib.request.urlopen({http_server.url + '/echo'!r}, data=b'x')"
    )
    assert result.error is not None
    assert "RuntimeError" in result.error
    assert "URLError" not in result.error
    assert "runPythonAsync" in result.error
    assert http_server.requests == [], "a request that cannot be answered must not be sent"
