"""How much one user of the relay may use: counters that all WebSockets of one token share.

They hold for one process; behind a balancer each process counts for itself. Used by session.py and
stream.py.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

Clock = Callable[[], float]
REMEMBERED_SECONDS = 60


@dataclass(frozen=True)
class Limits:
    """Limits of one token.

    Attributes:
        sockets: WebSockets that are open at once.
        streams: connections that are open or being opened at once.
        connects_per_minute: connections and look-ups of names that may be begun in a minute.
        bytes_per_second: in both directions together; for a second at most twice as much.
        idle_seconds: how long a WebSocket may carry nothing.
        total_seconds: how long a WebSocket may be open.
    """

    sockets: int = 16
    streams: int = 256
    connects_per_minute: int = 600
    bytes_per_second: int = 50_000_000
    idle_seconds: float = 600
    total_seconds: float = 86_400

    @classmethod
    def of(cls, wanted: Mapping[str, float]) -> Limits:
        """The usual limits, but for those that are given.

        Raises:
            ValueError: as lowered().
        """
        usual = cls()
        usual.lowered(wanted)
        own = asdict(usual)
        return replace(usual, **{name: type(own[name])(value) for name, value in wanted.items()})

    def lowered(self, wanted: Mapping[str, float]) -> Limits:
        """These limits, where `wanted` has no lower one.

        Raises:
            ValueError: a name is unknown, or a limit is no number above 0.
        """
        own = asdict(self)
        for name, value in wanted.items():
            if name not in own:
                raise ValueError(f"there is no limit {name!r}; there are {', '.join(own)}")
            if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
                raise ValueError(f"limit {name} is a number above 0, not {value!r}")
            own[name] = min(own[name], type(own[name])(value))
        return replace(self, **own)


class Bucket:
    """So many in so many seconds, and as many at once."""

    def __init__(self, amount: float, seconds: float, clock: Clock = time.monotonic) -> None:
        self._rate = amount / seconds
        self._size = amount
        self._left = amount
        self._clock = clock
        self._seen = clock()

    def _fill(self) -> None:
        now = self._clock()
        self._left = min(self._size, self._left + (now - self._seen) * self._rate)
        self._seen = now

    def take(self) -> bool:
        """Take one, if there is one."""
        self._fill()
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def debt(self, amount: float) -> float:
        """Take `amount`, also what is not there yet; seconds until it is."""
        self._fill()
        self._left -= amount
        return max(0.0, -self._left / self._rate)


class Usage:
    """What one token uses now."""

    def __init__(self, limits: Limits, clock: Clock = time.monotonic) -> None:
        self.limits = limits
        self.sockets = 0
        self.streams = 0
        self.left = clock()
        self._connects = Bucket(limits.connects_per_minute, 60, clock)
        self._bytes = Bucket(limits.bytes_per_second, 1, clock)

    def may_connect(self) -> bool:
        """Whether another connection or look-up may be begun; counts it."""
        return self._connects.take()

    async def carry(self, count: int) -> None:
        """Wait until so many bytes may pass."""
        seconds = self._bytes.debt(count)
        if seconds > 0:
            await asyncio.sleep(seconds)


class Usages:
    """The usage of all tokens that have WebSockets here, or had a minute ago."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[tuple[str, Limits], Usage] = {}

    def enter(self, id: str, limits: Limits) -> Usage | None:
        """A WebSocket of this token opens; None: it has too many."""
        self._forget()
        usage = self._known.setdefault((id, limits), Usage(limits, self._clock))
        if usage.sockets >= limits.sockets:
            return None
        usage.sockets += 1
        return usage

    def leave(self, usage: Usage) -> None:
        """It has closed. Who comes again at once finds the counters as they were."""
        usage.sockets -= 1
        usage.left = self._clock()

    def _forget(self) -> None:
        before = self._clock() - REMEMBERED_SECONDS
        for key, usage in list(self._known.items()):
            if usage.sockets <= 0 and usage.left < before:
                del self._known[key]
