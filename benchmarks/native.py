"""The concurrent programs in native CPython: `python -m benchmarks.native '<JSON of a request>'`.

Why: what threads and sockets cost under a real kernel is the far limit of what they can cost here.
The loop of batches is concurrency_probe.mjs's, in Python. native_driver.py runs this in turns with
the runtimes, in the Python of `--native`; it imports nothing but the standard library.
"""

from __future__ import annotations

import json
import math
import platform
import sys
import time
from pathlib import Path
from typing import Any

from . import concurrency_programs as programs

LONGEST = 4.0  # seconds for the samples of one program


def sample(name: str, rounds: int, warm_ms: float, batch_ms: float) -> list[float]:
    """Microseconds an operation of a program, `rounds` of them at most."""
    n, took = 1, 0.0
    end = time.perf_counter() + warm_ms / 1e3
    while time.perf_counter() < end or took < batch_ms / 2:
        took = programs.batch(name, n)
        if took < batch_ms:
            n = math.ceil(n * min(8, max(1.05, batch_ms / max(took, 0.01))))
    n = max(1, round(n * batch_ms / max(took, 0.01)))
    latest = time.perf_counter() + LONGEST
    times = [programs.batch(name, n) * 1e3 / n]
    while len(times) < rounds and time.perf_counter() < latest:
        times.append(programs.batch(name, n) * 1e3 / n)
    return times


def resident_mb() -> float:
    """The process's memory, where /proc shows it; else 0."""
    try:
        fields = Path("/proc/self/status").read_text().split()
        return int(fields[fields.index("VmRSS:") + 1]) * 1024 / 1e6
    except OSError:
        return 0.0


def blocked(count: int) -> dict[str, float]:
    """`count` threads that wait: memory, and how long it took until they did."""
    start = time.perf_counter()
    threads = programs.Blocked(count)
    answer = {"started": (time.perf_counter() - start) * 1e3, "resident": resident_mb()}
    threads.release()
    return answer


def main(request: dict[str, Any]) -> dict[str, Any]:
    """What a request asks for, as concurrency_probe.mjs answers it."""
    answer: dict[str, Any] = {"version": platform.python_version(), "core": None}
    if request["action"] == "blocked":
        return answer | blocked(request["count"])
    keys = ("rounds", "warm_ms", "batch_ms")
    times = {name: sample(name, *(request[key] for key in keys)) for name in programs.PROGRAMS}
    return answer | {"programs": times}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
