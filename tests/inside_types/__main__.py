"""Lays the modules out by the names they have inside, and runs mypy there.

The layout is a folder of links (.mypy_cache/inside/), made anew each time; mypy's words name the
files that the links lead to. Called by `make lint`, and by tests/host/test_inside_types.py.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from cpython.build.steps.profiles import FROZEN
from cpython.build.steps.stdlib import OVERLAY, PACKAGES
from sospeso.paths import ROOT

CACHE = ROOT / ".mypy_cache" / "inside"
SETTINGS = Path(__file__).with_name("mypy.ini")

# Programs, which are no modules: the name to check them under -> file.
PROGRAMS = {
    "program_main.py": "runtime/node/main.py",
    "judge_inside.py": "tests/judge/inside.py",
    "suites_inside.py": "tests/suites/inside.py",
}
# Types of what has no Python source: place -> file or folder.
STUBS = {
    "_sospeso_core.pyi": "runtime/api/_sospeso_core.pyi",
    "_sospeso_ffi.pyi": "ffi/_sospeso_ffi.pyi",
    # The classes are described once, for users; _sospeso_ffi.pyi takes them from here.
    "public_ffi.pyi": "runtime/stubs/pyodide/ffi/__init__.pyi",
    "js.pyi": "runtime/stubs/js.pyi",
    "pyodide_js.pyi": "runtime/stubs/pyodide_js.pyi",
}
# Folder of stubs; each lies in the layout as it lies there.
MORE_STUBS = "cpython/stubs"
# Files under another name: one that is two modules, and one in a package of the standard library,
# which mypy takes from its own stubs.
OTHER_PLACES = {
    "ffi/js_in_py/js_module.py": "js_module.py",
    "polyfills/processes/popen.py": "multiprocessing_popen_fork.py",
}


def layout() -> dict[str, Path]:
    """Place in the layout -> file, of all that mypy sees."""
    places = {place: ROOT / path for place, path in PROGRAMS.items()}
    for name, path in FROZEN.items():
        if not path.startswith("Lib/"):
            place = name.replace(".", "/")
            place += "__init__.py" if place.endswith("/") else ".py"
            places[OTHER_PLACES.get(path, place)] = ROOT / path
    for path, place in OVERLAY.items():
        places[OTHER_PLACES.get(path, place)] = ROOT / path
    for packages in PACKAGES:
        for file in (ROOT / packages).rglob("*.py"):
            places[file.relative_to(ROOT / packages).as_posix()] = file
    places |= {place: ROOT / path for place, path in STUBS.items()}
    stubs = ROOT / MORE_STUBS
    places |= {file.relative_to(stubs).as_posix(): file for file in stubs.rglob("*.pyi")}
    return dict(sorted(places.items()))


def lay_out(places: dict[str, Path], folder: Path) -> None:
    """Make the folder of links."""
    shutil.rmtree(folder, ignore_errors=True)
    for place, file in places.items():
        link = folder / place
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(file)


def check(more: Mapping[str, Path] = MappingProxyType({})) -> tuple[str, int]:
    """What mypy says, with the files' own paths, and its exit code.

    Args:
        more: further files to look at, by their place in the layout.
    """
    places = {**layout(), **more}
    folder = CACHE / "src"
    lay_out(places, folder)
    command = [sys.executable, "-m", "mypy", "--config-file", str(SETTINGS)]
    command += ["--cache-dir", str(CACHE / "cache"), *places]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    names = {place: os.path.relpath(file, ROOT) for place, file in places.items()}
    said = re.sub(
        r"^([\w./]+?\.pyi?)(?=:)",
        lambda match: names.get(match[1], match[1]),
        done.stdout,
        flags=re.MULTILINE,
    )
    return said + done.stderr, done.returncode


if __name__ == "__main__":
    said, code = check()
    print(said, end="")
    sys.exit(code)
