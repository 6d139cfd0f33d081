"""Packages of npm by version and hash: what is unpacked, and what is refused."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from sospeso import npm
from sospeso.npm import Pin, integrity_of, unpack
from sospeso.paths import UserError


def archive(name: str, text: str) -> bytes:
    """A package as npm packs it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        info = tarfile.TarInfo(f"package/{name}")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def test_the_pinned_archive_is_unpacked(tmp_path: Path) -> None:
    data = archive("index.mjs", "hello")
    pin = Pin("thing", "1.0.0", integrity_of(data))
    unpack(pin, data, tmp_path / "thing")
    assert (tmp_path / "thing" / "index.mjs").read_text() == "hello"
    assert [entry.name for entry in tmp_path.iterdir()] == ["thing"]


def test_another_archive_is_refused(tmp_path: Path) -> None:
    pin = Pin("thing", "1.0.0", integrity_of(b"something else"))
    with pytest.raises(UserError, match=r"thing@1\.0\.0 is not the pinned archive"):
        unpack(pin, archive("index.mjs", "hello"), tmp_path / "thing")
    assert list(tmp_path.iterdir()) == []


def test_a_fetched_archive_is_checked_and_no_script_of_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = archive("index.mjs", "hello")
    asked: list[list[str]] = []

    def run(command: list[str], *, cwd: str, **_: Any) -> Any:
        asked.append(command)
        Path(cwd, "thing-1.0.0.tgz").write_bytes(data)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(npm.subprocess, "run", run)
    monkeypatch.setattr(npm, "npm_command", lambda: ["npm"])
    npm.fetch(Pin("thing", "1.0.0", integrity_of(data)), tmp_path / "thing")
    assert (tmp_path / "thing" / "index.mjs").read_text() == "hello"
    assert asked[0][:3] == ["npm", "pack", "thing@1.0.0"] and "--ignore-scripts" in asked[0]


def test_an_archive_that_cannot_be_had_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = subprocess.CompletedProcess(["npm"], 1, "", "E404 no such package")
    monkeypatch.setattr(npm.subprocess, "run", lambda *_, **__: failed)
    monkeypatch.setattr(npm, "npm_command", lambda: ["npm"])
    with pytest.raises(UserError, match=r"thing@1\.0\.0 failed: E404(?s:.)*npm config list"):
        npm.fetch(Pin("thing", "1.0.0", "sha512-"), tmp_path / "thing")
