"""The polyfill does what the engine's JSPI does.

scenarios.mjs runs once on the engine's own API, once on the polyfill, and once more on it with the
fast copies that cpython/build/wasm/fast_copies.py makes; every result is compared with what is
right (EXPECTED) on all, so that neither a shared mistake nor a difference can pass.
"""

from __future__ import annotations

from typing import Any

import pytest

RUNTIME_ERROR = {"thrown": "RuntimeError", "name": "RuntimeError"}
TYPE_ERROR = {"thrown": "TypeError", "name": "TypeError"}
RANGE_ERROR = {"thrown": "RangeError", "name": "RangeError"}


def ticks(*before: int, then: str = "it", of: int = 8) -> list[Any]:
    """A promise that settles after so many of the microtasks 0, 1, 2, ..."""
    rest = [n for n in range(of) if n not in before]
    return ["started", *before, then, *rest]


def rejected(*before: int) -> list[Any]:
    return ticks(*before, then="it rejected")


EXPECTED: dict[str, Any] = {
    "result_of_each_type": {
        "i32": -7,
        "i32_wraps": 5,
        "i64": f"{2**62 + 1}n",
        "f64": "-0",
        "f64_nan": "NaN",
        "nothing": None,
    },
    "settled_value_of_the_wrong_type": {
        "bigint_for_i32": TYPE_ERROR,
        "number_for_i64": TYPE_ERROR,
        "undefined_for_f64": "NaN",
    },
    "thousand_stacks_resumed_in_shuffled_order": {
        "started": 1000,
        "differences": [10_000],
        "finished_in_order": True,
        "noted_in_order": True,
    },
    "stacks_of_all_depths_interleaved_with_many_waits": {
        "deep": [n * (n + 1) // 2 for n in (0, 1, 300, 7, 150, 2)],
        "total": [55, 6, 820],
    },
    "order_of_microtasks": [1, "called", -1, "tick 0", "done", *(f"tick {n}" for n in range(1, 5))],
    "rejection_arrives_as_the_same_object": {"same": True, "nothing": True, "notes": [3, 4]},
    "throw_of_the_import_itself": {"result": TYPE_ERROR, "notes": [3]},
    "value_that_is_no_promise": {"total": 30, "plain_entry_is_refused": True},
    "values_that_are_no_promises_let_others_run": [
        *(1, 10, 100),
        *(-1, 2, -10, 11, -100, 101),
        *(-2, -11, -101),
    ],
    "microtasks_of_every_kind_of_wait": {
        "1": ticks(0),
        "2": ticks(0),
        "3": rejected(0),
        "4": rejected(),
        "5": ticks(0, 1),
        "6": rejected(0),
        "7": ticks(0, 1, 2, 3),
        "8": ticks(0),
        "no_wait": ticks(),
        "trap": rejected(),
        "together": [
            *("started", "nothing", 0, "plain", "resolved", "rejected rejected"),
            *(1, "thenable", "longer", 2, 3, 4, 5, 6, 7),
        ],
    },
    "stacks_that_wait_for_one_promise_resume_in_order": {
        "values": [50, 50, 50],
        "notes": [-3, -1, -2],
    },
    "thenable_that_is_no_promise": 20,
    "thenables": {
        "rejects": RANGE_ERROR,
        "throws": {"thrown": "EvalError", "name": "EvalError"},
        "settles_twice": 1,
        "function_with_then": 7,
        "then_is_no_function": 6,
        "gives_a_promise": 8,
        "gives_a_rejected_promise": {"thrown": "SyntaxError", "name": "SyntaxError"},
        "subclass": 11,
        "getter": 3,
        "asked": 1,
    },
    "everything_can_be_thrown": [True] * 18,
    "arguments_are_converted_as_in_a_call": {
        "text": 12,
        "too_many": 1,
        "none": 0,
        "float": 3,
        "bigint_for_i32": TYPE_ERROR,
        "number_for_i64": TYPE_ERROR,
        "wraps": "6n",
        "symbol": TYPE_ERROR,
        "object": 4,
        "object_throws": {"thrown": "EvalError", "name": "EvalError"},
        "got": ["12", "1", "0", "3", "5", "valueOf", "4"],
    },
    "export_that_is_itself_the_waiting_import": [1, 2, 3],
    "references_as_results": {
        "object": True,
        "null": None,
        "function_": True,
        "promise": True,
        "another_promise": True,
        "rejected": "RangeError",
        "ticks": ["started", "object", 0, "thenable", 1, "promise", 2, 3, 4, 5, 6, 7],
    },
    "f32_keeps_its_bits": [1.2999999523162842, "NaN", True],
    "many_parameters_and_locals_come_back": [
        "2199023255563.4585",
        "4398046511116.917",
        "6597069766670.375",
    ],
    "promising_called_while_others_are_suspended": {
        "results": [21, 24, 9, 12],
        "notes": [1, 2, -1, 2, 3, -2, -2, 3, 4, -3, 4, -3, -4, 5, -4, -5],
    },
    "re_entered_to_a_depth": 61,
    "recursion_to_the_engine_s_limit": {
        "wrong": 0,
        "seen": ["RangeError"],
        "other": 465,
        "afterwards": 5050,
    },
    "promising_returns_a_promise_even_when_nothing_waits": {
        "promises": [True, True],
        "value": 5,
        "trap": RUNTIME_ERROR,
        "no_argument": 0,
    },
    "plain_entry_cannot_wait": {
        "suspend_error": True,
        "name": "SuspendError",
        "asked": 0,
        "plain_exports_go_on": 3,
        "promising_goes_on": 1,
    },
    "plain_entry_from_the_table_cannot_wait": True,
    "javascript_frame_between": {
        "uncaught": True,
        "by_the_table": True,
        "caught_then_waits": 504,
        "caught": True,
        "harmless_plain_call": 9,
        "throw_in_between": {"thrown": "EvalError", "name": "EvalError"},
        "afterwards": 4,
    },
    "wait_inside_the_function_of_an_import_that_waits": {"value": 101, "refused": 1},
    "promising_started_inside_an_import": {
        "outer": 1005,
        "inner": [1000, 1001, 1002, 1003, 1004],
        "count": 5,
        "notes": [],
    },
    "wasm_calls_wasm_through_the_table": {
        "suspending_import": 1005,
        "wasm_function": 1006,
        "plain_import": 1008,
        "null_entry": RUNTIME_ERROR,
    },
    "traps": {
        "before_any_wait": RUNTIME_ERROR,
        "after_a_wait": RUNTIME_ERROR,
        "stack_overflow": RANGE_ERROR,
        "the_other_stack": 1,
        "a_new_stack": 210,
    },
    "memory_grows_while_suspended": [11, 12, 13],
    "exceptions_caught_by_wasm": {
        "value": 5,
        "rejection": -1,
        "throw": -1,
        "plain_entry": -1,
        "javascript_frame": 99,
    },
    "wasm_s_own_exceptions_across_a_wait": {
        "caught_in_the_caller": 1005,
        "one_of_many": [1001, 1002, 1003],
        "rethrown_and_caught": 2006,
        "uncaught": [True, True, 7],
        "rejected_with_one": 1108,
        "traps_are_not_caught": RUNTIME_ERROR,
        "waits_again_after_a_catch": 50,
    },
    "api_errors": {
        "not_a_function": TYPE_ERROR,
        "null": TYPE_ERROR,
        "javascript_function": TYPE_ERROR,
        "suspending_no_function": TYPE_ERROR,
        "suspending_wasm_function": TYPE_ERROR,
        "suspending_promising_function": TYPE_ERROR,
        "suspending_without_new": TYPE_ERROR,
        "tag": "[object WebAssembly.Suspending]",
        "error": [True, "x", "SuspendError"],
        "wasm_function": "function",
        "length": 2,
        "each_call_makes_one": True,
        "of_a_promising_function": 5,
        "as_a_constructor": TYPE_ERROR,
        "the_import": "function",
    },
    "unhandled_rejections": [],
}


# V8 fulfils the promise with a promise, where Firefox and the polyfill resolve it.
V8_REFERENCES = {
    "promise": False,
    "rejected": "object",
    "ticks": ["started", "promise", "object", "thenable", *range(8)],
}


def alternatives(scenario: str) -> list[Any]:
    """What engines may answer: V8 13.6 (Node 24) calls a refused import's function, 14 does not."""
    expected = EXPECTED[scenario]
    if scenario == "references_as_results":
        return [expected, {**expected, **V8_REFERENCES}]
    if scenario == "plain_entry_cannot_wait":
        return [expected, {**expected, "asked": 1}]
    return [expected]


@pytest.mark.parametrize("scenario", EXPECTED)
def test_engine_and_polyfill_agree(
    scenario: str,
    by_engine: dict[str, Any],
    by_polyfill: dict[str, Any],
    by_fast_copies: dict[str, Any],
) -> None:
    assert by_engine[scenario] in alternatives(scenario), "the engine's own JSPI"
    assert by_polyfill[scenario] == EXPECTED[scenario], "the polyfill"
    assert by_fast_copies[scenario] == EXPECTED[scenario], "the polyfill, with fast copies"


def test_no_scenario_is_left_unchecked(by_engine: dict[str, Any]) -> None:
    assert set(by_engine) == set(EXPECTED)
