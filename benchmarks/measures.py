"""The measures: what is run how often on whom, and which samples it gives.

Why: contenders take turns (A B C, B C A, ...), so that a machine that gets slower or busier
meanwhile treats them alike. Names are those of `--only`. Called by __main__.py.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from sospeso.paths import UserError

from .concurrency import concurrency, run_native
from .contenders import Contender, packed_sizes
from .drivers import Answer, Driver, Request
from .ffi import ffi
from .report import Samples
from .streams import streams
from .workloads import WORKLOADS


@dataclass(frozen=True)
class Effort:
    """How much is done; `--quick` does less."""

    loads: int = 7
    colds: int = 5
    warms: int = 3
    warm_ms: int = 4000
    rounds: int = 5
    sleeps: int = 3


FULL = Effort()
QUICK = Effort(loads=3, colds=2, warms=1, warm_ms=2500, rounds=3, sleeps=1)

Say = Callable[[str], None]
Native = Callable[[Request], Awaitable[Answer]]


@dataclass(frozen=True)
class Bench:
    """What a measure gets."""

    driver: Driver
    contenders: Sequence[Contender]
    effort: Effort
    samples: Samples
    say: Say
    native: Native = field(default=partial(run_native, sys.executable))

    def turns(
        self, rounds: int, what: str, with_peer: bool = True
    ) -> Iterator[tuple[int, Contender]]:
        """(round, contender), everybody once a round, another one first each time."""
        taking_part = [c for c in self.contenders if with_peer or c.key != "peer"]
        for at in range(rounds):
            first = at % max(1, len(taking_part))
            for contender in [*taking_part[first:], *taking_part[:first]]:
                self.say(f"{self.driver.name}: {what} {at + 1}/{rounds}, {contender.key}")
                yield at, contender

    def add(self, measure: str, contender: Contender, values: Sequence[float]) -> None:
        """Samples of this engine."""
        self.samples.add(measure, self.driver.name, contender.key, values)

    async def ask(self, contender: Contender, *requests: dict[str, object]) -> list[Answer]:
        """Run requests afresh; make sure that the core asked for is the one that ran."""
        answers = await self.driver.fresh(contender, requests)
        for answer in answers:
            _check_core(contender, answer["core"])
        return answers

    async def together(self, request: dict[str, object]) -> Answer:
        """Run a request with all contenders in one process; make sure of the cores."""
        answer = await self.driver.together(self.contenders, request)
        for contender in self.contenders:
            _check_core(contender, answer["cores"][contender.key])
        return answer

    async def in_turns(self, action: str, what: str, **request: object) -> None:
        """Loops of all contenders in one process, batch by batch in turns: paired samples.

        Args:
            action: of probe.mjs, and what the names of its loops are put behind.
            what: is measured, for people.
            request: `rounds`, `warm_ms` and `batch_ms` of measureInTurns() in ffi_probe.mjs.
        """
        for at in range(self.effort.warms):
            self.say(f"{self.driver.name}: {what} {at + 1}/{self.effort.warms}")
            answer = await self.together({"action": action, **request})
            for contender in self.contenders:
                for name, values in answer[action][contender.key].items():
                    self.add(f"{action}.{name}", contender, values)
                    self.samples.pair(f"{action}.{name}")


def _check_core(contender: Contender, core: str | None) -> None:
    if core != contender.options.get("core"):
        raise UserError(f"{contender.key} ran on core {core}")


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
