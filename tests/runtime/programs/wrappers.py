"""Programs of test_wrappers.py. All but the second are called as functions: nothing stays in the namespace."""

import asyncio
import time

from js import Event, EventTarget, Object
from pyodide.code import run_js
from pyodide.ffi.wrappers import (
    add_event_listener,
    clear_interval,
    clear_timeout,
    remove_event_listener,
    set_interval,
    set_timeout,
)


async def add_and_remove_a_listener():
    target, seen = EventTarget.new(), []

    def listener(event):
        seen.append(event.type)

    def last(event):
        seen.append("last")

    async def ping(times):
        target.dispatchEvent(Event.new("ping"))
        while seen.count("last") < times:
            await asyncio.sleep(0)

    add_event_listener(target, "ping", listener)
    add_event_listener(target, "ping", listener)
    add_event_listener(target, "ping", last)
    await ping(1)
    remove_event_listener(target, "ping", listener)
    await ping(2)
    remove_event_listener(target, "ping", last)
    try:
        remove_event_listener(target, "ping", listener)
    except KeyError:
        seen.append("KeyError")
    return str(seen)


def listen_and_wait(target):
    seen = []

    def listener(event):
        event.preventDefault()
        seen.append("before")
        time.sleep(0.02)
        seen.append("after")

    add_event_listener(target, "ping", listener)


async def start_timers():
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
    return str([seen, len(ticks) == count])


def listen_to_what_is_no_target():
    try:
        add_event_listener(Object.new(), "ping", print)
    except Exception as error:
        return type(error).__name__


def dispatch_an_event():
    target, event = run_js("new EventTarget()"), run_js("new Event('x', {cancelable: true})")
    seen = []

    def listener(event):
        seen.append(event.type)
        event.preventDefault()

    add_event_listener(target, "x", listener)
    seen.append(target.dispatchEvent(event))
    remove_event_listener(target, "x", listener)
    return str(seen)
