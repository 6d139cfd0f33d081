"""How a program ends: by sys.exit(), by os._exit(), by an exception in a thread, by being left alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import programs, scripts
from tests.runtime.conftest import CORES, Runtime

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


@pytest.mark.parametrize("core", ["jspi", "asyncify"])
@pytest.mark.parametrize("engine", ["node", "chromium"])
async def test_os_exit_ends_the_runtime_and_everybody_is_told(
    hosts: dict[str, Any], engine: str, core: str
) -> None:
    """What waited was never settled, as nothing would ever wake it again."""
    host = hosts[engine]
    loaded = await host.ask("load", dist=host.dist, core=core)
    assert loaded["core"] == core
    got = await Runtime(host, engine, loaded).js(SCRIPTS.os_exit)
    why = (
        "Pyodide already exited and can no longer be used. "
        "Program terminated with exit(3): load a new one"
    )
    assert got == {
        "text": "Exit: Program terminated with exit(3)",
        "flag": True,
        "status": 3,
        "told": True,
        "waiting": why,
        "called": why,
        "looks": [why],
        "version": "string",
    }
    await host.ask("destroy", id=loaded["id"])


KINDS = ("a function", "a plain call", "a promising call", "a listener")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("engine", ["node", "chromium"])
async def test_os_exit_ends_the_runtime_wherever_it_is_called(
    hosts: dict[str, Any], engine: str, core: str, kind: str
) -> None:
    """From a function that JavaScript called, the page got Emscripten's object and the rest went on."""
    host = hosts[engine]
    loaded = await host.ask("load", dist=host.dist, core=core)
    runtime = Runtime(host, engine, loaded)
    thrown, told, look = await runtime.js(SCRIPTS.exits_of_other_kinds, kind)
    assert thrown == ("nothing" if kind == "a listener" else "Exit true")
    assert told == ["Exit: Program terminated with exit(5)"]
    assert look.startswith("Pyodide already exited and can no longer be used.")
    await host.ask("destroy", id=loaded["id"])


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("engine", ["node", "chromium"])
async def test_a_trap_ends_the_runtime_and_its_error_says_so(
    hosts: dict[str, Any], engine: str, core: str
) -> None:
    host = hosts[engine]
    loaded = await host.ask("load", dist=host.dist, core=core)
    flag, told, look = await Runtime(host, engine, loaded).js(SCRIPTS.abort)
    assert (flag, told) == (True, True)
    assert look.startswith("Pyodide already fatally failed and can no longer be used.")
    await host.ask("destroy", id=loaded["id"])


@pytest.mark.parametrize("core", CORES)
async def test_a_fatal_error_shows_where_python_was_and_nothing_goes_on(
    hosts: dict[str, Any], core: str
) -> None:
    """Python caught the fault of a Python function that JavaScript had called, and went on; the
    console said "Aborted()" alone."""
    host = hosts["node"]
    loaded = await host.ask("load", dist=host.dist, core=core)
    seen = await Runtime(host, "node", loaded).js(SCRIPTS.abort_below_javascript)
    await host.ask("destroy", id=loaded["id"])
    assert seen["went"] == []
    assert seen["thrown"] is True
    console, stack = seen["console"], seen["stack"]
    assert console[0].startswith("Pyodide has suffered a fatal error.")
    assert console[1] == "The cause of the fatal error was:"
    assert stack[0] == "Stack (most recent call first):"
    assert [line.split(" in ")[-1] for line in stack[1:] if "<exec>" in line] == [
        "inner",
        "<module>",
    ]


async def test_sys_exit_ends_its_own_task_only(runtime: Any) -> None:
    got = await runtime.js(SCRIPTS.sys_exit)
    assert got == ["SystemExit", 4, "went on"]


async def test_an_exception_in_a_thread_is_reported_and_the_rest_lives(runtime: Any) -> None:
    result = await runtime.run_async(PROGRAMS.an_exception_in_a_thread)
    # SystemExit in a thread ends the thread without a word, as in CPython.
    assert result.value == "[('ZeroDivisionError', 'fail')]"
    assert result.stderr.startswith("and then:")
    assert "ZeroDivisionError" in result.stderr


async def test_a_task_the_page_forgot_goes_on_to_its_end(runtime: Any) -> None:
    """Nobody holds the promise; the task is no less alive, and leaves nothing behind."""
    assert await runtime.js(SCRIPTS.forgotten) == "done"
