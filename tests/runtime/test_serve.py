"""pyodide.serve(): JavaScript's fetch() and WebSocket reach servers that run inside."""

from __future__ import annotations

from typing import Any

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)
HTTP = (PROGRAMS.serve_http, PROGRAMS.stop_http)


async def test_fetch_reaches_an_http_server_in_a_thread(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.fetchFromHttp, *HTTP) == "done"


async def test_cookies_are_kept_and_redirects_followed(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.keepCookiesAndFollow, *HTTP) == "done"


async def test_many_requests_at_once_and_those_that_are_given_up(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.manyAtOnceAndAborted, *HTTP) == "done"


async def test_where_nobody_listens_it_says_what_to_do(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.nobodyListens) == ["Error", True, "TypeError"]


async def test_a_websocket_talks_to_a_server_on_the_loop(runtime: Any) -> None:
    pair = (PROGRAMS.serve_websocket, PROGRAMS.stop_websocket)
    assert await runtime.js(SCRIPTS.talkByWebSocket, *pair) == "done"
