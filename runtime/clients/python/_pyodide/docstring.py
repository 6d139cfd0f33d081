"""The module `_pyodide.docstring`: docstrings as C functions want them, for Pyodide's own tests."""

import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["dedent_docstring", "get_cmeth_docstring"]


def dedent_docstring(docstring: str) -> str:
    """The text, with the indent that all lines but the first have taken away."""
    first, newline, rest = docstring.partition("\n")
    from textwrap import dedent

    return first + newline + dedent(rest)


def get_cmeth_docstring(func: Callable[..., Any]) -> str:
    """The docstring with the signature before it, from which C functions have theirs."""
    signature = inspect.signature(func)
    plain = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
    ]
    signature = signature.replace(parameters=plain, return_annotation=inspect.Signature.empty)
    return f"{func.__name__}{signature}\n--\n\n{dedent_docstring(func.__doc__ or '')}"
