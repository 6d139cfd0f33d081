"""How soon the console page answers: `python -m benchmarks.console`.

Why: a terminal is as good as its slowest answer. In Chromium, on dist/console.html, on both cores:
milliseconds from a key's event to the frame that shows its echo, and from Ctrl-C to the prompt that
comes back, out of every kind of wait. There is no peer: no other page has such a prompt.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from statistics import median
from typing import Any

from playwright.async_api import Page, async_playwright
from rich.console import Console
from rich.table import Table

from sospeso.engines import CHROMIUM_ARGS, ensure_chromium
from sospeso.paths import dist_dir
from sospeso.server import ServerOptions, make_app, serving

ECHO_MS = 30
PROMPT_MS = 50
KEYS = 60
ROUNDS = 5

# What is interrupted: one line each, typed at the prompt.
WAITS = {
    "time.sleep": "import time; time.sleep(60)",
    "input()": "input('? ')",
    "Lock.acquire": "import threading; l = threading.Lock(); l.acquire(); l.acquire()",
    "Queue.get": "import queue; queue.Queue().get()",
    "select": "import select, os; select.select([os.pipe()[0]], [], [])",
    "recv": "import socket; p = socket.socketpair(); p[0].recv(1)",
    "accept": "import socket; s = socket.create_server(('localhost', 0)); s.accept()",
    "await": "import asyncio; await asyncio.sleep(60)",
    "asyncio.run": "import asyncio; asyncio.run(asyncio.sleep(60))",
    "run_sync": "import js, pyodide.ffi as f; f.run_sync(js.Promise.new(lambda a, b: None))",
    "busy loop": "for i in range(10**12): pass",
}

PROBE = Path(__file__).with_name("console_probe.js")


async def main() -> None:
    """Measure, and print the table."""
    table = Table(title="the console page, in milliseconds")
    for heading in ("from the key to", "core", "median", "min - max", "goal"):
        table.add_column(heading)
    console = Console()
    chromium = ensure_chromium(console.print)
    app = make_app(ServerOptions(dist_dir(), dist_dir()))
    async with serving(app) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.path, args=list(CHROMIUM_ARGS)
        )
        for core in ("jspi", "asyncify"):
            page = await browser.new_page()
            await page.goto(f"{url}/dist/console.html?core={core}")
            for what, limit, values in await measure(page, core):
                spread = f"{min(values):.1f} - {max(values):.1f}"
                middle = median(values)
                verdict = f"<= {limit} {'reached' if middle <= limit else 'MISSED'}"
                table.add_row(what, core, f"{middle:.1f}", spread, verdict)
            await page.close()
        await browser.close()
    console.print(table)
    console.print(f"Chromium {chromium.version}")


async def measure(page: Page, core: str) -> list[tuple[str, int, list[float]]]:
    """What each answer took on one page, several times."""
    await page.wait_for_function(
        "document.querySelector('sospeso-console')?.state === 'waiting'", timeout=60_000
    )
    await page.add_script_tag(path=PROBE)
    got = await page.evaluate("coreName()")
    if got != core:
        raise RuntimeError(f"the page runs the {got} core, not {core}")
    await page.evaluate("document.querySelector('sospeso-console').focus()")
    echo = []
    for at in range(KEYS):
        key = "abcdefghij"[at % 10]
        shown = ">>> " + "abcdefghij" * 9
        test = f"(line) => line() === {shown[: 5 + at]!r}"
        echo.append(await answer(page, key, test))
    await answer(page, "Control+c", "(line) => line().trim() === '>>>'")
    results = [("echo", ECHO_MS, echo)]
    for name, code in WAITS.items():
        times = []
        for _ in range(ROUNDS):
            await page.keyboard.insert_text(code)
            await page.keyboard.press("Enter")
            await asyncio.sleep(0.4)
            times.append(await answer(page, "Control+c", "(line) => line().trim() === '>>>'"))
        results.append((f"prompt, out of {name}", PROMPT_MS, times))
    return results


async def answer(page: Page, key: str, test: str) -> float:
    """Press a key; milliseconds until the page shows what the test wants."""
    await page.evaluate(f"() => {{ globalThis.waiting = watch({test}); }}")
    await page.keyboard.press(key)
    took: Any = await asyncio.wait_for(page.evaluate("waiting"), 10)
    return float(took)


if __name__ == "__main__":
    asyncio.run(main())
