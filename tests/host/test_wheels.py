"""The build's own packages: the lock file's entries, and where the wheels come from.

pip gets its index from a folder here; nothing is fetched from anywhere else.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name, parse_wheel_filename

from cpython.build.engine.engine import Engine
from cpython.build.engine.errors import BuildError
from cpython.build.engine.progress import PlainReporter
from cpython.build.engine.step import Context, Step
from cpython.build.inputs import pins, wheels
from cpython.build.inputs.sources import TAKEN
from cpython.build.inputs.wheels import Wheel

INFO = {"python": "3.13.15", "abi_version": "2025_0"}


def make(folder: Path, name: str, version: str, files: list[str], needs: list[str]) -> Path:
    """A wheel with empty modules and these requirements."""
    file = folder / f"{name}-{version}-py3-none-any.whl"
    inside = f"{name}-{version}.dist-info"
    requires = "".join(f"Requires-Dist: {one}\n" for one in needs)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in files:
            archive.writestr(path, "")
        archive.writestr(
            f"{inside}/METADATA",
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}",
        )
        archive.writestr(f"{inside}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{inside}/RECORD", "")
    file.write_bytes(packed.getvalue())
    return file


def test_an_entry_says_what_the_wheel_says(tmp_path: Path) -> None:
    needs = [
        "Shell.Hard>=1",
        'windows-only; sys_platform == "win32"',
        'shell-hard; python_version < "3"',
        'other; extra == "more"',
    ]
    files = ["snail/__init__.py", "snail/a.py", "_snail.py", "snail-1.0.data/scripts/snail"]
    made = wheels.lock(
        INFO,
        {
            "snail": make(tmp_path, "snail", "1.0", files, needs),
            "shell_hard": make(tmp_path, "shell_hard", "2.1", ["shell.py"], []),
        },
    )
    assert made["info"] == INFO
    snail = made["packages"]["snail"]
    data = (tmp_path / "snail-1.0-py3-none-any.whl").read_bytes()
    assert snail == {
        "name": "snail",
        "version": "1.0",
        "file_name": "snail-1.0-py3-none-any.whl",
        "sha256": hashlib.sha256(data).hexdigest(),
        "install_dir": "site",
        "package_type": "package",
        "imports": ["_snail", "snail"],
        "depends": ["shell-hard"],
        "unvendored_tests": False,
    }
    assert made["packages"]["shell-hard"]["name"] == "shell-hard"


def test_what_a_wheel_needs_must_be_there(tmp_path: Path) -> None:
    files = {"snail": make(tmp_path, "snail", "1.0", ["snail.py"], ["shell"])}
    with pytest.raises(BuildError, match=r"needs shell, which wheels\.toml does not have"):
        wheels.lock(INFO, files)


def test_the_pinned_wheels_are_pure_and_named_as_the_index_names_them() -> None:
    pinned = wheels.load()
    assert {"micropip", "packaging", "tzdata"} <= {wheel.name for wheel in pinned}
    for wheel in pinned:
        name, version, _, tags = parse_wheel_filename(wheel.file)
        assert (wheel.name, wheel.version) == (name, str(version))
        assert canonicalize_name(wheel.name) == wheel.name
        assert {(tag.abi, tag.platform) for tag in tags} == {("none", "any")}
        assert re.fullmatch("[0-9a-f]{64}", wheel.sha256)


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Wheel], Path]:
    """Runs the step for one wheel; pip's only index is the folder `index`."""
    for name in ("project", "index"):
        (tmp_path / name).mkdir()
    about = {"pyodide": {"version": "0.29.5", "abi": "1", "arch": "wasm32", "platform": "p"}}
    (tmp_path / "project" / "package.json").write_text(json.dumps(about))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.delenv("SOSPESO_SOURCES", raising=False)
    cpython = pins.load().sources["cpython"]

    def take(context: Context) -> None:
        taken = {"version": "3.13.99", "file": "x", "sha256": "0"}
        (context.out / TAKEN).write_text(json.dumps(taken))

    def run(wheel: Wheel) -> Path:
        monkeypatch.setattr(wheels, "load", lambda: (wheel,))
        source = Step("cpython-source", take)
        step = wheels.wheels_step(tmp_path / "project", cpython, source)
        engine = Engine(tmp_path / "project", tmp_path / "cache", PlainReporter(io.StringIO()))
        engine.run([source, step])
        return engine.path(step)

    return run


def pin(file: Path) -> Wheel:
    return Wheel("snail", file.name, hashlib.sha256(file.read_bytes()).hexdigest())


def test_pip_brings_the_wheels_and_the_lock_names_them(
    build: Callable[[Wheel], Path], tmp_path: Path
) -> None:
    wheel = pin(make(tmp_path / "index", "snail", "1.0", ["snail.py"], []))
    out = build(wheel)
    lock = json.loads((out / "pyodide-lock.json").read_text())
    assert lock["info"] == {
        "abi_version": "1",
        "arch": "wasm32",
        "platform": "p",
        "python": "3.13.99",
        "version": "0.29.5",
    }
    assert lock["packages"]["snail"]["sha256"] == wheel.sha256
    assert (out / wheel.file).is_file()
    assert (tmp_path / "cache" / "downloads" / wheel.file).is_file()


def test_a_wheel_with_other_bytes_is_refused(
    build: Callable[[Wheel], Path], tmp_path: Path
) -> None:
    """By pip, and in the cache as well: what lies there under the right name is not believed."""
    file = make(tmp_path / "index", "snail", "1.0", ["snail.py"], [])
    wheel = Wheel("snail", file.name, "0" * 64)
    kept = tmp_path / "cache" / "downloads"
    kept.mkdir(parents=True)
    (kept / file.name).write_bytes(file.read_bytes())
    with pytest.raises(BuildError, match="DO NOT MATCH THE HASHES") as raised:
        build(wheel)
    assert "SOSPESO_SOURCES" in raised.value.cure


def test_wheels_of_a_given_folder_need_no_index(
    build: Callable[[Wheel], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "given"
    given.mkdir()
    wheel = pin(make(given, "snail", "1.0", ["snail.py"], []))
    monkeypatch.setenv("SOSPESO_SOURCES", str(given))
    assert (build(wheel) / wheel.file).is_file()
