"""Pipes, poll() and select() wait for what they say they wait for, and for no longer."""

from __future__ import annotations

from typing import Any

from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


async def test_reading_an_empty_pipe_waits_for_a_writer(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.read_an_empty_pipe) == "(b'late', b'')"


async def test_a_full_pipe_holds_its_writer_up(runtime: Any) -> None:
    """Emscripten's own pipes grow without limit and never block."""
    assert await runtime.value(PROGRAMS.fill_a_pipe) == "('read', True, 'broken')"


async def test_nonblocking_pipes_say_eagain(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.nonblocking_pipes) == "[False, 'empty', 64096]"


async def test_select_waits_until_a_descriptor_is_ready(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.select_and_poll_a_pipe)
        == "[True, (True, True), True, [], True, True]"
    )


async def test_timeouts_are_never_cut_short(runtime: Any) -> None:
    """libc's select() here cut 20.9 ms to 20."""
    assert await runtime.value(PROGRAMS.timeouts_cut_short) == "[]"


async def test_the_page_lives_while_select_waits(runtime: Any) -> None:
    result = await runtime.run_async("import select\nselect.select([], [], [], 0.3);")
    assert result.error is None
    assert result.ticks > 5


async def test_select_watches_stdin_with_other_files(runtime: Any) -> None:
    result = await runtime.run_async(PROGRAMS.select_stdin_and_a_pipe, stdin=["hello\n"])
    assert result.error is None
    assert result.value == "([0], 'hello\\n')"


async def test_closing_a_descriptor_wakes_who_polls_it(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.close_a_polled_descriptor) == "True"


async def test_an_interrupt_ends_select_and_a_pipe_read(runtime: Any) -> None:
    for how in ("select", "read", "poll"):
        program = PROGRAMS.wait_on_an_empty_pipe.called(how)
        assert await runtime.js(SCRIPTS.interrupt_a_wait, program) == "KeyboardInterrupt", how


async def test_a_stack_that_cannot_wait_is_told(runtime: Any) -> None:
    result = await runtime.run(PROGRAMS.select_an_empty_pipe)
    assert result.error_type == "RuntimeError"
    assert "runPythonAsync" in (result.error or "")


async def test_two_threads_that_only_wake_each_other_leave_the_page_its_turn(
    runtime: Any,
) -> None:
    """A wake-up is a microtask: a ping-pong of two stacks starved the page."""
    result = await runtime.run_async(PROGRAMS.two_threads_that_only_wake_each_other)
    assert result.error is None
    assert result.ticks > 5


async def test_inheritable_is_what_was_set(runtime: Any) -> None:
    """F_GETFD always gave 0: every descriptor looked inheritable."""
    assert (
        await runtime.value(PROGRAMS.inheritable_descriptors)
        == "[False, False, False, True, False]"
    )


async def test_epoll_waits_and_reports_by_level(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.epoll_by_level) == "([[], []], True, 1, [4])"


async def test_epoll_edges_and_one_shots_are_reported_once(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.epoll_edges_and_one_shots) == "([1, 0, 1], [1, 0, 0])"


async def test_epoll_forgets_closed_files_and_refuses_the_wrong_ones(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.epoll_of_closed_and_wrong_files)
        == "(['FileExistsError', 'FileNotFoundError', 'OSError', 'PermissionError'], [], [[1]])"
    )


async def test_set_blocking_works_for_every_kind_of_file(runtime: Any) -> None:
    # It is an ioctl(), which most files knew nothing of.
    assert (
        await runtime.value(PROGRAMS.set_blocking_of_every_kind_of_file)
        == "[True, True, True, 'full']"
    )


async def test_named_pipes_wait_for_their_other_end(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.named_pipes) == "(True, 'ENXIO', ['hello\\n', 'you\\n'])"
