"""Fixtures for the host side's tests: a dist/ with a runtime that is not Python.

Why: streams, exit codes and Ctrl-C of the node entry can be tested in milliseconds and without a
built core when `loadPyodide` is a fake that runs the `-c` code as JavaScript
(programs/fake_runtime.mjs). The bundles are the real ones, made from runtime/node/ by the real
bundler.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from cpython.build.bundle import javascript as js
from sospeso.paths import ROOT

PROGRAMS = Path(__file__).with_name("programs")


@pytest.fixture(scope="session")
def fake_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dist/ whose runtime runs `-c` code as JavaScript."""
    folder = tmp_path_factory.mktemp("fake-dist")
    (folder / "core.asyncify.wasm").touch()  # `sospeso run` looks whether it is there
    shutil.copy(PROGRAMS / "fake_runtime.mjs", folder / "sospeso.mjs")
    shutil.copy(PROGRAMS / "fake_programs.mjs", folder)
    for name in ("cli.mjs", "cli-page.mjs", "network-host.mjs"):
        js.bundle_one(name, folder, "dev")
    return folder


@pytest.fixture
def use_fake_dist(fake_dist: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make every `sospeso` in this test take the fake dist/."""
    monkeypatch.setenv("SOSPESO_DIST", str(fake_dist))
    return fake_dist


def wait_until_full(pipe: IO[bytes]) -> None:
    """Wait until nothing more goes into the pipe of which this is the end to read from."""
    # /proc gives the other end of the same pipe.
    end = os.open(f"/proc/self/fd/{pipe.fileno()}", os.O_WRONLY | os.O_NONBLOCK)
    try:
        while select.select([], [end], [], 0)[1]:
            time.sleep(0.01)
    finally:
        os.close(end)


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start `sospeso` with some words, streams as pipes unless given; ended with the test.

    In a session of its own, so that the Node below it can be ended with it.
    """
    running: list[subprocess.Popen[bytes]] = []

    def start_one(*words: str, **options: object) -> subprocess.Popen[bytes]:
        settings = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        settings.update(options)  # type: ignore[arg-type]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            [sys.executable, "-m", "sospeso", *words],
            start_new_session=True,
            **{"env": environment, **settings},  # type: ignore[arg-type]
        )
        running.append(process)
        return process

    yield start_one
    for process in running:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # ended, and all below it
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        process.wait()
