"""pyodide.http: pyfetch and its responses, open_url, pyxhr."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.runtime import http_server as server_module

http_server = server_module.http_server  # the fixture

PRELUDE = """\
import asyncio, json
from pyodide.http import (AbortError, BodyUsedError, FetchResponse, HttpStatusError, open_url,
                          pyfetch, pyxhr)
BASE = {url!r}
async def failure(awaitable):
    try:
        await awaitable
    except BaseException as error:
        return type(error).__name__
    return "none"
"""


async def run(runtime: Any, server: Any, code: str) -> Any:
    """Run the code after PRELUDE; its last expression is a JSON text."""
    result = await runtime.run_async(PRELUDE.format(url=server.url) + code)
    assert result.error is None, result.error
    return json.loads(result.value)


async def test_a_response_has_its_head_and_body(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
r = await pyfetch(BASE + "/echo?a=b")
head = [r.status, r.status_text, r.ok, r.redirected, r.url == BASE + "/echo?a=b", r.body_used,
        r.headers["x-echo"], r.type in ("basic", "cors", "default")]
echo = await r.json()
answer = json.dumps([head, echo["method"], echo["path"], r.body_used])
del r
answer
""",
    )
    assert found == [
        [200, "OK", True, False, True, False, "yes", True],
        "GET",
        "/echo?a=b",
        True,
    ]


async def test_options_are_given_to_fetch(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
r = await pyfetch(BASE + "/echo", method="POST", headers={"X-Mine": "yes"}, body="text")
echo = await r.json()
del r
json.dumps([echo["method"], echo["body"], echo["headers"]["x-mine"]])
""",
    )
    assert found == ["POST", "text", "yes"]


async def test_a_body_is_read_once_and_in_every_form(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
async def get():
    return await pyfetch(BASE + "/bytes/5")
forms = [len(await (await get()).bytes()), len(await (await get()).memoryview()),
         len(await (await get()).text()), (await (await get()).buffer()).byteLength]
r = await get()
twin = r.clone()
first = await r.bytes()
same = first == await twin.bytes()
again = await failure(r.text())
try:
    r.clone()
except BodyUsedError as error:
    text = str(error)
del r, twin
json.dumps([forms, same, again, text])
""",
    )
    assert found == [[5, 5, 5, 5], True, "BodyUsedError", "Response body is already used"]


async def test_a_status_is_an_error_when_asked(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
r = await pyfetch(BASE + "/status/404")
try:
    r.raise_for_status()
except HttpStatusError as error:
    parts = [error.status, str(error).startswith("404 Client Error:"), error.url == r.url, r.ok]
r = await pyfetch(BASE + "/status/200")
parts.append(r.raise_for_status())
del r
json.dumps(parts)
""",
    )
    assert found == [404, True, True, False, None]


async def test_cancelling_a_task_aborts_its_request(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
task = asyncio.ensure_future(pyfetch(BASE + "/late?s=50"))
await asyncio.sleep(0.1)
task.cancel()
first = await failure(task)
r = await pyfetch(BASE + "/forever")
task = asyncio.ensure_future(r.bytes())
await asyncio.sleep(0.1)
task.cancel()
second = await failure(task)
del task, r
json.dumps([first, second])
""",
    )
    assert found == ["CancelledError", "CancelledError"]
    await asyncio.wait_for(http_server.disconnected.wait(), 20)


async def test_abort_ends_what_reads_the_body(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
r = await pyfetch(BASE + "/forever")
reading = asyncio.ensure_future(failure(r.bytes()))
await asyncio.sleep(0.05)
r.abort()
first = await reading
second = await failure(r.text())
del r, reading
json.dumps([first, second])
""",
    )
    assert found[0] == "AbortError"
    assert found[1] in ("AbortError", "BodyUsedError")


async def test_a_signal_of_the_caller_ends_a_request(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
from js import AbortController
controller = AbortController.new()
task = asyncio.ensure_future(failure(pyfetch(BASE + "/late?s=20", signal=controller.signal)))
await asyncio.sleep(0.02)
controller.abort()
first = await task
del task, controller, AbortController
json.dumps(first)
""",
    )
    assert found == "AbortError"


async def test_no_answer_is_an_error_of_the_os(runtime: Any, http_server: Any) -> None:
    """Programs catch OSError for it; it was a JsException."""
    found = await run(
        runtime,
        http_server,
        """
try:
    await pyfetch("http://127.0.0.1:1/")
except OSError as error:
    told = [type(error).__name__, type(error.__cause__).__name__]
json.dumps(told)
""",
    )
    assert found == ["AbortError", "JsException"]


async def test_another_fetcher_is_called(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
import js
seen = []
async def fetcher(request, options):
    seen.append(request)
    return await js.fetch(request, options)
r = await pyfetch(BASE + "/bytes/3", fetcher=fetcher)
body = await r.bytes()
del r, js
json.dumps([len(body), seen == [BASE + "/bytes/3"]])
""",
    )
    assert found == [3, True]


async def test_an_archive_is_unpacked(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
import io, zipfile
import js
from pyodide.ffi import to_js
buffer = io.BytesIO()
with zipfile.ZipFile(buffer, "w") as archive:
    archive.writestr("inner/file.txt", "content")
response = js.Response.new(to_js(buffer.getvalue()))
await FetchResponse("https://host/path/file.zip", response).unpack_archive(extract_dir="/tmp/out")
del response, js
json.dumps(open("/tmp/out/inner/file.txt").read())
""",
    )
    assert found == "content"


async def test_open_url_waits_for_text(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
def plain():
    return json.load(open_url(BASE + "/echo?q=1"))["path"]
json.dumps(plain())
""",
    )
    assert found == "/echo?q=1"


async def test_pyxhr_is_for_pages(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
try:
    r = pyxhr.post(BASE + "/echo", params={"a": "b c"}, json={"k": 1}, headers={"X-Mine": "yes"})
    echo = r.json()
    parts = [r.status_code, r.ok, echo["method"], echo["path"], echo["body"],
             echo["headers"]["content-type"], echo["headers"]["x-mine"], r.headers["x-echo"],
             len(pyxhr.get(BASE + "/bytes/300").content)]
    try:
        pyxhr.get(BASE + "/status/500").raise_for_status()
    except HttpStatusError as error:
        parts.append(error.status)
except RuntimeError as error:
    parts = str(error)
json.dumps(parts)
""",
    )
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
