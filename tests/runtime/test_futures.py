"""then(), catch() and finally_() of the futures and tasks of the page's loop (pyodide.webloop)."""

from __future__ import annotations

from typing import Any


async def test_a_handler_gets_the_result_and_gives_another(runtime: Any) -> None:
    assert (
        await runtime.value("""
import asyncio, time
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
parts = [await task.then(waits), await task.then(later), await task.then(waits).then(later),
         await task.then(None), type(task).__name__, type(task.then(None)).__name__]
del task
str(parts)
""")
        == "[20, 3, 21, 2, 'PyodideTask', 'PyodideFuture']"
    )


async def test_exceptions_go_to_their_handlers(runtime: Any) -> None:
    assert (
        await runtime.value("""
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
parts = [await outcome(task.catch(lambda error: str(error))),
         await outcome(task.then(lambda value: value)),
         await outcome(task.then(None, raises)),
         await outcome(task.then(raises, lambda error: "handled"))]
done = asyncio.get_running_loop().create_future()
done.set_result(1)
parts += [await outcome(done.then(raises)), await outcome(done.catch(raises)),
          await outcome(done.then(lambda value: next(iter([]))))]
del task, done
str(parts)
""")
        == "['bad', 'ValueError', 'KeyError', 'handled', 'KeyError', 1, 'RuntimeError']"
    )


async def test_finally_runs_and_passes_the_outcome_on(runtime: Any) -> None:
    assert (
        await runtime.value("""
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
parts = [await outcome(done.finally_(lambda: seen.append("plain"))),
         await outcome(done.finally_(cleanup)), await outcome(done.finally_(bad)),
         await outcome(done.finally_(lambda: 1 / 0)),
         await outcome(asyncio.ensure_future(fails()).finally_(cleanup)), seen]
del done
str(parts)
""")
        == "[5, 5, 'KeyError', 'ZeroDivisionError', 'ValueError', ['plain', 'async', 'async']]"
    )


async def test_cancelling_reaches_what_a_handler_awaits(runtime: Any) -> None:
    assert (
        await runtime.value("""
import asyncio
seen = []
async def long(value):
    try:
        await asyncio.sleep(100)
    except asyncio.CancelledError:
        seen.append("cancelled")
        raise
done = asyncio.get_running_loop().create_future()
done.set_result(5)
future = done.then(long)
await asyncio.sleep(0.01)
future.cancel()
await asyncio.sleep(0.01)
task = asyncio.ensure_future(asyncio.sleep(100))
task.cancel()
try:
    await task.catch(lambda error: type(error).__name__)
except asyncio.CancelledError:
    seen.append("raised")
else:
    seen.append(await task.catch(lambda error: type(error).__name__))
del done, future, task
str(seen)
""")
        == "['cancelled', 'CancelledError']"
    )


async def test_a_task_factory_of_the_users_is_respected(runtime: Any) -> None:
    assert (
        await runtime.value("""
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
await asyncio.sleep(0.01)
del named
str(parts)
""")
        == "[None, 'Task', 'mine', 'PyodideTask']"
    )
