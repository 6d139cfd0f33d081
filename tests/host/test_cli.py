"""The command line takes its own options, leaves the program's alone, and says what is wrong."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from sospeso import cli
from sospeso import run as run_module
from sospeso.program import Program

from .conftest import Start


class Calls(list[tuple[Program, str, bool]]):
    """What run_on_node was called with."""


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    made = Calls()

    async def run_on_node(
        program: Program, core: str, ticks: bool, *_: object, **__: object
    ) -> int:
        made.append((program, core, ticks))
        return 17

    monkeypatch.setattr(run_module, "run_on_node", run_on_node)
    return made


def exit_code(*words: str) -> Any:
    with pytest.raises(SystemExit) as caught:
        cli.main(list(words))
    return caught.value.code


@pytest.mark.parametrize(
    ("words", "program", "core", "ticks"),
    [
        (["run", "x.py", "a"], Program("file", "x.py", ("a",)), "auto", False),
        (
            ["run", "x.py", "--core", "jspi"],
            Program("file", "x.py", ("--core", "jspi")),
            "auto",
            False,
        ),
        (["run", "--core", "jspi", "x.py"], Program("file", "x.py"), "jspi", False),
        (["run", "--core=asyncify", "--ticks", "x.py"], Program("file", "x.py"), "asyncify", True),
        (["run", "-c", "pass", "--core"], Program("code", "pass", ("--core",)), "auto", False),
        (["run", "-c", "pass", "--help"], Program("code", "pass", ("--help",)), "auto", False),
        (["-c", "pass", "-m"], Program("code", "pass", ("-m",)), "auto", False),
        (["-m", "json.tool", "--help"], Program("module", "json.tool", ("--help",)), "auto", False),
        (["--core", "jspi", "-c", "pass"], Program("code", "pass"), "jspi", False),
        (["x.py", "run"], Program("file", "x.py", ("run",)), "auto", False),
        (["run", "--", "x.py"], Program("file", "x.py"), "auto", False),
    ],
)
def test_options_end_where_the_program_begins(
    calls: Calls, words: list[str], program: Program, core: str, ticks: bool
) -> None:
    assert exit_code(*words) == 17
    assert calls == [(program, core, ticks)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "--core", "wasm", "x.py"], "'wasm' is not one of"),
        (["run", "--corse", "x.py"], "unknown option --corse"),
        (["run", "--mount", "no-such-folder", "x.py"], "--mount no-such-folder: there is no such"),
        (["biuld"], "No such command 'biuld'"),
        (["run", "-c"], "-c needs code"),
        (["serve", "no-such-folder"], "no-such-folder is not a folder"),
    ],
)
def test_mistakes_are_exit_code_2_with_a_message(
    calls: Calls, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(*words) == 2
    assert message in capsys.readouterr().err
    assert calls == []


def test_help_and_version_are_not_taken_for_programs(
    calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code("--help") == 0
    assert exit_code("--version") == 0
    assert exit_code("run", "--help") == 0
    out = capsys.readouterr().out
    assert "doctor" in out and "--core" in out
    assert calls == []


def test_running_without_a_build_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOSPESO_DIST", str(tmp_path / "dist"))
    assert exit_code("run", "x.py") == 2
    assert "make build" in capsys.readouterr().err


def test_ctrl_c_before_the_program_runs_is_130(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def run_on_node(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_module, "run_on_node", run_on_node)
    assert exit_code("-c", "pass") == 130


@pytest.mark.parametrize(
    ("words", "built", "profile"),
    [
        (["build"], None, "release"),
        (["build", "--profile", "dev"], None, "dev"),
        (["build", "--keep-profile"], "dev", "dev"),
        (["build", "--keep-profile"], None, "release"),
        (["build", "--keep-profile", "--profile", "dev"], "release", "release"),
        (["build"], "dev", "release"),
    ],
)
def test_build_calls_the_driver_with_the_profile(
    words: list[str],
    built: str | None,
    profile: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("SOSPESO_DIST", str(tmp_path))
    if built is not None:
        (tmp_path / "build-info.json").write_text(json.dumps({"profile": built}))
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(subprocess, "run", run)
    assert exit_code(*words) == 3
    assert commands == [[sys.executable, "-m", "cpython.build", "build", "--profile", profile]]


def test_serve_serves_until_ctrl_c(start: Start, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("served")
    process = start("serve", str(tmp_path), "--port", "0", "--coop")
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    url = line.split(" at ")[1].split()[0]
    with urllib.request.urlopen(url, timeout=30) as answer:
        assert answer.read() == b"served"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    process.send_signal(2)
    started = time.monotonic()
    assert process.wait(30) == 0
    assert time.monotonic() - started < 5


def test_serve_on_a_taken_port_is_exit_code_2(start: Start, tmp_path: Path) -> None:
    async def scenario() -> None:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        process = start("serve", str(tmp_path), "--port", str(port))
        _, err = await asyncio.to_thread(process.communicate, timeout=30)
        assert process.returncode == 2
        assert f"port {port} is taken" in err.decode()
        server.close()
        await server.wait_closed()

    asyncio.run(scenario())
