"""The standard library is there: every module imports, the C modules work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.programs import Programs, programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)
MODULES = Programs(Path(__file__).parent / "programs" / "stdlib_modules.py")

# Modules that cannot import here, and why.
CANNOT = {
    "encodings.mbcs": "another platform",
    "encodings.oem": "another platform",
    "pyodide.matplotlib_backend": "Matplotlib imports it",
}


async def test_every_module_of_the_archive_imports(runtime: Any) -> None:
    found = json.loads(await runtime.value(PROGRAMS.modules_that_fail_to_import))
    assert found.keys() == CANNOT.keys(), found


async def test_modules_have_the_names_that_tracebacks_give(runtime: Any) -> None:
    """`__file__` ended in .pyc and a traceback's file in .py; the codecs were "(frozen)"."""
    zip = "/lib/python313.zip"
    assert json.loads(await runtime.value(PROGRAMS.names_of_modules)) == [
        [f"{zip}/json/decoder.py"] * 3,
        f"{zip}/json/__pycache__/decoder.cpython-313.pyc",
        [f"{zip}/json/__init__.py"] * 3,
        [f"{zip}/encodings/__init__.py"] * 2,
        [f"{zip}/encodings/utf_8.py"] * 2,
        f"<module 'encodings' from '{zip}/encodings/__init__.py'>",
        "OSError",
    ]


async def test_submodules_that_programs_take_for_granted_are_there(runtime: Any) -> None:
    """`import importlib; importlib.util` works in Pyodide, which has imported it before."""
    assert await runtime.value(PROGRAMS.submodules_without_their_import) is True


async def test_libraries_are_found_by_the_path_of_the_loader(runtime: Any) -> None:
    assert (
        await runtime.value(PROGRAMS.libraries_by_path) == "['libfoo.so', None, None, None, None]"
    )


async def test_webbrowser_opens_a_window_of_the_page(runtime: Any) -> None:
    """It knew only browsers that are processes, and found none."""
    assert await runtime.js(SCRIPTS.webbrowser, PROGRAMS.opens_windows) == [
        [True, True, False],
        [["one:1", "_blank"], ["two:2", "_blank"], ["blocked:", "_blank"]],
        False,
    ]


async def test_importing_a_file_leaves_no_bytecode_beside_it(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.files_after_an_import) == "[['m.py'], 5]"


C_MODULES = (
    "_ctypes _sqlite3 _lzma _bz2 _decimal _elementtree select _socket mmap fcntl termios zlib "
    "binascii pyexpat _json _pickle _struct _datetime _zoneinfo _asyncio _queue _heapq _bisect "
    "_random _statistics array math cmath unicodedata _csv _md5 _sha1 _sha2 _sha3 _blake2 "
    "_multibytecodec _codecs_jp _codecs_cn _codecs_kr _codecs_tw _codecs_hk _codecs_iso2022 "
    "_lsprof faulthandler _opcode _contextvars _struct"
)


async def test_c_modules_are_built_in(runtime: Any) -> None:
    assert await runtime.call(PROGRAMS.modules_that_are_missing, C_MODULES.split()) == ""


async def test_a_mapping_outlives_the_file_object_it_was_made_of(runtime: Any) -> None:
    """flush() failed with EBADF, and what was written was lost (patch 0024)."""
    told = await runtime.value(PROGRAMS.map_a_file_that_was_closed)
    assert told == repr(
        ["one.......", "onetwo....", "onetwosix.", "mmap: resizing not available--no mremap()"]
    )


async def test_the_platform_is_no_glibc(runtime: Any) -> None:
    """Emscripten's confstr() says glibc 2.14, which platform.libc_ver() believed."""
    told = await runtime.value(PROGRAMS.ask_for_the_libc)
    assert told == "(('', ''), '/bin:/usr/bin', 'Invalid argument')"


async def test_limits_are_those_of_a_file_that_is_there(runtime: Any) -> None:
    told = await runtime.value(PROGRAMS.ask_for_limits_of_files)
    assert told == "[255, 4096, 'FileNotFoundError', 'OSError']"


async def test_starting_a_process_names_the_cure(runtime: Any) -> None:
    """It said `No module named 'multiprocessing.popen_fork'`, or `_posixshmem`."""
    told = await runtime.value(PROGRAMS.start_processes)
    lines = told.splitlines()
    assert len(lines) == 4, told
    assert all("OSError" in line for line in lines), told
    assert all("use threads" in line for line in lines[:3]), told


EXPECTED = {
    "sqlite3": "(3, 'x,y', 4.0)",
    "compression": True,
    "decimal": "1.414213562373095048801688724",
    "xml": "1",
    "ctypes_function": 4,
    "ctypes_callback": "[1, 2, 3, 4]",
    "ctypes_library": True,
    "codecs": "82a0xn--exmple-cua.coma",
    "files": "f",
    "mmap": "abc",
    "time_zones": True,
    "random_and_secrets": 52,
    "hashlib": "e3b0c442d41d8cd9",
    "help": True,
    "warnings": 1,
    "sys": "emscripten (3, 13, 15) /home/pyodide /bin/python3.13",
    "traceback_into_the_library": True,
}


@pytest.mark.parametrize("program", list(MODULES), ids=lambda program: program.name)
async def test_the_library_works(runtime: Any, program: Any) -> None:
    assert await runtime.value(program) == EXPECTED[program.name]


async def test_a_ctypes_callback_cannot_wait_and_says_so(runtime: Any) -> None:
    """libffi calls through JavaScript: a wait below it would end the runtime."""
    result = await runtime.run_async(PROGRAMS.wait_in_a_ctypes_callback)
    assert 'JavaScript frame "ffi_call" of ctypes is on the stack' in result.value
    assert await runtime.value("import time; time.sleep(0.001); 1") == 1


async def test_import_caches_can_be_emptied_by_two_at_once(runtime: Any) -> None:
    """Two packages that were installed at once did so: KeyError for a folder that is not there."""
    found = json.loads(await runtime.value(PROGRAMS.caches_emptied_while_they_are_emptied))
    assert found == [2, False]
