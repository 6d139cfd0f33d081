"""Programs of test_run_sync.py, which calls them as functions: nothing stays in the namespace."""

import asyncio
import sys
import threading
import time

from js import eval as js
from pyodide.ffi import can_run_sync, run_sync

CANNOT_SWITCH = (
    "Cannot stack switch because the Python entrypoint was a synchronous function. "
    "Use pyFunc.callPromising() to fix."
)


def promises_give_their_values():
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


def awaitables_give_their_values():
    async def slow():
        await asyncio.sleep(0.001)
        return "slow"

    async def fails():
        raise LookupError("no")

    assert run_sync(slow()) == "slow"
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
        except TypeError as error:
            assert str(error).startswith("object ") and str(error).endswith(" is not awaitable")
            continue
        raise AssertionError(wrong)


def within_asyncio_run():
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
    assert order == [0, 1, 2]


def threads_wait():
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


async def forget_an_awaited_promise():
    promise = js("({promise: new Promise(r => setTimeout(() => r(1), 20))})").promise
    task = asyncio.ensure_future(asyncio.wait_for(promise, 1))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    await js("async (promise) => { await promise }")(promise)


def wait_for_settled_promises():
    js("globalThis.pageTicks = 0; globalThis.pageTimer = setInterval(() => pageTicks++, 1); 0")
    settled, ticks = js("Promise.resolve(1)"), js("() => pageTicks")
    for _ in range(2_000_000):
        run_sync(settled)
        if ticks() >= 3:
            break
    else:
        raise AssertionError("timers of the page never fired")
    js("clearInterval(pageTimer); delete globalThis.pageTicks; delete globalThis.pageTimer")


def wait_three_times(n):
    later = js("n => new Promise(r => setTimeout(() => r(n), n))")
    return sum(run_sync(later(k)) for k in (n, 1, n))


def wait_over_javascript():
    def wait(*_):
        assert not can_run_sync()
        return run_sync(js("Promise.resolve(1)"))

    async def coroutine():
        pass

    try:
        js("[1, 2]").map(wait)
    except RuntimeError as error:
        assert str(error) == CANNOT_SWITCH
        assert 'JavaScript frame "Array.map" is on the stack' in error.__notes__[0], error.__notes__
    else:
        raise AssertionError("waited over a JavaScript frame")
    try:
        js("f => f()")(lambda: run_sync(coroutine()))
    except RuntimeError:
        pass
    assert run_sync(js("Promise.resolve(2)")) == 2


def wait_for_ever():
    global ready
    never = js("new Promise(() => 0)")
    ready = True
    try:
        run_sync(never)
        return "returned"
    except KeyboardInterrupt:
        return "interrupted " + str(run_sync(js("Promise.resolve(1)")))


async def await_promises():
    promise = js("new Promise(r => setTimeout(() => r('ok'), 2))")
    assert await promise == "ok"
    assert await promise == "ok"
    timer = js("n => new Promise(r => setTimeout(() => r(n), 5 - n))")
    assert await asyncio.gather(*(timer(n) for n in range(5))) == list(range(5))
    slow = js("({promise: new Promise(r => setTimeout(r, 50))})").promise
    try:
        await asyncio.wait_for(slow, 0.002)
    except TimeoutError:
        pass
    else:
        raise AssertionError("no TimeoutError")
    await js("async (promise) => { await promise }")(slow)


async def call_methods_of_promises():
    def slowly(value):
        time.sleep(0.002)
        return value + run_sync(js("Promise.resolve(1)"))

    def fails(value):
        raise LookupError(value)

    assert await js("Promise.resolve(1)").then(slowly) == 2
    assert await js("Promise.reject(new Error('x'))").catch(lambda e: e.message) == "x"
    assert await js("Promise.reject(new Error('x'))").then(None, lambda e: e.message) == "x"
    seen = []
    assert await js("Promise.resolve(5)").finally_(lambda: seen.append(1)) == 5
    assert seen == [1]
    try:
        await js("Promise.resolve(5)").then(fails)
    except LookupError:
        pass
    else:
        raise AssertionError("no error")
    sys.last_exc = sys.last_value = sys.last_traceback = (
        None  # it has this function in its traceback
    )
