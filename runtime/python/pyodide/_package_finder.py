"""An import can wait: import statements load the package of the lock file that has the module.

The last finder of sys.meta_path when option loadPackagesOnImport is on; _sospeso.runner installs it
with JavaScript's half (runtime/api/imports.ts).

Invariants
 1. To ask for a module loads nothing: find_spec() answers with a spec that knows its name, and the
    package is loaded when anything else of it is wanted. import statements want its loader.
 2. So nothing waits under the import system's one lock for all, which finders are called under.
    While a package is loaded its importer holds the lock of that module's name alone.
 3. A name that no package of the lock file offers costs one question, and changes nothing.
"""

import sys

import _sospeso_core as core

from pyodide.ffi import run_sync

TYPE_CHECKING = False
if TYPE_CHECKING:  # the types of what importlib keeps to itself
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    _NamespacePath: Any
    PathFinder: Any

    def _find_spec(name: str, path: Any) -> ModuleSpec | None: ...

else:
    from _frozen_importlib import ModuleSpec, _find_spec
    from _frozen_importlib_external import PathFinder, _NamespacePath


class PackageSpec(ModuleSpec):
    """The spec of a module whose package is not loaded yet; afterwards it is a ModuleSpec."""

    def __init__(self, name: str, package: str, path: "Sequence[str] | None", host: "Any") -> None:
        # Not ModuleSpec.__init__(): attributes that are missing are what has the package loaded.
        self.name = name
        self._package = package
        self._path = path
        self._host = host

    def __getattr__(self, attribute: str) -> "Any":
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        found = _load(self.name, self._package, self._path, self._host)
        self.__dict__.update(found.__dict__)
        self.__class__ = ModuleSpec  # type: ignore[assignment] # it has all of one now
        return getattr(self, attribute)

    def __repr__(self) -> str:
        if type(self) is not PackageSpec:
            return ModuleSpec.__repr__(self)
        return f"PackageSpec(name={self.name!r}, package={self._package!r})"


class PackageFinder:
    """Finds modules that packages of the lock file offer and that are not loaded."""

    def __init__(self, host: "Any") -> None:
        self._host = host

    def find_spec(
        self,
        name: str,
        path: "Sequence[str] | None" = None,
        target: "ModuleType | None" = None,
    ) -> ModuleSpec | None:
        """A spec for the module; None when no package offers it."""
        package = self._host.offering(name)
        if package is not None:
            return PackageSpec(name, package, path, self._host)
        if path is None and self._host.offersBelow(name):
            # A namespace: which package is wanted shows with the next name.
            spec = ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = _NamespacePath(name, [], PathFinder._get_spec)
            return spec
        return None


def _load(name: str, package: str, path: "Sequence[str] | None", host: "Any") -> ModuleSpec:
    """Wait until the package is loaded; the module's own spec.

    Raises:
        ModuleNotFoundError: this stack cannot wait, or the package does not have the module.
        ImportError: the package cannot be loaded; its cause says why.
    """
    if not core.can_wait():
        raise ModuleNotFoundError(
            f"No module named {name!r}: it is in package {package!r}, which is not loaded, and "
            "nothing can wait for it here. Run the program by runPythonAsync(), or call "
            f"await pyodide.loadPackage({package!r}) before. ({core.cannot_wait_reason()})",
            name=name,
        )
    # Imported by this stack, before another one unpacks: that one would wait for what this imports.
    import pyodide._package_loader  # noqa: F401

    loading = host.load(name, package)
    try:
        run_sync(loading.done)
    except Exception as error:
        raise ImportError(
            f"cannot load package {package!r}, which has the module {name!r}: {error}", name=name
        ) from error
    except BaseException:
        loading.stop()
        raise
    spec: ModuleSpec | None = _find_spec(name, path)
    if spec is None:
        raise ModuleNotFoundError(
            f"No module named {name!r}: package {package!r} was loaded for it, and does not have "
            "it, although the lock file says so",
            name=name,
        )
    return spec


def install(host: "Any") -> None:
    """Have import statements load packages; `host` is JavaScript's half."""
    sys.meta_path.append(PackageFinder(host))
