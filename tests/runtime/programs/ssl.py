"""Programs of test_ssl.py."""

import importlib.util
import json
import socket
import sys


def _tell(call):
    try:
        return call()
    except Exception as error:
        return f"{type(error).__name__} {error}"


def configure():
    import ssl

    context = ssl.create_default_context()
    about = [
        int(context.protocol),
        context.check_hostname,
        int(context.verify_mode),
        int(context.options),
        int(context.verify_flags),
    ]
    with open("/tmp/no.pem", "w") as file:
        file.write("nothing")
    with open("/tmp/one.pem", "w") as file:
        file.write(ssl.DER_cert_to_PEM_cert(b"\x30\x03abc"))
    told = [
        about,
        _tell(lambda: setattr(context, "verify_mode", ssl.CERT_NONE)),
        _tell(lambda: ssl.SSLContext(99)),
        _tell(context.load_verify_locations),
        _tell(lambda: context.load_verify_locations("/nonesuch")),
        _tell(lambda: context.load_verify_locations("/tmp/no.pem")),
    ]
    context.load_verify_locations("/tmp/one.pem")
    told.append(context.cert_store_stats())
    try:
        context.set_ciphers("")
    except ssl.SSLError as error:
        told.append(str(error))
    told.append([ssl.RAND_bytes(8) != ssl.RAND_bytes(8), ssl.OPENSSL_VERSION_INFO >= (1, 1, 1)])
    return json.dumps(told)


def shake_hands():
    import ssl

    context = ssl.create_default_context()
    told = [_tell(lambda: context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="a"))]
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        told.append(_tell(lambda: context.wrap_socket(client, server_hostname="a")))
    return json.dumps(told)


def use_a_memory_bio():
    import ssl

    bio = ssl.MemoryBIO()
    bio.write(b"abc")
    told = [bio.read(2).decode(), bio.read().decode(), bio.pending, bio.eof]
    bio.write_eof()
    told += [bio.eof]
    try:
        bio.write(b"x")
    except ssl.SSLError as error:
        told.append(str(error))
    return json.dumps([*told, _tell(lambda: bio.write("x"))])


def look_after_importing_asyncio():
    kept = sys.modules.pop("ssl", None)
    again = importlib.util.module_from_spec(importlib.util.find_spec("asyncio.sslproto"))
    again.__spec__.loader.exec_module(again)
    before = "ssl" in sys.modules
    named = again.ssl.SSLWantReadError.__name__ == "SSLWantReadError"
    if kept is not None:
        sys.modules["ssl"] = kept
    return repr([before, named])
