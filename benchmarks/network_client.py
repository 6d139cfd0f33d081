"""What benchmarks/network.py runs on each contender: bytes down, bytes up, round trips.

Its namespace has HOST, PORT and SIZE (bytes); the result is the JSON in `result`. It runs on the
host's CPython and inside the core, hence only the standard library.
"""

import json
import socket
import time

HOST: str
PORT: int
SIZE: int
# Put there by the caller.
HOST, PORT, SIZE = globals()["given"]
ROUNDS = 300


def begin(order: str) -> socket.socket:
    """A connection that has been told what is wanted of it."""
    client = socket.create_connection((HOST, PORT))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(f"{order} {SIZE}\n".encode())
    return client


def down() -> float:
    """MB/s of a stream that arrives."""
    with begin("DOWN") as client:
        buffer = bytearray(65536)
        started = time.perf_counter()
        got = 0
        while count := client.recv_into(buffer):
            got += count
        assert got == SIZE
        return SIZE / 1e6 / (time.perf_counter() - started)


def up() -> float:
    """MB/s of a stream that is sent, until the peer has all of it."""
    with begin("UP") as client:
        piece = bytes(1_000_000)
        started = time.perf_counter()
        for _ in range(SIZE // len(piece)):
            client.sendall(piece)
        assert client.recv(2, socket.MSG_WAITALL) == b"ok"
        return SIZE / 1e6 / (time.perf_counter() - started)


def round_trip() -> float:
    """Milliseconds from a byte sent to its answer; the median."""
    with begin("ECHO") as client:
        times = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            client.sendall(b"x")
            client.recv(1)
            times.append(time.perf_counter() - started)
    return sorted(times)[ROUNDS // 2] * 1e3


def measure() -> str:
    """All of them, the best of three."""
    return json.dumps(
        {
            "down": max(down() for _ in range(3)),
            "up": max(up() for _ in range(3)),
            "round_trip": min(round_trip() for _ in range(3)),
        }
    )


result = measure()
