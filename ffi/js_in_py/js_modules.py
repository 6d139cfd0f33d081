"""JavaScript objects as Python modules: `import js`, and what users register.

The module is `_sospeso.js_modules` inside the runtime; the module `js` is a small file
(ffi/js_in_py/js_module.py) that it replaces by a JavaScript object when it is imported, and
`pyodide_js` is in sys.modules from the start (install(), which _sospeso.runner calls).

Invariants
 1. sys.modules holds the JsProxy itself, so that `js` is a JavaScript object
    for every purpose, such as being passed to a function.
 2. The attributes that the import system needs of a module (__name__, __path__
    and the like) are kept by the proxy and never written to the object.
 3. As in Pyodide, registering concerns the next import of a name that sys.modules
    does not have: what was imported stays what it is until Python removes it.
"""

import sys
from _frozen_importlib import ModuleSpec  # importlib.machinery would be read from the archive

from _sospeso_ffi import JsProxy, js_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# Name -> object, of what users have registered.
registered: "dict[str, Any]" = {}


class JsLoader:
    """Puts a JavaScript object in the place of a module."""

    def __init__(self, proxy: "Any") -> None:
        self._proxy = proxy

    def create_module(self, spec: ModuleSpec) -> None:
        """None: a plain module at first, for what the import system writes to it."""

    def exec_module(self, module: "ModuleType") -> None:
        if self._proxy is None:
            return  # importlib.reload(): the object is its own latest state
        spec = module.__spec__
        assert spec is not None
        # Given away: a proxy that keeps its loader must not be kept by it, or it would never go.
        proxy, self._proxy = self._proxy, None
        put_in_place(spec.name, proxy, spec)
        if not hasattr(proxy, "__all__"):
            proxy.__all__ = list(proxy.object_keys())  # for `from name import *`

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
        if fullname in registered:
            return registered[fullname]
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
    """Put the object behind `js` or `pyodide_js` into sys.modules; the file of `js` calls it."""
    put_in_place(name, js_module(name), _spec(name, None))


def install() -> None:
    """Have the import system ask the finder, after its own, and offer pyodide_js."""
    sys.meta_path.append(JsFinder())
    replace_builtin("pyodide_js")


def register_js_module(name: str, jsproxy: "Any") -> None:
    """Have `import name` give a JavaScript object.

    Object members of it are submodules: `import name.member`.

    Args:
        name: the module's name, which may be dotted.
        jsproxy: the object.

    Raises:
        TypeError: the name is no string, or the object none of JavaScript's.
    """
    if not isinstance(name, str):
        raise TypeError(f"Argument 'name' must be a str, not {type(name).__name__!r}")
    if not isinstance(jsproxy, JsProxy):
        raise TypeError(f"Argument 'jsproxy' must be a JsProxy, not {type(jsproxy).__name__!r}")
    registered[name] = jsproxy


def unregister_js_module(name: str) -> None:
    """Undo register_js_module().

    Raises:
        ValueError: no JavaScript module of this name is registered.
    """
    if name not in registered:
        raise ValueError(
            f"Cannot unregister {name!r}: no Javascript module with that name is registered"
        )
    del registered[name]
