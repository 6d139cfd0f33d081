# Runs tests by pytest and reports each of them as a line of JSON.
# It runs inside the core, or inside Pyodide: host.mjs executes it in both, so that both are counted
# alike.
#
# A report is {"event": "start" | "end" | "alive" | "done", ...}; an "end" has the test's id, its
# outcome (pass, skip, fail, error; an expected failure is a skip) and a reason or traceback.
# "alive" says that collecting goes on.

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    Emit = Callable[[dict[str, Any]], None]

DETAIL = 4000  # characters of a traceback that are kept: its end


def main(folder: str, job: "dict[str, Any]", emit: "Emit") -> None:
    """Run the tests of a folder.

    folder: where the tests were unpacked; job: "group", the folder of tests below it, "options" of
    pytest, "missing" modules, and the ids of tests: "skip" are not started, "only" are, if there
    are any; emit: is called with each report.
    """
    sys.meta_path.append(MissingModules(job["missing"]))
    os.chdir(folder)
    import pytest

    options = ["-q", "--capture=sys", "--tb=short", "-p", "no:cacheprovider"]
    options += ["-p", "no:faulthandler", *job["options"]]  # a crash is told by who watches
    options += [f"--rootdir={folder}", job["group"]]
    pytest.main(options, plugins=[Reporter(job["skip"], job["only"], emit)])
    emit({"event": "done"})


class Reporter:
    """A plugin of pytest."""

    def __init__(self, skip: "Iterable[str]", only: "Iterable[str]", emit: "Emit") -> None:
        self._skip = set(skip)
        self._only = set(only)
        self._emit = emit
        self._outcome = ("pass", "")
        self._seconds = 0.0

    def pytest_collectreport(self, report: "Any") -> None:
        self._emit({"event": "alive"})
        if report.outcome != "passed" and report.nodeid not in self._skip:
            self._end(report.nodeid, *_outcome_of(report))

    def pytest_collection_modifyitems(self, items: "list[Any]") -> None:
        items[:] = [
            item
            for item in items
            if item.nodeid not in self._skip and (not self._only or item.nodeid in self._only)
        ]

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._outcome = ("pass", "")
        self._seconds = 0.0
        self._emit({"event": "start", "id": nodeid})

    def pytest_runtest_logreport(self, report: "Any") -> None:
        self._seconds += report.duration
        if report.outcome != "passed" and self._outcome[0] in ("pass", "skip"):
            self._outcome = _outcome_of(report)
        if report.when == "teardown":
            self._end(report.nodeid, *self._outcome)

    def _end(self, nodeid: str, outcome: str, detail: str) -> None:
        seconds = round(self._seconds, 3)
        self._emit(
            {
                "event": "end",
                "id": nodeid,
                "outcome": outcome,
                "detail": detail[-DETAIL:],
                "seconds": seconds,
            }
        )


def _outcome_of(report: "Any") -> tuple[str, str]:
    if report.outcome == "skipped":
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        return "skip", text
    return "fail" if report.when == "call" else "error", report.longreprtext


class MissingModules:
    """Finds modules that are not there: whatever is called of them skips the test that calls it."""

    def __init__(self, names: "Iterable[str]") -> None:
        self._names = set(names)

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> "ModuleSpec | None":
        if name not in self._names:
            return None
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self)  # type: ignore[arg-type]  # it has the two methods

    def create_module(self, spec: "ModuleSpec") -> None:
        return None

    def exec_module(self, module: "ModuleType") -> None:
        import pytest

        name = module.__name__

        def skip(*args: object, **options: object) -> None:
            pytest.skip(f"the wheel has no {name}")

        def get(attribute: str) -> object:
            if attribute.startswith("__"):
                raise AttributeError(attribute)
            return skip

        module.__dict__["__getattr__"] = get
        # What numpy's conftest.py asks for around each test.
        module.__dict__["get_fpu_mode"] = lambda: 0
