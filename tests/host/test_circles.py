"""No circles of files: what needs each other is one idea, or a third one that both may know.

A circle by types alone is one as well. Each is named with every line that keeps it closed.
"""

from __future__ import annotations

import pytest

from tests.dependencies import c_code, python_code, scripts, seams
from tests.dependencies.graph import Dependency, circles, tell_circle

GRAPHS = {
    "C": c_code.dependencies,
    "TypeScript and JavaScript, by value": lambda: tuple(
        one for one in scripts.dependencies() if one.how != "type"
    ),
    "TypeScript and JavaScript, types too": scripts.dependencies,
    "Python of this machine": lambda: python_code.dependencies(python_code.host()),
    "Python inside": lambda: (
        *python_code.dependencies(python_code.inside()),
        *seams.dependencies(),
        *c_code.dependencies(),
    ),
}


@pytest.mark.parametrize("language", GRAPHS)
def test_no_circles_of_files(language: str) -> None:
    dependencies = GRAPHS[language]()
    found = [tell_circle(part, dependencies) for part in circles(dependencies)]
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_circles_are_found() -> None:
    edges = ["ab", "bc", "ca", "cd", "de", "ee", "xy", "yz"]
    found = circles(Dependency(edge[0], 1, edge[1], "import") for edge in edges)
    assert found == [["a", "b", "c"], ["e"]]
