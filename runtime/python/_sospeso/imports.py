"""What is there for import statements from the start: unread modules, paths of Windows hosts.

Libraries ask `"pyodide" in sys.modules` to find out where they run (micropip: `_pyodide_core`,
panel: `_pyodide`, shiny: `pyodide`), and programs write `import importlib; importlib.util`, which
works where something has imported the submodule before: in Pyodide, always. Importing these
modules for everybody would make each start read the archive, so an empty module stands for each
until an import statement, or anybody else, looks into it. A host that is Windows gives folders as
it writes them, and programs put these on sys.path.
_sospeso.runner calls install() when the runtime is ready; this module is linked into the core.

Invariants
 1. A module is the same object before and after it is read: only its class changes.
 2. It is read under the import system's lock of its name, by one stack; another one that looks into
    it meanwhile waits, and the code of the module itself sees what is there so far.
 3. Tools that walk over sys.modules (inspect.getmodule, isinstance) read nothing: `_KNOWN`.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # the types of what importlib keeps to itself
    from importlib.machinery import FileFinder, ModuleSpec
    from types import ModuleType
    from typing import Any

    def _find_spec(name: str, path: Any) -> ModuleSpec | None: ...
    def _init_module_attrs(spec: ModuleSpec, module: ModuleType, *, override: bool) -> None: ...
    def _ModuleLockManager(name: str) -> Any: ...
    def _get_supported_file_loaders() -> list[Any]: ...

else:
    from _frozen_importlib import _find_spec, _init_module_attrs, _ModuleLockManager
    from _frozen_importlib_external import FileFinder, _get_supported_file_loaders

    ModuleType = type(sys)  # without importing types

# Modules, each after its parent. True: a package.
_MODULES = {
    "_pyodide": True,
    "_pyodide._base": False,
    "_pyodide._core_docs": False,
    "_pyodide._importhook": False,
    "_pyodide.docstring": False,
    "_pyodide.jsbind": False,
    "_pyodide_core": False,
    "pyodide": True,
    "pyodide._package_loader": False,
    "pyodide._state": False,
    "pyodide.code": False,
    "pyodide.common": False,
    "pyodide.ffi": True,
    "pyodide.webloop": False,
    "importlib": True,
    "importlib.abc": False,
    "importlib.machinery": False,
    "importlib.resources": True,
    "importlib.util": False,
    "concurrent": True,
    "concurrent.futures": True,
}
# Modules that are linked into the core, and named by their files as those of the archive are.
_LINKED = ("encodings", "encodings.aliases", "encodings.utf_8")
_ARCHIVE = "/lib/python313.zip"

# Attributes that an unread module has, or that it says it has not.
_KNOWN = frozenset(("__class__", "__file__", "__name__", "__warningregistry__"))

_being_read: set[str] = set()
_get = ModuleType.__getattribute__


class UnreadModule(ModuleType):
    """A module whose code has not run yet."""

    def __getattribute__(self, name: str) -> "Any":
        if name not in _KNOWN:
            _read(self)
        return _get(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        _read(self)
        ModuleType.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        _read(self)
        ModuleType.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        _read(self)
        return list(ModuleType.__dir__(self))


def _read(module: "ModuleType") -> None:
    """Run the module's code, unless this was done or is under way on this stack."""
    name = _get(module, "__name__")
    with _ModuleLockManager(name):
        if type(module) is not UnreadModule or name in _being_read:
            return
        _being_read.add(name)
        try:
            parent = name.rpartition(".")[0]
            spec = _find_spec(name, sys.modules[parent].__path__ if parent else None)
            if spec is None:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            _init_module_attrs(spec, module, override=True)
            assert spec.loader is not None
            spec.loader.exec_module(module)
            module.__class__ = ModuleType  # type: ignore[assignment] # it is one of these
        finally:
            _being_read.discard(name)


def windows_folder(path: str) -> FileFinder:
    """A path hook: `C:\\data\\x` on sys.path is the folder /data/x."""
    if path[1:2] != ":" or not path[0].isalpha():
        raise ImportError("only paths of Windows are supported", path=path)
    return FileFinder(path[2:].replace("\\", "/"), *_get_supported_file_loaders())


def install() -> None:
    """Put the modules into sys.modules, where they are not there already, and the hook last."""
    sys.path_hooks.append(windows_folder)
    for name, is_package in _MODULES.items():
        if name in sys.modules:
            continue
        module = sys.modules[name] = UnreadModule(name)
        path = name.replace(".", "/")
        names = _get(module, "__dict__")
        names["__file__"] = (
            f"{_ARCHIVE}/{path}/__init__.py" if is_package else f"{_ARCHIVE}/{path}.py"
        )
        parent, _, child = name.rpartition(".")
        if parent:
            _get(sys.modules[parent], "__dict__")[child] = module
    for name in ("_bootstrap", "_bootstrap_external"):  # as reading importlib does
        sys.modules.setdefault(f"importlib.{name}", sys.modules[f"_frozen_importlib{name[10:]}"])
    for name in _LINKED:
        spec = sys.modules[name].__spec__
        assert spec is not None
        spec.origin = sys.modules[name].__file__
        spec.has_location = True
