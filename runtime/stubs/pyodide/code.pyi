# Running Python source; see runtime/python/pyodide/code.py.
import ast
from collections.abc import Callable
from types import CodeType
from typing import Any, Literal, TypeVar

_R = TypeVar("_R")
ReturnMode = Literal["last_expr", "last_expr_or_assign", "none"]

__all__ = [
    "CodeRunner",
    "eval_code",
    "eval_code_async",
    "find_imports",
    "relaxed_call",
    "relaxed_wrap",
    "run_js",
    "should_quiet",
]

class CodeRunner:
    ast: ast.Module | ast.Expression | ast.Interactive
    code: CodeType
    def __init__(
        self,
        source: str,
        *,
        return_mode: ReturnMode = "last_expr",
        mode: str = "exec",
        quiet_trailing_semicolon: bool = True,
        filename: str = "<exec>",
        flags: int = 0x0,
        dont_inherit: bool = True,
        optimize: int = -1,
        dedent: bool = True,
    ) -> None: ...
    def compile(self) -> CodeRunner: ...
    def run(
        self, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None
    ) -> Any: ...
    async def run_async(
        self, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None
    ) -> Any: ...

def eval_code(
    source: str,
    globals: dict[str, Any] | None = None,
    locals: dict[str, Any] | None = None,
    *,
    return_mode: ReturnMode = "last_expr",
    quiet_trailing_semicolon: bool = True,
    filename: str = "<exec>",
    flags: int = 0x0,
    dont_inherit: bool = True,
    optimize: int = -1,
    dedent: bool = True,
) -> Any: ...
async def eval_code_async(
    source: str,
    globals: dict[str, Any] | None = None,
    locals: dict[str, Any] | None = None,
    *,
    return_mode: ReturnMode = "last_expr",
    quiet_trailing_semicolon: bool = True,
    filename: str = "<exec>",
    flags: int = 0x0,
    dont_inherit: bool = True,
    optimize: int = -1,
    dedent: bool = True,
) -> Any: ...
def find_imports(source: str) -> list[str]: ...
def should_quiet(source: str, /) -> bool: ...
def run_js(code: str, /) -> Any: ...
def relaxed_wrap(func: Callable[..., _R], /) -> Callable[..., _R]:
    """A function that calls another as `relaxed_call()` does."""

def relaxed_call(func: Callable[..., _R], /, *args: Any, **kwargs: Any) -> _R:
    """Call a function with as many of the arguments as it takes, and leave out the others.

    Args:
        func: any callable.
        args: positional arguments; those beyond what it takes are left out.
        kwargs: keyword arguments; those that it does not know are left out.
    """
