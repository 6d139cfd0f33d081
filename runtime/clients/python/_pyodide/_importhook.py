"""The module `_pyodide._importhook`: JavaScript modules, for code that looks for their finder.

Test harnesses save and restore `jsfinder.jsproxies`, the registered objects by name.
"""

from _sospeso import js_modules
from _sospeso.js_modules import JsFinder, JsLoader, register_js_module, unregister_js_module

__all__ = ["JsFinder", "JsLoader", "jsfinder", "register_js_module", "unregister_js_module"]


class _Finder:
    """Stands for the finder; the names are those that are registered."""

    @property
    def jsproxies(self) -> dict[str, object]:
        return js_modules.registered

    @jsproxies.setter
    def jsproxies(self, names: dict[str, object]) -> None:
        js_modules.registered = names


jsfinder = _Finder()
