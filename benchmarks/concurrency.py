"""What threads, sockets and asyncio cost: rows, measures, and the same programs in native CPython.

Why: most of these programs run in no other Python in a browser, so beside Pyodide (where it can run
them) stands native CPython with a real kernel as the far limit. The programs are in
concurrency_programs.py, the loops around them in concurrency_probe.mjs and native.py.
Called by measures.py (`--only concurrency`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sospeso.paths import UserError

from .bench import Bench
from .contenders import Contender as Who
from .targets import Contender, Target

Add = Callable[[str, dict[str, list[float]]], None]

GOAL = "the goals of concurrency"
PROGRAMS = Path(__file__).with_name("concurrency_programs.py")


@dataclass(frozen=True)
class Row:
    """A program: its name in the probe, what it is, its unit, what one operation is divided by."""

    name: str
    title: str
    unit: str = "us"
    divisor: float = 1.0
    peer: bool = False


ROWS = (
    Row("thread.start", "start and join a thread"),
    Row("lock.handover", "hand a lock over to a thread", divisor=2),
    Row("queue.pingpong", "queue, there and back"),
    Row("executor.submit", "ThreadPoolExecutor, submit and result"),
    Row("socket.connect", "TCP connect, accept, close"),
    Row("socket.roundtrip", "TCP, 16 bytes there and back"),
    Row("socket.megabytes", "TCP, a megabyte", "ms", 1000),
    Row("asyncio.sleep0@page", "asyncio.sleep(0), page's loop", peer=True),
    Row("asyncio.sleep0", "asyncio.sleep(0), asyncio.run"),
    Row("asyncio.sleeps@page", "10,000 sleeps of 0.1 s, page's loop", "ms", 1000, peer=True),
    Row("asyncio.sleeps", "10,000 sleeps of 0.1 s, asyncio.run", "ms", 1000),
    Row("asyncio.echo@page", "streams, a line there and back, page's loop"),
    Row("asyncio.echo", "streams, a line there and back, asyncio.run"),
    Row("asyncio.to_thread@page", "to_thread, page's loop"),
    Row("asyncio.to_thread", "to_thread, asyncio.run"),
)
# What Pyodide can run: it has neither threads nor sockets; its asyncio.run() is its page's loop.
PEER_ROWS = [row.name for row in ROWS if row.peer]
BLOCKED = (1000, 5000)
MOST_RESIDENT = {1000: 300.0}  # MB
MOST_HELD = 50.0  # ms
MOST_PRICE = 1.03  # of the time without handing over


def make_targets() -> tuple[Target, ...]:
    """A line for each program, core and comparison, then memory, price, and time held."""
    targets = []
    cores: tuple[Contender, ...] = ("jspi", "asyncify")
    for row in ROWS:
        for core in cores:
            measure = f"concurrency.{row.name}"
            if row.peer:
                targets.append(Target(measure, row.title, core, "peer", None, row.unit))
            targets.append(Target(measure, row.title, core, "native", None, row.unit))
    for core in cores:
        for count in BLOCKED:
            title, most = f"{count:,} blocked threads", MOST_RESIDENT.get(count)
            goal = GOAL if most else ""
            resident, memory = f"blocked.{count}.resident", f"blocked.{count}.memory"
            targets += [
                Target(resident, f"{title}, RSS", core, None, most, "MB", goal),
                Target(resident, f"{title}, RSS", core, "native", None, "MB"),
                Target(memory, f"{title}, wasm memory", core, None, None, "MB"),
                Target(f"blocked.{count}.started", f"start {title}", core, "native", None, "ms"),
            ]
    for core in cores:
        targets += [
            Target("handing", "time slices, eight workloads", core, None, MOST_PRICE, "x", GOAL),
            Target("held.loop", "page held, `while True`", core, None, MOST_HELD, "ms", GOAL),
            Target("held.calls", "page held, C calls of 1 ms", core, None, MOST_HELD, "ms", GOAL),
            Target("held.workloads", "page held, eight workloads", core, None, None, "ms"),
            Target("held.idle", "page held, nothing runs", core, None, None, "ms"),
        ]
    return tuple(targets)


CONCURRENCY_TARGETS = make_targets()


async def concurrency(bench: Bench) -> None:
    """All of them, one after the other."""
    await programs(bench)
    await blocked(bench)
    await handing(bench)
    await held(bench)


async def programs(bench: Bench) -> None:
    """Each program in a process of its own for each contender and round, natively too."""
    text = PROGRAMS.read_text()
    request: dict[str, Any] = {"action": "programs", "rounds": 5, "warm_ms": 300, "batch_ms": 40}

    def add(contender: str, times: dict[str, list[float]]) -> None:
        for row in ROWS:
            # Natively there is no page, and one way to run a coroutine.
            name = row.name.partition("@")[0] if contender == "native" else row.name
            if name in times:
                values = [value / row.divisor for value in times[name]]
                bench.samples.add(f"concurrency.{row.name}", bench.driver.name, contender, values)

    for at, contender in bench.turns(bench.effort.sleeps, "concurrent programs"):
        more: dict[str, Any] = {"programs": text}
        if contender.key == "peer":
            await ask_peer(bench, contender, request | more, add)
            continue
        (answer,) = await bench.ask(contender, request | more)
        add(contender.key, answer["programs"])
        if contender.key == "jspi":  # once a round
            bench.say(f"{bench.driver.name}: concurrent programs {at + 1}, native")
            add("native", (await bench.native(request))["programs"])


async def ask_peer(bench: Bench, contender: Who, request: dict[str, Any], add: Add) -> None:
    """Each program in a process of its own: one that the peer does not survive costs no other."""
    for name in PEER_ROWS:
        try:
            (answer,) = await bench.ask(contender, request | {"only": [name]})
        except UserError as error:
            bench.say(f"{contender.key} did not get through {name}: {str(error)[:500]}")
        else:
            add(contender.key, answer["programs"])


async def blocked(bench: Bench) -> None:
    """Memory of many threads that wait; RSS where the engine shows it (Node)."""
    text = PROGRAMS.read_text()

    def add(count: int, contender: str, answer: dict[str, Any]) -> None:
        for key in ("started", "resident", "memory"):
            if answer.get(key):
                measure = f"blocked.{count}.{key}"
                bench.samples.add(measure, bench.driver.name, contender, [answer[key]])

    for count in BLOCKED:
        request: dict[str, Any] = {"action": "blocked", "count": count}
        for _, contender in bench.turns(1, f"{count:,} blocked threads", with_peer=False):
            (answer,) = await bench.ask(contender, {**request, "programs": text})
            add(count, contender.key, answer)
        bench.say(f"{bench.driver.name}: {count:,} blocked threads, native")
        add(count, "native", await bench.native(request))


async def handing(bench: Bench) -> None:
    """The price of time slices: with and without, in turns, in one process."""
    request = {
        "action": "handing",
        "programs": PROGRAMS.read_text(),
        "warm_ms": bench.effort.warm_ms,
        "rounds": 9,
        "least_ms": 100,
    }
    for _, contender in bench.turns(1, "the price of handing over", with_peer=False):
        (answer,) = await bench.ask(contender, request)
        bench.add("handing", contender, [answer["ratio"]])
        for name, ratio in answer["ratios"].items():
            bench.add(f"handing.{name}", contender, [ratio])


async def held(bench: Bench) -> None:
    """Longest time between two turns of the page's event loop while Python computes."""
    request = {
        "action": "held",
        "programs": PROGRAMS.read_text(),
        "seconds": 10,
        "workload_seconds": 5,
        "calls_seconds": 3,
    }
    for _, contender in bench.turns(1, "how long the page is held", with_peer=False):
        (answer,) = await bench.ask(contender, request)
        for key in ("idle", "loop", "calls", "workloads"):
            bench.add(f"held.{key}", contender, [answer["held"][key]["gap"]])
            bench.add(f"held.{key}.turns", contender, [answer["held"][key]["turns"]])
