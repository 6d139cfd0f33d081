"""Programs of test_relative_addresses.py; each gives a JSON text."""


def meanings(addresses):
    import json
    from urllib.request import Request

    def meaning(address):
        try:
            return Request(address).full_url
        except ValueError as error:
            return f"ValueError: {error}"

    return json.dumps([meaning(address) for address in addresses])


def everything_that_takes_an_address():
    import json
    from pathlib import Path
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen, urlretrieve

    echo = urlopen("../echo?one", data=b"body")
    request = Request("x", headers={"X-Mine": "1"})
    request.full_url = "/echo?two#part"
    path, _ = urlretrieve("/bytes/1000", "/tmp/relative")
    moved = urlopen("/redirect/302?to=/echo%3Fthree")
    try:
        urlopen("/status/404")
    except HTTPError as error:
        missing = error.url
        error.close()
    return json.dumps(
        {
            "body": json.load(echo)["body"],
            "geturl": echo.geturl(),
            "header": json.load(urlopen(request))["headers"]["x-mine"],
            "request": [request.full_url, request.host, request.selector],
            "retrieved": Path(path).stat().st_size,
            "redirected": [json.load(moved)["path"], moved.geturl()],
            "missing": missing,
        }
    )


def whole_addresses():
    import json
    from urllib.error import URLError
    from urllib.request import Request, urlopen

    def failure(call, address):
        try:
            call(address)
        except (URLError, ValueError) as error:
            return f"{type(error).__name__}: {error}"
        return "it did not fail"

    return json.dumps(
        [
            urlopen("data:,a%20b").read().decode(),
            failure(urlopen, "blob:https://x.test/1"),
            failure(urlopen, "localhost:80"),
            failure(Request, b"x"),
            Request("FTP:x").type,
        ]
    )


def without_a_page():
    import json
    from urllib.request import urlopen

    try:
        found = urlopen("driver.mjs").status
    except ValueError as error:
        found = [str(error), *error.__notes__]
    return json.dumps(found)
