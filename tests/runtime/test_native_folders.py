"""mountNativeFS() never loses the newer content, whatever the times of files say."""

from __future__ import annotations

from typing import Any

from tests.programs import scripts

SCRIPTS = scripts(__file__)


async def test_a_copy_with_an_older_time_is_carried_out(runtime: Any) -> None:
    """shutil.copy2() gives a file the time of its source: the old native content came back."""
    assert await runtime.js(SCRIPTS.copy_an_older_file) == ["newer content", "newer content"]


async def test_a_file_that_was_made_again_with_an_older_time_is_carried_in(runtime: Any) -> None:
    """It was taken for the older one, and deleted or overwritten."""
    told = await runtime.js(SCRIPTS.make_again_outside)
    assert told == [["made again"] * 2, [None, None], ["once more"] * 2]


async def test_what_fails_changes_nothing(runtime: Any) -> None:
    """A write that failed left an empty file behind."""
    told = await runtime.js(SCRIPTS.fail_to_read_and_to_write)
    errors = ["NotReadableError", "QuotaExceededError"]
    assert told == [*errors, ["of Python", "first"], ["of Python"] * 2]


async def test_a_change_in_the_middle_of_a_copy_goes_with_the_next(runtime: Any) -> None:
    told = await runtime.js(SCRIPTS.change_while_it_is_copied)
    assert told == [["third, meanwhile", "second"], ["third, meanwhile"] * 2]


async def test_what_was_changed_on_one_side_and_deleted_on_the_other_stays(runtime: Any) -> None:
    told = await runtime.js(SCRIPTS.change_here_and_delete_there)
    assert told == [["changed"] * 2, ["changed there"] * 2]
