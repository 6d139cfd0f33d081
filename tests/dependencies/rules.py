"""Who may know whom: the project's zones, the table, and the exceptions with their reasons.

docs/architecture.md tells the same in words. Compared with what the readers beside this file find
by tests/host/test_layers.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch

from .graph import Dependency

CORE = {"jspi", "ffi", "asyncio_bridge", "cpython/embed", "polyfills", "polyfills/jspi", "runtime"}
HOST = {"sospeso", "cpython/build", "benchmarks", "docs"}
USERS = ("examples", "polyfills/jspi/example")
# A file belongs to the zone with the longest name that its path begins with.
MAY_KNOW: dict[str, set[str]] = {
    # What runs in the core.
    "jspi": set(),
    "polyfills/jspi": set(),
    "polyfills": {"jspi"},
    "ffi": {"jspi"},
    "asyncio_bridge": {"ffi", "jspi"},
    "cpython/embed": {"asyncio_bridge", "ffi", "jspi"},
    "runtime": CORE,
    "console": {"polyfills", "runtime"},
    # This machine's side.
    "sospeso": set(),
    "cpython/build": set(),
    "benchmarks": {"cpython/build", "sospeso"},
    # The site's reference is made of the sources.
    "docs": {*CORE, *USERS, "cpython/build", "sospeso"},
    # Tests may know everything; nobody else knows tests.
    "tests": {*CORE, *HOST, *USERS, "console", "polyfills/jspi/tests"},
    "polyfills/jspi/tests": {*HOST, *USERS, "polyfills/jspi", "jspi", "tests"},
    # Programs of users: they know what is built.
    **{zone: set() for zone in USERS},
}


@dataclass(frozen=True)
class Allowed:
    """Files that may name others against the table.

    Attributes:
        source: pattern of the files that name.
        target: pattern of the files that are named.
        how: kinds of dependency.
        why: the reason.
    """

    source: str
    target: str
    how: tuple[str, ...]
    why: str

    def covers(self, one: Dependency) -> bool:
        """Whether this is what it is for."""
        return (
            fnmatch(one.source, self.source)
            and fnmatch(one.target, self.target)
            and one.how in self.how
        )


EXCEPTIONS = (
    Allowed(
        "runtime/index.ts",
        "console/dialog.ts",
        ("import", "type"),
        "the entry puts the parts together: a page without a stdin handler gets a dialog",
    ),
    Allowed(
        "runtime/node/main.py",
        "console/repl.py",
        ("import",),
        "a program of the command line may be the prompt, which is the console's",
    ),
    Allowed(
        "sospeso/cli.py",
        "cpython/build/__main__.py",
        ("command",),
        "`sospeso build` starts the build in a process of its own",
    ),
    Allowed(
        "sospeso/doctor.py",
        "cpython/build/__main__.py",
        ("command",),
        "`sospeso doctor` asks the build for its state",
    ),
    Allowed(
        "sospeso/demo.py",
        "examples*",
        ("path",),
        "`make run` without a script runs the example",
    ),
    Allowed(
        "cpython/build/*.py",
        "*",
        ("path",),
        "the tables of what is compiled, frozen and archived, by the paths of the sources",
    ),
)


def zone_of(path: str) -> str | None:
    """The zone of a file or folder; None for files that belong to all (package.json)."""
    known = [zone for zone in MAY_KNOW if path == zone or path.startswith(zone + "/")]
    return max(known, key=len, default=None)


def allowed_by(one: Dependency) -> Allowed | None:
    """The exception that covers a dependency."""
    return next((exception for exception in EXCEPTIONS if exception.covers(one)), None)


def violations(dependencies: Iterable[Dependency]) -> list[Dependency]:
    """The dependencies that neither the table nor an exception allows."""
    found = set()
    for one in dependencies:
        source, target = zone_of(one.source), zone_of(one.target)
        if source is None or target is None or source == target or target in MAY_KNOW[source]:
            continue
        if allowed_by(one) is None:
            found.add(one)
    return sorted(found)
