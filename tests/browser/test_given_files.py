"""Option `files`: the runtime starts from blobs, responses and bytes, and fetches nothing.

A page that is one file, an extension or a bundle has the files already; the script itself came
from a blob: address there, which does not tell where anything is.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import scripts

from .conftest import OpenPage, call

SCRIPTS = scripts(__file__)


@pytest.mark.parametrize("kind", ["blob", "response", "bytes", "buffer", "promise", "object_url"])
async def test_a_page_has_all_files(open_page: OpenPage, core: str, kind: str) -> None:
    page = await open_page()
    got = await call(page, SCRIPTS.load_from, core, kind)
    assert got == {"core": core, "value": 42, "fetched": [], "packages": ["six"], "left": 0}


async def test_files_that_are_not_given_come_from_beside_the_script(open_page: OpenPage) -> None:
    page = await open_page()
    got = await call(page, SCRIPTS.load_some)
    assert got["value"] == 42
    assert got["fetched"] == ["core.mjs", "pyodide-lock.json"]


async def test_what_is_no_file_is_told(open_page: OpenPage) -> None:
    page = await open_page()
    got: list[Any] = await call(page, SCRIPTS.load_what_is_none)
    assert got[0].startswith('TypeError: option files: there is no file "core.wasm"; ')
    assert got[1].startswith("LoadError: option files: core.jspi.wasm is an address, a Blob, ")
    assert got[2].startswith("LoadError: option files: cannot compile core.jspi.wasm: ")
    assert got[3].startswith("LoadError: option files: python_stdlib.zip is no zip archive")
    assert got[4].startswith("LoadError: option files: core.jspi.wasm is a response with HTTP 404")
