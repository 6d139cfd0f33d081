"""What to run: the part of a command line that Python itself would understand.

Why: `sospeso run` takes its own options first and then exactly what `python` takes (a script, `-c`,
`-m` or `-`, and arguments that are the program's business). Used by cli.py and both runners; the
same rules are in runtime/node/program.ts for `node dist/cli.mjs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .paths import UserError

Kind = Literal["file", "code", "module", "stdin", "repl"]
Core = Literal["auto", "jspi", "asyncify"]


@dataclass(frozen=True)
class Program:
    """A Python program and its arguments.

    Attributes:
        kind: how `target` is meant: path, source text, module name, or nothing ("stdin", "repl").
        target: see kind.
        args: sys.argv[1:].
    """

    kind: Kind
    target: str
    args: tuple[str, ...] = ()

    def command_line(self) -> list[str]:
        """The words that `python` would be given."""
        head = {
            "file": [self.target],
            "code": ["-c", self.target],
            "module": ["-m", self.target],
            "stdin": ["-"],
            "repl": ["-i"],
        }
        return [*head[self.kind], *self.args]


def parse_program(words: Sequence[str], stdin_is_tty: bool) -> Program:
    """Read what stands after our own options.

    Args:
        words: e.g. ["script.py", "a"], ["-c", "print(1)"], ["-mjson.tool"] or [].
        stdin_is_tty: with no words at all, a person gets an interactive prompt and a pipe is read
            as the program, as with `python`.

    Raises:
        UserError: `-c` or `-m` with nothing after it, or an option that is not known.
    """
    if not words:
        return Program("repl", "") if stdin_is_tty else Program("stdin", "")
    if list(words) == ["-i"]:
        return Program("repl", "")
    first, rest = words[0], tuple(words[1:])
    if first == "-":
        return Program("stdin", "", rest)
    for option, kind in (("-c", "code"), ("-m", "module")):
        if first.startswith(option) and not first.startswith("--"):
            target = first[2:]
            if not target:
                if not rest:
                    what = "code" if kind == "code" else "a module's name"
                    raise UserError(f"{option} needs {what} after it, as with python {option}")
                target, rest = rest[0], rest[1:]
            return Program("code" if kind == "code" else "module", target, rest)
    if first.startswith("-"):
        raise UserError(
            f"unknown option {first}. Options: --core, --engine, --ticks, --with, --listen, "
            "--mount, -c, -m, -i"
        )
    return Program("file", first, rest)
