"""pyodide.ffi.wrappers: handlers that are plain `def`, wait, and leave nothing behind."""

from __future__ import annotations

from typing import Any

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


async def test_a_listener_is_called_and_removed(runtime: Any) -> None:
    assert (
        await runtime.call(PROGRAMS.add_and_remove_a_listener)
        == "['ping', 'last', 'last', 'KeyError']"
    )


async def test_a_listener_that_the_host_calls_runs_at_once_and_may_wait(runtime: Any) -> None:
    """Called with no Python below: it can prevent the event's default, and then wait."""
    assert (
        await runtime.js(SCRIPTS.dispatch_to_a_listener_that_waits, PROGRAMS.listen_and_wait)
        == "true,['before', 'after']"
    )


async def test_timers_call_once_and_again(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.start_timers) == "[['timeout'], True]"


async def test_a_failing_target_leaves_no_proxy(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.listen_to_what_is_no_target) == "AttributeError"


async def test_an_event_that_python_dispatches_is_handled_at_once(runtime: Any) -> None:
    """Its listener ran after dispatchEvent() had returned: preventDefault() came too late."""
    assert await runtime.call(PROGRAMS.dispatch_an_event) == "['x', False]"
