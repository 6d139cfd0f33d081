"""pyodide.ffi.wrappers: handlers that are plain `def`, wait, and leave nothing behind."""

from __future__ import annotations

from typing import Any


async def test_a_listener_is_called_and_removed(runtime: Any) -> None:
    assert (
        await runtime.value("""
import asyncio
from js import Event, EventTarget
from pyodide.ffi.wrappers import add_event_listener, remove_event_listener
target, seen = EventTarget.new(), []
def listener(event): seen.append(event.type)
add_event_listener(target, "ping", listener)
add_event_listener(target, "ping", listener)
target.dispatchEvent(Event.new("ping"))
await asyncio.sleep(0.01)
remove_event_listener(target, "ping", listener)
target.dispatchEvent(Event.new("ping"))
await asyncio.sleep(0.01)
try:
    remove_event_listener(target, "ping", listener)
except KeyError:
    seen.append("KeyError")
answer = str(seen)
del target, listener, Event, EventTarget
answer
""")
        == "['ping', 'KeyError']"
    )


async def test_a_listener_that_the_host_calls_runs_at_once_and_may_wait(runtime: Any) -> None:
    """Called with no Python below: it can prevent the event's default, and then wait."""
    assert (
        await runtime.js("""
        const target = new EventTarget();
        const names = pyodide.toPy({});
        names.set("target", target);
        pyodide.runPython(`
        import time
        from pyodide.ffi.wrappers import add_event_listener, remove_event_listener
        seen = []
        def listener(event):
            event.preventDefault()
            seen.append("before")
            time.sleep(0.02)
            seen.append("after")
        add_event_listener(target, "ping", listener)`, { globals: names });
        const event = new Event("ping", { cancelable: true });
        target.dispatchEvent(event);
        const prevented = event.defaultPrevented;
        await later(100);
        const seen = pyodide.runPython("remove_event_listener(target, 'ping', listener); str(seen)", { globals: names });
        names.destroy();
        return [prevented, seen].join();
    """)
        == "true,['before', 'after']"
    )


async def test_timers_call_once_and_again(runtime: Any) -> None:
    assert (
        await runtime.value("""
import asyncio, time
from pyodide.ffi.wrappers import clear_interval, clear_timeout, set_interval, set_timeout
seen = []
def waits():
    time.sleep(0.005)
    seen.append("timeout")
set_timeout(waits, 1)
cancelled = set_timeout(lambda: seen.append("never"), 20)
clear_timeout(cancelled)
clear_timeout(cancelled)
ticks = []
interval = set_interval(lambda: ticks.append(1), 5)
while len(ticks) < 3:
    await asyncio.sleep(0.005)
clear_interval(interval)
count = len(ticks)
await asyncio.sleep(0.03)
answer = [seen, len(ticks) == count]
del cancelled, interval
str(answer)
""")
        == "[['timeout'], True]"
    )


async def test_a_failing_target_leaves_no_proxy(runtime: Any) -> None:
    assert (
        await runtime.value("""
from js import Object
from pyodide.ffi.wrappers import add_event_listener
try:
    add_event_listener(Object.new(), "ping", print)
except Exception as error:
    kind = type(error).__name__
del Object
kind
""")
        == "AttributeError"
    )


async def test_an_event_that_python_dispatches_is_handled_at_once(runtime: Any) -> None:
    """Its listener ran after dispatchEvent() had returned: preventDefault() came too late."""
    assert (
        await runtime.value("""
from pyodide.code import run_js
from pyodide.ffi.wrappers import add_event_listener, remove_event_listener
target, event = run_js("new EventTarget()"), run_js("new Event('x', {cancelable: true})")
seen = []
def listener(event):
    seen.append(event.type)
    event.preventDefault()
add_event_listener(target, "x", listener)
seen.append(target.dispatchEvent(event))
remove_event_listener(target, "x", listener)
del target, event
str(seen)
""")
        == "['x', False]"
    )
