"""Programs of test_faults.py: each once ended the runtime, froze the page or left its folder."""


def open_sockets_until_there_is_no_descriptor():
    import errno
    import socket

    opened = []
    try:
        while len(opened) < 100_000:
            opened.append(socket.socket())
    except OSError as error:
        told = errno.errorcode[error.errno]
    finally:
        for one in opened:
            one.close()
    left, right = socket.socketpair()
    left.send(b"alive")
    answer = right.recv(10).decode()
    left.close()
    right.close()
    return f"{told} {answer}"


def accept_without_a_descriptor():
    import errno
    import os
    import socket

    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    client.sendall(b"still here")
    taken = []
    told = []
    while True:
        try:
            taken.append(os.open("/dev/null", os.O_RDONLY))
        except OSError as error:
            told.append(errno.errorcode[error.errno])
            break
    for call in (server.accept, socket.socketpair):
        try:
            call()
        except OSError as error:
            told.append(errno.errorcode[error.errno])
    for fd in taken:
        os.close(fd)
    accepted, _ = server.accept()
    got = accepted.recv(20).decode()
    for one in (accepted, client, server):
        one.close()
    return " ".join([*told, got])


def watch_in_a_circle():
    import errno
    import select

    one, two, three = select.epoll(), select.epoll(), select.epoll()
    one.register(two, select.EPOLLIN)
    two.register(three, select.EPOLLIN)
    told = []
    for outer, inner in ((two, one), (three, one), (three, three)):
        try:
            outer.register(inner, select.EPOLLIN)
        except OSError as error:
            told.append(errno.errorcode[error.errno])
    quiet = one.poll(0)
    for each in (one, two, three):
        each.close()
    return " ".join([*told, str(len(quiet))])


def nest_too_deep():
    import errno
    import itertools
    import select

    sets = [select.epoll() for _ in range(8)]
    told = ""
    for inner, outer in itertools.pairwise(sets):
        try:
            outer.register(inner, select.EPOLLIN)
        except OSError as error:
            told = errno.errorcode[error.errno]
            break
    for each in sets:
        each.close()
    return told


def raise_with_causes_in_a_circle(length):
    errors = [ValueError(str(n)) for n in range(length)]
    for error, cause in zip(errors, [*errors[1:], errors[0]], strict=True):
        error.__cause__ = cause
    raise TypeError("the last one") from errors[0]


def send_datagrams_to_a_full_socket():
    import os
    import socket
    import threading

    path = "/tmp/full.sock"
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind(path)
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    got = []

    def read():
        while len(got) < 3000:
            got.append(receiver.recv(300))

    reader = threading.Timer(0.05, read)
    reader.start()
    for _ in range(3000):
        sender.sendto(b"x" * 200, path)
    reader.join()
    sender.close()
    receiver.close()
    os.unlink(path)
    return len(got)


def send_to_a_full_socket_for_ever():
    import socket

    path = "/tmp/never_read.sock"
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind(path)
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        while True:
            sender.sendto(b"x" * 200, path)
    finally:
        sender.close()
        receiver.close()


def unpack_what_leads_out(archive, format):
    import base64
    import os

    from _sospeso.runner import unpack_archive

    os.makedirs("/tmp/unpacked", exist_ok=True)
    file = "/tmp/leads_out"
    with open(file, "wb") as out:
        out.write(base64.b64decode(archive))
    try:
        unpack_archive(file, format, "/tmp/unpacked")
        told = ""
    except Exception as error:
        told = type(error).__name__
    return f"{told} {os.path.exists('/tmp/evil')} {os.path.exists('/evil')}"


def duplicate_without_end():
    import errno
    import fcntl
    import os

    copies = []
    told = []
    try:
        while len(copies) < 100_000:
            copies.append(os.dup(0))
    except OSError as error:
        told.append(errno.errorcode[error.errno])
    for call in (
        lambda: fcntl.fcntl(0, fcntl.F_DUPFD, 5),
        lambda: fcntl.fcntl(0, fcntl.F_DUPFD, 99_999),
        os.pipe,
    ):
        try:
            call()
        except OSError as error:
            told.append(errno.errorcode[error.errno])
    for fd in copies:
        os.close(fd)
    os.close(os.dup(0))
    return " ".join(told)


def use_a_device_that_throws():
    import fcntl
    import mmap
    import os
    import select

    told = {}

    def attempt(name, call):
        try:
            call()
            told[name] = "ok"
        except OSError as error:
            told[name] = f"{error.errno} {error.__cause__}"

    fd = os.open("/dev/throws", os.O_RDWR)
    poll = select.poll()
    poll.register(fd)
    attempt("read", lambda: os.read(fd, 1))
    attempt("write", lambda: os.write(fd, b"x"))
    attempt("seek", lambda: os.lseek(fd, 0, 0))
    attempt("fsync", lambda: os.fsync(fd))
    attempt("ioctl", lambda: fcntl.ioctl(fd, 0x1234, b"x" * 8))
    attempt("mmap", lambda: mmap.mmap(fd, 10))
    attempt("poll", lambda: poll.poll(0))
    os.close(fd)
    created = os.open("/dev/created", os.O_RDWR)
    attempt("created", lambda: os.read(created, 1))
    os.close(created)
    return told


def exclude_by_flock():
    import fcntl
    import os
    import threading
    import time

    told = []
    with open("/tmp/locked", "w") as one, open("/tmp/locked", "w") as other:
        fcntl.flock(one, fcntl.LOCK_EX)
        fcntl.flock(one, fcntl.LOCK_EX)  # its own
        try:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            told.append("excluded")
        got = []

        def wait():
            fcntl.flock(other, fcntl.LOCK_SH)
            got.append(1)

        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.02)
        told.append(len(got))
        fcntl.flock(one, fcntl.LOCK_SH)
        thread.join()
        told.append(len(got))
        copy = os.dup(other.fileno())
        other.close()
        try:
            fcntl.flock(one, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            told.append("a duplicate holds it")
        os.close(copy)
        fcntl.flock(one, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.unlink("/tmp/locked")
    return " ".join(map(str, told))


def edges_of_epoll():
    import os
    import select

    told = []
    ends = os.pipe()
    watcher = select.epoll()
    watcher.register(ends[1], select.EPOLLOUT | select.EPOLLET)
    watcher.register(ends[0], select.EPOLLIN | select.EPOLLET)
    told.append(len(watcher.poll(0)))
    os.write(ends[1], b"abc")
    told.append(len(watcher.poll(0)))
    os.read(ends[0], 1)  # nothing has come by it
    told.append(len(watcher.poll(0)))
    watcher.close()
    copy = os.dup(ends[0])
    watcher = select.epoll()
    watcher.register(ends[0], select.EPOLLIN)
    os.close(ends[0])
    told.append(len(watcher.poll(0)))  # the open file is still there
    os.close(copy)
    told.append(len(watcher.poll(0)))
    watcher.close()
    os.close(ends[1])
    return str(told)


def a_full_pipe():
    import os
    import select

    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    written = 0
    try:
        while True:
            written += os.write(writer, b"x" * 4096)
    except BlockingIOError:
        pass
    os.read(reader, 1)
    told = [written, len(select.select([], [writer], [], 0)[1])]
    try:
        told.append(os.write(writer, b"y"))
    except BlockingIOError:
        told.append("EAGAIN")
    os.read(reader, 4095)
    told += [len(select.select([], [writer], [], 0)[1]), os.write(writer, b"y" * 5000)]
    os.close(reader)
    os.close(writer)
    return str(told)


def send_after_the_other_end_was_closed():
    import errno
    import socket

    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    other.close()
    told = []
    for _ in range(2):
        try:
            one.send(b"x")
        except OSError as error:
            told.append(errno.errorcode[error.errno])
    one.close()
    return " ".join(told)


def descriptors_that_come_with_all_bytes():
    import os
    import socket
    import threading

    before = os.dup(0)
    os.close(before)
    one, other = socket.socketpair()
    socket.send_fds(one, [b"ab"], [0])
    threading.Timer(0.01, one.send, (b"cd",)).start()
    message, ancillary, _, _ = other.recvmsg(4, 1000, socket.MSG_WAITALL)
    fds = [int.from_bytes(data[:4], "little") for _, _, data in ancillary]
    for fd in fds:
        os.close(fd)
    rest = other.recv(2)
    one.close()
    other.close()
    after = os.dup(0)
    os.close(after)
    return str([message.decode(), len(fds), rest.decode(), after - before])


def hold_a_lock_of_multiprocessing():
    import multiprocessing
    import time  # noqa: F401 - of the other program

    lock = multiprocessing.RLock()
    held = most = 0


def take_the_lock_twice():
    with lock, lock:  # noqa: F821
        held += 1  # noqa: F821
        most = max(most, held)  # noqa: F821
        time.sleep(0.01)  # noqa: F821
        held -= 1


def threads_of_many_sizes():
    import threading

    for number in range(300):
        threading.stack_size(256 * 1024 + 65536 * (number % 100))
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
    threading.stack_size(0)


def ask_for_what_is_not_there():
    import faulthandler
    import locale
    import zoneinfo

    told = []
    try:
        locale.setlocale(locale.LC_ALL, "de_DE.UTF-8")
    except locale.Error as error:
        told.append("unsupported" in str(error))
    before = locale.setlocale(locale.LC_ALL)
    for name in ("", "C", "POSIX", "C.UTF-8", before):
        locale.setlocale(locale.LC_ALL, name)
    try:
        zoneinfo.ZoneInfo("Europe/Berlin")
    except zoneinfo.ZoneInfoNotFoundError as error:
        told.append("tzdata" in str(error))
    faulthandler.enable()
    told.append(faulthandler.is_enabled())
    faulthandler.disable()
    return str(told)


async def run_an_event_loop_of_anyio_and_patch_by_nest_asyncio():
    import asyncio
    import sys
    import types

    # As the two libraries do it.
    runner = types.ModuleType("anyio._core._eventloop")

    def run(func):
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(func())
        raise RuntimeError("Already running asyncio in this thread")

    runner.run = run
    sys.modules[runner.__name__] = runner
    from _sospeso import webloop

    webloop.let_run(runner)
    del sys.modules[runner.__name__]

    async def main():
        await asyncio.sleep(0.001)
        return asyncio.get_running_loop() is not outside

    outside = asyncio.get_running_loop()
    told = [runner.run(main), asyncio.get_running_loop() is outside]
    told.append(hasattr(asyncio, "_nest_patched") and hasattr(outside, "_nest_patched"))
    return str(told)
