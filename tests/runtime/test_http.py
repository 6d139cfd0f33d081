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

from tests.runtime import http_server as server_module

http_server = server_module.http_server  # the fixture

PRELUDE = """\
import hashlib, http.client, json, os, urllib.error, urllib.request
from urllib.request import Request, urlopen
BASE = {url!r}
def open_descriptors():
    return len(os.listdir("/proc/self/fd"))
def failure(call, *args, **keywords):
    try:
        call(*args, **keywords)
    except BaseException as error:
        return error
    raise AssertionError("it did not fail")
def named(error):
    return f"{{type(error).__name__}}: {{error}}"
"""


def by_engine(runtime: Any, *, native: Any, page: Any) -> Any:
    """What to expect: on Node, which behaves natively, and in a page."""
    return page if runtime.engine == "chromium" else native


async def run(runtime: Any, server: Any, code: str) -> Any:
    """Run the code, with the names of PRELUDE; its last expression is a JSON text."""
    result = await runtime.run_async(PRELUDE.format(url=server.url) + code)
    assert result.error is None, result.error
    return None if result.value is None else json.loads(result.value)


async def test_get(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
with urlopen(BASE + "/echo?a=b#fragment", timeout=20) as r:
    body = json.load(r)
json.dumps([r.status, r.reason, r.version, r.headers["X-Echo"], r.headers.get_content_type(),
            r.geturl(), body["method"], body["path"],
            body["headers"]["accept-encoding"] == "identity",
            body["headers"]["user-agent"][:14]])
""",
    )
    assert found == [
        200, "OK", 11, "yes", "application/json", f"{http_server.url}/echo?a=b#fragment",
        "GET", "/echo?a=b", *by_engine(
            runtime, native=[True, "Python-urllib/"], page=[False, "Mozilla/5.0 (X"]
        ),
    ]  # fmt: skip


async def test_post_sends_body_and_headers(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
r = urlopen(Request(BASE + "/echo", data=bytes(range(256)), headers={"X-Mine": "caf\\xe9"}))
echo = json.load(r)
json.dumps([echo["method"], echo["body"] == bytes(range(256)).decode("latin-1"),
            echo["headers"]["content-length"], echo["headers"]["content-type"],
            echo["headers"]["x-mine"].encode("utf-8", "surrogateescape").decode("latin-1")])
""",
    )
    assert found == ["POST", True, "256", "application/x-www-form-urlencoded", "caf\xe9"]


async def test_a_chunked_body_arrives_whole(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
r = urlopen(Request(BASE + "/echo", data=iter([b"one ", b"two ", b"three"]), method="PUT"))
echo = json.load(r)
json.dumps([echo["method"], echo["body"]])
""",
    )
    assert found == ["PUT", "one two three"]


async def test_head_has_headers_and_no_body(runtime: Any, http_server: Any) -> None:
    code = """
r = urlopen(Request(BASE + "/bytes/1000", method="HEAD"))
json.dumps([r.status, r.headers["Content-Length"], len(r.read())])
"""
    assert await run(runtime, http_server, code) == [200, "1000", 0]


async def test_no_content(runtime: Any, http_server: Any) -> None:
    code = 'r = urlopen(BASE + "/status/204")\njson.dumps([r.status, r.reason, len(r.read())])'
    assert await run(runtime, http_server, code) == [204, "No Content", 0]


@pytest.mark.parametrize("status", [400, 404, 418, 500])
async def test_an_http_error_has_its_body(runtime: Any, http_server: Any, status: int) -> None:
    found = await run(
        runtime,
        http_server,
        f"""
error = failure(urlopen, BASE + "/status/{status}?reason=Because")
json.dumps([type(error).__name__, error.code, error.reason, error.read().decode(),
            error.headers["Content-Type"]])
""",
    )
    assert found == [
        "HTTPError", status, "Because", f"body of {status}", "text/plain; charset=utf-8",
    ]  # fmt: skip


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_get_follows_redirects(runtime: Any, http_server: Any, status: int) -> None:
    found = await run(
        runtime,
        http_server,
        f"""
with urlopen(BASE + "/redirect/{status}?to=/echo%3Fnew") as r:
    json.dumps([r.status, r.geturl(), json.load(r)["method"]])
r = urlopen(BASE + "/redirect/{status}?to=/echo%3Fnew")
json.dumps([r.status, r.geturl(), json.load(r)["method"]])
""",
    )
    assert found == [200, f"{http_server.url}/echo?new", "GET"]


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirected_post_becomes_a_get(runtime: Any, http_server: Any, status: int) -> None:
    code = f"""
r = urlopen(BASE + "/redirect/{status}", data=b"x")
echo = json.load(r)
json.dumps([echo["method"], echo["body"]])
"""
    assert await run(runtime, http_server, code) == ["GET", ""]


@pytest.mark.parametrize("status", [307, 308])
async def test_a_post_is_not_repeated_elsewhere(
    runtime: Any, http_server: Any, status: int
) -> None:
    code = f"""
try:
    r = urlopen(BASE + "/redirect/{status}", data=b"x")
    result = json.load(r)["method"]
except urllib.error.HTTPError as error:
    result = [error.code, error.headers["Location"], error.read().decode()]
json.dumps(result)
"""
    # A browser repeats it before anybody can be asked.
    expected = by_engine(runtime, native=[status, "/echo", "look elsewhere"], page="POST")
    assert await run(runtime, http_server, code) == expected


async def test_a_redirect_loop_ends(runtime: Any, http_server: Any) -> None:
    code = 'json.dumps(named(failure(urlopen, BASE + "/loop")))'
    expected = by_engine(runtime, native="infinite loop", page="fetch failed")
    assert expected in await run(runtime, http_server, code)


async def test_http_client_does_not_follow(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
link = http.client.HTTPConnection(BASE[7:])
link.request("GET", "/redirect/302?to=/echo")
r = link.getresponse()
result = [r.status, r.reason, r.getheader("location"), r.read().decode()]
link.close()
json.dumps(result)
""",
    )
    assert found == by_engine(
        runtime,
        native=[302, "Found", "/echo", "look elsewhere"],
        page=[303, "See Other", f"{http_server.url}/echo", ""],
    )


async def test_one_connection_serves_several_requests(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
link = http.client.HTTPConnection(BASE[7:])
result = []
for method in ("GET", "POST", "DELETE"):
    link.request(method, "/echo", body=None if method == "GET" else method.encode())
    result.append(json.loads(link.getresponse().read())["body"])
link.close()
json.dumps(result)
""",
    )
    assert found == ["", "POST", "DELETE"]


async def test_headers_that_come_twice(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
import http.cookiejar
jar = http.cookiejar.CookieJar()
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
r = opener.open(BASE + "/headers")
echo = json.load(opener.open(BASE + "/echo"))
json.dumps([r.headers.get_all("set-cookie"), r.headers["x-number"], echo["headers"].get("cookie")])
""",
    )
    # Cookies in a page are the browser's own business.
    assert found == by_engine(
        runtime,
        native=[["a=1; Path=/", "b=2; Path=/"], "42", "a=1; b=2"],
        page=[None, "42", None],
    )


async def test_a_compressed_body_arrives_decoded(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
plain = urlopen(BASE + "/gzip")
packed = urlopen(Request(BASE + "/gzip", headers={"Accept-Encoding": "gzip"}))
json.dumps([plain.headers["Content-Length"], len(plain.read()),
            packed.headers["Content-Encoding"], packed.headers["Content-Length"],
            packed.read() == b"plain text " * 1000])
""",
    )
    # A browser always asks for compression; the length it got says nothing about the body then.
    length = by_engine(runtime, native="11000", page=None)
    assert found == [length, 11000, None, None, True]


async def test_a_large_body_arrives_whole(runtime: Any, http_server: Any) -> None:
    count = 3_000_000
    body = bytes(range(251)) * (count // 251) + bytes(count % 251)
    code = f"""
digest = hashlib.sha256()
with urlopen(BASE + "/bytes/{count}") as r:
    while piece := r.read(10_000):
        digest.update(piece)
json.dumps(digest.hexdigest())
"""
    assert await run(runtime, http_server, code) == hashlib.sha256(body).hexdigest()


async def test_a_chunked_response(runtime: Any, http_server: Any) -> None:
    code = """
r = urlopen(BASE + "/chunked/500")
json.dumps([r.headers["Transfer-Encoding"], [line.decode() for line in r]])
"""
    expected = ["chunked", [f"line {number}\n" for number in range(500)]]
    assert await run(runtime, http_server, code) == expected


async def test_a_body_is_read_while_it_is_sent(runtime: Any, http_server: Any) -> None:
    code = """
r = urlopen(BASE + "/until-released")
first = r.readline().decode()
urlopen(BASE + "/release").close()
json.dumps([first, r.read().decode()])
"""
    assert await run(runtime, http_server, code) == ["first\n", "second\n"]


async def test_two_tasks_wait_at_the_same_time(runtime: Any, http_server: Any) -> None:
    # Two addresses: Chromium's cache lets a second request for one wait 20 s for the first.
    code = 'json.dumps(urlopen(BASE + "/meet?{}").read().decode())'
    both = [run(runtime, http_server, code.format(number)) for number in range(2)]
    assert await asyncio.gather(*both) == ["met", "met"]


async def test_it_waits_below_c_code(runtime: Any, http_server: Any) -> None:
    code = """
def key(number):
    return -int(json.load(urlopen(BASE + f"/echo?{number}"))["path"].partition("?")[2])
json.dumps(sorted([1, 3, 2], key=key))
"""
    assert await run(runtime, http_server, code) == [3, 2, 1]


async def test_a_silent_server_is_a_timeout(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
before = open_descriptors()
error = failure(urlopen, BASE + "/late?s=30", timeout=0.1)
json.dumps([named(error), open_descriptors() - before, urlopen(BASE + "/late?s=0").status])
""",
    )
    assert found == ["TimeoutError: timed out", 0, 200]


async def test_a_body_that_stops_is_a_timeout(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
r = urlopen(BASE + "/forever", timeout=0.1)
result = [r.read(4).decode(), named(failure(r.read, 4)), named(failure(r.read, 4))]
r.close()
json.dumps(result)
""",
    )
    timed_out = "OSError: cannot read from timed out object"
    assert found == ["some", "TimeoutError: timed out", timed_out]


async def test_the_time_limit_can_be_changed(runtime: Any, http_server: Any) -> None:
    found = await run(
        runtime,
        http_server,
        """
link = http.client.HTTPConnection(BASE[7:], timeout=30)
link.connect()
link.sock.settimeout(0.1)
link.request("GET", "/late?s=30")
result = [link.sock.gettimeout(), named(failure(link.getresponse))]
link.close()
json.dumps(result)
""",
    )
    assert found == [0.1, "TimeoutError: timed out"]


async def test_a_refused_connection(runtime: Any, http_server: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        code = f"""
error = failure(urlopen, "http://127.0.0.1:{port}/")
found = json.dumps([type(error).__name__, type(error.reason).__name__])
del error  # it holds what fetch() threw
found
"""
        found = await run(runtime, http_server, code)
    reason = by_engine(runtime, native="ConnectionRefusedError", page="ConnectionError")
    assert found == ["URLError", reason]


async def test_an_unknown_host(runtime: Any, http_server: Any) -> None:
    code = """
error = failure(urlopen, "http://no-such-host.invalid/")
found = json.dumps([type(error).__name__, type(error.reason).__name__])
del error  # it holds what fetch() threw
found
"""
    reason = by_engine(runtime, native="gaierror", page="ConnectionError")
    assert await run(runtime, http_server, code) == ["URLError", reason]


async def test_a_server_that_hangs_up(runtime: Any, http_server: Any) -> None:
    code = 'json.dumps(type(failure(urlopen, BASE + "/disconnect")).__name__)'
    expected = by_engine(runtime, native="RemoteDisconnected", page="URLError")
    assert await run(runtime, http_server, code) == expected


@pytest.mark.parametrize("framing", ["counted", "chunked"])
async def test_a_body_that_breaks_off_is_an_incomplete_read(
    runtime: Any, http_server: Any, framing: str
) -> None:
    code = f"""
error = failure(urlopen(BASE + "/truncated/{framing}").read)
json.dumps([type(error).__name__, error.partial.decode()])
"""
    # An engine throws away what it has not handed out yet: how much that is, is a race between
    # its network code and the reader (it was all of it in 99 runs of 100, then none of it).
    kind, partial = await run(runtime, http_server, code)
    assert kind == "IncompleteRead"
    assert partial in {"", "half of it"}


async def test_closing_a_response_ends_the_request(runtime: Any, http_server: Any) -> None:
    code = """
before = open_descriptors()
r = urlopen(BASE + "/forever")
result = [r.read(2).decode(), open_descriptors() - before]
r.close()
json.dumps([*result, open_descriptors() - before])
"""
    assert await run(runtime, http_server, code) == ["so", 1, 0]
    await asyncio.wait_for(http_server.disconnected.wait(), 20)


async def test_responses_leave_no_descriptors(runtime: Any, http_server: Any) -> None:
    code = """
before = open_descriptors()
for number in range(20):
    urlopen(BASE + "/bytes/10").read()
    failure(urlopen, BASE + "/status/500").close()
import gc
gc.collect()
json.dumps(open_descriptors() - before)
"""
    assert await run(runtime, http_server, code) == 0


async def test_https_is_there(runtime: Any, http_server: Any) -> None:
    # A server that does not speak TLS: the request must get as far as the handshake.
    code = """
error = failure(urlopen, BASE.replace("http:", "https:") + "/echo")
found = json.dumps([type(error).__name__, isinstance(error.reason, OSError),
                    http.client.HTTPSConnection.default_port])
del error  # it holds what fetch() threw
found
"""
    assert await run(runtime, http_server, code) == ["URLError", True, 443]
    assert http_server.requests == []


async def test_xmlrpc(runtime: Any, http_server: Any) -> None:
    code = """
import xmlrpc.client
with xmlrpc.client.ServerProxy(BASE + "/rpc") as proxy:
    result = [proxy.add(2, 3), type(failure(proxy.nothing)).__name__]
json.dumps(result)
"""
    assert await run(runtime, http_server, code) == [5, "Fault"]


async def test_urlretrieve(runtime: Any, http_server: Any) -> None:
    code = """
path, headers = urllib.request.urlretrieve(BASE + "/bytes/70000", "/tmp/retrieved")
json.dumps([path, headers["Content-Length"], os.path.getsize(path)])
"""
    assert await run(runtime, http_server, code) == ["/tmp/retrieved", "70000", 70000]


async def test_a_plain_call_says_that_it_cannot_wait(runtime: Any, http_server: Any) -> None:
    result = await runtime.run(
        f"import urllib.request\nurllib.request.urlopen({http_server.url + '/echo'!r}, data=b'x')"
    )
    assert result.error is not None
    assert "RuntimeError" in result.error
    assert "URLError" not in result.error
    assert "runPythonAsync" in result.error
    assert http_server.requests == [], "a request that cannot be answered must not be sent"
