# Runs one program inside the core the way the `python` command would: sys.argv, sys.path[0],
# __main__, tracebacks without our own frames, SystemExit, KeyboardInterrupt, the end of threads,
# atexit and the last flush. Bundled as text by esbuild; program.ts executes it in a namespace of
# its own (nothing leaks into __main__) and calls main(), whose value is the exit code.
#
# Imports nothing at the top that the core has not imported anyway: this is part of every start.

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Literal

    Kind = Literal["file", "code", "module", "stdin", "repl"]

FILENAME = "<sospeso>"  # what program.ts compiles this file as

_environment = ""  # the virtual environment this runs in


def main(kind: "Kind", target: str, args: list[str], cwd: str, venv: str = "") -> int:
    """Run a program to its end.

    kind: "file", "code", "module", "stdin" or "repl"; target: path, source text or (module) a
    name; args: sys.argv[1:]; cwd: folder to start in, "" for where we are; venv: the virtual
    environment that it runs in, "" for none. Returns the exit code, 0 to 255.
    """
    import os

    # Pages have no use for files with bytecode; a program on the host's disk is faster with them.
    # (The core is told to write none: what -B and the variable say is in sys.flags of no core.)
    variable = not sys.flags.ignore_environment and os.environ.get("PYTHONDONTWRITEBYTECODE")
    sys.dont_write_bytecode = bool(variable) or "-B" in sys.orig_argv
    if cwd:
        os.chdir(cwd)
    if venv:
        _enter(venv)
    try:
        from _sospeso import loop_settings
    except ImportError:
        pass  # a plain Python runs this, in its tests
    else:
        # No event loop runs in a program but its own; in the REPL there is the page's, to await on.
        loop_settings.is_program = kind != "repl"
    code = _guarded(_run, kind, target, args)
    # The order of Py_RunMain: threads first, then atexit, then the streams.
    threading = sys.modules.get("threading")
    if threading is not None:
        code = _guarded(threading._shutdown) or code
    import atexit

    atexit._run_exitfuncs()
    return _flush() or code


def _enter(venv: str) -> None:
    """Be the Python of a virtual environment: what `site` does when it finds pyvenv.cfg."""
    import site

    global _environment
    _environment = venv
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    sys.executable = f"{venv}/bin/python"
    sys.orig_argv[:1] = [sys.executable]
    sys.prefix = sys.exec_prefix = venv
    site.PREFIXES[:] = [venv]
    if not sys.flags.no_site:
        own = f"/lib/{version}/site-packages"  # the core's: not for an environment
        sys.path[:] = [path for path in sys.path if path != own]
        site.addsitedir(f"{venv}/lib/{version}/site-packages")


def _put_first(folder: str) -> None:
    """sys.path[0], which options -I and -P of an environment's python do without."""
    if not (_environment and sys.flags.safe_path):
        sys.path.insert(0, folder)


def _run(kind: "Kind", target: str, args: list[str]) -> None:
    namespace = sys.modules["__main__"].__dict__
    if sys.path[:1] == [""]:
        del sys.path[0]  # the runtime has it for pages; what comes first depends on the program
    if kind == "repl":
        sys.argv[:] = [""]
        sys.path.insert(0, "")
        from pyodide._repl import main as repl

        sys.exit(repl())
    if kind == "module":
        import runpy

        sys.argv[:] = ["-m", *args]
        _put_first(_cwd())
        runpy._run_module_as_main(target)  # type: ignore[attr-defined]  # what `python -m` calls
        return
    if kind in ("code", "stdin"):
        option, name = ("-c", "<string>") if kind == "code" else ("-", "<stdin>")
        sys.argv[:] = [option, *args]
        _put_first("")
        _remember_source(name, target)
        exec(compile(target, name, "exec", dont_inherit=True), namespace)
        return
    sys.argv[:] = [target, *args]
    import os

    path = os.path.abspath(target)
    if os.path.isdir(path) or path.endswith((".zip", ".pyz")):
        import runpy

        sys.path.insert(0, path)
        runpy._run_module_as_main("__main__", alter_argv=False)  # type: ignore[attr-defined]  # as above
        return
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        print(f"sospeso: can't open file {path!r}: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    # As realpath, which is what python does: a linked script imports its real neighbours.
    _put_first(os.path.dirname(os.path.realpath(path)))
    namespace["__file__"] = path
    namespace["__cached__"] = None
    exec(compile(source, path, "exec", dont_inherit=True), namespace)


def _cwd() -> str:
    import os

    return os.getcwd()


def _remember_source(name: str, source: str) -> None:
    # Lets tracebacks and inspect show the lines of a program that is in no file.
    import linecache

    linecache.cache[name] = (len(source), None, source.splitlines(True), name)


def _guarded(call: "Callable[..., object]", *args: object) -> int:
    """Call, and turn what it raises into an exit code, reported as python reports it."""
    try:
        call(*args)
    except SystemExit as error:
        return _exit_code(error.code)
    except BaseException as error:
        error.__traceback__ = _without_us(error.__traceback__)
        sys.excepthook(type(error), error, error.__traceback__)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _exit_code(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def _without_us(tb: "TracebackType | None") -> "TracebackType | None":
    while tb is not None and tb.tb_frame.f_code.co_filename == FILENAME:
        tb = tb.tb_next
    return tb


def _flush() -> int:
    """Flush the standard streams; 120, as from python, when output could not be written."""
    code = 0
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name, None)
        if stream is None or getattr(stream, "closed", False):
            continue
        try:
            stream.flush()
        except BaseException as error:
            code = 120
            if name == "stdout":
                try:
                    text = f"Exception ignored while flushing {stream!r}:"
                    print(text, f"{type(error).__name__}: {error}", sep="\n", file=sys.stderr)
                except BaseException:
                    pass  # both streams are gone: nobody to tell
    return code
