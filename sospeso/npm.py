"""Archives of npm's registry, by exact version and hash.

Why: engines and peers must be the very files people get, need no step by hand and not change under
us. `npm pack` fetches an archive from whatever registry npm is set up for, without running any
script of it; the pin decides whether it is the right one. Used by the engine matrix
(tests/matrix/install.py) and the benchmarks (benchmarks/peer.py).
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .engines import find_node, wheel_node
from .paths import UserError


@dataclass(frozen=True)
class Pin:
    """A package of npm: its name, its version, and `sha512-<base64>` of its archive."""

    name: str
    version: str
    integrity: str


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
        raise UserError("no npm to fetch packages with. Install Node.js 24 or newer.")
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
            f"the pin says {pin.integrity}. Check what registry npm uses (npm config list)."
        )
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        path = Path(folder, "archive.tgz")
        path.write_bytes(archive)
        with tarfile.open(path) as tar:
            tar.extractall(folder, filter="data")
        Path(folder, "package").rename(target)


def fetch(pin: Pin, target: Path) -> None:
    """Get a package from npm and unpack it as `target`.

    Raises:
        UserError: npm cannot get it, or its hash is wrong.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [*npm_command(), "pack", f"{pin.name}@{pin.version}"]
        command += ["--ignore-scripts", "--loglevel=error", "--pack-destination", folder]
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        archives = list(Path(folder).glob("*.tgz"))
        if done.returncode or len(archives) != 1:
            raise UserError(
                f"npm pack {pin.name}@{pin.version} failed: {done.stderr.strip()[-500:]}\n"
                "Check the network connection and npm's settings (npm config list)."
            )
        unpack(pin, archives[0].read_bytes(), target)
