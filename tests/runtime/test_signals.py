"""Signals that Python sends itself or has a timer send: handlers run at once, waits end."""

from __future__ import annotations

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
