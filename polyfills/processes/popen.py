"""multiprocessing's way to start a process, where none can be started: it says so.

Stands for multiprocessing.popen_fork, from which the other start methods take their Popen; its
import alone used to fail, with a message about a missing module.
"""

from __future__ import annotations

import errno
from typing import Any

__all__ = ["Popen"]


class Popen:
    """Raises OSError (ENOSYS) when it is made, which is what Process.start() does."""

    method = "fork"

    def __init__(self, process: Any) -> None:
        raise OSError(
            errno.ENOSYS,
            "cannot start a process: there are none in a browser; use threads "
            "(threading, concurrent.futures.ThreadPoolExecutor, multiprocessing.pool.ThreadPool)",
        )
