"""Installing the peer, Pyodide as npm has it, and the pinned Node; the archives' hashes checked.

Why: the comparison must be with the very files people get, must need no step by hand, and must not
change under us: the pins' hashes decide whether the archives are the right ones (sospeso/npm.py).
Used by __main__.py.
"""

from __future__ import annotations

import platform
import tomllib
from pathlib import Path

from sospeso.npm import Pin, fetch
from sospeso.paths import UserError, cache_dir

PINS = Path(__file__).with_name("pins.toml")


def read_pins(path: Path = PINS, table: str = "package") -> list[Pin]:
    """The pins of a table: "package", of which the first is the peer itself, or "node"."""
    return [Pin(**entry) for entry in tomllib.loads(path.read_text())[table]]


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
