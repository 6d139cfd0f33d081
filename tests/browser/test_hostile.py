"""Loading in places that allow little: strict policies, isolation, no network, no address.

Either the runtime works or it rejects with the reason and the cure.
"""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from tests.programs import scripts

from .conftest import OpenPage, Site, call, script_text
from .test_loading import load

SCRIPTS = scripts(__file__)


async def test_the_strictest_policy_that_can_work_is_enough(open_page: OpenPage, core: str) -> None:
    """Nothing inline, nothing from elsewhere, trusted types, no eval but wasm's."""
    got = await load(await open_page("/csp-strict"), core=core)
    assert (got["core"], got["value"]) == (core, 42)


async def test_a_policy_without_connections_rejects_and_names_itself(open_page: OpenPage) -> None:
    got = await load(await open_page("/csp-unconnected"))
    assert got["name"] == "LoadError"
    assert "Content-Security-Policy" in got["error"]


async def test_an_isolated_page_takes_files_of_its_own_and_of_another_origin(
    open_page: OpenPage, site: Site, core: str
) -> None:
    page = await open_page("/isolated")
    assert await page.evaluate("crossOriginIsolated")
    for options in ({}, {"indexURL": site.other}):
        got = await load(page, core=core, **options)
        assert (got["core"], got["value"]) == (core, 42)


async def test_a_page_without_shared_memory_works_and_can_be_interrupted(
    open_page: OpenPage, core: str
) -> None:
    page = await open_page(script="delete globalThis.SharedArrayBuffer;")
    got = await call(page, SCRIPTS.interrupt_by_a_buffer, core)
    assert got == ["undefined", "KeyboardInterrupt"]


async def test_offline_the_runtime_comes_from_a_service_worker(
    open_page: OpenPage, core: str
) -> None:
    page = await open_page()
    await call(page, SCRIPTS.start_the_caching_worker)
    await page.reload()
    assert (await load(page, core=core))["value"] == 42
    await page.context.set_offline(True)
    await page.reload()
    assert await page.evaluate("fetch('/not-kept').then(() => 'online', () => 'offline')") == (
        "offline"
    )
    got = await load(page, core=core)
    assert (got["core"], got["value"]) == (core, 42)


async def as_blob(page: Page, kind: str, **options: Any) -> dict[str, Any]:
    """What came of loadPyodide() of a script that was imported from a blob: or data: address."""
    return dict(await call(page, SCRIPTS.load_without_a_folder, kind, options))


async def test_a_script_without_a_folder_needs_an_index_url_and_says_so(
    open_page: OpenPage, site: Site
) -> None:
    page = await open_page()
    for kind in ("blob", "data"):
        got = await as_blob(page, kind)
        assert got["name"] == "LoadError"
        assert f"came from {kind}:" in got["error"] and "option indexURL" in got["error"]
        assert await as_blob(page, kind, indexURL="/dist/") == {"value": 42}
    assert await as_blob(page, "blob", indexURL=f"{site.url}/dist") == {"value": 42}


async def test_a_worker_made_from_a_blob_loads_by_whole_addresses(
    open_page: OpenPage, site: Site
) -> None:
    page = await open_page()
    dist = f"{site.url}/dist"
    got = await call(page, SCRIPTS.load_in_workers_made_from_blobs, dist)
    assert got[:2] == [42, 42]
    assert 'option indexURL is "dist/"' in got[2] and "whole address" in got[2]


async def test_a_sandboxed_frame_loads_from_an_origin_that_allows_it(
    open_page: OpenPage, site: Site
) -> None:
    """Its origin is opaque: no storage, no cookies, and its own server is another origin."""
    page = await open_page()
    got = await call(page, SCRIPTS.load_in_a_sandboxed_frame, site.other)
    assert got == ["null", 42]


async def test_memory_that_cannot_be_had_rejects_with_the_engines_words(
    open_page: OpenPage, core: str
) -> None:
    page = await open_page(script=script_text("no_memory.js"))
    got = await load(page, core=core)
    assert got["name"] == "LoadError"
    assert f"the core ({core})" in got["error"] and "could not allocate memory" in got["error"]
