"""How a program ends: by sys.exit(), by os._exit(), by an exception in a thread, by being left alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

OS_EXIT = """
const waiting = failure(pyodide.runPythonAsync("import time; time.sleep(600)"));
await later(20);
const ended = await failure(pyodide.runPythonAsync("import os; os._exit(3)"));
const after = await failure(pyodide.runPythonAsync("1"));
let plain = "";
try { pyodide.runPython("1"); } catch (error) { plain = error.message; }
return JSON.stringify([ended.message, (await waiting).message, after.message, plain]);
"""


@pytest.mark.parametrize("core", ["jspi", "asyncify"])
@pytest.mark.parametrize("engine", ["node", "chromium"])
async def test_os_exit_ends_the_runtime_and_everybody_is_told(
    hosts: dict[str, Any], engine: str, core: str
) -> None:
    """What waited was never settled, as nothing would ever wake it again."""
    host = hosts[engine]
    loaded = await host.ask("load", dist=host.dist, core=core)
    assert loaded["core"] == core
    got = await host.ask("script", id=loaded["id"], code=OS_EXIT)
    assert got["error"] is None, got["error"]
    ended, waiting, after, plain = json.loads(got["value"]["value"])
    assert "exit(3)" in ended
    for message in (waiting, after, plain):
        assert "the runtime ended" in message
        assert "exit(3)" in message
        assert "load a new one" in message
    await host.ask("destroy", id=loaded["id"])


async def test_sys_exit_ends_its_own_task_only(runtime: Any) -> None:
    got = await runtime.js(
        """
const other = pyodide.runPythonAsync("import time; time.sleep(0.1); 'went on'");
const ended = await failure(pyodide.runPythonAsync("import sys; sys.exit(4)"));
return [ended.type, ended.exitCode, await other].join();
"""
    )
    assert got == "SystemExit,4,went on"


async def test_an_exception_in_a_thread_is_reported_and_the_rest_lives(runtime: Any) -> None:
    result = await runtime.run_async(
        """
import sys, threading
seen = []
def hook(args):
    seen.append((args.exc_type.__name__, args.thread.name))
def fail():
    1 / 0
old, threading.excepthook = threading.excepthook, hook
def run(target):
    thread = threading.Thread(target=target, name=target.__name__)
    thread.start()
    thread.join()
run(fail)
threading.excepthook = old
run(sys.exit)
sys.stderr.write("and then:")
run(fail)
str(seen)
"""
    )
    # SystemExit in a thread ends the thread without a word, as in CPython.
    assert result.value == "[('ZeroDivisionError', 'fail')]"
    assert result.stderr.startswith("and then:")
    assert "ZeroDivisionError" in result.stderr


async def test_a_task_the_page_forgot_goes_on_to_its_end(runtime: Any) -> None:
    """Nobody holds the promise; the task is no less alive, and leaves nothing behind."""
    got = await runtime.js(
        """
globalThis.forgotten = [];
pyodide.runPythonAsync("import js, time; time.sleep(0.05); js.forgotten.push('done')");
while (forgotten.length === 0) await later(10);
while (pyodide.stats().tasks > 0) await later(10);
return forgotten.join();
"""
    )
    assert got == "done"
