"""Installing the peer, Pyodide as npm has it, and the pinned Node; the archives' hashes checked.

Why: the comparison must be with the very files people get, must need no step by hand, and must not
change under us. `npm pack` fetches the archives (from whatever registry npm is set up for), the
pins decide whether they are the right bytes. Used by __main__.py.
"""

from __future__ import annotations

import base64
import hashlib
import platform
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from sospeso.engines import find_node, wheel_node
from sospeso.paths import UserError, cache_dir

PINS = Path(__file__).with_name("pins.toml")


@dataclass(frozen=True)
class Pin:
    """A package of npm: its name, its version, and `sha512-<base64>` of its archive."""

    name: str
    version: str
    integrity: str


def read_pins(path: Path = PINS, table: str = "package") -> list[Pin]:
    """The pins of a table: "package", of which the first is the peer itself, or "node"."""
    return [Pin(**entry) for entry in tomllib.loads(path.read_text())[table]]


def integrity_of(data: bytes) -> str:
    """npm's notation of a sha512."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def npm_command() -> list[str]:
    """npm: the one beside the wheel's Node, else the machine's.

    Raises:
        UserError: there is none.
    """
    node = wheel_node()
    if node is not None:
        script = node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
        if script.exists():
            return [str(node), str(script)]
    found = shutil.which("npm")
    if found is None:
        raise UserError("no npm to install the peer with. Install Node.js 24 or newer.")
    return [find_node().path, str(Path(found).resolve())]


def unpack(pin: Pin, archive: bytes, target: Path) -> None:
    """Check an archive and unpack its `package/` as `target`.

    Raises:
        UserError: it is not the pinned one.
    """
    found = integrity_of(archive)
    if found != pin.integrity:
        raise UserError(
            f"{pin.name}@{pin.version} is not the pinned archive: its hash is {found}, "
            f"{PINS.name} says {pin.integrity}. Check what registry npm uses (npm config list)."
        )
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        path = Path(folder, "archive.tgz")
        path.write_bytes(archive)
        with tarfile.open(path) as tar:
            tar.extractall(folder, filter="data")
        Path(folder, "package").rename(target)


def install_peer() -> Path:
    """The folder of the peer's package, made in the cache when it is not there yet.

    Raises:
        UserError: npm cannot get it, or its hash is wrong.
    """
    pins = read_pins()
    root = cache_dir() / "peers" / f"{pins[0].name}-{pins[0].version}"
    modules = root / "node_modules"
    modules.mkdir(parents=True, exist_ok=True)
    for pin in pins:
        if not (modules / pin.name).exists():
            fetch(pin, modules / pin.name)
    return modules / pins[0].name


def fetch(pin: Pin, target: Path) -> None:
    """Get a package from npm and unpack it as `target`.

    Raises:
        UserError: npm cannot get it, or its hash is wrong.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [*npm_command(), "pack", f"{pin.name}@{pin.version}"]
        command += ["--ignore-scripts", "--loglevel=error", "--pack-destination", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        archives = list(Path(folder).glob("*.tgz"))
        if done.returncode or len(archives) != 1:
            raise UserError(
                f"npm pack {pin.name}@{pin.version} failed: {done.stderr.strip()[-500:]}\n"
                "Check the network connection and npm's settings (npm config list)."
            )
        unpack(pin, archives[0].read_bytes(), target)


def install_node() -> Path:
    """The executable of the pinned Node, fetched into the cache when it is not there yet.

    Raises:
        UserError: there is none for this machine, npm cannot get it, or its hash is wrong.
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise UserError(
            "the pinned Node is for Linux on x86-64 only. Install Node 25 and give --node its path."
        )
    (pin,) = read_pins(table="node")
    target = cache_dir() / "peers" / f"{pin.name}-{pin.version}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        fetch(pin, target)
    return target / "bin" / "node"
