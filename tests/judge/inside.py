# Runs one module of CPython's tests and reports each test function as a line of JSON.
# It runs inside the core (host.mjs executes it) and, the very same file, in a native Python
# (native.py), so that both are counted alike. It does what `python -m test` does around a module,
# without -u and without its worker processes.
#
# A report is {"event": "start" | "end" | "skip-module" | "fail-module" | "done", ...}; an "end" has
# the test's id without the leading "test.", its outcome (pass, skip, fail, error; an expected
# failure passes), a reason or traceback, and "spawns": whether a process was started during it or
# its fixtures (known natively only).

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import unittest
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Any

    Emit = Callable[[dict[str, Any]], None]
    Error = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]

STARTS_PROCESSES = {
    *("subprocess.Popen", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn"),
    *("os.spawn", "os.system", "pty.spawn"),
}
DETAIL = 6000  # characters of a traceback that are kept: its end


def main(
    module: str, folder: str, skip: "Iterable[str]", only: "Iterable[str]", emit: "Emit"
) -> None:
    """Run a module.

    module: its name below the package `test`; folder: where that package is; skip: ids of tests
    or classes that are not started; only: ids of the tests to run, empty for all; emit: is called
    with each report, a dict.
    """
    import os
    import tempfile

    # First: Debian has a part of the package of its own. The current folder is not on the path,
    # as it is not on the native side.
    sys.path[:] = [folder, *filter(None, sys.path)]
    spawned = _watch_processes()
    home = tempfile.mkdtemp(prefix="judge-")
    os.chdir(home)
    _run(module, set(skip), set(only), emit, spawned)
    emit({"event": "done"})


def _watch_processes() -> list[str]:
    """A list that grows with each process that is started."""
    spawned: list[str] = []

    def hook(event: str, args: object) -> None:
        if event in STARTS_PROCESSES:
            spawned.append(event)

    sys.addaudithook(hook)
    try:
        import _posixsubprocess
    except ImportError:
        return spawned
    fork_exec = _posixsubprocess.fork_exec  # multiprocessing calls it, and nothing audits it

    def watched(*args: "Any") -> int:
        spawned.append("fork_exec")
        return fork_exec(*args)

    _posixsubprocess.fork_exec = watched
    from multiprocessing import process

    start = process.BaseProcess.start  # a fork server forks elsewhere

    def watched_start(self: process.BaseProcess) -> None:
        spawned.append("Process.start")
        return start(self)

    process.BaseProcess.start = watched_start  # type: ignore[method-assign]  # as mock.patch does
    return spawned


def _run(module: str, skip: set[str], only: set[str], emit: "Emit", spawned: list[str]) -> None:
    import importlib
    import traceback
    import unittest

    from test import support

    support.verbose = 0
    support.use_resources = ()
    support.record_original_stdout(sys.stdout)
    if hasattr(support, "set_match_tests"):
        support.set_match_tests(None)
    try:
        found = importlib.import_module("test." + module)
        loader = unittest.TestLoader()
        suite = loader.loadTestsFromModule(found)
        if loader.errors:
            raise ImportError("\n".join(map(str, loader.errors)))
    except unittest.SkipTest as error:
        emit({"event": "skip-module", "reason": str(error)})
        return
    except BaseException:
        emit({"event": "fail-module", "detail": traceback.format_exc()[-DETAIL:]})
        return
    kept = unittest.TestSuite()
    _keep(suite, kept, skip, only)
    kept.run(_make_result(emit, spawned))


def _keep(
    suite: "Iterable[Any]", kept: "unittest.TestSuite", skip: set[str], only: set[str]
) -> None:
    for test in suite:
        if hasattr(test, "_tests") and not hasattr(test, "_testMethodName"):
            _keep(test, kept, skip, only)
            continue
        name = test_id(test)
        parts = name.split(".")
        wanted = not only or any(".".join(parts[:n]) in only for n in range(1, len(parts) + 1))
        if wanted and not any(".".join(parts[:n]) in skip for n in range(1, len(parts) + 1)):
            kept.addTest(test)


def test_id(test: "unittest.TestCase") -> str:
    """`test_x.Class.test_y`; class and module fixtures are `test_x.Class.setUpClass`."""
    name = test.id()
    if " (" in name:  # unittest's stand-in for a fixture: "setUpClass (test.test_x.Class)"
        function, _, where = name.partition(" (")
        name = where.rstrip(")") + "." + function
    return name.removeprefix("test.")


def _make_result(emit: "Emit", spawned: list[str]) -> "unittest.TestResult":
    import time
    import traceback
    import unittest

    class Result(unittest.TestResult):
        """Reports each test when it ends; a failing subtest fails its test."""

        def __init__(self) -> None:
            super().__init__()
            self.open: dict[str, str] | None = None  # outcome and detail of the test that runs
            self.seen = len(spawned)  # how many processes there were when the last test ended
            self.helped: str | None = None  # the class whose fixture started a process

        def startTest(self, test: "unittest.TestCase") -> None:
            super().startTest(test)
            name = test_id(test)
            if len(spawned) > self.seen:
                self.helped = _owner(name)
                self.seen = len(spawned)
            self.open = {"outcome": "pass"}
            self.began = time.monotonic()
            emit({"event": "start", "id": name})

        def stopTest(self, test: "unittest.TestCase") -> None:
            super().stopTest(test)
            seconds = round(time.monotonic() - self.began, 3)
            name = test_id(test)
            spawns = len(spawned) > self.seen or self.helped == _owner(name)
            emit(
                {
                    "event": "end",
                    "id": name,
                    "seconds": seconds,
                    "spawns": spawns,
                    **(self.open or {}),
                }
            )
            self.open = None
            self.seen = len(spawned)

        def note(self, test: "unittest.TestCase", outcome: str, text: str) -> None:
            if self.open is None:  # a class or module fixture
                emit({"event": "end", "id": test_id(test), "outcome": outcome, "detail": text})
                return
            order = ["pass", "skip", "fail", "error"]
            if order.index(outcome) >= order.index(self.open["outcome"]):
                self.open["outcome"] = outcome
                self.open["detail"] = text

        def failed(self, test: "unittest.TestCase", outcome: str, error: "Error") -> None:
            try:
                text = "".join(traceback.format_exception(*error))
            except BaseException as trouble:
                text = f"{type(error[1]).__name__} ({trouble!r} while it was formatted)"
            # Deep recursion and patched modules included: the report must come through.
            self.note(test, outcome, text[-DETAIL:])

        def addError(self, test: "unittest.TestCase", err: "Error") -> None:
            self.failed(test, "error", err)

        def addFailure(self, test: "unittest.TestCase", err: "Error") -> None:
            self.failed(test, "fail", err)

        def addSubTest(
            self, test: "unittest.TestCase", subtest: "unittest.TestCase", err: "Error | None"
        ) -> None:
            if err is not None:
                fails = isinstance(err[1], test.failureException)
                self.failed(test, "fail" if fails else "error", err)

        def addSkip(self, test: "unittest.TestCase", reason: str) -> None:
            if hasattr(test, "test_case"):
                return  # one skipped subtest skips nothing else
            self.note(test, "skip", reason)

        def addUnexpectedSuccess(self, test: "unittest.TestCase") -> None:
            self.note(test, "fail", "unexpected success")

        def addSuccess(self, test: "unittest.TestCase") -> None:
            pass

        def addExpectedFailure(self, test: "unittest.TestCase", err: "Error") -> None:
            pass

    return Result()


def _owner(name: str) -> str:
    return name.rpartition(".")[0]
