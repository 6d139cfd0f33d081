"""The Python module pyodide.console."""

from __future__ import annotations

import json
from typing import Any

from tests.programs import Program, programs

PROGRAMS = programs(__file__)


async def told(runtime: Any, program: Program) -> Any:
    """What the program tells, which runs beside a console of the file's."""
    return json.loads(await runtime.value(program))


async def test_lines_are_run_when_they_are_a_statement(runtime: Any) -> None:
    assert await told(runtime, PROGRAMS.statements) == [
        ["complete", 2, None],
        ["incomplete", None, None],
        ["incomplete", None, None],
        ["complete", None, None],
        ["complete", 42, None],
        ["complete", None, None],
        5,
        [],
    ]


async def test_an_underscore_is_the_last_value_that_was_no_none(runtime: Any) -> None:
    found = await told(runtime, PROGRAMS.the_last_value)
    assert found == [42, None, 43, None, 43, "ZeroDivisionError", 43, 43]


async def test_output_goes_to_the_callbacks_while_code_runs(runtime: Any) -> None:
    assert await told(runtime, PROGRAMS.output) == ["a\n", "b\n"]


async def test_input_comes_from_the_callback(runtime: Any) -> None:
    assert await told(runtime, PROGRAMS.input) == [
        ["complete", "one", None],
        ["complete", "two", None],
        ["complete", "EOFError"],
    ]


async def test_a_traceback_has_the_users_frames_only(runtime: Any) -> None:
    check, value, text = await told(runtime, PROGRAMS.a_traceback)
    assert (check, value) == ("complete", "ZeroDivisionError")
    assert text == (
        "Traceback (most recent call last):\n"
        '  File "<console>", line 1, in <module>\n'
        "ZeroDivisionError: division by zero\n"
    )


async def test_a_syntax_error_is_formatted(runtime: Any) -> None:
    check, value, text = await told(runtime, PROGRAMS.a_syntax_error)
    assert (check, value) == ("syntax-error", "_IncompleteInputError")
    assert text.startswith('  File "<console>", line 1\n    a b\n')
    assert text.endswith("_IncompleteInputError: incomplete input\n")  # as Pyodide says it


async def test_exits_are_outcomes_and_the_loop_lives(runtime: Any) -> None:
    assert await told(runtime, PROGRAMS.exits) == [
        ["complete", "SystemExit"],
        ["complete", "KeyboardInterrupt"],
        ["complete", "RuntimeError"],
        ["complete", 1],
    ]


async def test_code_may_await_and_may_wait(runtime: Any) -> None:
    assert [value for _, value, _ in await told(runtime, PROGRAMS.waits)] == [None, 7, 8]


async def test_pieces_run_one_after_the_other(runtime: Any) -> None:
    assert await told(runtime, PROGRAMS.pieces_in_order) == [1, 2]


async def test_words_are_completed(runtime: Any) -> None:
    assert await told(runtime, PROGRAMS.completions) == [
        [["my_long_name"], 0],
        [["sys.byteorder"], 6],
        [[], 0],
    ]


async def test_streams_can_stay_redirected(runtime: Any) -> None:
    assert await told(runtime, PROGRAMS.redirected_streams) == "kept\n"


async def test_long_texts_are_shortened(runtime: Any) -> None:
    assert await told(runtime, PROGRAMS.shortened_texts) == [
        "ab...ij",
        "abc",
        "'xxxxxxxxx...xxxxxxxxx'",
        "a_j",
        True,
    ]


async def test_the_pyodide_console_runs_code_too(runtime: Any) -> None:
    assert await told(runtime, PROGRAMS.the_pyodide_console) == 42
