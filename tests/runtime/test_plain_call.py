"""runPython(): nothing below it can suspend, so what would wait says so, or really blocks."""

from __future__ import annotations

from typing import Any

import pytest

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
    await runtime.js("""
        pyodide.setStdin({ stdin: async () => "x", isatty: true });
        pyodide.setStdout({ write: (bytes) => bytes.length, isatty: true });
    """)
    result = await runtime.run("input()")
    assert result.error_type == "RuntimeError", result.error
    assert CURE in result.error
    assert (await runtime.run_async("input()")).value == "x"


async def test_sleep_really_blocks(runtime: Any) -> None:
    result = await runtime.run(
        "import time\nt = time.perf_counter()\ntime.sleep(0.05)\ntime.perf_counter() - t"
    )
    assert result.value >= 0.05
    assert result.ticks == 0


async def test_stdin_with_a_synchronous_handler_works(runtime: Any) -> None:
    assert (
        await runtime.js("""
        pyodide.setStdin({ stdin: () => "a line" });
        return pyodide.runPython("input()");
    """)
        == "a line"
    )


async def test_a_waiting_task_is_not_disturbed(runtime: Any) -> None:
    assert (
        await runtime.js("""
        const waiting = pyodide.runPythonAsync("import time\\nsorted([3, 1], key=lambda v: time.sleep(0.2) or v)[0]");
        // Not before: on a busy machine its time slice may end in an import, which a plain call cannot wait for.
        while (pyodide.stats().waiting === 0) await later(1);
        const during = pyodide.runPython("sum(range(1000))");
        return `${during} ${await waiting}`;
    """)
        == "499500 1"
    )
