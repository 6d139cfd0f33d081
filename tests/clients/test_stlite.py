"""stlite: Streamlit in a page. It gets as far as its compiled packages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from .installed import npm_packages, npm_version, pip_wheels
from .over import Over
from .pages import Watched, watched
from .served import site

pytestmark = [pytest.mark.clients, pytest.mark.timeout(120)]

CLIENT = "stlite " + npm_version("pages", "@stlite/browser")
PAGES = Path(__file__).parent / "pages" / "stlite"


@pytest_asyncio.fixture(scope="module")
async def page(over: Over, browser: Browser) -> AsyncIterator[Watched]:
    """A page with a small app, when stlite has stopped."""
    npm = npm_packages("pages")
    async with (
        site(PAGES, over.dist, npm, pip_wheels("inside")) as url,
        watched(browser, f"{url}/index.html") as one,
    ):
        await one.until("document.body.innerText.includes('Error')")
        await one.picture("stlite")
        yield one


async def test_its_worker_starts_and_loads_micropip(page: Watched) -> None:
    assert any("micropip" in line for line in page.said), page.said


async def test_it_names_the_compiled_package_that_is_missing(page: Watched) -> None:
    text = await page.page.inner_text("body")
    assert "Can't find a pure Python 3 wheel" in text, text


def test_an_app_is_shown(over: Over) -> None:
    pytest.skip("Streamlit needs numpy, pandas and pillow, which our lock file does not name")
