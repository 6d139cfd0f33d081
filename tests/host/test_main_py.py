"""runtime/node/main.py, which runs a program inside the core, compared with `python` itself.

It is plain Python, so the host's own interpreter can judge it: the same program is run by `python`
and through main.py, and output, error text and exit code must be the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipapp
from pathlib import Path

import pytest

from sospeso.paths import ROOT
from tests.programs import Programs, programs

RUN = Programs(Path(__file__).with_name("programs") / "program_ts.py").go.called()

Result = tuple[str, str, int]


def run(command: list[str], cwd: Path) -> Result:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTHONUNBUFFERED", None)
    done = subprocess.run(
        command, cwd=cwd, input="", capture_output=True, text=True, env=environment, timeout=30
    )
    return done.stdout, done.stderr, done.returncode


def through_main(cwd: Path, kind: str, target: str, *args: str) -> Result:
    main = ROOT / "runtime" / "node" / "main.py"
    words = [sys.executable, "-sP", "-c", RUN, str(main), kind, target, str(cwd), *args]
    return run(words, cwd)


def through_python(cwd: Path, *words: str) -> Result:
    # -s: like the other side, without the user's own packages.
    return run([sys.executable, "-s", *words], cwd)


SCRIPTS = {
    **{program.name: str(program) for program in programs(__file__)},
    "arguments": "import sys, os\nprint(sys.argv, sys.path[0], os.getcwd(), __name__, __file__)",
    "neighbour": "import helper\nprint(helper.WHO)",
    "syntax_error": "x = = 1\n",
    "exit_number": "raise SystemExit(3)",
    "exit_none": "import sys\nsys.exit()",
    "exit_text": "import sys\nsys.exit('went wrong')",
    "exit_large": "import sys\nsys.exit(256 + 7)",
    "no_newline_at_the_end": "print('no newline at end', end='')",
}


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_script_behaves_as_under_python(name: str, tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("WHO = 'neighbour'\n")
    script = tmp_path / "script.py"
    script.write_bytes(SCRIPTS[name].encode("latin-1"))
    words = ("a b", "--c")
    ours = through_main(tmp_path, "file", str(script), *words)
    assert ours == through_python(tmp_path, str(script), *words)


@pytest.mark.parametrize("code", ["import sys; print(sys.argv, sys.path[0])", "raise KeyError(1)"])
def test_code_behaves_as_under_python(code: str, tmp_path: Path) -> None:
    out, err, status = through_main(tmp_path, "code", code, "a")
    native_out, native_err, native_status = through_python(tmp_path, "-c", code, "a")
    assert (out, status) == (native_out, native_status)
    # Newer Pythons also show the source line of -c code, as ours does.
    assert err.splitlines()[-1:] == native_err.splitlines()[-1:]
    assert "<sospeso>" not in err


def test_a_script_that_is_not_utf8_is_a_syntax_error(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_bytes(b"x = '\xff'\n")
    _, err, status = through_main(tmp_path, "file", str(script))
    assert status == 1
    assert "SyntaxError" in err and "utf-8" in err and "<sospeso>" not in err


def test_a_module_behaves_as_under_python(tmp_path: Path) -> None:
    package = tmp_path / "thing"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text("import sys; print(sys.argv, sys.path[0], __package__)")
    ours = through_main(tmp_path, "module", "thing", "a")
    assert ours == through_python(tmp_path, "-m", "thing", "a")
    missing = through_main(tmp_path, "module", "missing_thing")
    assert missing[2] == 1
    assert "No module named missing_thing" in missing[1]


def test_folders_and_zip_files_run_their_main(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "__main__.py").write_text("import sys; print(sys.argv[1:], sys.path[0])")
    archive = tmp_path / "app.pyz"
    zipapp.create_archive(folder, archive)
    for target in (str(folder), str(archive)):
        ours = through_main(tmp_path, "file", target, "a")
        assert ours == through_python(tmp_path, target, "a")


def test_a_missing_script_is_exit_code_2(tmp_path: Path) -> None:
    out, err, status = through_main(tmp_path, "file", "missing.py")
    assert (out, status) == ("", 2)
    assert "can't open file" in err and str(tmp_path / "missing.py") in err


def test_keyboard_interrupt_is_exit_code_130(tmp_path: Path) -> None:
    _, err, status = through_main(tmp_path, "code", "raise KeyboardInterrupt")
    assert status == 130
    assert err.endswith("KeyboardInterrupt\n")


def test_output_that_cannot_be_written_is_exit_code_120(tmp_path: Path) -> None:
    code = "import os; os.dup2(os.open('/dev/full', os.O_WRONLY), 1); print('x')"
    _, err, status = through_main(tmp_path, "code", code)
    assert status == through_python(tmp_path, "-c", code)[2] == 120
    assert "OSError" in err
