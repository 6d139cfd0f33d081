"""Signals that Python sends itself or has a timer send: handlers run at once, waits end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.programs import Programs, programs, scripts

PROGRAMS = programs(__file__)
INTERRUPTED = Programs(Path(__file__).parent / "programs" / "signals_interrupted.py")
SCRIPTS = scripts(__file__)
SENDERS = [program for program in PROGRAMS if program.name.startswith("sent_by_")]
WAITS = [program for program in PROGRAMS if program.name.startswith("wait_")]


def name_of(program: Any) -> str:
    return str(program.name)


@pytest.mark.parametrize("sender", SENDERS, ids=name_of)
async def test_the_handler_runs_before_the_next_line(runtime: Any, sender: Any) -> None:
    assert await runtime.value(sender) is True


@pytest.mark.parametrize("wait", WAITS, ids=name_of)
async def test_a_timer_ends_every_wait(runtime: Any, wait: Any) -> None:
    """The timer's signal was noted, and nobody woke up to look: it hung for ever."""
    assert await runtime.value(wait) == "stopped"


async def test_a_handled_signal_does_not_shorten_a_sleep(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.sleep_through_a_handled_signal) == "[True, True]"


async def test_a_blocked_signal_is_waited_for(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.take_blocked_signals) == "[True, True, None, []]"


async def test_a_blocked_signal_comes_when_it_is_unblocked(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.unblock_a_signal) == "[[[], True], True]"


async def test_an_ignored_signal_ends_nothing(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.sleep_through_ignored_signals) is True


async def test_an_alarm_rings_while_another_thread_computes(runtime: Any) -> None:
    """Handlers run in the main thread, which gets its turn within a switch interval."""
    assert await runtime.value(PROGRAMS.ring_an_alarm_while_a_thread_computes) == "stopped"


async def test_an_interrupt_reaches_every_wait(runtime: Any) -> None:
    """KeyboardInterrupt leaves the frame that waits, locks are let go, the runtime goes on."""
    waits = {program.name: str(program) for program in INTERRUPTED}
    assert await runtime.js(SCRIPTS.interrupt_each, waits) == ""


async def test_an_interrupt_ends_a_coroutine_of_ones_own_loop_that_computes(runtime: Any) -> None:
    """As on Linux asyncio.run() cancels at the first one and raises at the second."""
    got = await runtime.js(SCRIPTS.interrupt_twice, PROGRAMS.compute_in_a_loop_of_ones_own)
    assert got == "KeyboardInterrupt"


async def test_what_may_not_be_caught_is_not(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.catch_what_may_not_be_caught)
        == "['Invalid argument', 'Invalid argument']"
    )


async def test_the_wakeup_descriptor_gets_the_number(runtime: Any) -> None:
    """set_wakeup_fd() takes non-blocking descriptors only, which a pipe could not be."""
    assert await runtime.value(PROGRAMS.read_the_wakeup_descriptor) == "[True, -1, True, True]"


@pytest.mark.parametrize("loop", ["the_pages_loop", "a_loop_of_ones_own"])
async def test_a_loop_handles_signals(runtime: Any, loop: str) -> None:
    program = getattr(PROGRAMS, f"handle_signals_in_{loop}")
    assert await runtime.value(program) == "[[], ['usr1'], [True, True, False]]"


async def test_an_interrupt_in_a_callback_is_raised_outside_of_it(runtime: Any) -> None:
    """Python prints what a weak reference's callback or a __del__() raises and goes on. An interrupt that came just then was
    gone: of programs that were stopped while they imported, one in thirty went on, for importlib has such callbacks.
    """
    told = await runtime.value(PROGRAMS.interrupt_callbacks)
    # Each one is still printed where it was raised: once or more, callback by callback.
    assert told == "interrupted,interrupted,went on,KeyboardInterrupt"


async def test_an_interrupt_inside_an_import_leaves_no_lock_taken(runtime: Any) -> None:
    """importlib gave its lock back in a `finally`, and an interrupt came before that: the task had
    ended, its lock was taken for ever, and the next import hung (patch 0022). Each turn the
    interrupt comes at another bytecode of the import.
    """
    told = await runtime.js(SCRIPTS.with_an_interrupt_buffer, PROGRAMS.interrupt_imports)
    assert told == "0 left, True"


async def test_faulthandler_is_enabled_at_the_first_try(runtime: Any) -> None:
    """pytest enables it when it starts: there was no sigaltstack(), which ended pytest."""
    assert await runtime.value(PROGRAMS.enable_faulthandler) is True
