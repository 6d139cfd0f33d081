"""What is measured and what it should come to: data in one table.

Why: a number without its goal says little, and a goal hidden in code is never questioned. Each line
names a measure, the contender, what it is compared with, and the most it may be. Used by report.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# "native" is CPython on the build machine: no contender, the far limit of some measures.
Contender = Literal["jspi", "asyncify", "peer", "native"]


@dataclass(frozen=True)
class Target:
    """One line of the table.

    Attributes:
        measure: key of the samples; `workloads.warm` and `workloads.cold` are geometric means over
            the eight `warm.*` and `cold.*`.
        title: what it is, for people.
        contender: whose number it is.
        against: what it is divided by; None: the number itself is judged.
        limit: the most it may be, as a ratio when there is an `against`, else in `unit`; None: no
            goal yet, shown all the same.
        unit: of the number itself.
        source: who asks for it.
    """

    measure: str
    title: str
    contender: Contender
    against: Contender | None
    limit: float | None
    unit: str
    source: str = ""


GOAL = "the goals of 0.1"

TARGETS = (
    Target("load.cold", "load, cold, to 1+1", "jspi", "peer", 0.30, "ms", GOAL),
    Target("load.warm", "load, warm, to 1+1", "jspi", "peer", 0.30, "ms", GOAL),
    Target("load.cold", "load, cold, to 1+1", "asyncify", "peer", None, "ms"),
    Target("load.warm", "load, warm, to 1+1", "asyncify", "peer", None, "ms"),
    Target("download.gzip", "download, gzip", "jspi", "peer", 0.90, "kB", GOAL),
    Target("download.brotli", "download, brotli", "jspi", "peer", 0.90, "kB", GOAL),
    Target("download.brotli", "download, brotli", "asyncify", "peer", None, "kB"),
    Target("size.wasm", "wasm, uncompressed", "jspi", "peer", None, "kB"),
    Target("size.wasm", "wasm, uncompressed", "asyncify", "jspi", None, "kB"),
    Target("workloads.warm", "eight workloads, warm", "jspi", "peer", 0.92, "ms", GOAL),
    Target("workloads.cold", "eight workloads, cold", "jspi", "peer", 0.92, "ms", GOAL),
    Target("workloads.warm", "eight workloads, warm", "asyncify", "jspi", None, "ms"),
    Target("workloads.cold", "eight workloads, cold", "asyncify", "jspi", None, "ms"),
    Target("sleep0", "time.sleep(0), each", "jspi", None, 2.0, "us", GOAL),
    Target("sleep0", "time.sleep(0), each", "asyncify", None, 5.0, "us", GOAL),
    Target("tasks.resident", "1,000 tasks asleep, RSS", "jspi", None, 300.0, "MB", GOAL),
    Target("tasks.resident", "1,000 tasks asleep, RSS", "asyncify", None, 300.0, "MB", GOAL),
    Target("tasks.wall", "1,000 tasks, 5 sleeps each", "jspi", None, None, "ms"),
    Target("tasks.wall", "1,000 tasks, 5 sleeps each", "asyncify", None, None, "ms"),
)
