"""Other people's bundlers, test runners and compilers with our package: `make test-clients`.

A page that a bundler made runs in Chromium, with indexURL given (what Pyodide's users do) and
without: then the bundler has copied the runtime's files, because it has seen that they are needed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from benchmarks.peer import install_peer
from sospeso.paths import dist_dir
from sospeso.server import ServerOptions, make_app, serving
from tests.matrix.catalog import read_catalog
from tests.matrix.install import EngineMissing, install

from .conftest import cores, node
from .test_npm import PYODIDE, told_by_module

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

BUNDLERS = ("vite", "webpack")
WAYS = {"as it comes": "", "with indexURL": "&indexURL=/dist/"}
# In a bundle for Node, webpack makes a CommonJS program of the module unless it is told otherwise.
SERVER_CONFIG = """
export default {
  mode: "production", target: "node22", entry: "./server_side.mjs",
  experiments: { outputModule: true },
  output: { path: import.meta.dirname + "/server", filename: "server.mjs", module: true },
};
"""


def webpack(project: Path, tools: Path, *arguments: str) -> None:
    """Run webpack; an error of it is a failure here."""
    if cores() == ["jspi"]:
        pytest.skip(
            "this build has the JSPI core alone, and webpack wants every file it is told of"
        )
    node(project, tools / "webpack/bin/webpack.js", *arguments)


@pytest.fixture(scope="module", params=BUNDLERS)
def page(project: Path, tools: Path, request: pytest.FixtureRequest) -> Path:
    """The folder with the page, as each bundler makes it."""
    folder = project / f"by-{request.param}"
    if request.param == "vite":
        node(project, tools / "vite/bin/vite.js", "build", "--outDir", folder)
        return folder
    webpack(project, tools, "--mode", "production", "--entry", "./page.js", "-o", str(folder))
    html = (project / "index.html").read_text().replace("./page.js", "./main.js")
    (folder / "index.html").write_text(html.replace(' type="module"', ""))
    return folder


async def told_by_page(browser: Browser, address: str) -> Any:
    """What page.js found, and that the page had no error of its own."""
    tab = await browser.new_page()
    wrong: list[str] = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    await tab.goto(address)
    await tab.wait_for_function("globalThis.told", timeout=60000)
    told = await tab.evaluate("told")
    await tab.close()
    assert wrong == []
    return told


@pytest.mark.parametrize("core", cores())
@pytest.mark.parametrize("way", WAYS)
async def test_a_bundled_page_runs_python(
    page: Path, browser: Browser, way: str, core: str
) -> None:
    """webpack used to take over the import() of the glue: `Cannot find module '.../core.mjs'`."""
    async with serving(make_app(ServerOptions(page, dist_dir()))) as url:
        told = await told_by_page(browser, f"{url}/index.html?core={core}{WAYS[way]}")
    assert told == {"version": PYODIDE, "value": 42, "core": core, "hasMicropip": True}


@pytest.mark.parametrize("core", cores())
def test_a_server_that_webpack_bundled_runs_python(project: Path, tools: Path, core: str) -> None:
    (project / "server.config.mjs").write_text(SERVER_CONFIG)
    webpack(project, tools, "--config", "server.config.mjs")
    told = json.loads(node(project, "server/server.mjs", core))
    assert told == {"version": PYODIDE, "value": 42, "core": core}


def test_jest_runs_it(project: Path, tools: Path) -> None:
    """jest keeps import() for itself: as with Pyodide, it has to be told to offer it."""
    node(
        project,
        tools / "jest/bin/jest.js",
        "--rootDir=.",
        "--testMatch=**/python.test.js",
        flags=["--experimental-vm-modules"],
    )


@pytest.mark.parametrize(
    ("compiler", "settings"),
    [
        ("typescript", ["--module", "nodenext"]),
        ("typescript", ["--module", "commonjs", "--moduleResolution", "node10"]),
        # Its library has no generic typed arrays: our .d.ts files are taken as they are.
        (
            "typescript-5.0",
            ["--module", "commonjs", "--moduleResolution", "node", "--skipLibCheck"],
        ),
    ],
)
def test_older_compilers_check_a_program_written_for_pyodide(
    project: Path, tools: Path, compiler: str, settings: list[str]
) -> None:
    options = ["--noEmit", "--strict", "--target", "es2022"]
    options += ["--lib", "es2022,dom,dom.iterable", *settings]
    node(project, tools / compiler / "bin/tsc", *options, "written_for_pyodide.ts")


def test_the_typescript_program_is_one_for_pyodide(
    project: Path, tools: Path, tmp_path: Path
) -> None:
    """It checks against Pyodide's own types: what it asks of ours is what Pyodide promises."""
    (tmp_path / "node_modules").symlink_to(install_peer().parent)
    shutil.copy(project / "written_for_pyodide.ts", tmp_path)
    options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext"]
    options += ["--lib", "es2022,dom,dom.iterable", "--skipLibCheck", "--preserveSymlinks"]
    node(tmp_path, tools / "typescript/bin/tsc", *options, "written_for_pyodide.ts")


@pytest.mark.parametrize("family", ["deno", "bun"])
def test_other_runtimes_import_it(project: Path, family: str) -> None:
    engine = next(one for one in read_catalog() if one.family == family)
    try:
        found = install(engine, print)
    except EngineMissing as error:
        pytest.skip(f"{engine.title}: {error}")
    flags = ["run", "--allow-all"] if family == "deno" else []
    command = found.command(*flags, *engine.flags, "module.mjs", "jspi")
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == told_by_module("jspi")
