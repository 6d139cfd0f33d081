"""Handlers of the standard streams that interrupt, fail or are replaced at a bad moment."""

from __future__ import annotations

import pytest

from tests.programs import programs, scripts
from tests.runtime.conftest import Runtime

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


@pytest.mark.parametrize("how", ["checked", "thrown"])
@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize(
    ("kind", "program"),
    [("stdin", "reads_a_line"), ("read", "reads_a_byte"), ("write", "writes")],
)
async def test_keyboard_interrupt_in_a_handler_reaches_the_program(
    runtime: Runtime, kind: str, program: str, waits: bool, how: str
) -> None:
    """Of an asynchronous handler it was an OSError."""
    call = getattr(PROGRAMS, program)
    got = await runtime.js(SCRIPTS.interrupted, kind, waits, how, call)
    assert got == "KeyboardInterrupt None"


async def test_a_write_goes_on_when_its_handler_is_replaced(runtime: Runtime) -> None:
    """A handler that never answered held up the stream for ever, whatever it was replaced with."""
    got = await runtime.js(SCRIPTS.replaced_while_it_writes)
    assert got == ["old one", "new two", "[3, 3]", "new three", "5"]


async def test_what_was_queued_for_a_replaced_handler_gets_to_the_next(runtime: Runtime) -> None:
    got = await runtime.js(SCRIPTS.replaced_with_a_queue)
    assert got == ["old one", "new two", "new three"]


@pytest.mark.parametrize("waits", [False, True])
async def test_fsync_says_that_a_handler_failed(runtime: Runtime, waits: bool) -> None:
    """An unfinished line gets to its handler by fsync(); at once, or with the next write, it is told of."""
    got = await runtime.js(SCRIPTS.failing, waits, PROGRAMS.writes_and_syncs)
    assert got == "OSError Error: full"
