"""dist/ as a package of npm: what its package.json says of files that are really there.

That `npm install` and `pip install` of the archives work is tests/clients/.
"""

from __future__ import annotations

import json
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from cpython.build.bundle import javascript as js
from cpython.build.bundle import package
from sospeso.paths import ROOT

ABOUT = json.loads((ROOT / "package.json").read_text())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of what the JavaScript step puts into dist/."""
    folder = tmp_path_factory.mktemp("dist")
    js.bundle(folder, "dev")
    js.emit_types(folder)
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def targets(exports: Any) -> set[str]:
    """The files that an entry of `exports` leads to."""
    if isinstance(exports, str):
        return {exports}
    return set[str]().union(*(targets(one) for one in exports.values()))


def test_every_entry_leads_to_a_file(files: set[str]) -> None:
    made = package.package_json(ABOUT)
    named = targets({key: value for key, value in made["exports"].items() if "*" not in key})
    named |= {made["main"], made["types"]}
    assert {name.removeprefix("./") for name in named} <= files


def test_the_archive_has_every_bundle_and_its_types(files: set[str]) -> None:
    patterns = package.package_json(ABOUT)["files"]
    left = {
        name
        for name in files
        if not any(fnmatch(name, one) or name.startswith(f"{one}/") for one in patterns)
    }
    assert {name for name in left if not name.endswith(".map")} == set()


def test_the_package_is_for_both_module_systems() -> None:
    """A .js of it is a script, so it must not call itself a package of modules."""
    made = package.package_json(ABOUT)
    assert "type" not in made
    assert made["exports"]["."]["require"]["default"] == "./sospeso.js"
    assert made["exports"]["."]["import"]["default"] == "./sospeso.mjs"


def test_the_projects_two_halves_have_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == ABOUT["version"]


def test_the_readme_names_no_version_of_an_archive() -> None:
    text = Path(ROOT / package.README).read_text()
    assert ABOUT["version"] not in text
