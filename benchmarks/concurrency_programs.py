"""What concurrent programs do all day, as loops to be timed. Run inside both Pythons and natively.

Why: threads, locks, queues, sockets and asyncio are CPython's own above our system calls, so their
price here can only be judged beside that of the very same text elsewhere. concurrency_probe.mjs
runs this file in each runtime, native.py imports it in CPython on the build machine.

A program of PROGRAMS does its work `n` times and raises if what came out is wrong; a coroutine
function is awaited on the page's loop, or run by asyncio.run(). Modules that a runtime may lack are
imported by the programs that need them.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

MB = 1_000_000
CHUNK = b"x" * 65536


# -- threads ---------------------------------------------------------------------------------------


def thread_start(n: int) -> None:
    """Start a thread that does nothing, and join it."""
    import threading

    ran: list[int] = []
    for i in range(n):
        thread = threading.Thread(target=ran.append, args=(i,))
        thread.start()
        thread.join()
    assert len(ran) == n


def lock_handover(n: int) -> None:
    """Two threads, each waiting for the other one's release: n hand-overs there, n back."""
    import threading

    mine, other = threading.Lock(), threading.Lock()
    mine.acquire()
    other.acquire()

    def answer() -> None:
        for _ in range(n):
            other.acquire()
            mine.release()

    thread = threading.Thread(target=answer)
    thread.start()
    for _ in range(n):
        other.release()
        mine.acquire()
    thread.join()


def queue_pingpong(n: int) -> None:
    """An item to another thread and one back, by two queue.Queue."""
    import queue
    import threading

    there: queue.Queue[int] = queue.Queue()
    back: queue.Queue[int] = queue.Queue()

    def answer() -> None:
        for _ in range(n):
            back.put(there.get() + 1)

    thread = threading.Thread(target=answer)
    thread.start()
    for i in range(n):
        there.put(i)
        assert back.get() == i + 1
    thread.join()


def executor_submit(n: int) -> None:
    """A ThreadPoolExecutor of one worker: submit() and result(), one after the other."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        for i in range(n):
            assert pool.submit(abs, -i).result() == i


# -- sockets ---------------------------------------------------------------------------------------


def _with_server(serve: "Callable[[Any], None]", client: "Callable[[Any], None]") -> None:
    """A TCP connection over the loopback: `serve` has one end in a thread, `client` the other."""
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        with socket.create_connection(listener.getsockname()) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client(connection)
        thread.join()


def socket_connect(n: int) -> None:
    """Connect, accept, close both ends; one thread connects, another one accepts."""
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:

        def accept() -> None:
            for _ in range(n):
                connection, _ = listener.accept()
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        for _ in range(n):
            with socket.create_connection(listener.getsockname()) as connection:
                assert connection.recv(1) == b""
        thread.join()


def socket_roundtrip(n: int) -> None:
    """16 bytes to a thread and back over TCP."""

    def serve(connection: Any) -> None:
        while data := connection.recv(16):
            connection.sendall(data)

    def client(connection: Any) -> None:
        message = b"0123456789abcdef"
        for _ in range(n):
            connection.sendall(message)
            assert connection.recv(16) == message

    _with_server(serve, client)


def socket_megabytes(n: int) -> None:
    """n megabytes to a thread over TCP, 64 KiB a sendall()."""
    total = 0

    def serve(connection: Any) -> None:
        nonlocal total
        while data := connection.recv(65536):
            total += len(data)

    def client(connection: Any) -> None:
        left = n * MB
        while left:
            part = CHUNK[:left]
            connection.sendall(part)
            left -= len(part)

    _with_server(serve, client)
    assert total == n * MB


# -- asyncio ---------------------------------------------------------------------------------------


async def aio_sleep0(n: int) -> None:
    """asyncio.sleep(0) in a loop: one step of the event loop each."""
    for _ in range(n):
        await asyncio.sleep(0)


async def aio_sleeps(n: int) -> None:
    """10,000 coroutines asleep for a tenth of a second at once, n times."""
    for _ in range(n):
        await asyncio.gather(*(asyncio.sleep(0.1) for _ in range(10_000)))


async def aio_echo(n: int) -> None:
    """A line to an asyncio server and back, by streams over the loopback."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for _ in range(n):
            writer.write(b"one line of text\n")
            await writer.drain()
            assert await reader.readline() == b"one line of text\n"
        writer.close()
        await writer.wait_closed()


async def aio_to_thread(n: int) -> None:
    """asyncio.to_thread() of nothing much, one after the other."""
    for i in range(n):
        assert await asyncio.to_thread(abs, -i) == i


PROGRAMS: dict[str, Callable[[int], Any]] = {
    "thread.start": thread_start,
    "lock.handover": lock_handover,
    "queue.pingpong": queue_pingpong,
    "executor.submit": executor_submit,
    "socket.connect": socket_connect,
    "socket.roundtrip": socket_roundtrip,
    "socket.megabytes": socket_megabytes,
    "asyncio.sleep0": aio_sleep0,
    "asyncio.sleeps": aio_sleeps,
    "asyncio.echo": aio_echo,
    "asyncio.to_thread": aio_to_thread,
}


def batch(name: str, n: int) -> float:
    """Milliseconds that a program takes; a coroutine is given to asyncio.run()."""
    program = PROGRAMS[name]
    start = time.perf_counter()
    if asyncio.iscoroutinefunction(program):
        asyncio.run(program(n))
    else:
        program(n)
    return (time.perf_counter() - start) * 1e3


async def batch_here(name: str, n: int) -> float:
    """The same for a coroutine, on the loop that runs already."""
    start = time.perf_counter()
    await PROGRAMS[name](n)
    return (time.perf_counter() - start) * 1e3


# -- many blocked threads --------------------------------------------------------------------------


class Blocked:
    """`count` threads that wait for one Event, all started and waiting when this is made."""

    def __init__(self, count: int) -> None:
        import threading

        self._gate = threading.Event()
        arrived = threading.Semaphore(0)

        def wait() -> None:
            arrived.release()
            self._gate.wait()

        self._threads = [threading.Thread(target=wait) for _ in range(count)]
        for thread in self._threads:
            thread.start()
        for _ in self._threads:
            arrived.acquire()
        time.sleep(0.05)  # the last ones are on their way from release() to wait()

    def release(self) -> None:
        """Let them all end."""
        self._gate.set()
        for thread in self._threads:
            thread.join()


# -- computations that hand over -------------------------------------------------------------------


def compute(seconds: float) -> int:
    """`while True` until the time is over: no call, no wait; how often it went round."""
    end = time.perf_counter() + seconds
    total = turns = 0
    while True:
        turns += 1
        total = (total + turns * 3) & 0xFFFFFF
        if turns % 1000 == 0 and time.perf_counter() >= end:
            return turns


def compute_calls(seconds: float) -> int:
    """The same around a C function that takes about a millisecond; how often it was called."""
    end = time.perf_counter() + seconds
    turns = 0
    while time.perf_counter() < end:
        turns += 1
        sum(range(50_000))
    return turns


def compute_workloads(workloads: dict[str, Callable[[], Any]], seconds: float) -> int:
    """The workloads of workloads.py over and over; how often."""
    end = time.perf_counter() + seconds
    turns = 0
    while time.perf_counter() < end:
        for workload in workloads.values():
            workload()
        turns += 1
    return turns


def timed(workload: Callable[[], Any], times: int) -> float:
    """Milliseconds that a workload takes, `times` times on this one stack."""
    start = time.perf_counter()
    for _ in range(times):
        workload()
    return (time.perf_counter() - start) * 1e3


def names() -> str:
    """JSON: which programs are coroutines, by name."""
    return json.dumps(
        {name: asyncio.iscoroutinefunction(program) for name, program in PROGRAMS.items()}
    )
