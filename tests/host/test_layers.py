"""Who may know whom among the project's folders, held to the table in docs/architecture.md.

A feature is easy to follow while the arrows point one way. This reads the #include and import
lines of our C and TypeScript, so a shortcut across the house fails here and not in a review.
"""

from __future__ import annotations

import re

import pytest

from sospeso.paths import ROOT

MAY_KNOW = {
    "jspi": set[str](),
    "polyfills": {"jspi"},
    "ffi": {"jspi"},
    "asyncio_bridge": {"ffi", "jspi"},
    "cpython": {"ffi", "jspi"},
    "runtime": {"jspi", "ffi", "polyfills", "asyncio_bridge", "cpython"},
    "console": {"polyfills", "runtime"},
}
# The entry that puts the parts together.
MAY_BESIDES = {"runtime/index.ts": {"console"}}
REFERENCE = re.compile(
    r'^\s*(?:#include|import|export)\b[^"\n]*"(\.[^"]+)"|\bfrom "(\.[^"]+)"', re.MULTILINE
)


def references(folder: str) -> dict[str, set[str]]:
    """File -> the other folders of ours that it names."""
    found = {}
    for file in sorted((ROOT / folder).rglob("*")):
        if file.suffix not in (".c", ".h", ".ts"):
            continue
        names = set()
        for match in REFERENCE.finditer(file.read_text(encoding="utf-8")):
            target = (file.parent / (match[1] or match[2])).resolve()
            top = target.relative_to(ROOT).parts[0]
            if top != folder and top in MAY_KNOW:
                names.add(top)
        found[str(file.relative_to(ROOT))] = names
    return found


@pytest.mark.parametrize("folder", MAY_KNOW)
def test_a_folder_knows_only_what_it_may(folder: str) -> None:
    wrong = {
        file: names - MAY_KNOW[folder]
        for file, names in references(folder).items()
        if names - MAY_KNOW[folder] - MAY_BESIDES.get(file, set())
    }
    assert not wrong


def test_the_check_sees_references() -> None:
    assert references("runtime")["runtime/load/load.ts"] >= {"jspi", "ffi", "polyfills"}
    assert "jspi" in references("polyfills")["polyfills/time/sleep.c"]


@pytest.mark.parametrize("suffix", [".c", ".h", ".ts", ".py", ".mjs", ".js"])
def test_every_file_opens_by_saying_what_it_is(suffix: str) -> None:
    folders = [*MAY_KNOW, "sospeso", "tests", "benchmarks", "examples"]
    silent = [
        str(file.relative_to(ROOT))
        for folder in folders
        for file in (ROOT / folder).rglob(f"*{suffix}")
        if "node_modules" not in file.parts
        and file.read_text(encoding="utf-8").strip()
        and not re.match(r'(#!.*\n)?\s*(/\*|//|#|r?"""|usage)', file.read_text(encoding="utf-8"))
    ]
    assert not silent
