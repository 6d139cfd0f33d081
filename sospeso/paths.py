"""Where things are: the checkout, dist/, the cache.

Why: one place decides it, so that tests and users can move dist/ ($SOSPESO_DIST) and the cache
($SOSPESO_CACHE) and every command agrees. Used by all other modules of this package.

This package runs in two places: in a checkout, where dist/ lies beside it and can be built, and
where its wheel was installed, which has a finished dist/ inside and nothing to build it from.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# In an installed wheel only: `make package` puts it there.
INSTALLED_DIST = Path(__file__).resolve().parent / "dist"


class UserError(Exception):
    """A failure the user can do something about: the message names the cause and the cure."""


def cache_dir() -> Path:
    """$SOSPESO_CACHE, else `sospeso` in the user's cache folder. Not created here."""
    given = os.environ.get("SOSPESO_CACHE")
    if given:
        return Path(given).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "sospeso"


def in_checkout() -> bool:
    """Whether this is a checkout of the project, which can build."""
    return (ROOT / "pyproject.toml").is_file()


def need_checkout(command: str) -> None:
    """Check that there is a checkout.

    Args:
        command: what is asked for, as the user typed it.

    Raises:
        UserError: this is an installed wheel.
    """
    if not in_checkout():
        raise UserError(
            f"`{command}` needs a checkout of the project, and this is an installed package: its "
            f"build came with it ({dist_dir()}). Run the command in a checkout: make setup, then "
            f".venv/bin/{command}"
        )


def dist_dir() -> Path:
    """$SOSPESO_DIST, else the installed wheel's own, else `dist` in the checkout.

    Not checked for being there.
    """
    given = os.environ.get("SOSPESO_DIST")
    if given:
        return Path(given).expanduser().absolute()
    return INSTALLED_DIST if INSTALLED_DIST.is_dir() else ROOT / "dist"


def need_dist(*names: str) -> Path:
    """dist/, after checking that the named files are in it.

    Raises:
        UserError: something is missing, which means that nobody built yet.
    """
    dist = dist_dir()
    missing = [name for name in names if not (dist / name).exists()]
    if missing:
        cure = "Build first: make build" if in_checkout() else "Install the package again."
        raise UserError(f"{dist} has no {', '.join(missing)}. {cure}")
    return dist
