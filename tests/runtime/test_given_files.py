"""Option `files` in Node: the runtime starts from bytes and fetches nothing; and a compiled package does.

Pages are tested in tests/browser/test_given_files.py. Node imports no blob: addresses, so the scripts
core.mjs and linker.mjs take the way over a file there, which has to be gone afterwards.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import scripts

from .conftest import CORES, ENGINES
from .libraries import Compiler, in_base64

SCRIPTS = scripts(__file__)


@pytest.mark.parametrize("kind", ["bytes", "blob", "response", "address"])
@pytest.mark.parametrize("core", CORES)
async def test_node_starts_from_what_it_is_given(hosts: Any, core: str, kind: str) -> None:
    host = hosts["node"]
    script = SCRIPTS.load_from
    given = [host.dist, core, kind]
    got = await host.ask("call", file=script.file, name=script.name, arguments=given)
    assert got["error"] is None, got["error"]
    assert got["value"]["value"] == {
        "core": core,
        "value": 42,
        "unknown": "No known package with name 'six'",
        "left": [],
    }


@pytest.fixture(scope="module")
def cpp(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A library of C++, which needs all three files, in base64."""
    compiler = Compiler(tmp_path_factory.mktemp("libraries"))
    throwing = compiler.library("throwing.cpp", "libthrowing.so")
    return in_base64(throwing, compiler.library("catching.cpp", "libcatching.so", throwing.name))


@pytest.mark.parametrize("kind", ["bytes", "blob", "response", "address"])
@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("engine", ENGINES)
async def test_a_library_is_linked_by_what_the_program_has(
    hosts: Any, cpp: dict[str, str], engine: str, core: str, kind: str
) -> None:
    """The option took linker.mjs, core.symbols.json and libcxx.so, and fetched them nevertheless."""
    host = hosts[engine]
    script = SCRIPTS.link_from
    got = await host.ask(
        "call", file=script.file, name=script.name, arguments=[host.dist, core, kind, cpp]
    )
    assert got["error"] is None, got["error"]
    assert got["value"]["value"] == [core, "caught number 3", "caught number 4"]


async def test_what_a_library_needs_and_nobody_has_is_told(hosts: Any, cpp: dict[str, str]) -> None:
    host = hosts["node"]
    script = SCRIPTS.link_from_nothing
    got = await host.ask("call", file=script.file, name=script.name, arguments=[host.dist, cpp])
    assert got["error"] is None, got["error"]
    told = got["value"]["value"]
    assert told[0].startswith("OSError: ") and "linker.mjs" in told[0], told
    assert "libcxx.so is a response with HTTP 404" in told[1], told
