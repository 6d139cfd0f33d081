"""Programs of test_failing_imports.py: small ones that together call every import of the core.

Each cleans up behind itself, whatever fails in the middle.
"""


def files():
    import contextlib
    import os
    import shutil

    os.makedirs("/tmp/failing/inner")
    try:
        with open("/tmp/failing/a.txt", "w") as file:
            file.write("text" * 100)
            file.flush()
            os.fsync(file.fileno())
            os.fdatasync(file.fileno())
            os.fchmod(file.fileno(), 0o600)
            file.truncate(10)
            os.fstat(file.fileno())
            os.lseek(file.fileno(), 0, os.SEEK_SET)
        with open("/tmp/failing/a.txt", "rb") as file:
            os.readv(file.fileno(), [bytearray(3), bytearray(3)])
            os.pread(file.fileno(), 3, 1)
        os.chmod("/tmp/failing/a.txt", 0o644)
        os.utime("/tmp/failing/a.txt", (1, 2))
        os.rename("/tmp/failing/a.txt", "/tmp/failing/b.txt")
        os.symlink("/tmp/failing/b.txt", "/tmp/failing/c.txt")
        os.readlink("/tmp/failing/c.txt")
        os.link("/tmp/failing/b.txt", "/tmp/failing/d.txt")
        os.truncate("/tmp/failing/b.txt", 3)
        os.access("/tmp/failing/b.txt", os.R_OK)
        os.statvfs("/tmp")
        here = os.getcwd()
        os.chdir("/tmp/failing")
        os.chdir(here)
        os.listdir("/tmp/failing")
        os.rmdir("/tmp/failing/inner")
        os.unlink("/tmp/failing/d.txt")
        os.umask(os.umask(0o22))
        os.sync()
    finally:
        with contextlib.suppress(OSError):
            os.chdir("/home/pyodide")
        shutil.rmtree("/tmp/failing", ignore_errors=True)
        shutil.rmtree("/tmp/failing", ignore_errors=True)


def mapped_and_locked():
    import fcntl
    import mmap
    import os

    with open("/tmp/mapped", "w+b") as file:
        try:
            file.write(b"x" * 4096)
            file.flush()
            fcntl.flock(file, fcntl.LOCK_EX)
            fcntl.lockf(file, fcntl.LOCK_EX)
            fcntl.fcntl(file, fcntl.F_GETFD)
            fcntl.fcntl(file, fcntl.F_GETFL)
            with mmap.mmap(file.fileno(), 4096) as mapping:
                mapping[0] = 1
                mapping.flush()
            copy = os.dup(file.fileno())
            os.close(copy)
        finally:
            os.unlink("/tmp/mapped")


def pipes():
    import contextlib
    import os
    import select
    import threading

    ends = os.pipe()
    watcher = None
    timer = threading.Timer(0.002, os.write, (ends[1], b"late"))
    try:
        os.set_blocking(ends[0], False)
        os.set_blocking(ends[0], True)
        os.write(ends[1], b"ab")
        os.read(ends[0], 2)
        watcher = select.epoll()
        watcher.register(ends[0], select.EPOLLIN)
        watcher.poll(0)
        timer.start()
        select.select([ends[0]], [], [], 0.5)
        poll = select.poll()
        poll.register(ends[0], select.POLLIN)
        poll.poll(1)
        os.mkfifo("/tmp/failing.fifo")
    finally:
        with contextlib.suppress(RuntimeError):
            timer.join()
        for fd in ends:
            with contextlib.suppress(OSError):
                os.close(fd)
        if watcher is not None:
            watcher.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink("/tmp/failing.fifo")


def sockets():
    import contextlib
    import os
    import socket

    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
        server.bind(("127.0.0.1", 0))
        server.listen()
        client = stack.enter_context(socket.socket())
        client.settimeout(0.2)
        client.connect(server.getsockname())
        server.settimeout(0.2)
        accepted, _ = server.accept()
        stack.enter_context(accepted)
        accepted.settimeout(0.2)
        client.sendall(b"hello")
        accepted.recv(5)
        client.getpeername()
        client.shutdown(socket.SHUT_WR)
        one, other = socket.socketpair()
        stack.enter_context(one)
        stack.enter_context(other)
        socket.send_fds(one, [b"x"], [0])
        _, fds, _, _ = socket.recv_fds(other, 1, 1)
        for fd in fds:
            os.close(fd)
        datagrams = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        datagrams.bind(("127.0.0.1", 0))
        datagrams.sendto(b"x", datagrams.getsockname())
        datagrams.settimeout(0.1)
        datagrams.recvfrom(1)
        socket.getaddrinfo("localhost", 80)


def threads():
    import queue
    import threading
    import time

    box = queue.Queue()
    thread = threading.Thread(target=lambda: box.put(time.sleep(0.001)))
    thread.start()
    box.get(timeout=0.5)
    thread.join()
    time.sleep(0)


async def loops():
    import asyncio
    import contextlib
    import os

    loop = asyncio.get_running_loop()
    await asyncio.sleep(0.001)
    await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0.001))
    ends = os.pipe()
    came = loop.create_future()
    try:
        loop.add_reader(ends[0], lambda: came.done() or came.set_result(os.read(ends[0], 1)))
        os.write(ends[1], b"x")
        async with asyncio.timeout(0.5):
            await came
    finally:
        with contextlib.suppress(OSError):
            loop.remove_reader(ends[0])
        for fd in ends:
            with contextlib.suppress(OSError):
                os.close(fd)
    with contextlib.suppress(RuntimeError):
        await asyncio.to_thread(int)


async def javascript():
    import js
    from pyodide.ffi import JsException, create_once_callable, create_proxy, run_sync, to_js

    made = js.Object.new()
    made.name = "x"
    del made.name
    hasattr(made, "nothing")
    numbers = js.Array.of(1, 2, 3)
    numbers[0] = 5
    [*numbers]
    len(numbers)
    numbers.to_py()
    to_js({"a": [1, 2]})
    js.JSON.parse('{"a": [1, {"b": null}]}').to_py()
    memory = js.Uint8Array.new(8)
    memory.assign(b"12345678")
    memory.to_bytes()
    memory.to_memoryview()
    js.TextEncoder.new().encode("text").to_string()
    await js.Promise.resolve(1)
    run_sync(js.Promise.resolve(2))
    proxy = create_proxy(lambda *values: values[0])
    try:
        numbers.map(proxy)
        assert proxy == proxy
        proxy.unwrap()
    finally:
        proxy.destroy()
    js.setTimeout(create_once_callable(int), 0)
    try:
        js.JSON.parse("{")
    except JsException:
        pass
    import time

    time.sleep(0.002)


def streams():
    import os
    import sys

    print("a line")
    print("no line", end="", flush=True)
    print()
    print("to stderr", file=sys.stderr)
    os.isatty(1)
    sys.stdin.readline()
    os.write(1, b"bytes\n")


def clocks():
    import os
    import time

    time.time()
    time.monotonic()
    time.localtime()
    time.gmtime()
    time.mktime(time.localtime())
    time.strftime("%c")
    time.clock_getres(time.CLOCK_MONOTONIC)
    os.urandom(8)
    os.getpid()
    os.uname()


def signals():
    import signal

    before = signal.signal(signal.SIGALRM, lambda *_: None)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        signal.sigtimedwait([signal.SIGUSR1], 0.005)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    signal.raise_signal(signal.SIGWINCH)


def requests():
    import contextlib
    import urllib.request

    with contextlib.suppress(OSError):
        urllib.request.urlopen("http://127.0.0.1:9/", timeout=0.2).close()


def libraries():
    import ctypes

    ctypes.CDLL(None).Py_IsInitialized


def computing():
    import time

    until = time.monotonic() + 0.03
    while time.monotonic() < until:
        sorted(range(1000))


def memory():
    bytearray(40_000_000)
