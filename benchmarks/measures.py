"""The measures: what is run how often on whom, and which samples it gives.

Why: one table from a name of `--only` to what is measured. Those of some size are in files of their
own, and all of them get a Bench (bench.py). Called by __main__.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from sospeso.paths import UserError

from .bench import Bench, Say
from .concurrency import concurrency
from .contenders import Contender, packed_sizes
from .ffi import ffi
from .report import Samples
from .streams import streams
from .workloads import WORKLOADS


async def load(bench: Bench) -> None:
    """loadPyodide to the first result, from import() of the module on; then a second time."""
    for _, contender in bench.turns(bench.effort.loads, "load"):
        cold, warm = await bench.ask(contender, {"action": "load"}, {"action": "load"})
        bench.add("load.cold", contender, [cold["load"]])
        bench.add("load.warm", contender, [warm["load"]])


async def cold(bench: Bench) -> None:
    """All workloads in one call of a fresh runtime; another one comes first each round."""
    names = list(WORKLOADS)
    for at, contender in bench.turns(bench.effort.colds, "workloads, cold"):
        first = names[3 * at % len(names)]
        (answer,) = await bench.ask(contender, {"action": "cold", "first": first})
        for times in answer["workloads"]:
            for name in names:
                bench.add(f"cold.{name}", contender, [times[name]])


async def warm(bench: Bench) -> None:
    """Each workload in calls of its own, after some that do not count."""
    effort = bench.effort
    results: dict[str, object] = {}
    request = {"action": "warm", "warm_ms": effort.warm_ms, "rounds": effort.rounds}
    for _, contender in bench.turns(effort.warms, "workloads, warm"):
        (answer,) = await bench.ask(contender, request)
        for times in answer["workloads"]:
            for name in WORKLOADS:
                bench.add(f"warm.{name}", contender, [times[name]])
        if results and results != answer["results"]:
            raise UserError(f"{contender.key} computes {answer['results']}, others {results}")
        results = answer["results"]


async def sleep(bench: Bench) -> None:
    """time.sleep(0) in a loop: the price of one wait. (The peer blocks there: another thing.)"""
    request = {"action": "sleep", "count": 20_000, "warmups": 2, "rounds": 5}
    for _, contender in bench.turns(bench.effort.sleeps, "time.sleep(0)", with_peer=False):
        (answer,) = await bench.ask(contender, request)
        bench.add("sleep0", contender, answer["sleep0"])


async def tasks(bench: Bench) -> None:
    """1,000 tasks asleep at once: memory of the process (Node shows it), and time."""
    request = {"action": "tasks", "count": 1000, "seconds": 4}
    for _, contender in bench.turns(bench.effort.sleeps, "1,000 tasks", with_peer=False):
        (answer,) = await bench.ask(contender, request)
        bench.add("tasks.wall", contender, [answer["wall"]])
        bench.add("tasks.memory", contender, [answer["memory"]])
        if answer["resident"]:
            bench.add("tasks.resident", contender, [answer["resident"]])
            bench.add("tasks.peak", contender, [answer["peak"]])


def download(contenders: Sequence[Contender], samples: Samples, say: Say) -> None:
    """Bytes a page fetches to run `1+1`; needs no engine."""
    for contender in contenders:
        sizes = []
        for name in contender.files:
            say(f"compressing {contender.key}'s {name}")
            sizes.append(packed_sizes(contender.folder / name))
        wasm = (contender.folder / contender.wasm).stat().st_size
        samples.add("download.gzip", "", contender.key, [sum(size[0] for size in sizes) / 1000])
        samples.add("download.brotli", "", contender.key, [sum(size[1] for size in sizes) / 1000])
        samples.add("size.wasm", "", contender.key, [wasm / 1000])


MEASURES: dict[str, Callable[[Bench], Awaitable[None]]] = {
    "load": load,
    "cold": cold,
    "warm": warm,
    "sleep": sleep,
    "tasks": tasks,
    "ffi": ffi,
    "streams": streams,
    "concurrency": concurrency,
}
NAMES = ("download", "polyfill", *MEASURES)
