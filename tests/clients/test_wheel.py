"""`pip install` of our wheel into an empty environment, away from the checkout: it runs Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sospeso.paths import ROOT

from .conftest import PROGRAMS, cores, skip_if_offline

VERSION = "0.1.0"


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment with the wheel and what it depends on, and nothing of ours."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    pip += [f"--python={folder / 'bin' / 'python'}", "install", str(wheel)]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        skip_if_offline(done.stderr)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def sospeso(
    environment: Path, *words: str, stdin: str = "", cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the installed command; no variable of ours, nothing on PATH but the environment's own."""
    variables = {name: value for name, value in os.environ.items() if "SOSPESO" not in name}
    variables |= {"PATH": str(environment / "bin"), "PYTHONPATH": ""}
    return subprocess.run(
        [str(environment / "bin" / "sospeso"), *words],
        input=stdin,
        cwd=cwd,
        env=variables,
        capture_output=True,
        text=True,
        timeout=50,
    )


# The first test makes the wheel and installs it: a Node among what it depends on.
@pytest.mark.timeout(300)
@pytest.mark.parametrize("core", cores())
def test_the_command_runs_a_script(environment: Path, core: str, tmp_path: Path) -> None:
    shutil.copy(PROGRAMS / "hello.py", tmp_path)
    done = sospeso(environment, "run", "--core", core, "hello.py", "a", stdin="hi\n", cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("emscripten ['a'] hi\n", "", 0)


def test_it_is_the_wheel_that_runs(environment: Path, tmp_path: Path) -> None:
    """Not the checkout, which this environment must not see."""
    code = "import sospeso.paths as paths; print(paths.dist_dir()); print(paths.in_checkout())"
    done = subprocess.run(
        [str(environment / "bin" / "python"), "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if "SOSPESO" not in name},
    )
    dist, in_checkout = done.stdout.splitlines()
    assert Path(dist).is_relative_to(environment) and not Path(dist).is_relative_to(ROOT)
    assert in_checkout == "False"


@pytest.mark.parametrize("command", ["build", "demo"])
def test_what_needs_a_checkout_says_so(environment: Path, command: str, tmp_path: Path) -> None:
    done = sospeso(environment, command, cwd=tmp_path)
    assert done.returncode == 2
    assert f"`sospeso {command}` needs a checkout of the project" in done.stderr


def test_the_version_is_the_packages(environment: Path, tmp_path: Path) -> None:
    assert sospeso(environment, "--version", cwd=tmp_path).stdout == f"sospeso, version {VERSION}\n"


@pytest.mark.parametrize("core", cores())
def test_packages_that_come_along_are_imported(
    environment: Path, core: str, tmp_path: Path
) -> None:
    """With no network and no other installation: the wheels are in the wheel."""
    code = "import six, attrs; print(six.__name__, attrs.__name__)"
    done = sospeso(environment, "run", "--core", core, "-c", code, cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("six attrs\n", "", 0)
