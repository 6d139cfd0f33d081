"""The build driver: what is rebuilt, what is kept, and what is said when something is wrong.

The engine is driven with toy steps, downloads with a local server, toolchains with fake programs;
nothing here compiles CPython. `test_plan_*` look at the real plan's digests, which need no tools.
"""

from __future__ import annotations

import errno
import hashlib
import http.server
import io
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cpython.build import driver, plan
from cpython.build.bundle import dist
from cpython.build.engine import commands
from cpython.build.engine.digest import source_text
from cpython.build.engine.engine import Engine, longest_way_first
from cpython.build.engine.errors import BuildError, from_os_error
from cpython.build.engine.progress import Estimate, PlainReporter, human_size, human_time
from cpython.build.engine.step import MARKER, Context, Step
from cpython.build.inputs import fetch, pins, root, sources, toolchain
from cpython.build.inputs.pins import Pins, Source
from cpython.build.steps import interpreter, objects, stdlib
from cpython.build.steps.profiles import FORCED_INCLUDE, FROZEN, PROFILES

PROJECT = driver.PROJECT
PROGRAMS = Path(__file__).with_name("programs")


class Lines(PlainReporter):
    """A reporter whose lines a test can read."""

    def __init__(self, heartbeat: float = 30.0) -> None:
        self.text = io.StringIO()
        super().__init__(self.text, heartbeat)

    def __str__(self) -> str:
        return self.text.getvalue()


@pytest.fixture
def reporter() -> Lines:
    return Lines()


@pytest.fixture
def new_engine(tmp_path: Path, reporter: Lines) -> Callable[[], Engine]:
    """Makes engines over one cache: each stands for one run of the driver."""
    (tmp_path / "project").mkdir()
    return lambda: Engine(tmp_path / "project", tmp_path / "cache", reporter, jobs=2)


def write(text: str, name: str = "result") -> Callable[[Context], None]:
    def run(context: Context) -> None:
        (context.out / name).write_text(text)

    return run


# --- the engine -----------------------------------------------------------------------------------


def test_a_second_run_does_nothing(new_engine: Callable[[], Engine], reporter: Lines) -> None:
    step = Step("one", write("x"))
    assert new_engine().run([step]) == [step]
    assert new_engine().run([step]) == []
    assert "all 1 steps are up to date" in str(reporter)


def test_changed_content_reruns_a_step_and_what_needs_it(
    new_engine: Callable[[], Engine], tmp_path: Path
) -> None:
    source = tmp_path / "project" / "a.c"
    source.write_text("1")
    first = Step("first", write("x"), files=(source,))
    second = Step("second", write("y"), needs=(first,))
    other = Step("other", write("z"))
    new_engine().run([first, second, other])
    source.write_text("2")
    assert set(new_engine().run([first, second, other])) == {first, second}
    source.write_text("1")  # what was built for this content is still there
    assert new_engine().run([first, second, other]) == []


def test_a_touched_file_with_the_same_content_reruns_nothing(
    new_engine: Callable[[], Engine], tmp_path: Path
) -> None:
    source = tmp_path / "project" / "a.c"
    source.write_text("1")
    step = Step("one", write("x"), files=(source,))
    new_engine().run([step])
    os.utime(source, (1, 1))
    assert new_engine().run([step]) == []


def test_a_changed_file_of_the_same_size_and_time_is_noticed(
    new_engine: Callable[[], Engine], tmp_path: Path
) -> None:
    source = tmp_path / "project" / "a.c"
    source.write_text("1")
    os.utime(source, (1, 1))
    step = Step("one", write("x"), files=(source,))
    new_engine().run([step])
    source.write_text("2")
    os.utime(source, (1, 1))
    assert new_engine().run([step]) == [step]


def test_recipe_and_function_decide_and_comments_do_not(new_engine: Callable[[], Engine]) -> None:
    def plain(context: Context) -> None:
        (context.out / "f").touch()

    def commented(context: Context) -> None:
        # why
        (context.out / "f").touch()

    def different(context: Context) -> None:
        (context.out / "g").touch()

    engine = new_engine()
    assert source_text(plain) == source_text(commented).replace("commented", "plain")
    assert engine.digest(Step("s", plain)) != engine.digest(Step("s", different))
    assert engine.digest(Step("s", plain)) != engine.digest(Step("s", plain, recipe={"o": 3}))
    assert engine.digest(Step("s", plain)) == engine.digest(Step("s", plain, recipe={}))


def test_a_failing_step_leaves_no_output_and_runs_again(
    new_engine: Callable[[], Engine], reporter: Lines
) -> None:
    broken = [True]

    def run(context: Context) -> None:
        (context.out / "half").touch()
        if broken[0]:
            raise BuildError("no", "mend it")

    before = Step("before", write("x"))
    step = Step("broken", run, needs=(before,))
    with pytest.raises(BuildError, match="mend it"):
        new_engine().run([before, step])
    assert not new_engine().is_done(step)
    assert "broken  stopped" in str(reporter)
    broken[0] = False
    assert new_engine().run([before, step]) == [step]


def test_an_output_without_its_marker_is_not_trusted(new_engine: Callable[[], Engine]) -> None:
    step = Step("one", write("x"))
    engine = new_engine()
    engine.path(step).mkdir(parents=True)
    (engine.path(step) / "result").write_text("half")
    engine.run([step])
    assert (engine.path(step) / "result").read_text() == "x"


def test_an_interrupted_build_resumes_at_the_step_and_inside_it(
    new_engine: Callable[[], Engine],
) -> None:
    seen: list[bool] = []

    def run(context: Context) -> None:
        seen.append((context.tmp / "progress").exists())
        (context.tmp / "progress").touch()
        if len(seen) == 1:
            raise KeyboardInterrupt
        (context.out / "result").touch()

    before = Step("before", write("x"))
    step = Step("long", run, needs=(before,), resumable=True)
    with pytest.raises(KeyboardInterrupt):
        new_engine().run([before, step])
    assert new_engine().run([before, step]) == [step]
    assert seen == [False, True]


def test_scratch_of_an_ordinary_step_starts_empty(new_engine: Callable[[], Engine]) -> None:
    seen: list[int] = []

    def run(context: Context) -> None:
        seen.append(len(list(context.tmp.iterdir())))
        (context.tmp / "junk").touch()
        if len(seen) == 1:
            raise BuildError("no", "again")

    step = Step("plain", run)
    with pytest.raises(BuildError):
        new_engine().run([step])
    new_engine().run([step])
    assert seen == [0, 0]


def test_old_outputs_are_pruned_but_never_those_in_use(
    new_engine: Callable[[], Engine], tmp_path: Path
) -> None:
    for number in range(4):
        new_engine().run([Step("s", write("x"), recipe={"n": number})])
        time.sleep(0.01)  # pruning goes by time of use
    engine = new_engine()
    kept = [Step("s", write("x"), recipe={"n": n}) for n in (2, 3)]
    assert sorted(p.name for p in (tmp_path / "cache/steps").iterdir()) == sorted(
        engine.key(s) for s in kept
    )
    # A plan that uses three outputs of one name keeps all three.
    three = [Step("s", write("x"), recipe={"n": n}) for n in (7, 8, 9)]
    new_engine().run(three)
    assert all(new_engine().is_done(step) for step in three)


def test_outputs_of_two_profiles_do_not_push_each_other_out(
    new_engine: Callable[[], Engine],
) -> None:
    release = Step("s", write("x"), variant="release")
    new_engine().run([release])
    for number in range(3):
        new_engine().run([Step("s", write("x"), variant="dev", recipe={"n": number})])
    assert new_engine().is_done(release)


def test_a_step_may_only_read_what_it_declares(new_engine: Callable[[], Engine]) -> None:
    hidden = Step("hidden", write("x"))

    def run(context: Context) -> None:
        context.output(hidden)

    with pytest.raises(AssertionError, match="does not declare hidden"):
        new_engine().run([hidden, Step("user", run)])


def test_a_changed_helper_in_another_module_reruns_the_step(tmp_path: Path) -> None:
    """Only the text of the step's own function counted once: a helper could change and the old
    output stayed, so that a release could ship from stale code."""
    shutil.copytree(PROGRAMS / "helped_step", tmp_path, dirs_exist_ok=True)
    helper = tmp_path / "helper.py"
    errors = tmp_path / "errors.py"

    def steps_run() -> int:
        done = subprocess.run(
            [sys.executable, str(tmp_path / "run.py")],
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            text=True,
            check=True,
        )
        return int(done.stdout)

    helper.write_text("import errors\ndef text():\n    return 'one'\n")
    errors.write_text("WORDS = 'a'\n")
    assert steps_run() == 1
    helper.write_text("import errors\n# why\ndef text():\n    'Docs.'\n    return 'one'\n")
    assert steps_run() == 0, "comments and docstrings do not count"
    errors.write_text("WORDS = 'b'\n")
    assert steps_run() == 0, "nor what is only said"
    helper.write_text("import errors\ndef text():\n    return 'two'\n")
    assert steps_run() == 1


def test_what_a_step_took_from_outside_belongs_to_those_that_need_it(
    new_engine: Callable[[], Engine], tmp_path: Path
) -> None:
    """The same recipe can bring newer tools when the cache is lost: nothing built with the older
    ones may be taken for what the newer ones make."""
    version = tmp_path / "version"

    def fetched(context: Context) -> None:
        shutil.copy(tmp_path / "version", context.out / "versions")

    tools = Step("tools", fetched, identity="versions")
    user = Step("user", write("x"), needs=(tools,))
    version.write_text("6.0.5")
    engine = new_engine()
    assert engine.identity(tools) is None
    assert engine.run([tools, user]) == [tools, user]
    assert new_engine().run([tools, user]) == []
    first = engine.path(user)
    shutil.rmtree(engine.path(tools))
    version.write_text("6.0.6")
    assert new_engine().run([tools, user]) == [tools, user]
    assert new_engine().path(user) != first


def test_steps_that_do_not_need_each_other_run_at_the_same_time(
    new_engine: Callable[[], Engine],
) -> None:
    meet = threading.Barrier(2, timeout=20)

    def waits_for_the_other(context: Context) -> None:
        meet.wait()
        (context.out / "f").touch()

    one, two = (Step(name, waits_for_the_other) for name in ("one", "two"))
    assert set(new_engine().run([one, two])) == {one, two}


def test_the_longest_way_begins_first() -> None:
    short = Step("short", write("x"), seconds=5)
    long = Step("long", write("x"), seconds=1)
    after = Step("after", write("x"), needs=(long,), seconds=10)
    assert longest_way_first([short, long, after]) == [long, after, short]


def test_a_failure_ends_the_commands_of_steps_beside_it(
    new_engine: Callable[[], Engine], tmp_path: Path
) -> None:
    began = threading.Event()

    def sleeps(context: Context) -> None:
        with context.log.open("ab") as log:
            began.set()
            commands.run_group(["sleep", "60"], tmp_path, log.fileno())

    def fails(context: Context) -> None:
        assert began.wait(20)
        raise BuildError("no", "mend it")

    started = time.monotonic()
    with pytest.raises(BuildError, match="mend it"):
        new_engine().run([Step("sleeps", sleeps), Step("fails", fails)])
    assert time.monotonic() - started < 30
    commands.allow()


def test_what_ended_well_beside_a_failure_is_kept(new_engine: Callable[[], Engine]) -> None:
    failed = threading.Event()

    def ends_later(context: Context) -> None:
        assert failed.wait(20)
        (context.out / "f").touch()

    def fails(context: Context) -> None:
        failed.set()
        raise BuildError("no", "mend it")

    well = Step("well", ends_later)
    with pytest.raises(BuildError, match="mend it"):
        new_engine().run([well, Step("fails", fails)])
    assert new_engine().is_done(well)


def test_what_is_left_is_scaled_by_what_was_seen() -> None:
    steps = [Step(str(n), write("x"), seconds=100) for n in range(4)]
    estimate = Estimate(steps)
    before = estimate.seconds_left([])
    estimate.done(steps[0], 200)
    assert estimate.seconds_left([]) == pytest.approx(before * 2 * 3 / 4)
    assert estimate.seconds_left([(steps[1], 200.0)]) < estimate.seconds_left([(steps[1], 100.0)])
    assert "left" in estimate.text([])


def test_an_edit_while_earlier_steps_run_is_taken_up(
    new_engine: Callable[[], Engine], tmp_path: Path
) -> None:
    source = tmp_path / "project" / "a.c"
    source.write_text("1")

    def slow(context: Context) -> None:
        (context.project / "a.c").write_text("2")
        (context.out / "f").touch()

    def copy(context: Context) -> None:
        shutil.copy(context.project / "a.c", context.out / "copy")

    before = Step("slow", slow)
    user = Step("user", copy, needs=(before,), files=(source,))
    engine = new_engine()
    engine.run([before, user])
    assert (engine.path(user) / "copy").read_text() == "2"
    assert new_engine().is_done(user), "the output is named after what was read"


def test_an_edit_while_the_step_runs_is_refused(
    new_engine: Callable[[], Engine], tmp_path: Path
) -> None:
    source = tmp_path / "project" / "a.c"
    source.write_text("1")

    def edited(context: Context) -> None:
        (context.project / "a.c").write_text("2")

    step = Step("compile", edited, files=(source,))
    with pytest.raises(BuildError, match="edited while it was being built"):
        new_engine().run([step])
    source.write_text("1")
    assert not new_engine().is_done(step)


def _hold_lock(project: Path, cache: Path, started: Any, release: Any) -> None:
    with Engine(project, cache, Lines()).locked():
        started.set()
        release.wait(20)


def test_a_second_build_waits_and_says_for_whom(
    tmp_path: Path, new_engine: Callable[[], Engine], reporter: Lines
) -> None:
    context = multiprocessing.get_context("spawn")
    started, release = context.Event(), context.Event()
    holder = context.Process(
        target=_hold_lock, args=(tmp_path / "project", tmp_path / "cache", started, release)
    )
    holder.start()
    try:
        assert started.wait(20)
        step = Step("one", write("x"))
        worker = threading.Thread(target=lambda: new_engine().run([step]))
        worker.start()
        while "waiting:" not in str(reporter):
            assert worker.is_alive()
            time.sleep(0.01)
        assert f"process {holder.pid}" in str(reporter)
        assert not new_engine().is_done(step)
        release.set()
        worker.join(20)
        assert new_engine().is_done(step)
    finally:
        release.set()
        holder.join(20)


def test_a_full_disk_is_named_with_its_cure(new_engine: Callable[[], Engine]) -> None:
    def run(context: Context) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(context.out))

    with pytest.raises(BuildError, match="the disk is full") as caught:
        new_engine().run([Step("big", run)])
    assert "SOSPESO_CACHE" in caught.value.cure


def test_a_folder_that_may_not_be_written_is_named() -> None:
    error = from_os_error(PermissionError(errno.EACCES, "Permission denied", "/x/y"), Path("/x"))
    assert "/x/y" in error.cause
    assert "/x/y" in error.cure


def test_plain_progress_says_step_time_size_and_that_it_lives(
    tmp_path: Path,
) -> None:
    lines = Lines(heartbeat=0.02)
    (tmp_path / "p").mkdir()
    engine = Engine(tmp_path / "p", tmp_path / "c", lines)

    def run(context: Context) -> None:
        context.note("thinking")
        (context.out / "f").write_bytes(bytes(2500))
        while "running: slow.dev (thinking)" not in str(lines):
            time.sleep(0.005)

    engine.run([Step("slow", run, variant="dev")])
    assert "1 of 1 steps to run" in str(lines)
    assert re.search(r"\[1/1\] slow\.dev  \d+\.\d s, 2\.5 kB", str(lines))


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (5_760_000, "5.8 MB"), (2.5e9, "2.50 GB")],
)
def test_sizes_are_short(size: float, text: str) -> None:
    assert human_size(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (59.4, "59.4 s"), (162, "2 min 42 s")]
)
def test_times_are_short(seconds: float, text: str) -> None:
    assert human_time(seconds) == text


# --- fetching -------------------------------------------------------------------------------------

CONTENT = b"the archive"


class Server(http.server.ThreadingHTTPServer):
    """Serves CONTENT, but something else at /evil, half of it at /short, nothing at /gone."""

    asked: list[str]
    files: dict[str, bytes]  # other paths of the mirror; what it does not hold is not found

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        bodies = {"/evil": b"<html>log in</html>", "/short": CONTENT[:4]}
        body = bodies.get(self.path, CONTENT) if not self.server.files else CONTENT
        body = self.server.files.get(self.path, body)
        gone = self.server.files and self.path not in self.server.files
        if self.path == "/gone" or gone:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT if self.path == "/short" else body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Server(("127.0.0.1", 0), Handler) as running:
        running.asked, running.files = [], {}
        monkeypatch.setenv(fetch.MIRROR_VARIABLE, f"{running.url}/debian")
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def source(url: str | None = None, file: str = "lib_1.0+b.tar.gz") -> Source:
    digest = hashlib.sha256(CONTENT).hexdigest()
    return Source("lib", "1.0", "1", file, digest, "main/l/lib", url)


def get(wanted: Source, folder: Path) -> Path:
    return fetch.fetch(wanted, folder, lambda text: None)


def test_upstream_is_asked_first_and_a_fetched_file_is_not_fetched_again(
    server: Server, tmp_path: Path
) -> None:
    wanted = source(f"{server.url}/good")
    assert get(wanted, tmp_path).read_bytes() == CONTENT
    assert get(wanted, tmp_path).read_bytes() == CONTENT
    assert server.asked == ["/good"]


@pytest.mark.parametrize("first", ["gone", "short", "evil", None])
def test_the_mirrors_pool_is_asked_when_upstream_does_not_deliver(
    server: Server, tmp_path: Path, first: str | None
) -> None:
    wanted = source(f"{server.url}/{first}" if first else None)
    assert get(wanted, tmp_path).read_bytes() == CONTENT
    assert server.asked[-1] == "/debian/pool/main/l/lib/lib_1.0+b.tar.gz"


def test_a_wrong_hash_names_both_keeps_the_file_and_uses_nothing(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "debian_mirror", lambda: None)
    wanted = source(f"{server.url}/evil")
    with pytest.raises(BuildError) as caught:
        get(wanted, tmp_path)
    received = hashlib.sha256(b"<html>log in</html>").hexdigest()
    assert wanted.sha256 in caught.value.cause
    assert received in caught.value.cause
    assert [p.name for p in tmp_path.iterdir()] == [f"{wanted.file}.bad"]
    assert f"{wanted.file}.bad" in caught.value.cure


def test_a_spoilt_file_in_the_cache_is_set_aside_and_fetched_again(
    server: Server, tmp_path: Path
) -> None:
    wanted = source(f"{server.url}/good")
    (tmp_path / wanted.file).write_bytes(b"spoilt")
    assert get(wanted, tmp_path).read_bytes() == CONTENT
    assert (tmp_path / f"{wanted.file}.bad").read_bytes() == b"spoilt"


def test_without_a_network_every_address_is_named_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(fetch.MIRROR_VARIABLE, "http://127.0.0.1:9/debian/")
    wanted = source("http://127.0.0.1:9/lib.tar.gz")
    with pytest.raises(BuildError) as caught:
        get(wanted, tmp_path)
    assert "http://127.0.0.1:9/lib.tar.gz" in caught.value.cause
    assert "http://127.0.0.1:9/debian/pool/main/l/lib/lib_1.0+b.tar.gz" in caught.value.cause
    assert fetch.FOLDER_VARIABLE in caught.value.cure
    assert wanted.sha256 in caught.value.cure


def test_a_disk_that_fills_up_while_fetching_is_named(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(url: str, part: Path) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetch, "_download", full)
    with pytest.raises(BuildError, match="the disk is full"):
        get(source(f"{server.url}/good"), tmp_path)


def test_a_folder_of_sources_stands_for_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = source("http://127.0.0.1:9/lib.tar.gz")
    monkeypatch.setenv(fetch.MIRROR_VARIABLE, "http://127.0.0.1:9/debian/")
    monkeypatch.setenv(fetch.FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / wanted.file).write_bytes(CONTENT)
    assert get(wanted, tmp_path / "downloads") == tmp_path / wanted.file
    (tmp_path / wanted.file).write_bytes(b"other")
    with pytest.raises(BuildError, match="is not the pinned archive"):
        get(wanted, tmp_path / "downloads")


def archive_bytes() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        member = tarfile.TarInfo("lib-1.1/a.c")
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    return made.getvalue()


def test_a_source_that_is_not_served_any_more_has_a_newer_one_of_the_suite(
    server: Server, tmp_path: Path, reporter: Lines
) -> None:
    """Debian's pool drops an archive when the suite moves on; a machine that is new then could not
    build at all. The newer one comes with the hash that the suite's signed index names."""
    newer = archive_bytes()
    server.files = {"/debian/pool/main/l/lib/lib_1.1.orig.tar.gz": newer}
    wanted = Source(
        "lib", "1.0", "1", "lib_1.0.orig.tar.gz", "0" * 64, "main/l/lib", f"{server.url}/gone"
    )
    digest = hashlib.sha256(newer).hexdigest()
    (tmp_path / "bin").mkdir()
    apt = tmp_path / "bin/apt-get"
    apt.write_text(
        f'#!/bin/sh\ncase "$*" in *--print-uris\\ lib) echo "\'http://x/lib_1.1.orig.tar.gz\' '
        f'lib_1.1.orig.tar.gz {len(newer)} SHA256:{digest}";; esac\n'
    )
    apt.chmod(0o755)
    path = f"{tmp_path}/bin:/usr/bin:/bin"
    (tmp_path / "cache").mkdir()
    tools = toolchain.Toolchain(None, path, sys.executable, tmp_path / "cache", [tmp_path])
    step = Step("lib-source", lambda context: sources.take(context, wanted), identity=sources.TAKEN)
    engine = Engine(tmp_path, tmp_path / "cache", reporter, lambda engine: tools)
    engine.run([step])
    assert (engine.path(step) / "a.c").exists()
    assert sources.taken(engine.path(step), wanted).version == "1.1"
    assert f"lib 1.0 is not served any more: the build takes 1.1, sha256 {digest}" in str(reporter)


@pytest.mark.parametrize(
    ("file", "within", "version"),
    [
        ("python3.13_3.13.18.orig.tar.xz", "3.13", "3.13.18"),
        ("python3.14_3.14.1.orig.tar.xz", "3.13", None),
        ("zlib_1.3.dfsg+really1.3.2.orig.tar.gz", "1", "1.3.2"),
        ("openssl_3.6.0.orig.tar.gz", "3.5", None),
        ("python3.13_3.13.18.orig.tar.xz.asc", "3.13", None),
    ],
)
def test_only_a_later_version_of_the_same_series_stands_for_a_source(
    file: str, within: str, version: str | None
) -> None:
    wanted = Source("x", "0", within, "x", "0", "main/x/x")
    found = sources.newest(f"'http://m/{file}' {file} 12 SHA256:{'a' * 64}\n", wanted)
    assert (found and found.version) == version
    if found:
        assert (found.file, found.sha256, found.url) == (file, "a" * 64, None)


def test_unpacking_drops_the_top_folder_and_keeps_times(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        for name in ("lib-1.0/configure", "lib-1.0/Doc/x", "lib-1.0/src/a.c"):
            member = tarfile.TarInfo(name)
            member.mtime, member.mode, member.size = 1_000_000, 0o755, 1
            tar.addfile(member, io.BytesIO(b"x"))
    fetch.unpack(tmp_path / "a.tar.gz", tmp_path / "out", leave_out=("Doc",))
    found = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*"))
    assert found == ["configure", "src", "src/a.c"]
    assert (tmp_path / "out/configure").stat().st_mtime == 1_000_000


def test_a_broken_archive_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(b"not an archive")
    with pytest.raises(BuildError, match="cannot unpack"):
        fetch.unpack(tmp_path / "a.tar.gz", tmp_path / "out")


# --- toolchain ------------------------------------------------------------------------------------


def emsdk(folder: Path, version: str) -> Path:
    (folder / "upstream/emscripten").mkdir(parents=True)
    (folder / "upstream/emscripten/emscripten-version.txt").write_text(f'"{version}"\n')
    return folder


def test_emsdk_is_used_when_its_version_is_the_pinned_one(tmp_path: Path) -> None:
    pinned = pins.load()
    folder = emsdk(tmp_path, pinned.emscripten)
    assert toolchain.choose(pinned, {"EMSDK": str(folder)}).emsdk == folder
    assert toolchain.choose(pinned, {}).emsdk is None


@pytest.mark.parametrize("version", ["3.1.58", None])
def test_another_or_no_emsdk_version_is_an_error_with_its_cure(
    tmp_path: Path, version: str | None
) -> None:
    pinned = pins.load()
    if version:
        emsdk(tmp_path, version)
    with pytest.raises(BuildError) as caught:
        toolchain.choose(pinned, {"EMSDK": str(tmp_path)})
    assert str(tmp_path) in caught.value.cause
    assert (version or "cannot be read") in caught.value.cause
    assert f"install {pinned.emscripten}" in caught.value.cure


@pytest.mark.parametrize(
    ("found", "taken"),
    [("6.0.5", True), ("6.0.12", True), ("6.0.4", False), ("6.1.0", False), ("odd", False)],
)
def test_a_later_patch_of_the_pinned_emscripten_is_taken(found: str, taken: bool) -> None:
    """The suite moves on by itself; a build that only takes one patch ends with it."""
    assert toolchain.is_newer_patch(found, "6.0.5") == taken


@pytest.fixture
def plain_toolchain(tmp_path: Path) -> toolchain.Toolchain:
    """Runs commands on this machine, as with EMSDK."""
    (tmp_path / "c").mkdir()
    return toolchain.Toolchain(None, "/usr/bin:/bin", sys.executable, tmp_path / "c", [tmp_path])


def test_commands_see_a_clean_environment(
    plain_toolchain: toolchain.Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYENV_ROOT", "/leak")
    monkeypatch.setenv("CFLAGS", "-leak")
    log = tmp_path / "log"
    plain_toolchain.run(["env"], cwd=tmp_path, log=log, env={"MINE": "1"})
    text = log.read_text()
    assert "leak" not in text
    assert "MINE=1" in text
    assert "PATH=/usr/bin:/bin" in text
    assert "CCACHE_DISABLE=1" in text


def test_a_failing_command_shows_the_end_of_its_log_and_where_it_is(
    plain_toolchain: toolchain.Toolchain, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    script = 'i=0; while [ $i -lt 100 ]; do echo "line $i"; i=$((i+1)); done; exit 3'
    with pytest.raises(BuildError) as caught:
        plain_toolchain.run(["sh", "-c", script], cwd=tmp_path, log=log)
    assert "line 99" in caught.value.cause
    assert "line 61" in caught.value.cause
    assert "line 59" not in caught.value.cause
    assert "exit status 3" in caught.value.cause
    assert caught.value.log == log


def test_a_full_disk_is_recognised_in_a_commands_output(
    plain_toolchain: toolchain.Toolchain, tmp_path: Path
) -> None:
    with pytest.raises(BuildError, match="the disk is full"):
        plain_toolchain.run(
            ["sh", "-c", "echo 'emar: error: No space left on device' >&2; exit 1"],
            cwd=tmp_path,
            log=tmp_path / "log",
        )


def test_a_missing_program_is_named(plain_toolchain: toolchain.Toolchain, tmp_path: Path) -> None:
    with pytest.raises(BuildError) as caught:
        plain_toolchain.run(["no-such-tool"], cwd=tmp_path, log=tmp_path / "log")
    assert "no-such-tool" in caught.value.cause
    assert "install it" in caught.value.cure


def test_a_missing_mmdebstrap_is_named_with_its_cure(
    monkeypatch: pytest.MonkeyPatch, new_engine: Callable[[], Engine]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)
    monkeypatch.setattr(root, "_probe_namespaces", lambda spec: None)

    def run(context: Context) -> None:
        root._need_mmdebstrap(context)

    with pytest.raises(BuildError, match="mmdebstrap") as caught:
        new_engine().run([Step("toolchain", run)])
    assert "EMSDK" in caught.value.cure


def test_interrupting_the_build_ends_the_running_commands_whole_group(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    driver_process = subprocess.Popen(
        [sys.executable, str(PROGRAMS / "runs_a_command.py"), str(pid_file)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stderr=subprocess.DEVNULL,
    )
    try:
        while not (pid_file.exists() and pid_file.read_text().strip()):
            assert driver_process.poll() is None
            time.sleep(0.01)
        # Popen() may not have returned yet, though the shell runs.
        where = Path(f"/proc/{driver_process.pid}/wchan")
        for _ in range(500):
            if where.read_text() == "do_wait":
                break
            time.sleep(0.01)
        driver_process.send_signal(signal.SIGINT)
        assert driver_process.wait(20) != 0
    finally:
        driver_process.kill()
        driver_process.wait()
    grandchild = Path(f"/proc/{pid_file.read_text().strip()}/status")
    for _ in range(200):  # it may be a zombie for a moment, until init collects it
        if not grandchild.exists() or "State:\tZ" in grandchild.read_text():
            break
        time.sleep(0.01)
    else:
        pytest.fail("the command's child is still running")


# --- the real plan --------------------------------------------------------------------------------


NUMBERS = '[key]\nabout = "Keys."\nKEY_SLICE = 1\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A project with one small file wherever the plan looks for ours."""
    root = tmp_path / "checkout"
    named = [*FORCED_INCLUDE, *(f for f in FROZEN.values() if not f.startswith("Lib/"))]
    for name in [
        *named, "cpython/embed/main.c", "jspi/task.c", "jspi/task.h", "jspi/imports.js",
        "runtime/index.ts", "cpython/build/steps/config.site", "cpython/build/steps/freeze.py",
        "cpython/patches/0001-a.patch", "runtime/README.md", "LICENSE",
    ]:  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    about = {"version": "1.2.3", "pyodide": {"version": "0.29.5", "abi": "2025_0"}}
    (root / "package.json").write_text(json.dumps(about))
    return root


def stale(checkout: Path, profile: str, change: Callable[[], object]) -> set[str]:
    """The steps whose digest changes with `change`."""

    def digests() -> dict[str, str]:
        made = plan.make(checkout, pins.load(), PROFILES[profile])
        engine = Engine(checkout, checkout / "cache", Lines())
        return {step.name: engine.digest(step) for step in made.steps}

    before = digests()
    change()
    after = digests()
    return {name for name in after if after[name] != before[name]}


def edit(file: Path) -> Callable[[], object]:
    return lambda: file.write_text(file.read_text() + " edited")


@pytest.fixture(autouse=True)
def no_emsdk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMSDK", raising=False)


@pytest.mark.parametrize("file", ["jspi/task.c", "jspi/task.h", "cpython/embed/main.c"])
def test_touching_our_c_rebuilds_objects_link_and_info_only(checkout: Path, file: str) -> None:
    changed = stale(checkout, "dev", edit(checkout / file))
    assert changed == {"objects", "link", "jspi", "build-info"}


def test_touching_typescript_rebuilds_the_bundles_only(checkout: Path) -> None:
    assert stale(checkout, "dev", edit(checkout / "runtime/index.ts")) == {"js", "build-info"}


def test_touching_a_table_of_numbers_rebuilds_what_either_language_has_of_it(
    checkout: Path,
) -> None:
    table = checkout / "jspi/numbers.toml"
    table.write_text(NUMBERS)
    changed = stale(checkout, "dev", edit(table))
    assert changed == {"objects", "link", "jspi", "js", "build-info"}


def test_touching_a_frozen_module_does_not_compile_c(checkout: Path) -> None:
    changed = stale(checkout, "dev", edit(checkout / FROZEN["_sospeso.runner"]))
    assert changed == {"frozen", "link", "jspi", "js", "build-info"}


def test_touching_a_patch_keeps_toolchain_and_libraries(checkout: Path) -> None:
    changed = stale(checkout, "release", edit(checkout / "cpython/patches/0001-a.patch"))
    assert {"cpython-source", "cpython-make", "stdlib", "link", "asyncify"} <= changed
    assert not changed & {"toolchain", "system-libs", "zlib", "sqlite", "js"}


def test_the_header_forced_into_cpython_rebuilds_it(checkout: Path) -> None:
    assert "cpython-make" in stale(checkout, "dev", edit(checkout / FORCED_INCLUDE[0]))


def test_a_missing_frozen_module_is_named(checkout: Path) -> None:
    (checkout / FROZEN["_sospeso.runner"]).unlink()
    with pytest.raises(BuildError, match=re.escape("_sospeso.runner")):
        plan.make(checkout, pins.load(), PROFILES["dev"])


def test_a_development_build_makes_the_other_core_only_when_asked(checkout: Path) -> None:
    def names(profile: str, core: str | None) -> set[str]:
        made = plan.make(checkout, pins.load(), PROFILES[profile], driver.cores_of(core))
        return {step.name for step in made.steps}

    assert "asyncify" not in names("dev", None)
    assert "asyncify" in names("dev", "asyncify")
    assert "asyncify" in names("release", None)
    assert "asyncify" not in names("release", "jspi")


def test_a_quick_build_makes_only_what_a_run_in_node_needs(checkout: Path) -> None:
    def names(quick: bool) -> set[str]:
        made = plan.make(checkout, pins.load(), PROFILES["release"], quick=quick)
        return {step.name for step in made.steps}

    assert names(False) - names(True) == {"asyncify", "stdlib-tests", "wheels"}


def test_every_step_comes_after_what_it_needs(checkout: Path) -> None:
    steps = plan.make(checkout, pins.load(), PROFILES["release"]).steps
    for position, step in enumerate(steps):
        assert set(step.needs) <= set(steps[:position]), step.name
    assert len({step.label for step in steps}) == len(steps)


def test_what_is_judged_is_a_release_with_more_in_it(checkout: Path) -> None:
    """Each step that the two can share is shared; a release has no test modules and no OpenSSL."""
    judged = plan.make(checkout, pins.load(), PROFILES["judge"]).steps
    release = plan.make(checkout, pins.load(), PROFILES["release"]).steps
    labels = {step.label for step in release}
    own = {step.label for step in judged if step.label not in labels}
    assert {label for label in own if not label.endswith(".judge")} == {
        "openssl-source",
        "openssl.release",
    }
    assert "zlib.release" in {step.label for step in judged}
    assert "--disable-test-modules" in PROFILES["release"].configure
    assert "--disable-test-modules" not in PROFILES["judge"].configure


def test_pins_are_whole() -> None:
    pinned: Pins = pins.load()
    assert pinned.cpython.startswith(pinned.python + ".")
    assert pinned.sources["cpython"].version == pinned.cpython
    more = {name for profile in PROFILES.values() for name in profile.more_libraries}
    assert set(pinned.sources) == {"cpython", *plan.LIBRARIES, *more}
    for pinned_source in pinned.sources.values():
        assert re.fullmatch("[0-9a-f]{64}", pinned_source.sha256)


def test_a_no_op_build_reads_nothing_heavy() -> None:
    """Start-up stays small: no Rich, no bundler, no compression library before they are needed."""
    program = (
        "import sys; from cpython.build import __main__, driver;"
        "loaded = {name.split('.')[0] for name in sys.modules};"
        "print(sorted(loaded & {'rich', 'sospeso', 'brotli', 'asyncio'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# --- CPython's steps, our objects -----------------------------------------------------------------


class FakeToolchain(toolchain.Toolchain):
    """Runs on this machine; `emcc` is a script that notes its output's name and makes that file."""

    def __init__(self, folder: Path) -> None:
        (folder / "bin").mkdir()
        emcc = folder / "bin/emcc"
        self.calls = folder / "calls"
        emcc.write_text(
            f'#!/bin/sh\nfor last; do :; done\necho "$last" >> {self.calls}\n'
            'case "$*" in *broken*) echo "task.c:1: error: broken" >&2; exit 1;; esac\n'
            ': > "$last"\n'
        )
        emcc.chmod(0o755)
        super().__init__(None, f"{folder}/bin:/usr/bin:/bin", sys.executable, folder, [folder])

    def compiled(self) -> list[str]:
        text = self.calls.read_text() if self.calls.exists() else ""
        self.calls.unlink(missing_ok=True)
        return sorted(Path(line).name for line in text.splitlines())


@pytest.fixture
def tools(tmp_path: Path) -> FakeToolchain:
    (tmp_path / "cache").mkdir()
    return FakeToolchain(tmp_path / "cache")


def compile_objects(checkout: Path, tmp_path: Path, tools: FakeToolchain) -> Path:
    """One run of the objects step over stand-ins for the steps below it; its output."""
    base = [
        Step(name, write("x", toolchain.VERSIONS))
        for name in ("toolchain", "cpython-source", "cpython-make")
    ]
    step = objects.objects_step(checkout, PROFILES["dev"], *base)
    engine = Engine(checkout, tmp_path / "cache", Lines(), lambda engine: tools, jobs=2)
    engine.run([*base, step])
    return engine.path(step)


def test_one_touched_c_file_is_one_compiler_call(
    checkout: Path, tmp_path: Path, tools: FakeToolchain
) -> None:
    out = compile_objects(checkout, tmp_path, tools)
    assert sorted(p.name for p in out.glob("*.o")) == ["cpython_embed_main.o", "jspi_task.o"]
    assert tools.compiled() == ["cpython_embed_main.o", "jspi_task.o"]
    edit(checkout / "jspi/task.c")()
    compile_objects(checkout, tmp_path, tools)
    assert tools.compiled() == ["jspi_task.o"]
    edit(checkout / "jspi/task.h")()
    compile_objects(checkout, tmp_path, tools)
    assert tools.compiled() == ["cpython_embed_main.o", "jspi_task.o"]


def test_a_changed_number_compiles_c_with_the_new_header(
    checkout: Path, tmp_path: Path, tools: FakeToolchain
) -> None:
    table, header = checkout / "jspi/numbers.toml", checkout / "build/generated/jspi/numbers.h"
    table.write_text(NUMBERS)
    compile_objects(checkout, tmp_path, tools)
    assert "KEY_SLICE = 1," in header.read_text()
    tools.compiled()
    table.write_text(NUMBERS.replace("1", "2"))
    compile_objects(checkout, tmp_path, tools)
    assert "KEY_SLICE = 2," in header.read_text()
    assert tools.compiled() == ["cpython_embed_main.o", "jspi_task.o"]
    table.write_text(f"# said otherwise\n{NUMBERS}".replace("1", "2"))
    compile_objects(checkout, tmp_path, tools)
    assert tools.compiled() == []


def test_objects_nobody_uses_are_removed(
    checkout: Path, tmp_path: Path, tools: FakeToolchain
) -> None:
    for _ in range(4):
        compile_objects(checkout, tmp_path, tools)
        edit(checkout / "jspi/task.c")()
    # main.o, and task.o of the outputs that are kept (two, and the one pruned after the last look).
    assert len(list((tmp_path / "cache/objects").iterdir())) <= 1 + 3


def test_a_compiler_error_is_shown(checkout: Path, tmp_path: Path, tools: FakeToolchain) -> None:
    (checkout / "jspi/broken.c").write_text("?")
    with pytest.raises(BuildError, match=re.escape("task.c:1: error: broken")):
        compile_objects(checkout, tmp_path, tools)


def test_a_patch_that_does_not_apply_is_named(
    checkout: Path, tmp_path: Path, tools: FakeToolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("patch") is None:
        pytest.skip("patch(1) is not installed on this machine (the toolchain root has its own)")
    (checkout / "cpython/patches/0001-a.patch").write_text(
        "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-one\n+two\n"
    )
    (checkout / "cpython/patches/0002-b.patch").write_text(
        "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-one\n+three\n"
    )

    def unpacked(context: Context, source: Source, leave_out: tuple[str, ...]) -> Source:
        (context.out / "f").write_text("one\n")
        (context.out / sources.TAKEN).write_text("{}")
        return source

    monkeypatch.setattr(interpreter, "take", unpacked)
    base = Step("toolchain", write("x"))
    step = interpreter.source_step(pins.load(), checkout, base)
    engine = Engine(checkout, tmp_path / "cache", Lines(), lambda engine: tools)
    with pytest.raises(BuildError, match=r"0002-b\.patch does not apply") as caught:
        engine.run([base, step])
    assert "0002-b.patch" in caught.value.cure
    (checkout / "cpython/patches/0002-b.patch").unlink()
    step = interpreter.source_step(pins.load(), checkout, base)
    Engine(checkout, tmp_path / "cache", Lines(), lambda engine: tools).run([base, step])
    assert (engine.path(step) / "f").read_text() == "two\n"


# --- archives and dist ----------------------------------------------------------------------------


def zip_modules(tmp_path: Path, name: str, **options: Any) -> Path:
    job: dict[str, Any] = {
        "archive": str(tmp_path / name), "roots": [str(tmp_path / "Lib")], "exclude": ["test"],
        "exclude_suffixes": [".exe"], "extra": {}, "location": "/lib/x.zip", "bytecode": True,
        "jobs": 2, **options,
    }  # fmt: skip
    (tmp_path / "job.json").write_text(json.dumps(job))
    subprocess.run(
        [sys.executable, "-I", str(stdlib.WORKER), str(tmp_path / "job.json")],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return tmp_path / name


@pytest.fixture
def library(tmp_path: Path) -> Path:
    for name, text in {
        "greet.py": '"""Doc."""\ndef hello(): raise ValueError("hi")\n',
        "pack/__init__.py": "from pack import data\n",
        "pack/data.py": "answer = 42\n",
        "pack/table.txt": "table",
        "test/test_x.py": "",
        "wininst.exe": "",
    }.items():
        (tmp_path / "Lib" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "Lib" / name).write_text(text)
    return tmp_path


def test_the_archive_holds_bytecode_data_and_nothing_excluded(library: Path) -> None:
    with zipfile.ZipFile(zip_modules(library, "a.zip")) as archive:
        assert archive.namelist() == [
            "greet.pyc", "pack/__init__.pyc", "pack/data.pyc", "pack/table.txt",
        ]  # fmt: skip
        flags = int.from_bytes(archive.read("greet.pyc")[4:8], "little")
    assert flags == 0b01, "hash-based and unchecked"


def test_modules_import_from_the_archive_and_name_their_place(library: Path) -> None:
    archive = zip_modules(library, "a.zip")
    program = (
        f"import sys; sys.path.insert(0, {str(archive)!r}); import greet, pack;"
        "print(pack.data.answer, greet.__doc__, greet.hello.__code__.co_filename)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["42", "Doc.", "/lib/x.zip/greet.py"]


def test_the_archive_is_the_same_bytes_whenever_it_is_made(library: Path) -> None:
    first = zip_modules(library, "a.zip").read_bytes()
    for file in (library / "Lib").rglob("*.py"):
        os.utime(file, (5, 5))
    assert zip_modules(library, "b.zip").read_bytes() == first


def test_a_file_of_ours_replaces_the_librarys(library: Path) -> None:
    (library / "mine.py").write_text("answer = 43\n")
    archive = zip_modules(library, "a.zip", extra={"pack/data.py": str(library / "mine.py")})
    program = (
        f"import sys; sys.path.insert(0, {str(archive)!r}); import pack.data as d; print(d.answer)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "43\n"


def test_the_test_archive_keeps_sources(library: Path) -> None:
    archive = zip_modules(library, "t.zip", only=["test"], exclude=[], bytecode=False)
    with zipfile.ZipFile(archive) as opened:
        assert opened.namelist() == ["test/test_x.py"]


def outputs(folder: Path, **files: str) -> dict[str, Path]:
    found = {}
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        found[name] = file
    return found


def test_dist_is_written_only_where_it_changes(tmp_path: Path) -> None:
    files = outputs(tmp_path / "out", core="1", glue="1")
    target = tmp_path / "dist"
    assert dist.assemble(files, target) == ["core", "glue"]
    before = (target / "core").stat()
    outputs(tmp_path / "out", glue="2")
    assert dist.assemble(files, target) == ["glue"]
    assert (target / "glue").read_text() == "2"
    after = (target / "core").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_core_of_an_earlier_link_does_not_stay_in_dist(tmp_path: Path) -> None:
    target = tmp_path / "dist"
    info = json.dumps({"files": {"core": {}, "twin": {}}})
    files = outputs(tmp_path / "out", core="1", twin="1") | {
        dist.INFO: outputs(tmp_path / "out", info=info)["info"]
    }
    dist.assemble(files, target)
    (target / "notes.txt").write_text("a person's own file")
    del files["twin"]
    assert dist.assemble(files, target) == ["twin"]
    assert sorted(p.name for p in target.iterdir()) == [dist.INFO, "core", "notes.txt"]


def test_build_info_records_versions_flags_hashes_and_sizes(
    checkout: Path, tmp_path: Path, reporter: Lines
) -> None:
    pinned = pins.load()
    versions = {"emscripten": "6.0.9", "packages": {"binaryen": "131-1"}}
    tool = Step("toolchain", write(json.dumps(versions), toolchain.VERSIONS))
    shipped = Step("link", write("w" * 5000, "core.jspi.wasm"))
    newer = {"version": "3.13.99", "file": "p.tar.xz", "sha256": "0" * 64}
    source = Step("cpython-source", write(json.dumps(newer), sources.TAKEN))
    spec = toolchain.choose(pinned)
    step = dist.info_step(
        pinned,
        PROFILES["release"],
        spec,
        {"compile": ["-O3"]},
        tool,
        {"cpython": source},
        [shipped],
        [tool, shipped],
    )
    engine = Engine(checkout, tmp_path / "cache", reporter)
    engine.run([tool, source, shipped, step])
    info = json.loads((engine.path(step) / dist.INFO).read_text())
    core = info["files"]["core.jspi.wasm"]
    assert core["raw"] == 5000
    assert core["brotli"] < core["gzip"] < 100
    assert core["sha256"] == hashlib.sha256(b"w" * 5000).hexdigest()
    assert info["profile"] == "release"
    assert info["versions"] == {"cpython": "3.13.99", "emscripten": "6.0.9"}, "what was taken"
    assert info["toolchain"]["packages"] == {"binaryen": "131-1"}
    assert info["flags"] == {"compile": ["-O3"]}
    assert info["inputs"]["sources"] == {"p.tar.xz": "0" * 64}
    assert info["inputs"]["steps"]["link"] == engine.digest(shipped)


# --- the command line -----------------------------------------------------------------------------


def run_driver(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cpython.build", *arguments],
        cwd=PROJECT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_status_of_an_empty_cache_lists_every_step(tmp_path: Path) -> None:
    done = run_driver("status", "--profile", "dev", SOSPESO_CACHE=str(tmp_path / "none"))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any(re.match(r"toolchain +to build", line) for line in lines)
    assert any(re.match(r"link\.dev +to build", line) for line in lines)
    assert not (tmp_path / "none").exists(), "looking must not create anything"


def test_an_error_is_printed_with_its_cure_and_no_traceback(tmp_path: Path) -> None:
    done = run_driver("build", EMSDK=str(tmp_path), SOSPESO_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 1
    assert "error: EMSDK=" in done.stderr
    assert "what to do:" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_step_is_named_with_those_there_are(tmp_path: Path) -> None:
    done = run_driver("build", "--until", "nonsense", SOSPESO_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 1
    assert "no step named nonsense" in done.stderr
    assert "cpython-make" in done.stderr


def test_clean_leaves_a_folder_alone_that_holds_no_build(tmp_path: Path) -> None:
    """$SOSPESO_DIST may name any folder: `clean` once deleted whatever it named."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home/letter.txt").write_text("x")
    environ = {"SOSPESO_CACHE": str(tmp_path / "c"), "SOSPESO_DIST": str(tmp_path / "home")}
    done = run_driver("clean", "--all", **environ)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "home/letter.txt").exists()


def test_clean_keeps_toolchain_and_downloads_unless_all_is_asked_for(tmp_path: Path) -> None:
    cache, target = tmp_path / "cache", tmp_path / "dist"
    kept = ["steps/toolchain-1", "downloads", "emscripten"]
    for name in [*kept, "steps/zlib.dev-1", "steps/zlib.release-1", "work/link.dev-1"]:
        (cache / name).mkdir(parents=True)
        (cache / name / MARKER).write_text("x")
    (cache / "engines.json").touch()  # somebody else's
    (target / "types").mkdir(parents=True)
    for name in ("core.mjs", "types/a.d.ts", "mine.txt"):
        (target / name).write_text("x")
    listed = {"core.mjs": {}, "types/a.d.ts": {}, "gone.mjs": {}, "../outside": {}}
    (target / dist.INFO).write_text(json.dumps({"files": listed}))
    (tmp_path / "outside").write_text("x")
    environ = {"SOSPESO_CACHE": str(cache), "SOSPESO_DIST": str(target)}
    assert run_driver("clean", "--profile", "dev", **environ).returncode == 0
    assert (cache / "steps/zlib.release-1").exists()
    assert not (cache / "steps/zlib.dev-1").exists()
    assert sorted(p.name for p in target.iterdir()) == ["mine.txt"], "a build's files, no others"
    assert (tmp_path / "outside").exists()
    assert run_driver("clean", **environ).returncode == 0
    assert not (cache / "steps/zlib.release-1").exists()
    assert all((cache / name).exists() for name in kept)
    assert run_driver("clean", "--all", **environ).returncode == 0
    assert sorted(p.name for p in cache.iterdir()) == ["engines.json", "lock"]
