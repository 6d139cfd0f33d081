"""Running a program in headless Chromium, its standard streams bridged to ours.

Why: the same script, the same command line, in the engine it is meant for. The dev server serves
dist/ and the page; Playwright starts the browser and carries bytes, one message each way per read
or write. Used by `sospeso run --engine chromium`.

The page has no access to the host's disk: it gets a copy of the script's folder (or of the current
one for -c and -m); what the program writes there is gone with the page.
"""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import stat
import sys
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, Error, Page, async_playwright

from .engines import CHROMIUM_ARGS, Chromium, has_sandbox
from .packages import Packages, packages
from .paths import UserError, need_dist
from .program import Core, Program
from .server import ServerOptions, make_app, serving

EXIT_INTERRUPTED = 130
MOST_FILES = 2000
MOST_BYTES = 64 * 1024 * 1024
SKIPPED = {"__pycache__", "node_modules", "dist"}
PAGE = """<!doctype html><meta charset="utf-8"><title>sospeso</title>
<link rel="icon" href="data:,"><script type="module" src="/dist/cli-page.mjs"></script>"""


def collect_files(folder: Path) -> list[Path]:
    """The files of a folder and below that a program may want.

    Hidden ones, caches and build output are left out, and so is what would be more than 2,000 files
    or 64 MiB in all; nearer files come first, so that the script's neighbours are always there.
    """
    files: list[Path] = []
    size = 0
    level = [folder]
    while level:
        below: list[Path] = []
        for parent in level:
            try:
                children = sorted(parent.iterdir())
            except OSError:
                continue
            for child in children:
                if child.name.startswith(".") or child.name in SKIPPED:
                    continue
                if child.is_dir():
                    if not child.is_symlink():
                        below.append(child)
                elif child.is_file() and os.access(child, os.R_OK):
                    size += child.stat().st_size
                    if len(files) >= MOST_FILES or size > MOST_BYTES:
                        return files
                    files.append(child)
        level = below
    return files


class HostStreams:
    """Our descriptors 0, 1 and 2, read and written without blocking the event loop for long."""

    async def read(self, size: int) -> bytes:
        """Up to `size` bytes of standard input; b"" at its end."""
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        try:
            loop.add_reader(0, _settle, ready)
        except PermissionError:
            return os.read(0, size)  # a file or /dev/null: always ready
        try:
            await ready
        finally:
            loop.remove_reader(0)
        return os.read(0, size)

    async def write(self, fd: int, data: bytes) -> None:
        """Write all of `data`; a slow reader holds up the program, not the event loop."""
        mode = os.fstat(fd).st_mode
        if stat.S_ISREG(mode) or stat.S_ISCHR(mode):
            self._write_all(fd, data)
        else:
            await asyncio.to_thread(self._write_all, fd, data)

    @staticmethod
    def _write_all(fd: int, data: bytes) -> None:
        while data:
            data = data[os.write(fd, data) :]


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _close_now(browser: Browser) -> None:
    """End a browser whose page is stuck: close() would wait half a minute for the page."""
    try:
        session = await browser.new_browser_cdp_session()
        await session.send("Browser.crash")
    except Error:
        pass  # the connection ends before an answer comes, as it should


async def _interrupt(page: Page, state: dict[str, bool]) -> None:
    """Pass a Ctrl-C on; `unanswered` goes false when the page has taken it."""
    try:
        taken = await page.evaluate("globalThis.sospesoInterrupt?.() ?? false")
    except Error:
        return
    state["unanswered"] = False
    if not taken:
        state["stopped"] = True
        await page.close()


def _source(program: Program) -> str:
    """The text of a program that may have a header (PEP 723)."""
    if program.kind == "stdin":
        return program.target
    try:
        return Path(program.target).read_text("utf-8") if program.kind == "file" else ""
    except (OSError, ValueError):
        return ""  # a folder, an archive, or nothing: Python says which


async def run_on_chromium(
    program: Program,
    chromium: Chromium,
    core: Core = "auto",
    ticks: bool = False,
    wanted: Packages | None = None,
) -> int:
    """Run `program` to its end in a page.

    Args:
        program: what to run.
        chromium: the browser.
        core: which wasm core.
        ticks: print how often a 10 ms timer of the page fired meanwhile.
        wanted: packages to install before; None: those of its header alone.

    Returns:
        The exit code.

    Raises:
        UserError: nothing is built, the browser does not start, or a wheel of this machine is
            wanted.
    """
    fallback = ["core.asyncify.wasm"] if core == "asyncify" else []
    dist = need_dist("cli-page.mjs", "sospeso.mjs", *fallback)
    cwd = Path.cwd()
    if program.kind == "stdin":
        program = Program("stdin", sys.stdin.read(), program.args)
    folder = Path(program.target).resolve().parent if program.kind == "file" else cwd
    files = collect_files(folder)
    script = Path(program.target).absolute()
    if program.kind == "file" and script.is_file() and script not in files:
        files.append(script)
    contents = [file.read_bytes() for file in files]
    wanted = wanted or packages()
    if any(name.startswith("file:") for name in wanted.named):
        raise UserError("a page cannot read a wheel of this machine; --engine node can")

    async def page_html(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def files_blob(_: web.Request) -> web.Response:
        return web.Response(body=b"".join(contents))

    app = make_app(
        ServerOptions(dist, dist),
        {"/__sospeso__/run.html": page_html, "/__sospeso__/files": files_blob},
    )
    streams = HostStreams()
    state = {"unanswered": False, "stopped": False}
    loop = asyncio.get_running_loop()

    async def read(_: Any, size: int) -> str:
        return base64.b64encode(await streams.read(size)).decode()

    async def write(_: Any, fd: int, data: str) -> None:
        await streams.write(fd, base64.b64decode(data))

    request = {
        "program": {"kind": program.kind, "target": program.target, "args": list(program.args)},
        "core": core,
        "ticks": ticks,
        "cwd": str(cwd),
        "env": {"HOME": str(Path.home()), "LANG": os.environ.get("LANG", "C.UTF-8")},
        "terminals": [os.isatty(0), os.isatty(1), os.isatty(2)],
        "files": [
            {"path": str(file), "size": len(data)}
            for file, data in zip(files, contents, strict=True)
        ],
        "packages": {
            "source": _source(program),
            "named": list(wanted.named),
            "indexes": list(wanted.indexes),
        },
        "filesURL": "/__sospeso__/files",
        "moduleURL": "/dist/sospeso.mjs",
    }
    async with serving(app) as url, async_playwright() as playwright:
        try:
            # Playwright must not end the browser on Ctrl-C: Python hears of it first.
            browser = await playwright.chromium.launch(
                executable_path=chromium.path,
                headless=True,
                args=list(CHROMIUM_ARGS),
                chromium_sandbox=has_sandbox(),
                handle_sigint=False,
            )
        except Error as error:
            raise UserError(f"{chromium.path} does not start: {error.message}") from None
        page = await browser.new_page()
        waiting: set[asyncio.Task[None]] = set()

        def on_interrupt() -> None:
            if state["unanswered"]:
                print("\nsospeso: closed (Python did not react to Ctrl-C)", file=sys.stderr)
                state["stopped"] = True
                task = loop.create_task(_close_now(browser))
            else:
                state["unanswered"] = True
                task = loop.create_task(_interrupt(page, state))
            waiting.add(task)
            task.add_done_callback(waiting.discard)

        loop.add_signal_handler(signal.SIGINT, on_interrupt)
        try:
            await page.expose_binding("sospesoRead", read)
            await page.expose_binding("sospesoWrite", write)
            await page.goto(f"{url}/__sospeso__/run.html")
            result = await page.evaluate("request => globalThis.sospesoRun(request)", request)
        except Error as error:
            if state["stopped"]:
                return EXIT_INTERRUPTED
            print(f"sospeso: the page failed: {error.message}", file=sys.stderr)
            return 1
        finally:
            loop.remove_signal_handler(signal.SIGINT)
            await browser.close()
    for line in (result["refused"] and f"sospeso: {result['refused']}", result["ticks"]):
        if line:
            print(line, file=sys.stderr)
    return int(result["code"])
