"""Addresses that are relative to the page, in urllib.request.

`urlopen("data.json")` failed in a page with "unknown url type", where fetch() takes it. Expected
is what fetch makes of an address, and CPython's own error where there is no page.
"""

from __future__ import annotations

import json
from typing import Any

from tests.programs import Program, programs, scripts
from tests.runtime import http_server as server_module

http_server = server_module.http_server  # the fixture

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)

# What they mean at /a/page.html?b#c; None: an error, as natively.
MEANINGS = {
    "data.json": "/a/data.json",
    "./x": "/a/x",
    "/x": "/x",
    "../x?q=a:b": "/x?q=a:b",
    "?q=a:b": "/a/page.html?q=a:b",
    "x#part": "/a/x#part",
    "<URL:x>": "/a/x",
    "with space é": "/a/with%20space%20%C3%A9",
    "": None,
    "#part": None,
    "//": None,
}


async def run_at(runtime: Any, server: Any, path: str, program: Program | str) -> Any:
    """What a program gives in a page that has the address `path` at the server."""
    return json.loads(await runtime.js(SCRIPTS.run_at, server.url + path, str(program)))


async def test_an_address_means_what_it_means_to_fetch(runtime: Any, http_server: Any) -> None:
    program = PROGRAMS.meanings.called([*MEANINGS, "//other.test/x"])
    found = await run_at(runtime, http_server, "/a/page.html?b#c", program)
    assert found == [
        *(
            f"ValueError: unknown url type: {address!r}" if path is None else http_server.url + path
            for address, path in MEANINGS.items()
        ),
        "http://other.test/x",
    ]


async def test_a_long_address_is_whole(runtime: Any, http_server: Any) -> None:
    """The way from JavaScript has a small buffer first."""
    program = PROGRAMS.meanings.called(["é" * 1000])
    (found,) = await run_at(runtime, http_server, "/a/", program)
    assert found == f"{http_server.url}/a/{'%C3%A9' * 1000}"


async def test_it_is_whole_wherever_it_is_read(runtime: Any, http_server: Any) -> None:
    program = PROGRAMS.everything_that_takes_an_address
    url = http_server.url
    assert await run_at(runtime, http_server, "/a/page.html", program) == {
        "body": "body",
        "geturl": f"{url}/echo?one",
        "header": "1",
        "request": [f"{url}/echo?two#part", url.removeprefix("http://"), "/echo?two"],
        "retrieved": 1000,
        "redirected": ["/echo?three", f"{url}/echo?three"],
        "missing": f"{url}/status/404",
    }


async def test_what_has_a_scheme_or_is_no_text_is_as_ever(runtime: Any, http_server: Any) -> None:
    found = await run_at(runtime, http_server, "/a/page.html", PROGRAMS.whole_addresses)
    assert found == [
        "a b",
        "URLError: <urlopen error unknown url type: blob>",
        "URLError: <urlopen error unknown url type: localhost>",
        "ValueError: unknown url type: \"b'x'\"",
        "ftp",
    ]


async def test_without_a_page_it_is_an_error_that_names_the_cure(runtime: Any) -> None:
    """Node has no address: there the error is CPython's, and a note says what to do."""
    found = json.loads(await runtime.value(PROGRAMS.without_a_page))
    if runtime.engine == "chromium":
        assert found == 200  # relative to the page of the tests
    else:
        assert found[0] == "unknown url type: 'driver.mjs'"
        assert "whole address" in found[1]
