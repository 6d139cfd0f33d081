"""The module `pyodide._state`: what a program has made, kept and given back.

pytest-pyodide keeps the state before the first test and restores it after each one, so that a
test finds neither the globals nor the JavaScript modules of another (runtime/clients/
pytest_pyodide.ts calls it).
"""

import gc
import sys
from typing import Any

from _sospeso import js_modules
from _sospeso_ffi import JsProxy

__all__ = ["restore_state", "save_state"]

_LAST = ("last_exc", "last_type", "last_value", "last_traceback")


def _main() -> dict[str, Any]:
    return sys.modules["__main__"].__dict__


def save_state() -> dict[str, Any]:
    """The globals, the registered JavaScript modules, and what sys.modules has."""
    return {
        "globals": dict(_main()),
        "js_modules": dict(js_modules.registered),
        "modules": dict(sys.modules),
    }


def restore_state(state: dict[str, Any]) -> int:
    """Bring back what save_state() gave.

    Python modules that were imported since stay, as other modules may have them; JavaScript ones
    go.

    Returns:
        How many unreachable objects the collector found afterwards.
    """
    names = _main()
    names.clear()
    names.update(state["globals"])
    js_modules.registered.clear()
    js_modules.registered.update(state["js_modules"])
    before = state["modules"]
    for name, module in list(sys.modules.items()):
        if isinstance(module, JsProxy) and name not in before:
            del sys.modules[name]
    sys.modules.update(before)
    for name in _LAST:
        if hasattr(sys, name):
            delattr(sys, name)
    return gc.collect()
