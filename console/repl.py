"""The interactive interpreter: the module `pyodide._repl`.

CPython 3.13's own line editor (`_pyrepl`: colours, several lines, history, completion, paste), with
top-level await: what is awaited runs on the page's event loop while the REPL waits. Where the
terminal is not known to be able to ($TERM), or is none, it reads plain lines. Called by the console
page and component (console/) and by `sospeso` without arguments (runtime/node).
"""

from __future__ import annotations

import contextlib
import os
import sys
from ast import PyCF_ALLOW_TOP_LEVEL_AWAIT
from inspect import CO_COROUTINE
from types import CodeType, FunctionType, TracebackType
from typing import Any

from _pyrepl.console import InteractiveColoredConsole
from pyodide.console import BANNER

__all__ = ["main"]


class ReplConsole(InteractiveColoredConsole):
    """A console whose statements may await."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        super().__init__(namespace, filename="<stdin>")
        self.compile.compiler.flags |= PyCF_ALLOW_TOP_LEVEL_AWAIT

    def runcode(self, code: CodeType) -> Any:
        """Run one statement to its end, waiting for what it awaits."""
        if not code.co_flags & CO_COROUTINE:
            return super().runcode(code)
        from pyodide.ffi import run_sync

        try:
            run_sync(FunctionType(code, self.locals)())
        except SystemExit:
            raise
        except BaseException as error:
            error.__traceback__ = _below(error.__traceback__, code)
            self.showtraceback()
            return self.STATEMENT_FAILED
        return None


def _below(tb: TracebackType | None, code: CodeType) -> TracebackType | None:
    """A traceback whose second entry is the statement: a console drops the first, its own."""
    before = at = tb
    while at is not None and at.tb_frame.f_code is not code:
        before, at = at, at.tb_next
    return tb if at is None else before


def main(namespace: dict[str, Any] | None = None, banner: str | None = BANNER) -> int:
    """Read statements and run them until the user ends it.

    Args:
        namespace: what the statements see; that of `__main__` when it is left out.
        banner: text to begin with, or None.

    Returns:
        The exit code: 0 at end of input, otherwise what exit() was given.
    """
    if namespace is None:
        namespace = sys.modules["__main__"].__dict__
    if banner:
        print(banner)
    try:
        try:
            _startup(namespace)
        except Exception as error:
            sys.excepthook(type(error), error, error.__traceback__)
        _interact(ReplConsole(namespace))
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF
        print(error.code, file=sys.stderr)
        return 1
    return 0


def _startup(namespace: dict[str, Any]) -> None:
    """Run the file that $PYTHONSTARTUP names."""
    path = os.environ.get("PYTHONSTARTUP")
    if path:
        import tokenize

        with tokenize.open(path) as file:
            source = file.read()
        exec(compile(source, path, "exec"), namespace)


def _interact(console: ReplConsole) -> None:
    for name, prompt in (("ps1", ">>> "), ("ps2", "... ")):
        if not hasattr(sys, name):
            setattr(sys, name, prompt)
    import readline
    import site

    if os.environ.get("PYTHON_BASIC_REPL") or not readline._find_editor():
        console.interact(banner="", exitmsg="")
        return
    from _pyrepl.simple_interact import run_multiline_interactive_console

    readline._install(console.locals)
    history = site.gethistoryfile()
    with contextlib.suppress(OSError):
        readline.read_history_file(history)
    try:
        run_multiline_interactive_console(console)
    finally:
        with contextlib.suppress(OSError):
            readline.set_history_length(1000)
            readline.write_history_file(history)
