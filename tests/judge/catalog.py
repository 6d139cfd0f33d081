"""Which modules CPython's tests have, and where their files are.

Why: "all", "the listed ones" and "the fast ones" must mean the same in the command line, in the
report and in `make test`. The files come out of dist/python_test.zip, what this project ships, and
are unpacked once per archive into the cache. Used by __main__.py, test_fast.py and native.py.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from pathlib import Path

from sospeso.paths import cache_dir

# What this project is about: everything in it that waits.
LISTED = (
    *("test_thread", "test_threading", "test_threading_local", "test_threadedtempfile"),
    *("test_queue", "test_sched", "test_concurrent_futures", "test_context", "test_contextlib"),
    *("test_contextlib_async", "test_asyncgen", "test_asyncio", "test_select", "test_selectors"),
    *("test_poll", "test_socket", "test_socketserver", "test_httplib", "test_httpservers"),
    *("test_urllib", "test_urllib2", "test_urllib2_localnet", "test_xmlrpc", "test_ftplib"),
    *("test_smtplib", "test_poplib", "test_imaplib", "test_signal", "test_threadsignals"),
    *("test_time", "test_os", "test_io", "test_logging", "test_wsgiref", "test_docxmlrpc"),
    *("test_sys", "test_gc", "test_weakref", "test_generators", "test_coroutines"),
    *("test_traceback", "test_pdb"),
)

# Quick ones that `make test` runs.
FAST = (
    *("test_thread", "test_threading_local", "test_queue", "test_sched", "test_context"),
    *("test_contextlib", "test_generators", "test_coroutines"),
)

# Packages whose modules are run one by one, as `python -m test` does it.
MULTIPROCESSING = tuple(
    f"test_multiprocessing_{method}" for method in ("fork", "forkserver", "spawn")
)
SPLIT = ("test_asyncio", "test_concurrent_futures", "test_inspect", "test_pydoc", *MULTIPROCESSING)

# Not in "all": every test of theirs is about processes, and Linux needs half an hour for them.
ABOUT_PROCESSES = tuple(
    f"{package}.{part}"
    for package in MULTIPROCESSING
    for part in ("test_manager", "test_misc", "test_processes")
)


def tests_folder(dist: Path) -> Path:
    """The folder that holds the package `test` of `dist`, unpacked if need be."""
    archive = dist / "python_test.zip"
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()[:16]
    folder = cache_dir() / "judge" / f"tests-{digest}"
    if not folder.exists():
        new = folder.with_name(f"{folder.name}.{os.getpid()}")
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(new)
        try:
            new.rename(folder)
        except OSError:  # somebody else was quicker
            shutil.rmtree(new)
    return folder


def expand(names: tuple[str, ...], folder: Path) -> list[str]:
    """Modules to run, a package of SPLIT replaced by its modules.

    Names are taken as they are given, with or without a leading `test.`; "all" is every module
    there is, "listed" and "fast" are the tables above.
    """
    tables = {"listed": LISTED, "fast": FAST, "all": tuple(every(folder))}
    found: list[str] = []
    for name in names:
        for module in tables.get(name, (name,)):
            parts = _parts(module.removeprefix("test."), folder)
            found += [part for part in parts if name != "all" or part not in ABOUT_PROCESSES]
    return list(dict.fromkeys(found))


def every(folder: Path) -> list[str]:
    """All modules, sorted."""
    return sorted(
        path.stem
        for path in (folder / "test").glob("test_*")
        if path.suffix == ".py" or (path / "__init__.py").exists()
    )


def _parts(module: str, folder: Path) -> list[str]:
    if module not in SPLIT:
        return [module]
    package = folder / "test" / module
    return [f"{module}.{path.stem}" for path in sorted(package.glob("test_*.py"))]
