"""Starting an engine on one cell of the matrix: a process group, its folder, its end.

Why: engines differ in how they are told an address, a fresh profile and their settings, and in
nothing else: what happens in them comes back over HTTP (runner.py), so none needs a driver. Every
start has a folder of its own, and nothing of it is left when it ends. Called by runner.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sospeso.engines import CHROMIUM_ARGS

from .install import EngineMissing, Installed

WEB = Path(__file__).with_name("web")

# Firefox asks its makers' servers about updates, add-ons and safe sites, and opens a first page.
FIREFOX_PREFS: dict[str, bool | int | str] = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.ipc.processPrelaunch.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "startup.homepage_welcome_url": "",
    "toolkit.telemetry.enabled": False,
    "trailhead.firstrun.didSeeAboutWelcome": True,
}


def page_address(base: str, plan: dict[str, Any]) -> str:
    """The address of run.html for a plan."""
    return f"{base}/run.html?plan={quote(json.dumps(plan))}"


def command_line(
    found: Installed, folder: Path, base: str, plan: dict[str, Any], more: Sequence[str] = ()
) -> list[str]:
    """What starts the engine on a cell.

    Args:
        found: the engine.
        folder: an empty folder of this start, as this machine names it.
        base: the server's address.
        plan: what agent.mjs is to do; JSON.
        more: flags beside the engine's own.
    """
    engine, inside = found.engine, found.inside(folder)
    if engine.family == "chromium":
        flags = ["--headless", *CHROMIUM_ARGS, f"--user-data-dir={inside}", *engine.flags, *more]
        # With a port to listen on, old ones without a window stay; /dev/shm is small in containers.
        flags += ["--remote-debugging-port=0", "--disable-dev-shm-usage"]
        return found.command(*flags, page_address(base, plan))
    if engine.family == "firefox":
        prefs = {**FIREFOX_PREFS, **engine.prefs}
        lines = (f'user_pref("{name}", {json.dumps(value)});\n' for name, value in prefs.items())
        (folder / "user.js").write_text("".join(lines))
        flags = ["--headless", "--no-remote", "--profile", str(inside), *engine.flags]
        return found.command(*flags, page_address(base, plan))
    if engine.family == "webkit":
        return found.command("--private", *engine.flags, page_address(base, plan))
    script = str(WEB / "host.mjs")
    if engine.family == "deno":
        return found.command("run", "--allow-all", *engine.flags, script, json.dumps(plan))
    return found.command(*engine.flags, script, json.dumps(plan))


@contextmanager
def own_folder(found: Installed) -> Iterator[Path]:
    """A folder for one start, removed afterwards."""
    parent = str(found.root / "tmp") if found.root is not None else None
    folder = tempfile.mkdtemp(prefix="sospeso-engine-", dir=parent)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def started(
    found: Installed, base: str, plan: dict[str, Any], display: str, more: Sequence[str] = ()
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The engine at work on a cell, ended with the block.

    Args:
        display: of an X server, for engines that need one; "" if there is none.
        more: flags beside the engine's own.
    """
    with own_folder(found) as folder:
        inside = found.inside(folder)
        environment = {**os.environ, **found.engine.environment, "NO_COLOR": "1"}
        if found.engine.family in ("firefox", "webkit"):
            environment["HOME"] = environment["XDG_RUNTIME_DIR"] = str(inside)
            environment["TMPDIR"] = str(inside)
        if found.engine.family == "webkit":
            environment["DISPLAY"] = display
            environment["NO_AT_BRIDGE"] = "1"
            environment["LIBGL_ALWAYS_SOFTWARE"] = "1"
            if found.root is not None:  # only our own pages are opened
                environment["WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"] = "1"
        process = await asyncio.create_subprocess_exec(
            *command_line(found, folder, base, plan, more),
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


@asynccontextmanager
async def display() -> AsyncIterator[str]:
    """An X server without a screen; its name, such as ":1".

    Raises:
        EngineMissing: there is no Xvfb, or it does not start.
    """
    program = shutil.which("Xvfb")
    if program is None:
        raise EngineMissing("it needs a display, and Xvfb is not installed (Debian: xvfb)")
    arguments = ["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        try:
            number = await asyncio.wait_for(process.stdout.readline(), 30)
        except TimeoutError:
            number = b""
        if not number.strip():
            raise EngineMissing("Xvfb does not start")
        yield f":{number.decode().strip()}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
