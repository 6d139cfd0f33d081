"""asyncio on the host's event loop.

The module is `_sospeso.webloop` inside the runtime. There are two kinds of loops:

* the page's loop (`WebLoop`), which always runs: its callbacks are steps that
  the host's timers and files start, each as a task of its own, so that a callback that
  waits (time.sleep in a coroutine) suspends its stack and no one else's;
* a loop that the user made (`asyncio.run`, `new_event_loop`): CPython's own selector
  loop, unchanged, whose select() is a suspended wait (polyfills/poll/poll.c).
  What blocks in it blocks it, and nothing else.

Imported by asyncio itself (patch 0005 at the end of asyncio/__init__.py).

Invariants
 1. One host timer is pending at most for the page's loop, for its next event.
 2. A step takes one callback at a time off the queue; when a callback waits,
    another step serves the rest. The callback of a file is not called again
    while it is under way.
 3. asyncio's current task belongs to a stack: it is put aside while a step is
    suspended (steps.c), as two steps may be under way at once.
 4. The host watches the files of the page's loop, less those whose callback is
    queued or under way: such a file may stay ready all the while.
 5. A task that computes may set a timer, end its time slice in the middle, and steps
    run then. So timers are (time, number, handle), which the heap compares without
    running Python code, where a time slice can end; only steps take them off, which
    are not interrupted by each other, and take one off before they look at it.
"""

import asyncio
import heapq
import itertools
import struct
import sys
import threading
from asyncio import events, futures, tasks, unix_events
from collections.abc import Callable, Coroutine
from select import POLLIN, POLLOUT
from typing import Any

import _sospeso_core as core
from _sospeso import loop_settings
from _sospeso.futures import PyodideFuture, PyodideTask
from _sospeso_ffi import cannot_switch

TYPE_CHECKING = False
if TYPE_CHECKING:  # private names of asyncio, of which only we know the types (cpython/stubs/)
    from importlib.machinery import ModuleSpec, PathFinder

    from asyncio_internals import Policy, SelectorLoop, Timer
else:
    from _frozen_importlib_external import PathFinder

    Policy, Timer = unix_events.DefaultEventLoopPolicy, events.TimerHandle
    SelectorLoop = unix_events._UnixSelectorEventLoop


_POLLFD = struct.Struct("ihh")  # fd, events, revents (polyfills/libc/numbers.c)
_FEW_TIMERS = 100  # so few cancelled ones are not looked for


class WebLoop(SelectorLoop):
    """The loop of the page, which never needs to be run or closed."""

    # When the pending host timer fires. Before begin() no step is asked for: CPython's constructor
    # schedules a callback, and a step in the middle of it made a second loop and ran that one.
    _wake_at = float("-inf")

    def __init__(self) -> None:
        self._under_way: set[events.Handle] = set()  # callbacks of files
        self._jobs = 0  # of the loop's own executor
        self._users_executor: Any = None
        self._timer_numbers = itertools.count()  # timers of one time fire in order
        super().__init__()
        self._thread_id = threading.main_thread().ident

    def begin(self) -> None:
        """Steps may come from now on; called once, when page_loop() gives this loop."""
        self._wake_at = float("inf")
        if self._ready:
            self._wake(0.0)

    # A wake-up goes to the host, not through a socket; only the C code that
    # notes signals writes to one, which is made when somebody asks for signals.
    def _make_self_pipe(self) -> None:
        self._ssock = self._csock = None

    # typeshed has callback and arguments agree; here any will do.
    def add_signal_handler(  # type: ignore[override]
        self, sig: int, callback: Any, *args: Any
    ) -> None:
        if self._csock is None:
            super()._make_self_pipe()
        super().add_signal_handler(sig, callback, *args)

    def _add_reader(self, fd: Any, callback: Any, *args: Any) -> events.Handle:
        handle = super()._add_reader(fd, callback, *args)
        self._watch_files()
        return handle

    def _add_writer(self, fd: Any, callback: Any, *args: Any) -> events.Handle:
        handle = super()._add_writer(fd, callback, *args)
        self._watch_files()
        return handle

    def _remove_reader(self, fd: Any) -> bool:
        removed = super()._remove_reader(fd)
        self._watch_files()
        return removed

    def _remove_writer(self, fd: Any) -> bool:
        removed = super()._remove_writer(fd)
        self._watch_files()
        return removed

    def _watch_files(self) -> None:
        """Have the host start a step when a file is ready whose callback is not under way."""
        wanted = bytearray()
        for key in self._selector.get_map().values():
            reader, writer = key.data
            mask = POLLIN if reader is not None and reader not in self._under_way else 0
            if writer is not None and writer not in self._under_way:
                mask |= POLLOUT
            if mask:
                wanted += _POLLFD.pack(key.fd, mask, 0)
        if core.watch_files(bytes(wanted)):
            self._wake(0.0)

    def _add_callback(self, handle: events.Handle) -> None:
        if handle not in self._under_way:
            self._under_way.add(handle)
            super()._add_callback(handle)

    # No end of the loop would end the threads of its own executor: the end of its last
    # job does. One that the user has set is the user's.
    def run_in_executor(  # type: ignore[override]  # as add_signal_handler()
        self, executor: Any, func: Any, *args: Any
    ) -> asyncio.Future[Any]:
        if executor is not None or self._users_executor is not None:
            return super().run_in_executor(executor, func, *args)
        self._jobs += 1  # first: starting a thread waits, and jobs may end meanwhile
        try:
            future = super().run_in_executor(None, func, *args)
        except BaseException:
            self._jobs -= 1
            raise
        future.add_done_callback(self._job_ended)
        return future

    def _job_ended(self, _: asyncio.Future[Any]) -> None:
        self._jobs -= 1
        executor = self._default_executor
        if self._jobs == 0 and self._users_executor is None and executor is not None:
            self._default_executor = None
            executor.shutdown(wait=False)

    def set_default_executor(self, executor: Any) -> None:
        super().set_default_executor(executor)
        self._users_executor = executor

    # For ffi/wait/run_sync.c, which makes futures of the promises that calls give.
    future_type = PyodideFuture

    def new_future(self) -> PyodideFuture:
        """A future of the running loop, or of this one where none runs."""
        return PyodideFuture(loop=events._get_running_loop() or self)

    def create_future(self) -> PyodideFuture:
        future = PyodideFuture(loop=self)
        if self._count is not None:
            self._count_until_done(future)
        return future

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        if self._task_factory is not None:
            return super().create_task(coro, **options)
        task = PyodideTask(coro, loop=self, **options)
        if self._count is not None:
            self._count_until_done(task)
        return task

    # Hosts that end with the last task (Pyodide's own runner for Node) set these four. What is in
    # progress is counted once somebody has said where the count begins.
    _no_in_progress_handler: Callable[[], object] | None = None
    _keyboard_interrupt_handler: Callable[[], object] | None = None
    _system_exit_handler: Callable[[Any], object] | None = None
    _count: int | None = None

    @property
    def _in_progress(self) -> int:
        """How many futures and tasks of this loop are not done."""
        return len(asyncio.all_tasks(self)) if self._count is None else self._count

    @_in_progress.setter
    def _in_progress(self, count: int) -> None:
        self._count = count

    def _count_until_done(self, future: asyncio.Future[Any]) -> None:
        self._in_progress += 1
        future.add_done_callback(self._decrement_in_progress)

    def _decrement_in_progress(self, _: object) -> None:
        self._in_progress -= 1
        if self._in_progress == 0 and self._no_in_progress_handler is not None:
            self._no_in_progress_handler()

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """As every loop's, and in the words of Pyodide's where nobody has taken an exception."""
        message = context.get("message") or ""
        if message.endswith("exception was never retrieved"):
            context = context | {"message": f"Unhandled exception in event loop: {message}"}
        super().default_exception_handler(context)

    def _install_asyncgen_hooks(self) -> None:
        """Have this loop know of the asynchronous generators that this stack begins."""
        self._old_agen_hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(self._asyncgen_firstiter_hook, self._asyncgen_finalizer_hook)

    def is_running(self) -> bool:
        return True

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

    def call_at(  # type: ignore[override]  # as add_signal_handler()
        self, when: float, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        if when is None:
            raise TypeError("when cannot be None")
        if self._debug:
            self._check_thread()
            self._check_callback(callback, "call_at")
        timer = Timer(when, callback, args, self, context)
        if timer._source_traceback:
            del timer._source_traceback[-1]
        timer._scheduled = True
        heapq.heappush(self._scheduled, (when, next(self._timer_numbers), timer))  # invariant 5
        self._wake(max(0.0, when - self.time()))
        return timer

    def _drop_cancelled_timers(self) -> None:
        """Make the heap anew when more than half of it is cancelled; others may push meanwhile."""
        if self._timer_cancelled_count * 2 <= len(self._scheduled) or (
            len(self._scheduled) <= _FEW_TIMERS
        ):
            return
        old, self._scheduled = self._scheduled, []
        for entry in old:
            timer = entry[2]
            if timer._cancelled:
                timer._scheduled = False
                self._timer_cancelled_count -= 1
            else:
                heapq.heappush(self._scheduled, entry)

    def step(self) -> None:
        """One turn of the loop; called by the host, on a task of its own."""
        self._wake_at = float("inf")
        try:
            self._turn()
        finally:
            if self._ready:
                self._wake(0.0)
            elif self._scheduled:
                self._wake(max(0.0, self._scheduled[0][0] - self.time()))

    def _turn(self) -> None:
        """Look at the files, move the timers that are due, run what is ready."""
        if self._selector.get_map():
            self._process_events(self._selector.select(0))
            self._watch_files()
        self._drop_cancelled_timers()
        now = self.time() + self._clock_resolution
        while self._scheduled:
            entry = heapq.heappop(self._scheduled)  # invariant 5
            when, _, timer = entry
            if not timer._cancelled and when >= now:
                heapq.heappush(self._scheduled, entry)
                break
            timer._scheduled = False
            if timer._cancelled:
                self._timer_cancelled_count -= 1
            else:
                self._ready.append(timer)
        if self._scheduled:  # invariant 2, for the timers
            self._wake(max(0.0, self._scheduled[0][0] - self.time()))
        count = len(self._ready)
        while count > 0 and self._ready:
            count -= 1
            handle = self._ready[0]
            if len(self._ready) > 1:
                self._wake(0.0)  # invariant 2: this callback may wait
            try:
                self._ready.popleft()
                if not handle._cancelled:
                    handle._run()
            except KeyboardInterrupt:
                task = getattr(handle._callback, "__self__", None)
                if not isinstance(task, tasks.Task):
                    raise
                if not task.done():  # it came before the task's code ran, or after
                    if self._has_no_step(task):
                        self._ready.append(handle)
                    raise
                # It is the task's outcome, and that of whoever waits for the task.
                if self._keyboard_interrupt_handler is not None:
                    self._keyboard_interrupt_handler()
            except SystemExit as exit:
                if self._system_exit_handler is None:
                    raise
                self._system_exit_handler(exit.code)
            finally:
                if handle in self._under_way:
                    self._under_way.remove(handle)
                    self._watch_files()
            del handle

    def _has_no_step(self, task: Any) -> bool:
        """Would nothing ever run this task again?"""
        return task._fut_waiter is None and all(
            getattr(handle._callback, "__self__", None) is not task for handle in self._ready
        )

    def run_until_complete(self, future: Any) -> Any:
        """Wait on this stack for a future of the page's loop.

        With loadPyodide({ enableRunUntilComplete: false }) it returns the future at once.
        """
        future = tasks.ensure_future(future, loop=self)
        return _wait_for(future) if loop_settings.run_until_complete_waits else future

    def wait_on_this_stack(self, future: Any) -> Any:
        """Suspend this stack until the future is done; its result. For ffi/wait/run_sync.py."""
        return _wait_for(future)

    def run_forever(self) -> None:
        """Nothing: the page's loop runs always."""

    def stop(self) -> None:
        """Nothing: the page's loop cannot be stopped."""

    def close(self) -> None:
        """Nothing: the page's loop lives as long as the page."""


class WebLoopPolicy(Policy):
    """Gives the page's loop as the main thread's current one, CPython's own as a new one."""

    def get_event_loop(self) -> events.AbstractEventLoop:
        if self._local._loop is None and threading.current_thread() is threading.main_thread():
            return page_loop()
        return super().get_event_loop()


for _public in WebLoop, WebLoopPolicy:
    _public.__module__ = "pyodide.webloop"

_page_loop = WebLoop()
_page_loop.begin()


def page_loop() -> WebLoop:
    """The one loop of the page."""
    return _page_loop


def install() -> None:
    """Make the page's loop the running one of every task, now and later.

    A program of the command line is not in the page's loop: no loop runs in it until it
    runs one, and its policy is CPython's own. What JavaScript calls meanwhile is in it.
    """
    loop = page_loop()
    events._may_run_loop = _may_run_loop  # type: ignore[attr-defined]  # patch 0005 adds it
    if not loop_settings.is_program:
        loop._install_asyncgen_hooks()
        _prepare_for_guests()
    core.share_running_loop(loop, not loop_settings.is_program)
    if not loop_settings.is_program:
        asyncio.DefaultEventLoopPolicy = unix_events.DefaultEventLoopPolicy = WebLoopPolicy


def _may_run_loop() -> bool:
    """May a loop be run here? Beside the page's, yes.

    Raises:
        RuntimeError: this stack cannot wait.
    """
    running = events._get_running_loop()
    if isinstance(running, WebLoop):
        if not core.can_wait():
            raise cannot_switch()
        return True
    return running is None


def _wait_for(future: futures.Future[Any]) -> Any:
    """Suspend this stack until the future is done; its result."""
    key = core.new_key()
    future.add_done_callback(lambda _: core.notify(key))
    try:
        while not future.done():
            core.wait_for_loop(key, future.done)
    except KeyboardInterrupt:
        # As asyncio.Runner does: cancel, let it clean up, then raise.
        future.cancel()
        while not future.done():
            core.wait_for_loop(key, future.done)
        if not future.cancelled() and future.exception() is None:
            return future.result()
        raise
    return future.result()


# Libraries that run event loops of their own, beside the page's. asyncio.run() works in the page's
# loop: it waits on its stack (patch 0005). anyio.run() looks for a running loop by itself and
# refuses; it is called with none. nest_asyncio puts methods of its own into the loop's class, which
# know nothing of the host's timers; what it is for works here without: it is told that all is done.
_ANYIO = "anyio._core._eventloop"


def _prepare_for_guests() -> None:
    asyncio._nest_patched = WebLoop._nest_patched = True  # type: ignore[attr-defined]
    sys.meta_path.insert(0, _AnyioFinder())
    there = sys.modules.get(_ANYIO)
    if there is not None:
        let_run(there)
        sys.modules["anyio"].run = there.run  # type: ignore[attr-defined]


class _AnyioFinder:
    """Finds one module, and changes its run() when it has been loaded."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> "ModuleSpec | None":
        if name != _ANYIO:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: Any) -> None:
                execute(module)
                let_run(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def let_run(module: Any) -> None:
    """Have a module's run() be called with no running loop where the page's is the running one."""
    original = module.run

    def run(func: Any, *args: Any, **options: Any) -> Any:
        loop = events._get_running_loop()
        if not isinstance(loop, WebLoop):
            return original(func, *args, **options)
        if not core.can_wait():
            raise cannot_switch()
        events._set_running_loop(None)
        try:
            return original(func, *args, **options)
        finally:
            events._set_running_loop(loop)

    run.__doc__ = original.__doc__
    module.run = run


def run_in_page_loop(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine as a task of the page's loop and wait for its result."""
    return _wait_for(page_loop().create_task(coroutine))


__all__ = ["WebLoop", "asyncio", "install", "page_loop"]
