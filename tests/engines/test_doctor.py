"""`make test-engines HERE=1`: which engines it takes, and what it says of them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from sospeso.engines import find_node
from tests.matrix import machine
from tests.matrix.catalog import Engine
from tests.matrix.install import Installed, install


def own_node() -> Installed:
    node = find_node()
    engine = Engine("own", "My Node", "node", programs=(node.path,), flags=node.flags)
    return install(engine, lambda _: None)


def test_it_runs_the_suite_and_prints_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    found = own_node()
    monkeypatch.setattr(machine, "found_engines", lambda: [found])
    monkeypatch.setattr(machine, "quick_contexts", lambda engine: ("main",))
    text, said = io.StringIO(), list[str]()
    assert machine.examine_engines(Console(width=160, file=text), said.append)
    assert said == [f"My Node {found.version}: main"]
    major = found.version.split(".")[0]
    assert f"My Node {major}" in text.getvalue() and "✓" in text.getvalue()


def test_what_fails_is_named_and_makes_it_false(monkeypatch: pytest.MonkeyPatch) -> None:
    found = own_node()
    liar = Engine("liar", "A liar", "node", jspi="final", why="has [what] nobody has")
    monkeypatch.setattr(machine, "found_engines", lambda: [Installed(liar, found.program)])
    monkeypatch.setattr(machine, "quick_contexts", lambda engine: ("main",))
    text = io.StringIO()
    assert not machine.examine_engines(Console(width=400, file=text), lambda _: None)
    assert "liar/main/auto: core: loads the core it must" in text.getvalue()


def test_an_engine_is_taken_once_and_nothing_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOSPESO_CACHE", str(tmp_path))
    same = [Engine(key, key, "node", programs=("/bin/thing",)) for key in "ab"]
    other = Engine("c", "c", "node", programs=("/bin/thing",), flags=("--other",))
    gone = Engine("d", "d", "node")

    def find(engine: Engine) -> Installed | None:
        return None if engine is gone else Installed(engine, "/bin/thing")

    monkeypatch.setattr(machine, "find", find)
    monkeypatch.setattr(machine, "_own", lambda: iter(same))
    monkeypatch.setattr(machine, "read_catalog", lambda: [other, gone])
    assert [found.engine.key for found in machine.found_engines()] == ["a", "c"]


async def test_an_engine_without_a_display_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine("w", "Some WebKit", "webkit")

    monkeypatch.setattr(machine, "found_engines", lambda: [Installed(engine, "/bin/w")])
    monkeypatch.setattr("tests.matrix.launch.shutil.which", lambda name: None)
    said: list[str] = []
    assert await machine.examine(said.append) == []
    assert "Some WebKit: it needs a display" in said[-1]
