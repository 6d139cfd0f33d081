"""Programs of test_libraries.py."""

import ctypes
import json
import sys
import time


def _told(function, *arguments):
    try:
        return function(*arguments)
    except (OSError, AttributeError, ImportError, RuntimeError) as error:
        return f"{type(error).__name__}: {error}"


def open_a_library_that_needs_another():
    user = ctypes.CDLL("/libs/libuser.so")
    again = ctypes.CDLL("/libs/libuser.so")
    adding = ctypes.CDLL("/libs/libadding.so")
    numbers = [user.count_constructed(), user.is_own(), user.use(41), user.static_data()]
    numbers += [user.has_weak(), user.version(), adding.version(), again._handle == user._handle]
    shared = [ctypes.c_int.in_dll(one, "shared_name").value for one in (user, adding)]
    return json.dumps([*numbers, *shared, _told(getattr, user, "not_there")])


def open_what_is_no_library():
    with open("/tmp/text.so", "w") as file:
        file.write("hello")
    with open("/tmp/empty.wasm.so", "wb") as file:
        file.write(b"\0asm\1\0\0\0")
    paths = ("/tmp/missing.so", "libmissing.so", "/tmp/text.so", "/tmp/empty.wasm.so", "/tmp")
    return json.dumps([_told(ctypes.CDLL, path) for path in paths])


def open_one_whose_need_is_missing():
    opened = _told(ctypes.CDLL, "/alone/libuser.so")
    return json.dumps(opened if isinstance(opened, str) else "opened")


def import_an_extension():
    sys.path.append("/libs")
    import extension

    before = time.monotonic()

    def wait():
        time.sleep(0.02)
        return "waited"

    numbers = [extension.no_parameter(), extension.one_parameter()]
    return json.dumps([*numbers, extension.call(wait), time.monotonic() - before >= 0.02])


def wait_above_a_library():
    import threading

    import extension

    lock = threading.Lock()
    lock.acquire()
    timer = threading.Timer(0.02, lock.release)
    timer.start()
    got = _told(extension.call, lambda: lock.acquire())
    timer.join()
    return json.dumps(got)


def use_cplusplus():
    library = ctypes.CDLL("/libs/libcatching.so")
    library.catch_it.restype = ctypes.c_char_p
    return json.dumps([library.catch_it(3).decode(), library.jump(7)])


def make_threads():
    sys.path.append("/libs")
    import extension

    library = ctypes.CDLL("/libs/libcatching.so")
    return json.dumps(extension.call_address(ctypes.cast(library.threads, ctypes.c_void_p).value))


def look_symbols_up():
    new = ctypes.pythonapi.PyList_New
    new.restype = ctypes.py_object
    names = ("PyUnicode_Join", "PyDict_Copy", "PyObject_GetAIter", "Py_CompileString")
    there = [bool(getattr(ctypes.pythonapi, name)) for name in names]
    none = ctypes.py_object.in_dll(ctypes.pythonapi, "PyExc_ValueError").value
    missing = _told(getattr, ctypes.pythonapi, "Py_NoSuchThing")
    return json.dumps(
        [new(0), *there, none is ValueError, missing, ctypes.CDLL(None).strlen(b"four")]
    )


def call_with_others():
    sys.path.append("/libs")
    import others

    odd = others.Odd()
    before = odd.counted
    odd.counted = 1
    methods = [odd.fast(1, 2), odd.fast_keywords(1, a=2), odd.keywords(1, a=2), odd.varargs(1)]
    methods += [odd.no_arguments(), odd.many(1), others.Odd.of_class(), odd.of_nobody(1)]
    methods += [odd.defining(1)]
    wide = [odd.wide - odd.wide, odd.wide]
    try:
        odd.nothing()
    except SystemError as error:
        said = type(error).__name__
    return json.dumps([before, odd.counted, methods, *wide, said])


def use_scopes():
    weak = ctypes.CDLL("/libs/libweak.so")
    said = [weak.call_hook(), _told(getattr, ctypes.CDLL(None), "hook").partition(": ")[2]]
    strong = ctypes.CDLL("/libs/libstrong.so", ctypes.RTLD_GLOBAL)
    assert strong.hook() == 2
    said.append(ctypes.CDLL("/libs/libweak2.so").call_hook())
    said.append(ctypes.CDLL(None).hook())
    return json.dumps(said)


def use_no_script():
    return json.dumps(ctypes.CDLL("/libs/libscript.so").call_nothing())


def use_scripts():
    library = ctypes.CDLL("/libs/libscript.so")
    return json.dumps([library.call_em_js(5), library.call_em_asm(3, ctypes.c_double(4))])
