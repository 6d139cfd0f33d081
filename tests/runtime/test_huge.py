"""Strings and buffers at the limits of the engine and of 32-bit memory: a clear error, or they work.

They take gigabytes, so they run on one cell only, one at a time, and nothing of them stays.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.programs import scripts
from tests.runtime.conftest import Runtime

pytestmark = pytest.mark.timeout(180)

SCRIPTS = scripts(__file__)


@pytest_asyncio.fixture
async def large(hosts: dict[str, Any]) -> AsyncIterator[Runtime]:
    """A runtime in Node, all of which is freed afterwards."""
    host = hosts["node"]
    loaded = await host.ask("load", dist=host.dist, core="jspi")
    runtime = Runtime(host, "node", loaded)
    yield runtime
    alive = await runtime.js("return pyodide.runPython('1 + 1')")
    await host.ask("destroy", id=loaded["id"])
    await host.collect()
    assert alive == 2


async def test_a_python_string_beyond_the_engines_strings_is_an_error(large: Runtime) -> None:
    told = await large.js(SCRIPTS.python_strings_beyond_the_engines)
    assert len(told) == 8
    for text in told:
        # Where a second gigabyte in a row is not to be had, Python says so itself.
        assert "longer than a string of this engine can be" in text or "MemoryError" in text, told
    assert "longer than a string of this engine can be" in told[0]


async def test_a_long_string_crosses_both_ways(large: Runtime) -> None:
    assert await large.js(SCRIPTS.a_long_string_both_ways) == [2**29 - 24, True]


async def test_a_buffer_beyond_two_gigabytes(large: Runtime) -> None:
    told = await large.js(SCRIPTS.a_buffer_beyond_two_gigabytes)
    assert told[2] == "b[-8] gave 7"
    for text in told[:2] + told[3:-1]:
        assert " OverflowError: " in text or " IndexError: " in text, told
    # The engine's own decoder refuses.
    assert told[-1].startswith("b.to_string() ValueError: "), told
