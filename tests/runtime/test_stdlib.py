"""The standard library is there: every module imports, the C modules work."""

from __future__ import annotations

import json
from typing import Any

import pytest

# Modules that cannot import here, and why.
CANNOT = {
    "encodings.mbcs": "another platform",
    "encodings.oem": "another platform",
    "ssl": "a release has no OpenSSL",
}


async def test_every_module_of_the_archive_imports(runtime: Any) -> None:
    found = json.loads(
        await runtime.value("""
import importlib, json, sys, zipfile
failed = {}
for name in sorted(zipfile.ZipFile("/lib/python313.zip").namelist()):
    if not name.endswith(".pyc") or name.endswith("__main__.pyc"):
        continue
    module = name[:-4].replace("/", ".").removesuffix(".__init__")
    if module in ("this", "antigravity") or module.startswith("_sysconfigdata"):
        continue
    try:
        importlib.import_module(module)
    except BaseException as error:
        failed[module] = f"{type(error).__name__}: {error}"
json.dumps(failed)""")
    )
    assert found.keys() == CANNOT.keys(), found


MODULES = (
    "_ctypes _sqlite3 _lzma _bz2 _decimal _elementtree select _socket mmap fcntl termios zlib "
    "binascii pyexpat _json _pickle _struct _datetime _zoneinfo _asyncio _queue _heapq _bisect "
    "_random _statistics array math cmath unicodedata _csv _md5 _sha1 _sha2 _sha3 _blake2 "
    "_multibytecodec _codecs_jp _codecs_cn _codecs_kr _codecs_tw _codecs_hk _codecs_iso2022 "
    "_lsprof faulthandler _opcode _contextvars _struct"
)


async def test_c_modules_are_built_in(runtime: Any) -> None:
    missing = await runtime.value(f"""
import importlib
missing = []
for name in {MODULES!r}.split():
    try: importlib.import_module(name)
    except ImportError: missing.append(name)
" ".join(missing)""")
    assert missing == ""


PROGRAMS = {
    "sqlite3": (
        "import sqlite3\nc = sqlite3.connect(':memory:')\n"
        "c.execute('create table t(a, b)'); c.executemany('insert into t values(?, ?)', [(1, 'x'), (2, 'y')])\n"
        "v = str(c.execute('select sum(a), group_concat(b), sqrt(16) from t').fetchone()); c.close(); v",
        "(3, 'x,y', 4.0)",
    ),
    "compression": (
        "import bz2, gzip, lzma, zlib\ndata = b'abc' * 1000\n"
        "all(m.decompress(m.compress(data)) == data for m in (bz2, gzip, lzma, zlib))",
        True,
    ),
    "decimal": ("import decimal\nstr(decimal.Decimal(2).sqrt())", "1.414213562373095048801688724"),
    "xml": (
        "import xml.etree.ElementTree as E\nE.fromstring('<a><b c=\"1\"/></a>')[0].get('c')",
        "1",
    ),
    "ctypes function": ("import ctypes\nctypes.CDLL(None).strlen(b'four')", 4),
    "ctypes callback": (
        "import ctypes\nA = ctypes.c_int * 4; a = A(4, 1, 3, 2)\n"
        "P = ctypes.POINTER(ctypes.c_int)\n"
        "cb = ctypes.CFUNCTYPE(ctypes.c_int, P, P)(lambda x, y: x[0] - y[0])\n"
        "ctypes.CDLL(None).qsort(a, 4, ctypes.sizeof(ctypes.c_int), cb)\nstr(list(a))",
        "[1, 2, 3, 4]",
    ),
    "ctypes library": (
        "import ctypes\ntry: ctypes.CDLL('libm.so')\nexcept OSError as e: v = str(e)\n'links no libraries' in v",
        True,
    ),
    "codecs": (
        "'\\u3042'.encode('shift_jis').hex() + 'ex\\xe4mple.com'.encode('idna').decode() + 'a'.encode('us-ascii').decode()",
        "82a0xn--exmple-cua.coma",
    ),
    "files": (
        "import tempfile, pathlib, shutil\nd = pathlib.Path(tempfile.mkdtemp()); (d / 'f').write_text('x')\n"
        "v = [p.name for p in d.iterdir()][0]; shutil.rmtree(d); v",
        "f",
    ),
    "mmap": ("import mmap\nm = mmap.mmap(-1, 10); m[:3] = b'abc'; v = m[:3].decode(); m.close(); v", "abc"),
    "time zones": ("import time\nisinstance(time.localtime().tm_hour, int)", True),
    "random and secrets": ("import random, secrets, uuid\nlen(secrets.token_hex(8)) + len(str(uuid.uuid4()))", 52),
    "hashlib": ("import hashlib\nhashlib.sha256(b'').hexdigest()[:8] + hashlib.md5(b'').hexdigest()[:8]", "e3b0c442d41d8cd9"),
    "help": ("import io, contextlib\nb = io.StringIO()\nwith contextlib.redirect_stdout(b): help(len)\n'number of items' in b.getvalue()", True),
    "warnings": ("import warnings\nwith warnings.catch_warnings(record=True) as w:\n  warnings.simplefilter('always'); warnings.warn('x')\nlen(w)", 1),
    "sys": ("import sys, os\nf'{sys.platform} {sys.version_info[:3]} {os.getcwd()} {sys.executable}'", "emscripten (3, 13, 15) /home/pyodide /bin/python3.13"),
    "traceback into the library": ("import json, traceback\ntry: json.loads('{')\nexcept ValueError: v = traceback.format_exc()\n'/lib/python313.zip/json/decoder.py' in v", True),
}


async def test_a_mapping_outlives_the_file_object_it_was_made_of(runtime: Any) -> None:
    """flush() failed with EBADF, and what was written was lost (patch 0024)."""
    told = await runtime.value("""
import mmap, os, tempfile
path = os.path.join(tempfile.mkdtemp(), 'f')
def contents():
    with open(path, 'rb') as file: return file.read().decode()
with open(path, 'wb') as file: file.write(b'.' * 10)
with open(path, 'r+b') as file: mapping = mmap.mmap(file.fileno(), 0)
mapping[:3] = b'one'; mapping.flush(); told = [contents()]
mapping[3:6] = b'two'; mapping.close(); told.append(contents())
with open(path, 'r+b') as file: mapping = mmap.mmap(file.fileno(), 0)
mapping[6:9] = b'six'; del mapping; told.append(contents())
try: mmap.mmap(-1, 10).resize(20)
except SystemError as error: told.append(str(error))
repr(told)""")
    assert told == repr(
        ["one.......", "onetwo....", "onetwosix.", "mmap: resizing not available--no mremap()"]
    )


async def test_the_platform_is_no_glibc(runtime: Any) -> None:
    """Emscripten's confstr() says glibc 2.14, which platform.libc_ver() believed."""
    told = await runtime.value("""
import os, platform
try: named = os.confstr('CS_GNU_LIBC_VERSION')
except OSError as error: named = error.strerror
repr((platform.libc_ver(), os.confstr('CS_PATH'), named))""")
    assert told == "(('', ''), '/bin:/usr/bin', 'Invalid argument')"


async def test_limits_are_those_of_a_file_that_is_there(runtime: Any) -> None:
    told = await runtime.value("""
import os
told = [os.pathconf('/', 'PC_NAME_MAX'), os.fpathconf(1, 'PC_PIPE_BUF')]
for call, where in ((os.pathconf, '/no-such-file'), (os.fpathconf, 1000)):
    try: told.append(call(where, 'PC_NAME_MAX'))
    except OSError as error: told.append(type(error).__name__)
repr(told)""")
    assert told == "[255, 4096, 'FileNotFoundError', 'OSError']"


async def test_starting_a_process_names_the_cure(runtime: Any) -> None:
    """It said `No module named 'multiprocessing.popen_fork'`, or `_posixshmem`."""
    told = await runtime.value("""
import concurrent.futures, multiprocessing, multiprocessing.shared_memory
told = []
def start(method):
    multiprocessing.get_context(method).Process(target=print).start()
def submit():
    with concurrent.futures.ProcessPoolExecutor(1) as pool: pool.submit(print).result()
def share():
    multiprocessing.shared_memory.SharedMemory(create=True, size=8)
for call, *args in ((start, 'fork'), (start, 'spawn'), (submit,), (share,)):
    try: call(*args)
    except Exception as error: told.append(f'{type(error).__name__}: {error}')
chr(10).join(told)""")
    lines = told.splitlines()
    assert len(lines) == 4, told
    assert all("OSError" in line for line in lines), told
    assert all("use threads" in line for line in lines[:3]), told


@pytest.mark.parametrize("name", PROGRAMS)
async def test_the_library_works(runtime: Any, name: str) -> None:
    source, expected = PROGRAMS[name]
    assert await runtime.value(source) == expected


async def test_a_ctypes_callback_cannot_wait_and_says_so(runtime: Any) -> None:
    """libffi calls through JavaScript: a wait below it would end the runtime."""
    result = await runtime.run_async("""
import ctypes, threading
seen = []
def compare(x, y):
    lock = threading.Lock(); lock.acquire()
    try: lock.acquire()
    except RuntimeError as error: seen.append(str(error))
    return 0
a = (ctypes.c_int * 2)(2, 1)
cb = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(compare)
ctypes.CDLL(None).qsort(a, 2, 4, cb)
seen[0]""")
    assert 'JavaScript frame "ffi_call" of ctypes is on the stack' in result.value
    assert await runtime.value("import time; time.sleep(0.001); 1") == 1
