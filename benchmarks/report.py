"""From samples to ratios, to a table on the screen and a JSON file. No clock, no engine in here.

Why: the arithmetic that decides "reached" or "missed" is tested on made-up numbers. A number is the
median of its samples, a ratio the quotient of two medians, a mean of ratios is geometric. Where
contenders took turns within one process, a ratio is the median of the quotients of each turn.
Used by __main__.py and tests/host/test_benchmarks.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.table import Table
from rich.text import Text

from .targets import TARGETS, Contender, Target

Key = tuple[str, str, str]  # measure, engine ("" for files), contender
MEANS = {"workloads.warm": "warm.", "workloads.cold": "cold."}


class Samples:
    """All numbers measured, in the order they were taken."""

    def __init__(self) -> None:
        self._values: dict[Key, list[float]] = {}
        self._paired: set[str] = set()

    def pair(self, measure: str) -> None:
        """The contenders' samples of this measure were taken in turns, one after the other."""
        self._paired.add(measure)

    def is_paired(self, measure: str) -> bool:
        """Whether sample i of one contender stands beside sample i of every other one."""
        return measure in self._paired

    def add(self, measure: str, engine: str, contender: str, values: Iterable[float]) -> None:
        """Append numbers of one measure, in the unit its target names."""
        self._values.setdefault((measure, engine, contender), []).extend(values)

    def get(self, measure: str, engine: str, contender: str) -> list[float]:
        """The numbers; empty when it was not measured."""
        return self._values.get((measure, engine, contender), [])

    def engines(self, measure: str) -> list[str]:
        """The engines a measure (or, for a mean, its parts) was taken on, in order."""
        prefix = MEANS.get(measure)
        found = {
            engine: None
            for name, engine, _ in self._values
            if (name.startswith(prefix) if prefix else name == measure)
        }
        return list(found)

    def parts(self, prefix: str) -> list[str]:
        """The measures whose names begin so, in order."""
        return list({name: None for name, _, _ in self._values if name.startswith(prefix)})

    def plain(self) -> list[dict[str, Any]]:
        """Everything, for JSON."""
        return [
            {"measure": measure, "engine": engine, "contender": contender, "values": values}
            for (measure, engine, contender), values in self._values.items()
        ]


@dataclass(frozen=True)
class Row:
    """One line of the result.

    Attributes:
        value, low, high: median, least, most, in the target's unit; of a mean over workloads: the
            sum of the medians, and None for the other two.
        against: the same median of what it is compared with; None without one.
        ratio: value / against; for paired samples the median of their quotients, for a mean the
            geometric mean of the parts' ratios.
        reached: None when there is no goal.
    """

    target: Target
    engine: str
    value: float
    low: float | None
    high: float | None
    against: float | None
    ratio: float | None
    reached: bool | None


def geometric_mean(values: Sequence[float]) -> float:
    """The geometric mean of positive numbers; at least one."""
    return math.exp(sum(math.log(value) for value in values) / len(values))


def _judge(target: Target, value: float, ratio: float | None) -> bool | None:
    if target.limit is None:
        return None
    judged = value if target.against is None else ratio
    assert judged is not None
    return judged <= target.limit


def _single(target: Target, samples: Samples, engine: str) -> Row | None:
    own = samples.get(target.measure, engine, target.contender)
    other = samples.get(target.measure, engine, target.against) if target.against else []
    if not own or (target.against and not other):
        return None
    value = median(own)
    against = median(other) if other else None
    ratio = value / against if against else None
    if other and samples.is_paired(target.measure):
        ratio = median(a / b for a, b in zip(own, other, strict=True))
    reached = _judge(target, value, ratio)
    return Row(target, engine, value, min(own), max(own), against, ratio, reached)


def _mean(target: Target, samples: Samples, engine: str) -> Row | None:
    assert target.against is not None
    pairs = []
    for part in samples.parts(MEANS[target.measure]):
        own = samples.get(part, engine, target.contender)
        other = samples.get(part, engine, target.against)
        if own and other:
            pairs.append((median(own), median(other)))
    if not pairs:
        return None
    ratio = geometric_mean([own / other for own, other in pairs])
    value, against = sum(own for own, _ in pairs), sum(other for _, other in pairs)
    reached = _judge(target, value, ratio)
    return Row(target, engine, value, None, None, against, ratio, reached)


def make_rows(samples: Samples, targets: Sequence[Target] = TARGETS) -> list[Row]:
    """A row for every target that was measured, on every engine it was measured on."""
    rows = []
    for target in targets:
        make = _mean if target.measure in MEANS else _single
        for engine in samples.engines(target.measure):
            row = make(target, samples, engine)
            if row is not None:
                rows.append(row)
    return rows


def make_parts(samples: Samples) -> list[Row]:
    """The single workloads behind the means: JSPI core against the peer, Asyncify against JSPI."""
    pairs: list[tuple[Contender, Contender]] = [("jspi", "peer"), ("asyncify", "jspi")]
    targets = [
        Target(part, part.partition(".")[2] + ", " + kind, contender, against, None, "ms")
        for kind in ("warm", "cold")
        for contender, against in pairs
        for part in samples.parts(f"{kind}.")
    ]
    return make_rows(samples, targets)


def number(value: float) -> str:
    """Three digits that matter, thousands set apart."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _goal(target: Target) -> str:
    if target.limit is None:
        return "-"
    if target.against is not None:
        return f"<= {target.limit:.2f}x"
    return f"<= {number(target.limit)} {target.unit}"


def _mark(reached: bool | None) -> Text:
    if reached is None:
        return Text("")
    return Text("reached", style="green") if reached else Text("MISSED", style="bold red")


def make_table(rows: Sequence[Row], title: str, peer: str) -> Table:
    """The rows, for people. `peer` is what the column of the compared numbers calls it."""
    names = {"jspi": "jspi", "asyncify": "asyncify", "peer": peer, "native": "native"}
    table = Table(title=title, title_justify="left")
    table.add_column("measure")
    table.add_column("engine")
    table.add_column("core")
    for heading in ("median", "min - max", "against", "ratio", "goal"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for row in rows:
        target = row.target
        spread = ""
        if row.low is not None and row.high is not None and row.low != row.high:
            spread = f"{number(row.low)} - {number(row.high)}"
        against = ""
        if row.against is not None and target.against is not None:
            against = f"{names[target.against]} {number(row.against)}"
        table.add_row(
            target.title,
            row.engine or "files",
            names[target.contender],
            f"{number(row.value)} {target.unit}",
            spread,
            against,
            f"{row.ratio:.3f}x" if row.ratio is not None else "",
            _goal(target),
            _mark(row.reached),
        )
    return table


def make_json(
    rows: Sequence[Row], parts: Sequence[Row], samples: Samples, about: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything, for machines: what ran, the rows, the single workloads, every sample."""
    return {
        "about": dict(about),
        "rows": [asdict(row) for row in rows],
        "workloads": [asdict(row) for row in parts],
        "samples": samples.plain(),
    }
