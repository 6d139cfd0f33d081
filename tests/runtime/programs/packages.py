"""Programs of test_packages.py."""


def list_installed_modules():
    import os

    files = sorted(os.listdir("/lib/python3.13/site-packages"))
    return str([name for name in files if name.endswith(".py")])


def sources():
    import sys
    from pathlib import Path

    site = "/lib/python3.13/site-packages"
    found = []
    for name in ("shell-2.1", "slug-0.1"):
        info = Path(site, f"{name}.dist-info")
        texts = [info.joinpath(file).read_text() for file in ("PYODIDE_SOURCE", "INSTALLER")]
        found.append([name, *texts])
    clean = [path for path in sys.path if path.startswith("//")] == []
    return [*found, clean and sys.path.count(site) == 1]


async def console():
    from pyodide.console import PyodideConsole

    console = PyodideConsole()
    console.push("import shell")
    found = await console.push("shell")
    return type(found).__name__


def use_the_tests():
    import unittest

    import pyodide_js
    import test.support as support

    return str([pyodide_js.loadedPackages.test, support.__file__, unittest.__file__ is not None])
