"""Programs of test_stdlib.py, each of which uses a part of the library; what it gives stands there."""


def sqlite3():
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.execute("create table t(a, b)")
    connection.executemany("insert into t values(?, ?)", [(1, "x"), (2, "y")])
    row = connection.execute("select sum(a), group_concat(b), sqrt(16) from t").fetchone()
    connection.close()
    return str(row)


def compression():
    import bz2
    import gzip
    import lzma
    import zlib

    data = b"abc" * 1000
    return all(m.decompress(m.compress(data)) == data for m in (bz2, gzip, lzma, zlib))


def decimal():
    import decimal

    return str(decimal.Decimal(2).sqrt())


def xml():
    import xml.etree.ElementTree as E

    return E.fromstring('<a><b c="1"/></a>')[0].get("c")


def ctypes_function():
    import ctypes

    return ctypes.CDLL(None).strlen(b"four")


def ctypes_callback():
    import ctypes

    numbers = (ctypes.c_int * 4)(4, 1, 3, 2)
    pointer = ctypes.POINTER(ctypes.c_int)
    compare = ctypes.CFUNCTYPE(ctypes.c_int, pointer, pointer)(lambda x, y: x[0] - y[0])
    ctypes.CDLL(None).qsort(numbers, 4, ctypes.sizeof(ctypes.c_int), compare)
    return str(list(numbers))


def ctypes_library():
    import ctypes

    try:
        ctypes.CDLL("libm.so")
    except OSError as error:
        told = str(error)
    return "cannot open shared object file" in told


def codecs():
    encoded = ["\u3042".encode("shift_jis").hex(), "ex\xe4mple.com".encode("idna").decode()]
    return encoded[0] + encoded[1] + "a".encode("us-ascii").decode()


def files():
    import pathlib
    import shutil
    import tempfile

    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "f").write_text("x")
    name = next(folder.iterdir()).name
    shutil.rmtree(folder)
    return name


def mmap():
    import mmap

    memory = mmap.mmap(-1, 10)
    memory[:3] = b"abc"
    read = memory[:3].decode()
    memory.close()
    return read


def time_zones():
    import time

    return isinstance(time.localtime().tm_hour, int)


def random_and_secrets():
    import random  # noqa: F401
    import secrets
    import uuid

    return len(secrets.token_hex(8)) + len(str(uuid.uuid4()))


def hashlib():
    import hashlib

    return hashlib.sha256(b"").hexdigest()[:8] + hashlib.md5(b"").hexdigest()[:8]


def help():
    import contextlib
    import io

    page = io.StringIO()
    with contextlib.redirect_stdout(page):
        help(len)
    return "number of items" in page.getvalue()


def warnings():
    import warnings

    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        warnings.warn("x", stacklevel=1)
    return len(noted)


def sys():
    import os
    import sys

    return f"{sys.platform} {sys.version_info[:3]} {os.getcwd()} {sys.executable}"


def traceback_into_the_library():
    import json
    import traceback

    try:
        json.loads("{")
    except ValueError:
        told = traceback.format_exc()
    return "/lib/python313.zip/json/decoder.py" in told
