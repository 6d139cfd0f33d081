"""Waiting for promises and other awaitables: run_sync(), can_run_sync(), await, then()."""

from __future__ import annotations

from typing import Any

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


async def test_run_sync_gives_what_the_promise_gives(runtime: Any) -> None:
    await runtime.call(PROGRAMS.promises_give_their_values)


async def test_run_sync_takes_any_awaitable(runtime: Any) -> None:
    await runtime.call(PROGRAMS.awaitables_give_their_values)


async def test_run_sync_works_within_asyncio_run(runtime: Any) -> None:
    await runtime.call(PROGRAMS.within_asyncio_run)


async def test_threads_wait_for_promises_and_coroutines(runtime: Any) -> None:
    await runtime.call(PROGRAMS.threads_wait)


async def test_an_awaited_promise_may_be_forgotten(runtime: Any) -> None:
    await runtime.call(PROGRAMS.forget_an_awaited_promise)


async def test_the_page_has_its_turn_between_settled_promises(runtime: Any) -> None:
    await runtime.call(PROGRAMS.wait_for_settled_promises)


async def test_many_stacks_wait_at_once(runtime: Any) -> None:
    tasks = [PROGRAMS.wait_three_times.called(n) for n in range(20)]
    assert await runtime.js(SCRIPTS.run_all_at_once, tasks) == [2 * n + 1 for n in range(20)]


async def test_where_waiting_is_impossible_the_error_names_function_and_cure(runtime: Any) -> None:
    plain = await runtime.run("from pyodide.ffi import run_sync, can_run_sync\ncan_run_sync()")
    assert plain.value is False
    refused = await runtime.run("import js\nrun_sync(js.Promise.resolve(1))")
    assert refused.error_type == "RuntimeError" and "runPythonAsync" in (refused.error or "")
    assert "RuntimeError: Cannot stack switch because" in (refused.error or "")
    await runtime.run(
        "del js; import sys; sys.last_exc = sys.last_value = sys.last_traceback = None"
    )
    await runtime.call(PROGRAMS.wait_over_javascript)


async def test_an_interrupt_ends_a_run_sync(runtime: Any) -> None:
    program = PROGRAMS.wait_for_ever.called()
    assert await runtime.js(SCRIPTS.interrupt_a_program_that_waits, program) == "interrupted 1"


async def test_await_settles_futures_of_the_running_loop(runtime: Any) -> None:
    await runtime.call(PROGRAMS.await_promises)


async def test_then_catch_and_finally_take_plain_functions_that_may_wait(runtime: Any) -> None:
    await runtime.call(PROGRAMS.call_methods_of_promises)
