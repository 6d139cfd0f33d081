"""The module `_posixshmem` of a platform with one process: there is nobody to share memory with.

multiprocessing imports it wherever it is on POSIX, threads' pools included; only
multiprocessing.shared_memory calls it.
"""

from __future__ import annotations

import errno

__all__ = ["shm_open", "shm_unlink"]


def shm_open(path: str, flags: int, mode: int = 0o777) -> int:
    """Raises OSError (ENOSYS)."""
    raise OSError(errno.ENOSYS, "there is no shared memory between processes: there is one", path)


def shm_unlink(path: str) -> None:
    """Raises FileNotFoundError: nothing has been made."""
    raise FileNotFoundError(errno.ENOENT, "there is no such shared memory", path)
