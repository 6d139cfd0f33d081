"""Futures and tasks with a promise's methods.

The module is `_sospeso.futures` inside the runtime; the public names are in `pyodide.webloop`.
The page's loop (webloop.py) makes them, and a call of a JavaScript function that returns a
promise gives one.
"""

import asyncio
from asyncio import events, tasks
from collections.abc import Callable, Generator
from typing import Any

import _sospeso_core as core


class PyodideFuture(asyncio.Future[Any]):
    """A future with a promise's methods: of the page's loop, and of JavaScript's promises."""

    # Of a future that a promise settles, until then (ffi/wait/run_sync.c): the promise, and the key
    # on which a stack waits for it.
    _promise: object = None
    _waiting = 0

    def cancel(self, msg: Any = None) -> bool:
        """As every future's; a run_sync() that waits for this one goes on."""
        cancelled = super().cancel(msg)
        self._promise = None
        if self._waiting:
            core.notify(self._waiting)
        return cancelled

    def __await__(self) -> Generator[Any, None, Any]:
        """As every future; in another loop than its own, too, which may be younger."""
        loop = events._get_running_loop()
        if loop is None or loop is self.get_loop() or self.done():
            return super().__await__()
        here: asyncio.Future[Any] = loop.create_future()
        self.add_done_callback(lambda _: loop.call_soon_threadsafe(_copy_outcome, self, here))
        return here.__await__()

    __iter__ = __await__

    def then(
        self,
        onfulfilled: Callable[[Any], Any] | None,
        onrejected: Callable[[BaseException], Any] | None = None,
    ) -> "PyodideFuture":
        """A future of what the handler returns when this one is done.

        The handlers run as callbacks of the loop and may wait; a coroutine or another
        awaitable that one returns is awaited. Without a handler the outcome is passed on, and so
        is a cancellation, which no handler is told of.

        Args:
            onfulfilled: called with the result.
            onrejected: called with the exception.
        """
        result = PyodideFuture(loop=self.get_loop())

        def settle(done: asyncio.Future[Any]) -> None:
            if result.cancelled():
                return
            if done.cancelled():
                result.cancel()
                return
            error = done.exception()
            handler = onfulfilled if error is None else onrejected
            if handler is None:
                _copy_outcome(done, result)
                return
            try:
                value = handler(done.result() if error is None else error)
                if hasattr(value, "__await__"):
                    _chain(tasks.ensure_future(_awaited(value), loop=self.get_loop()), result)
                elif not result.done():  # cancelled while the handler waited
                    result.set_result(value)
            except Exception as raised:
                _set_exception(result, raised)
            except BaseException as raised:
                _set_exception(result, raised)
                raise

        self.add_done_callback(settle)
        return result

    def catch(self, onrejected: Callable[[BaseException], Any]) -> "PyodideFuture":
        """then() with a handler of exceptions only."""
        return self.then(None, onrejected)

    def finally_(self, onfinally: Callable[[], Any]) -> "PyodideFuture":
        """A future of the same outcome, after `onfinally()`, which may be asynchronous, was called.

        An exception raised by the handler takes the outcome's place.
        """
        result = PyodideFuture(loop=self.get_loop())

        def settle(done: asyncio.Future[Any]) -> None:
            try:
                value = onfinally()
                if not hasattr(value, "__await__"):
                    _copy_outcome(done, result)
                    return
                waited = tasks.ensure_future(value, loop=self.get_loop())
                waited.add_done_callback(
                    lambda _: _copy_outcome(
                        waited if waited.cancelled() or waited.exception() else done, result
                    )
                )
            except Exception as raised:
                _set_exception(result, raised)
            except BaseException as raised:
                _set_exception(result, raised)
                raise

        self.add_done_callback(settle)
        return result


async def _awaited(value: Any) -> Any:
    """What a handler's result gives in the end: what was awaited may be awaitable again."""
    while hasattr(value, "__await__"):
        value = await value
    return value


class PyodideTask(asyncio.Task[Any], PyodideFuture):
    """A task of the page's loop, with a promise's methods."""


def _set_exception(result: asyncio.Future[Any], error: BaseException) -> None:
    if result.done():
        return
    if isinstance(error, asyncio.CancelledError):
        result.cancel()
    elif isinstance(error, StopIteration):
        result.set_exception(RuntimeError(f"handler raised {type(error).__name__}"))
    else:
        result.set_exception(error)


def _copy_outcome(done: asyncio.Future[Any], result: asyncio.Future[Any]) -> None:
    if result.done():
        return
    if done.cancelled():
        result.cancel()
        return
    error = done.exception()
    if error is None:
        result.set_result(done.result())
    else:
        _set_exception(result, error)


def _chain(inner: asyncio.Future[Any], result: asyncio.Future[Any]) -> None:
    """Give `result` the outcome that `inner` will have; cancelling it cancels `inner`."""
    inner.add_done_callback(lambda done: _copy_outcome(done, result))
    result.add_done_callback(lambda done: inner.cancel() if done.cancelled() else None)


for _public in PyodideFuture, PyodideTask:
    _public.__module__ = "pyodide.webloop"
