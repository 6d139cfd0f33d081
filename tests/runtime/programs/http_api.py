"""Programs of test_http_api.py."""

import asyncio
import json
import os

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


async def a_new_file(base):
    response = await pyfetch(base + "/bytes/300")
    await response._create_file("/tmp/created")
    told = [os.path.getsize("/tmp/created")]
    again = await pyfetch(base + "/bytes/3")
    told.append(await _failure(again._create_file("/tmp/created")))
    told.append(os.path.getsize("/tmp/created"))
    told.append(await _failure(again._create_file("/tmp/no/such/folder")))
    os.unlink("/tmp/created")
    return json.dumps(told)


async def a_new_file_of_a_body_that_was_read(base):
    response = await pyfetch(base + "/bytes/300")
    await response.bytes()
    told = await _failure(response._create_file("/tmp/created"))
    return json.dumps([told, os.path.exists("/tmp/created")])


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


def pyxhr_methods(base):
    told = {}
    for name in ("get", "post", "put", "patch", "delete", "options"):
        told[name] = getattr(pyxhr, name)(base + "/echo").json()["method"]
    told["head"] = [pyxhr.head(base + "/echo").status_code, pyxhr.head(base + "/echo").text]
    told["any"] = pyxhr.request("delete", base + "/echo").json()["method"]
    return json.dumps(told)


def pyxhr_bodies(base):
    def sent(**options):
        echo = pyxhr.post(base + "/echo", **options).json()
        return [echo["body"], echo["headers"].get("content-type", "").split(";")[0]]

    return json.dumps(
        {
            "text": sent(data="a text")[0],
            "bytes": sent(data=bytes([0, 200, 255]), headers={"Content-Type": "x/y"}),
            "form": sent(data={"a": ["1", "2"], "b": "c d"}),
            "own type": sent(json=[1], headers={"content-type": "application/mine"}),
        }
    )


def pyxhr_addresses_and_users(base):
    def path(**options):
        return pyxhr.get(base + "/echo?x=1", **options).json()["path"]

    signed = pyxhr.get(base + "/echo", auth=("me", "secret"), timeout=5).json()
    return json.dumps(
        [path(params={"a": [1, 2]}), path(params="b=3"), signed["headers"]["authorization"]]
    )


def pyxhr_answers(base):
    told = []
    moved = pyxhr.get(base + "/redirect/302?to=/bytes/3")
    told.append([moved.url == base + "/bytes/3", list(moved.content)])
    wrong = pyxhr.get(base + "/status/404?reason=Nowhere")
    told.append([wrong.ok, wrong.status_code, wrong.status_text, wrong.text])
    for call in (wrong.raise_for_status, moved.raise_for_status, moved.json):
        try:
            told.append(call())
        except Exception as error:
            told.append([type(error).__name__, getattr(error, "status", None)])
    return json.dumps(told)


def pyxhr_without_an_answer(base):
    try:
        pyxhr.get("http://127.0.0.1:1/")
    except pyxhr.XHRError as error:
        return json.dumps([type(error).__name__, isinstance(error, OSError), str(error)])
