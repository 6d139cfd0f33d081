"""Waiting for promises and other awaitables: run_sync(), can_run_sync(), await, then()."""

from __future__ import annotations

from typing import Any

PRELUDE = "from js import eval as js"


async def check(runtime: Any, body: str) -> None:
    """Run assertions in Python, in a function: nothing stays in the namespace."""
    lines = "\n".join("    " + line for line in body.strip("\n").splitlines())
    program = f"async def check():\n    {PRELUDE}\n{lines}\n"
    await runtime.value(program + "await check()\ndel check\nNone")


async def test_run_sync_gives_what_the_promise_gives(runtime: Any) -> None:
    await check(
        runtime,
        """
from pyodide.ffi import can_run_sync, run_sync
assert can_run_sync()
assert run_sync(js("Promise.resolve('now')")) == "now"
assert run_sync(js("new Promise(r => setTimeout(() => r(7), 5))")) == 7
assert run_sync(js("({then(f) { f(3) }})")) == 3
assert run_sync(js("({then(f) { setTimeout(() => f(4), 1) }})")) == 4
def nested(depth):
    return run_sync(js("Promise.resolve(1)")) + (nested(depth - 1) if depth else 0)
assert nested(40) == 41
assert sorted([3, 1, 2], key=lambda n: run_sync(js("n => Promise.resolve(n)")(n))) == [1, 2, 3]
assert sum(run_sync(js("Promise.resolve(1)")) for _ in range(500)) == 500
""",
    )


async def test_run_sync_takes_any_awaitable(runtime: Any) -> None:
    await check(
        runtime,
        """
import asyncio
from pyodide.ffi import run_sync
async def slow():
    await asyncio.sleep(0.001)
    return "slow"
assert run_sync(slow()) == "slow"
async def fails():
    raise LookupError("no")
try:
    run_sync(fails())
except LookupError:
    pass
else:
    raise AssertionError("no error")
assert run_sync(asyncio.ensure_future(slow())) == "slow"
for wrong in (1, None, js("({})")):
    try:
        run_sync(wrong)
    except TypeError:
        continue
    raise AssertionError(wrong)
""",
    )


async def test_run_sync_works_within_asyncio_run(runtime: Any) -> None:
    result = await runtime.run_async("""
import asyncio
from js import eval as js
from pyodide.ffi import run_sync
order = []
async def other():
    for n in range(3):
        order.append(n)
        await asyncio.sleep(0)
async def inner():
    await asyncio.sleep(0.001)
    return asyncio.current_task() is not None
async def main():
    task = asyncio.create_task(other())
    me = asyncio.current_task()
    assert run_sync(js("Promise.resolve(2)")) == 2
    assert run_sync(inner())
    assert asyncio.current_task() is me
    await task
    return await js("Promise.resolve(5)")
assert asyncio.run(main()) == 5
del js
order
""")
    assert result.error is None, result.error


async def test_threads_wait_for_promises_and_coroutines(runtime: Any) -> None:
    await check(
        runtime,
        """
import asyncio, threading
from pyodide.ffi import run_sync
seen = []
async def coroutine():
    await asyncio.sleep(0.001)
    return "coroutine"
def work():
    seen.append(run_sync(js("new Promise(r => setTimeout(() => r('promise'), 2))")))
    seen.append(run_sync(coroutine()))
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(seen) == ["coroutine"] * 3 + ["promise"] * 3
""",
    )


async def test_an_awaited_promise_may_be_forgotten(runtime: Any) -> None:
    await check(
        runtime,
        """
import asyncio
from pyodide.ffi import run_sync
task = asyncio.ensure_future(asyncio.wait_for(js("new Promise(r => setTimeout(() => r(1), 20))"), 1))
await asyncio.sleep(0)
task.cancel()
try:
    await task
except asyncio.CancelledError:
    pass
await asyncio.sleep(0.03)
""",
    )


async def test_the_page_has_its_turn_between_settled_promises(runtime: Any) -> None:
    await check(
        runtime,
        """
from pyodide.ffi import run_sync
js("globalThis.pageTicks = 0; globalThis.pageTimer = setInterval(() => pageTicks++, 1); 0")
settled, ticks = js("Promise.resolve(1)"), js("() => pageTicks")
for _ in range(2_000_000):
    run_sync(settled)
    if ticks() >= 3:
        break
else:
    raise AssertionError("timers of the page never fired")
js("clearInterval(pageTimer); delete globalThis.pageTicks; delete globalThis.pageTimer")
""",
    )


async def test_many_stacks_wait_at_once(runtime: Any) -> None:
    seen = await runtime.js("""
        const run = (n) => pyodide.runPythonAsync(`
def task${n}():
    from js import eval as js
    from pyodide.ffi import run_sync
    later = js("n => new Promise(r => setTimeout(() => r(n), n))")
    return sum(run_sync(later(k)) for k in (${n}, 1, ${n}))
task${n}()`);
        return await Promise.all([...Array(20).keys()].map(run));
    """)
    assert seen == [2 * n + 1 for n in range(20)]


async def test_where_waiting_is_impossible_the_error_names_function_and_cure(runtime: Any) -> None:
    plain = await runtime.run("from pyodide.ffi import run_sync, can_run_sync\ncan_run_sync()")
    assert plain.value is False
    refused = await runtime.run("import js\nrun_sync(js.Promise.resolve(1))")
    assert refused.error_type == "RuntimeError" and "runPythonAsync" in (refused.error or "")
    await runtime.run("del js\nimport sys\nsys.last_exc = None")
    await check(
        runtime,
        """
from pyodide.ffi import run_sync, can_run_sync
def wait(*_):
    assert not can_run_sync()
    return run_sync(js("Promise.resolve(1)"))
try:
    js("[1, 2]").map(wait)
except RuntimeError as error:
    assert 'JavaScript frame "Array.map" is on the stack' in str(error), error
    assert "callPromising()" in str(error)
else:
    raise AssertionError("waited over a JavaScript frame")
async def coroutine():
    pass
try:
    js("f => f()")(lambda: run_sync(coroutine()))
except RuntimeError:
    pass
assert run_sync(js("Promise.resolve(2)")) == 2
""",
    )


async def test_an_interrupt_ends_a_run_sync(runtime: Any) -> None:
    seen = await runtime.js("""
        globalThis.interruptPython = () => pyodide.interrupt();
        return await pyodide.runPythonAsync(`
from js import eval as _js
from pyodide.ffi import run_sync
_js("setTimeout(globalThis.interruptPython, 20); 0")
try:
    run_sync(_js("new Promise(() => 0)"))
    _seen = "returned"
except KeyboardInterrupt:
    _seen = "interrupted " + str(run_sync(_js("Promise.resolve(1)")))
del _js
_seen`);
    """)
    assert seen == "interrupted 1"


async def test_await_settles_futures_of_the_running_loop(runtime: Any) -> None:
    await check(
        runtime,
        """
import asyncio
promise = js("new Promise(r => setTimeout(() => r('ok'), 2))")
assert await promise == "ok" and await promise == "ok"
values = await asyncio.gather(*(js("n => new Promise(r => setTimeout(() => r(n), 5 - n))")(n) for n in range(5)))
assert values == list(range(5))
try:
    await asyncio.wait_for(js("new Promise(r => setTimeout(r, 50))"), 0.002)
except TimeoutError:
    pass
else:
    raise AssertionError("no TimeoutError")
await asyncio.sleep(0.06)
""",
    )


async def test_then_catch_and_finally_take_plain_functions_that_may_wait(runtime: Any) -> None:
    await check(
        runtime,
        """
import time
from pyodide.ffi import run_sync
def slowly(value):
    time.sleep(0.002)
    return value + run_sync(js("Promise.resolve(1)"))
assert await js("Promise.resolve(1)").then(slowly) == 2
assert await js("Promise.reject(new Error('x'))").catch(lambda e: e.message) == "x"
assert await js("Promise.reject(new Error('x'))").then(None, lambda e: e.message) == "x"
seen = []
assert await js("Promise.resolve(5)").finally_(lambda: seen.append(1)) == 5
assert seen == [1]
def fails(value):
    raise LookupError(value)
try:
    await js("Promise.resolve(5)").then(fails)
except LookupError:
    pass
else:
    raise AssertionError("no error")
import sys
sys.last_exc = None  # it has this function in its traceback
""",
    )
