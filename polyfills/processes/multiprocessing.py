"""The module `_multiprocessing` of a platform with one process: semaphores of its threads.

multiprocessing.dummy and multiprocessing.pool.ThreadPool are threads and work, but they import
what stands on semaphores between processes. With a single process those are semaphores between
its threads, which this module makes of threading's. As theirs, a lock is owned by a stack: tasks of
one thread exclude each other. Starting a process fails where it is started. Read by
multiprocessing.synchronize and multiprocessing.connection.
"""

from __future__ import annotations

import threading
import time

from _sospeso_core import stack_ident

__all__ = ["SemLock", "sem_unlink"]

_RECURSIVE_MUTEX = 0  # the other kind, 1, is a semaphore


class SemLock:
    """A semaphore, or a lock that its owner may take again, with the C class's methods."""

    SEM_VALUE_MAX = 2**31 - 1  # Linux's

    def __init__(self, kind: int, value: int, maxvalue: int, name: str, unlink: bool) -> None:
        self.kind = kind
        self.maxvalue = maxvalue
        self.handle = id(self)
        self.name = None if unlink else name
        self._changed = threading.Condition(threading.Lock())
        self._value = value
        self._depth = 0  # how often its last owner has taken it
        self._owner = 0

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Take it; False when it is not to be had, or not in `timeout` seconds."""
        with self._changed:
            if self.kind == _RECURSIVE_MUTEX and self._is_mine():
                self._depth += 1
                return True
            until = None if timeout is None else time.monotonic() + max(0.0, timeout)
            while self._value == 0:
                left = None if until is None else until - time.monotonic()
                if not block or (left is not None and left <= 0):
                    return False
                self._changed.wait(left)
            self._value -= 1
            self._depth += 1
            self._owner = stack_ident()
            return True

    def release(self) -> None:
        """Give it back.

        Raises:
            AssertionError: a recursive lock of another thread.
            ValueError: it was given back too often.
        """
        with self._changed:
            if self.kind == _RECURSIVE_MUTEX:
                if not self._is_mine():
                    raise AssertionError("attempt to release recursive lock not owned by thread")
                if self._depth > 1:
                    self._depth -= 1
                    return
            elif self._value >= self.maxvalue:
                raise ValueError("semaphore or lock released too many times")
            self._depth -= 1
            self._value += 1
            self._changed.notify()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _count(self) -> int:
        return self._depth

    def _is_mine(self) -> bool:
        return self._depth > 0 and self._owner == stack_ident()

    def _get_value(self) -> int:
        return self._value

    def _is_zero(self) -> bool:
        return self._value == 0

    def _after_fork(self) -> None:
        self._depth = 0


def sem_unlink(name: str) -> None:
    """Nothing: a semaphore lives as long as its object."""
