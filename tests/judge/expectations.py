"""What is known to fail, with its cause, and how a run compares with it.

Why: a suite of 20,000 tests is only useful when "as expected" is one bit. expectations.toml is a
list of causes, each with the tests it explains:

    [[cause]]
    why = "there are no processes"
    core = "asyncify"                # only there; else both
    fail = ["test_x.Class.test_y"]   # must fail, or the run fails
    flaky = [...]                    # may fail
    not-started = [...]              # kills or hangs the run: left out, and counted as failed

An entry may name a class or a module: it explains every failure inside, and at least one there
must be. Used by __main__.py, test_fast.py and report.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .process import FAILED, ModuleResult, Outcome

FILE = Path(__file__).with_name("expectations.toml")
KINDS = ("fail", "flaky", "not-started")


@dataclass(frozen=True)
class Entry:
    """One line of the file: `kind` is of KINDS, `core` a core's name or "" for both."""

    id: str
    kind: str
    why: str
    core: str = ""

    def covers(self, name: str) -> bool:
        """Whether `name` is this test, or inside this class or module."""
        return name == self.id or name.startswith(f"{self.id}.")

    def belongs_to(self, module: str) -> bool:
        """Whether it names the module or something inside."""
        return self.id == module or self.id.startswith(f"{module}.")


@dataclass(frozen=True)
class Surprise:
    """A difference from what was expected; `text` says it to a person."""

    id: str
    core: str
    text: str


class Expectations:
    """The entries, asked per core."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)

    @classmethod
    def load(cls, path: Path = FILE) -> Expectations:
        """Read the file.

        Raises:
            ValueError: something in it is wrong; the message says what.
        """
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        entries = []
        for cause in data.pop("cause", []):
            why, core = cause.pop("why", ""), cause.pop("core", "")
            if not why or core not in ("", "jspi", "asyncify") or not set(cause) <= set(KINDS):
                raise ValueError(f"{path}: a cause has why, perhaps core, and {KINDS}: {cause}")
            entries += [Entry(name, kind, why, core) for kind in cause for name in cause[kind]]
        if data:
            raise ValueError(f"{path}: only [[cause]] is known, not {sorted(data)}")
        twice = [
            one.id
            for at, one in enumerate(entries)
            for other in entries[:at]
            if one.id == other.id and (one.core == other.core or not one.core or not other.core)
        ]
        if twice:
            raise ValueError(f"{path}: named twice: {', '.join(twice)}")
        return cls(entries)

    def of(self, core: str) -> list[Entry]:
        """The entries that hold on a core."""
        return [entry for entry in self.entries if entry.core in ("", core)]

    def not_started(self, core: str) -> list[str]:
        """Ids that must not be started."""
        return [entry.id for entry in self.of(core) if entry.kind == "not-started"]

    def cause(self, name: str, core: str) -> Entry | None:
        """The entry that explains a failure; the one that names it most exactly."""
        found = [entry for entry in self.of(core) if entry.covers(name)]
        return max(found, key=lambda entry: len(entry.id), default=None)

    def compare(self, results: Sequence[ModuleResult]) -> list[Surprise]:
        """Every surprise in the results, in their order."""
        surprises = []
        for result in results:
            surprises += self._unexpected_failures(result)
            surprises += self._unexpected_passes(result)
        return surprises

    def _unexpected_failures(self, result: ModuleResult) -> list[Surprise]:
        return [
            Surprise(outcome.id, result.place, f"{outcome.outcome}\n{outcome.detail}")
            for outcome in result.outcomes
            if outcome.outcome in FAILED and self.cause(outcome.id, result.place) is None
        ]

    def _unexpected_passes(self, result: ModuleResult) -> list[Surprise]:
        surprises = []
        whole = any(outcome.id == result.module for outcome in result.outcomes)
        for entry in self.of(result.place):
            if entry.kind != "fail" or not entry.belongs_to(result.module):
                continue
            covered = [outcome for outcome in result.outcomes if entry.covers(outcome.id)]
            if any(outcome.outcome in FAILED for outcome in covered):
                continue
            if whole and entry.id != result.module and not covered:
                continue  # the module as a whole was skipped or failed
            text = _why_stale(covered)
            surprises.append(Surprise(entry.id, result.place, f"{text} (expected: {entry.why})"))
        return surprises


def _why_stale(covered: list[Outcome]) -> str:
    if not covered:
        return "there is no such test: take its entry out of expectations.toml"
    kinds = sorted({outcome.outcome for outcome in covered})
    return f"unexpected {' and '.join(kinds)}: take its entry out of expectations.toml"
