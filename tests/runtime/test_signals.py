"""Signals that Python sends itself or has a timer send: handlers run at once, waits end."""

from __future__ import annotations

import json
from typing import Any

import pytest

SETUP = """
import os, signal, threading, time
seen = []
signal.signal(signal.SIGUSR1, lambda number, frame: seen.append(number))
signal.signal(signal.SIGALRM, lambda number, frame: seen.append(number))
class Stop(Exception): pass
def stop(number, frame): raise Stop
"""

SENDERS = {
    "raise_signal": "signal.raise_signal(signal.SIGUSR1)",
    "kill": "os.kill(os.getpid(), signal.SIGUSR1)",
    "pthread_kill": "signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)",
    "thread": (
        "t = threading.Thread(target=signal.raise_signal, args=[signal.SIGUSR1])\n"
        "t.start(); t.join()"
    ),
}


@pytest.mark.parametrize("sender", SENDERS)
async def test_the_handler_runs_before_the_next_line(runtime: Any, sender: str) -> None:
    result = await runtime.run_async(f"{SETUP}{SENDERS[sender]}\nseen == [signal.SIGUSR1]")
    assert result.value is True


WAITS = {
    "sleep": "time.sleep(30)",
    "lock": "lock = threading.Lock(); lock.acquire(); lock.acquire(timeout=30)",
    "join": "t = threading.Timer(30, print); t.start()\n    try: t.join()\n    finally: t.cancel(); t.join()",
    "computation": "while True: pass",
    "pause": "signal.pause()",
    "queue": "import queue; queue.Queue().get(timeout=30)",
}


@pytest.mark.parametrize("wait", WAITS)
async def test_a_timer_ends_every_wait(runtime: Any, wait: str) -> None:
    """The timer's signal was noted, and nobody woke up to look: it hung for ever."""
    code = f"""{SETUP}
signal.signal(signal.SIGALRM, stop)
signal.setitimer(signal.ITIMER_REAL, 0.05)
start = time.monotonic()
try:
    {WAITS[wait]}
except Stop:
    outcome = "stopped"
else:
    outcome = "went through"
outcome if time.monotonic() - start < 20 else "too late"
"""
    assert (await runtime.run_async(code)).value == "stopped"


async def test_a_handled_signal_does_not_shorten_a_sleep(runtime: Any) -> None:
    result = await runtime.run_async(
        SETUP + "signal.setitimer(signal.ITIMER_REAL, 0.02)\n"
        "start = time.monotonic()\ntime.sleep(0.2)\n"
        "str([time.monotonic() - start >= 0.2, seen == [signal.SIGALRM]])"
    )
    assert result.value == "[True, True]"


async def test_a_blocked_signal_is_waited_for(runtime: Any) -> None:
    code = """
both = {signal.SIGUSR1, signal.SIGALRM}
signal.pthread_sigmask(signal.SIG_BLOCK, both)
threading.Timer(0.02, signal.raise_signal, [signal.SIGUSR1]).start()
first = signal.sigwait(both)
signal.setitimer(signal.ITIMER_REAL, 0.02)
second = signal.sigwaitinfo(both).si_signo
third = signal.sigtimedwait(both, 0.02)
signal.pthread_sigmask(signal.SIG_UNBLOCK, both)
str([first == signal.SIGUSR1, second == signal.SIGALRM, third, seen])
"""
    assert (await runtime.run_async(SETUP + code)).value == "[True, True, None, []]"


async def test_a_blocked_signal_comes_when_it_is_unblocked(runtime: Any) -> None:
    code = """
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
signal.raise_signal(signal.SIGUSR1)
before = [list(seen), signal.SIGUSR1 in signal.sigpending()]
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
str([before, seen == [signal.SIGUSR1]])
"""
    assert (await runtime.run_async(SETUP + code)).value == "[[[], True], True]"


async def test_an_ignored_signal_ends_nothing(runtime: Any) -> None:
    code = """
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
threading.Timer(0.02, signal.raise_signal, [signal.SIGUSR1]).start()
threading.Timer(0.03, signal.raise_signal, [signal.SIGCHLD]).start()
start = time.monotonic()
time.sleep(0.1)
time.monotonic() - start >= 0.1
"""
    assert (await runtime.run_async(SETUP + code)).value is True


async def test_an_alarm_rings_while_another_thread_computes(runtime: Any) -> None:
    """Handlers run in the main thread, which gets its turn within a switch interval."""
    code = """
signal.signal(signal.SIGALRM, stop)
done = False
def compute():
    while not done: pass
thread = threading.Thread(target=compute)
thread.start()
signal.alarm(1)
try:
    thread.join()
except Stop:
    done = True
thread.join()
"stopped" if done else "no"
"""
    assert (await runtime.run_async(SETUP + code)).value == "stopped"


INTERRUPTED = {
    "lock": "inside(held.acquire)",
    "condition": "c = threading.Condition()\nwith c: inside(c.wait)",
    "simple queue": "inside(queue.SimpleQueue().get)",
    "pool": "with ThreadPoolExecutor(1) as pool: inside(pool.submit(queue.Queue().get, True, 0.3).result)",
    "select": "inside(lambda: select.select([r], [], []))",
    "poll": "p = select.poll(); p.register(r)\ninside(p.poll)",
    "read": "inside(lambda: os.read(r, 1))",
    "recv": "inside(lambda: one.recv(1))",
    "recv with timeout": "one.settimeout(20)\ninside(lambda: one.recv(1))",
    "sendall": "inside(lambda: one.sendall(bytes(10_000_000)))",
    "accept": "with socket.create_server(('127.0.0.1', 0)) as s: inside(s.accept)",
    "run_sync of a promise": "inside(lambda: run_sync(never))",
    "run_sync of a coroutine": "inside(lambda: run_sync(asyncio.sleep(30)))",
    "await of a promise": "with lock: await never",
    "await of a future": "with lock: await asyncio.get_running_loop().create_future()",
    "task group": (
        "with lock:\n    async with asyncio.TaskGroup() as group:\n"
        "        group.create_task(asyncio.sleep(30))"
    ),
    "run_until_complete": "inside(lambda: loop.run_until_complete(asyncio.sleep(30)))",
    # The interrupt went to the stack that waited for the coroutine, which cancelled what computed
    # or slept on another stack and so was not waiting: nothing happened.
    "a coroutine that blocks": "await asyncio.sleep(0)\ninside(lambda: time.sleep(30))",
    "a coroutine that computes": "await asyncio.sleep(0)\ninside(spin)",
    "a gathered coroutine that blocks": "await asyncio.gather(blocks(), asyncio.sleep(0))",
    "run_sync of a coroutine that blocks": "run_sync(blocks())",
    "a coroutine in run_sync that blocks": "await asyncio.sleep(0)\nrun_sync(blocks())",
    "asyncio.run in a coroutine": "await asyncio.sleep(0)\nwith lock: asyncio.run(asyncio.sleep(30))",
}


async def test_an_interrupt_reaches_every_wait(runtime: Any) -> None:
    """KeyboardInterrupt leaves the frame that waits, locks are let go, the runtime goes on."""
    got = await runtime.js(rf"""
        const waits = {json.dumps(INTERRUPTED)};
        globalThis.never = new Promise(() => undefined);
        await pyodide.runPythonAsync(`
import asyncio, os, queue, select, socket, threading, time
from concurrent.futures import ThreadPoolExecutor
from js import never
from pyodide.ffi import run_sync
lock, held = threading.Lock(), threading.Lock()
held.acquire()
r, w = os.pipe()
one, two = socket.socketpair()
loop = asyncio.get_event_loop()
def inside(wait):
    with lock: wait()
def spin():
    while True: pass
async def blocks():
    await asyncio.sleep(0)
    inside(lambda: time.sleep(30))
`);
        const bad = [];
        for (const [name, wait] of Object.entries(waits)) {{
            pyodide.globals.set("ready", false);
            const run = failure(pyodide.runPythonAsync(`ready = True\n${{wait}}`));
            while (!pyodide.globals.get("ready")) await later(5);
            await later(30);
            const began = performance.now();
            pyodide.interrupt();
            const error = await run;
            const ms = performance.now() - began;
            const after = await pyodide.runPythonAsync(
                "is_locked = lock.locked(); await asyncio.sleep(0); is_locked");
            if (error.type !== "KeyboardInterrupt" || ms > 10_000 || after) {{
                bad.push(`${{name}}: ${{error.type}} ${{ms}} ms ${{after}}`);
            }}
        }}
        await pyodide.runPythonAsync(`
for fd in r, w: os.close(fd)
one.close(); two.close()
del never, blocks`);
        delete globalThis.never;
        return bad.join("\n");
    """)
    assert got == ""


async def test_an_interrupt_ends_a_coroutine_of_ones_own_loop_that_computes(runtime: Any) -> None:
    """As on Linux asyncio.run() cancels at the first one and raises at the second."""
    got = await runtime.js("""
        const run = failure(pyodide.runPythonAsync(`
import asyncio
async def spin():
    while True: pass
asyncio.run(spin())`));
        await later(100);
        let over = false;
        void run.then(() => (over = true));
        while (!over) {
            pyodide.interrupt();
            await later(50);
        }
        return (await run).type;
    """)
    assert got == "KeyboardInterrupt"


async def test_what_may_not_be_caught_is_not(runtime: Any) -> None:
    code = """
failed = []
for number in signal.SIGKILL, signal.SIGSTOP:
    try:
        signal.signal(number, stop)
    except OSError as error:
        failed.append(error.strerror)
str(failed)
"""
    assert (await runtime.value(SETUP + code)) == "['Invalid argument', 'Invalid argument']"


async def test_the_wakeup_descriptor_gets_the_number(runtime: Any) -> None:
    """set_wakeup_fd() takes non-blocking descriptors only, which a pipe could not be."""
    code = """
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
os.close(r); os.close(w)
str([refused, old, got, same])
"""
    assert (await runtime.value(SETUP + code)) == "[True, -1, True, True]"


@pytest.mark.parametrize("loop", ["the page's", "one's own"])
async def test_a_loop_handles_signals(runtime: Any, loop: str) -> None:
    run = "await main()" if loop == "the page's" else "asyncio.run(main())"
    code = f"""
import asyncio
async def main():
    loop = asyncio.get_running_loop()
    got = []
    rang = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, got.append, "usr1")
    loop.add_signal_handler(signal.SIGALRM, rang.set)
    signal.raise_signal(signal.SIGUSR1)
    before = list(got)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    await asyncio.wait_for(rang.wait(), 20)
    removed = [loop.remove_signal_handler(n) for n in (signal.SIGUSR1, signal.SIGALRM, signal.SIGALRM)]
    return str([before, got, removed])
{run}
"""
    assert (await runtime.value(SETUP + code)) == "[[], ['usr1'], [True, True, False]]"


async def test_an_interrupt_in_a_callback_is_raised_outside_of_it(runtime: Any) -> None:
    """Python prints what a weak reference's callback or a __del__() raises and goes on. An interrupt that came just then was
    gone: of programs that were stopped while they imported, one in thirty went on, for importlib has such callbacks.
    """
    told = await runtime.value(
        """
import signal, sys, weakref

class Thing:
    def __del__(self):
        if interrupted == "del":
            signal.raise_signal(signal.SIGINT)

def callback(reference):
    if interrupted == "callback":
        signal.raise_signal(signal.SIGINT)

printed = []
hook, sys.unraisablehook = sys.unraisablehook, lambda told: printed.append(told.exc_type.__name__)
told = []
for interrupted in ("del", "callback", "neither"):
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
",".join(told + sorted(set(printed)))
"""
    )
    # Each one is still printed where it was raised: once or more, callback by callback.
    assert told == "interrupted,interrupted,went on,KeyboardInterrupt"


async def test_an_interrupt_inside_an_import_leaves_no_lock_taken(runtime: Any) -> None:
    """importlib gave its lock back in a `finally`, and an interrupt came before that: the task had
    ended, its lock was taken for ever, and the next import hung (patch 0022). Each turn the
    interrupt comes at another bytecode of the import.
    """
    code = """
import _imp, js, sys
from importlib.machinery import ModuleSpec

class Loader:
    def create_module(self, spec): return None
    def exec_module(self, module): pass

class Finder:
    def find_spec(self, name, path, target=None):
        return ModuleSpec(name, Loader()) if name.startswith("fresh_") else None

sys.meta_path.insert(0, Finder())
left = came = 0
for turn in range(1500):
    try:
        for _ in range(turn % 487): pass
        js.buffer[0] = 2
        __import__(f"fresh_{turn}")
        for _ in range(3000): pass
        js.buffer[0] = 0
        for _ in range(500): pass  # what was taken just before comes here, not behind the try
    except KeyboardInterrupt:
        came += 1
    while _imp.lock_held():
        left += 1
        _imp.release_lock()
locks = [lock for ref in sys.modules["_frozen_importlib"]._module_locks.values() if (lock := ref())]
left += sum(lock.owner is not None for lock in locks)
del sys.meta_path[0]
for name in [name for name in sys.modules if name.startswith("fresh_")]:
    del sys.modules[name]
f"{left} left, {came > 700}"
"""
    script = f"""
        globalThis.buffer = new Uint8Array(1);
        pyodide.setInterruptBuffer(buffer);
        try {{
            return await pyodide.runPythonAsync({json.dumps(code)});
        }} finally {{
            pyodide.setInterruptBuffer(undefined);
            delete globalThis.buffer;
        }}
    """
    assert await runtime.js(script) == "0 left, True"
