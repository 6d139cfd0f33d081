"""A script in a worker: it reaches the page through `window`, which waits for each answer."""

import time

from pyscript import document, when, window

__export__ = ["twice"]


def twice(number):
    return number * 2


def from_lock():
    import six

    return six.PY3


def one_file():
    import mine

    return mine.x


def the_document():
    document.getElementById("out").textContent = "by the worker"
    return document.getElementById("out").textContent


def asks():
    return window.prompt("Who is there? ")


def sleeps():
    before = time.monotonic()
    time.sleep(0.05)
    return time.monotonic() - before >= 0.05


@when("click", "#pressed")
def pressed(event):
    window.told.pressed = event.type


for check in (from_lock, one_file, the_document, asks, sleeps):
    try:
        found = check()
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
    setattr(window.told, check.__name__, found)
print("told by print")
window.told.done = True
