"""The first set-up says what a machine lacks, and does nothing when nothing has changed."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import pytest

from sospeso import bootstrap


@pytest.fixture
def without_ensurepip(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def fake(name: str, *rest: Any) -> Any:
        if name == "ensurepip":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", fake)


@pytest.mark.usefixtures("without_ensurepip")
def test_a_missing_ensurepip_names_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    package = f"apt-get install python3.{sys.version_info.minor}-venv"
    with pytest.raises(SystemExit, match=package):
        bootstrap.need_ensurepip()


@pytest.mark.usefixtures("without_ensurepip")
def test_root_gets_the_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap, "run", lambda command, what, cure: commands.append(command))
    bootstrap.need_ensurepip()
    assert [command[1] for command in commands] == ["update", "install"]
    assert commands[1][-1] == f"python3.{sys.version_info.minor}-venv"


def test_an_old_python_is_refused_with_a_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (99, 0))
    with pytest.raises(SystemExit, match=r"too old.*make PYTHON="):
        bootstrap.main()


def test_a_tool_that_fails_is_named_with_a_cure() -> None:
    with pytest.raises(SystemExit, match=r"the thing failed \(exit code 3.*do this"):
        bootstrap.run([sys.executable, "-c", "raise SystemExit(3)"], "the thing", "do this")
    with pytest.raises(SystemExit, match=r"the thing failed: .*No such file"):
        bootstrap.run(["/nowhere/tool"], "the thing", "do this")


def test_only_what_has_changed_is_made_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made: list[str] = []
    for name in (*bootstrap.PYTHON_INPUTS, *bootstrap.NODE_INPUTS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("version = 1")
    (tmp_path / ".venv").mkdir()
    (tmp_path / "node_modules").mkdir()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / ".ready")
    monkeypatch.setattr(bootstrap, "make_python", lambda: made.append("python"))
    monkeypatch.setattr(bootstrap, "make_node", lambda: made.append("node"))

    def changed(name: str | None, text: str = "version = 2") -> list[str]:
        if name is not None:
            (tmp_path / name).write_text(text)
        made.clear()
        bootstrap.main()
        return list(made)

    assert changed(None) == ["python", "node"]
    assert changed(None) == []
    assert changed("package-lock.json") == ["node"]
    # npm comes with the Python environment, so its packages are made again as well.
    assert changed("pyproject.toml", "[project]\nversion = '2'") == ["python", "node"]
    assert changed("pyproject.toml", "[project]\nversion = '2'\n[tool.ruff]") == []
    assert changed(None) == []
