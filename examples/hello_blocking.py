"""Ordinary blocking Python: a prompt, a countdown, a page over HTTP.

Nothing here knows that it runs inside a JavaScript engine. input(), time.sleep() and urllib wait,
and while they do the page (or Node's event loop) goes on. `make run` passes the address of a small
local server; without one the last step is left out.

    make run
    sospeso run examples/hello_blocking.py [URL]
"""

import os
import sys
import time
import urllib.parse
import urllib.request


def ask_name():
    """The name typed or piped in; a default when nobody is there to answer."""
    try:
        name = input("What is your name? ").strip()
    except EOFError:  # no standard input: continuous integration, `< /dev/null`
        print()
        name = ""
    if not name:
        name = "nobody in particular"
        print(f"(No name was given; going on as {name}.)")
    return name


def count_down(start):
    """Wait a little, the plain way."""
    for number in range(start, 0, -1):
        print(f"{number} ...", flush=True)
        time.sleep(0.4)


def read_page(url, name):
    """What the server answers, as text."""
    query = urllib.parse.urlencode({"name": name})
    with urllib.request.urlopen(f"{url}?{query}", timeout=30) as response:
        return response.read().decode()


def main():
    name = ask_name()
    count_down(3)
    url = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("HELLO_URL")
    if url:
        print(f"Reading {url} ...", flush=True)
        print(read_page(url, name), end="")
    else:
        print(f"Hello, {name}! (No server's address was given, so no page is read.)")


if __name__ == "__main__":
    main()
