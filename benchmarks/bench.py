"""What a measure is given: the engine, the contenders, how much to do, and where samples go.

Why: contenders take turns (A B C, B C A, ...), so that a machine that gets slower or busier
meanwhile treats them alike; and no measure may take a core that was not asked for. Made by
__main__.py, used by measures.py and the measures in files of their own.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from sospeso.paths import UserError

from .contenders import Contender
from .drivers import Answer, Driver, Request
from .native_driver import run_native
from .report import Samples


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
