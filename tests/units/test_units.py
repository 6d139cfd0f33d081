"""Unit tests in TypeScript, run in Node: rules that need neither a core nor a browser.

Each *_units.ts here holds tests of one idea against small fakes: streams and HTTP over fetch
(io), the loopback network (network), who waits for what (scheduler). This bundles them and
reports each of their tests as one of pytest's.
"""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from cpython.build.bundle import numbers
from sospeso.engines import find_node
from sospeso.paths import ROOT

SOURCES = sorted(Path(__file__).resolve().parent.glob("*_units.ts"))


def names_in(source: Path) -> list[str]:
    return re.findall(r'^test\("(.+?)", ', source.read_text(encoding="utf-8"), re.MULTILINE)


CASES = [(source, name) for source in SOURCES for name in names_in(source)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("units")


@cache
def results(source: Path, folder: Path) -> dict[str, str]:
    """What Node's test runner reported: each test's name, and how it failed or ""."""
    bundle = folder / f"{source.stem}.mjs"
    node = find_node().path
    esbuild = ROOT / "node_modules/esbuild/bin/esbuild"
    numbers.generate()
    subprocess.run(
        [node, esbuild, source, "--bundle", "--platform=node", "--format=esm",
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


@pytest.mark.parametrize(("source", "name"), CASES, ids=[f"{s.stem}-{n}" for s, n in CASES])
def test_unit(folder: Path, source: Path, name: str) -> None:
    found = results(source, folder)
    assert name in found, "it did not run"
    assert not found[name], found[name]


@pytest.mark.parametrize("source", SOURCES, ids=[source.stem for source in SOURCES])
def test_all_units_are_reported(folder: Path, source: Path) -> None:
    assert set(results(source, folder)) == set(names_in(source))
