"""Runs a piece of source text for JavaScript and reports what came of it.

The module is `_sospeso.runner` inside the runtime. cpython/embed/main.c calls its
functions by name: `run` for runPython(), `run_async` for runPythonAsync() (on a
task, so anything in it may wait), `loop_step` when the host's timer for the
page's event loop fires, and `report_exit` for a program that ends. The rest
is what other methods of the `pyodide` object (runtime/api/api.ts) have Python do.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Any

_COROUTINE = 0x80  # inspect.CO_COROUTINE, without importing inspect

type Code = "tuple[CodeType | None, CodeType | None]"


def _is_quiet(source: str) -> bool:
    """True when the text ends in a semicolon: the last value is not wanted.

    A semicolon within a trailing comment or string does not count; telling
    them apart needs the tokenizer, which is imported only then.
    """
    last_line = source.rstrip().rpartition("\n")[2]
    if ";" not in last_line:
        return False
    if "#" not in last_line:
        return last_line.endswith(";")
    return ends_in_semicolon(source)


def ends_in_semicolon(source: str) -> bool:
    """Whether the last token of the text, comments aside, is a semicolon."""
    import io
    import tokenize

    last = ""
    skipped = (tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT, tokenize.ENDMARKER)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skipped:
            last = token.string
    return last == ";"


def dedented(source: str) -> str:
    """The text without the indent that all its lines have, as in a JavaScript template string."""
    if isinstance(source, str):
        start = source.lstrip(" \t\n\r\f")
        if not start or source[: len(source) - len(start)].rpartition("\n")[2] == "":
            return source
    import textwrap  # which raises TypeError of what is no text

    return textwrap.dedent(source)


def _compile(source: str, filename: str, flags: int) -> Code:
    """The statements and the final expression of the text, each may be None."""
    import _ast

    source = dedented(source)
    tree = compile(source, filename, "exec", _ast.PyCF_ONLY_AST | flags, dont_inherit=True)
    know_source(filename, source)
    last = tree.body[-1] if tree.body else None
    expression = None
    if isinstance(last, _ast.Expr) and not _is_quiet(source):
        tree.body.pop()
        expression = compile(
            _ast.Expression(last.value), filename, "eval", flags, dont_inherit=True
        )
    statements = compile(tree, filename, "exec", flags, dont_inherit=True) if tree.body else None
    return statements, expression


def know_source(filename: str, source: str) -> None:
    """Let tracebacks and debuggers show the lines; a name in angle brackets has none."""
    if not isinstance(filename, str) or (filename.startswith("<") and filename.endswith(">")):
        return
    import linecache

    lines = [line + "\n" for line in source.splitlines()]
    linecache.cache[filename] = (len(source), None, lines, filename)


def _namespace(given: dict[str, object] | None) -> dict[str, object]:
    return sys.modules["__main__"].__dict__ if given is None else given


def run(
    source: str,
    filename: str,
    globals: dict[str, object] | None,
    locals: dict[str, object] | None,
    more: "Any",
) -> object:
    """Execute the text; the value of its last expression, or None.

    `more` is a JavaScript object with other arguments of eval_code(), which is then called, as it
    is when a program has put a function in its place.
    """
    names = _namespace(globals)
    run_code = _other_than("eval_code", more)
    if run_code is not None:
        return run_code(source, names, **_options(locals, filename, more))
    if locals is None:
        locals = names
    statements, expression = _compile(source, filename, 0)
    try:
        if statements is not None:
            eval(statements, names, locals)
        return None if expression is None else eval(expression, names, locals)
    finally:
        _show_output()


def _show_output() -> None:
    """Hand on what a run has written without a newline, now that it is over."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None and not stream.closed:
            try:
                stream.flush()
            except OSError:
                pass  # the text is kept, and the next write says it again


def run_async(
    source: str,
    filename: str,
    globals: dict[str, object] | None,
    locals: dict[str, object] | None,
    more: "Any",
) -> object:
    """Like run(), with top-level await. Runs on a task: everything may wait."""
    import _ast

    names = _namespace(globals)
    run_code = _other_than("eval_code_async", more)
    if run_code is not None:
        import asyncio

        from _sospeso import webloop

        return webloop.run_in_page_loop(run_code(source, names, **_options(locals, filename, more)))
    if locals is None:
        locals = names
    parts = _compile(source, filename, _ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if any(part is not None and part.co_flags & _COROUTINE for part in parts):
        import asyncio  # noqa: F401 - it imports webloop, which imports it

        from _sospeso import webloop

        try:
            return webloop.run_in_page_loop(_run_parts(parts, names, locals))
        finally:
            _show_output()
    value = None
    try:
        for part in parts:
            if part is not None:
                value = eval(part, names, locals)
        return None if parts[1] is None else value
    finally:
        _show_output()


# The functions of pyodide.code by name, once it was imported: what a program puts in their place
# runs what runPython() and runPythonAsync() are given.
known: "dict[str, object]" = {}


def _other_than(name: str, more: "Any") -> "Callable[..., Any] | None":
    """The function of pyodide.code that has to be called: one that a program has put there, or one
    that is given more arguments than this module knows."""
    if more is not None:
        return getattr(sys.modules["pyodide.code"], name)  # type: ignore[no-any-return]
    if not known:
        return None
    there = getattr(sys.modules.get("pyodide.code"), name, None)
    return None if there is known[name] else there


def _options(locals: dict[str, object] | None, filename: str, more: "Any") -> dict[str, object]:
    """The arguments that runPython() was given, beyond source and namespace."""
    options: dict[str, object] = {} if more is None else more.to_py(depth=1)
    if locals is not None:
        options["locals"] = locals
    if filename != "<exec>":
        options["filename"] = filename
    return options


async def _run_parts(
    parts: Code, names: dict[str, object], locals: dict[str, object] | None
) -> object:
    value = None
    for part in parts:
        if part is not None:
            value = eval(part, names, locals)
            if part.co_flags & _COROUTINE:
                value = await value
    return None if parts[1] is None else value


def loop_step() -> None:
    """Run what is ready in the page's event loop."""
    from _sospeso import webloop

    webloop.page_loop().step()


def builtin(name: str) -> object:
    """What a name means in every namespace, or None."""
    import builtins

    return getattr(builtins, name, None)


def has_builtin(name: str) -> bool:
    """Whether a name means something in every namespace."""
    import builtins

    return hasattr(builtins, name)


def pyimport(path: str) -> object:
    """The module, or the attribute of a module, that a dotted path names."""
    stem, *names = path.rsplit(".", 1)
    module = __import__(stem, fromlist=names)
    if not names:
        return module
    try:
        return getattr(module, names[0])
    except AttributeError:
        import importlib

        return importlib.import_module(path)


def begin() -> None:
    """The runtime is ready: offer what import statements find without a file."""
    from _sospeso import errors, imports, js_modules

    imports.install()
    js_modules.install()
    errors.add_notes = _add_notes


def load_packages_on_import(host: object) -> None:
    """Have import statements load packages of the lock file; `host` is runtime/api/imports.ts."""
    from pyodide import _package_finder

    _package_finder.install(host)


def register_js_module(name: str, module: object) -> None:
    """Have `import name` give a JavaScript object. TypeError when it is none, or name no str."""
    from _sospeso import js_modules

    js_modules.register_js_module(name, module)


def unregister_js_module(name: str) -> None:
    """Undo register_js_module(). Raises ValueError when there is no such module."""
    from _sospeso import js_modules

    js_modules.unregister_js_module(name)


def unpack_archive(path: str, format: str, folder: str | None) -> None:
    """Unpack an archive file; the format is shutil's name of it, or a file name's ending."""
    from pyodide import _package_loader

    _package_loader.unpack(path, format, folder)


def say(line: str, is_error: bool) -> None:
    """Write a line to the stream that the page has set, whatever a program has put in its place."""
    stream = sys.__stderr__ if is_error else sys.__stdout__
    if stream is not None:
        stream.write(line + "\n")
        stream.flush()


def check_signals() -> None:
    """Run the handlers of signals that have arrived."""
    import _sospeso_core

    _sospeso_core.check_signals()


def set_run_until_complete(waits: bool) -> None:
    """Whether run_until_complete() of the page's loop waits, or returns the task."""
    from _sospeso import loop_settings

    loop_settings.run_until_complete_waits = waits


def behave_as_314() -> None:
    """Follow Pyodide 314 where it contradicts 0.29."""
    import _sospeso_ffi

    _sospeso_ffi.behave_as_314()


def close() -> None:
    """The runtime is about to end: leave no timers and listeners of Python's in the page."""
    wrappers = sys.modules.get("pyodide.ffi.wrappers")
    if wrappers is not None:
        wrappers.close()


def _add_notes(exception: BaseException) -> None:
    """Of a module that is not there: what can be done about it."""
    if isinstance(exception, ModuleNotFoundError):
        from pyodide import _missing

        _missing.add_note(exception)


def report_exit(exception: SystemExit) -> None:
    """Print what a program gave to sys.exit() instead of a number."""
    if exception.code is not None and not isinstance(exception.code, int):
        print(exception.code, file=sys.stderr)
