"""The option behaveAs of loadPyodide: where Pyodide 0.29 and 314 contradict each other, which one is followed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.programs import programs, scripts
from tests.runtime.conftest import CORES, Runtime

PROGRAMS, SCRIPTS = programs(__file__), scripts(__file__)
BOTH = pytest.mark.parametrize("core", CORES)


@asynccontextmanager
async def loaded_as(hosts: Any, core: str, version: str | None) -> AsyncIterator[Runtime]:
    host = hosts["node"]
    options = {} if version is None else {"behaveAs": version}
    made = await host.ask("load", dist=host.dist, core=core, options=options)
    yield Runtime(host, "node", made)
    await host.ask("destroy", id=made["id"])


@BOTH
@pytest.mark.parametrize("version", [None, "0.29"])
async def test_by_default_what_pyodide_029_does_is_done(
    hosts: Any, core: str, version: str | None
) -> None:
    async with loaded_as(hosts, core, version) as runtime:
        assert (
            await runtime.value(PROGRAMS.results_of_operators.called())
            == "int " * 15 + "int number"
        )
        assert await runtime.value(PROGRAMS.slices_of_a_node_list.called()) == (
            "Slice subscripting isn't implemented for HTMLCollection or NodeList"
        )
        assert await runtime.js(SCRIPTS.begin_of_promising_calls) == "at once: 1, in the end: 1"


@BOTH
async def test_as_314_operators_keep_big_integers(hosts: Any, core: str) -> None:
    async with loaded_as(hosts, core, "314") as runtime:
        assert await runtime.value(PROGRAMS.results_of_operators.called()) == (
            "JsBigInt " * 15 + "int bigint"
        )
        assert (
            await runtime.value(PROGRAMS.operators_of_other_types.called())
            == "[ababab] [0, 0] float 3"
        )


@BOTH
async def test_as_314_a_list_of_the_page_has_slices(hosts: Any, core: str) -> None:
    async with loaded_as(hosts, core, "314") as runtime:
        assert await runtime.value(PROGRAMS.slices_of_a_node_list.called()) == "['b', 'c']"


@BOTH
async def test_as_314_a_promising_call_begins_in_the_next_turn(hosts: Any, core: str) -> None:
    async with loaded_as(hosts, core, "314") as runtime:
        assert await runtime.js(SCRIPTS.begin_of_promising_calls) == "at once: 0, in the end: 1"
        assert await runtime.js(SCRIPTS.arguments_of_promising_calls) == "kept,waited"


@BOTH
async def test_as_314_a_call_that_has_not_begun_ends_with_the_runtime(
    hosts: Any, core: str
) -> None:
    async with loaded_as(hosts, core, "314") as runtime:
        assert "destroyed" in await runtime.js(SCRIPTS.destroyed_before_the_turn)


async def test_another_version_is_refused(hosts: Any) -> None:
    host = hosts["node"]
    with pytest.raises(RuntimeError, match=r'option behaveAs is "0\.29" or "314", not "0\.28"'):
        await host.ask("load", dist=host.dist, core="jspi", options={"behaveAs": "0.28"})
