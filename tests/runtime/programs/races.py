"""Programs of test_races.py. Each imports for itself: when asyncio is imported is what some test."""


async def await_a_coroutine():
    async def f():
        return 5

    result = await f()
    del f
    return result


def wait_for_a_gate_and_import_asyncio():
    import sys

    import gate
    from pyodide.ffi import run_sync

    first = "asyncio" in sys.modules
    run_sync(gate.wait())
    import asyncio

    return str((first, asyncio.get_running_loop() is asyncio.get_event_loop()))


def import_asyncio_in_a_thread():
    import threading

    found = []

    def work():
        import asyncio

        try:
            asyncio.get_running_loop()
        except RuntimeError as error:
            found.append(str(error))

        async def five():
            return 5

        found.append(asyncio.run(five()))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    import asyncio

    found.append(asyncio.get_running_loop() is asyncio.get_event_loop())
    return str(found)


async def await_a_promise_late():
    import time

    import failing

    promise = failing.soon()
    end = time.perf_counter() + 0.03
    while time.perf_counter() < end:
        pass
    try:
        await promise
    except Exception as error:
        told = str(error)
    del promise, failing
    return told


def drop_a_promise():
    import failing

    failing.promise
    del failing


def collect_at_every_new_object():
    import gc
    import itertools
    import queue

    q, numbers, got = queue.SimpleQueue(), itertools.count(), []

    class Circular:
        def __init__(self):
            self.circular = self

        def __del__(self):
            q.put(next(numbers))

    def run():
        while len(got) < 5_000:
            c = Circular()
            q.put(next(numbers))
            del c
            got.append(q.get())

    before = gc.get_threshold()
    gc.set_threshold(1)
    run()
    gc.set_threshold(*before)
    del run, Circular.__del__
    return str((got == list(range(len(got))), got[-1] < next(numbers) - 1))


def a_coroutine_that_sleeps():
    import asyncio
    import threading
    import time

    lock = threading.Lock()
    asleep = False

    def fell_asleep():
        global asleep
        asleep = True

    async def blocks():
        await asyncio.sleep(0)
        with lock:
            # The loop's callbacks run when its step waits, and not when a time slice of it ends.
            asyncio.get_running_loop().call_soon(fell_asleep)
            time.sleep(20)


def trace_the_lines_of_a_loop():
    import sys

    def traced():
        total = 0
        for i in range(100):
            total += i
        return total

    lines = []

    def trace(frame, event, arg):
        if event == "line" and frame.f_code is traced.__code__:
            lines.append(frame.f_lineno - frame.f_code.co_firstlineno)
        return trace

    sys.settrace(trace)
    for _ in range(3):
        traced()
    sys.settrace(None)
    return str([lines.count(n) for n in range(1, 5)])


def make_a_name_and_delete_it():
    name_of_a_script = 1
    for _ in range(200):
        pass
    found = name_of_a_script
    del name_of_a_script
    return found


def compute_until_others_came():
    while len(seen) < 2:  # noqa: F821 - a global that the test makes
        pass
    return str(sorted(seen))  # noqa: F821


def say_that_another_came():
    seen.append("another")  # noqa: F821 - a global that the test makes
