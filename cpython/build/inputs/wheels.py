# The packages that come with the build: the pure wheels of wheels.toml, and pyodide-lock.json,
# which names them to loadPackage() and micropip. What an entry of the lock says (depends, imports)
# is read from the wheel itself. Called by plan.py.
#
# Invariants
# 1. A wheel whose sha256 is not the pinned one is never used: pip compares it while it downloads,
#    and this step once more.
# 2. What a wheel of the lock needs is in the lock too: a name that can be loaded loads whole.
"""The step that makes pyodide-lock.json and its wheels."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tomllib
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.metadata import Metadata
from packaging.utils import canonicalize_name

from ..engine import commands
from ..engine.digest import file_sha256
from ..engine.errors import BuildError
from ..engine.step import Context, Step
from .fetch import FOLDER_VARIABLE
from .pins import Source
from .sources import taken

FILE = Path(__file__).with_name("wheels.toml")
LOCK = "pyodide-lock.json"
ABOUT = "package.json"  # its entry "pyodide" says which Pyodide's clients have to accept the lock


@dataclass(frozen=True)
class Wheel:
    """A pinned wheel: its name in the index, its file, and that file's sha256."""

    name: str
    file: str
    sha256: str

    @property
    def version(self) -> str:
        """As the file's name says."""
        return self.file.split("-")[1]


def load(path: Path = FILE) -> tuple[Wheel, ...]:
    """Reads the pins; raises `tomllib.TOMLDecodeError` or `KeyError` when malformed."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(Wheel(name, **entry) for name, entry in data["wheels"].items())


def wheels_step(project: Path, pinned: Source, source: Step) -> Step:
    """Output: the wheels and pyodide-lock.json. `source` is CPython's step, for its version."""
    wheels = load()
    about = json.loads((project / ABOUT).read_text(encoding="utf-8"))["pyodide"]

    def run(context: Context) -> None:
        python = taken(context.output(source), pinned).version
        files = {wheel.name: file for wheel, file in _fetch(context, wheels, python)}
        for file in files.values():
            shutil.copyfile(file, context.out / file.name)
        info = {
            "abi_version": about["abi"],
            "arch": about["arch"],
            "platform": about["platform"],
            "python": python,
            "version": about["version"],
        }
        made = lock(info, files)
        text = json.dumps(made, indent=1, sort_keys=True)
        (context.out / LOCK).write_text(text + "\n", encoding="utf-8")

    return Step(
        "wheels",
        run,
        needs=(source,),
        recipe={
            "wheels": {wheel.name: [wheel.file, wheel.sha256] for wheel in wheels},
            "about": about,
        },
        seconds=5,
    )


def lock(info: Mapping[str, str], files: Mapping[str, Path]) -> dict[str, Any]:
    """The lock file's contents: what is said of the whole, and wheels by their names.

    Raises:
        BuildError: a wheel needs a package that is not among them.
    """
    names = {canonicalize_name(name): name for name in files}
    environment = _environment(info["python"])
    return {
        "info": dict(info),
        "packages": {
            key: _entry(files[name], environment, names) for key, name in sorted(names.items())
        },
    }


def _entry(file: Path, environment: Mapping[str, str], known: Collection[str]) -> dict[str, Any]:
    """What the lock says of a wheel."""
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        inside = next(name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = Metadata.from_email(archive.read(inside), validate=False)
    depends = {
        canonicalize_name(needed.name)
        for needed in metadata.requires_dist or ()
        if needed.marker is None or needed.marker.evaluate(dict(environment))
    }
    if missing := sorted(depends.difference(known)):
        raise BuildError(
            f"{file.name} needs {', '.join(missing)}, which wheels.toml does not have",
            f"add wheels of these to {FILE}, or take {metadata.name} out",
        )
    return {
        "name": str(canonicalize_name(metadata.name)),
        "version": str(metadata.version),
        "file_name": file.name,
        "sha256": file_sha256(file),
        "install_dir": "site",
        "package_type": "package",
        "imports": imports(names),
        "depends": sorted(depends),
        "unvendored_tests": False,
    }


def imports(names: Sequence[str]) -> list[str]:
    """The modules that a wheel's files offer at the top: what `import` and find_imports() name."""
    found = set()
    for name in names:
        top, slash, rest = name.partition("/")
        if slash and top.isidentifier() and rest.endswith(".py"):
            found.add(top)
        elif not slash and top.endswith(".py"):
            found.add(top.removesuffix(".py"))
    return sorted(found)


def _environment(python: str) -> dict[str, str]:
    """PEP 508's variables, as they are inside the runtime."""
    return {
        "extra": "",
        "implementation_name": "cpython",
        "implementation_version": python,
        "os_name": "posix",
        "platform_machine": "wasm32",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Emscripten",
        "platform_version": "",
        "python_full_version": python,
        "python_version": ".".join(python.split(".")[:2]),
        "sys_platform": "emscripten",
    }


def _fetch(context: Context, wheels: Sequence[Wheel], python: str) -> list[tuple[Wheel, Path]]:
    """The wheels as verified files: of $SOSPESO_SOURCES, of the cache, else from pip's index."""
    kept = context.cache / "downloads"
    kept.mkdir(exist_ok=True)
    folders = [kept]
    if given := os.environ.get(FOLDER_VARIABLE):
        folders.insert(0, Path(given).expanduser())

    def find(wheel: Wheel) -> Path | None:
        for folder in folders:
            file = folder / wheel.file
            if file.is_file() and file_sha256(file) == wheel.sha256:
                return file
        return None

    if missing := [wheel for wheel in wheels if find(wheel) is None]:
        context.note(f"pip download: {', '.join(wheel.name for wheel in missing)}")
        _download(context, missing, python, kept)
    found = []
    for wheel in wheels:
        file = find(wheel)
        if file is None:
            raise BuildError(
                f"pip did not bring {wheel.file} (sha256 {wheel.sha256})",
                f"look what the index of this machine (pip config list) has for {wheel.name} "
                f"{wheel.version}, and correct {FILE}",
                context.log,
            )
        found.append((wheel, file))
    return found


def _download(context: Context, wheels: Sequence[Wheel], python: str, folder: Path) -> None:
    """Has pip fetch wheels, compared with their hashes, from whatever index it is set up for."""
    wanted = context.tmp / "requirements.txt"
    lines = (f"{one.name}=={one.version} --hash=sha256:{one.sha256}\n" for one in wheels)
    wanted.write_text("".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--platform=any"]
    command += ["--implementation=py", "--abi=none"]
    command += [f"--python-version={python}", f"--dest={folder}", f"--requirement={wanted}"]
    with context.log.open("ab") as log:
        code = commands.run_group(command, context.tmp, log.fileno())
    if code:
        failed = commands.failed_command(command, code, context.log)
        raise BuildError(
            failed.cause,
            "check the network and pip's settings (pip config list), or put the wheels into a "
            f"folder and name that in {FOLDER_VARIABLE}",
            context.log,
        )
