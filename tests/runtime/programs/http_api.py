"""Programs of test_http_api.py."""

import asyncio
import json

import js
from pyodide.ffi import to_js
from pyodide.http import (
    BodyUsedError,
    FetchResponse,
    HttpStatusError,
    open_url,
    pyfetch,
    pyxhr,
)


async def _failure(awaitable):
    try:
        await awaitable
    except BaseException as error:
        return type(error).__name__
    return "none"


async def _arrived(base, path):
    """Waits until the server has got a request for the path."""
    while f"GET {path}" not in await (await pyfetch(base + "/requests")).json():
        await asyncio.sleep(0.001)


async def _in_use(response):
    """Waits until somebody reads the body."""
    while not response.body_used:
        await asyncio.sleep(0)


async def head_and_body(base):
    r = await pyfetch(base + "/echo?a=b")
    head = [
        r.status,
        r.status_text,
        r.ok,
        r.redirected,
        r.url == base + "/echo?a=b",
        r.body_used,
        r.headers["x-echo"],
        r.type in ("basic", "cors", "default"),
    ]
    echo = await r.json()
    return json.dumps([head, echo["method"], echo["path"], r.body_used])


async def options(base):
    r = await pyfetch(base + "/echo", method="POST", headers={"X-Mine": "yes"}, body="text")
    echo = await r.json()
    return json.dumps([echo["method"], echo["body"], echo["headers"]["x-mine"]])


async def forms_of_a_body(base):
    async def get():
        return await pyfetch(base + "/bytes/5")

    forms = [
        len(await (await get()).bytes()),
        len(await (await get()).memoryview()),
        len(await (await get()).text()),
        (await (await get()).buffer()).byteLength,
    ]
    r = await get()
    twin = r.clone()
    first = await r.bytes()
    same = first == await twin.bytes()
    again = await _failure(r.text())
    try:
        r.clone()
    except BodyUsedError as error:
        text = str(error)
    return json.dumps([forms, same, again, text])


def texts_of_statuses(_base):
    return json.dumps([str(HttpStatusError(status, "Odd", "U")) for status in (302, 404, 500, 700)])


async def raise_for_status(base):
    r = await pyfetch(base + "/status/404")
    try:
        r.raise_for_status()
    except HttpStatusError as error:
        parts = [error.status, str(error).startswith("404 Client Error:"), error.url == r.url, r.ok]
    r = await pyfetch(base + "/status/200")
    parts.append(r.raise_for_status())
    return json.dumps(parts)


async def cancelled_tasks(base):
    task = asyncio.ensure_future(pyfetch(base + "/late?s=50"))
    await _arrived(base, "/late?s=50")
    task.cancel()
    first = await _failure(task)
    r = await pyfetch(base + "/forever")
    task = asyncio.ensure_future(r.bytes())
    await _in_use(r)
    task.cancel()
    second = await _failure(task)
    return json.dumps([first, second])


async def abort(base):
    r = await pyfetch(base + "/forever")
    reading = asyncio.ensure_future(_failure(r.bytes()))
    await _in_use(r)
    r.abort()
    first = await reading
    second = await _failure(r.text())
    return json.dumps([first, second])


async def signal(base):
    controller = js.AbortController.new()
    task = asyncio.ensure_future(_failure(pyfetch(base + "/late?s=20", signal=controller.signal)))
    await _arrived(base, "/late?s=20")
    controller.abort()
    return json.dumps(await task)


async def no_answer(base):
    try:
        await pyfetch("http://127.0.0.1:1/")
    except OSError as error:
        told = [type(error).__name__, type(error.__cause__).__name__]
    return json.dumps(told)


async def another_fetcher(base):
    seen = []

    async def fetcher(request, options):
        seen.append(request)
        return await js.fetch(request, options)

    r = await pyfetch(base + "/bytes/3", fetcher=fetcher)
    body = await r.bytes()
    return json.dumps([len(body), seen == [base + "/bytes/3"]])


async def an_archive(base):
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("inner/file.txt", "content")
    response = js.Response.new(to_js(buffer.getvalue()))
    await FetchResponse("https://host/path/file.zip", response).unpack_archive(
        extract_dir="/tmp/out"
    )
    return json.dumps(open("/tmp/out/inner/file.txt").read())


def open_url_in_a_function(base):
    def plain():
        return json.load(open_url(base + "/echo?q=1"))["path"]

    return json.dumps(plain())


def pyxhr_calls(base):
    try:
        r = pyxhr.post(
            base + "/echo", params={"a": "b c"}, json={"k": 1}, headers={"X-Mine": "yes"}
        )
        echo = r.json()
        parts = [
            r.status_code,
            r.ok,
            echo["method"],
            echo["path"],
            echo["body"],
            echo["headers"]["content-type"],
            echo["headers"]["x-mine"],
            r.headers["x-echo"],
            len(pyxhr.get(base + "/bytes/300").content),
        ]
        try:
            pyxhr.get(base + "/status/500").raise_for_status()
        except HttpStatusError as error:
            parts.append(error.status)
    except RuntimeError as error:
        parts = str(error)
    return json.dumps(parts)
