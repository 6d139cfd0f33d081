"""Fast copies of instrumented functions: the list, what becomes of a body, the module around it.

That such modules wait as others do is tested with Binaryen itself, in polyfills/jspi/tests.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import wasmtime

from cpython.build import fast_copies, wasm
from cpython.build.errors import BuildError
from cpython.build.names import function_names, without_names

# One function as Asyncify leaves it before its last optimisations, shortened: state, frames and the
# import that waits are globals and a function of the test. `rewind` puts the state to 2.
ASYNCIFIED = """
(module
  (import "env" "wait" (func $wait (param i32) (result i32)))
  (import "env" "memory" (memory 1))
  (import "env" "limit" (global i32))
  (global $state (mut i32) (i32.const 0))
  (global $frame (mut i32) (i32.const 0))
  (table 1 funcref)
  (func $add (param $a i32) (param $b i64) (result i32)
    (local $index i32) (local $got i32)
    (if (i32.eq (global.get $state) (i32.const 2)) (then
      (local.set $a (global.get $frame))))
    (if (i32.eqz (global.get $state)) (then
      (local.set $a (i32.add (local.get $a) (i32.const 100)))))
    (if (select (i32.const 1) (i32.eqz (local.get $index)) (i32.eqz (global.get $state))) (then
      (local.set $got (call $wait (local.get $a)))
      (if (i32.eq (global.get $state) (i32.const 1)) (then
        (global.set $frame (local.get $a))
        (return (i32.const 0))))))
    (if (i32.eqz (global.get $state)) (then
      (local.set $a (i32.add (local.get $a) (local.get $got)))))
    (local.get $a))
  (func $pure (param i32) (result i32)
    (block (block (br_table 0 1 0 (local.get 0))) (drop (i32.trunc_sat_f64_s (f64.const 1))))
    (i64.store16 offset=300 (i32.const 0) (i64.const -1)) (memory.fill (i32.const 0) (i32.const 0)
      (i32.const 8)) (drop (f32.const 2)) (drop (ref.null func)) (drop (call_indirect (type 0)
      (local.get 0) (i32.const 0))) (local.get 0))
  (func (export "asyncify_get_state") (result i32) (global.get $state))
  (func (export "set_state") (param i32) (global.set $state (local.get 0)))
  (export "add" (func $add))
  (export "pure" (func $pure)))
"""


@pytest.fixture(scope="module")
def asyncified() -> bytes:
    return bytes(wasmtime.wat2wasm(ASYNCIFIED))


def test_every_entry_of_the_list_says_why_and_no_name_is_there_twice() -> None:
    assert "eval_frames" in fast_copies.read()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[fast]]\nfunctions = ["a"]\n', "needs `why` and `functions`"),
        ('[[fast]]\nwhy = "It is hot."\nfunctions = ["a", "a"]\n', "names a twice"),
    ],
    ids=["no reason", "twice"],
)
def test_a_list_that_is_wrong_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "list.toml"
    file.write_text(text)
    with pytest.raises(BuildError, match=message):
        fast_copies.read(file)


def test_a_copy_asks_only_whether_a_call_has_unwound(asyncified: bytes) -> None:
    made, without = fast_copies.make(asyncified, ["add", "pure", "gone"])
    assert without == ["gone", "pure"]
    before, after = wasm.Module(asyncified), wasm.Module(made)
    assert after.names == {**before.names, before.imported + len(before.bodies): "add.rewound"}
    whole, fast = after.bodies[-1], after.bodies[0]
    state = fast_copies._state(after)
    assert (whole.count(state), fast.count(state)) == (5, 2), "at its start, and after the call"
    assert after.bodies[1:-1] == before.bodies[1:]


def test_a_function_that_is_not_wanted_gets_shorter_tests(asyncified: bytes) -> None:
    made, _ = fast_copies.make(asyncified, [])
    before, after = wasm.Module(asyncified), wasm.Module(made)
    assert len(before.bodies[0]) - len(after.bodies[0]) == 2 * len(fast_copies.IS_UNWINDING)
    assert after.bodies[1:] == before.bodies[1:]


@pytest.mark.parametrize("wanted", [[], ["add"]], ids=["shorter tests", "fast copy"])
def test_it_unwinds_and_rewinds_as_before(asyncified: bytes, wanted: list[str]) -> None:
    made, _ = fast_copies.make(asyncified, wanted)
    store = wasmtime.Store()
    calls: list[int] = []
    unwinds = True

    def wait(a: int) -> int:
        calls.append(a)
        exports["set_state"](store, 1 if unwinds else 0)
        return 7

    kinds = wasmtime.FuncType([wasmtime.ValType.i32()], [wasmtime.ValType.i32()])
    memory = wasmtime.Memory(store, wasmtime.MemoryType(wasmtime.Limits(1, None)))
    limit = wasmtime.Global(
        store, wasmtime.GlobalType(wasmtime.ValType.i32(), False), wasmtime.Val.i32(0)
    )
    imports = [wasmtime.Func(store, kinds, wait), memory, limit]
    exports = wasmtime.Instance(store, wasmtime.Module(store.engine, made), imports).exports(store)
    assert exports["add"](store, 5, 0) == 0 and calls == [105]
    unwinds = False
    exports["set_state"](store, 2)
    assert exports["add"](store, 0, 0) == 112, "its argument is the frame's"
    assert exports["add"](store, 5, 0) == 112
    assert calls == [105, 105, 105]


def test_a_module_that_is_only_read_stays_as_it_is(asyncified: bytes) -> None:
    module = wasm.Module(asyncified)
    assert module.encode() == asyncified
    assert [module.parameters(module.exports[name]) for name in ("add", "pure")] == [2, 1]
    assert function_names(asyncified) == ["wait", "add", "pure"]
    assert function_names(without_names(asyncified)) == []


def test_every_instruction_is_found(asyncified: bytes) -> None:
    for body in wasm.Module(asyncified).bodies:
        places = list(wasm.instructions(body))
        assert body[places[-1]] == wasm.END


VECTORS = """(module (memory 1) (func (export "f") (param $at i32) (result i32)
  (v128.store offset=300 (local.get $at) (v128.const i32x4 11 11 11 11))
  (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
    (v128.load (local.get $at)) (v128.load32_zero (local.get $at))))
  (drop (v128.load8_lane offset=200 3 (local.get $at) (i32x4.splat (local.get $at))))
  (drop (i8x16.replace_lane 11 (i8x16.splat (local.get $at)) (local.get $at)))
  (i32.atomic.rmw.add offset=128 (local.get $at) (i32.const 11))
  drop
  (atomic.fence)
  (i8x16.bitmask (i8x16.eq (v128.load (local.get $at)) (v128.load (local.get $at))))))"""


def test_vectors_and_atomics_are_read_to_their_end() -> None:
    """The number 11, which is `end` where an instruction may begin, is in all their immediates."""
    (body,) = wasm.Module(bytes(wasmtime.wat2wasm(VECTORS))).bodies
    found = [body[at] for at in wasm.instructions(body)]
    assert (found.count(0xFD), found.count(0xFE), found.count(wasm.END)) == (13, 2, 1)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"\0\xfd\x80\x02\x0b", "is not known"),
        (b"\0\xfc\x20\x0b", "is not known"),
        (b"\0\x43\0\0", "could not be read"),
    ],
    ids=["SIMD", "second opcode", "cut off"],
)
def test_an_instruction_that_is_not_known_ends_the_build(body: bytes, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        list(wasm.instructions(body))


def test_what_asyncify_does_not_make_ends_the_build(asyncified: bytes) -> None:
    plain = bytes(wasmtime.wat2wasm('(module (func) (export "f" (func 0)))'))
    with pytest.raises(BuildError, match="not what Asyncify makes"):
        fast_copies.make(plain, [])
    kept = ASYNCIFIED.replace("(local.get $a))\n", "(local.tee $a (global.get $state)))\n", 1)
    with pytest.raises(BuildError, match="keeps Asyncify's state"):
        fast_copies.make(bytes(wasmtime.wat2wasm(kept)), ["add"])
