# The cross compiler and where it runs: Emscripten from $EMSDK, or a Debian root (root.py makes it).
# Steps only say `run this command`; whether that means chroot or a plain process is hidden here.
# Called by step.Context.run; plan.py chooses the toolchain.
#
# Invariants
# 1. The cache and the project are bind-mounted into the root at the very same paths, so no path is
#    ever translated.
# 2. Mounts live in a mount namespace of the command's own: nothing is left when it ends.
# 3. A command sees a clean environment (CLEAN_ENV plus what the step adds), never the caller's.
# 4. What is in the toolchain is known by VERSIONS, which belongs to the digest of every step.
"""Runs commands where the cross compiler is."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..engine.commands import failed_command, run_group
from ..engine.errors import BuildError
from .pins import Pins

# In the output of the toolchain step: the version of every tool and package.
VERSIONS = "versions.json"

CLEAN_ENV = {
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "CCACHE_DISABLE": "1",
    "SOURCE_DATE_EPOCH": "315532800",  # 1980: the same bytes whenever it is built
}
ROOT_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

# Arguments: root, working folder, number of folders to bind, the folders, the command.
ENTER_ROOT = """
set -e
root=$1 cwd=$2 count=$3; shift 3
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$count" -gt 0 ]; do
  mkdir -p "$root$1"; mount --rbind "$1" "$root$1"; shift; count=$((count - 1))
done
exec chroot "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$cwd" "$@"
"""


@dataclass(frozen=True)
class Spec:
    """Which toolchain a build uses; `emsdk` is None for the Debian root."""

    emscripten: str
    emsdk: Path | None
    suite: str
    packages: tuple[str, ...]

    def recipe(self) -> dict[str, object]:
        """What decides the outputs, for the step's digest."""
        if self.emsdk is not None:
            return {"kind": "emsdk", "path": str(self.emsdk), "version": self.emscripten}
        return {
            "kind": "debian",
            "suite": self.suite,
            "packages": list(self.packages),
            "version": self.emscripten,
        }


def choose(pins: Pins, environ: Mapping[str, str] = os.environ) -> Spec:
    """$EMSDK when set, its version checked, else the Debian root; raises BuildError."""
    named = environ.get("EMSDK")
    if not named:
        return Spec(pins.emscripten, None, pins.suite, pins.packages)
    emsdk = Path(named).expanduser().resolve()
    file = emsdk / "upstream" / "emscripten" / "emscripten-version.txt"
    try:
        version = file.read_text(encoding="utf-8").strip().strip('"')
    except OSError:
        raise BuildError(
            f"EMSDK={named} does not hold an installed Emscripten ({file} cannot be read)",
            f"run `./emsdk install {pins.emscripten} && ./emsdk activate {pins.emscripten}` there, "
            "or unset EMSDK to let the build make its own toolchain",
        ) from None
    version = version.removesuffix("-git")
    if not is_newer_patch(version, pins.emscripten):
        raise BuildError(
            f"EMSDK={named} holds Emscripten {version}; this project needs {pins.emscripten}",
            f"run `./emsdk install {pins.emscripten} && ./emsdk activate {pins.emscripten}` there, "
            "or unset EMSDK to let the build make its own toolchain",
        )
    return Spec(version, emsdk, pins.suite, pins.packages)


def is_newer_patch(version: str, pinned: str) -> bool:
    """Whether a version is the pinned one or a later patch of it: 6.0.7 for 6.0.5."""
    found = [re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", text) for text in (version, pinned)]
    if found[0] is None or found[1] is None:
        return version == pinned
    (major, minor, patch), wanted = (tuple(map(int, match.groups())) for match in found if match)
    return (major, minor) == wanted[:2] and patch >= wanted[2]


class Toolchain:
    """Runs commands with emcc, make, wasm-opt, node and the build machine's Python on the path.

    `bind` are the folders commands may use; `python` and `node` are programs on the inside.
    """

    def __init__(
        self, root: Path | None, path: str, python: str, cache: Path, bind: Sequence[Path]
    ) -> None:
        self.root = root
        self.python = python
        self.bind = [p.resolve() for p in bind]
        self.tmp = cache / "tmp"
        self.env = {
            **CLEAN_ENV,
            "PATH": path,
            "TMPDIR": str(self.tmp),
        }
        if root is not None:  # an SDK has its own cache of built system libraries
            self.env["EM_CACHE"] = str(cache / "emscripten")
        if root is None or os.geteuid() != 0:
            self.env["HOME"] = str(cache / "home")

    def command(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> list[str]:
        """The full command line, with clean environment and (for a root) namespace and chroot."""
        clean = ["env", "-i", *(f"{k}={v}" for k, v in {**self.env, **env}.items()), *argv]
        if self.root is None:
            return clean
        binds = [str(p) for p in self.bind]
        return [
            *unshare(),
            "/bin/sh",
            "-c",
            ENTER_ROOT,
            "sh",
            str(self.root),
            str(cwd),
            str(len(binds)),
            *binds,
            *clean,
        ]

    def run(
        self, argv: Sequence[str], *, cwd: Path, log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        """Runs a command, output appended to `log`; raises BuildError with the log's end."""
        self.tmp.mkdir(parents=True, exist_ok=True)
        if self.env["HOME"] != CLEAN_ENV["HOME"]:
            Path(self.env["HOME"]).mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            shown = [f"{name}={shlex.quote(value)}" for name, value in (env or {}).items()]
            file.write(f"$ cd {cwd} && {' '.join([*shown, shlex.join(argv)])}\n".encode())
            file.flush()
            code = run_group(self.command(argv, cwd, env or {}), cwd, file.fileno())
        if code != 0:
            raise failed_command(argv, code, log)

    def output(self, argv: Sequence[str], *, cwd: Path) -> str:
        """What a short command prints."""
        done = subprocess.run(
            self.command(argv, cwd, {}), cwd=cwd, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise BuildError(
                f"`{shlex.join(argv)}` ended with {done.returncode}: {done.stderr.strip()[-500:]}",
                "see the message above",
            )
        return done.stdout


def unshare() -> list[str]:
    return ["unshare", "--mount", "--"] if os.geteuid() == 0 else ["unshare", "-rm", "--"]


def load(
    spec: Spec, step_output: Path, cache: Path, bind: Sequence[Path], python: str
) -> Toolchain:
    """The toolchain whose step's output is `step_output`; `python` is a version such as `3.13`."""
    if spec.emsdk is None:
        return Toolchain(step_output / "root", ROOT_PATH, f"/usr/bin/python{python}", cache, bind)
    upstream = spec.emsdk / "upstream"
    node = sorted((spec.emsdk / "node").glob("*/bin"))
    path = [str(upstream / "emscripten"), str(upstream / "bin"), *map(str, node), ROOT_PATH]
    found = (step_output / "python").read_text(encoding="utf-8")
    return Toolchain(None, ":".join(path), found, cache, bind)
