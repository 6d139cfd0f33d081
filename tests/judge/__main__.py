"""`python -m tests.judge`: run CPython's own tests on the cores. `make test-cpython` calls it.

    python -m tests.judge [--core CORE] [--jobs N] [--kept] [--report FILE] [MODULE]...

MODULE is a name (`test_queue`), a test (`test_queue.QueueTest.test_get`), or one of the sets
`listed`, `fast` and `all`; the default is the listed ones and then the others. Exit code 1:
something was not as expectations.toml says.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cpython.build import driver
from cpython.build.engine.errors import BuildError
from sospeso.engines import Node, find_node
from sospeso.paths import ROOT, UserError, cache_dir, need_dist

from . import catalog, native, report
from .expectations import Expectations
from .process import FAILED, ModuleResult, Outcome, run_module

HERE = Path(__file__).parent
LOGS = ROOT / "test-results" / "cpython"


def core_command(core: str, node: Node, tests: Path, dist: Path) -> Any:
    """From a job to the command line that runs it on a core of `dist`."""
    fixed = {
        "core": core,
        "dist": str(dist),
        "tests": str(tests),
        "inside": str(HERE / "inside.py"),
    }

    def command(job: Mapping[str, object]) -> Sequence[str]:
        return node.command(str(HERE / "host.mjs"), json.dumps({**job, **fixed}))

    return command


def build(core: str) -> Path:
    """The cores that are judged: releases that have CPython's C test modules as well.

    They are kept in the cache, beside dist/ and not in it; $SOSPESO_DIST names others.

    Raises:
        BuildError: they cannot be built.
    """
    if "SOSPESO_DIST" in os.environ:
        return need_dist("sospeso.mjs")
    return driver.build("judge", core, target=cache_dir() / "judge" / "dist")


class Judge:
    """One run: what to do, what came of it."""

    def __init__(
        self,
        tests: Path,
        expected: Expectations,
        jobs: int,
        console: Console,
        store: Path = LOGS,
        kept: bool = False,
    ) -> None:
        self.tests = tests
        self.store = store
        self.kept = kept  # what the last run left is taken for a run
        self.expected = expected
        self.gate = asyncio.Semaphore(jobs)
        self.console = console
        self.results: list[ModuleResult] = []

    async def run(self, modules: Mapping[str, list[str]], place: str, command: Any) -> None:
        """Run the modules; each has the ids to run, empty for all."""
        with Progress(
            TextColumn(f"{place:9}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[now]}"),
            console=self.console,
            transient=True,
        ) as bar:
            task = bar.add_task("", total=len(modules), now="")
            tally = {"pass": 0, "skip": 0, "bad": 0}

            async def one(module: str, only: list[str]) -> ModuleResult:
                file = self.store / place / f"{module}.json"
                if self.kept and file.exists():
                    bar.advance(task)
                    return ModuleResult.from_json(json.loads(file.read_text()))
                async with self.gate:

                    def progress(outcome: Outcome | None) -> None:
                        if outcome is not None:
                            kind = "bad" if outcome.outcome in FAILED else outcome.outcome
                            tally[kind] += 1
                        now = f"{module}  {tally['pass']} passed, {tally['skip']} skipped, "
                        bar.update(task, now=now + f"{tally['bad']} failed")

                    skip = [] if place == "native" else self.expected.not_started(place)
                    result = await run_module(
                        module, place, command, self.store / place, skip, only, progress
                    )
                    bar.advance(task)
                    keep(result, self.store / place)
                    return result

            found = await asyncio.gather(*(one(name, only) for name, only in modules.items()))
        self.results += found


def keep(result: ModuleResult, folder: Path) -> None:
    """Write a result beside its log."""
    (folder / f"{result.module}.json").write_text(json.dumps(result.to_json(), indent=1))


def split_only(names: tuple[str, ...], tests: Path) -> dict[str, list[str]]:
    """Modules to run, each with the ids given for it."""
    found: dict[str, list[str]] = {}
    for name in names:
        module, ids = _module_of(name.removeprefix("test."), tests)
        for part in catalog.expand((module,), tests):
            if ids:
                found.setdefault(part, []).append(ids)
            else:
                found[part] = []
    return found


def _module_of(name: str, tests: Path) -> tuple[str, str]:
    """The module of an id, and the id if it is more than that."""
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        path = tests / "test" / Path(*parts[:size])
        if path.with_suffix(".py").exists() or (path / "__init__.py").exists():
            return ".".join(parts[:size]), name if size < len(parts) else ""
    return name, ""


async def native_results(judge: Judge, modules: Sequence[str]) -> dict[str, ModuleResult]:
    """What the modules do natively; those that the cache has not are run first."""
    store = judge.tests.with_name(judge.tests.name.replace("tests-", "results-"))
    missing = [name for name in modules if not (store / "native" / f"{name}.json").exists()]
    if missing:
        other = Judge(judge.tests, judge.expected, 1, judge.console, store)
        await other.run({name: [] for name in missing}, "native", native.command_maker(judge.tests))
    store /= "native"
    read = (json.loads((store / f"{name}.json").read_text()) for name in modules)
    return {data["module"]: ModuleResult.from_json(data) for data in read}


async def judge_all(
    names: tuple[str, ...],
    cores: Sequence[str],
    jobs: int,
    with_native: bool,
    target: Path | None,
    dist: Path,
    kept: bool,
) -> int:
    """Everything; the exit code."""
    console = Console(stderr=True)
    tests = catalog.tests_folder(dist)
    judge = Judge(tests, Expectations.load(), jobs, console, kept=kept)
    modules = split_only(names or ("listed", "all"), tests)
    listed = catalog.expand(("listed",), tests)
    node = find_node(need_jspi="jspi" in cores)
    for core in cores:
        await judge.run(modules, core, core_command(core, node, tests, dist))
    baseline = await native_results(judge, list(modules)) if with_native else {}
    out = Console() if sys.stdout.isatty() else Console(width=120)
    out.print(report.make_table(judge.results, baseline))
    for core in cores:
        mine = [result for result in judge.results if result.place == core]
        for line in report.share_lines(mine, baseline, listed):
            out.print(f"{core}: {line}")
    whole = [result for result in judge.results if not modules[result.module]]
    surprises = judge.expected.compare(whole)
    if len(whole) < len(judge.results):
        parts = [result for result in judge.results if modules[result.module]]
        surprises += [s for s in judge.expected.compare(parts) if "no such test" not in s.text]
    for surprise in surprises:
        out.rule(f"{surprise.id} [{surprise.core}]", align="left")
        out.print(surprise.text, markup=False, highlight=False)
    if target is not None:
        about = f"Node {node.version}, {platform.system()} on {platform.machine()}."
        text = report.make_markdown(judge.results, baseline, judge.expected, about, listed)
        target.write_text(text, encoding="utf-8")
    out.print(f"{len(surprises)} surprises" if surprises else "as expected")
    return 1 if surprises else 0


@click.command()
@click.argument("modules", nargs=-1)
@click.option("--core", type=click.Choice(["jspi", "asyncify", "both"]), default="both")
@click.option("--jobs", type=click.IntRange(1, 64), default=min(2, os.cpu_count() or 1))
@click.option("--native/--no-native", "with_native", default=True, help="Compare with Linux.")
@click.option("--kept", is_flag=True, help="Take the last results of modules that have some.")
@click.option("--report", "target", type=click.Path(path_type=Path), help="Markdown to write.")
def main(
    modules: tuple[str, ...],
    core: str,
    jobs: int,
    with_native: bool,
    kept: bool,
    target: Path | None,
) -> None:
    """Run CPython's own tests."""
    cores = ("jspi", "asyncify") if core == "both" else (core,)
    try:
        dist = build(core)
        sys.exit(asyncio.run(judge_all(modules, cores, jobs, with_native, target, dist, kept)))
    except (UserError, BuildError) as error:
        print(f"sospeso: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
