"""What JavaScript is told of a Python exception.

The module is `_sospeso.errors` inside the runtime. ffi/bridge/errors.c calls describe_exception()
for what it hands over; it is frozen, as an error may come when little stack is left.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Adds to an exception what a person can do about it; set by runtime/python/_sospeso/runner.py.
add_notes: "Callable[[BaseException], None] | None" = None

_OWN_FILES = ("<frozen _sospeso", "/lib/python313.zip/_sospeso/")


def describe_exception(exception: BaseException) -> tuple[str, str, int | None]:
    """Type name, formatted traceback and, for SystemExit, the exit status.

    Our own frames are dropped from the top of the traceback. The exception
    stays in sys.last_exc and its older names, as after an uncaught exception in the REPL.
    """
    tb = exception.__traceback__
    while tb is not None and tb.tb_frame.f_code.co_filename.startswith(_OWN_FILES):
        tb = tb.tb_next
    exception.__traceback__ = tb
    sys.last_exc = sys.last_value = exception
    sys.last_type, sys.last_traceback = type(exception), tb
    _add_notes(exception)
    status = _exit_status(exception) if isinstance(exception, SystemExit) else None
    return type(exception).__name__, _format(exception), status


def _add_notes(exception: BaseException) -> None:
    if add_notes is not None:
        try:
            add_notes(exception)
        except Exception:
            pass  # the exception itself matters more


def _format(exception: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(exception))


def _exit_status(exception: SystemExit) -> int:
    """What the process would exit with (Python/pythonrun.c, handle_system_exit)."""
    code = exception.code
    if code is None:
        return 0
    return code & 0xFF if isinstance(code, int) else 1
