"""`sospeso run` on Node, with a fake runtime: streams, exit codes, Ctrl-C, the end of the process.

The `-c` code is JavaScript here, or the name of a program in programs/fake_programs.mjs (see
conftest.py): what is tested is everything around Python.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

from cpython.build.bundle import javascript as js
from sospeso.engines import find_node
from sospeso.paths import ROOT

from .conftest import PROGRAMS, Start, wait_until_full

pytestmark = pytest.mark.usefixtures("use_fake_dist")


def test_streams_arguments_and_exit_code_pass_through(start: Start) -> None:
    process = start("run", "-c", "shouts", "a b", "--core", "x")
    out, err = process.communicate(b"in", timeout=30)
    assert out == b'IN["a b","--core","x"]\n'
    assert err == b"to stderr\n"
    assert process.returncode == 7


def test_the_core_option_reaches_the_runtime(start: Start) -> None:
    process = start("--core", "asyncify", "-c", "await print(options.core); return 0")
    assert process.communicate(timeout=30)[0] == b"asyncify\n"


def test_a_pipe_is_read_piece_by_piece_as_it_fills(start: Start) -> None:
    process = start("-c", "tellsEachPiece")
    assert process.stdin is not None and process.stdout is not None
    for text in (b"one", b"three"):
        process.stdin.write(text)
        process.stdin.flush()
        assert process.stdout.readline() == f"{len(text)} true\n".encode()
    process.stdin.close()
    assert process.wait(30) == 0


@pytest.mark.parametrize("source", ["file", "null", "closed", "pipe"])
def test_every_kind_of_stdin_ends(start: Start, source: str, tmp_path: Path) -> None:
    (tmp_path / "input").write_bytes(b"x" * 5000)
    code = "countsItsInput"
    if source == "closed":
        # Through a shell: subprocess itself cannot close a child's stdin.
        command = ["sh", "-c", '"$0" -m sospeso -c "$1" <&-', _python(), code]
        done = subprocess.run(command, capture_output=True, cwd=ROOT, timeout=30)
        assert done.stdout == b"0\n"
        return
    with (tmp_path / "input").open() as file:
        stdin = {"file": file, "null": subprocess.DEVNULL, "pipe": subprocess.PIPE}[source]
        out = start("-c", code, stdin=stdin).communicate(timeout=30)[0]
    assert out == (b"5000\n" if source == "file" else b"0\n")


def _python() -> str:
    import sys

    return sys.executable


def test_the_process_ends_with_the_program_though_stdin_is_open(start: Start) -> None:
    read_once = "options.stdin.read(new Uint8Array(10));"
    process = start("-c", read_once + "await sleep(50); return 3")
    assert process.wait(30) == 3


def test_a_program_that_waits_for_nothing_is_not_ended(start: Start) -> None:
    process = start("-c", "await print('waiting'); await new Promise(() => {})")
    assert process.stdout is not None
    assert process.stdout.readline() == b"waiting\n"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)


def test_a_slow_reader_holds_the_program_up_but_not_the_event_loop(start: Start) -> None:
    process = start("-c", "writesALot")
    assert process.stdout is not None and process.stderr is not None
    wait_until_full(process.stdout)
    assert process.stderr.readline() == b"ticks\n"
    out, waits = process.communicate(timeout=30)
    assert out == b"A" * 2_000_000
    assert int(waits) > 0


def test_a_reader_that_is_gone_is_an_error_of_the_write(start: Start) -> None:
    process = start("-c", "writesUntilItFails")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(30) == 9


def test_a_terminal_is_seen_as_one(start: Start) -> None:
    leader, follower = pty.openpty()
    process = start("-c", "readsFromATerminal", stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    shown = b""
    while b"reading" not in shown:
        shown += os.read(leader, 1000)
    os.write(leader, b"typed\n")
    text = b""
    while b">" not in text or not text.endswith(b"\n"):
        text += os.read(leader, 1000)
    assert b"<typed> true true" in text
    assert process.wait(30) == 0
    os.close(leader)


def test_stdin_can_be_the_program(start: Start) -> None:
    for words in (("run",), ("run", "-", "a")):
        process = start(*words)
        out, _ = process.communicate(b"await print(kind + args); return 0", timeout=30)
        assert out == f"stdin{''.join(words[2:])}\n".encode()


def test_ctrl_c_reaches_the_program_once(start: Start) -> None:
    process = start("-c", "countsInterrupts")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 101


def test_ctrl_c_from_a_terminal_reaches_the_program_once(start: Start) -> None:
    """The terminal signals the whole group: parent and child both get it."""
    process = start("-c", "countsInterrupts")
    assert process.stdout is not None
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(30) == 101


def test_a_second_ctrl_c_ends_a_program_that_does_not_react(start: Start) -> None:
    process = start("-c", "await print('ready'); for (;;) {}")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    assert b"did not react" in process.stderr.read()


def test_a_signal_that_ends_the_child_becomes_128_plus_its_number(start: Start) -> None:
    process = start("-c", "await print('ready'); await sleep(60000)")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 128 + signal.SIGTERM


def test_the_child_ends_when_its_parent_was_killed(start: Start) -> None:
    process = start("-c", "await print('ready'); await sleep(60000)")
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    assert process.stdout.read() == b""  # the pipe closes when the child has ended


def test_a_runtime_that_fails_is_shown_with_exit_code_1(start: Start) -> None:
    process = start("-c", "throw new Error('core is broken')")
    out, err = process.communicate(timeout=30)
    assert (out, process.returncode) == (b"", 1)
    assert b"core is broken" in err


def test_an_exit_from_c_gives_its_status(start: Start) -> None:
    process = start("-c", "throw { name: 'ExitStatus', status: 5 }")
    assert process.wait(30) == 5


def test_ticks_are_shown_at_the_end(start: Start) -> None:
    process = start("run", "--ticks", "-c", "await sleep(200); return 0")
    err = process.communicate(timeout=30)[1].decode()
    count = int(err.split("ticked ")[1].split()[0])
    assert 5 <= count <= 40
    assert process.returncode == 0


def test_host_folders_are_mounted_at_their_paths(tmp_path: Path) -> None:
    bundle = tmp_path / "mount.mjs"
    js._esbuild("runtime/node/mount.ts", bundle, "--format=esm", "--platform=node")
    top = ["home", "srv", "tmp", "lib", "usr", "dev", "proc"]
    cases = [
        (["/srv/x"], ["/home", "/srv", "/tmp"]),
        (["/"], ["/home", "/srv", "/tmp"]),
        # A folder below one that the core has for itself is mounted alone.
        (["/usr/src/a", "/srv"], ["/home", "/srv", "/tmp", "/usr/src/a"]),
        (["/usr/src/a", "/usr/src/a/b"], ["/home", "/srv", "/tmp", "/usr/src/a"]),
    ]
    asked = json.dumps([[needed, top] for needed, _ in cases])
    command = find_node().command(str(PROGRAMS / "mount_points.mjs"), str(bundle), asked)
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert json.loads(done.stdout) == [points for _, points in cases]
