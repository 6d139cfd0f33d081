"""Programs of test_select.py."""

import errno
import os
import select
import selectors
import socket
import stat
import sys
import threading
import time


def _later(seconds, call, *args):
    def run():
        time.sleep(seconds)
        call(*args)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _pair_with_epoll():
    a, b = socket.socketpair()
    poll = select.epoll()
    poll.register(b, select.EPOLLIN)
    return a, b, poll


def read_an_empty_pipe():
    r, w = os.pipe()
    thread = _later(0.05, os.write, w, b"late")
    got = os.read(r, 100)
    thread.join()
    os.close(w)
    end = os.read(r, 100)
    os.close(r)
    return str((got, end))


def fill_a_pipe():
    r, w = os.pipe()
    events = []

    def drain():
        total = 0
        while total < 200_000:
            events.append("read")
            total += len(os.read(r, 50_000))

    thread = _later(0.05, drain)
    events.append(os.write(w, b"x" * 200_000))
    thread.join()
    os.close(r)
    try:
        os.write(w, b"x")
    except BrokenPipeError:
        events.append("broken")
    os.close(w)
    return str((events[0], 200_000 in events, events[-1]))


def nonblocking_pipes():
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
    os.close(r)
    os.close(w)
    return str(out)


def select_and_poll_a_pipe():
    r, w = os.pipe()
    out = [select.select([r], [w], [], 5)[1] == [w]]
    thread = _later(0.05, os.write, w, b"x")
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
    return str(out)


def timeouts_cut_short():
    r, w = os.pipe()
    early = []
    waits = (
        lambda timeout: select.select([], [], [], timeout),
        lambda timeout: select.select([r], [], [], timeout),
        lambda timeout: select.poll().poll(timeout * 1e3),
        lambda timeout: selectors.DefaultSelector().select(timeout),
    )
    for timeout in (0.0109, 0.0209, 0.0309):
        for wait in waits:
            started = time.monotonic()
            wait(timeout)
            if time.monotonic() - started < timeout - 1e-6:  # browsers' clocks are coarse
                early.append(timeout)
    os.close(r)
    os.close(w)
    return str(early)


def select_stdin_and_a_pipe():
    r, w = os.pipe()
    ready, _, _ = select.select([0, r], [], [], 10)
    line = sys.stdin.readline()
    os.close(r)
    os.close(w)
    return str((ready, line))


def close_a_polled_descriptor():
    r, w = os.pipe()
    thread = _later(0.05, os.close, r)
    poll = select.poll()
    poll.register(r, select.POLLIN)
    got = poll.poll(20_000)
    thread.join()
    os.close(w)
    return str(got == [(r, select.POLLNVAL)])


def wait_on_an_empty_pipe(how):
    global ready
    r, w = os.pipe()
    waits = {
        "select": lambda: select.select([r], [], []),
        "read": lambda: os.read(r, 1),
        "poll": lambda: select.poll().poll(),
    }
    ready = True
    try:
        waits[how]()
    finally:
        del ready
        os.close(r)
        os.close(w)


def select_an_empty_pipe():
    r, w = os.pipe()
    try:
        select.select([r], [], [], 1)
    finally:
        os.close(r)
        os.close(w)


def two_threads_that_only_wake_each_other():
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


def inheritable_descriptors():
    r, w = os.pipe()
    copy = os.dup(r)
    out = [os.get_inheritable(fd) for fd in (r, w, copy)]
    os.set_inheritable(r, True)
    out += [os.get_inheritable(r), os.get_inheritable(copy)]
    for fd in (r, w, copy):
        os.close(fd)
    return str(out)


def epoll_by_level():
    a, b, poll = _pair_with_epoll()
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
    return str((found, woken == again, woken[0][1], [e for _, e in writable]))


def epoll_edges_and_one_shots():
    a, b, poll = _pair_with_epoll()
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
    return str((edges, shots))


def epoll_of_closed_and_wrong_files():
    a, b, poll = _pair_with_epoll()

    def refused(call, *args):
        try:
            call(*args)
        except OSError as error:
            return type(error).__name__

    errors = [refused(poll.register, b), refused(poll.modify, a, 1), refused(poll.unregister, 999)]
    with open("/tmp/regular", "w") as file:
        errors.append(refused(poll.register, file))
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
    return str((errors, gone, nested))


def set_blocking_of_every_kind_of_file():
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
    return str(result)


def named_pipes():
    os.mkfifo("/tmp/fifo", 0o600)
    kind = stat.S_ISFIFO(os.stat("/tmp/fifo").st_mode)
    try:
        os.open("/tmp/fifo", os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        refused = errno.errorcode[error.errno]

    def write():
        time.sleep(0.02)
        with open("/tmp/fifo", "w") as file:
            file.write("hello\n")
            file.flush()
            time.sleep(0.02)
            file.write("you\n")

    thread = threading.Thread(target=write)
    thread.start()
    with open("/tmp/fifo") as file:
        lines = file.readlines()
    thread.join()
    os.unlink("/tmp/fifo")
    return str((kind, refused, lines))
