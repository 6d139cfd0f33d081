"""The suite of the engine matrix in the engines that most people have, a test for each cell.

Why: the rest of the tests run in one Node and one Chromium; what breaks elsewhere must not wait for
`make test-engines`. Engines that cannot be had are skipped with the reason.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.matrix.catalog import Cell, quick_cells
from tests.matrix.install import EngineMissing, install
from tests.matrix.machine import quick_engines
from tests.matrix.runner import Bench, bench

CELLS = [cell for engine in quick_engines() for cell in quick_cells(engine)]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server() -> AsyncIterator[Bench]:
    """The server that the engines load from and report to."""
    async with bench() as running:
        yield running


# An engine may have to be fetched first; `make test` has done it before.
@pytest.mark.timeout(600)
@pytest.mark.parametrize("cell", [pytest.param(cell, id=cell.key) for cell in CELLS])
async def test_python_waits_in(server: Bench, cell: Cell) -> None:
    try:
        found = install(cell.engine, print)
        outcome = await server.run(found, cell)
    except EngineMissing as error:
        pytest.skip(f"{cell.engine.title}: {error}")
    assert not outcome.problems, "\n".join(outcome.problems)
    assert outcome.core == cell.core
    assert len(outcome.checks) > 50


def test_the_quick_set_has_both_cores_and_every_kind_of_engine() -> None:
    assert {cell.core for cell in CELLS} == {"jspi", "asyncify"}
    assert {cell.engine.family for cell in CELLS} >= {"chromium", "firefox", "node"}
