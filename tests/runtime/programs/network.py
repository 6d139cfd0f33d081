"""Programs of test_network.py and test_network_relay.py: sockets that reach outside."""

import asyncio
import errno
import select
import signal
import socket
import threading
import time


def _start(target, *arguments):
    thread = threading.Thread(target=target, args=arguments)
    thread.start()
    return thread


def _read_all(connection):
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def _errno_of(call):
    try:
        call()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return "nothing"


def talk_to_an_echo(host, port):
    with socket.create_connection((host, port)) as client:
        client.sendall(b"hello ")
        client.sendall(b"you")
        client.shutdown(socket.SHUT_WR)
        got = _read_all(client)
        peer, own = client.getpeername(), client.getsockname()
        return [got.decode(), peer[1] == port, own[1] not in (0, port), client.family.name]


def send_and_receive_much(host, port, size):
    with socket.create_connection((host, port)) as client:
        sender = _start(
            lambda: (
                client.sendall(bytes(range(256)) * (size // 256)),
                client.shutdown(socket.SHUT_WR),
            )
        )
        got = _read_all(client)
        sender.join()
    return [len(got), got == bytes(range(256)) * (size // 256)]


def read_slowly(host, port):
    """What a peer that never stops has sent by the time that nobody read."""
    with socket.create_connection((host, port)) as client:
        client.settimeout(20)
        client.sendall(b"go")
        time.sleep(0.5)
        return len(client.recv(1000))


def write_to_a_peer_that_does_not_read(host, port):
    with socket.create_connection((host, port)) as client:
        client.setblocking(False)
        sent = 0
        try:
            while sent < 100_000_000:
                sent += client.send(b"x" * 65536)
                if not select.select([], [client], [], 1)[1]:
                    break
        except BlockingIOError:
            pass
        return sent


def refusals(port):
    out = [
        _errno_of(lambda: socket.create_connection(("127.0.0.1", port))),
        _errno_of(lambda: socket.create_connection(("127.0.0.1", port), timeout=5)),
    ]
    with socket.socket() as client:
        client.setblocking(False)
        out.append(_errno_of(lambda: client.connect(("127.0.0.1", port))))
        select.select([], [client], [], 10)
        out.append(errno.errorcode[client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)])
        out.append(_errno_of(client.getpeername))
    with socket.socket() as client:
        out.append(_errno_of(lambda: client.bind(("198.51.100.7", 0))))
    return out


def read_from_one_who_breaks_off(host, port):
    with socket.create_connection((host, port)) as client:
        client.sendall(b"x")
        try:
            return str(_read_all(client))
        except ConnectionResetError as error:
            return type(error).__name__


def read_with_a_timeout(host, port):
    out = []
    with socket.create_connection((host, port)) as client:
        client.settimeout(0.1)
        try:
            client.recv(1)
        except TimeoutError as error:
            out.append(type(error).__name__)
        client.settimeout(None)
        client.sendall(b"x")
        out.append(client.recv(1).decode())
    return out


def interrupted_while_it_waits(host, port):
    signal.signal(signal.SIGALRM, lambda *_: 1 / 0)
    with socket.create_connection((host, port)) as client:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        try:
            client.recv(1)
        except ZeroDivisionError:
            return "interrupted"
        finally:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)


def poll_epoll_and_select(host, port):
    out = []
    with socket.create_connection((host, port)) as client:
        poll, epoll = select.poll(), select.epoll()
        poll.register(client, select.POLLIN)
        epoll.register(client, select.EPOLLIN)
        out.append((poll.poll(0), epoll.poll(0), select.select([client], [], [], 0)[0]))
        client.sendall(b"x")
        out.append(poll.poll(10_000) == [(client.fileno(), select.POLLIN)])
        out.append(epoll.poll(10) == [(client.fileno(), select.EPOLLIN)])
        out.append(select.select([client], [], [], 10)[0] == [client])
        epoll.close()
    return str(out)


async def asyncio_streams(host, port):
    async def talk(number):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"{number}".encode() * 1000)
        await writer.drain()
        writer.write_eof()
        got = await reader.read()
        writer.close()
        await writer.wait_closed()
        return len(got)

    return sum(await asyncio.gather(*(talk(number) for number in range(10))))


def listen_and_tell(host, family, port=0):
    """Serve one client from outside, whose address the page's JavaScript is told."""
    import js

    with socket.create_server((host, port), family=getattr(socket, family)) as server:
        js.listening(server.getsockname()[1])
        connection, peer = server.accept()
        with connection:
            same = connection.getpeername() == peer and peer[1] != server.getsockname()[1]
            data = _read_all(connection)
            connection.sendall(data.upper())
    return same


def a_taken_port(port):
    out = []
    with socket.socket() as one:
        out.append(_errno_of(lambda: one.bind(("127.0.0.1", port))))
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        out.append(one.getsockname()[1] > 0)
        out.append(_errno_of(lambda: other.bind(one.getsockname())))
    return out


def inside_first(port):
    """A server inside takes the port's clients that are inside, whoever has the port outside."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        own = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", own)) as client:
            connection, peer = server.accept()
            with connection:
                out = [peer == client.getsockname()]
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"x")
        out.append(client.recv(1).decode())
    return out


def datagrams(host, port, family):
    out = []
    with socket.socket(getattr(socket, family), socket.SOCK_DGRAM) as one:
        one.settimeout(10)
        one.sendto(b"first", (host, port))
        data, sender = one.recvfrom(100)
        out += [data.decode(), sender[1] == port, one.getsockname()[1] > 0]
    with socket.socket(getattr(socket, family), socket.SOCK_DGRAM) as one:
        one.settimeout(10)
        one.connect((host, port))
        out += [one.getpeername()[1] == port, one.getsockname()[1] > 0]
        one.send(b"second")
        out.append(one.recv(100).decode())
    return out


def datagrams_to_nobody(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(10)
        one.connect(("127.0.0.1", port))
        one.send(b"x")
        return _errno_of(lambda: one.recv(10))


def receive_datagrams(host):
    import js

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(20)
        one.bind((host, 0))
        js.listening(one.getsockname()[1])
        data, sender = one.recvfrom(100)
        one.sendto(data.upper(), sender)
    return data.decode()


async def asyncio_datagrams(host, port):
    loop = asyncio.get_running_loop()
    got = loop.create_future()

    class Client(asyncio.DatagramProtocol):
        def datagram_received(self, data, addr):
            got.set_result([data.decode(), addr[1] == port])

    transport, _ = await loop.create_datagram_endpoint(Client, remote_addr=(host, port))
    transport.sendto(b"x")
    answer = await asyncio.wait_for(got, 10)
    transport.close()
    return answer


def names():
    out = []
    found = socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)
    out.append(("127.0.0.1", 80) in [address for *_, address in found])
    try:
        socket.getaddrinfo("name.invalid", 80)
    except socket.gaierror as error:
        out.append(error.errno in (socket.EAI_NONAME, socket.EAI_AGAIN, socket.EAI_FAIL))
    out.append(socket.gethostbyname("localhost"))
    out.append(socket.gethostbyaddr("127.0.0.1")[0])
    return out


def names_of_the_host(name):
    return [
        socket.gethostbyname(name),
        sorted({address[0] for *_, address in socket.getaddrinfo(name, 80)}),
        socket.gethostbyname_ex(name)[2],
    ]


def urgent_bytes_go_with_the_others(host, port):
    with socket.create_connection((host, port)) as client:
        client.send(b"ab")
        client.send(b"!", socket.MSG_OOB)
        client.shutdown(socket.SHUT_WR)
        return _read_all(client).decode()


def options_are_kept(host, port):
    with socket.create_connection((host, port)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        client.sendall(b"x")
        return [
            client.recv(1).decode(),
            client.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY),
            client.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
        ]


def leave_with_unread_data(host, port):
    with socket.create_connection((host, port)) as client:
        client.sendall(b"go")
        client.recv(1)


def many_at_once(host, port, count):
    clients = [socket.create_connection((host, port)) for _ in range(count)]
    for number, client in enumerate(clients):
        client.sendall(f"{number:05}".encode())
    got = [client.recv(5, socket.MSG_WAITALL) for client in clients]
    for client in clients:
        client.close()
    return got == [f"{number:05}".encode() for number in range(count)]


def what_a_refused_target_says(host, port):
    try:
        socket.create_connection((host, port))
    except OSError as error:
        return [type(error).__name__, str(error.__cause__)]


def what_a_name_says(name):
    try:
        socket.getaddrinfo(name, 80)
    except socket.gaierror as error:
        return str(error)


def connect_while_the_page_lives(host, port, size):
    """How many bytes came; the driver counts how often the page's timer ticked."""
    with socket.create_connection((host, port)) as client:
        client.sendall(b"go")
        client.shutdown(socket.SHUT_WR)
        got = 0
        buffer = bytearray(65536)
        while count := client.recv_into(buffer):
            got += count
    return got == size


def leave_a_server_and_a_connection():
    """What they are is told by the caller's JavaScript; they stay open."""
    global server, thread
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = server.accept()
        connection.sendall(b"x")
        connection.recv(1)

    thread = _start(serve)
    return server.getsockname()[1]
