"""Programs of test_signals.py."""

import _imp
import asyncio
import os
import queue
import signal
import sys
import threading
import time
import weakref
from importlib.machinery import ModuleSpec

import js

seen = []
signal.signal(signal.SIGUSR1, lambda number, frame: seen.append(number))
signal.signal(signal.SIGALRM, lambda number, frame: seen.append(number))


class Stop(Exception):
    pass


def _stop(number, frame):
    raise Stop


def _until_a_timer_stops(wait):
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    start = time.monotonic()
    try:
        wait()
    except Stop:
        outcome = "stopped"
    else:
        outcome = "went through"
    return outcome if time.monotonic() - start < 20 else "too late"


async def _handle_signals_in_the_loop():
    loop = asyncio.get_running_loop()
    got = []
    rang = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, got.append, "usr1")
    loop.add_signal_handler(signal.SIGALRM, rang.set)
    signal.raise_signal(signal.SIGUSR1)
    before = list(got)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    await asyncio.wait_for(rang.wait(), 20)
    numbers = (signal.SIGUSR1, signal.SIGALRM, signal.SIGALRM)
    removed = [loop.remove_signal_handler(number) for number in numbers]
    return str([before, got, removed])


def sent_by_raise_signal():
    signal.raise_signal(signal.SIGUSR1)
    return seen == [signal.SIGUSR1]


def sent_by_kill():
    os.kill(os.getpid(), signal.SIGUSR1)
    return seen == [signal.SIGUSR1]


def sent_by_pthread_kill():
    signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
    return seen == [signal.SIGUSR1]


def sent_by_a_thread():
    thread = threading.Thread(target=signal.raise_signal, args=[signal.SIGUSR1])
    thread.start()
    thread.join()
    return seen == [signal.SIGUSR1]


def wait_in_sleep():
    return _until_a_timer_stops(lambda: time.sleep(30))


def wait_for_a_lock():
    lock = threading.Lock()
    lock.acquire()
    return _until_a_timer_stops(lambda: lock.acquire(timeout=30))


def wait_for_a_thread():
    thread = threading.Timer(30, print)
    thread.start()
    outcome = _until_a_timer_stops(thread.join)
    thread.cancel()
    thread.join()
    return outcome


def wait_in_a_computation():
    def compute():
        while True:
            pass

    return _until_a_timer_stops(compute)


def wait_in_pause():
    return _until_a_timer_stops(signal.pause)


def wait_for_a_queue():
    return _until_a_timer_stops(lambda: queue.Queue().get(timeout=30))


def sleep_through_a_handled_signal():
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    start = time.monotonic()
    time.sleep(0.2)
    return str([time.monotonic() - start >= 0.2, seen == [signal.SIGALRM]])


def sleep_through_ignored_signals():
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    threading.Timer(0.02, signal.raise_signal, [signal.SIGUSR1]).start()
    threading.Timer(0.03, signal.raise_signal, [signal.SIGCHLD]).start()
    start = time.monotonic()
    time.sleep(0.1)
    return time.monotonic() - start >= 0.1


def take_blocked_signals():
    both = {signal.SIGUSR1, signal.SIGALRM}
    signal.pthread_sigmask(signal.SIG_BLOCK, both)
    threading.Timer(0.02, signal.raise_signal, [signal.SIGUSR1]).start()
    first = signal.sigwait(both)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    second = signal.sigwaitinfo(both).si_signo
    third = signal.sigtimedwait(both, 0.02)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, both)
    return str([first == signal.SIGUSR1, second == signal.SIGALRM, third, seen])


def unblock_a_signal():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    signal.raise_signal(signal.SIGUSR1)
    before = [list(seen), signal.SIGUSR1 in signal.sigpending()]
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
    return str([before, seen == [signal.SIGUSR1]])


def ring_an_alarm_while_a_thread_computes():
    signal.signal(signal.SIGALRM, _stop)
    done = False

    def compute():
        while not done:
            pass

    thread = threading.Thread(target=compute)
    thread.start()
    signal.alarm(1)
    try:
        thread.join()
    except Stop:
        done = True
    thread.join()
    return "stopped" if done else "no"


def compute_in_a_loop_of_ones_own():
    async def spin():
        global cancelled
        task = asyncio.current_task()
        while True:
            cancelled = task.cancelling()

    asyncio.run(spin())


def catch_what_may_not_be_caught():
    failed = []
    for number in signal.SIGKILL, signal.SIGSTOP:
        try:
            signal.signal(number, _stop)
        except OSError as error:
            failed.append(error.strerror)
    return str(failed)


def read_the_wakeup_descriptor():
    r, w = os.pipe()
    try:
        signal.set_wakeup_fd(w)
    except ValueError as error:
        refused = "non-blocking" in str(error)
    os.set_blocking(w, False)
    old = signal.set_wakeup_fd(w)
    signal.raise_signal(signal.SIGUSR1)
    got = os.read(r, 10) == bytes([signal.SIGUSR1])
    same = signal.set_wakeup_fd(-1) == w
    os.close(r)
    os.close(w)
    return str([refused, old, got, same])


async def handle_signals_in_the_pages_loop():
    return await _handle_signals_in_the_loop()


def handle_signals_in_a_loop_of_ones_own():
    return asyncio.run(_handle_signals_in_the_loop())


def interrupt_callbacks():
    class Thing:
        def __del__(self):
            if interrupted == "del":
                signal.raise_signal(signal.SIGINT)

    def callback(reference):
        if interrupted == "callback":
            signal.raise_signal(signal.SIGINT)

    def note(told):
        printed.append(told.exc_type.__name__)

    printed = []
    hook, sys.unraisablehook = sys.unraisablehook, note
    told = []
    for interrupted in ("del", "callback", "neither"):  # noqa: B007 - Thing and callback() look at it
        try:
            thing = Thing()
            reference = weakref.ref(thing, callback)
            del thing
            for _ in range(3):
                pass
            told.append("went on")
        except KeyboardInterrupt:
            told.append("interrupted")
    sys.unraisablehook = hook
    del hook, Thing.__del__
    return ",".join(told + sorted(set(printed)))


def interrupt_imports():
    class Loader:
        def create_module(self, spec):
            return None

        def exec_module(self, module):
            pass

    class Finder:
        def find_spec(self, name, path, target=None):
            return ModuleSpec(name, Loader()) if name.startswith("fresh_") else None

    sys.meta_path.insert(0, Finder())
    left = came = 0
    for turn in range(1500):
        try:
            for _ in range(turn % 487):
                pass
            js.buffer[0] = 2
            __import__(f"fresh_{turn}")
            for _ in range(3000):
                pass
            js.buffer[0] = 0
            for _ in range(500):
                pass  # what was taken just before comes here, not behind the try
        except KeyboardInterrupt:
            came += 1
        while _imp.lock_held():
            left += 1
            _imp.release_lock()
    references = sys.modules["_frozen_importlib"]._module_locks.values()
    locks = [lock for reference in references if (lock := reference())]
    left += sum(lock.owner is not None for lock in locks)
    del sys.meta_path[0]
    for name in [name for name in sys.modules if name.startswith("fresh_")]:
        del sys.modules[name]
    return f"{left} left, {came > 700}"


def enable_faulthandler() -> bool:
    import faulthandler

    with open("/tmp/faults", "w") as file:
        faulthandler.enable(file)
        enabled = faulthandler.is_enabled()
        faulthandler.disable()
    return enabled
