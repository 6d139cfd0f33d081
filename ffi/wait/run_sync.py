"""run_sync() for awaitables of Python's own.

The module is `_sospeso.run_sync` inside the runtime. ffi/wait/run_sync.c waits for
JavaScript promises itself and calls wait_for() for everything else: the
awaitable becomes a task of the running loop, and this stack waits for it.

Invariants
 1. A loop of the user's that is running on this very stack makes no step while
    we wait, so we make them for it; asyncio's current task is put aside.
 2. After such steps its queue has no fewer items than before: the step below us
    on the stack counted them and takes that many.
"""

from asyncio import events, futures, tasks
from collections.abc import Awaitable
from types import CoroutineType
from typing import Any

import _sospeso_core as core
from _sospeso_ffi import cannot_switch, page_loop

TYPE_CHECKING = False
if TYPE_CHECKING:  # private names of asyncio, of which only we know the types (cpython/stubs/)
    from asyncio_internals import SelectorLoop


def wait_for(awaitable: Awaitable[Any]) -> Any:
    """Wait on this stack for the awaitable; its result.

    Raises:
        RuntimeError: this stack cannot wait.
    """
    if not core.can_wait():
        if isinstance(awaitable, CoroutineType):
            awaitable.close()  # or it would warn that nobody awaited it
        raise cannot_switch()
    loop: Any = events._get_running_loop() or page_loop()
    future = tasks.ensure_future(awaitable, loop=loop)
    wait = getattr(loop, "wait_on_this_stack", None)  # of the page's loop, which steps by itself
    return _step_until_done(loop, future) if wait is None else wait(future)


def _step_until_done(loop: "SelectorLoop", future: futures.Future[Any]) -> Any:
    current = tasks.current_task(loop)
    waiting = len(loop._ready)
    if current is not None:
        tasks._leave_task(loop, current)
    try:
        future.add_done_callback(_nothing)  # the loop looks at its queue when it is done
        while not future.done():
            loop._run_once()
    except KeyboardInterrupt:
        future.cancel()
        raise
    finally:
        while len(loop._ready) < waiting:
            idle: Any = events.Handle(_nothing, (None,), loop)
            idle.cancel()
            loop._ready.append(idle)
        if current is not None:
            tasks._enter_task(loop, current)
    return future.result()


def _nothing(_: object) -> None:
    pass
