"""asyncio on the host's event loop.

The module is `_sospeso.webloop` inside the runtime. There are two loops:

* the page's loop (`PageLoop`), which always runs: its callbacks are steps that
  the host's timers start, each as a task of its own, so that a callback that
  waits (time.sleep in a coroutine) suspends its stack and no one else's;
* a loop that the user made (`asyncio.run`, `new_event_loop`), a `WaitingLoop`:
  CPython's own BaseEventLoop whose `select` is a suspended wait. It behaves as
  in CPython: what blocks in it blocks it, and nothing else.

Imported by asyncio itself (patch 0005 at the end of asyncio/__init__.py).

Invariants
 1. One host timer is pending at most for the page's loop, for its next event.
 2. A step takes one callback at a time off the queue; when a callback waits,
    another step serves the rest.
 3. asyncio's current task belongs to a stack: it is put aside while a step is
    suspended (cpython/main.c, suspend_task), as two steps may be under way at once.
"""

import asyncio
import heapq
import threading
from asyncio import base_events, events, futures, tasks
from collections.abc import Callable, Coroutine
from typing import Any

import _sospeso_core as core
from _sospeso import runner

_FOR_EVER = -1.0


class PyodideFuture(asyncio.Future):
    """A future of the page's loop, with a promise's methods."""

    def then(
        self,
        onfulfilled: Callable[[Any], Any] | None,
        onrejected: Callable[[BaseException], Any] | None = None,
    ) -> "PyodideFuture":
        """A future of what the handler returns when this one is done.

        The handlers run as callbacks of the loop and may wait; a coroutine or another
        awaitable that one returns is awaited. Without a handler the outcome is passed on.

        Args:
            onfulfilled: called with the result.
            onrejected: called with the exception.
        """
        result = PyodideFuture(loop=self.get_loop())

        def settle(done: asyncio.Future) -> None:
            if result.cancelled():
                return
            try:
                error = done.exception()
            except asyncio.CancelledError as cancelled:
                error = cancelled
            handler = onfulfilled if error is None else onrejected
            if handler is None:
                _copy_outcome(done, result)
                return
            try:
                value = handler(done.result() if error is None else error)
                if hasattr(value, "__await__"):
                    _chain(tasks.ensure_future(value, loop=self.get_loop()), result)
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

        def settle(done: asyncio.Future) -> None:
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


class PyodideTask(asyncio.Task, PyodideFuture):
    """A task of the page's loop, with a promise's methods."""


def _set_exception(result: asyncio.Future, error: BaseException) -> None:
    if result.done():
        return
    if isinstance(error, asyncio.CancelledError):
        result.cancel()
    elif isinstance(error, StopIteration):
        result.set_exception(RuntimeError(f"handler raised {type(error).__name__}"))
    else:
        result.set_exception(error)


def _copy_outcome(done: asyncio.Future, result: asyncio.Future) -> None:
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


def _chain(inner: asyncio.Future, result: asyncio.Future) -> None:
    """Give `result` the outcome that `inner` will have; cancelling it cancels `inner`."""
    inner.add_done_callback(lambda done: _copy_outcome(done, result))
    result.add_done_callback(lambda done: inner.cancel() if done.cancelled() else None)


class _Waiter:
    """The `_selector` BaseEventLoop expects: no files, only the time."""

    def __init__(self) -> None:
        self._key = core.new_key()

    def select(self, timeout: float | None = None) -> list[Any]:
        core.wait(self._key, _FOR_EVER if timeout is None else max(0.0, timeout * 1e3))
        return []

    def wake(self) -> None:
        core.notify(self._key)


class WaitingLoop(base_events.BaseEventLoop):
    """A loop made by the user: runs until complete by suspending its stack."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _Waiter()
        self._outer: events.AbstractEventLoop | None = None

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        self._selector.wake()

    def _check_running(self) -> None:
        if self.is_running():
            raise RuntimeError("This event loop is already running")
        outer = events._get_running_loop()
        if outer is not None and not isinstance(outer, PageLoop):
            raise RuntimeError("Cannot run the event loop while another loop is running")

    def _run_forever_setup(self) -> None:
        self._outer = events._get_running_loop()
        super()._run_forever_setup()

    def _run_forever_cleanup(self) -> None:
        super()._run_forever_cleanup()
        events._set_running_loop(self._outer)
        self._outer = None


class PageLoop(base_events.BaseEventLoop):
    """The loop of the page, which never needs to be run or closed."""

    _wake_at = float("inf")  # when the pending host timer fires

    def __init__(self) -> None:
        super().__init__()
        self._thread_id = threading.get_ident()

    def create_future(self) -> PyodideFuture:
        return PyodideFuture(loop=self)

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task:
        if self._task_factory is not None:
            return super().create_task(coro, **options)
        return PyodideTask(coro, loop=self, **options)

    def is_running(self) -> bool:
        return True

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        self._wake(0.0)

    def _wake(self, delay: float) -> None:
        """Have the host start a step in `delay` seconds, unless one comes sooner."""
        when = self.time() + delay
        if when < self._wake_at:
            self._wake_at = when
            core.schedule(delay * 1e3)

    def _call_soon(self, callback: Any, args: Any, context: Any) -> events.Handle:
        handle = super()._call_soon(callback, args, context)
        self._wake(0.0)
        return handle

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> Any:
        timer = super().call_at(when, callback, *args, context=context)
        self._wake(max(0.0, when - self.time()))
        return timer

    def step(self) -> None:
        """One turn: move the timers that are due, run what is ready."""
        self._wake_at = float("inf")
        now = self.time() + self._clock_resolution
        while self._scheduled:
            timer = self._scheduled[0]
            if not timer._cancelled and timer._when >= now:
                break
            heapq.heappop(self._scheduled)
            timer._scheduled = False
            if timer._cancelled:
                self._timer_cancelled_count -= 1
            else:
                self._ready.append(timer)
        count = len(self._ready)
        while count > 0 and self._ready:
            count -= 1
            handle = self._ready.popleft()
            if handle._cancelled:
                continue
            if self._ready:
                self._wake(0.0)  # invariant 2: this callback may wait
            handle._run()
            handle = None
        if self._ready:
            self._wake(0.0)
        elif self._scheduled:
            self._wake(max(0.0, self._scheduled[0]._when - self.time()))

    def run_until_complete(self, future: Any) -> Any:
        """Wait on this stack for a future of the page's loop.

        With loadPyodide({ enableRunUntilComplete: false }) it returns the future at once.
        """
        future = tasks.ensure_future(future, loop=self)
        return _wait_for(future) if runner.run_until_complete_waits else future

    def run_forever(self) -> None:
        raise RuntimeError("the page's event loop runs always; there is nothing to run or stop")

    def stop(self) -> None:
        raise RuntimeError("the page's event loop cannot be stopped")

    def close(self) -> None:
        """Nothing: the page's loop lives as long as the page."""


class HostPolicy(events.BaseDefaultEventLoopPolicy):
    """Gives the page's loop as the current one and WaitingLoop as a new one."""

    _loop_factory = WaitingLoop

    def get_event_loop(self) -> events.AbstractEventLoop:
        return self._local._loop or page_loop()


_page_loop: PageLoop | None = None


def page_loop() -> PageLoop:
    """The one loop of the page."""
    global _page_loop
    if _page_loop is None:
        _page_loop = PageLoop()
    return _page_loop


def install() -> None:
    """Make the page's loop the running one of every task, now and later."""
    loop = page_loop()
    events.set_event_loop_policy(HostPolicy())
    events._set_running_loop(loop)
    core.share_running_loop(loop)


def may_run_nested() -> bool:
    """May asyncio.run() start a loop here? On a page's stack that can wait, yes."""
    running = events._get_running_loop()
    return running is None or (isinstance(running, PageLoop) and core.can_wait())


def _wait_for(future: futures.Future) -> Any:
    """Suspend this stack until the future is done; its result."""
    key = core.new_key()
    future.add_done_callback(lambda _: core.notify(key))
    while not future.done():
        try:
            core.wait(key, _FOR_EVER)
        except KeyboardInterrupt:
            # As asyncio.Runner does: cancel, let it clean up, then raise.
            future.cancel()
            while not future.done():
                core.wait(key, _FOR_EVER)
            if not future.cancelled() and future.exception() is None:
                return future.result()
            raise
    return future.result()


def run_in_page_loop(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine as a task of the page's loop and wait for its result."""
    return _wait_for(page_loop().create_task(coroutine))


__all__ = ["PageLoop", "WaitingLoop", "asyncio", "install", "may_run_nested", "page_loop"]
