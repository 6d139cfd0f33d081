"""then(), catch() and finally_() of the futures and tasks of the page's loop (pyodide.webloop)."""

from __future__ import annotations

from typing import Any

from tests.programs import programs

PROGRAMS = programs(__file__)


async def test_a_handler_gets_the_result_and_gives_another(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.results) == "[20, 3, 21, 2, 'PyodideTask', 'PyodideFuture']"


async def test_exceptions_go_to_their_handlers(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.exceptions)
        == "['bad', 'ValueError', 'KeyError', 'handled', 'KeyError', 1, 'RuntimeError']"
    )


async def test_finally_runs_and_passes_the_outcome_on(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.finally_)
        == "[5, 5, 'KeyError', 'ZeroDivisionError', 'ValueError', ['plain', 'async', 'async']]"
    )


async def test_cancelling_reaches_what_a_handler_awaits(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.cancelling) == "['cancelled']"


async def test_a_cancellation_is_passed_on_past_the_handlers(runtime: Any) -> None:
    """A handler of exceptions got the CancelledError; in Pyodide 314 it is told of none, in 0.29 nothing ended."""
    assert await runtime.value(PROGRAMS.a_cancelled_future) == "['cleanup']"


async def test_a_task_factory_of_the_users_is_respected(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.a_task_factory) == "[None, 'Task', 'mine', 'PyodideTask']"


async def test_a_promise_that_a_call_gives_is_a_future(runtime: Any) -> None:
    await runtime.call(PROGRAMS.promises)


async def test_a_future_of_a_promise_can_be_older_than_the_loop_that_awaits_it(
    runtime: Any,
) -> None:
    await runtime.call(PROGRAMS.older_than_its_loop)


async def test_a_failed_promise_that_nobody_asks_is_reported(runtime: Any) -> None:
    result = await runtime.run_async(PROGRAMS.drop_a_failed_promise.called())
    assert result.error is None
    assert "Unhandled exception in event loop: " in result.stderr
    assert "exception was never retrieved" in result.stderr and "Error: lost" in result.stderr


async def test_a_coroutine_that_comes_back_to_python_runs_once(runtime: Any) -> None:
    """Python got the coroutine itself, which its task had begun: a second run failed, and Node ended."""
    assert await runtime.value(PROGRAMS.a_coroutine_that_comes_back) == (
        "[[1, 2, 3, 4, 'own'], [1, 2, 3, 4]]"
    )
