# What asyncio_bridge/webloop.py and ffi/wait/run_sync.py use of CPython's own event loop, which
# typeshed leaves out as private (Lib/asyncio/base_events.py, selector_events.py, events.py). No
# module has this name: it is imported by the checker alone.
from asyncio import events, unix_events
from collections import deque
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Executor
from contextvars import Context
from selectors import BaseSelector, SelectorKey
from socket import socket
from typing import Any

class Step(events.Handle):
    _callback: Any

class Timer(events.TimerHandle, Step):
    _scheduled: bool
    _source_traceback: Any

class SelectorLoop(unix_events._UnixSelectorEventLoop):
    _clock_resolution: float
    _csock: socket | None
    _debug: bool
    _default_executor: Executor | None
    _ready: deque[Step]
    # In WebLoop, which is its only user here: CPython's own heap has the timers alone.
    _scheduled: list[tuple[float, int, Timer]]
    _selector: BaseSelector
    _ssock: socket | None
    _task_factory: Callable[..., Any] | None
    _thread_id: int | None
    _timer_cancelled_count: int

    def __init__(self) -> None: ...
    def _asyncgen_finalizer_hook(self, agen: AsyncGenerator[Any, Any]) -> None: ...
    def _asyncgen_firstiter_hook(self, agen: AsyncGenerator[Any, Any]) -> None: ...
    def _add_callback(self, handle: events.Handle) -> None: ...
    def _add_reader(self, fd: Any, callback: Callable[..., Any], *args: Any) -> events.Handle: ...
    def _add_writer(self, fd: Any, callback: Callable[..., Any], *args: Any) -> events.Handle: ...
    def _call_soon(
        self, callback: Callable[..., Any], args: Any, context: Context | None
    ) -> events.Handle: ...
    def _check_callback(self, callback: object, method: str) -> None: ...
    def _check_thread(self) -> None: ...
    def _make_self_pipe(self) -> None: ...
    def _process_events(self, event_list: list[tuple[SelectorKey, int]]) -> None: ...
    def _remove_reader(self, fd: Any) -> bool: ...
    def _remove_writer(self, fd: Any) -> bool: ...
    def _run_once(self) -> None: ...
    def _write_to_self(self) -> None: ...

class PolicyLocal:
    _loop: events.AbstractEventLoop | None

class Policy(unix_events.DefaultEventLoopPolicy):
    _local: PolicyLocal
