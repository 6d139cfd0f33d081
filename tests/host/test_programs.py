"""tests/programs.py: what reaches the runtime is what stands in the file, one level to the left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.programs import Programs, Scripts

FILE = '''"""Programs."""


def adds():
    """Not part of the program."""
    text = """
        kept as it is
  so is this"""
    for n in range(2):
        text += str(n)  # a comment
    return text


async def waits(a, b):
    import asyncio

    await asyncio.sleep(0)
    return (
        a
        + b
    )


def says_nothing():
    pass
'''


@pytest.fixture
def found(tmp_path: Path) -> Programs:
    file = tmp_path / "x.py"
    file.write_text(FILE)
    return Programs(file)


def test_a_body_runs_as_a_module_and_its_last_line_is_the_value(found: Programs) -> None:
    text = str(found.adds)
    assert text.startswith('text = """\n        kept as it is\n  so is this"""\nfor n in range(2):')
    assert text.endswith("# a comment\ntext\n")


def test_a_call_passes_values(found: Programs) -> None:
    text = found.waits.called(1, {"a": None})
    assert text.startswith("async def waits(a, b):\n    import asyncio\n")
    assert text.endswith("\nawait waits(1, {'a': None})")


def test_a_return_of_several_lines_stays_one_expression(found: Programs) -> None:
    assert str(found.waits).endswith("(\n    a\n    + b\n)\n")


def test_a_program_without_a_value_has_none(found: Programs) -> None:
    assert str(found.says_nothing) == "pass\n"


HEAD = '''"""Programs."""

import json
from functools import (
    cache,
)

TEXT = """
  a"""


@cache
def _helper():
    return TEXT


def first(n):
    """Not part of the program."""
    return [json, n, _helper]


async def second():
    return f"""{
    TEXT}
b"""
'''
HEAD_LINES = """\
import json
from functools import (
    cache,
)
TEXT = \"""
  a\"""
@cache
def _helper():
    return TEXT
"""


def test_what_else_the_file_has_comes_before_each_program(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text(HEAD)
    found = Programs(file)
    assert [program.name for program in found] == ["first", "second"]
    assert str(found.first) == f"{HEAD_LINES}[json, n, _helper]\n"
    assert str(found.second) == f'{HEAD_LINES}f"""{{\n    TEXT}}\nb"""\n'


def test_in_a_call_it_is_local(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text(HEAD)
    names: dict[str, object] = {}
    lines = Programs(file).first.called(5).splitlines()
    exec("\n".join([*lines[:-1], f"value = {lines[-1]}"]), names)
    module, number, helper = names["value"]  # type: ignore[misc]
    assert (module.__name__, number, helper()) == ("json", 5, "\n  a")
    assert set(names) == {"__builtins__", "first", "value"}


def test_an_unknown_name_is_an_error_at_once(found: Programs, tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match=r"x\.py has no program missing"):
        found.missing  # noqa: B018
    (tmp_path / "x.mjs").write_text("export async function here() {}\nfunction hidden() {}\n")
    scripts = Scripts(tmp_path / "x.mjs")
    assert (scripts.here.file, scripts.here.name) == ("x.mjs", "here")
    with pytest.raises(AttributeError, match="exports no function hidden"):
        scripts.hidden  # noqa: B018
