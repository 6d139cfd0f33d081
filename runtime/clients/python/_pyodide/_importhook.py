"""The module `_pyodide._importhook`: JavaScript modules, for code that looks for their finder.

Test harnesses save and restore `jsfinder.jsproxies`, the registered objects by name. Pyodide's own
tests look for modules by paths of Windows, and for the note of a module that is not there.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec

from _sospeso import imports, js_modules
from _sospeso.js_modules import JsFinder, JsLoader, register_js_module, unregister_js_module
from pyodide._missing import add_note as add_note_to_module_not_found_error

__all__ = [
    "JsFinder",
    "JsLoader",
    "WindowsToLinuxPathFinder",
    "add_note_to_module_not_found_error",
    "jsfinder",
    "register_js_module",
    "unregister_js_module",
]


class WindowsToLinuxPathFinder:
    """Finds modules in folders that are named as Windows names them, and in no others."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: object = None
    ) -> ModuleSpec | None:
        for folder in sys.path if path is None else path:
            try:
                finder = imports.windows_folder(folder)
            except ImportError:
                continue
            spec = finder.find_spec(fullname)
            if spec is not None:
                return spec
        return None


class _Finder:
    """Stands for the finder; the names are those that are registered."""

    @property
    def jsproxies(self) -> dict[str, object]:
        return js_modules.registered

    @jsproxies.setter
    def jsproxies(self, names: dict[str, object]) -> None:
        js_modules.registered = names


jsfinder = _Finder()
