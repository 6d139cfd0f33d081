"""Event listeners and timers whose Python functions live as long as they are needed.

The public module `pyodide.ffi.wrappers`. A Python function that JavaScript keeps must be
wrapped in a proxy, and the proxy destroyed some day; these functions do both. The functions
given to them may be plain `def` and may wait: each call of one is a task of its own.
"""

from __future__ import annotations

from _sospeso_ffi import create_proxy, js_module

TYPE_CHECKING = False
if TYPE_CHECKING:  # the modules of types cost time and do nothing here
    from collections.abc import Callable
    from typing import Any

__all__ = [
    "add_event_listener",
    "clear_interval",
    "clear_timeout",
    "remove_event_listener",
    "set_interval",
    "set_timeout",
]

# (identity of the target, event, listener) -> (WeakRef of the target, proxy)
_listeners: dict[tuple[Any, str, Callable[[Any], None]], tuple[Any, Any]] = {}
# identity of the timer -> (timer, proxy)
_timeouts: dict[Any, tuple[Any, Any]] = {}
_intervals: dict[Any, tuple[Any, Any]] = {}


def _js() -> Any:
    return js_module("js")


def add_event_listener(elt: Any, event: str, listener: Callable[[Any], Any]) -> None:
    """Have the listener called with each event of this name; it may wait.

    An event that Python itself dispatches is handled at once, as in JavaScript; there the listener
    cannot wait. Adding the same listener for the same event again does nothing, as in JavaScript.

    Args:
        elt: an event target: a DOM element, a worker, an AbortSignal.
        event: the event's name, such as "click".
        listener: called with the event.
    """
    key = (elt.js_id, event, listener)
    if key in _listeners:
        return
    proxy = create_proxy(listener, promising=True, _listener=True)
    try:
        elt.addEventListener(event, proxy)
    except BaseException:
        proxy.destroy()
        raise
    _listeners[key] = (elt.to_weakref(), proxy)


def remove_event_listener(elt: Any, event: str, listener: Callable[[Any], Any]) -> None:
    """Undo add_event_listener() of the same arguments.

    Raises:
        KeyError: the listener was not added.
    """
    _, proxy = _listeners.pop((elt.js_id, event, listener))
    try:
        elt.removeEventListener(event, proxy)
    finally:
        proxy.destroy()


def _identity(timer: Any) -> Any:
    """A timer as a key: a number in pages, an object in Node."""
    return timer if isinstance(timer, int) else timer.js_id


def set_timeout(callback: Callable[[], Any], timeout: int) -> Any:
    """Have the callback called once; it may wait.

    Args:
        callback: called without arguments.
        timeout: milliseconds from now.

    Returns:
        What clear_timeout() takes: a number in pages, a Timeout object in Node.
    """
    identity: Any = None

    def once() -> Any:
        _, proxy = _timeouts.pop(identity, (None, None))
        try:
            return callback()
        finally:
            if proxy is not None:
                proxy.destroy()

    proxy = create_proxy(once, promising=True)
    try:
        timer = _js().setTimeout(proxy, timeout)
    except BaseException:
        proxy.destroy()
        raise
    identity = _identity(timer)
    _timeouts[identity] = (timer, proxy)
    return timer


def clear_timeout(timeout_retval: Any) -> None:
    """Undo set_timeout(); nothing if the callback was called already."""
    _js().clearTimeout(timeout_retval)
    _, proxy = _timeouts.pop(_identity(timeout_retval), (None, None))
    if proxy is not None:
        proxy.destroy()


def set_interval(callback: Callable[[], Any], interval: int) -> Any:
    """Have the callback called again and again; it may wait.

    A call that is still waiting when the next one is due does not hold it up.

    Args:
        callback: called without arguments.
        interval: milliseconds between two calls.

    Returns:
        What clear_interval() takes.
    """
    proxy = create_proxy(callback, promising=True)
    try:
        timer = _js().setInterval(proxy, interval)
    except BaseException:
        proxy.destroy()
        raise
    _intervals[_identity(timer)] = (timer, proxy)
    return timer


def clear_interval(interval_retval: Any) -> None:
    """Undo set_interval(); a call under way goes on."""
    _js().clearInterval(interval_retval)
    _, proxy = _intervals.pop(_identity(interval_retval), (None, None))
    if proxy is not None:
        proxy.destroy()


def close() -> None:
    """Called when the runtime ends: no timer and no event calls into it any more."""
    js = _js()
    for timer, _ in _timeouts.values():
        js.clearTimeout(timer)
    for timer, _ in _intervals.values():
        js.clearInterval(timer)
    for (_, event, _listener), (target, proxy) in _listeners.items():
        element = target.deref()
        if element is not None:
            element.removeEventListener(event, proxy)
