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
from _sospeso.runner import dedented, ends_in_semicolon

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

    Then the value of its last expression is not wanted. A semicolon that ends an indented block is
    none of the source.

    Raises:
        tokenize.TokenError: the source is no Python.
    """
    if isinstance(source, str) and ";" not in source:
        return False
    return ends_in_semicolon(source)


def _as_expression(statement: ast.stmt) -> ast.expr | None:
    """What the name that a statement has assigned to is, as an expression; None for others."""
    match statement:
        case ast.Assign(targets=[*_, ast.Name(id=name)]):
            pass
        case ast.AugAssign(target=ast.Name(id=name)):
            pass
        case ast.AnnAssign(target=ast.Name(id=name)):
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
        source: Python source.
        return_mode: "last_expr" returns the value of the last statement if it is an
            expression; "last_expr_or_assign" also that of a name assigned to last; "none" None.
        mode: as of compile(): "exec", "single" or "eval". In "single" the values of expressions
            that are not returned go to sys.displayhook.
        quiet_trailing_semicolon: a semicolon at the end means that no value is wanted.
        filename: for tracebacks. Unless it begins with "<" and ends with ">", compile() makes the
            source known to tracebacks and debuggers.
        flags: of compile().
        dont_inherit: as of compile(); this module has only `annotations` to be inherited, which
            is never wanted.
        optimize: as of compile().
        dedent: an indent that all lines of the source have is dropped.

    Raises:
        SyntaxError: the source is no Python.
        ValueError: an unknown return_mode.
    """

    ast: ast.Module | ast.Expression | ast.Interactive
    code: types.CodeType

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
    ) -> None:
        if return_mode not in _MODES:
            raise ValueError(f"return_mode is one of {', '.join(_MODES)}, not {return_mode!r}")
        if dedent:
            source = dedented(source)
        tree: Any = compile(
            source, filename, mode, flags | ast.PyCF_ONLY_AST, dont_inherit=dont_inherit
        )
        self.ast = tree
        self._source = source
        self._filename = filename
        self._flags = flags
        self._dont_inherit = dont_inherit
        self._optimize = optimize
        quiet = quiet_trailing_semicolon and should_quiet(source)
        self._return_mode: ReturnMode = "none" if quiet else return_mode
        self._compiled = False

    def compile(self) -> CodeRunner:
        """Compile `ast`. Returns the runner itself, so that calls can be chained.

        Raises:
            RuntimeError: it was called before.
        """
        if self._compiled:
            raise RuntimeError("Already compiled")
        runner.know_source(self._filename, self._source)
        tree = self.ast
        if isinstance(tree, ast.Expression):
            self.code = self._compile(tree, "eval")
        else:
            single = isinstance(tree, ast.Interactive)
            body = list(tree.body)
            value = _take_value(self._return_mode, body)
            if value is not None:
                # Python code that changes the constants expects a 0 before those of the value.
                for name, kept in ((_ZERO, ast.Constant(0)), (_VALUE, value)):
                    keep = ast.Assign([ast.Name(name, ast.Store())], kept)
                    body.append(ast.fix_missing_locations(ast.copy_location(keep, value)))
            made: ast.mod
            if single:
                made = ast.Interactive(body)
            else:
                made = ast.Module(body, getattr(tree, "type_ignores", []))
            self.code = _returning(self._compile(made, "single" if single else "exec"))
        self._compiled = True
        return self

    def _compile(self, tree: Any, mode: str) -> types.CodeType:
        code: types.CodeType = builtins.compile(
            tree,
            self._filename,
            mode,
            flags=self._flags,
            dont_inherit=self._dont_inherit,
            optimize=self._optimize,
        )
        return code

    def _code(self) -> types.CodeType:
        if not self._compiled:
            raise RuntimeError("Not yet compiled")
        return self.code

    def run(
        self, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None
    ) -> Any:
        """Execute the code; the value that return_mode asks for, or None.

        Args:
            globals: the namespace; default: that of `__main__`.
            locals: default: the globals.

        Raises:
            RuntimeError: compile() was not called, or the code has top-level await.
            Exception: whatever the code raises.
        """
        code = self._code()
        names = _namespace(globals)
        result = eval(code, names, names if locals is None else locals)
        if code.co_flags & _COROUTINE:
            result.close()
            raise RuntimeError(
                "Used eval_code with TOP_LEVEL_AWAIT. Use run_async for this instead."
            )
        return result

    async def run_async(
        self, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None
    ) -> Any:
        """Like run(), for code compiled with ast.PyCF_ALLOW_TOP_LEVEL_AWAIT."""
        code = self._code()
        names = _namespace(globals)
        result = eval(code, names, names if locals is None else locals)
        return await result if code.co_flags & _COROUTINE else result


# No source can have these names.
_VALUE = " value"
_ZERO = " zero"


def _returning(code: types.CodeType) -> types.CodeType:
    """The code of a module, in which assigning a value to _VALUE is made a return of it.

    The compiler has no such statement for modules. Unlike an exception that carries the value
    out, a return is seen by no debugger, and leaves no traceback. What is assigned to _ZERO is
    dropped.
    """
    if _VALUE not in code.co_names:
        return code
    from opcode import EXTENDED_ARG, opmap

    instead = {
        code.co_names.index(_VALUE): opmap["RETURN_VALUE"],
        code.co_names.index(_ZERO): opmap["POP_TOP"],
    }
    units = bytearray(code.co_code)
    argument = 0
    for at in range(0, len(units), 2):
        argument = argument << 8 | units[at + 1]
        if units[at] == EXTENDED_ARG:
            continue
        if units[at] == opmap["STORE_NAME"] and argument in instead:
            units[at : at + 2] = bytes((instead[argument], 0))
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
    dedent: bool = True,
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
        dedent=dedent,
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
    dedent: bool = True,
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
        dedent=dedent,
    )
    return await runner.compile().run_async(globals, locals)


runner.known.update(eval_code=eval_code, eval_code_async=eval_code_async)


def find_imports(source: str) -> list[str]:
    """Names of the modules that the source imports, and of the packages they are in, sorted.

    `import a.b` gives "a" and "a.b". Source that is no Python imports nothing.
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
            case ast.ImportFrom(module=str(module)):
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
        raise TypeError(f"argument should have type 'string' not type '{type(code).__name__}'")
    from _sospeso_ffi import js_module

    return js_module("js").eval(code)
