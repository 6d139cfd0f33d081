"""The polyfill's stack buffers: pooled, sized by the program, and never silently damaged.

What only the polyfill has; the scenarios (polyfillScenarios in scenarios.mjs) ran in the session's
one Node process, as others must go on after each kind of failure.
"""

from __future__ import annotations

from typing import Any

import pytest

Results = dict[str, Any]
OVERHEAD = 16  # header and guard of a buffer, bytes


@pytest.fixture
def result(by_polyfill: Results, request: pytest.FixtureRequest) -> Results:
    """The scenario of the test's own name."""
    return dict(by_polyfill[request.node.name.removeprefix("test_")])


def test_buffers_are_pooled_and_reused(result: Results) -> None:
    one = result["one"]
    assert (one["buffers"], one["pooled"], one["suspended"], one["unwinds"]) == (1, 1, 0, 20)
    assert one["bytes"] == 65536 + OVERHEAD
    during, after = result["during"], result["after"]
    assert (during["buffers"], during["pooled"], during["suspended"]) == (8, 5, 3)
    assert (after["buffers"], after["pooled"], after["suspended"]) == (8, 8, 0)
    assert len(result["allocated"]) == 8
    assert result["freed"] == []


def test_buffer_grows_with_the_depth_the_program_tells(result: Results) -> None:
    assert (result["small"], result["large"], result["again"]) == (55, 5000 * 5001 // 2, 55)
    assert result["before"]["bytes"] == 2048 + OVERHEAD
    assert 65536 < result["after"]["deepest"] < 1 << 20
    # The small buffer was replaced, and the large one then serves small stacks as well.
    assert result["after"]["bytes"] == result["last"]["bytes"] == (1 << 20) + OVERHEAD
    assert result["last"]["buffers"] == 1
    assert result["freed"] == 1


def test_buffer_too_small_is_a_clear_error(result: Results) -> None:
    assert result["message"].startswith("AsyncifyError: cannot suspend: unwinding wrote ")
    assert "into a stack buffer of 1024; let bufferSize() ask for more" in result["message"]
    lost = result["lost"]
    assert (lost["suspended"], lost["pooled"]) == (0, 0), "an overrun buffer is not used again"
    assert result["again"] == 500 * 501 // 2


def test_guard_word_overwritten(result: Results) -> None:
    assert result["message"].startswith("AsyncifyError: cannot resume: the guard word after")
    assert result["other"] == 2
    assert (result["stats"]["pooled"], result["stats"]["suspended"]) == (1, 0)
    assert result["afterwards"] == 3


def test_header_overwritten(result: Results) -> None:
    for message in result["messages"]:
        assert message.startswith("AsyncifyError: cannot resume: the header of the stack buffer at")
    assert len(result["messages"]) == 4
    assert result["afterwards"] == 3


def test_trap_in_the_middle_of_the_rewind(result: Results) -> None:
    assert result["trapped"] == {"thrown": "RuntimeError", "name": "RuntimeError"}
    assert result["state"] == 0
    assert (result["other"], result["again"]) == (1, 1006)
    assert result["stats"]["suspended"] == 0
    assert result["stats"]["pooled"] == result["stats"]["buffers"] == 2


def test_saved_frames_overwritten(result: Results) -> None:
    assert result == {"failed": True, "state": 0, "afterwards": 6}


def test_rewind_arrives_with_frames_left_over(result: Results) -> None:
    assert result["message"].startswith("AsyncifyError: the stack came back incomplete")
    assert (result["state"], result["afterwards"]) == (0, 6)


def test_function_that_was_not_instrumented(result: Results) -> None:
    assert result["calls_javascript"].startswith("AsyncifyError: a moving stack called env.note: ")
    assert result["notes"] == [1], "the import's function is not called"
    assert "a moving stack called an import that waits: " in result["waits_again"]
    assert "the stack did not come back to its wait: " in result["does_not_come_back"]
    for name in ("calls_javascript", "waits_again", "does_not_come_back"):
        assert "check the lists given to wasm-opt --asyncify" in result[name]
    assert (result["state"], result["afterwards"]) == (0, 6)


def test_no_memory_for_a_buffer(result: Results) -> None:
    assert result["message"].startswith("RangeError: cannot suspend: no memory for a stack buffer")
    assert result["stats"]["buffers"] == 0
    # Once there is room again, the import's own rejection arrives.
    assert result["afterwards"] == {"thrown": "Error", "name": "Error"}


def test_wrong_answers_of_the_program(by_polyfill: Results) -> None:
    messages = by_polyfill["wrong_answers_of_the_program"]
    for message, answer in zip(messages, ("NaN", "-1", "2147483648"), strict=False):
        assert message.startswith(f"RangeError: cannot suspend: bufferSize() asks for {answer} ")
    assert messages[3].endswith("which is no multiple of 4")
    assert len(messages) == 4


def test_pool_is_as_large_as_the_most_stacks_suspended_at_once(result: Results) -> None:
    assert result == {"buffers": 200, "pooled": 200, "suspended": 0, "unwinds": 600}


def test_waits_without_a_promising_entry_unwind_nothing(result: Results) -> None:
    assert result["state"] == 0
    assert set(result["stats"].values()) == {0}


def test_unguarded_imports_are_the_functions_themselves(result: Results) -> None:
    assert result["value"] == 9
    assert result["notes"] == [9, -9]
    # Only plain functions are asked about, never a Suspending.
    assert sorted(result["names"]) == [
        ["env", "call", "function"],
        ["env", "note", "function"],
    ]


def test_errors_of_attach(result: Results) -> None:
    assert "an instance is attached already" in result["twice"]
    assert "no export asyncify_start_unwind; run wasm-opt --asyncify" in result["not_asyncified"]
    assert "exports no memory; pass the memory" in result["no_memory"]
    assert "no instance yet; call attach(instance)" in result["too_early"]
    assert result["missing_imports"].startswith("TypeError")
    assert result["missing_import"].startswith("LinkError")
