"""destroy() frees a runtime: loading one after the other in one page does not grow memory.

What is counted is exact: the wasm memories that the collector could not free, through WeakRef, after
it was told to run. Bytes are a second, generous bound. Each cell loads a few runtimes; fifty, as
`SOSPESO_RUNTIMES=50` asks for, take some minutes (`make soak`).
"""

from __future__ import annotations

import os
from typing import Any

import pytest

RUNTIMES = int(os.environ.get("SOSPESO_RUNTIMES", "4"))

# What a page may leave behind when it destroys a runtime: proxies, handles, tasks that wait,
# timers, an interrupt buffer, threads.
LOAD = """
const { loadPyodide } = await import(`${dist}/sospeso.mjs`);
globalThis.memories ??= [];
const pyodide = await loadPyodide({ core, stdin: () => new Promise(() => {}), stdout: () => {} });
pyodide.setInterruptBuffer(new Uint8Array(1));
pyodide.setDebug(true);
globalThis.left = pyodide.runPython(`
import js
from pyodide.ffi import create_proxy
from pyodide.ffi.wrappers import set_interval
big = bytearray(5_000_000)
held = [js.Object.new() for _ in range(100)]
kept = create_proxy(lambda: big)
js.left_behind = kept
set_interval(lambda: None, 5)
lambda: big
`);
pyodide.registerJsModule("mine", { f() {} });
pyodide.runPythonAsync(`
import threading, time
threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
time.sleep(1000)`).catch(() => {});
pyodide.runPythonAsync("import asyncio; await asyncio.sleep(1000)").catch(() => {});
pyodide.runPythonAsync("input()").catch(() => {});
await new Promise((resolve) => setTimeout(resolve, 20));
globalThis.memories.push(new WeakRef(pyodide._module.HEAPU8.buffer));
pyodide.destroy();
delete globalThis.left;
delete globalThis.left_behind;
"""


@pytest.mark.timeout(60 + 10 * RUNTIMES)
@pytest.mark.parametrize("core", ["jspi", "asyncify"])
@pytest.mark.parametrize("engine", ["node", "chromium"])
async def test_destroyed_runtimes_are_freed(hosts: dict[str, Any], engine: str, core: str) -> None:
    host = hosts[engine]
    await host.open()
    await host.ask("script", code="globalThis.memories = [];")
    source = (
        f"const dist = {host.dist!r}, core = {core!r};\n{{ {LOAD} }}"  # a block: names of its own
    )
    grown = []
    for _ in range(RUNTIMES):
        got = await host.ask("script", code=source)
        assert got["error"] is None, got["error"]
        grown.append(await host.collect())
    alive = 0
    for _ in range(10):
        got = await host.ask(
            "script", code="return memories.filter((one) => one.deref() !== undefined).length;"
        )
        alive = got["value"]["value"]
        if alive == 0:
            break
        await host.collect()
    assert alive == 0, f"{alive} of {RUNTIMES} destroyed runtimes were not freed"
    # Resident memory goes up and down with the engine's code caches; fifty leaks are 1.5 GB.
    assert grown[-1] - grown[0] < 250e6 + (RUNTIMES - 1) * 3e6, grown
