"""The concurrent programs do what they say, natively; their rows, and who they are compared with.

Why: a program that does less work than its name says makes a number that is too good. The very text
that is measured runs here, a few times round. Run by `make test`; nothing is timed.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks import concurrency, concurrency_programs, native, native_driver, workloads
from benchmarks.bench import Bench, Effort
from benchmarks.concurrency import BLOCKED, CONCURRENCY_TARGETS, ROWS
from benchmarks.concurrency_programs import PROGRAMS
from benchmarks.contenders import Contender, own, peer
from benchmarks.report import Samples, make_rows
from sospeso.paths import UserError


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_runs_natively_and_leaves_no_thread(name: str) -> None:
    before = threading.active_count()
    assert concurrency_programs.batch(name, 1 if name == "asyncio.sleeps" else 3) > 0
    assert threading.active_count() == before


async def test_a_coroutine_runs_on_the_loop_that_is_there() -> None:
    assert await concurrency_programs.batch_here("asyncio.echo", 2) > 0


def test_every_program_has_a_row_and_coroutines_have_two() -> None:
    expected = set(PROGRAMS)
    for name, program in PROGRAMS.items():
        if asyncio.iscoroutinefunction(program):
            expected.add(f"{name}@page")
    assert {row.name for row in ROWS} == expected


def test_a_lost_byte_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs check what arrives: a transport that drops data must not look fast."""
    monkeypatch.setattr(concurrency_programs, "MB", 1000)
    monkeypatch.setattr(concurrency_programs, "CHUNK", b"x" * 256)
    concurrency_programs.socket_megabytes(2)

    def lose(serve: Any, client: Any) -> None:
        class Nothing:
            def recv(self, size: int) -> bytes:
                return b""

            def sendall(self, data: bytes) -> None:
                pass

        serve(Nothing())
        client(Nothing())

    monkeypatch.setattr(concurrency_programs, "_with_server", lose)
    for lossy in (concurrency_programs.socket_megabytes, concurrency_programs.socket_roundtrip):
        with pytest.raises(AssertionError):
            lossy(2)


def test_blocked_threads_are_all_there_until_they_are_released() -> None:
    before = threading.active_count()
    threads = concurrency_programs.Blocked(7)
    assert threading.active_count() == before + 7
    threads.release()
    assert threading.active_count() == before


def test_computations_end() -> None:
    assert concurrency_programs.compute(0.0) == 1000
    assert concurrency_programs.compute_calls(0.001) >= 1
    small = {"loops": workloads.loops}
    assert concurrency_programs.compute_workloads(small, 0.001) >= 1
    assert concurrency_programs.timed(workloads.loops, 2) > 0


async def test_the_native_python_answers_in_a_process_of_its_own() -> None:
    answer = await native_driver.run_native(sys.executable, {"action": "blocked", "count": 5})
    assert answer["version"] == native_driver.python_version(sys.executable)
    assert answer["started"] > 0


def test_native_samples_are_as_many_as_asked_for() -> None:
    times = native.sample("lock.handover", 3, 1.0, 0.1)
    assert len(times) == 3
    assert min(times) > 0


async def test_a_native_python_that_fails_is_an_error() -> None:
    with pytest.raises(UserError, match="failed natively"):
        await native_driver.run_native(sys.executable, {"action": "blocked"})
    with pytest.raises(UserError, match="no native Python"):
        native_driver.python_version("/nowhere/python")


def test_goals_name_who_asks_for_them_and_no_target_is_there_twice() -> None:
    assert all(bool(t.source) == (t.limit is not None) for t in CONCURRENCY_TARGETS)
    keys = [(t.measure, t.contender, t.against) for t in CONCURRENCY_TARGETS]
    assert len(set(keys)) == len(keys)


class Recorder:
    """An engine that notes what it is asked, and answers with one second for everything."""

    name = "fake"
    about = "a fake"

    def __init__(self, kills_peer: str = "") -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.kills_peer = kills_peer

    async def fresh(
        self, contender: Contender, requests: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        (request,) = requests
        self.asked.append((contender.key, request["action"], request.get("only")))
        if request.get("only") == [self.kills_peer]:
            raise UserError("memory access out of bounds")
        return [
            {
                "core": contender.options.get("core"),
                "programs": {
                    row.name: [2e6]
                    for row in ROWS
                    if row.name in (request.get("only") or [row.name])
                },
                "started": 1.0,
                "resident": 0,  # a page does not show it
                "memory": 30.0,
            }
        ]


def bench_with(driver: Recorder) -> Bench:
    async def natively(request: dict[str, Any]) -> dict[str, Any]:
        driver.asked.append(("native", request["action"], None))
        times = {name: [1e6] for name in PROGRAMS}
        return {"programs": times, "started": 1.0, "resident": 10.0}

    everybody = [own("jspi", "jspi", Path("ours")), peer(Path("theirs"))]
    effort = Effort(sleeps=2)
    return Bench(driver, everybody, effort, Samples(), lambda text: None, natively)


async def test_the_peer_runs_what_it_can_and_native_takes_part_once_a_round() -> None:
    driver = Recorder()
    bench = bench_with(driver)
    await concurrency.programs(bench)
    ours, native_one = ("jspi", "programs", None), ("native", "programs", None)
    theirs = [
        ("peer", "programs", ["asyncio.sleep0@page"]),
        ("peer", "programs", ["asyncio.sleeps@page"]),
    ]
    assert driver.asked == [ours, native_one, *theirs, *theirs, ours, native_one]


async def test_a_program_that_the_peer_does_not_survive_costs_no_other() -> None:
    """Pyodide 0.29.5 ends in a trap in some runs of the 10,000 sleeps."""
    driver = Recorder(kills_peer="asyncio.sleeps@page")
    bench = bench_with(driver)
    await concurrency.programs(bench)
    assert bench.samples.get("concurrency.asyncio.sleep0@page", "fake", "peer") == [2e6, 2e6]
    assert bench.samples.get("concurrency.asyncio.sleeps@page", "fake", "peer") == []


async def test_operations_are_counted_in_the_unit_of_the_row() -> None:
    bench = bench_with(Recorder())
    await concurrency.programs(bench)
    rows = {row.target.measure: row for row in make_rows(bench.samples, CONCURRENCY_TARGETS)}
    assert rows["concurrency.thread.start"].value == 2e6  # us
    assert rows["concurrency.lock.handover"].value == 1e6  # two to a round
    assert rows["concurrency.socket.megabytes"].value == 2e3  # ms
    # Natively there is one way to run a coroutine: both of ours are compared with it.
    assert rows["concurrency.asyncio.sleep0@page"].against == 1e6
    assert rows["concurrency.asyncio.sleep0"].ratio == 2.0


async def test_memory_that_the_engine_does_not_show_has_no_row() -> None:
    bench = bench_with(Recorder())
    await concurrency.blocked(bench)
    measured = {row.target.measure for row in make_rows(bench.samples, CONCURRENCY_TARGETS)}
    assert measured == {
        f"blocked.{count}.{key}" for count in BLOCKED for key in ("memory", "started")
    }
