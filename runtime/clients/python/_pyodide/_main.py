"""The module `_pyodide._main`: the program that the arguments of the start name.

loadPyodide({ args: [...] }) gives Python arguments as the command `python` has them; CPython has
read its options from them, and run_main() runs what they name: `-c` code, `-m` a module, or a file.
Called by runtime/clients/main_program.ts as `pyodide._module._run_main()`.
"""

import sys

__all__ = ["run_main"]

# Options that take a value: the rest of the word, or the next one.
_WITH_VALUE = "WX"


def run_main() -> int:
    """Run the program in __main__; 0, or the status it ended with.

    An exception is told on stderr, as by the command. Without a program nothing happens.
    """
    try:
        _run(sys.orig_argv[1:])
        status = 0
    except SystemExit as end:
        status = _status(end)
    except BaseException as error:
        import traceback

        traceback.print_exception(error)
        status = 1
    for stream in sys.stdout, sys.stderr:
        if stream is not None:
            stream.flush()
    return status


def _program(words: list[str]) -> tuple[str, str]:
    """("c", code), ("m", module), ("file", path), or ("", "") when no program is named."""
    rest = iter(words)
    for word in rest:
        if word == "--check-hash-based-pycs":
            next(rest, "")
        if word.startswith("--"):
            continue
        if not word.startswith("-") or word == "-":
            return "file", word
        for at, letter in enumerate(word[1:], 2):
            if letter in "cm":
                return letter, word[at:] or next(rest, "")
            if letter in _WITH_VALUE:
                if not word[at:]:
                    next(rest, "")
                break
    return "", ""


def _run(words: list[str]) -> None:
    kind, target = _program(words)
    names = sys.modules["__main__"].__dict__
    if kind == "c":
        exec(compile(target, "<string>", "exec", dont_inherit=True), names)
    elif kind == "m":
        import runpy

        runpy.run_module(target, run_name="__main__", alter_sys=True)
    elif kind == "file" and target != "-":
        import runpy

        runpy.run_path(target, run_name="__main__")


def _status(end: SystemExit) -> int:
    if end.code is None:
        return 0
    if isinstance(end.code, int):
        return end.code & 0xFF
    print(end.code, file=sys.stderr)
    return 1
