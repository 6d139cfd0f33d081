"""Running out of stack is an exception of Python's, never the end of the runtime.

In the prototype some of these programs ended in an engine's trap: "Maximum call stack size exceeded",
"unreachable", a table or memory index out of bounds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.programs import Program, Programs, programs, scripts

PROGRAMS = programs(__file__)
OVERFLOWS = Programs(Path(__file__).parent / "programs" / "recursion_overflows.py")
SCRIPTS = scripts(__file__)
RAISES = ("RecursionError", "MemoryError", "SyntaxError")


@pytest.mark.parametrize("program", list(OVERFLOWS), ids=lambda program: program.name)
async def test_running_out_of_stack_raises(runtime: Any, program: Program) -> None:
    for run in (runtime.run_async, runtime.run, runtime.run_async):
        result = await run(program)
        assert result.error_type in RAISES, f"{result.error_type}: {(result.error or '')[-300:]}"
        assert (await runtime.run("1 + 1")).value == 2
    await runtime.run(
        "x = a = b = t = None; import sys; sys.setrecursionlimit(1000)\n"
        "sys.last_exc = sys.last_value = sys.last_traceback = None"
    )


async def test_a_million_nested_tuples_are_freed(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.free_nested_tuples) == 1


async def test_threads_run_out_of_stack_too(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.overflow_in_a_thread) == "RecursionError"


async def test_a_deep_stack_can_wait(runtime: Any) -> None:
    """Asyncify needs some 420 bytes of buffer a level; a fixed buffer ended in `unreachable`."""
    assert await runtime.value(PROGRAMS.wait_on_a_deep_stack) == 1


@pytest.mark.parametrize("kind", ["a call", "an attribute", "run", "Python that goes deep"])
async def test_a_recursion_of_javascript_that_calls_python_ends_in_javascript(
    runtime: Any, kind: str
) -> None:
    """It ran out of stack in the middle of entering Python: a thread state stayed attached, and the next call was fatal."""
    told = await runtime.js(SCRIPTS.recurse_in_javascript, kind)
    assert told == "RangeError,2,RangeError,2,RangeError,2,3"


@pytest.mark.timeout(120)
async def test_source_nested_at_any_depth_compiles_or_raises(runtime: Any) -> None:
    """The last pass of the compiler did not look at the stack (patch 0025): 770 operations in a row, `x-x-x...`, ran over
    it into what lies behind, and the runtime ended, or a later program failed without a reason.
    """
    told = await runtime.js(
        SCRIPTS.compile_nested_source, PROGRAMS.define_compilations_of_nested_source
    )
    assert told == ""
