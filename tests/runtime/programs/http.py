"""Programs of test_http.py."""

import gc
import hashlib
import http.client
import json
import os
import urllib.error
import urllib.request
from urllib.request import Request, urlopen


def _open_descriptors():
    return len(os.listdir("/proc/self/fd"))


def _failure(call, *args, **keywords):
    try:
        call(*args, **keywords)
    except BaseException as error:
        return error
    raise AssertionError("it did not fail")


def _named(error):
    return f"{type(error).__name__}: {error}"


def get(base):
    with urlopen(base + "/echo?a=b#fragment", timeout=20) as r:
        body = json.load(r)
    return json.dumps(
        [
            r.status,
            r.reason,
            r.version,
            r.headers["X-Echo"],
            r.headers.get_content_type(),
            r.geturl(),
            body["method"],
            body["path"],
            body["headers"]["accept-encoding"] == "identity",
            body["headers"]["user-agent"][:14],
        ]
    )


def post(base):
    r = urlopen(Request(base + "/echo", data=bytes(range(256)), headers={"X-Mine": "caf\xe9"}))
    echo = json.load(r)
    return json.dumps(
        [
            echo["method"],
            echo["body"] == bytes(range(256)).decode("latin-1"),
            echo["headers"]["content-length"],
            echo["headers"]["content-type"],
            echo["headers"]["x-mine"].encode("utf-8", "surrogateescape").decode("latin-1"),
        ]
    )


def a_chunked_body(base):
    r = urlopen(Request(base + "/echo", data=iter([b"one ", b"two ", b"three"]), method="PUT"))
    echo = json.load(r)
    return json.dumps([echo["method"], echo["body"]])


def head(base):
    r = urlopen(Request(base + "/bytes/1000", method="HEAD"))
    return json.dumps([r.status, r.headers["Content-Length"], len(r.read())])


def no_content(base):
    r = urlopen(base + "/status/204")
    return json.dumps([r.status, r.reason, len(r.read())])


def an_http_error(base, status):
    error = _failure(urlopen, f"{base}/status/{status}?reason=Because")
    return json.dumps(
        [
            type(error).__name__,
            error.code,
            error.reason,
            error.read().decode(),
            error.headers["Content-Type"],
        ]
    )


def a_redirected_get(base, status):
    with urlopen(f"{base}/redirect/{status}?to=/echo%3Fnew") as r:
        return json.dumps([r.status, r.geturl(), json.load(r)["method"]])


def a_redirected_post(base, status):
    r = urlopen(f"{base}/redirect/{status}", data=b"x")
    echo = json.load(r)
    return json.dumps([echo["method"], echo["body"]])


def a_post_elsewhere(base, status):
    try:
        r = urlopen(f"{base}/redirect/{status}", data=b"x")
        result = json.load(r)["method"]
    except urllib.error.HTTPError as error:
        result = [error.code, error.headers["Location"], error.read().decode()]
    return json.dumps(result)


def a_redirect_loop(base):
    return json.dumps(_named(_failure(urlopen, base + "/loop")))


def http_client_redirected(base):
    link = http.client.HTTPConnection(base[7:])
    link.request("GET", "/redirect/302?to=/echo")
    r = link.getresponse()
    result = [r.status, r.reason, r.getheader("location"), r.read().decode()]
    link.close()
    return json.dumps(result)


def several_requests(base):
    link = http.client.HTTPConnection(base[7:])
    result = []
    for method in ("GET", "POST", "DELETE"):
        link.request(method, "/echo", body=None if method == "GET" else method.encode())
        result.append(json.loads(link.getresponse().read())["body"])
    link.close()
    return json.dumps(result)


def headers_that_come_twice(base):
    import http.cookiejar

    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    r = opener.open(base + "/headers")
    echo = json.load(opener.open(base + "/echo"))
    return json.dumps(
        [r.headers.get_all("set-cookie"), r.headers["x-number"], echo["headers"].get("cookie")]
    )


def compressed(base):
    plain = urlopen(base + "/gzip")
    packed = urlopen(Request(base + "/gzip", headers={"Accept-Encoding": "gzip"}))
    return json.dumps(
        [
            plain.headers["Content-Length"],
            len(plain.read()),
            packed.headers["Content-Encoding"],
            packed.headers["Content-Length"],
            packed.read() == b"plain text " * 1000,
        ]
    )


def digest_of_a_large_body(base, count):
    digest = hashlib.sha256()
    with urlopen(f"{base}/bytes/{count}") as r:
        while piece := r.read(10_000):
            digest.update(piece)
    return json.dumps(digest.hexdigest())


def chunked(base):
    r = urlopen(base + "/chunked/500")
    return json.dumps([r.headers["Transfer-Encoding"], [line.decode() for line in r]])


def until_released(base):
    r = urlopen(base + "/until-released")
    first = r.readline().decode()
    urlopen(base + "/release").close()
    return json.dumps([first, r.read().decode()])


def meet(base, number):
    return json.dumps(urlopen(f"{base}/meet?{number}").read().decode())


def in_a_sort_key(base):
    def key(number):
        return -int(json.load(urlopen(f"{base}/echo?{number}"))["path"].partition("?")[2])

    return json.dumps(sorted([1, 3, 2], key=key))


def silent(base):
    before = _open_descriptors()
    error = _failure(urlopen, base + "/late?s=30", timeout=0.1)
    return json.dumps(
        [_named(error), _open_descriptors() - before, urlopen(base + "/late?s=0").status]
    )


def a_body_that_stops(base):
    r = urlopen(base + "/forever", timeout=0.1)
    result = [r.read(4).decode(), _named(_failure(r.read, 4)), _named(_failure(r.read, 4))]
    r.close()
    return json.dumps(result)


def a_changed_time_limit(base):
    link = http.client.HTTPConnection(base[7:], timeout=30)
    link.connect()
    link.sock.settimeout(0.1)
    link.request("GET", "/late?s=30")
    result = [link.sock.gettimeout(), _named(_failure(link.getresponse))]
    link.close()
    return json.dumps(result)


def refused(base, port):
    error = _failure(urlopen, f"http://127.0.0.1:{port}/")
    return json.dumps([type(error).__name__, type(error.reason).__name__])


def unknown_host(base):
    error = _failure(urlopen, "http://no-such-host.invalid/")
    return json.dumps([type(error).__name__, type(error.reason).__name__])


def hangs_up(base):
    return json.dumps(type(_failure(urlopen, base + "/disconnect")).__name__)


def breaks_off(base, framing):
    error = _failure(urlopen(f"{base}/truncated/{framing}").read)
    return json.dumps([type(error).__name__, error.partial.decode()])


def closing(base):
    before = _open_descriptors()
    r = urlopen(base + "/forever")
    result = [r.read(2).decode(), _open_descriptors() - before]
    r.close()
    return json.dumps([*result, _open_descriptors() - before])


def descriptors_left(base):
    before = _open_descriptors()
    for _ in range(20):
        urlopen(base + "/bytes/10").read()
        _failure(urlopen, base + "/status/500").close()
    gc.collect()
    return json.dumps(_open_descriptors() - before)


def https(base):
    error = _failure(urlopen, base.replace("http:", "https:") + "/echo")
    return json.dumps(
        [
            type(error).__name__,
            isinstance(error.reason, OSError),
            http.client.HTTPSConnection.default_port,
        ]
    )


def xmlrpc_calls(base):
    import xmlrpc.client

    with xmlrpc.client.ServerProxy(base + "/rpc") as proxy:
        result = [proxy.add(2, 3), type(_failure(proxy.nothing)).__name__]
    return json.dumps(result)


def urlretrieve(base):
    path, headers = urllib.request.urlretrieve(base + "/bytes/70000", "/tmp/retrieved")
    return json.dumps([path, headers["Content-Length"], os.path.getsize(path)])
