"""Tasks: any number of runPythonAsync() calls, each waiting anywhere, finishing in any order.

The matrix is {ways of being called} x {what blocks}: with JSPI a JavaScript frame on the way is
fatal, with Asyncify a function that was not instrumented is; so both cores run all of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.programs import Program, Programs, programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)
HERE = Path(__file__).parent / "programs"
BLOCKERS = Programs(HERE / "tasks_blockers.py")
WAYS = Programs(HERE / "tasks_ways.py")


def named(prefix: str) -> list[Program]:
    return [program for program in PROGRAMS if program.name.startswith(prefix)]


def name_of(program: Any) -> str:
    return str(program.name)


@pytest.mark.parametrize("blocker", list(BLOCKERS), ids=name_of)
async def test_waits_in_every_way_of_being_called(runtime: Any, blocker: Program) -> None:
    failures = {}
    for way in WAYS:
        result = await runtime.run_async(f"{blocker}{way}", stdin=["1"] * 4)
        if result.error is not None or result.value != 1:
            failures[way.name] = result.error or result.value
    assert not failures


async def test_the_page_stays_alive_while_python_sleeps(runtime: Any) -> None:
    result = await runtime.run_async(PROGRAMS.sleep_for_a_while)
    assert 0.2 <= result.value < 2
    assert result.ticks > 5


async def test_tasks_interleave_and_finish_in_any_order(runtime: Any) -> None:
    """The prototype crashed here: two tasks on one C stack and one thread state."""
    programs = [PROGRAMS.wait_at_a_gate.called(n) for n in (1, 2, 3, 4)]
    assert await runtime.js(SCRIPTS.end_in_another_order, programs) == "3,1,4,2"


async def test_a_thousand_tasks_sleep_at_once(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.a_thousand_tasks)


async def test_each_task_has_its_own_exception_state(runtime: Any) -> None:
    programs = [PROGRAMS.wait_in_an_except.called(name) for name in "abc"]
    assert (
        await runtime.js(SCRIPTS.open_all_gates_at_once, programs)
        == "KeyError('a'),KeyError('b'),KeyError('c')"
    )


async def test_tasks_get_copies_of_the_context(runtime: Any) -> None:
    await runtime.run("import contextvars\nv = contextvars.ContextVar('v', default=0)\nv.set(1)")
    programs = [PROGRAMS.set_a_context_variable.called(n) for n in (3, 2)]
    assert await runtime.js(SCRIPTS.run_all_at_once, programs) == "13,12"
    assert (await runtime.run("v.get()")).value == 1


async def test_tasks_are_the_main_thread_and_share_thread_locals(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.make_a_thread_local) is True
    assert await runtime.value("here.x") == 5
    assert (await runtime.run("here.x")).value == 5


async def test_two_tasks_read_stdin_in_turn(runtime: Any) -> None:
    """Buffered files took the second task for the first one re-entering: both are "the main thread"."""
    assert await runtime.js(SCRIPTS.two_tasks_read_lines) == "line 1,line 2"


async def test_two_tasks_import_one_waiting_module(runtime: Any) -> None:
    """By thread ident the second task would see the module half initialised."""
    await runtime.run(PROGRAMS.write_a_module_that_waits)
    programs = ["import slow_module\nslow_module.value"] * 3
    assert await runtime.js(SCRIPTS.run_all_at_once, programs) == "5,5,5"


async def test_an_rlock_excludes_other_tasks(runtime: Any) -> None:
    await runtime.run(PROGRAMS.define_work_with_an_rlock)
    await runtime.js(SCRIPTS.run_all_at_once, ["work()"] * 3)
    assert (await runtime.run("worst")).value == 1


async def test_a_computation_leaves_the_page_its_turn(runtime: Any) -> None:
    result = await runtime.run_async(PROGRAMS.compute_for_a_while)
    assert result.ticks >= 2  # of a 5 ms timer; a machine under load gives few


@pytest.mark.parametrize("program", named("compute_in_"), ids=name_of)
async def test_a_computation_lets_the_page_go_on_and_can_be_interrupted(
    runtime: Any, program: Program
) -> None:
    """Loops were the only ones to look up: fib(30) froze the page, and Stop came after its end, as calls
    (RESUME_CHECK) did not count towards the eval breaker's clock.
    """
    assert await runtime.js(SCRIPTS.interrupt_after_some_turns, program) == "KeyboardInterrupt"


@pytest.mark.parametrize("program", named("interrupted_"), ids=name_of)
async def test_an_interrupt_ends_a_wait(runtime: Any, program: Program) -> None:
    assert await runtime.js(SCRIPTS.interrupt_beside_a_thread, program) == "KeyboardInterrupt 2"


async def test_an_interrupt_runs_the_programs_own_handler(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.interrupt_a_wait, PROGRAMS.handle_an_interrupt) == "[2] True"


async def test_a_wrong_signal_number_is_told(runtime: Any) -> None:
    assert "not a signal number" in await runtime.js(SCRIPTS.send_a_wrong_signal)


async def test_a_late_stop_does_not_hit_the_next_program(runtime: Any) -> None:
    assert await runtime.js("pyodide.interrupt(); return await pyodide.runPythonAsync('5')") == 5


async def test_top_level_await_and_asyncio(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.gather_at_the_top_level) == 6


async def test_a_coroutine_that_blocks_lets_other_coroutines_run(runtime: Any) -> None:
    """Rule of interleaving 1: at a wait, callbacks of the page's loop run."""
    assert await runtime.value(PROGRAMS.block_in_a_coroutine) == "abcBO"


async def test_asyncio_run_works_nested_in_a_task(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.run_asyncio_in_a_task) == 10


async def test_threads_queues_and_executors(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.map_in_a_pool_of_threads) == 190


async def test_breakpoint_reads_its_commands_from_stdin(runtime: Any) -> None:
    result = await runtime.run_async(PROGRAMS.stop_in_the_debugger, stdin=["x = 42", "p x", "c"])
    assert result.error is None, result.error
    assert "42" in result.stdout


async def test_stats_count_what_lives(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.count_a_sleeping_task) == [[1, 1], [0, 0]]


async def test_threads_that_compute_take_turns_by_the_switch_interval(runtime: Any) -> None:
    """A thread that computes used to keep the others waiting for the page's 16 ms.

    A busy machine makes turns longer and never shorter: of the short ones it is the quickest quarter
    that tells, and of the long ones, which end with the page's time slice, the usual.
    """
    short = sorted(json.loads(await runtime.call(PROGRAMS.take_turns, 0.001, 60)))
    long = sorted(json.loads(await runtime.call(PROGRAMS.take_turns, 0.1, 12)))
    assert short[len(short) // 4] < 0.008, short
    assert long[len(long) // 2] >= 0.012, long


async def test_a_loop_of_long_c_calls_leaves_the_page_its_turn(runtime: Any) -> None:
    """A look at the clock came every 1,498 checks, however long each took: seconds for such a loop."""
    result = await runtime.run_async(PROGRAMS.call_c_for_long)
    assert result.error is None
    assert result.ticks > 5


async def test_the_first_long_c_calls_of_a_task_leave_the_page_its_turn(runtime: Any) -> None:
    """A task began with the pace of what ran before it, and looked at the clock after 466 checks: the page got no turn in
    four seconds of such calls.
    """
    turns = await runtime.js(SCRIPTS.turns_during_first_long_calls)
    assert turns > 2


async def test_a_wait_in_the_text_of_an_error_waits_or_is_refused(runtime: Any) -> None:
    """The Asyncify core does not instrument what only raises (cpython/build/wasm/never_waits.toml)."""
    result = await runtime.run_async(PROGRAMS.wait_in_the_text_of_an_error)
    if runtime.core == "jspi":
        assert result.value == "ValueError: invalid literal for int() with base 10: slow"
    else:
        assert result.value.startswith("RuntimeError: Cannot stack switch")
        assert "\ncannot wait here: C code is raising" in result.value


async def test_an_exception_that_waits_in_its_init_can_be_raised(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.wait_in_the_init_of_an_error) == "SlowValueError"
