"""What stands after our own options is read as `python` reads it."""

from __future__ import annotations

import pytest

from sospeso.paths import UserError
from sospeso.program import Program, parse_program


@pytest.mark.parametrize(
    ("words", "program"),
    [
        (["x.py"], Program("file", "x.py")),
        (["x.py", "-c", "--core"], Program("file", "x.py", ("-c", "--core"))),
        (["-c", "print(1)", "-m"], Program("code", "print(1)", ("-m",))),
        (["-cprint(1)"], Program("code", "print(1)")),
        (["-m", "json.tool", "f"], Program("module", "json.tool", ("f",))),
        (["-mjson.tool"], Program("module", "json.tool")),
        (["-", "a"], Program("stdin", "", ("a",))),
    ],
)
def test_words_become_a_program_and_go_back(words: list[str], program: Program) -> None:
    assert parse_program(words, stdin_is_tty=False) == program
    assert parse_program(program.command_line(), stdin_is_tty=False) == program


def test_no_words_mean_a_prompt_for_a_person_and_stdin_for_a_pipe() -> None:
    assert parse_program([], stdin_is_tty=True) == Program("repl", "")
    assert parse_program([], stdin_is_tty=False) == Program("stdin", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [(["-c"], "-c needs code"), (["-m"], "-m needs a module"), (["--corse"], "unknown option")],
)
def test_mistakes_are_named(words: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_program(words, stdin_is_tty=False)
