"""The page of the README, word for word, used as its text says; and its picture can be made.

The README's own example failed once ("unknown url type: 'data.json'"), as nobody had tried it. So
the page is taken from its fenced block and the data from the command under it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser

from docs.pictures.page_that_waits import MOST_BYTES, make
from sospeso.paths import ROOT, dist_dir
from sospeso.server import ServerOptions, make_app, serving

from .conftest import TIMEOUT_MS
from .test_loading import NO_JSPI

README = (ROOT / "README.md").read_text(encoding="utf-8")
FIELD = "sospeso-input input"
CLOCK = "document.querySelector('#clock').textContent"
OUT = "document.querySelector('#out').textContent"
LOADED = "performance.getEntriesByType('resource').map((entry) => entry.name)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a reader has who did as the README says."""
    (page,) = re.findall(r"```html\n(.*?)```", README, re.DOTALL)
    data, name = re.findall(r"^echo '(.*)' > page/(\S+)$", README, re.MULTILINE)[0]
    (tmp_path / "index.html").write_text(page)
    (tmp_path / name).write_text(data)
    return tmp_path


async def test_the_page_of_the_readme_works(browser: Browser, folder: Path, core: str) -> None:
    app = make_app(ServerOptions(folder, dist_dir()))
    context = await browser.new_context()
    async with serving(app) as url, context:
        page = await context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        if core == "asyncify":
            await page.add_init_script(NO_JSPI)

        async def clock_goes_on() -> None:
            now = await page.evaluate(CLOCK)
            await page.wait_for_function(f"{CLOCK} !== {now!r}")

        await page.goto(url)
        await page.fill(FIELD, "Ada")
        assert await page.inner_text("sospeso-input label") == "Who is there? "
        await clock_goes_on()  # in input()
        await page.keyboard.press("Enter")
        await page.locator("sospeso-input").wait_for(state="detached")
        await clock_goes_on()  # in time.sleep()
        assert await page.evaluate(OUT) == ""
        await page.wait_for_function(f"{OUT} !== ''")
        assert await page.evaluate(OUT) == "Hello, Ada!"
        assert f"{url}/dist/core.{core}.wasm" in await page.evaluate(LOADED)
        assert errors == []


async def test_the_picture_of_the_readme_can_be_made() -> None:
    picture = await make()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < MOST_BYTES
