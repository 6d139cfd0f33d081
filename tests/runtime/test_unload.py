"""destroy() frees a runtime: loading one after the other in one page does not grow memory.

What is counted is exact: the wasm memories that the collector could not free, through WeakRef, after
it was told to run. Bytes are a second, generous bound. Each cell loads a few runtimes; fifty, as
`SOSPESO_RUNTIMES=50` asks for, take some minutes (`make soak`).
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.programs import programs, scripts
from tests.runtime.conftest import Runtime

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)
RUNTIMES = int(os.environ.get("SOSPESO_RUNTIMES", "4"))


@pytest.mark.timeout(60 + 10 * RUNTIMES)
@pytest.mark.parametrize("core", ["jspi", "asyncify"])
@pytest.mark.parametrize("engine", ["node", "chromium"])
async def test_destroyed_runtimes_are_freed(hosts: dict[str, Any], engine: str, core: str) -> None:
    host = hosts[engine]
    await host.open()
    page = Runtime(host, engine, {"id": None, "core": core, "reason": ""})  # none is loaded
    await page.js(SCRIPTS.forget_memories)
    grown = []
    for _ in range(RUNTIMES):
        await page.js(
            SCRIPTS.load_and_destroy,
            host.dist,
            core,
            PROGRAMS.leave_things_behind,
            PROGRAMS.wait_beside_a_thread,
        )
        grown.append(await host.collect())
    for _ in range(10):
        alive = await page.js(SCRIPTS.count_memories)
        if alive == 0:
            break
        await host.collect()
    assert alive == 0, f"{alive} of {RUNTIMES} destroyed runtimes were not freed"
    # Resident memory goes up and down with the engine's code caches; fifty leaks are 1.5 GB.
    assert grown[-1] - grown[0] < 250e6 + (RUNTIMES - 1) * 3e6, grown
