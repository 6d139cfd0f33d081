"""Binaryen's side of the bargain, without any JavaScript: the contract the polyfill stands on.

The asyncified test module runs under wasmtime, with Python doing by hand what polyfills/jspi does.
If a new Binaryen changes the contract, this fails where the cause is.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
import wasmtime

HEADER = 8
NORMAL, UNWINDING, REWINDING = 0, 1, 2


class Machine:
    """The test module, and the smallest driver: `wait` suspends whenever no answer is at hand."""

    def __init__(self, path: Path) -> None:
        self.store = wasmtime.Store()
        module = wasmtime.Module.from_file(self.store.engine, str(path))
        linker = wasmtime.Linker(self.store.engine)
        self.notes: list[int] = []
        self.calls: list[int] = []
        self.buffer = 0
        self.answer: int | None = None
        for item in module.imports:
            assert item.name is not None
            assert isinstance(item.type, wasmtime.FuncType)
            linker.define_func(item.module, item.name, item.type, getattr(self, item.name))
        self.instance = linker.instantiate(self.store, module)
        memory = self.export("memory")
        assert isinstance(memory, wasmtime.Memory)
        self.memory = memory

    def export(self, name: str) -> Any:
        return self.instance.exports(self.store)[name]

    def call_export(self, name: str, *arguments: int) -> Any:
        return self.export(name)(self.store, *arguments)

    @property
    def state(self) -> int:
        return int(self.call_export("asyncify_get_state"))

    def new_buffer(self, size: int) -> int:
        pointer = int(self.call_export("alloc", HEADER + size))
        header = struct.pack("<II", pointer + HEADER, pointer + HEADER + size)
        self.memory.write(self.store, header, pointer)
        return pointer

    def top(self, pointer: int) -> int:
        """How many bytes the buffer holds."""
        raw = self.memory.read(self.store, pointer, pointer + 4)
        return int(struct.unpack("<I", raw)[0]) - pointer - HEADER

    def wait(self, x: int) -> int:
        self.calls.append(x)
        if self.answer is None:
            self.call_export("asyncify_start_unwind", self.buffer)
            return 0
        assert self.state == REWINDING
        self.call_export("asyncify_stop_rewind")
        answer, self.answer = self.answer, None
        return answer

    def wait64(self, x: int) -> int:
        return x

    def wait_float(self, x: float) -> float:
        return x

    def wait32(self, x: float) -> float:
        return x

    def wait_nothing(self) -> None: ...

    def call(self, x: int) -> int:
        return x

    def note(self, x: int) -> None:
        self.notes.append(x)


@pytest.fixture(params=["built", "fast"])
def machine(request: pytest.FixtureRequest) -> Machine:
    folder: Path = request.getfixturevalue(request.param)
    return Machine(folder / "stacks.asyncify.wasm")


def test_the_module_exports_the_five_functions(machine: Machine) -> None:
    assert machine.state == NORMAL
    for name in ("start_unwind", "stop_unwind", "start_rewind", "stop_rewind"):
        assert isinstance(machine.export(f"asyncify_{name}"), wasmtime.Func)


def test_unwind_and_rewind_of_one_stack(machine: Machine) -> None:
    machine.buffer = machine.new_buffer(4096)
    machine.call_export("once", 7)
    assert machine.state == UNWINDING
    assert machine.notes == [7], "code after the wait does not run while unwinding"
    assert machine.top(machine.buffer) > 0
    machine.call_export("asyncify_stop_unwind")
    assert machine.state == NORMAL

    machine.answer = 41
    machine.call_export("asyncify_start_rewind", machine.buffer)
    assert machine.call_export("once", 7) == 41
    assert machine.state == NORMAL
    assert machine.notes == [7, -7], "code before the wait does not run again"
    assert machine.calls == [7, 7], "the import is called again, with the same argument"
    assert machine.top(machine.buffer) == 0, "the rewind reads back all that was written"


def test_parameters_come_from_the_buffer_when_rewinding(machine: Machine) -> None:
    machine.buffer = machine.new_buffer(4096)
    machine.call_export("once", 7)
    machine.call_export("asyncify_stop_unwind")
    machine.answer = 1
    machine.call_export("asyncify_start_rewind", machine.buffer)
    machine.call_export("once", 0)
    assert machine.notes == [7, -7]


def test_several_stacks_resume_in_any_order(machine: Machine) -> None:
    depths = [3, 40, 0, 11]
    buffers = []
    for n in depths:
        machine.buffer = machine.new_buffer(16384)
        buffers.append(machine.buffer)
        machine.call_export("deep", n)
        machine.call_export("asyncify_stop_unwind")
    assert machine.state == NORMAL
    for index in (2, 0, 3, 1):
        machine.answer = 1000 * index
        machine.call_export("asyncify_start_rewind", buffers[index])
        n = depths[index]
        assert machine.call_export("deep", n) == n * (n + 1) // 2 + 1000 * index


def test_overrun_is_only_noticed_afterwards(machine: Machine) -> None:
    """Why the polyfill checks the buffer itself, before stop_unwind does."""
    machine.buffer = machine.new_buffer(64)
    machine.call_export("deep", 30)
    assert machine.top(machine.buffer) > 64
    with pytest.raises(wasmtime.Trap):
        machine.call_export("asyncify_stop_unwind")


def test_a_failing_stop_still_makes_the_state_normal(machine: Machine) -> None:
    """What the polyfill's recovery relies on after a trap."""
    machine.buffer = machine.new_buffer(64)
    machine.call_export("deep", 30)
    assert machine.state == UNWINDING
    with pytest.raises(wasmtime.Trap):
        machine.call_export("asyncify_stop_rewind")
    assert machine.state == NORMAL
    assert machine.call_export("add", 2, 3) == 5
