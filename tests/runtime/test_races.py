"""Races that only show when a time slice ends at the wrong moment.

With `setTimeSlice(0)` a computation hands over every few bytecodes, so that what happened once in a
thousand runs on a busy machine happens at once. Each test tells what went wrong.
"""

from __future__ import annotations

from typing import Any

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


async def test_the_pages_loop_is_made_once(runtime: Any) -> None:
    """CPython's constructor of loops schedules a callback. The step that came for it, in the middle of the constructor, made a
    second loop and ran that one for ever; the first await of the program hung.
    """
    assert await runtime.js(SCRIPTS.run_in_shortest_slices, PROGRAMS.await_a_coroutine) == 5


async def test_two_programs_import_asyncio_at_once(runtime: Any) -> None:
    """Each must find the page's loop running, also the one that was suspended when the other one imported it."""
    assert await runtime.js(SCRIPTS.two_programs_import_asyncio_at_once) == "true,true,true"


async def test_a_sleeping_program_finds_the_loop_that_another_one_made(runtime: Any) -> None:
    """It found none: a task got the running loop when it was made, and asyncio was not imported by then."""
    assert (
        await runtime.js(
            SCRIPTS.import_asyncio_while_a_program_sleeps,
            PROGRAMS.wait_for_a_gate_and_import_asyncio,
        )
        == "(False, True)"
    )


async def test_a_thread_that_imports_asyncio_is_in_no_loop(runtime: Any) -> None:
    """It was in the page's, so that asyncio.get_running_loop() in a thread did not raise."""
    assert (
        await runtime.value(PROGRAMS.import_asyncio_in_a_thread)
        == "['no running event loop', 5, True]"
    )


async def test_a_promise_that_rejects_before_its_await_is_handled(runtime: Any) -> None:
    """`await fetch(url)` lost a race against its own failure when a time slice ended between the call and the await: Node
    ended the process for an unhandled rejection, a page reported one.
    """
    told = await runtime.js(
        SCRIPTS.await_a_promise_that_has_rejected, PROGRAMS.await_a_promise_late
    )
    assert told == "Error: refused,Error: left alone"


async def test_a_promise_that_python_drops_is_reported_when_it_rejects(runtime: Any) -> None:
    """The cure of the race must not swallow errors nobody ever looks at."""
    told = await runtime.js(SCRIPTS.drop_a_promise_that_rejects, PROGRAMS.drop_a_promise)
    assert told == "Error: lost"


async def test_a_collection_is_not_put_off_to_the_next_operation(runtime: Any) -> None:
    """A collection falls due where an object is made, and is held at the next look at the eval breaker: here when __init__
    begins. When the eval loop was left at that very moment, it was put off, into the middle of `q.put(next(numbers))`.
    CPython's test_queue failed of it, once in some hundred runs.
    """
    told = await runtime.js(SCRIPTS.run_in_shortest_slices, PROGRAMS.collect_at_every_new_object)
    assert told == "(True, True)"


async def test_an_interrupt_goes_to_the_coroutine_that_sleeps(runtime: Any) -> None:
    """The program that waited for it looked at its future again, in Python, handed over there, and took the signal when it went
    on; the coroutine, which was the one to be interrupted, slept to its end.
    """
    assert (
        await runtime.js(
            SCRIPTS.interrupt_a_coroutine_that_sleeps, PROGRAMS.a_coroutine_that_sleeps
        )
        == "KeyboardInterrupt,true,false"
    )


async def test_a_tracer_sees_every_line(runtime: Any) -> None:
    """The eval loop is left at backward jumps and calls now and then (patch 0007), and the line that came next was not told:
    a debugger that stepped through a loop stood still for one line less.
    """
    assert (
        await runtime.js(
            SCRIPTS.run_in_shortest_slices, PROGRAMS.trace_the_lines_of_a_loop.called()
        )
        == "[3, 303, 300, 3]"
    )


async def test_runs_of_one_namespace_take_turns_from_wait_to_wait(runtime: Any) -> None:
    """PyScript starts all scripts of a page at once. A time slice let one in while another was in the middle of its
    first lines, and one deleted the names of the other: NameError.
    """
    program = PROGRAMS.make_a_name_and_delete_it
    assert await runtime.js(SCRIPTS.runs_of_one_namespace, program) == "1,1,1"


async def test_other_namespaces_and_handlers_run_while_a_run_computes(runtime: Any) -> None:
    """What takes turns are runs of one namespace; the page's handlers are not held up by a computation."""
    programs = [PROGRAMS.compute_until_others_came, PROGRAMS.say_that_another_came]
    got = await runtime.js(SCRIPTS.others_while_a_run_computes, *programs)
    assert got == "['another', 'handler']"
