"""Virtual environments whose Python is this runtime in Node: `sospeso venv DIR`.

Why: a library's author wants to run `DIR/bin/python -m pytest` and `DIR/bin/pip install ...` as
with any other Python. `bin/python` is a small script that starts Node; it reads CPython's options
itself (runtime/node/python_line.ts). `bin/pip` is the host's pip, told to choose wheels for the
runtime's platform. Called by cli.py, and by `bin/pip` as `python -m sospeso.venv DIR WORD...`.

Invariants
 1. pip evaluates markers (`; sys_platform == "emscripten"`) for the runtime, not for the host.
 2. What is installed stays as it is, unless it is named again or -U is given.
 3. A wheel that was a file on this machine is kept: no index has it when another one needs it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import Distribution, PathDistribution, distributions
from pathlib import Path
from typing import Any

from .engines import find_node
from .paths import UserError, need_dist

PYTHON = "3.13"
PLATFORMS = ("pyemscripten_2025_0_wasm32", "pyodide_2025_0_wasm32")
ABIS = ("cp313", "abi3", "none")

# What PEP 508's markers are in the runtime.
MARKERS: Mapping[str, str] = {
    "implementation_name": "cpython",
    "implementation_version": "3.13.15",
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_python_implementation": "CPython",
    "platform_release": "4.0.9",
    "platform_system": "Emscripten",
    "platform_version": "#1",
    "python_full_version": "3.13.15",
    "python_version": PYTHON,
    "sys_platform": "emscripten",
}

# Calls a function as a script that pip makes does.
SCRIPT = """\
#!/bin/sh
'''exec' {python} "$0" "$@"
' '''
import sys

from {module} import {top}

if __name__ == "__main__":
    sys.argv[0] = sys.argv[0].removesuffix(".exe")
    sys.exit({attribute}())
"""


def create(folder: Path, core: str) -> None:
    """Make a virtual environment, or renew one.

    Args:
        folder: where; what is installed there stays.
        core: "auto", "jspi" or "asyncify".

    Raises:
        UserError: there is something else, nothing is built, or there is no Node that fits.
    """
    folder = folder.absolute()
    if folder.exists() and not (folder / "pyvenv.cfg").exists() and any(folder.iterdir()):
        raise UserError(f"{folder} is there and is no virtual environment. Name another folder.")
    node = find_node(need_jspi=core == "jspi")
    dist = need_dist("cli.mjs", "sospeso.mjs", "python_stdlib.zip")
    site_packages(folder).mkdir(parents=True, exist_ok=True)
    (folder / "bin").mkdir(exist_ok=True)
    config = {
        "home": str(dist),
        "implementation": "CPython",
        "version_info": MARKERS["python_full_version"],
        "include-system-site-packages": "false",
    }
    lines = [f"{name} = {value}\n" for name, value in config.items()]
    (folder / "pyvenv.cfg").write_text("".join(lines), encoding="utf-8")
    start = node.command(str(dist / "cli.mjs"), f"--core={core}", f"--venv={folder}")
    _executable(folder / "bin" / "python", f'#!/bin/sh\nexec {shlex.join(start)} "$@"\n')
    pip = shlex.join([sys.executable, "-P", "-m", "sospeso.venv", str(folder)])
    _executable(folder / "bin" / "pip", f'#!/bin/sh\nexec {pip} "$@"\n')
    for name, target in (("python3", "python"), (f"python{PYTHON}", "python"), ("pip3", "pip")):
        link = folder / "bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    make_scripts(folder)


def site_packages(folder: Path) -> Path:
    """Where packages of an environment are."""
    return folder / "lib" / f"python{PYTHON}" / "site-packages"


def _executable(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def make_scripts(folder: Path) -> None:
    """Make the programs of what is installed (`bin/pytest`)."""
    own = {"python", "python3", f"python{PYTHON}", "pip", "pip3"}
    for distribution in _installed(folder):
        for point in distribution.entry_points.select(group="console_scripts"):
            if point.name in own or "/" in point.name or not point.attr:
                continue
            text = SCRIPT.format(
                python=shlex.quote(str(folder / "bin" / "python")),
                module=point.module,
                top=point.attr.partition(".")[0],
                attribute=point.attr,
            )
            _executable(folder / "bin" / point.name, text)


def _installed(folder: Path) -> list[Distribution]:
    return list(distributions(path=[str(site_packages(folder))]))


def _canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


# ---- pip ----------------------------------------------------------------------------------------


def pip(folder: Path, words: Sequence[str]) -> int:
    """Do what `bin/pip` was asked for; the exit status.

    Raises:
        UserError: the host has no pip, or this pip has no such command.
    """
    command = next((word for word in words if not word.startswith("-")), "")
    rest = list(words)
    if command:
        rest.remove(command)
    if command in ("list", "freeze", "inspect"):
        return _host_pip([command, "--path", str(site_packages(folder)), *rest])
    if command == "uninstall":
        return _uninstall(folder, [word for word in rest if not word.startswith("-")])
    if command == "install":
        return _install(folder, rest)
    if command in ("download", "", "help", "cache", "config", "index"):
        return _host_pip([*words, *(_for_the_runtime() if command == "download" else [])])
    raise UserError(
        f"the pip of this environment has no command {command!r}: it has install, uninstall, list, "
        "freeze, inspect, download, cache, config and index"
    )


def _for_the_runtime() -> list[str]:
    words = [f"--python-version={PYTHON}", "--implementation=cp", "--only-binary=:all:"]
    words += [f"--platform={name}" for name in PLATFORMS]
    return words + [f"--abi={name}" for name in ABIS]


def _install(folder: Path, words: Sequence[str]) -> int:
    site = site_packages(folder)
    wheels = folder / "wheels"
    for word in words:
        if word.endswith(".whl") and Path(word).is_file():
            wheels.mkdir(exist_ok=True)
            if not (wheels / Path(word).name).exists():
                shutil.copy(word, wheels)
    command = ["install", *words, *_for_the_runtime(), f"--target={site}"]
    command += ["--upgrade", "--no-compile", "--no-warn-script-location"]
    if wheels.exists():
        command.append(f"--find-links={wheels}")
    with _as_it_is(folder, words) as constraints:
        status = _host_pip([*command, *constraints])
    shutil.rmtree(site / "bin", ignore_errors=True)  # scripts of the host's Python
    if status == 0:
        make_scripts(folder)
    return status


@contextmanager
def _as_it_is(folder: Path, words: Sequence[str]) -> Iterator[list[str]]:
    """Options by which pip leaves alone what is installed and not named (invariant 2)."""
    if {"-U", "--upgrade"} & set(words):
        yield []
        return
    named = {_name_of(word) for word in words}
    kept = [
        f"{one.name}=={one.version}\n"
        for one in _installed(folder)
        if _canonical(one.name) not in named
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.writelines(kept)
        file.flush()
        yield [f"--constraint={file.name}"] if kept else []


def _name_of(word: str) -> str:
    """The distribution that a requirement or a wheel's path names."""
    if word.endswith(".whl"):
        return _canonical(Path(word).name.split("-")[0])
    for end, letter in enumerate(word):
        if not (letter.isalnum() or letter in "-_."):
            return _canonical(word[:end])
    return _canonical(word)


def _host_pip(words: Sequence[str]) -> int:
    """The host's pip, which takes the runtime's markers for its own (invariant 1)."""
    try:
        main = import_module("pip._internal.cli.main").main
    except ImportError:
        raise UserError(
            f"{sys.executable} has no pip: {sys.executable} -m ensurepip installs it"
        ) from None
    try:
        markers: Any = import_module("pip._vendor.packaging.markers")
        markers.default_environment = lambda: dict(MARKERS)
    except ImportError:
        pass  # a pip that looks elsewhere for them
    status: int = main(list(words))
    return status


def _uninstall(folder: Path, names: Sequence[str]) -> int:
    status = 0
    for name in names:
        found = [one for one in _installed(folder) if _canonical(one.name) == _canonical(name)]
        if not found:
            print(f"WARNING: Skipping {name} as it is not installed.", file=sys.stderr)
            status = 1
        for one in found:
            _remove(folder, one)
            print(f"Successfully uninstalled {one.name}-{one.version}")
    return status


def _remove(folder: Path, distribution: Distribution) -> None:
    site = site_packages(folder).resolve()
    folders = set()
    for point in distribution.entry_points.select(group="console_scripts"):
        (folder / "bin" / point.name).unlink(missing_ok=True)
    for file in distribution.files or ():
        path = Path(os.path.normpath(site / file))
        if site in path.parents:
            path.unlink(missing_ok=True)
            folders |= {parent for parent in path.parents if site in parent.parents}
    if isinstance(distribution, PathDistribution):
        folders.add(Path(str(distribution._path)))  # nothing public says it
    for path in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        shutil.rmtree(path / "__pycache__", ignore_errors=True)
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def main(words: Sequence[str]) -> int:
    """`bin/pip`: the environment's folder, then what pip was given."""
    try:
        return pip(Path(words[0]), words[1:])
    except UserError as error:
        print(f"sospeso: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
