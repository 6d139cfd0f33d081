"""Programs of test_import_waits.py. Names such as snail and newt are packages of its lock file."""

import importlib.util
import sys

import pyodide_js


async def every_kind():
    import asyncio
    import threading

    import snail

    told = [snail.name]

    def function():
        from slug import name

        return f"function: {name}"

    told.append(function())
    told.append(f"import_module: shell.inner {importlib.import_module('shell.inner').deep}")

    def thread():
        told.append(f"thread: {__import__('newt').name}")

    one = threading.Thread(target=thread)
    one.start()
    one.join()

    async def coroutine():
        import toad

        return f"coroutine: {toad.name}"

    told.append(await asyncio.create_task(coroutine()))

    async def main():
        import frog

        return f"loop of its own: {frog.name}"

    def in_loop():
        told.append(asyncio.run(main()))

    other = threading.Thread(target=in_loop)
    other.start()
    other.join()
    return told


def optional():
    try:
        import slug
    except ImportError:
        told = "there, and yet not"
    else:
        told = slug.name
    return told


def specs():
    find = importlib.util.find_spec
    spec = find("shell")
    told = [f"{spec is not None} {find('nosuch') is not None} {'shell' in sys.modules}"]
    told.append(str(list(pyodide_js.loadedPackages.to_py())))
    origin = spec.origin
    told.append(str(list(pyodide_js.loadedPackages.to_py())))
    return [*told, origin, type(spec).__name__]


def unknown():
    told = []
    for name in ("nosuch", "json.nosuch"):
        try:
            importlib.import_module(name)
        except ImportError as error:
            told.append(str(error))
    return [*told, str(importlib.util.find_spec("nosuch"))]


def failures():
    told = []
    for name in ("absent", "forged", "needy", "liar", "faulty"):
        try:
            importlib.import_module(name)
        except Exception as error:
            cause = type(error.__cause__).__name__
            told.append([type(error).__name__, getattr(error, "name", None), str(error), cause])
    return told


def namespace():
    import pond.a

    told = [pond.a.name, str(list(pyodide_js.loadedPackages.to_py()))]
    from pond import b

    told.append(b.name)
    try:
        from pond import c  # noqa: F401
    except ImportError as error:
        told.append(str(error).partition(" (")[0])
    return told
