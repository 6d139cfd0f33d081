"""Files in memory: several names for one file, times as they were set."""

from __future__ import annotations

from typing import Any

from tests.programs import programs

PROGRAMS = programs(__file__)


async def test_a_file_with_two_names_is_one_file(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.a_file_with_two_names_is_one_file)
        == "(True, [2, 1], '0o600', ['FileExistsError', 'FileNotFoundError', 'PermissionError'],"
        " 'first and second')"
    )


async def test_times_keep_more_than_milliseconds(runtime: Any) -> None:
    # They were cut to whole milliseconds by a JavaScript Date on the way to stat().
    assert (
        await runtime.value(PROGRAMS.times_keep_more_than_milliseconds)
        == "(1002003000, 4005006000)"
    )
