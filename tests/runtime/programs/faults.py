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
