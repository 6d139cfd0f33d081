"""Races that only show when a time slice ends at the wrong moment.

With `setTimeSlice(0)` a computation hands over every few bytecodes, so that what happened once in a
thousand runs on a busy machine happens at once. Each test tells what went wrong.
"""

from __future__ import annotations

from typing import Any

SLICED = """
const before = pyodide.setTimeSlice(0);
try {
  return await (async () => { %s })();
} finally {
  pyodide.setTimeSlice(before);
}
"""


async def sliced(runtime: Any, code: str) -> Any:
    """Run JavaScript while time slices are as short as can be."""
    return await runtime.js(SLICED % code)


async def test_the_pages_loop_is_made_once(runtime: Any) -> None:
    """CPython's constructor of loops schedules a callback. The step that came for it, in the middle of the constructor, made a
    second loop and ran that one for ever; the first await of the program hung.
    """
    assert (
        await sliced(
            runtime,
            'return await pyodide.runPythonAsync("async def f(): return 5\\nresult = await f()\\ndel f\\nresult")',
        )
        == 5
    )


async def test_two_programs_import_asyncio_at_once(runtime: Any) -> None:
    """Each must find the page's loop running, also the one that was suspended when the other one imported it."""
    assert (
        await sliced(
            runtime,
            """
        const program = "import asyncio\\nasyncio.get_running_loop().is_running()";
        return (await Promise.all([1, 2, 3].map(() => pyodide.runPythonAsync(program)))).join();
        """,
        )
        == "true,true,true"
    )


async def test_a_sleeping_program_finds_the_loop_that_another_one_made(runtime: Any) -> None:
    """It found none: a task got the running loop when it was made, and asyncio was not imported by then."""
    assert (
        await runtime.js("""
        let open;
        const gate = new Promise((resolve) => { open = resolve; });
        let reached;
        const asleep = new Promise((resolve) => { reached = resolve; });
        pyodide.registerJsModule("gate", { wait() { reached(); return gate; } });
        const late = pyodide.runPythonAsync(`
import gate, sys
from pyodide.ffi import run_sync
first = "asyncio" in sys.modules
run_sync(gate.wait())
import asyncio
str((first, asyncio.get_running_loop() is asyncio.get_event_loop()))`);
        await asleep;
        await pyodide.runPythonAsync("import asyncio");
        open();
        const found = await late;
        pyodide.unregisterJsModule("gate");
        pyodide.runPython("del gate");
        return found;
    """)
        == "(False, True)"
    )


async def test_a_thread_that_imports_asyncio_is_in_no_loop(runtime: Any) -> None:
    """It was in the page's, so that asyncio.get_running_loop() in a thread did not raise."""
    assert (
        await runtime.value("""
import threading
found = []
def work():
    import asyncio
    try:
        asyncio.get_running_loop()
    except RuntimeError as error:
        found.append(str(error))
    async def five():
        return 5
    found.append(asyncio.run(five()))
thread = threading.Thread(target=work)
thread.start()
thread.join()
import asyncio
found.append(asyncio.get_running_loop() is asyncio.get_event_loop())
str(found)
""")
        == "['no running event loop', 5, True]"
    )


async def with_rejections(runtime: Any, message: str, code: str) -> Any:
    """Run JavaScript while `failing.soon()` is a promise that rejects, and `unhandled` lists what nobody handled."""
    return await runtime.js(f"""
        const unhandled = [];
        const note = (event) => {{ unhandled.push(String(event.reason ?? event)); event.preventDefault?.(); }};
        globalThis.process?.on?.("unhandledRejection", note);
        globalThis.addEventListener?.("unhandledrejection", note);
        pyodide.registerJsModule("failing", {{ soon: () => later(1).then(() => {{ throw new Error("{message}"); }}) }});
        try {{
          {code}
        }} finally {{
          pyodide.unregisterJsModule("failing");
          globalThis.process?.off?.("unhandledRejection", note);
          globalThis.removeEventListener?.("unhandledrejection", note);
        }}
    """)


async def test_a_promise_that_rejects_before_its_await_is_handled(runtime: Any) -> None:
    """`await fetch(url)` lost a race against its own failure when a time slice ended between the call and the await: Node
    ended the process for an unhandled rejection, a page reported one.
    """
    told = await with_rejections(
        runtime,
        "refused",
        """
        const before = pyodide.setTimeSlice(0);
        try {
          const told = await pyodide.runPythonAsync(`
import failing, time
promise = failing.soon()
end = time.perf_counter() + 0.03
while time.perf_counter() < end:
    pass
try:
    await promise
except Exception as error:
    told = str(error)
del promise, failing
told`);
          await later(10);
          return [told, ...unhandled].join();
        } finally {
          pyodide.setTimeSlice(before);
        }
        """,
    )
    assert told == "Error: refused"


async def test_a_promise_that_python_drops_is_reported_when_it_rejects(runtime: Any) -> None:
    """The cure of the race must not swallow errors nobody ever looks at."""
    told = await with_rejections(
        runtime,
        "lost",
        """
        await pyodide.runPythonAsync("import failing\\nfailing.soon()\\ndel failing\\nNone");
        while (unhandled.length === 0) await later(1);
        return unhandled.join();
        """,
    )
    assert told == "Error: lost"


COLLECTED = """
import gc, itertools, queue
q, numbers, got = queue.SimpleQueue(), itertools.count(), []
class Circular:
    def __init__(self):
        self.circular = self
    def __del__(self):
        q.put(next(numbers))
def run():
    while len(got) < 5_000:
        c = Circular()
        q.put(next(numbers))
        del c
        got.append(q.get())
before = gc.get_threshold()
gc.set_threshold(1)
run()
gc.set_threshold(*before)
del run, Circular.__del__
(got == list(range(len(got))), got[-1] < next(numbers) - 1)
"""


async def test_a_collection_is_not_put_off_to_the_next_operation(runtime: Any) -> None:
    """A collection falls due where an object is made, and is held at the next look at the eval breaker: here when __init__
    begins. When the eval loop was left at that very moment, it was put off, into the middle of `q.put(next(numbers))`.
    CPython's test_queue failed of it, once in some hundred runs.
    """
    code = f"""
        const told = await pyodide.runPythonAsync(`{COLLECTED}`);
        const answer = told.toJs();
        told.destroy();
        return answer.join();
    """
    assert await sliced(runtime, code) == "true,true"


async def test_an_interrupt_goes_to_the_coroutine_that_sleeps(runtime: Any) -> None:
    """The program that waited for it looked at its future again, in Python, handed over there, and took the signal when it went
    on; the coroutine, which was the one to be interrupted, slept to its end.
    """
    assert (
        await runtime.js("""
        await pyodide.runPythonAsync(`
import asyncio, threading, time
from pyodide.ffi import run_sync
lock = threading.Lock()
asleep = False
async def blocks():
    global asleep
    await asyncio.sleep(0)
    with lock:
        asleep = True
        time.sleep(20)
`);
        const before = pyodide.setTimeSlice(0);
        const began = performance.now();
        const run = failure(pyodide.runPythonAsync("await asyncio.sleep(0)\\nrun_sync(blocks())"));
        while (!pyodide.globals.get("asleep")) await later(1);
        await later(50);
        pyodide.interrupt();
        const error = await run;
        pyodide.setTimeSlice(before);
        const soon = performance.now() - began < 15_000;
        const locked = await pyodide.runPythonAsync("del blocks; lock.locked()");
        return [error.type, soon, locked].join();
    """)
        == "KeyboardInterrupt,true,false"
    )


async def test_a_tracer_sees_every_line(runtime: Any) -> None:
    """The eval loop is left at backward jumps and calls now and then (patch 0007), and the line that came next was not told:
    a debugger that stepped through a loop stood still for one line less.
    """
    assert (
        await sliced(
            runtime,
            """
        return await pyodide.runPythonAsync(`
import sys
def traced():
    total = 0
    for i in range(100):
        total += i
    return total
lines = []
def trace(frame, event, arg):
    if event == "line" and frame.f_code is traced.__code__:
        lines.append(frame.f_lineno - frame.f_code.co_firstlineno)
    return trace
sys.settrace(trace)
for _ in range(3): traced()
sys.settrace(None)
del traced, trace
str([lines.count(n) for n in range(1, 5)])`);
        """,
        )
        == "[3, 303, 300, 3]"
    )
