"""Running Python source, and small tools around it: the public module `pyodide.code`.

`eval_code` and `eval_code_async` are what runPython() and runPythonAsync() do, with more to
choose; `CodeRunner` is the same in steps. Used by pyodide.console and by users.
"""

from __future__ import annotations

import ast
import builtins
import sys
import types

from _sospeso import runner
from _sospeso.relaxed import relaxed_call, relaxed_wrap
from _sospeso.runner import dedented

TYPE_CHECKING = False
if TYPE_CHECKING:  # the modules of types cost time and do nothing here
    from typing import Any, Literal

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

_COROUTINE = 0x80  # inspect.CO_COROUTINE
_MODES = ("last_expr", "last_expr_or_assign", "none")


def should_quiet(source: str, /) -> bool:
    """Whether the source ends in a semicolon, comments and whitespace aside.

    Then the value of its last expression is not wanted.
    """
    if ";" not in source:
        return False
    from io import StringIO
    from tokenize import COMMENT, DEDENT, ENDMARKER, NEWLINE, NL, TokenError, generate_tokens

    last = ""
    try:
        for token in generate_tokens(StringIO(source).readline):
            if token.type not in (COMMENT, DEDENT, ENDMARKER, NEWLINE, NL):
                last = token.string
    except (TokenError, SyntaxError):
        return False
    return last == ";"


def _as_expression(statement: ast.stmt) -> ast.expr | None:
    """What the name that a statement has assigned to is, as an expression; None for others."""
    match statement:
        case ast.Assign(targets=[*_, ast.Name(id=name)]):
            pass
        case ast.AugAssign(target=ast.Name(id=name)):
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            pass
        case _:
            return None
    return ast.copy_location(ast.Name(name, ast.Load()), statement)


def _take_value(mode: ReturnMode, body: list[ast.stmt]) -> ast.expr | None:
    """The expression that is the source's value; its statement is taken out of the body."""
    if not body or mode == "none":
        return None
    if isinstance(body[-1], ast.Expr):
        expression = body.pop()
        assert isinstance(expression, ast.Expr)
        return expression.value
    return _as_expression(body[-1]) if mode == "last_expr_or_assign" else None


class CodeRunner:
    """Source text that is parsed at once, compiled by compile() and run any number of times.

    `ast` may be changed before compile(), and `code` after it: eval() of it gives the value that
    run() returns.

    Args:
        source: Python source; an indent that all its lines have is dropped.
        return_mode: "last_expr" returns the value of the last statement if it is an
            expression; "last_expr_or_assign" also that of a name assigned to last; "none" None.
        mode: as of compile(): "exec", "single" or "eval".
        quiet_trailing_semicolon: a semicolon at the end means that no value is wanted.
        filename: for tracebacks. Unless it begins with "<" and ends with ">", the source is
            made known to tracebacks and debuggers.
        flags: of compile().
        dont_inherit: as of compile(); this module has only `annotations` to be inherited, which
            is never wanted.
        optimize: as of compile().

    Raises:
        SyntaxError: the source is no Python.
        ValueError: an unknown return_mode.
    """

    ast: ast.Module | ast.Expression | ast.Interactive
    code: types.CodeType | None

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
    ) -> None:
        if return_mode not in _MODES:
            raise ValueError(f"return_mode is one of {', '.join(_MODES)}, not {return_mode!r}")
        self.filename = filename
        self.flags = flags
        self.dont_inherit = dont_inherit
        self.optimize = optimize
        quiet = quiet_trailing_semicolon and should_quiet(source)
        self.return_mode = "none" if quiet else return_mode
        self.code = None
        source = dedented(source)
        tree: Any = compile(
            source, filename, mode, flags | ast.PyCF_ONLY_AST, dont_inherit=dont_inherit
        )
        self.ast = tree
        if not (filename.startswith("<") and filename.endswith(">")):
            import linecache

            lines = [line + "\n" for line in source.splitlines()]
            linecache.cache[filename] = (len(source), None, lines, filename)

    def compile(self) -> CodeRunner:
        """Compile `ast`. Returns the runner itself, so that calls can be chained."""
        tree = self.ast
        if isinstance(tree, ast.Expression):
            self.code = self._compile(tree, "eval")
            return self
        body = list(tree.body)
        value = _take_value(self.return_mode, body)
        if value is not None:
            keep = ast.Assign([ast.Name(_VALUE, ast.Store())], value)
            body.append(ast.fix_missing_locations(ast.copy_location(keep, value)))
        ignores = getattr(tree, "type_ignores", [])
        self.code = _returning(self._compile(ast.Module(body, ignores), "exec"))
        return self

    def _compile(self, tree: Any, mode: str) -> types.CodeType:
        code: types.CodeType = builtins.compile(
            tree,
            self.filename,
            mode,
            flags=self.flags,
            dont_inherit=self.dont_inherit,
            optimize=self.optimize,
        )
        return code

    def _compiled(self) -> types.CodeType:
        if self.code is None:
            raise RuntimeError("Not yet compiled: call compile() before run() or run_async()")
        return self.code

    def run(
        self, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None
    ) -> Any:
        """Execute the code; the value that return_mode asks for, or None.

        Code with top-level await gives the coroutine.

        Args:
            globals: the namespace; default: that of `__main__`.
            locals: default: the globals.

        Raises:
            RuntimeError: compile() was not called.
            Exception: whatever the code raises.
        """
        return eval(self._compiled(), _namespace(globals), locals)

    async def run_async(
        self, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None
    ) -> Any:
        """Like run(), for code compiled with ast.PyCF_ALLOW_TOP_LEVEL_AWAIT."""
        code = self._compiled()
        result = eval(code, _namespace(globals), locals)
        return await result if code.co_flags & _COROUTINE else result


# No source can have this name.
_VALUE = " value"


def _returning(code: types.CodeType) -> types.CodeType:
    """The code of a module, with each assignment to _VALUE made a return of the value.

    The compiler has no such statement for modules. Unlike an exception that carries the value
    out, a return is seen by no debugger, and leaves no traceback.
    """
    if _VALUE not in code.co_names:
        return code
    from opcode import EXTENDED_ARG, opmap

    index = code.co_names.index(_VALUE)
    units = bytearray(code.co_code)
    argument = 0
    for at in range(0, len(units), 2):
        argument = argument << 8 | units[at + 1]
        if units[at] == EXTENDED_ARG:
            continue
        if units[at] == opmap["STORE_NAME"] and argument == index:
            units[at] = opmap["RETURN_VALUE"]
            units[at + 1] = 0
        argument = 0
    return code.replace(co_code=bytes(units))


def _namespace(given: dict[str, Any] | None) -> dict[str, Any]:
    return sys.modules["__main__"].__dict__ if given is None else given


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
) -> Any:
    """Run source text; the value of its last expression.

    Arguments are those of CodeRunner and of CodeRunner.run().

    Raises:
        SyntaxError: the source is no Python.
        Exception: whatever the code raises.
    """
    runner = CodeRunner(
        source,
        return_mode=return_mode,
        quiet_trailing_semicolon=quiet_trailing_semicolon,
        filename=filename,
        flags=flags,
        dont_inherit=dont_inherit,
        optimize=optimize,
    )
    return runner.compile().run(globals, locals)


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
) -> Any:
    """Like eval_code(), with top-level await in the source."""
    runner = CodeRunner(
        source,
        return_mode=return_mode,
        quiet_trailing_semicolon=quiet_trailing_semicolon,
        filename=filename,
        flags=flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
        dont_inherit=dont_inherit,
        optimize=optimize,
    )
    return await runner.compile().run_async(globals, locals)


runner.known.update(eval_code=eval_code, eval_code_async=eval_code_async)


def find_imports(source: str) -> list[str]:
    """Names of the modules that the source imports, and of the packages they are in, sorted.

    `import a.b` gives "a" and "a.b". Relative imports are left out. Source that is no Python
    imports nothing.
    """
    try:
        tree = ast.parse(dedented(source))
    except SyntaxError:
        return []
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                paths = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                paths = [module]
            case _:
                continue
        for path in paths:
            parts = path.split(".")
            found.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return sorted(found)


def run_js(code: str, /) -> Any:
    """Evaluate JavaScript source in the global scope; its value.

    Raises:
        TypeError: the code is no string.
        JsException: whatever the code throws.
    """
    if not isinstance(code, str):
        raise TypeError(f"JavaScript source is a str, not {type(code).__name__}")
    from _sospeso_ffi import js_module

    return js_module("js").eval(code)
