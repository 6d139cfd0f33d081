"""Programs of test_stdlib.py."""

import concurrent.futures
import ctypes
import importlib
import json
import mmap
import multiprocessing
import multiprocessing.shared_memory
import os
import platform
import tempfile
import threading
import zipfile


def modules_that_fail_to_import():
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
    return json.dumps(failed)


def names_of_modules():
    import encodings.utf_8
    import inspect
    import json.decoder

    def names(module, function):
        return [module.__file__, module.__spec__.origin, function.__code__.co_filename]

    decoder = json.decoder
    try:
        source = inspect.getsource(decoder)
    except OSError as error:
        source = type(error).__name__
    return json.dumps(
        [
            names(decoder, decoder.JSONDecoder.decode),
            decoder.__cached__,
            names(json, json.dumps),
            names(encodings, encodings.search_function)[:2],  # these two are linked into the core
            names(encodings.utf_8, encodings.utf_8.decode)[:2],
            repr(encodings),
            source,
        ]
    )


def submodules_without_their_import():
    names = {}
    exec("import importlib, concurrent, pyodide", names)
    return all(
        eval(name, names)
        for name in (
            "importlib.util.find_spec",
            "importlib.machinery.ModuleSpec",
            "importlib.abc.Loader",
            "importlib.resources.files",
            "concurrent.futures.Future",
            "pyodide.webloop.WebLoop",
        )
    )


def opens_windows():
    import webbrowser

    opened = [webbrowser.open("one:1"), webbrowser.open_new_tab("two:2")]
    return [*opened, webbrowser.open("blocked:")]


def libraries_by_path():
    from ctypes.util import find_library

    folder = tempfile.mkdtemp()
    for name, start in (("libfoo.so", b"\0asm\1\0\0\0"), ("libbad.so", b"\x7fELF")):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(start)
    before = os.environ["LD_LIBRARY_PATH"]
    os.environ["LD_LIBRARY_PATH"] = f"/nowhere:{folder}"
    try:
        found = [find_library(name) for name in ("foo", "bad", "nothing", "")]
        del os.environ["LD_LIBRARY_PATH"]
        found.append(find_library("foo"))
    finally:
        os.environ["LD_LIBRARY_PATH"] = before
    return repr([path and os.path.relpath(path, folder) for path in found])


def files_after_an_import():
    import sys

    folder = tempfile.mkdtemp()
    with open(os.path.join(folder, "m.py"), "w") as file:
        file.write("v = 5")
    sys.path.append(folder)
    try:
        module = importlib.import_module("m")
    finally:
        sys.path.remove(folder)
        sys.modules.pop("m", None)
    return repr([os.listdir(folder), module.v])


def modules_that_are_missing(names):
    missing = []
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    return " ".join(missing)


def map_a_file_that_was_closed():
    path = os.path.join(tempfile.mkdtemp(), "f")

    def contents():
        with open(path, "rb") as file:
            return file.read().decode()

    with open(path, "wb") as file:
        file.write(b"." * 10)
    with open(path, "r+b") as file:
        mapping = mmap.mmap(file.fileno(), 0)
    mapping[:3] = b"one"
    mapping.flush()
    told = [contents()]
    mapping[3:6] = b"two"
    mapping.close()
    told.append(contents())
    with open(path, "r+b") as file:
        mapping = mmap.mmap(file.fileno(), 0)
    mapping[6:9] = b"six"
    del mapping
    told.append(contents())
    try:
        mmap.mmap(-1, 10).resize(20)
    except SystemError as error:
        told.append(str(error))
    return repr(told)


def ask_for_the_libc():
    try:
        named = os.confstr("CS_GNU_LIBC_VERSION")
    except OSError as error:
        named = error.strerror
    return repr((platform.libc_ver(), os.confstr("CS_PATH"), named))


def ask_for_limits_of_files():
    told = [os.pathconf("/", "PC_NAME_MAX"), os.fpathconf(1, "PC_PIPE_BUF")]
    for call, where in ((os.pathconf, "/no-such-file"), (os.fpathconf, 1000)):
        try:
            told.append(call(where, "PC_NAME_MAX"))
        except OSError as error:
            told.append(type(error).__name__)
    return repr(told)


def start_processes():
    told = []

    def start(method):
        multiprocessing.get_context(method).Process(target=print).start()

    def submit():
        with concurrent.futures.ProcessPoolExecutor(1) as pool:
            pool.submit(print).result()

    def share():
        multiprocessing.shared_memory.SharedMemory(create=True, size=8)

    for call, *args in ((start, "fork"), (start, "spawn"), (submit,), (share,)):
        try:
            call(*args)
        except Exception as error:
            told.append(f"{type(error).__name__}: {error}")
    return "\n".join(told)


def wait_in_a_ctypes_callback():
    seen = []

    def compare(x, y):
        lock = threading.Lock()
        lock.acquire()
        try:
            lock.acquire()
        except RuntimeError as error:
            seen.append(str(error))
        return 0

    numbers = (ctypes.c_int * 2)(2, 1)
    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(compare)
    ctypes.CDLL(None).qsort(numbers, 2, 4, callback)
    return seen[0]


def caches_emptied_while_they_are_emptied():
    import sys

    class Finder:
        """Its caches are emptied: meanwhile somebody else empties all."""

        asked = 0

        def invalidate_caches(self):
            self.asked += 1
            if self.asked == 1:
                importlib.invalidate_caches()

    finder = Finder()
    cache = sys.path_importer_cache
    cache["/first"], cache["/not-there"] = finder, None
    importlib.invalidate_caches()
    del cache["/first"]
    return json.dumps([finder.asked, "/not-there" in cache])
