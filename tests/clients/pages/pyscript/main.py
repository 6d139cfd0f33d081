"""A script of a page: it notes what it found in the page's object `told`, one name a check."""

import asyncio
import gc
import os

from pyscript import display, document, fetch, storage, when, window
from pyscript.web import div, page


def from_lock():
    import six

    return six.PY3


def from_index():
    import snowballstemmer

    return snowballstemmer.stemmer("english").stemWord("waiting")


def one_file():
    from own import mine

    return mine.x


def archive():
    with open("packed/inner.txt") as file:
        return file.read()


def fetched():
    with open("fetched/text.txt") as file:
        return [file.read(), os.path.exists("fetched/mine.py")]


def js_modules():
    from pyscript.js_modules import mine

    return mine.name


def the_document():
    document.getElementById("out").textContent = "written"
    return document.querySelector("#out").textContent


def displays():
    display("displayed", target="out", append=True)
    return "displayed" in document.getElementById("out").textContent


def web():
    page.append(div("a div", id="a-div"))
    return document.getElementById("a-div").textContent


async def fetches():
    return str(await fetch("own/data.json").json())


async def stores():
    store = await storage("checks")
    store["kept"] = store.get("kept", 0) + 1
    await store.sync()
    return store["kept"] >= 1


@when("click", "#pressed")
def pressed(event):
    window.told.pressed = event.type


def listen():
    """A handler that nobody holds, and no create_proxy()."""

    def listened(event):
        window.told.listened = event.type

    document.getElementById("listened").addEventListener("click", listened)
    gc.collect()
    return True


CHECKS = (
    from_lock,
    from_index,
    one_file,
    archive,
    fetched,
    js_modules,
    the_document,
    displays,
    web,
    fetches,
    stores,
    listen,
)


async def tell():
    """Run each check; an exception is what it found."""
    for check in CHECKS:
        try:
            found = check()
            if asyncio.iscoroutine(found):
                found = await found
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        setattr(window.told, check.__name__, found if isinstance(found, bool | int) else str(found))
    print("told by print")
    window.told.done = True


asyncio.ensure_future(tell())
