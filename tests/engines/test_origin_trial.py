"""An origin trial of JSPI in Chromium 131 and 123, with a token and a header, as people deploy it.

The token is our own and Chromium is told the key it is signed with; everything else is as in the
field: without the header, or with a token for another origin, the engine has no JSPI.
"""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from sospeso.engines import CHROMIUM_ARGS
from sospeso.paths import dist_dir
from sospeso.server import ServerOptions, make_app, serving
from tests.matrix.catalog import read_catalog
from tests.matrix.install import EngineMissing, Installed, install
from tests.matrix.trial import make_trial

PAGE = "<!doctype html><title>trial</title><link rel=icon href=data:,>"
PROGRAM = Path(__file__).with_name("origin_trial.mjs")


def free_port() -> int:
    """A port to serve at: a token is for one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def engine(key: str) -> Installed:
    """A Chromium of the time of the trial, or a skipped test."""
    try:
        return install(next(e for e in read_catalog() if e.key == key), print)
    except EngineMissing as error:
        pytest.skip(f"{key}: {error}")


async def run(found: Installed, folder: Path, *, send: bool = True, origin: str = "") -> list[Any]:
    """What a page of `sospeso serve --origin-trial` gets: core, reason, value.

    Args:
        send: whether the header is sent at all.
        origin: another origin than the server's, that the token is for.
    """
    (folder / "index.html").write_text(PAGE)
    shutil.copy(PROGRAM, folder)
    port = free_port()
    trial = make_trial(origin or f"http://127.0.0.1:{port}")
    options = ServerOptions(folder, dist_dir(), origin_trial=trial.token if send else None)
    async with serving(make_app(options), port=port) as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found.program, args=[*CHROMIUM_ARGS, trial.flag]
        )
        page = await browser.new_page()
        await page.goto(f"{base}/")
        got = await page.evaluate(f"import('/{PROGRAM.name}').then((program) => program.run())")
        await browser.close()
        return list(got)


@pytest.fixture(scope="module")
def chromium_131() -> Installed:
    return engine("chromium-131-trial")


async def test_the_header_switches_jspi_on(chromium_131: Installed, tmp_path: Path) -> None:
    core, reason, value = await run(chromium_131, tmp_path)
    assert (core, value) == ("jspi", "hello!")
    assert "as of the later origin trial" in reason


async def test_without_the_header_asyncify_runs(chromium_131: Installed, tmp_path: Path) -> None:
    core, reason, value = await run(chromium_131, tmp_path, send=False)
    assert (core, value) == ("asyncify", "hello!")
    assert "no WebAssembly.Suspending" in reason


async def test_a_token_for_another_origin_switches_nothing_on(
    chromium_131: Installed, tmp_path: Path
) -> None:
    core, _, value = await run(chromium_131, tmp_path, origin="https://example.org")
    assert (core, value) == ("asyncify", "hello!")


async def test_the_first_trial_is_known_and_not_used(tmp_path: Path) -> None:
    core, reason, value = await run(engine("chromium-123-trial"), tmp_path)
    assert (core, value) == ("asyncify", "hello!")
    assert "only the API of the first JSPI origin trial" in reason
