"""The results for people: a table in the terminal, and docs/cpython-tests.md.

Why: the aim is a percentage of what passes natively, so both sides are counted by the same rule,
per test function, and every skip that Linux does not have is named. Called by __main__.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from .expectations import Expectations
from .process import FAILED, ModuleResult

Results = Sequence[ModuleResult]
Native = Mapping[str, ModuleResult]


# Reasons of test.support for leaving out what needs a process, whether it would start one or not.
NEEDS_PROCESSES = {
    "requires subprocess support",
    "requires working os.fork()",
    "test module requires subprocess",
}


@dataclass(frozen=True)
class Share:
    """Of the tests that pass natively and need no process, how many pass here.

    A test needs one that starts one natively, or that says so by its own decorator. There are
    `declared` of those that only say so.
    """

    wanted: int
    passed: int
    declared: int = 0

    def __str__(self) -> str:
        if self.wanted == 0:
            return "-"
        return f"{100 * self.passed / self.wanted:.1f} % ({self.passed} of {self.wanted})"

    @property
    def strict(self) -> str:
        """The same, with those that only say that they need a process taken as failed."""
        return str(Share(self.wanted + self.declared, self.passed))


def share(results: Results, native: Native) -> Share:
    """The aim's number over these modules; those without a native result do not count."""
    wanted = passed = declared = 0
    for result in results:
        if result.module in native:
            names = _wanted(native[result.module])
            here = {outcome.id for outcome in result.outcomes if outcome.outcome == "pass"}
            left_out = names & _needing_processes(result, names)
            declared += len(left_out)
            wanted += len(names - left_out)
            passed += len(names & here)
    return Share(wanted, passed, declared)


def _needing_processes(result: ModuleResult, names: set[str]) -> set[str]:
    found = {
        outcome.id
        for outcome in result.outcomes
        if outcome.outcome == "skip" and outcome.detail in NEEDS_PROCESSES
    }
    return names if result.module in found else found


def _wanted(native: ModuleResult) -> set[str]:
    return {
        outcome.id
        for outcome in native.outcomes
        if outcome.outcome == "pass" and not outcome.spawns
    }


def own_skips(result: ModuleResult, native: Native) -> Counter[str]:
    """Reasons of the skips that native Linux does not have, with their numbers.

    A module that is skipped as a whole counts once for each of its native tests.
    """
    if result.module not in native:
        return Counter(o.detail for o in result.outcomes if o.outcome == "skip")
    there = native[result.module]
    skipped = {outcome.id for outcome in there.outcomes if outcome.outcome == "skip"}
    found: Counter[str] = Counter()
    for outcome in result.outcomes:
        if outcome.outcome == "skip" and outcome.id not in skipped:
            whole = outcome.id == result.module
            found[outcome.detail] += len(there.outcomes) if whole else 1
    return found


def make_table(results: Results, native: Native) -> Table:
    """One row per module and core."""
    table = Table(title="CPython's own tests")
    table.add_column("module")
    table.add_column("core")
    for name in ("run", "passed", "skipped", "failed", "errors", "lost", "of native", "s"):
        table.add_column(name, justify="right")
    for result in results:
        bad = result.count(*FAILED)
        table.add_row(
            result.module,
            result.place,
            *(str(number) for number in _counts(result)),
            _percent(share([result], native)),
            f"{result.seconds:.0f}",
            style="red" if bad else "",
        )
    return table


def _counts(result: ModuleResult) -> tuple[int, ...]:
    run = len(result.outcomes) - result.count("skip")
    groups = (("pass",), ("skip",), ("fail",), ("error",), ("crash", "timeout"))
    return (run, *(result.count(*kinds) for kinds in groups))


def _percent(part: Share) -> str:
    return f"{100 * part.passed / part.wanted:.1f} %" if part.wanted else "-"


def share_lines(results: Results, native: Native, listed: Collection[str]) -> list[str]:
    """The aim's numbers: of the listed modules where they were run, and of all."""
    parts = {"the listed modules": [r for r in results if r.module in listed], "all": results}
    lines = []
    for title, part in parts.items():
        if part and (title == "all" or len(part) < len(results)):
            found = share(part, native)
            lines.append(
                f"of native, {title}: {found}; with {found.declared} that say they need processes "
                f"as failed: {found.strict}"
            )
    return lines


def make_markdown(
    results: Results,
    native: Native,
    expected: Expectations,
    about: str,
    listed: Collection[str],
) -> str:
    """The text of docs/cpython-tests.md."""
    cores = list(dict.fromkeys(result.place for result in results))
    lines = [
        "# CPython's own tests",
        "",
        "Generated by `make test-cpython`; not to be edited. Each test function counts once.",
        "*Run* is what was not skipped; *lost* are tests that hung or took the runtime with them;",
        "*of native* is the share of the functions that pass in CPython on Linux and need no",
        "process: they start none there, and do not say of themselves that they need one.",
        "The cores are those of the build profile `judge`: a release with CPython's C test",
        "modules and OpenSSL, which the tests ask for and a page does not fetch.",
        "",
        about,
        "",
    ]
    for core in cores:
        mine = [result for result in results if result.place == core]
        lines += [f"## {core}", ""]
        lines += [f"- {line}" for line in share_lines(mine, native, listed)]
        lines += [""]
        lines += _module_table(mine, native)
        lines += _skip_list(mine, native)
        lines += _cause_list(mine, expected)
    return "\n".join(lines).rstrip() + "\n"


def _module_table(results: Results, native: Native) -> list[str]:
    lines = [
        "| module | run | passed | skipped | failed | errors | lost | of native | seconds |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for result in results:
        cells = [result.module, *(str(n) for n in _counts(result))]
        cells += [_percent(share([result], native)), f"{result.seconds:.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def _skip_list(results: Results, native: Native) -> list[str]:
    reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        for reason, number in own_skips(result, native).items():
            reasons[reason][result.module] += number
    if not reasons:
        return []
    lines = ["### Skipped here and not on Linux", ""]
    lines += ["| reason | tests | modules |", "|---|--:|---|"]
    for reason, modules in sorted(reasons.items(), key=lambda item: -item[1].total()):
        shown = reason.replace("|", "\\|").replace("\n", " ")[:200]
        lines.append(f"| {shown} | {modules.total()} | {', '.join(sorted(modules))} |")
    return [*lines, ""]


def _cause_list(results: Results, expected: Expectations) -> list[str]:
    causes: defaultdict[str, list[str]] = defaultdict(list)
    for result in results:
        for outcome in result.outcomes:
            if outcome.outcome in FAILED:
                entry = expected.cause(outcome.id, result.place)
                causes[entry.why if entry else "not expected"].append(outcome.id)
        for entry in expected.of(result.place):
            if entry.kind == "not-started" and entry.belongs_to(result.module):
                causes[entry.why].append(f"{entry.id} (not started)")
    if not causes:
        return []
    lines = ["### Failures by cause", ""]
    for why, names in sorted(causes.items(), key=lambda item: -len(item[1])):
        lines += [f"- **{why}** ({len(names)}): " + ", ".join(f"`{n}`" for n in sorted(set(names)))]
    return [*lines, ""]
