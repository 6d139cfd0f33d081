"""Programs of test_signals.py that wait, each in another way, until they are interrupted.

Each says that it is ready just before it waits, and holds the lock while it does.
"""

import asyncio
import os
import queue
import select
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import js
from pyodide.ffi import run_sync

lock = threading.Lock()


def _say_ready():
    global ready
    ready = True


def _inside(wait):
    with lock:
        _say_ready()
        wait()


@contextmanager
def _empty_pipe():
    r, w = os.pipe()
    try:
        yield r
    finally:
        os.close(r)
        os.close(w)


@contextmanager
def _pair():
    one, two = socket.socketpair()
    with one, two:
        yield one


def _never():
    return js.eval("new Promise(() => undefined)")


def _spin():
    while True:
        pass


async def _blocks():
    await asyncio.sleep(0)
    _inside(lambda: time.sleep(30))


def a_lock():
    held = threading.Lock()
    held.acquire()
    _inside(held.acquire)


def a_condition():
    condition = threading.Condition()
    with condition:
        _inside(condition.wait)


def a_simple_queue():
    _inside(queue.SimpleQueue().get)


def a_pool():
    with ThreadPoolExecutor(1) as pool:
        _inside(pool.submit(queue.Queue().get, True, 0.3).result)


def select_of_a_pipe():
    with _empty_pipe() as r:
        _inside(lambda: select.select([r], [], []))


def poll_of_a_pipe():
    with _empty_pipe() as r:
        poll = select.poll()
        poll.register(r)
        _inside(poll.poll)


def read_of_a_pipe():
    with _empty_pipe() as r:
        _inside(lambda: os.read(r, 1))


def recv():
    with _pair() as one:
        _inside(lambda: one.recv(1))


def recv_with_a_timeout():
    with _pair() as one:
        one.settimeout(20)
        _inside(lambda: one.recv(1))


def sendall():
    with _pair() as one:
        _inside(lambda: one.sendall(bytes(10_000_000)))


def accept():
    with socket.create_server(("127.0.0.1", 0)) as server:
        _inside(server.accept)


def run_sync_of_a_promise():
    _inside(lambda: run_sync(_never()))


def run_sync_of_a_coroutine():
    _inside(lambda: run_sync(asyncio.sleep(30)))


async def await_of_a_promise():
    with lock:
        _say_ready()
        await _never()


async def await_of_a_future():
    with lock:
        _say_ready()
        await asyncio.get_running_loop().create_future()


async def a_task_group():
    with lock:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(30))
            _say_ready()


def run_until_complete():
    loop = asyncio.get_event_loop()
    _inside(lambda: loop.run_until_complete(asyncio.sleep(30)))


# The interrupt went to the stack that waited for the coroutine, which cancelled what computed
# or slept on another stack and so was not waiting: nothing happened.


async def a_coroutine_that_blocks():
    await asyncio.sleep(0)
    _inside(lambda: time.sleep(30))


async def a_coroutine_that_computes():
    await asyncio.sleep(0)
    _inside(_spin)


async def a_gathered_coroutine_that_blocks():
    await asyncio.gather(_blocks(), asyncio.sleep(0))


def run_sync_of_a_coroutine_that_blocks():
    run_sync(_blocks())


async def a_coroutine_in_run_sync_that_blocks():
    await asyncio.sleep(0)
    run_sync(_blocks())


async def asyncio_run_in_a_coroutine():
    await asyncio.sleep(0)
    _inside(lambda: asyncio.run(asyncio.sleep(30)))
