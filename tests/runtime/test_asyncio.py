"""asyncio: the page's loop with files, loops of the user's own, and who may interrupt whom."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)

ANSWERS = str([b"CLIENT %d\n" % i for i in range(5)])


@pytest.mark.parametrize("kind", ["tcp", "unix"])
async def test_servers_run_on_the_pages_loop(runtime: Any, kind: str) -> None:
    assert await runtime.call(PROGRAMS.servers, kind) == ANSWERS


@pytest.mark.parametrize("kind", ["tcp", "unix"])
async def test_servers_run_on_a_loop_of_ones_own(runtime: Any, kind: str) -> None:
    assert await runtime.call(PROGRAMS.servers_on_an_own_loop, kind) == ANSWERS


async def test_servers_run_on_a_loop_in_a_thread(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.servers_on_a_loop_in_a_thread) == ANSWERS


async def test_add_reader_on_the_pages_loop(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.add_reader) == "[b'abc', b'def', b'ghi']"


async def test_a_files_callback_that_waits_is_not_entered_again(runtime: Any) -> None:
    """Other steps of the page's loop run meanwhile; its file stays ready all the while."""
    assert await runtime.value(PROGRAMS.a_reader_that_waits) == "(['in', b'x'], True)"


async def test_any_loop_class_runs_beside_the_pages(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.own_loop_classes) == "[True, 'slept', True]"


async def test_a_loop_in_a_loop_is_refused_as_in_cpython(runtime: Any) -> None:
    result = await runtime.run_async(PROGRAMS.a_loop_in_a_loop)
    assert result.error_type == "RuntimeError"
    assert "cannot be called from a running event loop" in (result.error or "")


async def test_call_soon_threadsafe_wakes_a_loop_that_waits(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.call_soon_threadsafe)
        == "(('woken', 'thread', None), ('woken', 'thread', None))"
    )


async def test_datagram_endpoints_and_sock_calls(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.datagrams_and_sock_calls)
        == "((b'datagram', b'sock'), (b'datagram', b'sock'))"
    )


async def test_a_computing_step_is_not_interrupted_by_its_own_loop(runtime: Any) -> None:
    """The rule of interleaving: at a time slice the page has its turn, the loop's callbacks not."""
    got = await runtime.js(SCRIPTS.turns_of_the_page, PROGRAMS.a_computing_step)
    assert got == "['computed', 'other'],true"


async def test_at_a_wait_the_loops_callbacks_run(runtime: Any) -> None:
    """The other half of the rule: a blocking call in a coroutine of the page's loop holds up nobody."""
    assert (
        await runtime.value(PROGRAMS.callbacks_at_a_wait)
        == "['other', 'read', True, 'slept', 'other']"
    )


async def test_an_interrupt_ends_asyncio_run_in_the_right_frame(runtime: Any) -> None:
    got = await runtime.js(SCRIPTS.interrupted_asyncio_run, PROGRAMS.sleeps_in_asyncio_run)
    assert got == "KeyboardInterrupt,['cancelled']"


async def test_the_threads_of_the_pages_executor_end_with_its_last_job(runtime: Any) -> None:
    """The page's loop is never closed: its idle threads stayed as long as the page."""
    assert await runtime.value(PROGRAMS.threads_of_the_executor) == "again"


async def test_there_are_no_children_to_wait_for(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.no_children) == "ChildProcessError"


async def test_timers_set_by_a_computing_task_are_all_called(runtime: Any) -> None:
    """A task that is no step of the page's loop set timers of it, one after the other. Its time slice ended while the heap
    of timers compared two of them (in Python), a step of the loop took others off, and the task had
    "RuntimeError: list changed size during iteration"; or a timer was lost."""
    assert await runtime.value(PROGRAMS.many_timers)


async def test_timers_of_one_time_are_called_in_order(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.timers_of_one_time) is True


async def test_cancelled_timers_do_not_pile_up(runtime: Any) -> None:
    """Each `wait_for` of something quick sets a timer and cancels it: they stayed in the page's
    loop until their time came, with all that their callbacks held."""
    assert await runtime.value(PROGRAMS.cancelled_timers) is True


async def test_shutting_generators_down_runs_their_finally(runtime: Any) -> None:
    await runtime.call(PROGRAMS.generators_are_shut_down)


async def test_a_host_is_told_when_nothing_is_in_progress(runtime: Any) -> None:
    await runtime.call(PROGRAMS.what_is_in_progress)


async def test_timers_may_be_infinite(runtime: Any) -> None:
    await runtime.call(PROGRAMS.infinite_timers)
