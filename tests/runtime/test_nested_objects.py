"""Objects nested 120,000 deep: the right answer, RecursionError or MemoryError, never the end of the runtime.

CPython looks at the stack where functions call themselves, not where an object passes a question on
to the one behind it. `it = map(int, it)` in a loop ended the runtime, and so did letting go of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.programs import Program, Programs, scripts

PROGRAMS = Programs(Path(__file__).parent / "programs" / "nested_objects.py")
SCRIPTS = scripts(__file__)
KINDS = ("task", "plain call", "thread", "callback")
# Node tries every kind of stack; a page's stacks are of the same kinds, and a case takes seconds.
WHERE = [
    *((cell, where) for cell in ("node-jspi", "node-asyncify") for where in KINDS),
    *((cell, "task") for cell in ("chromium-jspi", "chromium-asyncify")),
]
ALLOWED = {"ok", "RecursionError", "MemoryError", "SyntaxError", "ValueError"}


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("runtime", "where"), WHERE, indirect=["runtime"])
@pytest.mark.parametrize("program", list(PROGRAMS), ids=lambda program: program.name)
async def test_deep_nesting_never_ends_the_runtime(
    runtime: Any, program: Program, where: str
) -> None:
    if where in ("thread", "callback"):
        told = await runtime.js(SCRIPTS.run_elsewhere, program.text, program.name, where)
    else:
        run = runtime.run_async if where == "task" else runtime.run
        result = await run(f"import json\n{program.text}\njson.dumps({program.name}())")
        assert result.error is None, result.error
        told = json.loads(result.value)
    assert told
    assert set(told.values()) <= ALLOWED
    assert (await runtime.run("6 * 7")).value == 42
