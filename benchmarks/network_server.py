"""The peer of network_client.py, in a process of its own: `python -m benchmarks.network_server`.

Prints its port. A connection begins with a line: DOWN n, UP n or ECHO n.
"""

from __future__ import annotations

import contextlib
import socket
import threading

PIECE = 1 << 16


def serve(client: socket.socket) -> None:
    """Do what the first line says."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with client, contextlib.suppress(OSError):
        line = b""
        while not line.endswith(b"\n"):
            line += client.recv(1)
        order, size = line.split()
        left = int(size)
        piece = bytearray(PIECE)
        if order == b"DOWN":
            while left > 0:
                client.sendall(piece[:left])
                left -= PIECE
        elif order == b"UP":
            while left > 0:
                left -= client.recv_into(piece)
            client.sendall(b"ok")
        else:
            while data := client.recv(PIECE):
                client.sendall(data)


def main() -> None:
    """Serve until the process is ended."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            client, _ = server.accept()
            threading.Thread(target=serve, args=(client,), daemon=True).start()


if __name__ == "__main__":
    main()
