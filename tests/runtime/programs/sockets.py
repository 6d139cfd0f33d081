"""Programs of test_sockets.py."""

import os
import select
import socket
import stat
import threading
import time


def _in_thread(call, *args):
    thread = threading.Thread(target=call, args=args)
    thread.start()
    return thread


def _echo(server):
    connection, _ = server.accept()
    with connection:
        while data := connection.recv(1000):
            connection.sendall(data.upper())


def talk_to_a_server_in_a_thread(address, family):
    with socket.create_server((address, 0), family=getattr(socket, family)) as server:
        thread = _in_thread(_echo, server)
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
    return str((got, same))


def send_more_than_a_socket_holds():
    a, b = socket.socketpair()
    got = []

    def read():
        time.sleep(0.05)
        while part := b.recv(65536):
            got.append(len(part))

    thread = _in_thread(read)
    a.sendall(b"x" * 3_000_000)
    a.close()
    thread.join()
    b.close()
    return sum(got)


def timeouts_and_refusals():
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
    return str(out)


def close_with_unread_data():
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
    return str(out)


def nonblocking_sockets_and_select():
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
    return str(out)


def datagrams():
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
        thread = _in_thread(lambda: (time.sleep(0.05), b.send(b"late")))
        out.append(a.recv(100))
        thread.join()
        a.settimeout(0.02)
        try:
            a.recv(1)
        except TimeoutError:
            out.append("timeout")
    return str(out)


def unix_sockets():
    out = []
    path = "/tmp/server.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        out.append(stat.S_ISSOCK(os.stat(path).st_mode))
        thread = _in_thread(_echo, server)
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
        server.bind("\0abstract")
        out.append(server.getsockname())
    return str(out)


def a_socket_is_a_file():
    a, b = socket.socketpair()
    out = []
    with a.makefile("w") as text:
        text.write("first\nsecond\n")
    copy = os.dup(a.fileno())
    a.close()
    os.write(copy, b"third")
    os.close(copy)
    with b.makefile("rb") as lines:
        out.append(list(lines))
    b.close()
    return str(out)


def wait_for_an_interrupt(how):
    global ready
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        if how == "accept":
            server.accept()[0].close()
        ready = True
        try:
            if how == "accept":
                server.accept()
            else:
                client.recv(1)
        finally:
            del ready


def pass_open_files():
    a, b = socket.socketpair()
    r, w = os.pipe()
    with open("/tmp/passed", "w+") as file:
        file.write("content")
        file.flush()
        socket.send_fds(a, [b"three"], [r, w, file.fileno()])
    os.close(r)
    os.close(w)
    data, fds, _, _ = socket.recv_fds(b, 100, 10)
    r, w, f = fds
    thread = _in_thread(lambda: (time.sleep(0.02), os.write(w, b"through")))
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
    return str((data, got, content, at_end, dropped))


def names_of_services_hosts_and_interfaces():
    return str(
        (
            socket.getservbyname("http"),
            socket.getservbyname("domain", "udp"),
            socket.getservbyport(25),
            socket.gethostbyname_ex("localhost"),
            socket.gethostbyaddr("127.0.0.1")[0],
            socket.if_nameindex(),
            socket.if_nametoindex("lo"),
            socket.if_indextoname(1),
            socket.getaddrinfo("fe80::1%lo", 1, 0, socket.SOCK_STREAM)[0][4],
        )
    )


def duplicate_a_socket():
    with socket.socket() as one, one.dup() as other:
        inheritable = other.get_inheritable()
    return str(inheritable)


def sendfile():
    with open("/tmp/large", "wb") as file:
        file.write(b"0123456789" * 50000)
    a, b = socket.socketpair()
    got = []

    def read():
        while part := b.recv(65536):
            got.append(part)

    thread = _in_thread(read)
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
    return str(
        (
            sent,
            by_os,
            place,
            len(whole),
            whole[:3],
            whole[-10:],
            copied,
            os.path.getsize("/tmp/copy"),
        )
    )
