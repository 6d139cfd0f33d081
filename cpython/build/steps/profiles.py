# The build's flags, as data: profiles, CPython's configure, what is built in.
# It exists so that every number a person may want to try is in one place; each table goes into the
# digests of the steps that use it. Read by libs.py, interpreter.py, objects.py, link.py, plan.py.
"""Profiles and flag tables."""

from __future__ import annotations

from dataclasses import dataclass, replace

CORES = ("jspi", "asyncify")

# Everything that is compiled, in every profile: exceptions and longjmp without a JavaScript frame
# on the stack (a suspending import below one would trap).
COMMON_FLAGS = ("-fwasm-exceptions", "-sSUPPORT_LONGJMP=wasm")


@dataclass(frozen=True)
class Profile:
    """`compile` flags go to every compiler call and to the link; `cores` are built unless asked.

    `like` names the profile whose libraries and scripts it shares.
    """

    name: str
    compile: tuple[str, ...]
    cores: tuple[str, ...]
    asyncify_optimize: tuple[str, ...]  # Binaryen passes after --asyncify
    keep_names: bool  # of the functions, for stack traces
    compressed_sizes: bool  # brotli -11 takes half a minute
    like: str = ""
    configure: tuple[str, ...] = ("--disable-test-modules",)  # besides CONFIGURE
    more_libraries: tuple[str, ...] = ()  # besides CONFIGURE_LIBS
    setup_local: str = ""  # contents of Modules/Setup.local: modules that configure leaves out

    @property
    def flags(self) -> tuple[str, ...]:
        """All flags of a compiler call."""
        return (*self.compile, *COMMON_FLAGS)


RELEASE = Profile(
    "release", ("-O2", "-flto"), CORES, ("-O2",), keep_names=False, compressed_sizes=True
)
PROFILES = {
    "release": RELEASE,
    # What tests/judge runs CPython's tests in: a release with what they test C code by, and with
    # ssl, which is too large for every page to fetch.
    "judge": replace(
        RELEASE,
        name="judge",
        compressed_sizes=False,
        like="release",
        configure=(),
        more_libraries=("openssl",),
        setup_local=(
            "_testmultiphase _testmultiphase.c\n*disabled*\n"
            # Their tests open them as files.
            "_testimportmultiple _testsinglephase _ctypes_test xxlimited xxlimited_35\n"
        ),
    ),
    "dev": Profile("dev", ("-O2",), ("jspi",), ("-O1",), keep_names=True, compressed_sizes=False),
}

# --- CPython ------------------------------------------------------------------------------------

CONFIGURE = (
    "--host=wasm32-unknown-emscripten",
    "--build=x86_64-pc-linux-gnu",
    "--with-emscripten-target=node",
    "--with-pymalloc",
    "--without-mimalloc",  # only free threading needs it
    "--enable-ipv6",
    "--with-ensurepip=no",
    "--prefix=/",
)
# Besides the profile's flags, which make gets as OPT.
CONFIGURE_CFLAGS = (*COMMON_FLAGS, "-DPy_CAN_START_THREADS=1")
# The system libraries that our link takes (link.py), so that no others are built for configure.
CONFIGURE_LDFLAGS = ("-sASSERTIONS=0", "-sDEFAULT_TO_CXX=0", "-sAUTO_NATIVE_LIBRARIES=0")
# configure's variable -> (our library, what links it).
CONFIGURE_LIBS = {
    "ZLIB": ("zlib", "-lz"),
    "BZIP2": ("bzip2", "-lbz2"),
    "LIBLZMA": ("xz", "-llzma"),
    "LIBSQLITE3": ("sqlite", "-lsqlite3"),
    "LIBFFI": ("libffi", "-lffi"),
}
# Built before configure, which compiles with its header and links with it; the others are built
# beside it.
CONFIGURE_EARLY = ("sqlite",)
# What has to be configured then; a library that is not found would be left out without a word.
CONFIGURE_MODULES = ("ZLIB", "_BZ2", "_LZMA", "_SQLITE3", "_CTYPES", "_DECIMAL", "_SOCKET", "MMAP")
# A library of Profile.more_libraries -> (option of configure for its folder, what links it, answers
# that configure cannot find).
CONFIGURE_FOLDERS = {
    "openssl": (
        "--with-openssl",
        ("-lssl", "-lcrypto"),
        {"ac_cv_working_openssl_ssl": "yes", "ac_cv_working_openssl_hashlib": "yes"},
    )
}
OPT = ("-DNDEBUG", "-Wall")

COLD_MODULES = """
    _asynciomodule _bz2module _elementtree _lsprof _lzmamodule _tracemalloc _zoneinfo cmathmodule
    faulthandler fcntlmodule mmapmodule posixmodule pyexpat selectmodule socketmodule symtablemodule
    termios unicodedata zlibmodule
"""
COLD_PARTS = """
    Python-ast Python-tokenize assemble ast ast_opt ast_unparse bootstrap_hash codecs compile
    crossinterp flowgraph fileutils import importdl initconfig instrumentation intrinsics
    legacy_tracing mysnprintf optimizer optimizer_analysis optimizer_symbols pathconfig
    perf_trampoline preconfig pylifecycle pythonrun symtable sysmodule thread tracemalloc traceback
"""
# make's patterns of objects that no loop of a program waits for: compiled for size.
COLD_OBJECTS = (
    "Parser/%.o",
    "Modules/_ctypes/%.o",
    "Modules/_decimal/_decimal.o",
    "Modules/_sqlite/%.o",
    "Modules/cjkcodecs/%.o",
    "Modules/expat/%.o",
    *(f"Modules/{name}.o" for name in COLD_MODULES.split()),
    *(f"Python/{name}.o" for name in COLD_PARTS.split()),
)
COLD_FLAGS = "-Os -fno-lto"  # with LTO the parser's frames grew and deep source ran out of stack

# Headers of ours that every C file of CPython and of ours is compiled with (not configure's tests:
# one of them renames pthread functions). The first is given to -include, the rest is what it reads.
FORCED_INCLUDE = ("jspi/jspi.h", "jspi/pthread_names.h")

# Modules linked into the core as bytecode, before CPython's own frozen ones: what every start
# imports. Name (a package ends in `/`) -> file, in CPython's source if it begins with `Lib/`, else
# ours.
FROZEN = {
    "encodings/": "Lib/encodings/__init__.py",
    "encodings.aliases": "Lib/encodings/aliases.py",
    "encodings.utf_8": "Lib/encodings/utf_8.py",
    "_sospeso/": "runtime/python/_sospeso/__init__.py",
    "_sospeso.runner": "runtime/python/_sospeso/runner.py",
    "_sospeso.errors": "ffi/bridge/errors.py",
    "_sospeso.relaxed": "ffi/py_in_js/relaxed.py",
    "_sospeso.imports": "runtime/python/_sospeso/imports.py",
    "_sospeso.js_modules": "ffi/js_in_py/js_modules.py",
    "js": "ffi/js_in_py/js_module.py",
    "pyodide_js": "ffi/js_in_py/js_module.py",
    "_sospeso.run_sync": "ffi/wait/run_sync.py",
    "_sospeso.futures": "asyncio_bridge/futures.py",
    "_sospeso.loop_settings": "asyncio_bridge/settings.py",
    "_sospeso.webloop": "asyncio_bridge/webloop.py",
    "_sospeso.http": "polyfills/http/http_fetch.py",
}

# Folders of CPython's archive that the build does not read.
SOURCE_LEAVE_OUT = ("Doc", "Mac", "iOS", "Android")

MAKE_TARGETS = (
    "libpython{python}.a",
    "Modules/_hacl/libHacl_Hash_SHA2.a",
    "Modules/expat/libexpat.a",
    "Modules/_decimal/libmpdec/libmpdec.a",
    "pybuilddir.txt",
)

# --- our own C ----------------------------------------------------------------------------------

C_FOLDERS = ("cpython", "jspi", "ffi", "polyfills", "asyncio_bridge", "runtime")
C_FLAGS = ("-Wall", "-Wextra", "-Werror")
C_DEFINES = ("-DNDEBUG", "-DPy_BUILD_CORE")
# Relative to CPython's source.
C_INCLUDES = ("Include", "Include/internal", "Include/internal/mimalloc")
