"""What terminals understand: the module `_pyrepl._minimal_curses`.

CPython's line editor asks curses for the terminal's escape sequences, and there is neither curses
nor a terminfo database here. Every terminal in use today understands the same ECMA-48 sequences;
they are below, under the names of terminfo(5). Stands in the standard library's archive where
CPython has a module that calls the C library through ctypes.
"""

import re

# TERM, or how it begins. Others get an error, and the editor steps back to plain input.
FAMILIES = (
    "alacritty",
    "ansi",
    "contour",
    "eterm",
    "foot",
    "ghostty",
    "gnome",
    "iterm",
    "kitty",
    "konsole",
    "linux",
    "mintty",
    "mlterm",
    "putty",
    "rxvt",
    "screen",
    "st-",
    "tmux",
    "vt100",
    "vt220",
    "vte",
    "wezterm",
    "xterm",
)

# As `infocmp xterm-256color` gives them.
CAPABILITIES = {
    "bel": b"\a",
    "civis": b"\x1b[?25l",
    "clear": b"\x1b[H\x1b[2J",
    "cnorm": b"\x1b[?12l\x1b[?25h",
    "cub": b"\x1b[%p1%dD",
    "cub1": b"\b",
    "cud": b"\x1b[%p1%dB",
    "cud1": b"\n",
    "cuf": b"\x1b[%p1%dC",
    "cuf1": b"\x1b[C",
    "cup": b"\x1b[%i%p1%d;%p2%dH",
    "cuu": b"\x1b[%p1%dA",
    "cuu1": b"\x1b[A",
    "dch": b"\x1b[%p1%dP",
    "dch1": b"\x1b[P",
    "el": b"\x1b[K",
    "hpa": b"\x1b[%i%p1%dG",
    "ich": b"\x1b[%p1%d@",
    "ind": b"\n",
    "ri": b"\x1bM",
    "rmkx": b"\x1b[?1l\x1b>",
    "smkx": b"\x1b[?1h\x1b=",
    "kbs": b"\x7f",
    "kcub1": b"\x1bOD",
    "kcud1": b"\x1bOB",
    "kcuf1": b"\x1bOC",
    "kcuu1": b"\x1bOA",
    "kdch1": b"\x1b[3~",
    "kend": b"\x1bOF",
    "kent": b"\x1bOM",
    "khome": b"\x1bOH",
    "kich1": b"\x1b[2~",
    "knp": b"\x1b[6~",
    "kpp": b"\x1b[5~",
    "kf1": b"\x1bOP",
    "kf2": b"\x1bOQ",
    "kf3": b"\x1bOR",
    "kf4": b"\x1bOS",
    "kf5": b"\x1b[15~",
    "kf6": b"\x1b[17~",
    "kf7": b"\x1b[18~",
    "kf8": b"\x1b[19~",
    "kf9": b"\x1b[20~",
    "kf10": b"\x1b[21~",
    "kf11": b"\x1b[23~",
    "kf12": b"\x1b[24~",
}

_PARAMETER = re.compile(rb"%(i|%|p[1-9]%d)")


class error(Exception):
    """The terminal is not known, or a sequence is none."""


def setupterm(term: bytes | str | None, fd: int) -> None:
    """Raises error for a terminal whose sequences may be others.

    Args:
        term: its name; None means $TERM.
        fd: its descriptor, which is not looked at.
    """
    if term is None:
        import os

        term = os.environ.get("TERM", "")
    name = term.decode("ascii", "replace") if isinstance(term, bytes) else term
    if not name.lower().startswith(FAMILIES):
        raise error(f"terminal {name!r} is not known; set TERM=xterm-256color if it is like one")


def tigetstr(name: bytes | str) -> bytes | None:
    """The sequence of a capability, None where the terminal has none."""
    return CAPABILITIES.get(name.decode("ascii") if isinstance(name, bytes) else name)


def tparm(sequence: bytes, *parameters: int) -> bytes:
    """A sequence with its parameters put in: %i (count from 1), %p1%d (decimal) and %%."""
    values = [*parameters, *[0] * (9 - len(parameters))]

    def put(match: re.Match[bytes]) -> bytes:
        what = match[1]
        if what == b"%":
            return b"%"
        if what == b"i":
            values[0] += 1
            values[1] += 1
            return b""
        return b"%d" % values[what[1] - ord("1")]

    return _PARAMETER.sub(put, sequence)
