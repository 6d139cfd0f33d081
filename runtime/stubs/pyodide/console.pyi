# A console for terminals drawn by JavaScript; see runtime/python/pyodide/console.py.
from asyncio import Future
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Literal

from .code import CodeRunner

__all__ = ["BANNER", "Console", "ConsoleFuture", "PyodideConsole", "repr_shorten", "shorten"]

BANNER: str
SyntaxCheck = Literal["syntax-error", "incomplete", "complete"]

class ConsoleFuture(Future[Any]):
    syntax_check: SyntaxCheck
    formatted_error: str | None
    def __init__(self, syntax_check: SyntaxCheck) -> None: ...

class Console:
    globals: dict[str, Any]
    filename: str
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
    ) -> None: ...
    def persistent_redirect_streams(self) -> None: ...
    def persistent_restore_streams(self) -> None: ...
    def redirect_streams(self) -> AbstractContextManager[None]: ...
    def push(self, line: str) -> ConsoleFuture: ...
    def runsource(self, source: str, filename: str = "<console>") -> ConsoleFuture: ...
    async def runcode(self, source: str, code: CodeRunner) -> Any: ...
    def formatsyntaxerror(self, error: Exception) -> str: ...
    def formattraceback(self, error: BaseException) -> str: ...
    def num_frames_to_keep(self, tb: TracebackType | None) -> int: ...
    def complete(self, source: str) -> tuple[list[str], int]: ...

class PyodideConsole(Console): ...

def shorten(
    text: str, limit: int = 1000, split: int | None = None, separator: str = "..."
) -> str: ...
def repr_shorten(
    value: Any, limit: int = 1000, split: int | None = None, separator: str = "..."
) -> str: ...
