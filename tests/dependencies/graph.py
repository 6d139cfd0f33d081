"""What a dependency is, which files are the project's, and circles among them.

Used by the readers of the languages beside it and by tests/host/test_layers.py and
test_circles.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cpython.build.bundle.numbers import GENERATED, TABLE
from sospeso.paths import ROOT

# The folders that hold sources. dist/ and what tools leave behind is nobody's source.
FOLDERS = (
    *("cpython", "jspi", "ffi", "asyncio_bridge", "polyfills", "runtime", "console"),
    *("sospeso", "tests", "benchmarks", "docs", "examples"),
)
SKIPPED = {"node_modules", "__pycache__", "dist"}


@dataclass(frozen=True, order=True)
class Dependency:
    """One place in a file that names another file of the project.

    Attributes:
        source: the file's path from the root of the checkout.
        line: 1 for the first.
        target: path of the file that is named.
        how: "include", "import", "type" (imported for its types only), "command" (`python -m`),
            "path" (its path stands in a table) or "symbol" (a function of it is called by name).
    """

    source: str
    line: int
    target: str
    how: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line} -> {self.target} ({self.how})"


def name_of(file: Path) -> str:
    """A file's path from the root of the checkout."""
    return file.relative_to(ROOT).as_posix()


def source_of(place: Path) -> Path:
    """The source behind a path: the table of numbers, for what is generated of one."""
    generated = ROOT / GENERATED
    if place.is_relative_to(generated):
        return (ROOT / place.relative_to(generated)).with_name(TABLE)
    return place


def files_with(*suffixes: str, below: Iterable[str] = FOLDERS) -> list[Path]:
    """The project's files with these suffixes, sorted."""
    found = []
    for folder in below:
        for parent, folders, names in os.walk(ROOT / folder):
            folders[:] = [name for name in folders if name not in SKIPPED]
            found += [Path(parent, name) for name in names if name.endswith(suffixes)]
    return sorted(found)


def circles(dependencies: Iterable[Dependency]) -> list[list[str]]:
    """The circles among files: sets of files that all reach each other, each set sorted.

    Tarjan's algorithm ("Depth-first search and linear graph algorithms", 1972), without recursion.
    """
    edges: dict[str, list[str]] = {}
    for one in dependencies:
        edges.setdefault(one.source, []).append(one.target)
        edges.setdefault(one.target, [])
    found = [part for part in _components(edges) if len(part) > 1 or part[0] in edges[part[0]]]
    return sorted(sorted(part) for part in found)


def _components(edges: Mapping[str, list[str]]) -> Iterator[list[str]]:
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    for start in edges:
        if start in number:
            continue
        work = [(start, iter(edges[start]))]
        number[start] = lowest[start] = len(number)
        path.append(start)
        on_path.add(start)
        while work:
            node, following = work[-1]
            for following_node in following:
                if following_node not in number:
                    number[following_node] = lowest[following_node] = len(number)
                    path.append(following_node)
                    on_path.add(following_node)
                    work.append((following_node, iter(edges[following_node])))
                    break
                if following_node in on_path:
                    lowest[node] = min(lowest[node], number[following_node])
            else:
                work.pop()
                if work:
                    lowest[work[-1][0]] = min(lowest[work[-1][0]], lowest[node])
                if lowest[node] == number[node]:
                    at = path.index(node)
                    part, path[at:] = path[at:], []
                    on_path.difference_update(part)
                    yield part


def tell_circle(part: list[str], dependencies: Iterable[Dependency]) -> str:
    """A circle as text: its files, and every line that keeps it closed."""
    inside = set(part)
    lines = sorted({d for d in dependencies if d.source in inside and d.target in inside})
    return "\n  ".join([f"{len(part)} files in a circle:", *map(str, lines)])
