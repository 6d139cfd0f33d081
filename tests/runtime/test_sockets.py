"""Sockets on the network inside the runtime: they connect, block, wake, refuse, as on Linux."""

from __future__ import annotations

from typing import Any

import pytest

SETUP = """
import select, socket, threading, time, os

def in_thread(call, *args):
    thread = threading.Thread(target=call, args=args)
    thread.start()
    return thread

def echo(server):
    connection, _ = server.accept()
    with connection:
        while data := connection.recv(1000):
            connection.sendall(data.upper())
"""


@pytest.mark.parametrize(
    "server",
    [
        'socket.create_server(("127.0.0.1", 0))',
        'socket.create_server(("::1", 0), family=socket.AF_INET6)',
        'socket.create_server(("", 0))',
    ],
)
async def test_a_client_and_a_server_in_a_thread_talk(runtime: Any, server: str) -> None:
    assert (
        await runtime.value(
            SETUP
            + f"""
with {server} as server:
    thread = in_thread(echo, server)
    host, port = server.getsockname()[:2]
    with socket.create_connection((host or "127.0.0.1", port)) as client:
        client.sendall(b"hello ")
        client.sendall(b"you")
        client.shutdown(socket.SHUT_WR)
        got = b""
        while part := client.recv(100):
            got += part
        same = client.getpeername()[1] == port and client.getsockname()[1] != port
    thread.join()
str((got, same))
"""
        )
        == "(b'HELLO YOU', True)"
    )


async def test_a_large_sendall_waits_for_its_reader(runtime: Any) -> None:
    assert (
        await runtime.value(
            SETUP
            + """
a, b = socket.socketpair()
got = []
def read():
    time.sleep(0.05)
    while part := b.recv(65536):
        got.append(len(part))
thread = in_thread(read)
a.sendall(b"x" * 3_000_000)
a.close()
thread.join()
b.close()
sum(got)
"""
        )
        == 3_000_000
    )


async def test_timeouts_and_refusals_are_those_of_a_real_network(runtime: Any) -> None:
    assert (
        await runtime.value(
            SETUP
            + """
out = []
def attempt(call):
    try:
        call()
    except OSError as error:
        out.append(type(error).__name__)
with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
    address = server.getsockname()
    attempt(lambda: socket.create_server(address))
    with socket.create_connection(address) as first:
        first.settimeout(0.05)
        attempt(lambda: first.recv(1))
        # The backlog is full: a further client waits for room.
        attempt(lambda: socket.create_connection(address, timeout=0.05))
        server.settimeout(0.05)
        server.accept()[0].close()
        attempt(lambda: server.accept())
attempt(lambda: socket.create_connection(address))
attempt(lambda: socket.socket().recv(1))
str(out)
"""
        )
        == "['OSError', 'TimeoutError', 'TimeoutError', 'TimeoutError', 'ConnectionRefusedError', 'OSError']"
    )


async def test_a_connection_to_elsewhere_says_why_it_cannot_be(runtime: Any) -> None:
    result = await runtime.run_async(
        "import socket\nsocket.create_connection(('93.184.216.34', 80))"
    )
    assert result.error_type == "OSError"
    assert "this machine's own addresses only" in (result.error or "")
    result = await runtime.run_async("import socket\nsocket.create_connection(('example.org', 80))")
    assert result.error_type == "gaierror"
    assert "localhost" in (result.error or "")


async def test_unread_data_at_close_resets_the_connection(runtime: Any) -> None:
    assert (
        await runtime.value(
            SETUP
            + """
out = []
with socket.create_server(("127.0.0.1", 0)) as server:
    client = socket.create_connection(server.getsockname())
    peer, _ = server.accept()
    client.sendall(b"never read")
    peer.close()
    for call in (lambda: client.recv(1), lambda: client.send(b"x")):
        try:
            out.append(call())
        except OSError as error:
            out.append(type(error).__name__)
    client.close()
str(out)
"""
        )
        == "['ConnectionResetError', 'BrokenPipeError']"
    )


async def test_nonblocking_sockets_and_select(runtime: Any) -> None:
    assert (
        await runtime.value(
            SETUP
            + """
out = []
with socket.create_server(("127.0.0.1", 0)) as server:
    server.setblocking(False)
    try:
        server.accept()
    except BlockingIOError:
        out.append("nobody")
    client = socket.socket()
    client.setblocking(False)
    out.append(client.connect_ex(server.getsockname()) in (0, 26, 115))
    out.append(select.select([server], [client], [], 5)[0] == [server])
    peer, _ = server.accept()
    try:
        client.recv(1)
    except BlockingIOError:
        out.append("nothing")
    peer.sendall(b"abc")
    out.append(client.recv(1, socket.MSG_PEEK) + client.recv(10))
    peer.close()
    out.append(client.recv(10))
    client.close()
str(out)
"""
        )
        == "['nobody', True, True, 'nothing', b'aabc', b'']"
    )


async def test_datagrams_keep_their_bounds(runtime: Any) -> None:
    assert (
        await runtime.value(
            SETUP
            + """
out = []
with socket.socket(type=socket.SOCK_DGRAM) as a, socket.socket(type=socket.SOCK_DGRAM) as b:
    a.bind(("127.0.0.1", 0))
    b.bind(("127.0.0.1", 0))
    b.sendto(b"one", a.getsockname())
    b.sendto(b"second", a.getsockname())
    data, sender = a.recvfrom(100)
    out.append((data, sender == b.getsockname()))
    out.append(a.recv(3))
    b.connect(a.getsockname())
    in_thread(lambda: (time.sleep(0.05), b.send(b"late"))).join
    out.append(a.recv(100))
    a.settimeout(0.02)
    try:
        a.recv(1)
    except TimeoutError:
        out.append("timeout")
str(out)
"""
        )
        == "[(b'one', True), b'sec', b'late', 'timeout']"
    )


async def test_unix_sockets_have_names_in_the_file_system(runtime: Any) -> None:
    assert (
        await runtime.value(
            SETUP
            + """
import stat
out = []
path = "/tmp/server.sock"
with socket.socket(socket.AF_UNIX) as server:
    server.bind(path)
    server.listen()
    out.append(stat.S_ISSOCK(os.stat(path).st_mode))
    thread = in_thread(echo, server)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall(b"unix")
        out.append(client.recv(10))
        out.append(client.getpeername())
    thread.join()
try:
    socket.socket(socket.AF_UNIX).connect(path)
except ConnectionRefusedError:
    out.append("refused")
os.unlink(path)
try:
    socket.socket(socket.AF_UNIX).connect(path)
except FileNotFoundError:
    out.append("gone")
with socket.socket(socket.AF_UNIX) as server:
    server.bind("\\0abstract")
    out.append(server.getsockname())
str(out)
"""
        )
        == "[True, b'UNIX', '/tmp/server.sock', 'refused', 'gone', b'\\x00abstract']"
    )


async def test_a_socket_is_a_file(runtime: Any) -> None:
    assert (
        await runtime.value(
            SETUP
            + """
a, b = socket.socketpair()
out = []
with a.makefile("w") as text:
    text.write("first\\nsecond\\n")
copy = os.dup(a.fileno())
a.close()
os.write(copy, b"third")
os.close(copy)
with b.makefile("rb") as lines:
    out.append(list(lines))
b.close()
str(out)
"""
        )
        == "[[b'first\\n', b'second\\n', b'third']]"
    )


async def test_an_interrupt_ends_accept_and_recv(runtime: Any) -> None:
    for call in ("server.accept()", "client.recv(1)"):
        got = await runtime.js(
            f"""
const running = failure(pyodide.runPythonAsync(`
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    with socket.create_connection(server.getsockname()) as client:
        if "accept" in {call!r}:
            server.accept()[0].close()
        ready = True
        try:
            {call}
        finally:
            del ready
`));
while (!pyodide.globals.has("ready")) await later(5);
await later(30);
pyodide.interrupt();
return (await running).type;
"""
        )
        assert got == "KeyboardInterrupt", call


LIBRARY = {
    "http.server": """
import http.server, http.client, threading
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
import socket
with socket.create_connection(server.server_address) as client:
    client.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
    text = client.makefile("rb").read()
server.shutdown()
thread.join()
server.server_close()
text.endswith(b"hello")
""",
    "socketserver": """
import socketserver, socket, threading
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline().upper())
with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with socket.create_connection(server.server_address) as client:
        client.sendall(b"hello\\n")
        got = client.recv(100)
    server.shutdown()
    thread.join()
got == b"HELLO\\n"
""",
    "urllib to a server in a thread": """
import http.server, threading, urllib.request
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
    with urllib.request.urlopen(f"http://localhost:{server.server_port}/", b"body", timeout=20) as answer:
        got = answer.read()
    server.shutdown()
    thread.join()
got == b"BODY"
""",
    "xmlrpc": """
import threading, xmlrpc.client, xmlrpc.server
with xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False) as server:
    server.register_function(pow)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with xmlrpc.client.ServerProxy(f"http://127.0.0.1:{server.server_address[1]}") as proxy:
        got = proxy.pow(2, 5)
    server.shutdown()
    thread.join()
got == 32
""",
    "multiprocessing.dummy and ThreadPool": """
import multiprocessing.dummy, multiprocessing.pool
with multiprocessing.pool.ThreadPool(3) as pool, multiprocessing.dummy.Pool(2) as other:
    got = pool.map(abs, range(-5, 0)), other.map(str, [1, 2])
    for each in (pool, other):
        each.close()
        each.join()
got == ([5, 4, 3, 2, 1], ["1", "2"])
""",
    "asyncio streams": """
import asyncio
async def main():
    async def answer(reader, writer):
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"hello\\n")
        got = await reader.read()
        writer.close()
        await writer.wait_closed()
    return got == b"HELLO\\n"
asyncio.run(main())
""",
}


@pytest.mark.parametrize("name", LIBRARY)
async def test_the_librarys_servers_serve(runtime: Any, name: str) -> None:
    assert await runtime.value(LIBRARY[name]) is True


async def test_open_files_pass_through_unix_sockets(runtime: Any) -> None:
    assert (
        await runtime.value(
            SETUP
            + """
a, b = socket.socketpair()
r, w = os.pipe()
with open("/tmp/passed", "w+") as file:
    file.write("content")
    file.flush()
    socket.send_fds(a, [b"three"], [r, w, file.fileno()])
os.close(r)
os.close(w)
data, fds, flags, _ = socket.recv_fds(b, 100, 10)
r, w, f = fds
thread = in_thread(lambda: (time.sleep(0.02), os.write(w, b"through")))
got = os.read(r, 100)
thread.join()
os.lseek(f, 0, 0)
content = os.read(f, 100)
os.close(w)
at_end = os.read(r, 1)
for fd in (r, f):
    os.close(fd)
# Who receives without asking for them leaves none open.
r, w = os.pipe()
socket.send_fds(a, [b"x"], [w])
os.close(w)
b.recv(1)
dropped = os.read(r, 1)
os.close(r)
a.close()
b.close()
str((data, got, content, at_end, dropped))
"""
        )
        == "(b'three', b'through', b'content', b'', b'')"
    )


async def test_services_hosts_and_interfaces_have_names(runtime: Any) -> None:
    assert (
        await runtime.value(
            """
import socket
str((
    socket.getservbyname("http"), socket.getservbyname("domain", "udp"), socket.getservbyport(25),
    socket.gethostbyname_ex("localhost"), socket.gethostbyaddr("127.0.0.1")[0],
    socket.if_nameindex(), socket.if_nametoindex("lo"), socket.if_indextoname(1),
    socket.getaddrinfo("fe80::1%lo", 1, 0, socket.SOCK_STREAM)[0][4],
))
"""
        )
        == "(80, 53, 'smtp', ('localhost', [], ['127.0.0.1']), 'localhost', [(1, 'lo')], 1, 'lo', ('fe80::1', 1, 0, 1))"
    )


async def test_a_duplicate_is_not_inheritable(runtime: Any) -> None:
    # dup() of a socket asks for a descriptor that is closed on exec, and got a plain one.
    assert (
        await runtime.value(
            """
import socket
with socket.socket() as one, one.dup() as other:
    result = other.get_inheritable()
result
"""
        )
        is False
    )


async def test_sendfile_sends_a_file_and_keeps_its_place(runtime: Any) -> None:
    assert (
        await runtime.value(
            SETUP
            + """
with open("/tmp/large", "wb") as file:
    file.write(b"0123456789" * 50000)
a, b = socket.socketpair()
got = []
def read():
    while part := b.recv(65536):
        got.append(part)
thread = in_thread(read)
with open("/tmp/large", "rb") as file:
    sent = a.sendfile(file, offset=3)
    by_os = os.sendfile(a.fileno(), file.fileno(), 5, 10)
    place = file.tell()
a.close()
thread.join()
b.close()
with open("/tmp/large", "rb") as one, open("/tmp/copy", "wb") as other:
    copied = os.copy_file_range(one.fileno(), other.fileno(), 100000)
whole = b"".join(got)
str((sent, by_os, place, len(whole), whole[:3], whole[-10:], copied, os.path.getsize("/tmp/copy")))
"""
        )
        == "(499997, 10, 500000, 500007, b'345', b'5678901234', 100000, 100000)"
    )
