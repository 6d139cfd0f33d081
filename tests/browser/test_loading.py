"""Loading the runtime in Chromium: in pages and workers, from other origins, and every failure.

A failure to load must reject, with a reason that names the file and what to do about it.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

from tests.programs import scripts

from .conftest import OpenPage, Site, call

SCRIPTS = scripts(__file__)
NO_JSPI = "delete WebAssembly.Suspending; delete WebAssembly.promising;"


async def load(page: Page, script: str = "/dist/sospeso.mjs", **options: Any) -> dict[str, Any]:
    """What came of loadPyodide(options): its core and a computed value, or the error."""
    return dict(await call(page, SCRIPTS.load, script, options))


async def test_a_page_loads_the_core_it_asks_for(open_page: OpenPage, core: str) -> None:
    got = await load(await open_page(), core=core)
    assert (got["core"], got["text"], got["value"]) == (core, core, 42)


async def test_auto_takes_jspi_where_it_is(open_page: OpenPage) -> None:
    got = await load(await open_page())
    assert (got["core"], got["value"]) == ("jspi", 42)
    assert "has JSPI" in got["reason"]


async def test_auto_falls_back_to_asyncify_and_says_why(open_page: OpenPage) -> None:
    got = await load(await open_page(script=NO_JSPI))
    assert (got["core"], got["value"]) == ("asyncify", 42)
    assert "no WebAssembly.Suspending" in got["reason"]


async def test_jspi_asked_for_where_it_is_not_rejects(open_page: OpenPage) -> None:
    got = await load(await open_page(script=NO_JSPI), core="jspi")
    assert 'core "jspi" cannot run here' in got["error"]
    assert 'core: "auto"' in got["error"]


async def test_a_classic_script_gives_the_global(open_page: OpenPage, core: str) -> None:
    page = await open_page()
    await page.add_script_tag(url="/dist/sospeso.js")
    got = await call(page, SCRIPTS.load_by_the_global, core)
    assert got == [core, 42]


async def test_a_classic_worker_finds_the_files_beside_its_script(
    open_page: OpenPage, core: str
) -> None:
    page = await open_page()
    got = await call(page, SCRIPTS.load_in_a_classic_worker, core)
    assert got == [core, 42]


@pytest.mark.parametrize("kind", ["module", "classic"])
async def test_a_worker_runs_waits_and_can_be_interrupted(
    open_page: OpenPage, core: str, kind: str
) -> None:
    page = await open_page(f"/workers/?core={core}")
    output = page.locator("#output")
    await page.click(f"#{kind}")
    await output.get_by_text("tick 2").wait_for()
    assert f"The {core} core runs." in await output.inner_text()
    await page.click("#stop")
    await output.get_by_text("KeyboardInterrupt").wait_for()
    assert "tick 5" not in await output.inner_text()


async def test_files_come_from_another_origin_that_allows_it(
    open_page: OpenPage, site: Site, core: str
) -> None:
    page = await open_page()
    got = await load(page, core=core, indexURL=site.other)
    assert (got["core"], got["value"]) == (core, 42)


async def test_script_and_files_come_from_another_origin(open_page: OpenPage, site: Site) -> None:
    got = await load(await open_page(), f"{site.other}/sospeso.mjs")
    assert (got["core"], got["value"]) == ("jspi", 42)


async def test_another_origin_that_does_not_allow_it_rejects(
    open_page: OpenPage, site: Site
) -> None:
    got = await load(await open_page(), indexURL=site.private)
    assert got["name"] == "LoadError"
    assert site.private in got["error"] and "CORS" in got["error"]


@pytest.mark.parametrize("file", ["core.mjs", "core.wasm", "python_stdlib.zip"])
async def test_a_missing_file_rejects_with_its_name_and_status(
    open_page: OpenPage, core: str, file: str
) -> None:
    name = f"core.{core}.wasm" if file == "core.wasm" else file
    got = await load(await open_page(), core=core, indexURL=f"/without/{name}/")
    assert got["name"] == "LoadError"
    assert f"/{name}: HTTP 404" in got["error"] and "indexURL" in got["error"]


async def test_a_server_that_is_not_there_rejects(open_page: OpenPage) -> None:
    got = await load(await open_page(), indexURL="http://127.0.0.1:9/")
    assert got["name"] == "LoadError"
    assert "http://127.0.0.1:9/core.mjs" in got["error"]


@pytest.mark.parametrize(
    ("file", "cure"), [("core.mjs", "text/javascript"), ("core.jspi.wasm", "application/wasm")]
)
async def test_a_wrong_mime_type_rejects_and_names_the_right_one(
    open_page: OpenPage, file: str, cure: str
) -> None:
    got = await load(await open_page(), core="jspi", indexURL=f"/mistyped/{file}/")
    assert got["name"] == "LoadError"
    assert f"/{file}: " in got["error"]
    assert '"text/plain' in got["error"] and f"must send {cure}" in got["error"]


async def test_a_policy_that_forbids_wasm_rejects_and_names_the_source(
    open_page: OpenPage, core: str
) -> None:
    got = await load(await open_page("/csp"), core=core)
    assert got["name"] == "LoadError"
    assert "'wasm-unsafe-eval'" in got["error"]


async def test_a_policy_that_allows_wasm_and_not_eval_is_enough(
    open_page: OpenPage, core: str
) -> None:
    got = await load(await open_page("/csp-wasm"), core=core)
    assert (got["core"], got["value"]) == (core, 42)


async def test_core_and_script_of_different_builds_reject(open_page: OpenPage, core: str) -> None:
    got = await load(await open_page(), "/skewed/sospeso.mjs", core=core)
    assert got["name"] == "LoadError"
    assert "0.0.0-other" in got["error"] and "one build together" in got["error"]


async def test_a_truncated_core_rejects(open_page: OpenPage, core: str) -> None:
    name = f"core.{core}.wasm"
    got = await load(await open_page(), core=core, indexURL=f"/cut/{name}/")
    assert got["name"] == "LoadError"
    assert f"cannot compile {got['error'].split()[2]}" in got["error"] and name in got["error"]


async def test_a_truncated_standard_library_rejects(open_page: OpenPage) -> None:
    got = await load(await open_page(), indexURL="/cut/python_stdlib.zip/")
    assert got["name"] == "LoadError"
    assert "python_stdlib.zip" in got["error"]


@pytest.mark.parametrize("file", ["core.jspi.wasm", "python_stdlib.zip"])
async def test_a_download_that_breaks_off_rejects(open_page: OpenPage, file: str) -> None:
    got = await load(await open_page(), core="jspi", indexURL=f"/broken/{file}/")
    assert got["name"] == "LoadError"
    assert file in got["error"]


async def test_loading_again_after_a_failure_works(open_page: OpenPage, core: str) -> None:
    page = await open_page()
    failed = await load(page, core=core, indexURL="/without/python_stdlib.zip/")
    assert failed["name"] == "LoadError"
    got = await load(page, core=core)
    assert (got["core"], got["value"]) == (core, 42)


async def test_an_unknown_core_rejects(open_page: OpenPage) -> None:
    got = await load(await open_page(), core="native")
    assert got["name"] == "TypeError"
    assert '"native"' in got["error"]
