"""Each page of the gallery in Chromium, used as its reader would; a picture of each is kept.

Why: people copy these files. The pictures go to test-results/gallery, where a person can look at
    them.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page

from sospeso.paths import ROOT

from .test_documents import enter, opened, shows, terminal_shows

GALLERY = ROOT / "examples" / "gallery"
PICTURES = ROOT / "test-results" / "gallery"
Steps = Callable[[Page], Awaitable[None]]


async def guess(page: Page) -> None:
    low, high = 1, 100
    for _ in range(8):
        await page.wait_for_function("!document.querySelector('#answer').disabled")
        middle = (low + high) // 2
        await page.fill("#answer", str(middle))
        await page.keyboard.press("Enter")
        await page.wait_for_function(
            "(guess) => document.querySelector('#out').textContent"
            ".split(': ' + guess + '\\n')[1]?.match(/high|low|it is/)",
            arg=middle,
        )
        said = (await page.inner_text("#out")).split(f": {middle}\n")[1]
        if "it is!" in said:
            return
        low, high = (low, middle - 1) if "high" in said else (middle + 1, high)
    pytest.fail("seven questions are enough for a hundred numbers")


async def chat(page: Page) -> None:
    await shows(page, "#out", "(They go for a walk.)")
    said = re.findall(r"^(\w+): ", await page.inner_text("#out"), re.MULTILINE)
    assert said == ["Ada", "Charles"] * 3


async def server(page: Page) -> None:
    await page.click("#count")
    await shows(page, "#out", 'client: 200 {"visits": 1}')
    await page.click("#lost")
    await shows(page, "#out", "client: 404 Not Found")
    assert 'server: "GET /count HTTP/1.1" 200 -' in await page.inner_text("#out")


async def requests(page: Page) -> None:
    await shows(page, "#out", "requests 2.")
    await page.click("#get")
    await shows(page, "#out", '"greeting": "Hello"')
    await page.fill("#address", "nowhere.json")
    await page.click("#get")
    await shows(page, "#out", "404")


async def notes(page: Page) -> None:
    for visit in ("first", "second"):
        await page.wait_for_selector("#form button:enabled")
        await page.fill("#text", f"the {visit} note")
        await page.click("#form button")
        await page.wait_for_selector("#form[data-saved]")
        if visit == "first":
            await page.reload()
    said = await page.locator("#notes li").all_inner_texts()
    assert [text.partition(" ")[2] for text in said] == ["the first note", "the second note"]


async def turtle(page: Page) -> None:
    await shows(page, "#said", "60 lines are drawn.")
    colours = await page.evaluate(
        """() => {
          const canvas = document.querySelector("#canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return data.filter((value, index) => index % 4 === 3 && value > 0).length;
        }"""
    )
    assert colours > 2_000
    await page.reload()
    await page.click("#stop")
    await shows(page, "#said", "You stopped it.")


async def exercise(page: Page) -> None:
    await page.click("#run")
    await page.wait_for_selector("#tests li:nth-child(4)")
    told = await page.locator("#tests li").all_inner_texts()
    assert [text.endswith(": passed") for text in told] == [True, True, False, False]
    assert "fizz(20) is '20', and not 'buzz'" in told[2]
    await page.wait_for_selector("#run:enabled")
    await page.fill("#editor .cm-content", "def fizz(n):\n    while True:\n        pass")
    await page.click("#run")
    await page.click("#stop")
    await shows(page, "#out", "You stopped it.")


async def asyncio(page: Page) -> None:
    await page.wait_for_function("Number(document.querySelector('#out').dataset.frames) > 3")
    await shows(page, "#out", "done")
    said = (await page.inner_text("#out")).splitlines()
    assert len(said) == 11
    assert said[0] == "one says 1"
    assert said[-2] == "a blocking function has ended"


async def workers(page: Page) -> None:
    await shows(page, "#out", "1863 primes in all")
    assert len(set(re.findall(r"worker (\d)", await page.inner_text("#out")))) > 1


async def prompt(page: Page) -> None:
    await terminal_shows(page, ">>>")
    await enter(page, "import time; time.sleep(0.1); 6 * 7")
    await terminal_shows(page, "\n42\n")


STEPS: dict[str, Steps] = {
    "guess": guess,
    "chat": chat,
    "server": server,
    "requests": requests,
    "notes": notes,
    "turtle": turtle,
    "exercise": exercise,
    "asyncio": asyncio,
    "workers": workers,
    "prompt": prompt,
}


@pytest.mark.parametrize("name", STEPS)
async def test_a_page_of_the_gallery_works(browser: Browser, name: str, core: str) -> None:
    async with opened(browser, GALLERY, f"{name}.html", core) as page:
        await STEPS[name](page)
        PICTURES.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=PICTURES / f"{name}-{core}.png")


async def test_every_page_of_the_gallery_is_tried_and_listed() -> None:
    pages = {path.stem for path in GALLERY.glob("*.html")}
    assert pages == set(STEPS)
    text = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert set(re.findall(r"gallery/(\w+)\.html", text)) == pages
