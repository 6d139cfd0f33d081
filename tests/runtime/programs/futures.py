"""Programs of test_futures.py."""


async def results():
    import asyncio
    import time

    async def two():
        await asyncio.sleep(0)
        return 2

    def waits(value):
        time.sleep(0.01)
        return value * 10

    async def later(value):
        await asyncio.sleep(0)
        return value + 1

    task = asyncio.ensure_future(two())
    parts = [
        await task.then(waits),
        await task.then(later),
        await task.then(waits).then(later),
        await task.then(None),
        type(task).__name__,
        type(task.then(None)).__name__,
    ]
    del task
    return str(parts)


async def exceptions():
    import asyncio

    async def fails():
        raise ValueError("bad")

    def raises(value):
        raise KeyError(value)

    async def outcome(future):
        try:
            return await future
        except BaseException as error:
            return type(error).__name__

    task = asyncio.ensure_future(fails())
    parts = [
        await outcome(task.catch(lambda error: str(error))),
        await outcome(task.then(lambda value: value)),
        await outcome(task.then(None, raises)),
        await outcome(task.then(raises, lambda error: "handled")),
    ]
    done = asyncio.get_running_loop().create_future()
    done.set_result(1)
    parts += [
        await outcome(done.then(raises)),
        await outcome(done.catch(raises)),
        await outcome(done.then(lambda value: next(iter([])))),
    ]
    del task, done
    return str(parts)


async def finally_():
    import asyncio

    seen = []

    async def fails():
        raise ValueError

    async def outcome(future):
        try:
            return await future
        except BaseException as error:
            return type(error).__name__

    async def cleanup():
        await asyncio.sleep(0)
        seen.append("async")
        return "ignored"

    async def bad():
        raise KeyError

    done = asyncio.get_running_loop().create_future()
    done.set_result(5)
    parts = [
        await outcome(done.finally_(lambda: seen.append("plain"))),
        await outcome(done.finally_(cleanup)),
        await outcome(done.finally_(bad)),
        await outcome(done.finally_(lambda: 1 / 0)),
        await outcome(asyncio.ensure_future(fails()).finally_(cleanup)),
        seen,
    ]
    del done
    return str(parts)


async def cancelling():
    import asyncio

    seen = []
    began, ended = asyncio.Event(), asyncio.Event()

    async def long(value):
        began.set()
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            seen.append("cancelled")
            ended.set()
            raise

    done = asyncio.get_running_loop().create_future()
    done.set_result(5)
    future = done.then(long)
    await began.wait()
    future.cancel()
    await ended.wait()
    del done, future
    return str(seen)


async def a_cancelled_future():
    import asyncio

    seen = []
    for make in (
        lambda one: one.then(seen.append, seen.append),
        lambda one: one.catch(seen.append),
        lambda one: one.then(None),
        lambda one: one.finally_(lambda: seen.append("cleanup")),
    ):
        task = asyncio.ensure_future(asyncio.sleep(100))
        follows = make(task)
        task.cancel()
        await asyncio.wait([follows])
        assert follows.cancelled()
    del task, follows, make
    return str(seen)


async def a_task_factory():
    import asyncio

    loop = asyncio.get_running_loop()
    before = loop.get_task_factory()
    loop.set_task_factory(lambda loop, coro, **options: asyncio.Task(coro, loop=loop, **options))
    try:
        kind = type(loop.create_task(asyncio.sleep(0))).__name__
    finally:
        loop.set_task_factory(None)
    named = loop.create_task(asyncio.sleep(0), name="mine")
    parts = [before, kind, named.get_name(), type(named).__name__]
    await named
    del named
    return str(parts)


async def promises():
    import asyncio

    from js import eval as js
    from pyodide.ffi import JsPromise, run_sync
    from pyodide.webloop import PyodideFuture

    later = js("(value) => new Promise(resolve => setTimeout(resolve, 1, value))")
    future = later(7)
    assert type(future) is PyodideFuture and asyncio.isfuture(future) and not future.done()
    assert isinstance(js("[Promise.resolve(1)]")[0], JsPromise)
    assert isinstance(js("Promise").new(js("resolve => resolve(1)")), JsPromise)
    done, pending = await asyncio.wait([future])
    assert done == {future} and not pending and future.result() == 7
    assert await asyncio.gather(later(1), asyncio.shield(later(2)), later(3)) == [1, 2, 3]
    assert run_sync(later(4)) == 4 and run_sync(later(5).then(lambda value: value + 1)) == 6
    assert js("(future) => future")(future) is future
    failed = js("async () => { throw new RangeError('far') }")()
    await asyncio.wait([failed])
    assert failed.exception().name == "RangeError"
    cancelled = later(1)
    assert cancelled.cancel()
    await later(3)
    assert cancelled.cancelled()

    async def deep():
        return "deep"

    async def gives_a_coroutine(value):
        return deep()

    assert await later(3).then(gives_a_coroutine) == "deep"
    del future, done, failed, cancelled
    import sys

    sys.last_exc = None


def older_than_its_loop():
    import asyncio

    from js import eval as js

    promise = js("new Promise(resolve => setTimeout(resolve, 1, 5))")

    async def main():
        return await promise

    assert asyncio.run(main()) == 5


async def drop_a_failed_promise():
    import asyncio

    from js import eval as js

    js("async () => { throw new Error('lost') }")()
    await asyncio.sleep(0.01)


async def a_coroutine_that_comes_back():
    import asyncio

    from pyodide.code import run_js

    runs = []

    async def one(value):
        runs.append(value)
        await asyncio.sleep(0)
        return value

    async def fails():
        raise ValueError("own")

    results = [
        await run_js("(f) => f(1)")(one),
        await run_js("(f) => [f(2)]")(one)[0],
        await run_js("async (f) => f(3)")(one),
        await run_js("(f, o) => { o.kept = f(4); return o.kept }")(one, run_js("({})")),
    ]
    try:
        await run_js("(f) => f()")(fails)
    except ValueError as error:
        results.append(str(error))
    await asyncio.sleep(0.01)
    return str([results, runs])
