"""Wheels that the world has built for Pyodide 0.29, unmodified: they load and run on both cores.

`make test-packages` runs them; `make test` runs what test_libraries.py compiles.
"""

from __future__ import annotations

import json

import pytest

from tests.programs import programs, scripts
from tests.runtime.conftest import Runtime
from tests.runtime.foreign_wheels import PINS, bundle, foreign_shelf
from tests.runtime.test_libraries import told

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)
__all__ = ["bundle", "foreign_shelf"]  # fixtures

pytestmark = [pytest.mark.packages, pytest.mark.timeout(180)]

NUMPY = ["2.2.5", 1134.0, [1, 2, 3], True, 2, [0.0, 1.0, 2.0, 3.0]]


def file(name: str) -> str:
    return str(PINS["wheels"][name]["file"])


async def load(runtime: Runtime, *addresses: str) -> None:
    loaded, told = await runtime.js(SCRIPTS.load, list(addresses))
    assert len(loaded) == len(addresses) and not told


async def test_a_wheel_of_cython_calls_python_which_waits(
    runtime: Runtime, foreign_shelf: str
) -> None:
    await load(runtime, f"{foreign_shelf}/{file('msgpack')}")
    got = await told(runtime, PROGRAMS.use_msgpack)
    assert got == [True, "msgpack._cmsgpack", "waited", True]


async def test_a_wheel_of_rust_for_the_stable_abi(runtime: Runtime, foreign_shelf: str) -> None:
    await load(runtime, f"{foreign_shelf}/{file('fastquadtree')}")
    plain = await runtime.run(PROGRAMS.use_fastquadtree)  # it was compiled by loadPackage()
    assert plain.error is None, plain.error
    assert await told(runtime, PROGRAMS.use_fastquadtree) == [True, "bounds must be a tuple"]


async def test_a_wheel_with_libraries_of_its_own(runtime: Runtime, foreign_shelf: str) -> None:
    """Four of them, which find each other by $ORIGIN, and 21 MB of static data."""
    await load(runtime, f"{foreign_shelf}/{file('pymupdf')}")
    assert await told(runtime, PROGRAMS.use_pymupdf) == ["1.28.2", "Hello\n", 595, True]


async def test_names_of_a_lock_file_of_pyodide(runtime: Runtime, foreign_shelf: str) -> None:
    dist, lock = runtime.host.dist, f"{foreign_shelf}/pyodide-lock.json"
    given = (dist, runtime.core, lock)
    got = await runtime.js(SCRIPTS.with_lock_file, *given, ["numpy"], PROGRAMS.use_numpy)
    assert json.loads(got) == NUMPY
    got = await runtime.js(SCRIPTS.with_lock_file, *given, ["lxml"], PROGRAMS.use_lxml)
    assert json.loads(got) == ["1", "EndTag", "<html><body><p>hi<br/></p></body></html>", "\xe9"]


async def test_large_libraries_of_cplusplus(runtime: Runtime, foreign_shelf: str) -> None:
    numpy = "numpy-2.2.5-cp313-cp313-pyodide_2025_0_wasm32.whl"
    opencv = "opencv_python-4.11.0.86-cp313-cp313-pyodide_2025_0_wasm32.whl"
    await load(runtime, f"{foreign_shelf}/{numpy}", f"{foreign_shelf}/{opencv}")
    got = await told(runtime, PROGRAMS.use_opencv)
    assert got == ["4.11.0", True, True, "OpenCV", 32640]


async def test_the_older_pymupdf(runtime: Runtime, foreign_shelf: str) -> None:
    await load(runtime, f"{foreign_shelf}/pymupdf-1.26.3-cp313-none-pyodide_2025_0_wasm32.whl")
    assert await told(runtime, PROGRAMS.use_pymupdf) == ["1.26.3", "Hello\n", 595, True]


async def test_wheels_of_cplusplus_from_the_index(runtime: Runtime, foreign_shelf: str) -> None:
    """By pybind11, two of which use NumPy, and for the stable ABI."""
    numpy = "numpy-2.2.5-cp313-cp313-pyodide_2025_0_wasm32.whl"
    names = [numpy, *(file(name) for name in ("contourpy", "pycdfpp", "uharfbuzz"))]
    await load(runtime, *(f"{foreign_shelf}/{name}" for name in names))
    got = await told(runtime, PROGRAMS.use_cplusplus)
    assert got == [[[[0.0, 0.5], [0.5, 0.0]]], [0.0, 1.0, 2.0], "Latn", 3]
