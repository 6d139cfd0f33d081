"""Line editing and history in input(): the module `readline`.

GNU readline is not in the core; CPython 3.13's own editor, `_pyrepl`, is written in Python and has
an interface of the same names. Importing this module gives input() at a terminal editing, history
and completion, as natively. Used by cmd, pdb, site and the REPL (console/repl.py).
"""

import builtins as _builtins
import os as _os
import sys as _sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _pyrepl.readline import Reader
    from collections.abc import Callable

    type Completer = Callable[[str, int], str | None]


def set_completer(function: "Completer | None" = None) -> None:
    """Replaced below: rlcompleter calls it while the import below is under way."""


import _pyrepl.readline as _editor  # noqa: E402
from _pyrepl.readline import (  # noqa: E402, F401, F811
    add_history,
    clear_history,
    get_begidx,
    get_completer,
    get_completer_delims,
    get_current_history_length,
    get_endidx,
    get_history_item,
    get_history_length,
    get_line_buffer,
    insert_text,
    parse_and_bind,
    read_history_file,
    remove_history_item,
    replace_history_item,
    set_completer,
    set_completer_delims,
    set_history_length,
    set_startup_hook,
    write_history_file,
)

backend = "readline"
# Of the GNU readline that has these functions; CPython's tests ask for them.
_READLINE_VERSION = _READLINE_RUNTIME_VERSION = 0x0802


def append_history_file(nelements: int, filename: str | None = None) -> None:
    """Add the last `nelements` lines of the history to a file."""
    import site

    count = get_current_history_length()
    path = _os.path.expanduser(filename or site.gethistoryfile())
    with open(path, "a", encoding="utf-8", newline="\n") as file:
        for index in range(max(0, count - nelements) + 1, count + 1):
            # As write_history_file() writes entries of several lines.
            line = get_history_item(index) or ""
            file.write(line.replace("\n", "\r\n") + "\n")


def read_init_file(filename: str | None = None) -> None:
    """There are no key bindings to read."""


def redisplay() -> None:
    """The editor draws by itself."""


def set_pre_input_hook(function: object = None) -> None:
    """The editor has no such hook."""


def set_completion_display_matches_hook(function: object = None) -> None:
    """The editor shows matches in its own way."""


def set_auto_history(enabled: bool) -> None:
    """Lines are always added."""


def get_completion_type() -> int:
    """Of completion there is one type."""
    return 9


class _NoTerminal:
    """Stands for the editor where there is none: the history works all the same."""

    pos = 0

    def __init__(self) -> None:
        self.history: list[str] = []

    def get_trimmed_history(self, maxlength: int) -> list[str]:
        return self.history[max(0, len(self.history) - maxlength) if maxlength >= 0 else 0 :]

    def get_unicode(self) -> str:
        return ""

    def insert(self, text: str) -> None:
        pass


_plain_input = _builtins.input


def _at_terminal() -> bool:
    """Whether sys.stdin and sys.stdout are descriptors 0 and 1, and terminals."""
    try:
        if _sys.stdin.fileno() != 0 or _sys.stdout.fileno() != 1:
            return False
    except (AttributeError, OSError, ValueError):
        return False
    return _os.isatty(0) and _os.isatty(1)


def input(prompt: object = "", /) -> str:
    """builtins.input(), with editing where there is a terminal."""
    if not _at_terminal() or not _find_editor():
        return _plain_input(prompt)
    _sys.stdout.flush()
    return _editor._wrapper.input(prompt)


def _find_editor() -> bool:
    """Have the editor made, or what stands for it. True when there is one."""
    wrapper = _editor._wrapper
    stand_in = wrapper.reader if isinstance(wrapper.reader, _NoTerminal) else None
    if wrapper.reader is not None and stand_in is None:
        return True
    wrapper.reader = None
    try:
        if not _at_terminal():
            raise OSError
        wrapper.f_in, wrapper.f_out = 0, 1
        reader = wrapper.get_reader()
    except (OSError, RuntimeError, *_editor._error):  # type: ignore[misc]  # mypy knows no * there
        wrapper.reader = stand_in or _NoTerminal()
        return False
    if stand_in is not None:
        reader.history[:0] = stand_in.history
    return True


def _reader() -> "Reader":
    """The editor itself, for _pyrepl's own modules, which see by the error that there is none."""
    if not _find_editor():
        from _pyrepl.curses import error

        raise error("no terminal, or one that is not known")
    return _editor._wrapper.get_reader()


_editor._get_reader = _reader


def _install(namespace: dict[str, object]) -> None:
    """Make it builtins.input(), completing names of `namespace`."""
    import rlcompleter

    if _builtins.input is _plain_input:
        _builtins.input = input
    # What its _setup() does, but for putting an input() in place that knows no redirection.
    _editor.raw_input = _plain_input
    _editor._wrapper.config.readline_completer = rlcompleter.Completer(namespace).complete


if _find_editor():
    _install(_sys.modules["__main__"].__dict__)
