"""A Python console for terminals that are drawn by JavaScript: the module `pyodide.console`.

The page pushes lines and gets for each a future of what came of it. Code runs as tasks of the
page's event loop, so it may use top-level await and may wait. Used by terminal pages and by
whoever wants a REPL; nothing of the runtime needs it.
"""

from __future__ import annotations

import asyncio
import builtins
import codeop
import sys
import traceback
from ast import PyCF_ALLOW_TOP_LEVEL_AWAIT
from asyncio import Future
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from io import TextIOBase
from types import TracebackType
from typing import Any, Literal

from pyodide.code import CodeRunner

__all__ = ["BANNER", "Console", "ConsoleFuture", "PyodideConsole", "repr_shorten", "shorten"]

BANNER = f"""\
Python {sys.version.split(" (")[0]} on WebAssembly (Sospeso)
Type "help", "copyright", "credits" or "license" for more information."""

SyntaxCheck = Literal["syntax-error", "incomplete", "complete"]


class _WriteStream(TextIOBase):
    """A stream that hands each write to a function."""

    def __init__(self, callback: Callable[[str], Any], name: str) -> None:
        self._callback = callback
        self.name = name

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "strict"

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._callback(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return True


class _ReadStream(TextIOBase):
    """A stream that asks a function for text, once a read, when it has too little.

    Once, as a function that gives a line without its newline would be asked for ever.
    """

    def __init__(self, callback: Callable[[int], str], name: str) -> None:
        self._callback = callback
        self._rest = ""
        self.name = name

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "strict"

    def readable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return True

    def _take(self, size: int) -> str:
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def read(self, size: int | None = -1, /) -> str:
        wanted = -1 if size is None else size
        if wanted < 0 or len(self._rest) < wanted:
            self._rest += self._callback(-1 if wanted < 0 else wanted - len(self._rest))
        return self._take(len(self._rest) if wanted < 0 else wanted)

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        wanted = -1 if size is None else size
        if "\n" not in self._rest and not 0 <= wanted <= len(self._rest):
            self._rest += self._callback(-1 if wanted < 0 else wanted - len(self._rest))
        end = self._rest.find("\n") + 1 or len(self._rest)
        return self._take(end if wanted < 0 else min(end, wanted))


class _Compile(codeop.Compile):
    """codeop's compiler, which remembers what was imported from __future__, for a CodeRunner."""

    def __init__(self, *, optimize: int = -1) -> None:
        super().__init__()
        self._optimize = optimize

    def __call__(  # type: ignore[override]
        self, source: str, filename: str, symbol: str, incomplete_input: bool = True
    ) -> CodeRunner:
        """Compile; what can never become complete is told as incomplete input too (as Pyodide)."""
        runner = CodeRunner(
            source,
            mode=symbol,
            filename=filename,
            flags=self.flags | PyCF_ALLOW_TOP_LEVEL_AWAIT,
            dont_inherit=True,  # the annotations of this module are no business of the program
            optimize=self._optimize,
        ).compile()
        if runner.code is not None:
            for feature in codeop._features:  # type: ignore[attr-defined]
                if runner.code.co_flags & feature.compiler_flag:
                    self.flags |= feature.compiler_flag
        return runner


class _CommandCompiler(codeop.CommandCompiler):
    """A CodeRunner for source that is a whole statement, None for the beginning of one."""

    def __init__(self, *, optimize: int = -1) -> None:
        self.compiler = _Compile(optimize=optimize)

    def __call__(  # type: ignore[override]
        self, source: str, filename: str = "<console>", symbol: str = "single"
    ) -> CodeRunner | None:
        return codeop._maybe_compile(self.compiler, source, filename, symbol)  # type: ignore


class ConsoleFuture(Future[Any]):
    """What becomes of a piece of source that was pushed: its value, or its exception."""

    syntax_check: SyntaxCheck
    """"incomplete" asks for another line, "syntax-error" has an exception, "complete" runs."""

    formatted_error: str | None
    """The traceback as the console shows it, once there is an exception."""

    def __init__(self, syntax_check: SyntaxCheck) -> None:
        super().__init__()
        self.syntax_check = syntax_check
        self.formatted_error = None


class Console:
    """An interactive interpreter; its methods may be overridden.

    Args:
        globals: the namespace code runs in; default: one of its own.
        stdin_callback: gives input when code reads, up to so many characters (-1: a line or
            more); "" is the end.
        stdout_callback: gets what code prints.
        stderr_callback: gets what code prints to sys.stderr.
        persistent_stream_redirection: the callbacks are in place from now on, and not only
            while code of this console runs.
        filename: what tracebacks show as the file.
        dont_inherit: has no effect: there is nothing that code here could inherit.
        optimize: as of compile().
    """

    globals: dict[str, Any]
    stdin_callback: Callable[[int], str] | None
    stdout_callback: Callable[[str], Any] | None
    stderr_callback: Callable[[str], Any] | None
    buffer: list[str]
    completer_word_break_characters: str

    def __init__(
        self,
        globals: dict[str, Any] | None = None,
        *,
        stdin_callback: Callable[[int], str] | None = None,
        stdout_callback: Callable[[str], Any] | None = None,
        stderr_callback: Callable[[str], Any] | None = None,
        persistent_stream_redirection: bool = False,
        filename: str = "<console>",
        dont_inherit: bool = False,
        optimize: int = -1,
    ) -> None:
        if globals is None:
            globals = {"__name__": "__console__", "__doc__": None}
        self.globals = globals
        self.filename = filename
        self.buffer = []
        self.completer_word_break_characters = " \t\n`~!@#$%^&*()-=+[{]}\\|;:'\",<>/?"
        self.stdin_callback = stdin_callback
        self.stdout_callback = stdout_callback
        self.stderr_callback = stderr_callback
        self._compile = _CommandCompiler(optimize=optimize)
        self._lock = asyncio.Lock()
        self._persistent: ExitStack | None = None
        self._redirected = 0
        self._completer: Any = None
        if persistent_stream_redirection:
            self.persistent_redirect_streams()

    # ---- streams ------------------------------------------------------------------------------

    def persistent_redirect_streams(self) -> None:
        """Put the callbacks in the place of sys.stdin, sys.stdout and sys.stderr from now on."""
        if self._persistent is None:
            self._persistent = ExitStack()
            self._persistent.enter_context(self._streams())

    def persistent_restore_streams(self) -> None:
        """Undo persistent_redirect_streams()."""
        if self._persistent is not None:
            self._persistent.close()
            self._persistent = None

    @contextmanager
    def redirect_streams(self) -> Iterator[None]:
        """Put the callbacks in the place of the streams within a `with` block."""
        if self._persistent is not None or self._redirected > 0:
            yield
            return
        self._redirected += 1
        try:
            with self._streams():
                yield
        finally:
            self._redirected -= 1

    @contextmanager
    def _streams(self) -> Iterator[None]:
        with ExitStack() as stack:
            if self.stdout_callback is not None:
                stack.enter_context(redirect_stdout(_WriteStream(self.stdout_callback, "<stdout>")))
            if self.stderr_callback is not None:
                stack.enter_context(redirect_stderr(_WriteStream(self.stderr_callback, "<stderr>")))
            if self.stdin_callback is not None:
                before = sys.stdin
                stack.callback(setattr, sys, "stdin", before)
                sys.stdin = _ReadStream(self.stdin_callback, "<stdin>")
            yield

    # ---- running ------------------------------------------------------------------------------

    def push(self, line: str) -> ConsoleFuture:
        """Add a line. When the lines so far are a whole statement, it is run.

        Returns:
            A future; its `syntax_check` says at once whether more lines are needed.
        """
        self.buffer.append(line)
        result = self.runsource("\n".join(self.buffer), self.filename)
        if result.syntax_check != "incomplete":
            self.buffer = []
        return result

    def runsource(self, source: str, filename: str = "<console>") -> ConsoleFuture:
        """Run source text if it is a whole statement, after what was pushed before."""
        try:
            runner = self._compile(source, filename, "single")
        except (OverflowError, SyntaxError, ValueError) as error:
            # Written to be shown: the frames of the compiler's Python side say nothing.
            failed = ConsoleFuture("syntax-error")
            failed.formatted_error = self.formatsyntaxerror(error)
            failed.set_exception(error)
            failed.exception()  # it is reported by formatted_error: not "never retrieved"
            return failed
        if runner is None:
            incomplete = ConsoleFuture("incomplete")
            incomplete.set_result(None)
            return incomplete
        result = ConsoleFuture("complete")

        def finish(done: Future[Any]) -> None:
            if result.done():
                return
            if done.cancelled():
                result.cancel()
                return
            value, error = done.result()
            if error is None:
                if value is not None:
                    builtins._ = value  # type: ignore[attr-defined]  # as the prompt does
                result.set_result(value)
                return
            if isinstance(error, StopIteration):  # no future takes it
                error = RuntimeError("StopIteration interacts badly with generators")
            result.formatted_error = self.formattraceback(error)
            result.set_exception(error)
            result.exception()  # as above

        task = asyncio.ensure_future(self._run_guarded(source, runner))
        task.add_done_callback(finish)
        result.add_done_callback(lambda done: task.cancel() if done.cancelled() else None)
        return result

    async def _run_guarded(self, source: str, runner: CodeRunner) -> tuple[Any, Any]:
        """runcode() as (value, exception).

        Raised out of a task, KeyboardInterrupt and SystemExit would be raised in the loop too.
        """
        try:
            return await self.runcode(source, runner), None
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            return None, error

    async def runcode(self, source: str, code: CodeRunner) -> Any:
        """Run compiled code in the console's namespace; its value.

        One piece runs at a time; others wait until it is done.
        """
        async with self._lock:
            await self._prepare(source)
            with self.redirect_streams():
                try:
                    return await code.run_async(self.globals)
                finally:
                    sys.stdout.flush()
                    sys.stderr.flush()

    async def _prepare(self, source: str) -> None:
        """Called before a piece of code runs, while no other one does; nothing by default."""

    # ---- errors -------------------------------------------------------------------------------

    def formatsyntaxerror(self, error: Exception) -> str:
        """The text for source that does not compile; kept in sys.last_exc."""
        self._keep(error, None)
        return "".join(traceback.format_exception_only(error))

    def formattraceback(self, error: BaseException) -> str:
        """The text for an exception, without the frames of the console itself."""
        tb = error.__traceback__
        keep = self.num_frames_to_keep(tb)
        while tb is not None and keep < _length(tb):
            tb = tb.tb_next
        self._keep(error, tb)
        return "".join(traceback.format_exception(error.with_traceback(tb)))

    def num_frames_to_keep(self, tb: TracebackType | None) -> int:
        """How many frames of a traceback, counted from its end, are the user's."""
        while tb is not None:
            if tb.tb_frame.f_code.co_filename == self.filename:
                return _length(tb)
            tb = tb.tb_next
        return 0

    def _keep(self, error: BaseException, tb: TracebackType | None) -> None:
        sys.last_exc = error
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error, tb

    # ---- completion ---------------------------------------------------------------------------

    def complete(self, source: str) -> tuple[list[str], int]:
        """What the last word of the source could be completed to.

        Returns:
            The completions, and where in the source the completed word starts.
        """
        if self._completer is None:
            from rlcompleter import Completer

            self._completer = Completer(self.globals)
        breaks = self.completer_word_break_characters
        start = max(map(source.rfind, breaks)) + 1
        word = source[start:]
        if "." in word:
            found = self._completer.attr_matches(word)
        else:
            found = self._completer.global_matches(word)
        return list(dict.fromkeys(found)), start


def _length(tb: TracebackType | None) -> int:
    count = 0
    while tb is not None:
        count += 1
        tb = tb.tb_next
    return count


class PyodideConsole(Console):
    """A Console that makes the packages available which the code imports."""

    async def _prepare(self, source: str) -> None:
        """Load what the source imports."""
        from pyodide_js import loadPackagesFromImports

        await loadPackagesFromImports(source)


def shorten(text: str, limit: int = 1000, split: int | None = None, separator: str = "...") -> str:
    """The text, or its beginning and end when it has more than `limit` characters.

    Args:
        text: any text.
        limit: characters that are shown in full.
        split: characters of each end that are kept; default: half the limit.
        separator: what stands for the rest.

    Raises:
        ValueError: the limit is below 4.
    """
    if limit < 4:
        raise ValueError("limit must be greater than or equal to 4.")
    split = min(limit // 2 if split is None else split, len(text) // 2)
    if len(text) <= limit:
        return text
    return f"{text[:split]}{separator}{text[-split:] if split else ''}"


def repr_shorten(
    value: Any, limit: int = 1000, split: int | None = None, separator: str = "..."
) -> str:
    """shorten() of the value's repr()."""
    return shorten(repr(value), limit=limit, split=split, separator=separator)
