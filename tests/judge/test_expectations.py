"""The judge is judged: a surprise either way fails a run, and a crash costs one test only."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from . import process
from .expectations import Entry, Expectations
from .process import ModuleResult, Outcome, run_module
from .report import make_markdown, own_skips, share


def result(place: str = "jspi", **outcomes: str) -> ModuleResult:
    """A result of module test_x; names are `Class__test`."""
    made = [Outcome(f"test_x.{n.replace('__', '.')}", kind) for n, kind in outcomes.items()]
    return ModuleResult("test_x", place, made)


def surprises(found: ModuleResult, *entries: Entry) -> list[str]:
    return [surprise.id for surprise in Expectations(entries).compare([found])]


def test_a_failure_without_an_entry_is_a_surprise() -> None:
    assert surprises(result(A__one="pass", A__two="timeout")) == ["test_x.A.two"]


def test_an_entry_explains_a_failure() -> None:
    assert surprises(result(A__one="error"), Entry("test_x.A.one", "fail", "why")) == []
    assert surprises(result(A__one="crash"), Entry("test_x", "fail", "why")) == []


def test_an_unexpected_pass_is_a_surprise() -> None:
    entry = Entry("test_x.A.one", "fail", "why")
    assert surprises(result(A__one="pass"), entry) == ["test_x.A.one"]
    assert surprises(result(A__one="skip"), entry) == ["test_x.A.one"]
    assert surprises(result(A__two="pass"), entry) == ["test_x.A.one"]


def test_an_entry_holds_on_its_core_only() -> None:
    entry = Entry("test_x.A.one", "fail", "why", "asyncify")
    assert surprises(result(A__one="pass"), entry) == []
    assert surprises(result(A__one="fail"), entry) == ["test_x.A.one"]
    assert surprises(result("asyncify", A__one="fail"), entry) == []


def test_a_flaky_test_may_do_either() -> None:
    entry = Entry("test_x.A.one", "flaky", "why")
    assert surprises(result(A__one="pass"), entry) == []
    assert surprises(result(A__one="fail"), entry) == []


def test_an_entry_does_not_explain_a_test_whose_name_begins_like_it() -> None:
    found = surprises(result(A__one_more="fail"), Entry("test_x.A.one", "flaky", "why"))
    assert found == ["test_x.A.one_more"]


@pytest.mark.parametrize(
    "text",
    [
        '[[cause]]\nfail = ["a"]',
        '[[cause]]\nwhy = "w"\nfails = ["a"]',
        '[[cause]]\nwhy = "w"\ncore = "both"\nfail = ["a"]',
        '[[cause]]\nwhy = "w"\nfail = ["a"]\n[[cause]]\nwhy = "v"\nflaky = ["a"]',
        "x = 1",
    ],
)
def test_a_mistake_in_the_file_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "e.toml"
    file.write_text(text)
    with pytest.raises(ValueError):
        Expectations.load(file)


def test_the_projects_own_file_is_right() -> None:
    Expectations.load()


def test_the_share_counts_what_passes_natively_and_starts_no_process() -> None:
    native = result("native", A__a="pass", A__b="pass", A__c="pass", A__d="skip", A__e="fail")
    native.outcomes[2].spawns = True
    here = result(A__a="pass", A__b="skip", A__c="fail", A__d="pass", A__e="pass")
    part = share([here], {"test_x": native})
    assert (part.passed, part.wanted) == (1, 2)


def test_what_says_that_it_needs_processes_is_counted_apart() -> None:
    native = result("native", A__a="pass", A__b="pass", A__c="pass")
    here = result(A__a="pass", A__b="skip", A__c="skip")
    here.outcomes[1].detail = "requires subprocess support"
    here.outcomes[2].detail = "another reason"
    part = share([here], {"test_x": native})
    assert (part.passed, part.wanted, part.declared) == (1, 2, 1)
    assert part.strict == "33.3 % (1 of 3)"


def test_a_module_that_says_so_is_counted_apart_as_a_whole() -> None:
    native = result("native", A__a="pass", A__b="pass")
    here = result()
    here.outcomes.append(process.Outcome("test_x", "skip", "test module requires subprocess"))
    part = share([here], {"test_x": native})
    assert (part.passed, part.wanted, part.declared) == (0, 0, 2)


def test_a_skip_that_linux_has_too_is_not_our_own() -> None:
    native = result("native", A__a="skip", A__b="pass")
    here = result(A__a="skip", A__b="skip")
    here.outcomes[1].detail = "no such thing"
    assert own_skips(here, {"test_x": native}) == {"no such thing": 1}
    text = make_markdown([here], {"test_x": native}, Expectations(()), "about", ())
    assert "| no such thing | 1 | test_x |" in text


CHILD = Path(__file__).with_name("child.py")


async def test_a_crash_or_a_hang_costs_one_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "TEST_SECONDS", 3.0)

    def command(job: Mapping[str, object]) -> Sequence[str]:
        import json

        return [sys.executable, str(CHILD), json.dumps(job)]

    found = await run_module("test_x", "jspi", command, tmp_path)
    kinds = {outcome.id.removeprefix("test_x.A."): outcome.outcome for outcome in found.outcomes}
    assert kinds == {"a": "pass", "kills": "crash", "b": "pass", "hangs": "timeout", "c": "pass"}
    assert "last words" in found.outcomes[1].detail
    assert found.starts == 3


async def test_a_module_that_cannot_even_start_is_one_crash(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no core')"]
    found = await run_module("test_x", "jspi", lambda job: command, tmp_path)
    assert [(o.id, o.outcome) for o in found.outcomes] == [("test_x", "crash")]
    assert "no core" in found.outcomes[0].detail
