"""NumPy and JavaScript: arrays and typed arrays share memory, and arrays of every kind become JavaScript's.

The wheel was built for Pyodide 0.29. `make test-packages` runs this.
"""

from __future__ import annotations

import pytest

from tests.programs import programs, scripts
from tests.runtime.conftest import Runtime
from tests.runtime.foreign_wheels import bundle, foreign_shelf

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)
WHEEL = "numpy-2.2.5-cp313-cp313-pyodide_2025_0_wasm32.whl"
__all__ = ["bundle", "foreign_shelf"]  # fixtures

pytestmark = [pytest.mark.packages, pytest.mark.timeout(180)]


async def load(runtime: Runtime, shelf: str) -> None:
    await runtime.js(SCRIPTS.load, f"{shelf}/{WHEEL}")


async def test_arrays_become_typed_arrays(runtime: Runtime, foreign_shelf: str) -> None:
    await load(runtime, foreign_shelf)
    await runtime.js(SCRIPTS.typed_arrays)


async def test_views_of_every_layout_reach_every_element(
    runtime: Runtime, foreign_shelf: str
) -> None:
    await load(runtime, foreign_shelf)
    await runtime.js(SCRIPTS.layouts)


async def test_views_share_memory_which_may_grow(runtime: Runtime, foreign_shelf: str) -> None:
    await load(runtime, foreign_shelf)
    await runtime.js(SCRIPTS.shared_memory, PROGRAMS.grow_memory)


async def test_arrays_of_javascript_come_and_go(runtime: Runtime, foreign_shelf: str) -> None:
    await load(runtime, foreign_shelf)
    await runtime.js(SCRIPTS.typed_arrays_to_numpy, PROGRAMS.take_typed_arrays)
