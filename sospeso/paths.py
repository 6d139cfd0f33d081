"""Where things are: the checkout, dist/, the cache.

Why: one place decides it, so that tests and users can move dist/ ($SOSPESO_DIST) and the cache
($SOSPESO_CACHE) and every command agrees. Used by all other modules of this package.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class UserError(Exception):
    """A failure the user can do something about: the message names the cause and the cure."""


def cache_dir() -> Path:
    """$SOSPESO_CACHE, else `sospeso` in the user's cache folder. Not created here."""
    given = os.environ.get("SOSPESO_CACHE")
    if given:
        return Path(given).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "sospeso"


def dist_dir() -> Path:
    """$SOSPESO_DIST, else `dist` in the checkout. Not checked for being there."""
    given = os.environ.get("SOSPESO_DIST")
    return Path(given).expanduser().absolute() if given else ROOT / "dist"


def need_dist(*names: str) -> Path:
    """dist/, after checking that the named files are in it.

    Raises:
        UserError: something is missing, which means that nobody built yet.
    """
    dist = dist_dir()
    missing = [name for name in names if not (dist / name).exists()]
    if missing:
        raise UserError(f"{dist} has no {', '.join(missing)}. Build first: make build")
    return dist
