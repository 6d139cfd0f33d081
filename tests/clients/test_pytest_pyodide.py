"""pytest-pyodide: the way in which packages test themselves in Pyodide, in Node and in Chromium.

It sends pickled syntax trees, so the Python that runs pytest must be of the runtime's version. The
build's toolchain has one; it is started outside of its root, by its own dynamic linker.
"""

from __future__ import annotations

import os
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from cpython.build import driver, plan
from cpython.build.engine.engine import Engine
from cpython.build.engine.progress import make_reporter
from cpython.build.inputs import pins
from cpython.build.steps.profiles import PROFILES
from sospeso.engines import ensure_chromium, find_node

from .installed import pip_packages, pip_version
from .over import Over

pytestmark = [pytest.mark.clients, pytest.mark.timeout(900)]

CLIENT = "pytest-pyodide " + pip_version("pytest_pyodide", "pytest-pyodide")
INNER = Path(__file__).parent / "inner"
PASSING = (
    "run_gives_values",
    "run_async_waits",
    "run_js_gives_values",
    "errors_of_python_arrive",
    "errors_of_javascript_arrive",
    "the_logs_have_what_is_printed",
    "packages_load",
    "a_standalone_runtime",
    "a_runtime_that_the_test_loads",
    "a_test_runs_inside",
    "an_async_test_runs_inside",
    "a_test_inside_has_packages",
    "arguments_and_results_cross",
    "exceptions_cross",
    "handles_stand_for_objects_inside",
    "state_is_restored",
)
FAILING = ("fails_inside", "fails_by_leaking_a_proxy", "fails_by_leaking_a_js_value")


def python() -> tuple[list[str], dict[str, str]]:
    """The command of the toolchain's Python, and the environment it needs."""
    pinned = pins.load()
    made = plan.make(driver.PROJECT, pinned, PROFILES["release"])
    cache = driver.cache_folder()
    toolchain = made.make_toolchain(driver.PROJECT, cache)(
        Engine(driver.PROJECT, cache, make_reporter())
    )
    if toolchain.root is None:
        return [toolchain.python], {}
    usr = toolchain.root / "usr"
    libraries = usr / "lib/x86_64-linux-gnu"
    program = usr / f"bin/python{pinned.python}"
    command = [str(libraries / "ld-linux-x86-64.so.2"), "--library-path", str(libraries)]
    return [*command, "--argv0", str(program), str(program)], {"PYTHONHOME": str(usr)}


@pytest.fixture(scope="module", params=["node", "chrome"])
def told(
    request: pytest.FixtureRequest, over: Over, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What each inner test gave, by name: "" when it passed, else why it did not."""
    folder = tmp_path_factory.mktemp("inner")
    command, environment = python()
    environment |= {
        "PYTHONPATH": str(pip_packages("pytest_pyodide", python=pins.load().python)),
        "PATH": f"{Path(find_node().path).parent}:{os.environ['PATH']}",
    }
    more = []
    if request.param == "chrome":
        environment["SOSPESO_CHROMIUM"] = ensure_chromium(print).path
        more = ["--runner", "playwright"]
    command += ["-m", "pytest", "-q", str(INNER / "client_checks.py")]
    command += [
        "--rootdir",
        str(INNER),
        "--confcutdir",
        str(INNER),
        "-c",
        os.devnull,
        "-p",
        "no:cacheprovider",
    ]
    command += ["--dist-dir", str(over.dist), "--rt", request.param]
    command += [*more, "--timeout", "150", f"--junit-xml={folder / 'told.xml'}"]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True
    )
    report = folder / "told.xml"
    assert report.exists(), (done.stdout + done.stderr)[-3000:]
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.attrib["name"].split("[")[0].removeprefix("test_")
        wrong = [f"{one.tag}: {one.attrib.get('message')} {one.text}" for one in case]
        wrong = [one for one in wrong if one.startswith(("failure", "error"))]
        found[name] = found.get(name, "") + "\n".join(wrong)
    return found


@pytest.mark.parametrize("check", PASSING)
def test_a_test_passes(told: dict[str, str], check: str) -> None:
    assert told[check] == ""


@pytest.mark.parametrize("check", FAILING)
def test_a_test_that_is_wrong(told: dict[str, str], check: str) -> None:
    """Leaks count: what a test leaves behind fails it."""
    assert told[check] != ""
    assert ("left behind" in told[check]) is ("leaking" in check)
