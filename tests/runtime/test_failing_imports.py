"""Every import of the core fails once while small programs run: Python gets an exception, and the runtime goes on.

What JavaScript threw once went through the frames of wasm, which do not clean up: the runtime ended,
for want of a descriptor (test_faults.py) or by a handler that threw.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import programs, scripts
from tests.runtime.conftest import Runtime

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


# In Node alone: it takes a minute, and the imports are those of every engine.
@pytest.mark.parametrize("runtime", ["node-jspi", "node-asyncify"], indirect=True)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["TypeError", "an errno"])
async def test_every_import_may_fail_once(runtime: Any, kind: str) -> None:
    await runtime.js(SCRIPTS.stand_between)
    loaded = await runtime.host.load_beside(runtime.core)
    beside = Runtime(runtime.host, runtime.engine, loaded)
    await beside.js(SCRIPTS.stand_aside)
    small = [[program.name, program.called()] for program in PROGRAMS]
    told, hits, imports, reports = await beside.js(SCRIPTS.fail_once, small, kind)
    assert told == []
    assert imports > 100
    assert hits > 100
    # What is no errno is always a fault of ours; an errno is where the import has none to give.
    assert reports > 0 if kind == "TypeError" else reports < hits
    await runtime.host.ask("destroy", id=beside.id)
