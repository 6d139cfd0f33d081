"""The polyfill's stack buffers: pooled, sized by the program, and never silently damaged.

What only the polyfill has; the scenarios (polyfillScenarios in scenarios.mjs) ran in the session's
one Node process, as others must go on after each kind of failure.
"""

from __future__ import annotations

from typing import Any

import pytest

Results = dict[str, Any]
OVERHEAD = 16  # header and guard of a buffer, bytes
AREA = 1 << 20  # where stacks unwind by default
DAMAGED = "AsyncifyError: the memory of this instance is damaged: unwinding wrote 14028 bytes"


@pytest.fixture
def result(by_polyfill: Results, request: pytest.FixtureRequest) -> Results:
    """The scenario of the test's own name."""
    return dict(by_polyfill[request.node.name.removeprefix("test_")])


def test_buffers_are_pooled_and_reused(result: Results) -> None:
    one = result["one"]
    assert (one["buffers"], one["pooled"], one["suspended"], one["unwinds"]) == (1, 1, 0, 20)
    assert one["bytes"] == AREA + OVERHEAD
    during, after = result["during"], result["after"]
    assert (during["buffers"], during["pooled"], during["suspended"]) == (8, 5, 3)
    assert (after["buffers"], after["pooled"], after["suspended"]) == (8, 8, 0)
    assert [block["size"] for block in result["allocated"]] == [
        AREA + OVERHEAD,
        *[256 + OVERHEAD] * 7,
    ]
    assert result["freed"] == []


def test_buffer_grows_with_the_depth_the_program_tells(result: Results) -> None:
    assert (result["small"], result["large"], result["again"]) == (55, 5000 * 5001 // 2, 55)
    assert result["before"]["bytes"] == 2048 + OVERHEAD
    assert 65536 < result["after"]["deepest"] < 1 << 20
    # The small buffer was replaced, and the large one then serves small stacks as well.
    assert result["after"]["bytes"] == result["last"]["bytes"] == (1 << 20) + OVERHEAD
    assert result["last"]["buffers"] == 1
    assert result["freed"] == 1


def test_a_suspended_stack_takes_as_much_memory_as_it_needs(result: Results) -> None:
    during, after = result["during"], result["after"]
    assert during["bytes"] == AREA + OVERHEAD + 999 * (256 + OVERHEAD)
    assert (during["suspended"], during["buffers"], during["pooled"]) == (1000, 1000, 0)
    assert (after["suspended"], after["buffers"], after["pooled"]) == (0, 1000, 1000)
    assert result["sum"] == 250 * (0 + 1 + 3 + 6)


def test_default_buffer_holds_whatever_the_engine_can(result: Results) -> None:
    assert result["errors"] == ["RangeError"], "the engine's stack ends first"
    assert result["deepest"] > 1000
    assert result["bytes"] < AREA


def test_buffer_too_small_is_a_clear_error(result: Results) -> None:
    assert result["lost"].startswith("AsyncifyError: cannot suspend: unwinding wrote 14028 bytes ")
    assert "into a stack buffer of 1024; let bufferSize() ask for more" in result["lost"]
    # What lay behind the buffer, those stacks' frames among it, is not run on.
    for message in (*result["waiting"], result["again"]):
        assert message.startswith(DAMAGED)
    assert (result["went_on"], result["suspended"], result["state"]) == (0, 0, 0)
    assert result["plain_export"] == 3


def test_buffer_too_small_at_the_end_of_the_memory(result: Results) -> None:
    assert result["message"].startswith("AsyncifyError: cannot suspend: unwinding wrote ")
    assert (result["cause"], result["state"]) == ("RuntimeError", 0)


def test_guard_word_overwritten(result: Results) -> None:
    start = "AsyncifyError: cannot resume: the guard word after the stack buffer at "
    assert result["moved"].startswith(start)
    assert "(256 bytes)" in result["moved"]
    assert result["other"] == 2
    assert (result["stats"]["pooled"], result["stats"]["suspended"]) == (0, 1)
    assert result["in_area"].startswith(start)
    assert "(1024 bytes)" in result["in_area"]
    assert (result["evicted"], result["afterwards"]) == (4, 5)
    assert (result["last"]["pooled"], result["last"]["suspended"]) == (1, 0)


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


def test_no_memory_for_the_stack_that_waits_already(result: Results) -> None:
    assert result["first"] == 1, "it keeps the area"
    assert result["second"] == {"thrown": "RangeError", "name": "RangeError"}
    assert result["alone"] == 3
    assert (result["stats"]["buffers"], result["stats"]["pooled"]) == (1, 1)


def test_plain_values_go_on_when_asked_to(result: Results) -> None:
    assert result["values"] == [3, 21, 100]
    assert result["notes"] == [1, -1, 2, -2, 10, -10, 11, -11, 100, -100]
    assert result["unwinds"] == 1


def test_wrong_answers_of_the_program(by_polyfill: Results) -> None:
    messages = by_polyfill["wrong_answers_of_the_program"]
    for message, answer in zip(messages, ("NaN", "-1", "2147483648"), strict=False):
        assert message.startswith(f"RangeError: cannot suspend: bufferSize() asks for {answer} ")
    assert messages[3].endswith("which is no multiple of 4")
    assert messages[4].endswith("which ends outside of the memory")
    assert len(messages) == 5


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
