"""Unit tests of the streams and of HTTP over fetch, in TypeScript, run in Node.

Why here: devices, stdio handlers and response framing have many small rules that need neither a
core nor a browser. io_units.ts holds the tests, against fakes of Emscripten's FS and of the
scheduler; this bundles it and reports each of its tests as one of pytest's.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from sospeso.engines import find_node
from sospeso.paths import ROOT

SOURCE = Path(__file__).resolve().with_name("io_units.ts")
NAMES = re.findall(r'^test\("(.+?)", ', SOURCE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What Node's test runner reported: the name of each test that failed, and how."""
    bundle = tmp_path_factory.mktemp("io") / "io_units.mjs"
    node = find_node().path
    esbuild = ROOT / "node_modules/esbuild/bin/esbuild"
    subprocess.run(
        [node, esbuild, SOURCE, "--bundle", "--platform=node", "--format=esm",
         "--log-level=warning", f"--outfile={bundle}"],
        check=True,
    )  # fmt: skip
    done = subprocess.run(
        [node, "--test-reporter=tap", bundle], capture_output=True, text=True, timeout=50
    )
    reported = re.split(r"^(?=(?:not )?ok \d+ - )", done.stdout, flags=re.MULTILINE)
    found = {}
    for text in reported:
        if match := re.match(r"(not )?ok \d+ - (.*)", text):
            name = match[2].replace("\\#", "#")
            found[name] = text if match[1] else ""
    if not found:
        pytest.fail(f"the tests did not run:\n{done.stdout}{done.stderr}")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_unit(results: dict[str, str], name: str) -> None:
    assert name in results, "it did not run"
    assert not results[name], results[name]


def test_all_units_are_reported(results: dict[str, str]) -> None:
    assert set(results) == set(NAMES)
