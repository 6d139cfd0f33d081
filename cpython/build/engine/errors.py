# Errors of the build driver.
# Every failure a user can meet is a BuildError that says what went wrong (the
# cause) and what to do about it (the cure). Raised everywhere in cpython/,
# printed by __main__.py, and caught by the host-side package.
"""Exceptions that carry a cause and a cure."""

from __future__ import annotations

import errno
from pathlib import Path


class BuildError(Exception):
    """A failure with its `cause`, its `cure` and, for a command, its `log` file."""

    def __init__(self, cause: str, cure: str, log: Path | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.cure = cure
        self.log = log

    def __str__(self) -> str:
        return f"{self.cause}\n  what to do: {self.cure}"


def disk_full(where: Path) -> BuildError:
    """The error for ENOSPC while writing below `where`."""
    return BuildError(
        f"the disk is full (writing below {where})",
        "free some space (a build from nothing needs about 4 GB), or point SOSPESO_CACHE at a "
        "folder on a larger disk; then run the same command again: it goes on where it stopped. "
        "`python -m cpython.build clean` frees what can be built again",
    )


def from_os_error(error: OSError, where: Path) -> BuildError:
    """Turns an operating-system error met below `where` into a BuildError."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(where)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return BuildError(
            f"not allowed to write: {error}",
            f"check who owns {error.filename or where}, or set SOSPESO_CACHE to a folder of yours",
        )
    return BuildError(f"{type(error).__name__}: {error}", "see the message above")
