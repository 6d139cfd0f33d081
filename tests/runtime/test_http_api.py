"""pyodide.http: pyfetch and its responses, open_url, pyxhr."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.programs import Program, programs
from tests.runtime import http_server as server_module

PROGRAMS = programs(__file__)

http_server = server_module.http_server  # the fixture


async def run(runtime: Any, server: Any, program: Program) -> Any:
    """Call the program with the server's address; it returns a JSON text."""
    return json.loads(await runtime.call(program, server.url))


async def test_a_response_has_its_head_and_body(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.head_and_body)
    assert found == [[200, "OK", True, False, True, False, "yes", True], "GET", "/echo?a=b", True]


async def test_options_are_given_to_fetch(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.options)
    assert found == ["POST", "text", "yes"]


async def test_a_body_is_read_once_and_in_every_form(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.forms_of_a_body)
    assert found == [[5, 5, 5, 5], True, "BodyUsedError", "Response body is already used"]


async def test_a_status_is_an_error_when_asked(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.raise_for_status)
    assert found == [404, True, True, False, None]


async def test_an_error_of_a_status_that_is_none_says_so(runtime: Any, http_server: Any) -> None:
    none = "Invalid error code not between 400 and 599"
    assert await run(runtime, http_server, PROGRAMS.texts_of_statuses) == [
        f"302 {none}: Odd for url: U",
        "404 Client Error: Odd for url: U",
        "500 Server Error: Odd for url: U",
        f"700 {none}: Odd for url: U",
    ]


async def test_cancelling_a_task_aborts_its_request(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.cancelled_tasks)
    assert found == ["CancelledError", "CancelledError"]
    await asyncio.wait_for(http_server.disconnected.wait(), 20)


async def test_abort_ends_what_reads_the_body(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.abort)
    assert found[0] == "AbortError"
    assert found[1] in ("AbortError", "BodyUsedError")


async def test_a_signal_of_the_caller_ends_a_request(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.signal)
    assert found == "AbortError"


async def test_no_answer_is_an_error_of_the_os(runtime: Any, http_server: Any) -> None:
    """Programs catch OSError for it; it was a JsException."""
    found = await run(runtime, http_server, PROGRAMS.no_answer)
    assert found == ["AbortError", "JsException"]


async def test_another_fetcher_is_called(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.another_fetcher)
    assert found == [3, True]


async def test_an_archive_is_unpacked(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.an_archive)
    assert found == "content"


async def test_a_response_becomes_a_new_file(runtime: Any, http_server: Any) -> None:
    """A file that was there has what it had: `_create_file` used to write over it."""
    found = await run(runtime, http_server, PROGRAMS.a_new_file)
    assert found == [300, "FileExistsError", 300, "FileNotFoundError"]


async def test_a_body_is_no_file_when_it_was_read(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.a_new_file_of_a_body_that_was_read)
    assert found == ["BodyUsedError", False]


async def test_open_url_waits_for_text(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.open_url_in_a_function)
    assert found == "/echo?q=1"


async def test_pyxhr_is_for_pages(runtime: Any, http_server: Any) -> None:
    found = await run(runtime, http_server, PROGRAMS.pyxhr_calls)
    if runtime.engine == "node":
        assert found.startswith("there is no XMLHttpRequest here")
    else:
        assert found == [
            200,
            True,
            "POST",
            "/echo?a=b+c",
            '{"k": 1}',
            "application/json",
            "yes",
            "yes",
            300,
            500,
        ]


@pytest.fixture
def page(runtime: Any) -> Any:
    """A runtime where there is an XMLHttpRequest."""
    if runtime.engine == "node":
        pytest.skip("XMLHttpRequest is a browser's")
    return runtime


async def test_pyxhr_has_every_method(page: Any, http_server: Any) -> None:
    methods = ("get", "post", "put", "patch", "delete", "options")
    expected = {name: name.upper() for name in methods}
    found = await run(page, http_server, PROGRAMS.pyxhr_methods)
    assert found == {**expected, "head": [200, ""], "any": "DELETE"}


async def test_pyxhr_sends_every_kind_of_body(page: Any, http_server: Any) -> None:
    assert await run(page, http_server, PROGRAMS.pyxhr_bodies) == {
        "text": "a text",
        "bytes": ["\x00\xc8\xff", "x/y"],
        "form": ["a=1&a=2&b=c+d", "application/x-www-form-urlencoded"],
        "own type": ["[1]", "application/mine"],
    }


async def test_pyxhr_adds_to_the_address_and_says_who_asks(page: Any, http_server: Any) -> None:
    found = await run(page, http_server, PROGRAMS.pyxhr_addresses_and_users)
    assert found == ["/echo?x=1&a=1&a=2", "/echo?x=1&b=3", "Basic bWU6c2VjcmV0"]


async def test_pyxhr_tells_what_came(page: Any, http_server: Any) -> None:
    assert await run(page, http_server, PROGRAMS.pyxhr_answers) == [
        [True, [0, 0, 0]],
        [False, 404, "Nowhere", "body of 404"],
        ["HttpStatusError", 404],
        None,
        ["JSONDecodeError", None],
    ]


async def test_pyxhr_raises_where_no_answer_comes(page: Any, http_server: Any) -> None:
    found = await run(page, http_server, PROGRAMS.pyxhr_without_an_answer)
    assert found == ["XHRNetworkError", True, "Network error for GET http://127.0.0.1:1/"]
