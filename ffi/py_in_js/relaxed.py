"""Calling a Python function as JavaScript calls its own: what it does not take is dropped.

The module is `_sospeso.relaxed` inside the runtime. ffi/py_in_js/py_call.c calls relaxed_call() for
`callRelaxed()` of a PyProxy; users know both functions as those of pyodide.code.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # the modules of types cost time and do nothing here
    from collections.abc import Callable
    from typing import Any


def _reducer(func: Callable[..., Any]) -> Callable[..., tuple[Any, Any]] | None:
    """A function from what is given to what `func` takes; None when Python cannot tell."""
    import inspect

    try:
        signature = inspect.signature(func)
    except (TypeError, ValueError):
        return None
    kinds = [parameter.kind for parameter in signature.parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        most = None
    else:
        positional = (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        )
        most = sum(kind in positional for kind in kinds)
    names = (
        None
        if inspect.Parameter.VAR_KEYWORD in kinds
        else {
            name
            for name, parameter in signature.parameters.items()
            if parameter.kind
            in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        }
    )

    def reduce(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
        if names is not None:
            kwargs = {name: value for name, value in kwargs.items() if name in names}
        bound = signature.bind(*args[:most], **kwargs)
        return bound.args, bound.kwargs

    return reduce


def relaxed_wrap[R](func: Callable[..., R], /) -> Callable[..., R]:
    """A function that drops the arguments `func` does not take, as functions in JavaScript do.

    Positional arguments beyond the last parameter and keyword arguments of other names are
    dropped; missing ones are still an error.

    Raises:
        TypeError: Python does not know what `func` takes.
    """
    import functools

    reduce = _reducer(func)
    if reduce is None:
        raise TypeError("Cannot wrap function")

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> R:
        args, kwargs = reduce(args, kwargs)
        return func(*args, **kwargs)

    return wrapper


def relaxed_call[R](func: Callable[..., R], /, *args: Any, **kwargs: Any) -> R:
    """Call `func` without the arguments that it does not take, see relaxed_wrap().

    What Python knows no parameters of is called with everything.
    """
    reduce = _reducer(func)
    if reduce is not None:
        args, kwargs = reduce(args, kwargs)
    return func(*args, **kwargs)
