"""Fast copies of instrumented functions: the list, what becomes of a body, the module around it.

That such modules wait as others do is tested with Binaryen itself, in polyfills/jspi/tests.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import wasmtime

from cpython.build.engine.errors import BuildError
from cpython.build.wasm import fast_copies, wasm
from cpython.build.wasm.names import function_names, without_names

PROGRAMS = Path(__file__).with_name("programs")
ASYNCIFIED = (PROGRAMS / "asyncified.wat").read_text()


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


def test_vectors_and_atomics_are_read_to_their_end() -> None:
    """The number 11, which is `end` where an instruction may begin, is in all their immediates."""
    (body,) = wasm.Module(bytes(wasmtime.wat2wasm((PROGRAMS / "vectors.wat").read_text()))).bodies
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
