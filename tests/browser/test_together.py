"""Many waits and many runtimes in one page: they share its thread and nothing else.

Why: a page may load a runtime for each of its parts, on either core, and run a thousand programs.
"""

from __future__ import annotations

from tests.programs import programs, scripts

from .conftest import OpenPage, call

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


async def test_a_thousand_tasks_sleep_at_once(open_page: OpenPage, core: str) -> None:
    got = await call(await open_page(), SCRIPTS.a_thousand_naps, core, PROGRAMS.define_nap)
    assert got["inOrder"]
    assert (got["tasks"], got["waiting"]) == (0, 0)


async def test_two_runtimes_do_not_disturb_each_other(open_page: OpenPage, core: str) -> None:
    got = await call(await open_page(), SCRIPTS.two_runtimes, core, PROGRAMS.read_five_lines)
    assert got["values"] == ["aaaaa", "bbbbb"]
    assert got["lines"] == {"a": ["a"] * 5, "b": ["b"] * 5}
    assert got["files"] == [True, False]
    assert got["ends"] == ["KeyboardInterrupt", "slept"]
    assert got["after"] == "alive"
    assert "destroyed" in got["gone"]


async def test_both_cores_run_in_one_page(open_page: OpenPage) -> None:
    got = await call(await open_page(), SCRIPTS.both_cores, PROGRAMS.sleep_and_add)
    assert got == [["jspi", "asyncify"], [190, 190]]


async def test_lines_arrive_while_the_program_goes_on(open_page: OpenPage, core: str) -> None:
    got = await call(await open_page(), SCRIPTS.lines_as_they_come, core)
    assert got == [["1", 1], ["2", 1]]
