"""Makes docs/page-that-waits.png, the picture of the README: one page, photographed three times.

The page (page_that_waits.html) runs a program that waits in input() and in time.sleep(), while
JavaScript turns a dial. The three photographs are put side by side by the same browser. Run by
`make pictures` as `python -m docs.pictures.page_that_waits`.
"""

from __future__ import annotations

import asyncio
import base64
import html
import sys
from pathlib import Path

from playwright.async_api import Page, async_playwright

from sospeso.engines import CHROMIUM_ARGS, ensure_chromium
from sospeso.paths import ROOT, UserError, need_dist
from sospeso.server import ServerOptions, make_app, serving

HERE = Path(__file__).parent
PICTURE = ROOT / "docs" / "page-that-waits.png"
MOST_BYTES = 200_000
SHARPNESS = 2  # pixels of the picture to one of CSS, for screens that have as many

# Lines of the page's program at which it waits, and how long it is left there before the
# photograph, so that the dial is seen to have moved.
INPUT, SLEEP, END = 3, 5, 0
SECONDS = 1.5

SHEET = """
<style>
  body { margin: 0; background: #fff; color: #211f1b; }
  main { display: flex; gap: 16px; width: max-content; padding: 14px; }
  figure { margin: 0; width: 300px; }
  img { display: block; width: 100%; }
  figcaption { margin-top: 8px; text-align: center; font: 14px/1.4 system-ui, sans-serif; }
</style>
"""


async def photographs(page: Page) -> list[tuple[str, bytes]]:
    """The three pictures, each with its caption."""
    taken = []

    async def take(caption: str) -> None:
        taken.append((caption, await page.locator("main").screenshot()))

    async def wait_at(line: int) -> None:
        await page.wait_for_function(f"document.body.dataset.line === '{line}'")
        now = float(await page.evaluate("document.body.dataset.seconds"))
        await page.wait_for_function(f"document.body.dataset.seconds > {now + SECONDS}")

    field = page.locator("input")
    await field.fill("Ada")
    await wait_at(INPUT)
    await take("Python waits in input().")
    await field.press("Enter")
    await wait_at(SLEEP)
    await take("Python waits in time.sleep().")
    await wait_at(END)
    await take("The page never stopped.")
    return taken


async def make() -> bytes:
    """The picture, a PNG.

    Raises:
        UserError: there is no build, or no Chromium.
    """
    dist = need_dist("sospeso.mjs", "core.jspi.wasm")
    app = make_app(ServerOptions(HERE, dist))
    async with serving(app) as url, async_playwright() as playwright:
        chromium = ensure_chromium(print)
        browser = await playwright.chromium.launch(
            executable_path=chromium.path, args=list(CHROMIUM_ARGS)
        )
        page = await browser.new_page(device_scale_factor=SHARPNESS)
        await page.goto(f"{url}/page_that_waits.html")
        figures = "".join(
            f'<figure><img src="data:image/png;base64,{base64.b64encode(picture).decode()}">'
            f"<figcaption>{html.escape(caption)}</figcaption></figure>"
            for caption, picture in await photographs(page)
        )
        await page.set_viewport_size({"width": 1200, "height": 800})
        await page.set_content(f"<!doctype html>{SHEET}<main>{figures}</main>")
        picture = await page.locator("main").screenshot()
        await browser.close()
    return picture


def main() -> None:
    """Write the picture and say how large it is."""
    try:
        picture = asyncio.run(make())
    except UserError as error:
        sys.exit(f"pictures: {error}")
    if len(picture) > MOST_BYTES:
        sys.exit(f"pictures: {len(picture)} bytes are too many for a README ({MOST_BYTES})")
    PICTURE.write_bytes(picture)
    print(f"{PICTURE.relative_to(ROOT)}: {len(picture):,} bytes")


if __name__ == "__main__":
    main()
