"""`run --engine chromium`, in a real browser with a fake runtime: bytes, files, exit, Ctrl-C.

The `-c` code is JavaScript here, or the name of a program in programs/fake_programs.mjs (see
conftest.py).
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sospeso import page
from sospeso.page import collect_files

from .conftest import Start

pytestmark = pytest.mark.usefixtures("use_fake_dist")


def test_streams_arguments_and_exit_code_pass_through(start: Start) -> None:
    words = ("--engine", "chromium", "--core", "asyncify", "-c", "shoutsInAPage", "a b")
    process = start("run", *words)
    out, err = process.communicate(b"typed", timeout=50)
    assert (out, err, process.returncode) == (b'TYPED["a b"]\n', b"\xff\x00\n", 7)


def test_ctrl_c_reaches_the_page(start: Start) -> None:
    code = "const done = interrupted(); await print('ready'); await done; return 11"
    process = start("run", "--engine", "chromium", "--ticks", "-c", code)
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(2)
    assert process.wait(30) == 11
    assert b"ticked" in process.stderr.read()


def test_a_second_ctrl_c_closes_a_page_that_does_not_react(start: Start) -> None:
    process = start("run", "--engine", "chromium", "-c", "await print('ready'); for (;;) {}")
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(2)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    # Once more if the first one came before the page had begun its loop: it was answered.
    for _ in range(3):
        process.send_signal(2)
        try:
            process.wait(5)
            break
        except subprocess.TimeoutExpired:
            pass
    assert process.returncode == 130
    assert b"did not react" in process.stderr.read()


def test_an_error_in_the_page_is_shown_with_exit_code_1(start: Start) -> None:
    process = start("run", "--engine", "chromium", "-c", "throw new Error('core is broken')")
    _, err = process.communicate(timeout=50)
    assert process.returncode == 1
    assert b"core is broken" in err


def test_files_near_the_script_come_first_and_rubbish_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("b.py", "a/deep.py", "z.txt", ".git/x", "__pycache__/y", "node_modules/m.js"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path)
    names = [str(file.relative_to(tmp_path)) for file in collect_files(tmp_path)]
    assert names == ["b.py", "z.txt", "a/deep.py"]
    monkeypatch.setattr(page, "MOST_FILES", 2)
    assert len(collect_files(tmp_path)) == 2
