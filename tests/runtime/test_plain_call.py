"""runPython(): nothing below it can suspend, so what would wait says so, or really blocks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)

CURE = 'use "await pyodide.runPythonAsync(code)" instead'


@pytest.mark.parametrize(
    "code",
    [
        "input()",
        "import sys; sys.stdin.readline()",
        "import threading; l = threading.Lock(); l.acquire(); l.acquire()",
        "import queue; queue.Queue().get()",
        "import urllib.request; urllib.request.urlopen('http://localhost:1/')",
        "import asyncio; asyncio.new_event_loop().run_until_complete(asyncio.sleep(0.01))",
    ],
)
async def test_what_would_wait_names_the_cause_and_the_cure(runtime: Any, code: str) -> None:
    result = await runtime.run(code, stdin=["x"])
    assert result.error_type == "RuntimeError", result.error
    assert "cannot wait here: Python was entered by runPython()" in result.error
    assert CURE in result.error
    assert (await runtime.run("1 + 1")).value == 2


async def test_input_at_a_terminal_names_the_cause_too(runtime: Any) -> None:
    """A terminal is read by PyOS_Readline(), which took the error for the end of the file."""
    await runtime.js(SCRIPTS.make_stdin_and_stdout_a_terminal)
    result = await runtime.run("input()")
    assert result.error_type == "RuntimeError", result.error
    assert CURE in result.error
    assert (await runtime.run_async("input()")).value == "x"


async def test_sleep_really_blocks(runtime: Any) -> None:
    result = await runtime.run(PROGRAMS.sleep_really_blocks)
    assert result.value >= 0.05
    assert result.ticks == 0


async def test_stdin_with_a_synchronous_handler_works(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.stdin_with_a_synchronous_handler) == "a line"


async def test_a_waiting_task_is_not_disturbed(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.a_call_while_a_task_waits) == "499500 1"
