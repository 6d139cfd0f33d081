"""`sospeso venv DIR`: its python takes CPython's options, its pip installs for the runtime.

Needs dist/ (`make build`). No index is asked: the wheels that are installed are made here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sospeso.paths import ROOT, UserError, need_dist
from sospeso.venv import MARKERS, create, site_packages

VERSION = MARKERS["python_full_version"]

pytestmark = pytest.mark.timeout(200)  # pip and the runtime start a dozen times in one test


@pytest.fixture(scope="module", params=["jspi", "asyncify"])
def environment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_dist(f"core.{request.param}.wasm")
    folder = tmp_path_factory.mktemp("venv") / "a folder"
    create(folder, request.param)
    return folder


def run(folder: Path, name: str, *words: str, **options: str) -> tuple[int, str, str]:
    """The exit status, stdout and stderr of a program of an environment."""
    done = subprocess.run(
        [folder / "bin" / name, *words],
        input=options.pop("input", ""),
        capture_output=True,
        text=True,
        timeout=100,
        cwd=options.pop("cwd", None),
        env={**os.environ, "PYTHONPATH": str(ROOT), **options},
    )
    return done.returncode, done.stdout, done.stderr


def make_wheel(folder: Path, name: str, version: str, needs: tuple[str, ...] = ()) -> Path:
    """A wheel with one module, and a program of the same name that tells its version."""
    info = f"{name}-{version}.dist-info"
    needed = "".join(f"Requires-Dist: {need}\n" for need in needs)
    files = {
        f"{name}.py": f"import sys\ndef main():\n    print({name!r}, {version!r}, sys.argv[1:])\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    record = "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD"))
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(file, text)
    return path


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-V"], f"Python {VERSION}\n"),
        (["--version"], f"Python {VERSION}\n"),
        (["-c", "import sys; print(sys.argv)", "-a", "b"], "['-c', '-a', 'b']\n"),
        (["-cimport sys; print(sys.argv)", "-V"], "['-c', '-V']\n"),
        (["-Ic", "import sys; print(sys.flags.isolated, sys.path[0])"], "1 /lib/python313.zip\n"),
        (["-W", "ignore", "-c", "import sys; print(sys.warnoptions)"], "['ignore']\n"),
        (["-Xutf8", "-c", "import sys; print(sys._xoptions)"], "{'utf8': True}\n"),
        (["-BuEs", "-c", "import sys; print(sys.dont_write_bytecode)"], "True\n"),
        (["-OO", "-c", "import sys; print(sys.flags.optimize, __debug__)"], "2 False\n"),
        (["-m", "json.tool", "--help"], "usage: python -m json.tool "),
        (["-", "a"], "stdin ['-', 'a']\n"),
    ],
    ids=" ".join,
)
def test_the_options_of_python(environment: Path, words: list[str], expected: str) -> None:
    code = "import sys; print('stdin', sys.argv)"
    status, out, err = run(environment, "python", *words, input=code)
    assert (status, err) == (0, "")
    assert out.startswith(expected)


def test_mistakes_end_with_the_usage(environment: Path) -> None:
    assert run(environment, "python", "-Z")[::2] == (
        2,
        "sospeso: Unknown option: -Z\n"
        "usage: python [option] ... [-c cmd | -m mod | file | -] [arg] ...\n",
    )
    status, _, err = run(environment, "python", "-m")
    assert status == 2
    assert "Argument expected for the -m option" in err


def test_the_variables_of_python(environment: Path) -> None:
    code = "import os, sys; print(sys.warnoptions, 'x' in sys.path)"
    given = {"PYTHONWARNINGS": "error"}
    assert run(environment, "python", "-c", code, **given)[1] == "['error'] False\n"
    assert run(environment, "python", "-Ec", code, **given)[1] == "[] False\n"


def test_it_is_a_virtual_environment(environment: Path) -> None:
    code = "import sys, sysconfig; print(sys.executable, sys.prefix, sysconfig.get_path('purelib'))"
    status, out, _ = run(environment, "python3", "-c", code)
    site = site_packages(environment)
    assert (status, out) == (0, f"{environment}/bin/python {environment} {site}\n")
    code = "import sys; sys.exit(sys.prefix == sys.base_prefix)"
    assert run(environment, "python3.13", "-c", code)[0] == 0


def test_exit_statuses_and_scripts(environment: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys\nprint(open('data').read(), sys.argv)\nsys.exit(7)\n")
    (tmp_path / "data").write_text("here")
    status, out, err = run(environment, "python", "script.py", "-V", cwd=str(tmp_path))
    assert (status, out, err) == (7, "here ['script.py', '-V']\n", "")
    assert run(environment, "python", "-c", "import os; os._exit(9)")[0] == 9


def test_what_is_not_installed_is_an_import_error(environment: Path) -> None:
    """micropip came from the runtime's own packages: a forgotten dependency was not noticed."""
    status, _, err = run(environment, "python", "-c", "import micropip")
    assert status == 1
    assert "ModuleNotFoundError: No module named 'micropip'" in err


def test_pip_installs_for_the_runtime(environment: Path, tmp_path: Path) -> None:
    """The host's markers decided what was needed: what is for Linux was installed."""
    needs = ("inside; sys_platform == 'emscripten'", "outside; sys_platform == 'linux'")
    greeter = make_wheel(tmp_path, "greeter", "1.0", needs)
    make_wheel(tmp_path, "inside", "1.0")
    offline = ("--no-index", f"--find-links={tmp_path}", "--disable-pip-version-check")
    status, out, err = run(environment, "pip", "install", *offline, "greeter")
    assert status == 0, out + err
    assert run(environment, "greeter", "a")[1] == "greeter 1.0 ['a']\n"
    assert run(environment, "python", "-c", "import inside; inside.main()")[1] == "inside 1.0 []\n"

    # What is installed stays when something else is; -U renews it.
    make_wheel(tmp_path, "inside", "2.0")
    assert run(environment, "pip", "install", *offline, "greeter")[0] == 0
    assert run(environment, "inside")[1] == "inside 1.0 []\n"
    assert run(environment, "pip", "install", *offline, "-U", "inside")[0] == 0
    assert run(environment, "inside")[1] == "inside 2.0 []\n"

    frozen = run(environment, "pip", "freeze", "--disable-pip-version-check")[1].split()
    assert [line.partition("==")[0].partition("@")[0].strip() for line in frozen][:1] == ["greeter"]
    assert run(environment, "pip", "uninstall", "-y", "greeter")[0] == 0
    assert not (environment / "bin" / "greeter").exists()
    assert run(environment, "python", "-c", "import greeter")[0] == 1
    assert greeter.exists()


def test_wheels_for_other_machines_are_refused(environment: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "native", "1.0")
    other = wheel.rename(tmp_path / "native-1.0-cp313-cp313-manylinux2014_x86_64.whl")
    status, _, err = run(environment, "pip", "install", "--no-index", str(other))
    assert status == 1
    assert "is not a supported wheel on this platform" in err


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    need_dist("cli.mjs")
    (tmp_path / "precious").touch()
    with pytest.raises(UserError, match="is no virtual environment"):
        create(tmp_path, "auto")
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_the_command_makes_one(tmp_path: Path) -> None:
    need_dist("cli.mjs")
    folder = tmp_path / "venv"
    command = [sys.executable, "-m", "sospeso", "venv", str(folder)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert run(folder, "python", "-c", "print(1 + 1)")[:2] == (0, "2\n")
