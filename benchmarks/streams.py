"""What output and input through a page's handlers cost, against the peer: rows and measure.

Why: a program that prints is the commonest program there is. The loops are in streams_probe.mjs;
here is what they should come to. Called by __main__.py (`--only streams`).
"""

from __future__ import annotations

from .bench import Bench
from .targets import Target

GOAL = "the streams' goals"

# Name in streams_probe.mjs, what it is, the most it may be of the peer's time; all for 1 MB, in
# lines of 100 characters. No goal where CPython's own work is what both take their time for: the
# bytes' way into one str, a str for each line.
ROWS: tuple[tuple[str, str, float | None], ...] = (
    ("print.batched", "print 1 MB of lines, batched", 0.50),
    ("print.raw", "print 1 MB of lines, raw", 0.50),
    ("print.write", "print 1 MB of lines, write", None),
    ("read.lines", "read 1 MB of lines from sys.stdin, a line a call", 0.50),
    ("read.all", "read 1 MB by sys.stdin.read(), read", None),
    ("read.buffer", "read 1 MB of lines from sys.stdin, read", None),
)

STREAMS_TARGETS: tuple[Target, ...] = tuple(
    Target(f"streams.{name}", title, core, "peer", limit if core == "jspi" else None, "us", GOAL)
    for core in ("jspi", "asyncify")
    for name, title, limit in ROWS
)


async def streams(bench: Bench) -> None:
    """Printing and reading, all contenders in one process, batch by batch in turns."""
    await bench.in_turns("streams", "streams", rounds=11, warm_ms=400, batch_ms=12)
