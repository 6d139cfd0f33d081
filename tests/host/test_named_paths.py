"""Every path of a project file that stands in a text leads to a file.

Files move, and what is said of them elsewhere stays: a comment that sends its reader to a file that
is not there any more is worse than none. Comments, docstrings, documents and settings are read, and
strings in code as well, which name files in messages. The changelog tells of what once was.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sospeso.paths import ROOT
from tests.dependencies.graph import FOLDERS, files_with, name_of

PATH = re.compile(rf"(?<![\w./$~}}-])(?:{'|'.join(FOLDERS)})/[\w./*-]*[\w*]")
SUFFIXES = (
    *(".c", ".h", ".ts", ".mjs", ".js", ".css", ".html", ".py", ".pyi", ".toml", ".json", ".sh"),
    *(".md", ".patch", ".wat", ".site"),
)
NOT_READ = {
    "CHANGELOG.md": "tells of what once was",
    "package-lock.json": "names the packages' own files",
    "tests/clients/programs/module.mjs": "names files of an installed package",
    "tests/host/test_build_driver.py": "its strings name files of a checkout that it makes itself",
    "tests/host/test_numbers.py": "its strings name tables that it makes itself",
    "tests/host/test_named_paths.py": "its examples are wrong on purpose",
}


def texts() -> list[Path]:
    """The project's text files."""
    top = [file for file in ROOT.iterdir() if file.is_file() and not file.name.startswith(".")]
    files = files_with(*SUFFIXES, below=FOLDERS)
    return [file for file in (*sorted(top), *files) if name_of(file) not in NOT_READ]


def leads_somewhere(path: str) -> bool:
    """Whether there is such a file or folder.

    A pattern matches something, or, with `**`, its folder is there; a patch may go by its number.
    What is built is there only after a build.
    """
    if "dist" in Path(path).parts:
        return True
    if "**" in path:
        return (ROOT / path.partition("**")[0]).is_dir()
    if "*" in path:
        return any(ROOT.glob(path))
    return (ROOT / path).exists() or any(ROOT.glob(f"{path}-*.patch"))


def dead_ends(text: str) -> list[tuple[int, str]]:
    """(line, path) of those that lead nowhere."""
    return [
        (text.count("\n", 0, match.start()) + 1, match[0])
        for match in PATH.finditer(text)
        if not leads_somewhere(match[0])
    ]


def test_every_path_leads_to_a_file() -> None:
    wrong = [
        f"{name_of(file)}:{line}: {path}"
        for file in texts()
        for line, path in dead_ends(file.read_text(encoding="utf-8"))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("see jspi/task.c, and jspi/tusk.c.", ["jspi/tusk.c"]),
        ("in `ffi/bridge/`, (ffi/brigde/bridge.h)", ["ffi/brigde/bridge.h"]),
        ("ffi/py_in_js/py_*.c or ffi/py_*.c", ["ffi/py_*.c"]),
        ("cpython/patches/0003 is there, cpython/patches/9999 is not", ["cpython/patches/9999"]),
        ("https://example.org/docs/none.html, /srv/docs/none, dist/tests/none", []),
    ],
)
def test_dead_ends_are_found(text: str, wrong: list[str]) -> None:
    assert [path for _, path in dead_ends(text)] == wrong
