"""Programs of test_tasks.py."""

import asyncio
import concurrent.futures
import itertools
import queue
import signal
import sys
import threading
import time
from contextlib import contextmanager

import js
from pyodide.ffi import run_sync


@contextmanager
def _beside_a_thread():
    """Says that it is ready while a thread waits; ends the thread afterwards."""
    global ready
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    ready = True
    try:
        yield thread
    finally:
        stop.set()
        thread.join()


def sleep_for_a_while():
    started = time.perf_counter()
    time.sleep(0.2)
    return time.perf_counter() - started


def wait_at_a_gate(n):
    import gates

    def nested(depth):
        if depth == 0:
            run_sync(gates.at(n))
            return n
        return sorted([0], key=lambda _: nested(depth - 1)) and n

    return nested(10)


def wait_in_an_except(name):
    import gates

    try:
        raise KeyError(name)
    except KeyError:
        run_sync(gates.at(name))
        return repr(sys.exception())


def set_a_context_variable(n):
    from __main__ import v

    before = v.get()
    v.set(n)
    time.sleep(0.01 * n)
    return before * 10 + v.get()


def make_a_thread_local():
    here = threading.local()
    here.x = 5
    return threading.current_thread() is threading.main_thread()


def write_a_module_that_waits():
    with open("/tmp/slow_module.py", "w") as file:
        file.write("import time\ntime.sleep(0.02)\nvalue = 5")
    sys.path.append("/tmp")


def define_work_with_an_rlock():
    lock = threading.RLock()
    inside = worst = 0

    def work():
        global inside, worst
        with lock, lock:
            inside += 1
            worst = max(worst, inside)
            time.sleep(0.005)
            inside -= 1


def compute_for_a_while():
    end = time.perf_counter() + 0.3
    while time.perf_counter() < end:
        pass


def compute_in_a_loop():
    while True:
        pass


def compute_in_calls():
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    fib(200)


def interrupted_sleep():
    with _beside_a_thread():
        time.sleep(60)


def interrupted_input():
    with _beside_a_thread():
        input()


def interrupted_event():
    with _beside_a_thread():
        threading.Event().wait()


def interrupted_queue():
    with _beside_a_thread():
        queue.Queue().get(timeout=60)


async def interrupted_await():
    with _beside_a_thread():
        await asyncio.sleep(60)


def interrupted_asyncio_run():
    with _beside_a_thread():
        asyncio.run(asyncio.sleep(60))


def interrupted_join():
    with _beside_a_thread() as thread:
        thread.join()


def handle_an_interrupt():
    seen = []
    signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    ready = True
    started = time.monotonic()
    time.sleep(0.2)
    slept = time.monotonic() - started
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return f"{seen} {slept >= 0.2}"


async def gather_at_the_top_level():
    async def f(n):
        await asyncio.sleep(0.01 * n)
        return n

    return sum(await asyncio.gather(*map(f, range(4))))


async def block_in_a_coroutine():
    order = []
    other_ran = threading.Event()

    async def blocking():
        order.append("a")
        other_ran.wait(20)
        order.append("c")
        return asyncio.current_task().get_name()

    async def other():
        await asyncio.sleep(0.01)
        order.append("b")
        other_ran.set()
        return asyncio.current_task().get_name()

    one = asyncio.create_task(blocking(), name="B")
    two = asyncio.create_task(other(), name="O")
    names = await asyncio.gather(one, two)
    return "".join(order + names)


def run_asyncio_in_a_task():
    async def main():
        await asyncio.sleep(0.01)
        return await asyncio.to_thread(lambda: 5)

    return asyncio.run(main()) + asyncio.run(main())


def map_in_a_pool_of_threads():
    def slow(n):
        time.sleep(0.01)
        return n

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        total = sum(pool.map(slow, range(20)))
    return int(total)


def stop_in_the_debugger():
    import pdb

    x = 41
    pdb.set_trace()
    return int(x)


def take_turns(interval, count):
    """Seconds that one of two computing threads kept the other waiting, turn by turn."""
    sys.setswitchinterval(interval)
    began = []

    def compute(name):
        while len(began) < count:
            if not began or began[-1][0] != name:
                began.append((name, time.monotonic()))

    threads = [threading.Thread(target=compute, args=[name]) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(0.005)
    lengths = [two[1] - one[1] for one, two in itertools.pairwise(began)]
    return repr(
        lengths[1:-1]
    )  # the first waits for the other thread to start, the last for no turn


def call_c_for_long():
    end = time.monotonic() + 3
    while time.monotonic() < end:
        sum(range(5_000))  # the first look may come after 466 of them


def wait_in_the_text_of_an_error():
    class Slow(str):
        def __repr__(self):
            return run_sync(js.Promise.resolve("slow"))

    try:
        int(Slow("x"))
    except Exception as error:
        caught = [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())]
    time.sleep(0.001)
    return "\n".join(caught)


def wait_in_the_init_of_an_error():
    class Slow(Exception):
        def __init__(self):
            time.sleep(0.001)

    try:
        raise Slow
    except Slow as error:
        caught = type(error).__name__
    try:
        raise Slow() from ValueError()
    except Slow as error:
        caught += type(error.__cause__).__name__
    return str(caught)
