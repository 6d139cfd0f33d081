# The standard library as archives: python_stdlib.zip (bytecode only) and python_test.zip (CPython's
# `test` package, fetched only when asked for). The tables below say what is in them. Called by
# plan.py. The work is done by zip_stdlib.py, run by the build machine's Python of the same minor
# version, because bytecode belongs to a version.
"""Steps that make the archives."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from ..engine.digest import tree_files
from ..engine.step import Context, Step
from .profiles import Profile

# Where the runtime puts the archive: what a traceback shows as a module's file.
STDLIB_LOCATION = "/lib/python{tag}.zip"

# Modules of Lib/ that the interpreter carries frozen; packages that it does have theirs below.
FROZEN_MODULES = (
    "_collections_abc.py",
    "_sitebuiltins.py",
    "abc.py",
    "codecs.py",
    "genericpath.py",
    "io.py",
    "ntpath.py",
    "os.py",
    "posixpath.py",
    "runpy.py",
    "site.py",
    "stat.py",
    "zipimport.py",
)

# Names of Lib/, top-level or whole paths, that are left out: they need processes, a display, or a
# compiler, or are CPython's own tests; the last ones are never read, as the interpreter carries
# them frozen (Python/frozen.c, and FROZEN in profiles.py).
EXCLUDE = (
    "test",
    "idlelib",
    "tkinter",
    "turtledemo",
    "turtle.py",
    "_aix_support.py",
    "_android_support.py",
    "_apple_support.py",
    "_ios_support.py",
    "_osx_support.py",
    "_pydatetime.py",  # behind the C modules of the same purpose: never imported
    "_pydecimal.py",
    "_pyio.py",
    "curses",
    "dbm",
    "pydoc_data",  # the texts of help("topic"): a tenth of the archive
    "ensurepip",
    "venv",
    "__phello__",
    "lib2to3",
    "_pyrepl/windows_console.py",
    "_pyrepl/windows_eventqueue.py",
    "asyncio/windows_events.py",
    "asyncio/windows_utils.py",
    "multiprocessing/popen_forkserver.py",
    "multiprocessing/popen_spawn_win32.py",
    "__hello__.py",
    "encodings/__init__.py",
    "encodings/aliases.py",
    "encodings/utf_8.py",
    "importlib/_bootstrap.py",
    "importlib/_bootstrap_external.py",
    "importlib/machinery.py",
    "importlib/util.py",
    *FROZEN_MODULES,
)
EXCLUDE_SUFFIXES = (".exe", ".bat", ".ps1", ".csh", ".fish", ".rst", ".txt~")

# Packages of ours that lie in the archive as they lie in these folders. The second has modules that
# only clients of Pyodide know.
PACKAGES = ("runtime/python", "runtime/clients/python")
# Those of them that the interpreter carries frozen (FROZEN in profiles.py).
FROZEN_PACKAGES = ("_sospeso",)
# The rest of our Python, by project path -> its place in the archive. A file that stands where
# CPython has one replaces it.
OVERLAY = {
    "ffi/js_in_py/jsbind.py": "_pyodide/jsbind.py",
    "polyfills/processes/multiprocessing.py": "_multiprocessing.py",
    "polyfills/processes/shared_memory.py": "_posixshmem.py",
    "polyfills/processes/popen.py": "multiprocessing/popen_fork.py",
    "polyfills/ssl/_ssl.py": "_ssl.py",
    "polyfills/ssl/ssl_later.py": "asyncio/ssl_later.py",
    "polyfills/tty/readline.py": "readline.py",
    "polyfills/tty/terminfo.py": "_pyrepl/_minimal_curses.py",
    "console/repl.py": "pyodide/_repl.py",
}

# Variables of sysconfig by which micropip knows which wheels with compiled code fit.
ABI_VARIABLES = ("PYODIDE_ABI_VERSION", "PYEMSCRIPTEN_PLATFORM_VERSION")

# What python_test.zip has: the tests, and the modules left out above that tests compare with.
TEST_INCLUDE = (
    "test",
    "_pydatetime.py",
    "_pydecimal.py",
    "_pyio.py",
    "__hello__.py",
    "__phello__",
    "_aix_support.py",
    "_osx_support.py",
    "_android_support.py",
    "_apple_support.py",
    "dbm",
    "pydoc_data",
    "ensurepip",
    "venv",
    # Imported anew, and not as they are frozen, by tests of both kinds.
    "importlib",
    *FROZEN_MODULES,
)
# Put right before they are archived; the source that is compiled has no need of them.
TEST_PATCHES = "patches/tests"

# Options of the Python that compiles. No column numbers: they only draw carets below a source
# line, which a module without its source does not show, and are a fifth of the archive.
# Stored, not deflated: what carries it to the browser compresses the whole better than its parts
# (brotli 2.1 against 3.4 MB), and an import then inflates nothing.
COMPILE_OPTIONS = ("-I", "-X", "no_debug_ranges")

WORKER = Path(__file__).with_name("zip_stdlib.py")


def overlay_files(project: Path) -> dict[str, Path]:
    """Archive name -> file."""
    found = {place: project / origin for origin, place in OVERLAY.items()}
    for folder in PACKAGES:
        for file in tree_files(project / folder):
            place = file.relative_to(project / folder)
            if file.suffix == ".py" and place.parts[0] not in FROZEN_PACKAGES:
                found[str(place)] = file
    return found


def stdlib_step(
    project: Path, profile: Profile, python: str, toolchain: Step, source: Step, made: Step
) -> Step:
    """Output: python_stdlib.zip."""
    overlay = overlay_files(project)
    location = STDLIB_LOCATION.format(tag=python.replace(".", ""))
    abi = json.loads((project / "package.json").read_text(encoding="utf-8"))["pyodide"]["abi"]

    def run(context: Context) -> None:
        [data] = context.output(made).glob("_sysconfigdata*.py")
        sysconfig = context.tmp / data.name
        more = "".join(f"build_time_vars[{name!r}] = {abi!r}\n" for name in ABI_VARIABLES)
        sysconfig.write_text(data.read_text(encoding="utf-8") + more, encoding="utf-8")
        job = {
            "archive": str(context.out / "python_stdlib.zip"),
            "roots": [str(context.output(source) / "Lib")],
            "exclude": EXCLUDE,
            "exclude_suffixes": EXCLUDE_SUFFIXES,
            "extra": {sysconfig.name: str(sysconfig)}
            | {name: str(file) for name, file in overlay.items()},
            "location": location,
            "bytecode": True,
            "deflate": False,
            "jobs": context.jobs,
        }
        _zip(context, job)

    return Step(
        "stdlib",
        run,
        needs=(toolchain, source, made),
        files=(WORKER, *overlay.values()),
        variant=profile.name,
        recipe={
            "exclude": EXCLUDE,
            "suffixes": EXCLUDE_SUFFIXES,
            "location": location,
            "overlay": sorted(overlay),
            "options": COMPILE_OPTIONS,
            "abi": abi,
        },
    )


def tests_step(project: Path, toolchain: Step, source: Step) -> Step:
    """Output: python_test.zip, sources and data as they are but for cpython/patches/tests."""
    patches = tuple(sorted((project / "cpython" / TEST_PATCHES).glob("*.patch")))

    def run(context: Context) -> None:
        lib = context.output(source) / "Lib"
        patched = context.tmp / "patched"
        shutil.copytree(lib / "test" / "support", patched / "Lib" / "test" / "support")
        for patch in patches:
            command = ["patch", "-p1", "--forward", "--no-backup-if-mismatch", "--fuzz=0", "-i"]
            context.run([*command, patch], cwd=patched)
        files = (file for file in (patched / "Lib").rglob("*") if file.is_file())
        job = {
            "archive": str(context.out / "python_test.zip"),
            "roots": [str(lib)],
            "only": TEST_INCLUDE,
            "exclude": (),
            "exclude_suffixes": EXCLUDE_SUFFIXES[:1],
            "extra": {str(file.relative_to(patched / "Lib")): str(file) for file in files},
            "location": "",
            "bytecode": False,
            "deflate": True,
            "jobs": context.jobs,
        }
        _zip(context, job)

    return Step(
        "stdlib-tests",
        run,
        needs=(toolchain, source),
        files=(WORKER, *patches),
        recipe={"only": TEST_INCLUDE},
    )


def _zip(context: Context, job: dict[str, object]) -> None:
    description = context.tmp / "job.json"
    description.write_text(json.dumps(job), encoding="utf-8")
    context.run([context.toolchain.python, *COMPILE_OPTIONS, WORKER, description])
