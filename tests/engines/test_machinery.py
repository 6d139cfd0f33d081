"""The matrix's own machinery, without an engine: catalog, installing, tables, picture.

Why: a table that calls a failure a success would be worse than none.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from xml.etree import ElementTree

import brotli
import pytest
from rich.console import Console

from sospeso.npm import Pin
from sospeso.paths import UserError
from tests.matrix import install as installing
from tests.matrix import report
from tests.matrix.catalog import Archive, Cell, Engine, full_cells, quick_cells, read_catalog
from tests.matrix.install import EngineMissing, Installed, find, install
from tests.matrix.launch import WEB, command_line
from tests.matrix.picture import make_picture
from tests.matrix.runner import Check, Outcome

GOOD = Engine("good", "Good 7", "chromium", jspi="final", why="has JSPI")
POOR = Engine("poor", "Poor, JSPI off", "firefox", jspi="none", lacks=("service worker",))
GONE = Engine("gone", "Gone", "node")


def outcome(engine: Engine, context: str, *, fails: bool = False, **more: str) -> Outcome:
    cell = Cell(engine, context)
    checks = [
        Check("core", "loads", True, f"{cell.core}: it has what it needs"),
        Check("waits", "sleeps", not fails, "it <slept> on" if fails else ""),
    ]
    return Outcome(cell, "7.1.2", checks if not more.get("absent") else [], **more)


# -- the catalog -----------------------------------------------------------------------------------


def test_every_engine_has_a_name_of_its_own_and_one_source() -> None:
    engines = read_catalog()
    assert len({e.key for e in engines}) == len({e.title for e in engines}) == len(engines)
    for engine in engines:
        sources = [engine.archive is not None, engine.root is not None, bool(engine.apt)]
        assert sum(sources) == 1, engine.key
        assert engine.jspi in ("final", "trial", "none") and engine.why, engine.key
        assert set(engine.lacks) | set(engine.quick) <= set(engine.contexts), engine.key


def test_archives_are_pinned_by_hash() -> None:
    pins = [engine.archive.pin for engine in read_catalog() if engine.archive is not None]
    assert all(pin.integrity.startswith("sha512-") and len(pin.integrity) == 95 for pin in pins)
    assert all(pin.version[0].isdigit() for pin in pins)


def test_a_cell_knows_which_core_must_run() -> None:
    assert [Cell(e, "page").core for e in (GOOD, POOR, GONE)] == ["jspi", "asyncify", ""]
    assert Cell(GOOD, "page", "asyncify").core == "asyncify"
    assert Cell(GOOD, "module worker").key == "good/module-worker/auto"


def test_all_runs_both_cores_where_there_are_two() -> None:
    assert [cell.asked for cell in full_cells(GOOD)] == ["auto"] * 5 + ["asyncify"] * 5
    assert [cell.asked for cell in full_cells(POOR)] == ["auto"] * 5
    assert quick_cells(GOOD) == []


# -- installing ------------------------------------------------------------------------------------


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOSPESO_CACHE", str(tmp_path))
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    return tmp_path


def packed(program: str) -> Engine:
    return Engine("p", "P", "node", archive=Archive(Pin("@a/b", "1.2.3", "sha512-"), program))


def test_an_archive_is_fetched_once_and_its_program_runs(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = []

    def fetch(pin: Pin, target: Path) -> None:
        fetched.append(pin.name)
        (target / "bin").mkdir(parents=True)
        script = b"#!/bin/sh\necho v5.6.7\n"
        (target / "bin/tool.br").write_bytes(brotli.compress(script))

    monkeypatch.setattr(installing, "fetch", fetch)
    first, second = (install(packed("bin/tool.br"), lambda _: None) for _ in range(2))
    assert first == second and fetched == ["@a/b"]
    assert first.program == str(cache / "engines/a-b-1.2.3/bin/tool")
    assert first.version == "5.6.7"


@pytest.mark.usefixtures("cache")
def test_what_cannot_be_fetched_is_missing_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(pin: Pin, target: Path) -> None:
        raise UserError("npm pack failed: no route to host")

    monkeypatch.setattr(installing, "fetch", fetch)
    with pytest.raises(EngineMissing, match="no route to host"):
        install(packed("bin/tool"), lambda _: None)


def test_finding_installs_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "fetch", lambda *_: pytest.fail("something was fetched"))
    assert find(packed("bin/tool")) is None
    assert list(cache.iterdir()) == [] or not any((cache / "engines").iterdir())


@pytest.mark.parametrize(
    ("tool", "user", "reason"),
    [
        (None, 0, "no apt-get"),
        ("/usr/bin/apt-get", 1000, "only root may install: sudo apt-get install some-browser"),
    ],
)
def test_without_apt_or_root_an_engine_is_missing_and_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, tool: str | None, user: int, reason: str
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr("shutil.which", lambda name: tool if name == "apt-get" else None)
    engine = Engine("b", "B", "firefox", apt=("some-browser",), programs=("some-browser",))
    with pytest.raises(EngineMissing, match=reason):
        install(engine, lambda _: None)


def test_another_machine_has_no_archives(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    with pytest.raises(EngineMissing, match="Linux on x86-64, this is Linux on aarch64"):
        install(packed("bin/tool"), lambda _: None)


# -- starting --------------------------------------------------------------------------------------


def test_firefox_gets_its_settings_and_a_profile_of_its_own(tmp_path: Path) -> None:
    engine = Engine("f", "F", "firefox", prefs={"some.pref": False})
    words = command_line(Installed(engine, "/usr/bin/firefox"), tmp_path, "http://h:1", {"a": "b"})
    assert words[words.index("--profile") + 1] == str(tmp_path)
    assert words[-1] == "http://h:1/run.html?plan=%7B%22a%22%3A%20%22b%22%7D"
    assert 'user_pref("some.pref", false);' in (tmp_path / "user.js").read_text()


def test_an_engine_in_a_root_sees_its_folder_from_within(tmp_path: Path) -> None:
    engine = Engine("c", "C", "chromium", flags=("--one",))
    inside = tmp_path / "tmp" / "x"
    words = command_line(
        Installed(engine, "/usr/bin/c", tmp_path), inside, "http://h:1", {}, ["--two"]
    )
    assert words[0] == "unshare" and str(tmp_path) in words
    assert {"--user-data-dir=/tmp/x", "--one", "--two"} <= set(words)


def test_command_line_engines_get_the_plan_as_a_word(tmp_path: Path) -> None:
    for family, verb in (("node", []), ("bun", []), ("deno", ["run", "--allow-all"])):
        found = Installed(Engine("e", "E", family, flags=("--flag",)), "/bin/e")  # type: ignore[arg-type]
        words = command_line(found, tmp_path, "http://h:1", {"context": "main"})
        assert words == [
            *("/bin/e", *verb, "--flag", str(WEB / "host.mjs")),
            json.dumps({"context": "main"}),
        ]


# -- what came of it -------------------------------------------------------------------------------


def test_problems_name_what_failed_broke_or_is_not_there() -> None:
    assert outcome(GOOD, "page").problems == []
    assert outcome(GOOD, "page", fails=True).problems == ["waits: sleeps: it <slept> on"]
    assert outcome(GOOD, "page", broken="it died").problems == ["broken: it died"]
    assert outcome(GOOD, "service worker", absent="none").problems == ["not there: none"]
    assert outcome(POOR, "service worker", absent="none").problems == []
    assert "the catalog says" in outcome(POOR, "service worker").problems[0]


def test_what_an_engine_is_known_to_fail_is_shown_and_no_problem() -> None:
    weak = Engine("weak", "Weak", "node", jspi="none", beyond=("waits",))
    fails = outcome(weak, "main", fails=True)
    assert fails.failures == ["waits: sleeps: it <slept> on"] and fails.problems == []
    assert "all passes" in outcome(weak, "main").problems[0]
    (row,) = report.make_rows([weak], [fails], {})
    assert row.context("main") == ("fail", 1, 2)


@pytest.fixture
def rows() -> list[report.Row]:
    outcomes = [
        outcome(GOOD, "page"),
        outcome(GOOD, "module worker", fails=True),
        Outcome(
            Cell(GOOD, "page", "asyncify"), "7.1.2", [Check("core", "loads", True, "asyncify: x")]
        ),
        outcome(POOR, "page"),
        outcome(POOR, "service worker", absent="none"),
    ]
    return report.make_rows([GOOD, POOR, GONE], outcomes, {"gone": "no route\nto host"})


def test_a_row_is_an_engine_on_a_core(rows: list[report.Row]) -> None:
    assert [(r.title, r.core) for r in rows] == [
        ("Good 7", "jspi"),
        ("Good 7", "asyncify"),
        ("Poor 7.1, JSPI off", "asyncify"),
        ("Gone", ""),
    ]
    assert rows[0].context("page") == ("pass", 2, 2)
    assert rows[0].context("module worker") == ("fail", 1, 2)
    assert rows[0].feature("waits") == ("fail", 1, 2)
    assert rows[1].feature("waits") == ("none", 0, 0)
    assert rows[2].context("service worker") == ("none", 0, 0)


def test_the_tables_show_failures_and_why_an_engine_is_not_there(rows: list[report.Row]) -> None:
    page = report.markdown(rows)
    assert "| Good 7 | jspi | ✓ | ✗ 1/2 | – | – | – | ✗ 1/2 |" in page
    assert "- Gone: no route to host" in page
    assert "- waits: sleeps (it <slept> on): Good 7 (jspi, module worker)" in page
    text = io.StringIO()
    Console(width=200, file=text).print(report.rich_table(rows, "title"))
    assert "1/2" in text.getvalue() and "no route" in text.getvalue()


def test_the_page_keeps_its_prose() -> None:
    page = f"before\n{report.BEGIN}\nold\n{report.END}\nafter"
    made = report.into_page(page, "new")
    assert made == report.into_page(made, "new")
    assert made.startswith("before") and made.endswith("after") and "old" not in made
    with pytest.raises(ValueError, match="substring not found"):
        report.into_page("no marks", "new")


def test_the_picture_is_xml_with_a_square_for_each_cell(rows: list[report.Row]) -> None:
    tree = ElementTree.fromstring(make_picture(rows))
    space = "{http://www.w3.org/2000/svg}"
    tips = [title.text for title in tree.iter(f"{space}title")]
    assert "Good 7, jspi, module worker: 1 of 2 checks" in tips
    assert "Poor 7.1, JSPI off, asyncify, service worker: not there" in tips
    assert not any("Gone" in (tip or "") for tip in tips)


def test_outcomes_are_kept_for_one_build(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "engines.json"
    report.save(path, "build 1", [outcome(GOOD, "page", fails=True)])
    report.save(path, "build 1", [outcome(POOR, "page")])
    kept = report.load(path, "build 1", [GOOD, POOR])
    assert [(o.cell.key, o.problems) for o in kept] == [
        ("good/page/auto", ["waits: sleeps: it <slept> on"]),
        ("poor/page/auto", []),
    ]
    assert report.load(path, "build 2", [GOOD, POOR]) == []
