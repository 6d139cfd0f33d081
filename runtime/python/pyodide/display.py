"""Pictures: values that are more than text, shown in the page that runs the program.

The module `pyodide.display`. A page that can show pictures calls install() (console/pictures.ts, in
the console and the example page); then the prompt shows a value that has one in the place of its
text, display() shows any value, and matplotlib's `show()` its figures.

A value has a picture when it says so by `_repr_html_`, `_repr_svg_`, `_repr_png_` or
`_repr_jpeg_`, as for Jupyter, or when it is the bytes of an image file.
"""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Callable
from typing import Any

__all__ = ["display", "install", "picture_of", "show"]

# What a value may have, best first -> what that is.
_METHODS = {
    "_repr_html_": "text/html",
    "_repr_svg_": "image/svg+xml",
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
}
# How files of images begin.
_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}
_BACKEND = "module://pyodide.matplotlib_backend"

_show: Callable[[str, Any, str], object] | None = None


def picture_of(value: object) -> tuple[str, str | bytes] | None:
    """The type (MIME) and the data of a value's picture; None when it has none."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        begin = bytes(value[:12])
        for signature, mime in _SIGNATURES.items():
            if begin.startswith(signature):
                return mime, bytes(value)
        is_webp = begin[:4] == b"RIFF" and begin[8:] == b"WEBP"
        return ("image/webp", bytes(value)) if is_webp else None
    if isinstance(value, type):
        return None  # its instances have pictures
    for name, mime in _METHODS.items():
        method = getattr(type(value), name, None)
        if method is None:
            continue
        data = method(value)
        if isinstance(data, tuple):  # with metadata, as Jupyter allows
            data = data[0]
        if data is not None:
            return mime, data
    return None


def show(value: object) -> bool:
    """Show a value's picture; whether there was one, and somewhere to show it."""
    picture = None if _show is None else picture_of(value)
    if _show is None or picture is None:
        return False
    mime, data = picture
    if isinstance(data, bytes):
        from pyodide.ffi import to_js

        _show(mime, to_js(data), _description(value))
    else:
        _show(mime, str(data), _description(value))
    return True


def display(*values: object) -> None:
    """Show values: their pictures, and the text of those that have none."""
    for value in values:
        if not show(value):
            print(value if isinstance(value, str) else repr(value))


def _description(value: object) -> str:
    """For who cannot see it."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "an image"
    return repr(value)[:200]


def _displayhook(value: object) -> None:
    """What the prompt does with a statement's value."""
    if value is not None and show(value):
        builtins._ = value  # type: ignore[attr-defined] # as sys.__displayhook__ does
    else:
        sys.__displayhook__(value)


def install(show: Callable[[str, Any, str], object]) -> None:
    """Show pictures by a function.

    Args:
        show: is given the picture's type, its data (text, or a Uint8Array) and a description.
    """
    global _show
    _show = show
    if sys.displayhook is sys.__displayhook__:
        sys.displayhook = _displayhook
    os.environ.setdefault("MPLBACKEND", _BACKEND)
