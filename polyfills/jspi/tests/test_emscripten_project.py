"""The example of an Emscripten project: built by its own script, run on both kinds of JSPI.

Needs the build's Emscripten, which a machine has after a first build; where it is not (a cache that
holds results only), the tests are skipped. Collected by pytest.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cpython.build import driver
from cpython.build.bundle import javascript as js

from .conftest import HERE, NODE_MODULES, ROOT, Node

EXAMPLE = ROOT / "polyfills" / "jspi" / "example"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's folder as somebody else has it, built."""
    if not NODE_MODULES.exists():
        pytest.skip("no esbuild; run `make setup`")
    folder = tmp_path_factory.mktemp("project")
    toolchain = driver.toolchain_at_hand(folder)
    if toolchain is None:
        pytest.skip("the build's Emscripten is not in the cache; `make build` puts it there")
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    js.bundle_one("jspi-polyfill.mjs", folder, "release")
    toolchain.tmp.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        toolchain.command(["sh", "build.sh", "."], folder, {}),
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stderr, done.stderr
    return folder


def expected() -> list[float]:
    """What the thirty calls give, worked out anew."""
    values: list[float] = []
    for i in range(10):
        values.append(sum(1.5 * (i + k) for k in range(4)) / 4)
        values.append(int(1.5 * 2 * i) + 3 * i + 1)
    return values


def run(node: Node, project: Path, which: str) -> dict[str, Any]:
    return dict(json.loads(node.run(project / "main.mjs", which, jspi=which == "engine")))


@pytest.mark.timeout(300)
def test_the_engine_and_the_polyfill_give_the_same(node: Node, project: Path) -> None:
    by_engine = run(node, project, "engine")
    by_polyfill = run(node, project, "polyfill")
    stats = by_polyfill.pop("stats")
    assert by_engine == by_polyfill
    assert by_engine["all"] == expected()
    assert (by_engine["asked"], by_engine["ended"], by_engine["version"]) == (53, 20, 3)
    assert by_engine["slowest"] == "2"
    assert stats["suspended"] == 0
    assert stats["unwinds"] == 50


@pytest.mark.timeout(300)
def test_it_takes_the_polyfill_where_the_engine_has_nothing(node: Node, project: Path) -> None:
    address = (project / "main.mjs").as_uri()
    answer = json.loads(node.run(HERE / "without_jspi.mjs", address, jspi=True))
    assert answer["hasJspi"] is False
    assert answer["all"] == expected()
    assert answer["stats"]["unwinds"] == 50
