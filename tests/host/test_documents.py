"""The documents speak of what is there: their links, and the tree in the README.

Files moved and the documents went on naming the old places. A stranger who looks for `time.sleep`
starts from the README's tree, so it has to be the tree. Paths in the texts are looked at by
test_named_paths.py, with those of all other files.
"""

from __future__ import annotations

import functools
import re
import subprocess
from pathlib import Path

import pytest

from sospeso.paths import ROOT

DOCUMENTS = [
    path.relative_to(ROOT).as_posix()
    for path in (
        ROOT / "README.md",
        *sorted((ROOT / "docs").glob("*.md")),
        ROOT / "polyfills/jspi/README.md",
        ROOT / "runtime/stubs/README.md",
    )
]
# Folders whose own folders stand in the tree, too.
OPENED = ("cpython", "ffi", "polyfills", "runtime")


@functools.cache
def folders(parent: str = "") -> set[str]:
    """The folders in a folder of ours, as paths; what git ignores is not ours."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout, which says what belongs to the tree")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", parent or "."]
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    depth = parent.count("/") + 1 if parent else 0
    parts = [Path(name).parts for name in done.stdout.splitlines() if (ROOT / name).exists()]
    found = {"/".join(of[: depth + 1]) for of in parts if len(of) > depth + 1}
    return {name for name in found if not name.startswith(".")}


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """The names by which a page's headings are linked, as GitHub makes them."""
    found = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in found}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(document)):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        path = (ROOT / document).parent / name if name else ROOT / document
        if not path.exists() or (anchor and anchor not in anchors(path.read_text("utf-8"))):
            lost.append(target)
    assert not lost


def tree_in_readme() -> set[str]:
    """The folders that the README lists, as paths."""
    block = re.search(r"^## Where things are\n+```\n(.*?)```", text_of("README.md"), re.M | re.S)
    assert block is not None
    found = set()
    top = ""
    for line in block[1].splitlines():
        indent, name = re.match(r"( *)([\w/]+)/", line).groups()  # type: ignore[union-attr]
        if not indent:
            top = name
        found.add(f"{top}/{name}" if indent else name)
    return found


def test_the_tree_in_the_readme_is_the_tree() -> None:
    assert tree_in_readme() == folders().union(*(folders(top) for top in OPENED))
