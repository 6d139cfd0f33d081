"""Option `files` in Node: the runtime starts from bytes and fetches nothing.

Pages are tested in tests/browser/test_given_files.py. Node imports no blob: addresses, so the script
core.mjs takes the way over a file there, which has to be gone afterwards.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import scripts

from .conftest import CORES

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
