"""A release: its versions agree, its bytes follow from its inputs, and every part has a licence.

Why: that a release cannot be made again, or lacks a licence, is seen only when others try.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from cpython.build import driver
from cpython.build.bundle import release
from cpython.build.engine.errors import BuildError
from sospeso.paths import ROOT, dist_dir

VERSION = json.loads((ROOT / "package.json").read_text())["version"]


def project(
    folder: Path, *, python: str = VERSION, changelog: str = f"## {VERSION}\n\nNew.\n"
) -> Path:
    """A checkout with the three files that name the version."""
    shutil.copy(ROOT / "package.json", folder)
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    changed = re.sub(r'^version = ".*"$', f'version = "{python}"', settings, count=1, flags=re.M)
    (folder / "pyproject.toml").write_text(changed)
    (folder / "CHANGELOG.md").write_text(f"# Changelog\n\n{changelog}\n## 0.0.1\n\nOld.\n")
    return folder


def test_the_version_is_the_same_everywhere(tmp_path: Path) -> None:
    assert release.version_of(ROOT) == VERSION
    with pytest.raises(BuildError, match=r"package.json says version .*, pyproject.toml says 9.9"):
        release.version_of(project(tmp_path, python="9.9"))


def test_a_version_without_changes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="has no heading"):
        release.version_of(project(tmp_path, changelog=""))


def test_the_changes_are_those_of_the_version(tmp_path: Path) -> None:
    assert release.changes(project(tmp_path), VERSION) == "New.\n"


def test_every_bundled_package_has_a_licence() -> None:
    """What console.mjs and editor.mjs import, and what that imports."""
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    tools = {"@mercuryworkshop/wisp-js", "@types/node", "binaryen", "esbuild", "typescript"}
    named = set(lock[""]["devDependencies"]) - tools
    everything: set[str] = set()
    while named:
        name = named.pop()
        everything.add(name)
        named |= set(lock[f"node_modules/{name}"].get("dependencies", {})) - everything
    table = release.tomllib.loads(release.LICENCES.read_text(encoding="utf-8"))
    assert set(table["npm"]["bundled"]) == everything


@pytest.mark.timeout(600)  # packs everything twice: half a minute on a quiet machine
def test_a_release_made_twice_has_the_same_bytes(tmp_path: Path) -> None:
    if not (dist_dir() / "core.asyncify.wasm").is_file():
        pytest.skip("a development build has one core, and a release has two")
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout, which says what belongs to the sources")
    first = driver.release(str(tmp_path / "one"))
    second = driver.release(str(tmp_path / "two"))
    assert [path.name for path in first] == [path.name for path in second]
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name
    bill = json.loads((tmp_path / "one" / "sbom.cdx.json").read_text())
    assert {"cpython", "musl", "@xterm/xterm", "micropip"} <= {
        part["name"] for part in bill["components"]
    }
    assert all(part["licenses"][0]["license"]["name"] != "unknown" for part in bill["components"])
