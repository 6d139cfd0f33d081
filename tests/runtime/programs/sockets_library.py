"""Programs of test_sockets.py that serve with what the library has."""

import asyncio
import http.server
import multiprocessing.dummy
import multiprocessing.pool
import socket
import socketserver
import threading
import urllib.request
import xmlrpc.client
import xmlrpc.server


def http_server():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with socket.create_connection(server.server_address) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        text = client.makefile("rb").read()
    server.shutdown()
    thread.join()
    server.server_close()
    return text.endswith(b"hello")


def socketserver_with_threads():
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(self.rfile.readline().upper())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with socket.create_connection(server.server_address) as client:
            client.sendall(b"hello\n")
            got = client.recv(100)
        server.shutdown()
        thread.join()
    return got == b"HELLO\n"


def urllib_to_a_server_in_a_thread():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.upper())

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("localhost", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://localhost:{server.server_port}/"
        with urllib.request.urlopen(url, b"body", timeout=20) as answer:
            got = answer.read()
        server.shutdown()
        thread.join()
    return got == b"BODY"


def xmlrpc_server():
    with xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False) as server:
        server.register_function(pow)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with xmlrpc.client.ServerProxy(url) as proxy:
            got = proxy.pow(2, 5)
        server.shutdown()
        thread.join()
    return got == 32


def pools_of_threads():
    with multiprocessing.pool.ThreadPool(3) as pool, multiprocessing.dummy.Pool(2) as other:
        got = pool.map(abs, range(-5, 0)), other.map(str, [1, 2])
        for each in (pool, other):
            each.close()
            each.join()
    return got == ([5, 4, 3, 2, 1], ["1", "2"])


def asyncio_streams():
    async def main():
        async def answer(reader, writer):
            writer.write((await reader.readline()).upper())
            await writer.drain()
            writer.close()
            await writer.wait_closed()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"hello\n")
            got = await reader.read()
            writer.close()
            await writer.wait_closed()
        return got == b"HELLO\n"

    return asyncio.run(main())
