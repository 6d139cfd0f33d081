"""Programs of test_serve.py: servers inside."""

import asyncio
import base64
import hashlib
import http.server
import struct
import threading
import time


def serve_http():
    """An HTTP server in a thread until it is asked to stop; its port."""
    global thread, server

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def _answer(self, status, body=b"", **headers):
            self.send_response(status)
            for name, value in headers.items():
                for one in value if isinstance(value, list) else [value]:
                    self.send_header(name.replace("_", "-"), one)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def do_GET(self):
            path = self.path.partition("?")[0]
            if path == "/echo":
                self._answer(200, str(self.headers["X-Word"]).encode() + b" " + self.path.encode())
            elif path == "/login":
                cookies = [
                    "session=abc; Path=/; HttpOnly",
                    "other=1; Path=/elsewhere",
                    "gone=1; Max-Age=0",
                ]
                self._answer(303, Set_Cookie=cookies, Location="/cookies")
            elif path == "/cookies":
                self._answer(200, str(self.headers["Cookie"]).encode())
            elif path == "/loop":
                self._answer(302, Location="/loop")
            elif path == "/chunked":
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for part in (b"one ", b"two ", b"x" * 100_000):
                    self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
                self.wfile.write(b"0\r\n\r\n")
            elif path == "/short":
                self.send_response(200)
                self.send_header("Content-Length", "100")
                self.end_headers()
                self.wfile.write(b"short")
                self.close_connection = True
            elif path == "/slow":
                time.sleep(20)
            else:
                self._answer(404, b"nothing here")

        do_HEAD = do_GET

        def do_POST(self):
            self._answer(200, self.rfile.read(int(self.headers["Content-Length"])).upper())

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    return server.server_address[1]


def stop_http():
    server.shutdown()
    thread.join()
    server.server_close()


async def serve_websocket():
    """A WebSocket server on the page's loop, which sends back what comes; its port."""
    global sockets

    async def talk(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        key = fields["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        writer.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: chat\r\n\r\n".encode()
        )
        writer.write(b"\x89\x02hi")  # a ping
        while True:
            first, second = await reader.readexactly(2)
            size = second & 127
            if size == 126:
                (size,) = struct.unpack("!H", await reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await reader.readexactly(8))
            mask = await reader.readexactly(4)
            data = bytes(
                byte ^ mask[i & 3] for i, byte in enumerate(await reader.readexactly(size))
            )
            kind = first & 15
            if kind == 10:
                data, kind = b"pong " + data, 1
            if len(data) < 126:
                writer.write(bytes([128 | kind, len(data)]) + data)
            else:
                half = len(data) // 2  # in two frames
                for frame, part in ((kind, data[:half]), (128, data[half:])):
                    writer.write(bytes([frame, 126]) + struct.pack("!H", len(part)) + part)
            if kind == 8:
                break
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    sockets = await asyncio.start_server(talk, "127.0.0.1", 0)
    return sockets.sockets[0].getsockname()[1]


async def stop_websocket():
    sockets.close()
    await sockets.wait_closed()
