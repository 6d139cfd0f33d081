"""`sospeso run` for real: Python programs on the built core, from a shell's point of view.

Needs dist/ (`make build`). Every test runs on both cores and asserts which one it was on where the
program's own behaviour cannot tell.
"""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
from pathlib import Path

import pytest

from sospeso.paths import need_dist
from tests.programs import programs

from .conftest import Start, wait_until_full

PROGRAMS = programs(__file__)

pytestmark = pytest.mark.usefixtures("built")


@pytest.fixture(scope="module")
def built() -> Path:
    return need_dist("cli.mjs", "core.jspi.wasm", "core.asyncify.wasm", "python_stdlib.zip")


@pytest.fixture(params=["jspi", "asyncify"])
def core(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_example_greets_who_is_piped_in_and_ticks_meanwhile(start: Start, core: str) -> None:
    process = start("demo", "--core", core)
    out, err = (data.decode() for data in process.communicate(b"Ada\n", timeout=50))
    assert process.returncode == 0, err
    assert out.startswith("What is your name? 3 ...\n2 ...\n1 ...\n")
    assert "Hello, Ada!" in out
    line = re.search(r"ticked (\d+) times in the ([\d.]+) s .*\((\w+) core\)", err)
    assert line is not None, err
    assert line[3] == core
    # 1.2 s of countdown and 0.5 s of waiting for the server; a frozen loop would tick twice.
    assert int(line[1]) > 60


def test_the_example_ends_well_without_input(start: Start, core: str) -> None:
    process = start("demo", "--core", core)
    out, _ = process.communicate(b"", timeout=50)
    assert process.returncode == 0
    assert b"No name was given" in out and b"Hello, nobody in particular!" in out


def test_a_script_sees_the_hosts_files(start: Start, core: str, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "neighbour.py").write_text("WHO = 'neighbour'\n")
    (tmp_path / "data.txt").write_text("data\n")
    (tmp_path / "app" / "script.py").write_text(str(PROGRAMS.sees_the_hosts_files))
    absolute = str(tmp_path / "data.txt")
    process = start(
        *("run", "--core", core, "app/script.py", absolute, "-x"),
        cwd=tmp_path,
        env={**os.environ, "GIVEN": "é"},
    )
    out, err = process.communicate(timeout=50)
    assert (process.returncode, err.decode()) == (0, "")
    assert out.decode() == (
        f"neighbour ['app/script.py', '{absolute}', '-x'] {tmp_path} __main__ é\n"
        "data\ndata\n['app', 'data.txt', 'written.txt']\n"
    )
    assert (tmp_path / "written.txt").read_text() == "by python"


def test_a_program_sees_the_folders_of_mount_alone(start: Start, core: str, tmp_path: Path) -> None:
    """It saw, and could write to, all that its user may."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    script = inside / "script.py"
    script.write_text(str(PROGRAMS.writes_beside_itself))
    secret = str(outside / "secret.txt")
    process = start("run", "--core", core, "--mount", str(inside), str(script), secret)
    out, err = process.communicate(timeout=50)
    assert (process.returncode, out, err) == (0, b"False\n", b"")
    assert (inside / "made.txt").read_text() == "made"
    process = start("run", "--core", core, "--mount", str(outside), str(script))
    _, err = process.communicate(timeout=50)
    assert process.returncode == 2
    assert b"lies in none of the folders that --mount names" in err


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("pass", 0, ""),
        ("import sys; sys.exit(7)", 7, ""),
        ("raise SystemExit('went wrong')", 1, "went wrong\n"),
        ("import os; os._exit(9)", 9, ""),
        ("raise KeyboardInterrupt", 130, "KeyboardInterrupt\n"),
        (
            str(PROGRAMS.fails_in_a_function),
            1,
            "Traceback (most recent call last):\n"
            '  File "<string>", line 4, in <module>\n    f()\n    ~^^\n'
            '  File "<string>", line 2, in f\n    return 1 / 0\n           ~~^~~\n'
            "ZeroDivisionError: division by zero\n",
        ),
    ],
)
def test_exit_codes_and_errors(start: Start, core: str, code: str, status: int, error: str) -> None:
    process = start("run", "--core", core, "-c", code)
    out, err = process.communicate(timeout=50)
    assert out == b""
    assert process.returncode == status
    assert err.decode().endswith(error) if error else err == b""


def test_a_module_runs_as_main(start: Start, core: str) -> None:
    process = start("run", "--core", core, "-m", "json.tool", "--compact")
    out, err = process.communicate(b'{"a": [1, 2]}', timeout=50)
    assert (out, err) == (b'{"a":[1,2]}\n', b"")


def test_no_event_loop_runs_in_a_program(start: Start, core: str) -> None:
    """The page's loop counted as running in it, as in a page: get_running_loop() gave that one."""
    code = str(PROGRAMS.asks_which_event_loop_runs)
    out, err = start("run", "--core", core, "-c", code).communicate(timeout=50)
    assert err == b""
    assert out.decode().splitlines() == [
        "no running event loop",
        "asyncio.unix_events",
        "_UnixSelectorEventLoop",
        "[1, 2]",
        "None",
        "['WebLoop'] 3 4",
    ]


def test_asyncios_prompt_runs(start: Start, core: str) -> None:
    # Typed at the prompt, line by line.
    lines = b"""x = await asyncio.sleep(0.01, 'slept')
x * 2
asyncio.get_running_loop().is_running()
"""
    out, err = start("run", "--core", core, "-m", "asyncio").communicate(lines, timeout=50)
    assert b"'sleptslept'" in out and b"True" in out
    assert b"exiting asyncio REPL" in err


def test_the_program_can_come_from_stdin(start: Start, core: str) -> None:
    process = start("run", "--core", core, "-", "a")
    out, _ = process.communicate(b"import sys\nprint(sys.argv, input.__name__)\n", timeout=50)
    assert out == b"['-', 'a'] input\n"


def test_bytes_pass_through_in_both_directions(start: Start, core: str) -> None:
    data = os.urandom(1 << 20)
    code = "import sys, shutil\nshutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"
    process = start("run", "--core", core, "-c", code)
    out, err = process.communicate(data, timeout=50)
    assert err == b""
    assert out == data


def test_lines_are_answered_as_they_come(start: Start, core: str) -> None:
    code = "while True:\n    print(input().upper(), flush=True)"
    process = start("run", "--core", core, "-c", code)
    assert process.stdin is not None and process.stdout is not None
    for word in (b"one", b"two"):
        process.stdin.write(word + b"\n")
        process.stdin.flush()
        assert process.stdout.readline() == word.upper() + b"\n"
    process.stdin.close()
    assert process.wait(30) == 1  # EOFError


@pytest.mark.parametrize(
    "wait", ["time.sleep(60)", "input()", "sys.stdin.read()", "threading.Event().wait()"]
)
def test_ctrl_c_ends_a_wait(start: Start, core: str, wait: str) -> None:
    code = str(PROGRAMS.waits_as_it_is_told)
    process = start("run", "--core", core, "-c", code, wait)
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline() == b"waits\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    assert process.stderr.read().endswith(b"KeyboardInterrupt\n")


def test_a_program_can_catch_ctrl_c_and_go_on(start: Start, core: str) -> None:
    process = start("run", "--core", core, "-c", str(PROGRAMS.catches_ctrl_c_twice))
    assert process.stdout is not None
    for _ in range(2):
        assert process.stdout.readline() == b"waits\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == b"caught\n"
    assert process.wait(30) == 5


def test_a_terminal_prompts_and_is_read(start: Start, core: str) -> None:
    leader, follower = pty.openpty()
    code = str(PROGRAMS.asks_for_a_name)
    process = start(
        "run", "--core", core, "-c", code, stdin=follower, stdout=follower, stderr=follower
    )
    os.close(follower)
    text = b""
    while b"Name? " not in text:
        text += os.read(leader, 1000)
    os.write(leader, b"Ada\n")
    while b"<Ada> True" not in text:
        text += os.read(leader, 1000)
    assert process.wait(30) == 0
    os.close(leader)


def test_output_to_a_slow_reader_is_complete(start: Start, core: str) -> None:
    process = start("run", "--core", core, "-c", str(PROGRAMS.writes_many_lines))
    assert process.stdout is not None
    wait_until_full(process.stdout)
    out, _ = process.communicate(timeout=50)
    assert out == b"".join(b"%d\n" % i for i in range(50_000))
    assert process.returncode == 3


def test_a_reader_that_is_gone_is_a_broken_pipe(start: Start, core: str) -> None:
    process = start("run", "--core", core, "-c", str(PROGRAMS.writes_until_it_fails))
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.wait(30) != 0
    assert b"BrokenPipeError" in process.stderr.read()


@pytest.mark.timeout(120)
def test_chromium_runs_the_same_program(start: Start, core: str, tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("WHO = 'neighbour'\n")
    (tmp_path / "script.py").write_text(str(PROGRAMS.asks_in_a_page))
    process = start(
        *("run", "--engine", "chromium", "--core", core, "--ticks", "script.py", "a"),
        cwd=tmp_path,
    )
    out, err = (data.decode() for data in process.communicate(b"Ada\n", timeout=110))
    assert process.returncode == 6, err
    expected = f"Name? <Ada> neighbour ['script.py', 'a'] {tmp_path} emscripten\n"
    assert out == expected
    assert err.startswith("to stderr\n")
    line = re.search(r"ticked (\d+) times .*\((\w+) core\)", err)
    assert line is not None and line[2] == core
    assert int(line[1]) > 10


def test_what_a_program_has_sent_arrives_after_its_end(start: Start, core: str) -> None:
    """The bytes were in Node when Node was ended: the kernel would have sent what it had."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
    ):
        datagrams.bind(("127.0.0.1", 0))
        datagrams.settimeout(30)
        ports = (str(server.getsockname()[1]), str(datagrams.getsockname()[1]))
        code = str(PROGRAMS.sends_and_ends)
        process = start("run", "--core", core, "-c", code, *ports)
        server.settimeout(40)
        client, _ = server.accept()
        with client:
            got = sum(len(part) for part in iter(lambda: client.recv(65536), b""))
        assert (got, datagrams.recv(10), process.wait(20)) == (5_000_000, b"last", 0)


def test_a_server_is_reached_at_the_port_that_listen_names(start: Start, core: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    code = str(PROGRAMS.serves_one_client)
    process = start("run", "--core", core, "--listen", port, "-c", code, port)
    assert process.stdout is not None and process.stdout.readline() == b"listening\n"
    with socket.create_connection(("127.0.0.1", int(port))) as client:
        client.sendall(b"hello")
        assert client.recv(100) == b"HELLO"
    assert process.wait(20) == 0
