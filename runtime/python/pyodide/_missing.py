"""What can be done about a module that is not there, as a note of the ModuleNotFoundError.

Called by _sospeso.runner when such an exception reaches JavaScript, where somebody reads it. The
texts are Pyodide's, which pages and their users know.
"""

import sys


def add_note(error: ModuleNotFoundError) -> None:
    """Say which package of the lock file has the module, or that it is one Python has elsewhere."""
    name = error.name
    if not name or getattr(error, "__notes__", None):
        return
    if "loadPackage" in error.msg:
        return  # the finder of packages says it (_package_finder.py)
    top = name.partition(".")[0]
    package, of_stdlib = _package_of(name)
    if not package and top not in sys.modules:
        package, of_stdlib = _package_of(top)
    if package:
        of = "included in the Pyodide distribution, but it is not installed."
        if of_stdlib or top in sys.stdlib_module_names:
            of = "unvendored from the Python standard library in the Pyodide distribution."
        error.add_note(
            f"The module {package!r} is {of}\n"
            "You can install it by calling:\n"
            f'  await micropip.install("{package}") in Python, or\n'
            f'  await pyodide.loadPackage("{package}") in JavaScript'
        )
    elif top in sys.stdlib_module_names and top not in sys.modules:
        error.add_note(
            f"The module {top!r} is removed from the Python standard library "
            "in the Pyodide distribution due to browser limitations."
        )


def _package_of(module: str) -> tuple[str, bool]:
    """The package of the lock file that offers a module, and whether it is of the standard library.

    ("", False) when there is none.
    """
    import pyodide_js

    for package in pyodide_js.lockfile.packages.object_values():
        imports = getattr(package, "imports", None)
        if imports and module in imports:
            return str(package.name), getattr(package, "package_type", "") == "cpython_module"
    return "", False
