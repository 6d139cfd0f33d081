"""JavaScript objects as Python modules: `import js`, and what users register.

The module is `_sospeso.js_modules` inside the runtime; the modules `js` and
`pyodide_js` are small files (ffi/js_in_py/js_module.py) that it replaces by JavaScript
objects when they are imported. It puts a finder on sys.meta_path, and is only
imported when somebody needs it: a start pays nothing.

Invariants
 1. sys.modules holds the JsProxy itself, so that `js` is a JavaScript object
    for every purpose, such as being passed to a function.
 2. The attributes that the import system needs of a module (__name__, __path__
    and the like) are kept by the proxy and never written to the object.
"""

import sys
from _frozen_importlib import ModuleSpec  # importlib.machinery would be read from the archive

from _sospeso_ffi import JsProxy, js_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_registered: "dict[str, Any]" = {}


class JsLoader:
    """Puts a JavaScript object in the place of a module."""

    def __init__(self, proxy: "Any") -> None:
        self._proxy = proxy

    def create_module(self, spec: ModuleSpec) -> None:
        """None: a plain module at first, for what the import system writes to it."""

    def exec_module(self, module: "ModuleType") -> None:
        spec = module.__spec__
        assert spec is not None
        # Given away: a proxy that keeps its loader must not be kept by it, or it would never go.
        proxy, self._proxy = self._proxy, None
        put_in_place(spec.name, proxy, spec)
        # For `from name import *`: what the object has now.
        proxy.__all__ = [key for key in proxy.object_keys() if not key.startswith("_")]

    def is_package(self, fullname: str) -> bool:
        return True


class JsFinder:
    """Finds registered objects, and object members of such modules as submodules."""

    def find_spec(self, fullname: str, path: "Any", target: "Any" = None) -> ModuleSpec | None:
        proxy = self._find(fullname)
        if proxy is None:
            return None
        return _spec(fullname, proxy)

    def _find(self, fullname: str) -> "Any":
        if fullname in _registered:
            return _registered[fullname]
        parent, _, child = fullname.rpartition(".")
        module = sys.modules.get(parent) if parent else None
        if not isinstance(module, JsProxy):
            return None
        member = getattr(module, child, None)
        if not isinstance(member, JsProxy):
            raise ModuleNotFoundError(
                f"No module named {fullname!r}: "
                f"the JavaScript module {parent!r} has no object {child!r}",
                name=fullname,
            )
        return member


def _spec(name: str, proxy: "Any") -> ModuleSpec:
    loader: Any = JsLoader(proxy)  # by its methods; a base class would come from the archive
    return ModuleSpec(name, loader, origin="javascript", is_package=True)


def put_in_place(name: str, proxy: "Any", spec: ModuleSpec) -> None:
    """Make `proxy` the module of that name."""
    for attribute, value in (
        ("__name__", name),
        ("__spec__", spec),
        ("__loader__", spec.loader),
        ("__package__", name),
        ("__path__", []),
    ):
        setattr(proxy, attribute, value)
    sys.modules[name] = proxy


def replace_builtin(name: str) -> None:
    """Called by the file of `js` or `pyodide_js` while it is being imported."""
    install()
    put_in_place(name, js_module(name), _spec(name, None))


def install() -> None:
    """Have the import system ask the finder, first of all."""
    if not any(isinstance(finder, JsFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, JsFinder())


def register_js_module(name: str, jsproxy: "Any") -> None:
    """Have `import name` give a JavaScript object.

    Object members of it are submodules: `import name.member`. A module that was imported
    under the name stays what it is to those who have it; the next import gives the new one.

    Args:
        name: the module's name, which may be dotted.
        jsproxy: the object.

    Raises:
        TypeError: the name is no string, or the object none of JavaScript's.
    """
    if not isinstance(name, str):
        raise TypeError(f"name of a JavaScript module is a str, not {type(name).__name__}")
    if not isinstance(jsproxy, JsProxy):
        raise TypeError(
            f"a JavaScript module is a JavaScript object, not a Python {type(jsproxy).__name__}"
        )
    install()
    sys.modules.pop(name, None)
    _forget(name)
    _registered[name] = jsproxy


def unregister_js_module(name: str) -> None:
    """Undo register_js_module(). Who has imported the module keeps it.

    Raises:
        ValueError: no JavaScript module of this name is registered.
    """
    if name not in _registered:
        raise ValueError(
            f"cannot unregister {name!r}: no JavaScript module of this name is registered"
        )
    del _registered[name]
    _forget(name)


def _forget(name: str) -> None:
    """Have the next import of the module, and of its submodules, look for it again."""
    for known in [known for known in sys.modules if f"{known}.".startswith(f"{name}.")]:
        if isinstance(sys.modules[known], JsProxy):
            del sys.modules[known]
