"""Pipes, poll() and select() wait for what they say they wait for, and for no longer."""

from __future__ import annotations

from typing import Any

SETUP = """
import os, select, selectors, socket, threading, time

def later(seconds, call, *args):
    def run():
        time.sleep(seconds)
        call(*args)
    thread = threading.Thread(target=run)
    thread.start()
    return thread
"""


async def test_reading_an_empty_pipe_waits_for_a_writer(runtime: Any) -> None:
    assert (
        await runtime.value(
            SETUP
            + """
r, w = os.pipe()
thread = later(0.05, os.write, w, b"late")
got = os.read(r, 100)
thread.join()
os.close(w)
end = os.read(r, 100)
os.close(r)
str((got, end))
"""
        )
        == "(b'late', b'')"
    )


async def test_a_full_pipe_holds_its_writer_up(runtime: Any) -> None:
    """Emscripten's own pipes grow without limit and never block."""
    assert (
        await runtime.value(
            SETUP
            + """
r, w = os.pipe()
events = []
def drain():
    total = 0
    while total < 200_000:
        events.append("read")
        total += len(os.read(r, 50_000))
thread = later(0.05, drain)
events.append(os.write(w, b"x" * 200_000))
thread.join()
os.close(r)
try:
    os.write(w, b"x")
except BrokenPipeError:
    events.append("broken")
os.close(w)
str((events[0], 200_000 in events, events[-1]))
"""
        )
        == "('read', True, 'broken')"
    )


async def test_nonblocking_pipes_say_eagain(runtime: Any) -> None:
    assert (
        await runtime.value(
            SETUP
            + """
r, w = os.pipe2(os.O_NONBLOCK)
out = [os.get_blocking(r)]
try:
    os.read(r, 1)
except BlockingIOError:
    out.append("empty")
total = 0
try:
    while True:
        total += os.write(w, b"x" * 10_000)
except BlockingIOError:
    out.append(total)
os.close(r); os.close(w)
str(out)
"""
        )
        == "[False, 'empty', 65536]"
    )


async def test_select_waits_until_a_descriptor_is_ready(runtime: Any) -> None:
    assert (
        await runtime.value(
            SETUP
            + """
r, w = os.pipe()
out = [select.select([r], [w], [], 5)[1] == [w]]
thread = later(0.05, os.write, w, b"x")
started = time.monotonic()
ready = select.select([r], [], [], 20)
out.append((ready[0] == [r], time.monotonic() - started < 10))
thread.join()
poll = select.poll()
poll.register(r, select.POLLIN)
out.append(poll.poll(0) == [(r, select.POLLIN)])
os.read(r, 1)
out.append(poll.poll(0))
os.close(w)
out.append(poll.poll(1000) == [(r, select.POLLHUP)])
os.close(r)
out.append(poll.poll(0) == [(r, select.POLLNVAL)])
str(out)
"""
        )
        == "[True, (True, True), True, [], True, True]"
    )


async def test_timeouts_are_never_cut_short(runtime: Any) -> None:
    """libc's select() here cut 20.9 ms to 20."""
    assert (
        await runtime.value(
            SETUP
            + """
r, w = os.pipe()
early = []
for timeout in (0.0109, 0.0209, 0.0309):
    for wait in (
        lambda: select.select([], [], [], timeout),
        lambda: select.select([r], [], [], timeout),
        lambda: select.poll().poll(timeout * 1e3),
        lambda: selectors.DefaultSelector().select(timeout),
    ):
        started = time.monotonic()
        wait()
        if time.monotonic() - started < timeout - 1e-6:  # browsers' clocks are coarse
            early.append(timeout)
os.close(r); os.close(w)
str(early)
"""
        )
        == "[]"
    )


async def test_the_page_lives_while_select_waits(runtime: Any) -> None:
    result = await runtime.run_async("import select\nselect.select([], [], [], 0.3);")
    assert result.error is None
    assert result.ticks > 5


async def test_select_watches_stdin_with_other_files(runtime: Any) -> None:
    result = await runtime.run_async(
        SETUP
        + """
import sys
r, w = os.pipe()
ready, _, _ = select.select([0, r], [], [], 10)
line = sys.stdin.readline()
os.close(r); os.close(w)
str((ready, line))
""",
        stdin=["hello\n"],
    )
    assert result.error is None
    assert result.value == "([0], 'hello\\n')"


async def test_closing_a_descriptor_wakes_who_polls_it(runtime: Any) -> None:
    assert (
        await runtime.value(
            SETUP
            + """
r, w = os.pipe()
thread = later(0.05, os.close, r)
poll = select.poll()
poll.register(r, select.POLLIN)
got = poll.poll(20_000)
thread.join()
os.close(w)
str(got == [(r, select.POLLNVAL)])
"""
        )
        == "True"
    )


async def test_an_interrupt_ends_select_and_a_pipe_read(runtime: Any) -> None:
    for wait in ("select.select([r], [], [])", "os.read(r, 1)", "select.poll().poll()"):
        got = await runtime.js(
            f"""
const running = failure(pyodide.runPythonAsync(`
import os, select
r, w = os.pipe()
ready = True
try:
    {wait}
finally:
    del ready
    os.close(r); os.close(w)
`));
while (!pyodide.globals.has("ready")) await later(5);
await later(30);
pyodide.interrupt();
return (await running).type;
"""
        )
        assert got == "KeyboardInterrupt", wait


async def test_a_stack_that_cannot_wait_is_told(runtime: Any) -> None:
    result = await runtime.run(
        """
import os, select
r, w = os.pipe()
try:
    select.select([r], [], [], 1)
finally:
    os.close(r); os.close(w)
"""
    )
    assert result.error_type == "RuntimeError"
    assert "runPythonAsync" in (result.error or "")


async def test_two_threads_that_only_wake_each_other_leave_the_page_its_turn(
    runtime: Any,
) -> None:
    """A wake-up is a microtask: a ping-pong of two stacks starved the page."""
    result = await runtime.run_async(
        SETUP
        + """
ping, pong = threading.Semaphore(0), threading.Semaphore(0)
until = time.monotonic() + 0.4
stop = False
def answer():
    while not stop:
        ping.acquire()
        pong.release()
thread = threading.Thread(target=answer)
thread.start()
while time.monotonic() < until:
    ping.release()
    pong.acquire()
stop = True
ping.release()
thread.join()
"""
    )
    assert result.error is None
    assert result.ticks > 5


async def test_inheritable_is_what_was_set(runtime: Any) -> None:
    """F_GETFD always gave 0: every descriptor looked inheritable."""
    assert (
        await runtime.value(
            SETUP
            + """
r, w = os.pipe()
copy = os.dup(r)
out = [os.get_inheritable(fd) for fd in (r, w, copy)]
os.set_inheritable(r, True)
out += [os.get_inheritable(r), os.get_inheritable(copy)]
for fd in (r, w, copy):
    os.close(fd)
str(out)
"""
        )
        == "[False, False, False, True, False]"
    )


EPOLL = """
import os, select, socket, threading, time

def both():
    a, b = socket.socketpair()
    poll = select.epoll()
    poll.register(b, select.EPOLLIN)
    return a, b, poll
"""


async def test_epoll_waits_and_reports_by_level(runtime: Any) -> None:
    assert (
        await runtime.value(
            EPOLL
            + """
a, b, poll = both()
found = [poll.poll(0), poll.poll(0.01)]
thread = threading.Timer(0.02, a.send, [b"x"])
thread.start()
woken = poll.poll(20)
thread.join()
again = poll.poll(0)
poll.modify(b, select.EPOLLOUT)
writable = poll.poll(0)
for file in (poll, a, b):
    file.close()
str((found, woken == again, woken[0][1], [e for _, e in writable]))
"""
        )
        == "([[], []], True, 1, [4])"
    )


async def test_epoll_edges_and_one_shots_are_reported_once(runtime: Any) -> None:
    assert (
        await runtime.value(
            EPOLL
            + """
a, b, poll = both()
poll.modify(b, select.EPOLLIN | select.EPOLLET)
a.send(b"1")
edges = [len(poll.poll(0)), len(poll.poll(0))]
a.send(b"2")
edges.append(len(poll.poll(0)))
poll.modify(b, select.EPOLLIN | select.EPOLLONESHOT)
shots = [len(poll.poll(0)), len(poll.poll(0))]
a.send(b"3")
shots.append(len(poll.poll(0)))
for file in (poll, a, b):
    file.close()
str((edges, shots))
"""
        )
        == "([1, 0, 1], [1, 0, 0])"
    )


async def test_epoll_forgets_closed_files_and_refuses_the_wrong_ones(runtime: Any) -> None:
    assert (
        await runtime.value(
            EPOLL
            + """
a, b, poll = both()
def error(call, *args):
    try:
        call(*args)
    except OSError as error:
        return type(error).__name__
errors = [error(poll.register, b), error(poll.modify, a, 1), error(poll.unregister, 999)]
with open("/tmp/regular", "w") as file:
    errors.append(error(poll.register, file))
a.send(b"x")
b.close()
gone = poll.poll(0)
c = socket.socket()
poll.register(c, select.EPOLLIN)  # perhaps by the number that b had
outer = select.epoll()
outer.register(poll, select.EPOLLIN)
nested = [[e for _, e in outer.poll(0)]]
for file in (outer, poll, a, c):
    file.close()
str((errors, gone, nested))
"""
        )
        == "(['FileExistsError', 'FileNotFoundError', 'OSError', 'PermissionError'], [], [[1]])"
    )


async def test_set_blocking_works_for_every_kind_of_file(runtime: Any) -> None:
    # It is an ioctl(), which most files knew nothing of.
    assert (
        await runtime.value(
            """
import os
def flips(fd):
    seen = [os.get_blocking(fd)]
    for value in (False, True):
        os.set_blocking(fd, value)
        seen.append(os.get_blocking(fd))
    return seen == [True, False, True]
r, w = os.pipe()
with open("/tmp/file", "w") as file:
    result = [flips(r), flips(w), flips(file.fileno())]
os.set_blocking(w, False)
try:
    while os.write(w, b"x" * 5000):
        pass
except BlockingIOError:
    result.append("full")
os.close(r)
os.close(w)
str(result)
"""
        )
        == "[True, True, True, 'full']"
    )


async def test_named_pipes_wait_for_their_other_end(runtime: Any) -> None:
    assert (
        await runtime.value(
            """
import errno, os, stat, threading, time
os.mkfifo("/tmp/fifo", 0o600)
kind = stat.S_ISFIFO(os.stat("/tmp/fifo").st_mode)
try:
    os.open("/tmp/fifo", os.O_WRONLY | os.O_NONBLOCK)
except OSError as error:
    refused = errno.errorcode[error.errno]

def write():
    time.sleep(0.02)
    with open("/tmp/fifo", "w") as file:
        file.write("hello\\n")
        file.flush()
        time.sleep(0.02)
        file.write("you\\n")

thread = threading.Thread(target=write)
thread.start()
with open("/tmp/fifo") as file:
    lines = file.readlines()
thread.join()
os.unlink("/tmp/fifo")
str((kind, refused, lines))
"""
        )
        == "(True, 'ENXIO', ['hello\\n', 'you\\n'])"
    )
