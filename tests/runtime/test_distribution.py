"""A distribution of Pyodide's as its lock file names it: its packages are ours, unmodified.

Packages of kind `shared_library` (libopenblas, which SciPy's libraries need), those that come from the
standard library (`cpython_module`), and what they depend on. `make test-packages` runs this.
"""

from __future__ import annotations

import json

import pytest

from tests.programs import programs, scripts
from tests.runtime.conftest import Runtime
from tests.runtime.foreign_wheels import distribution, distribution_shelf

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)
__all__ = ["distribution", "distribution_shelf"]  # fixtures

pytestmark = [pytest.mark.packages, pytest.mark.timeout(400)]


async def test_scipy_finds_its_shared_library(runtime: Runtime, distribution_shelf: str) -> None:
    given = (runtime.host.dist, runtime.core, f"{distribution_shelf}/pyodide-lock.json")
    loaded, got = await runtime.js(SCRIPTS.use, *given, ["scipy"], PROGRAMS.use_scipy)
    assert loaded == {"libopenblas": "shared_library", "numpy": "package", "scipy": "package"}
    assert json.loads(got) == [8.0, 24.0, 1.4142136, 12.0]


async def test_packages_for_data(runtime: Runtime, distribution_shelf: str) -> None:
    given = (runtime.host.dist, runtime.core, f"{distribution_shelf}/pyodide-lock.json")
    names = ["pandas", "pillow", "contourpy", "kiwisolver"]
    _, got = await runtime.js(SCRIPTS.use, *given, names, PROGRAMS.use_data)
    assert json.loads(got) == [{"x": 4, "y": 2}, [255, 0, 0], 1, 3.0]


async def test_packages_of_rust_and_c(runtime: Runtime, distribution_shelf: str) -> None:
    given = (runtime.host.dist, runtime.core, f"{distribution_shelf}/pyodide-lock.json")
    names = ["pydantic", "regex", "tiktoken", "jiter"]
    _, got = await runtime.js(SCRIPTS.use, *given, names, PROGRAMS.use_rust)
    assert json.loads(got) == [3, ["B", "C"], "int_parsing", [1, 2], 3]


async def test_modules_of_the_standard_library_are_there_already(
    runtime: Runtime, distribution_shelf: str
) -> None:
    """Pyodide has them as packages, whose files would replace ours."""
    given = (runtime.host.dist, runtime.core, f"{distribution_shelf}/pyodide-lock.json")
    names = ["ssl", "hashlib", "lzma", "sqlite3"]
    loaded, got = await runtime.js(SCRIPTS.use, *given, names, PROGRAMS.use_standard_modules)
    assert loaded == dict.fromkeys(names, "cpython_module")
    assert json.loads(got) == ["/lib/python313.zip/ssl.py", True, "3", "e3b0c442"]


async def test_imports_name_packages(runtime: Runtime, distribution_shelf: str) -> None:
    given = (runtime.host.dist, runtime.core, f"{distribution_shelf}/pyodide-lock.json")
    got = await runtime.js(SCRIPTS.load_from_imports, *given, PROGRAMS.use_by_imports)
    assert got == [["dateutil", "kiwisolver", "numpy", "pandas", "pytz", "six"], "3 2"]


async def test_an_import_waits_for_a_compiled_package(
    runtime: Runtime, distribution_shelf: str
) -> None:
    given = (runtime.host.dist, runtime.core, f"{distribution_shelf}/pyodide-lock.json")
    assert await runtime.js(SCRIPTS.import_waits, *given, PROGRAMS.use_by_imports) == "3 2"


async def test_micropip_installs_compiled_packages(
    runtime: Runtime, distribution_shelf: str
) -> None:
    given = (runtime.host.dist, runtime.core, f"{distribution_shelf}/pyodide-lock.json")
    _, got = await runtime.js(SCRIPTS.use, *given, ["micropip"], PROGRAMS.install_by_micropip)
    assert got == "['numpy', 'regex']"
