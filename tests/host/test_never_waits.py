"""What the Asyncify core leaves uninstrumented: the list, and the names it is turned into."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpython.build.engine.errors import BuildError
from cpython.build.wasm.names import function_names, without_names
from cpython.build.wasm.never_waits import Never, functions, read

LIBZ, CPYTHON = Path("lib/libz.a"), Path("lib/libpython.a")
DEFINES = {LIBZ: {"inflate", "fill"}, CPYTHON: {"PyMem_Free", "fill", "list_append"}}


def test_every_entry_of_the_list_says_why() -> None:
    for entry in read():
        assert entry.why.endswith(".") and (entry.functions or entry.archives)


def test_an_entry_without_a_reason_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "list.toml"
    file.write_text('[[never]]\nfunctions = ["a"]\n')
    with pytest.raises(BuildError, match="needs a `why`"):
        read(file)


def test_a_name_that_the_optimiser_has_numbered_is_found() -> None:
    entry = Never("It frees.", ("PyMem_Free",), ())
    present = ["PyMem_Free", "PyMem_Free.12", "PyMem_FreeAll", "list_append"]
    assert functions([entry], [LIBZ, CPYTHON], present, DEFINES.__getitem__) == [
        "PyMem_Free",
        "PyMem_Free.12",
    ]


def test_a_star_stands_for_any_part_of_a_name() -> None:
    entry = Never("It visits.", ("*_traverse",), ())
    present = ["list_traverse", "list_traverse.3", "traverse_list"]
    found = functions([entry], [LIBZ, CPYTHON], present, DEFINES.__getitem__)
    assert found == ["list_traverse", "list_traverse.3"]


def test_a_static_function_whose_name_is_another_archives_too_stays_instrumented() -> None:
    entry = Never("It compresses.", (), ("libz.a",))
    present = ["fill", "inflate", "list_append"]
    found = functions([entry], [LIBZ, CPYTHON], present, DEFINES.__getitem__)
    assert found == ["inflate"]


@pytest.mark.parametrize(
    "entry",
    [Never("Gone.", ("PyMem_Gone",), ()), Never("Gone.", (), ("libgone.a",))],
    ids=["function", "archive"],
)
def test_what_is_no_longer_there_ends_the_build(entry: Never) -> None:
    with pytest.raises(BuildError, match=r"[Gg]one"):
        functions([entry], [LIBZ, CPYTHON], [], DEFINES.__getitem__)


def test_names_are_read_and_cut_off_and_nothing_else() -> None:
    magic, rest = b"\0asm\1\0\0\0", b"\0\5\1xabc"
    name_map = b"\2\0\1a\5\2bc"  # two names: function 0 is "a", 5 is "bc"
    content = b"\4name" + b"\1" + bytes([len(name_map)]) + name_map
    section = b"\0" + bytes([len(content)]) + content
    module = magic + rest + section + rest
    assert function_names(module) == ["a", "bc"]
    assert without_names(module) == magic + rest + rest
    assert without_names(magic + rest) == magic + rest
