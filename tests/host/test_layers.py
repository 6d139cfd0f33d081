"""Who may know whom among the project's folders, held to the table in docs/architecture.md.

A feature is easy to follow while the arrows point one way. This reads everything by which one file
names another (tests/dependencies), so a shortcut across the house fails here and not in a review.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from cpython.build.bundle import numbers
from sospeso.engines import find_node
from sospeso.paths import ROOT
from tests.dependencies import c_code, python_code, rules, scripts, seams
from tests.dependencies.graph import FOLDERS, Dependency, files_with, name_of, source_of

# Imports whose name is computed, so that no reader can say what they are.
COMPUTED = {
    "runtime/clients/python/_pyodide/_main.py": "the module that the option -m names",
    "runtime/python/_sospeso/runner.py": "pyimport(): the user says what is imported",
    "runtime/python/pyodide/__init__.py": "its own submodules, when they are asked for",
    "tests/judge/inside.py": "modules of CPython's `test` package",
}
HOST_FOLDERS = ("sospeso/", "cpython/build/", "benchmarks/", "tests/", "polyfills/jspi/tests/")


@cache
def everything() -> tuple[Dependency, ...]:
    """Every place where a file of the project names another one."""
    return (
        *c_code.dependencies(),
        *(dependency for _, dependency in c_code.symbols()),
        *scripts.dependencies(),
        *python_code.dependencies(python_code.inside()),
        *python_code.dependencies(python_code.host()),
        *seams.dependencies(),
        *(path for file in python_code.host().files for path in python_code.paths_in(file)),
    )


@pytest.mark.parametrize("zone", rules.MAY_KNOW)
def test_a_zone_knows_only_what_it_may(zone: str) -> None:
    own = [one for one in everything() if rules.zone_of(one.source) == zone]
    assert [str(one) for one in rules.violations(own)] == []


def test_every_file_is_in_a_zone() -> None:
    suffixes = (".c", ".h", ".ts", ".mjs", ".js", ".py")
    outside = {name_of(file) for file in files_with(*suffixes) if not rules.zone_of(name_of(file))}
    assert outside == {"cpython/__init__.py"}


@pytest.mark.parametrize("exception", rules.EXCEPTIONS, ids=lambda one: f"{one.source}")
def test_an_exception_is_needed(exception: rules.Allowed) -> None:
    """One that nothing needs any more is a door that stands open."""
    assert any(exception.covers(one) for one in everything())


def test_the_zones_have_no_circle() -> None:
    """But for the tests of the JSPI library, which the tests of jspi/ share machinery with."""
    order: list[str] = []
    left = {zone: known - {zone} for zone, known in rules.MAY_KNOW.items()}
    left["tests"] -= {"polyfills/jspi/tests"}
    while ready := [zone for zone in left if left[zone] <= {*order}]:
        order += ready
        for zone in ready:
            del left[zone]
    assert not left


def test_c_uses_only_what_a_header_of_its_own_declares() -> None:
    """An `extern` in a .c file is an arrow that no #include shows."""
    assert [f"{name}: {dependency}" for name, dependency in c_code.symbols()] == []
    assert c_code.hidden_externs() == []


def test_imports_are_written_out() -> None:
    files = {
        file
        for world in (python_code.inside(), python_code.host())
        for file, _ in python_code.computed(world)
    }
    # Programs that run inside the core import what the test is about.
    assert {file for file in files if "/programs/" not in file} == COMPUTED.keys()


def test_the_readers_see_every_form() -> None:
    """One known reference for each way to name a file."""
    found = {(one.source, one.target, one.how) for one in everything()}
    assert found >= {
        ("polyfills/time/sleep.c", "jspi/jspi.h", "include"),
        ("polyfills/time/sleep.c", "jspi/numbers.toml", "include"),
        ("ffi/abi/abi.ts", "ffi/abi/numbers.toml", "import"),
        ("runtime/load/load.ts", "jspi/tasks.ts", "import"),
        ("ffi/bridge/stats.ts", "ffi/bridge/bridge_types.ts", "type"),
        ("runtime/node/program.ts", "runtime/node/main.py", "import"),
        ("console/repl.py", "polyfills/tty/readline.py", "import"),
        ("asyncio_bridge/webloop.py", "asyncio_bridge/settings.py", "import"),
        ("asyncio_bridge/webloop.py", "jspi/core_methods.c", "symbol"),
        ("ffi/wait/run_sync.c", "ffi/wait/run_sync.py", "import"),
        ("benchmarks/polyfill.py", "cpython/build/driver.py", "import"),
        ("sospeso/cli.py", "cpython/build/__main__.py", "command"),
        ("cpython/build/bundle/javascript.py", "runtime/stubs", "path"),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('import "./a.ts";', ("./a.ts", "import")),
        ('import {\n  one,\n  two,\n} from "./a.ts";', ("./a.ts", "import")),
        ('import type {\n  One,\n} from "./a.ts";', ("./a.ts", "type")),
        ('import { type One, type Two } from "./a.ts";', ("./a.ts", "type")),
        ('import { type One, two } from "./a.ts";', ("./a.ts", "import")),
        ('import type from "./a.ts";', ("./a.ts", "import")),
        ('export * from "./a.ts";', ("./a.ts", "import")),
        ("export { one } from './a.ts';", ("./a.ts", "import")),
        ('export type { One } from "./a.ts";', ("./a.ts", "type")),
        ('const it = await import("./a.mjs");', ("./a.mjs", "import")),
        ('let it: import("./a.ts").One;', ("./a.ts", "type")),
    ],
)
def test_forms_of_import_in_scripts(text: str, expected: tuple[str, str]) -> None:
    assert [found[1:] for found in scripts.read(Path("x.ts"), text)] == [expected]


def test_no_import_of_scripts_is_overlooked(tmp_path: Path) -> None:
    """esbuild's parser finds none that the patterns do not; it leaves out those of types."""
    files = [name_of(file) for file in files_with(*scripts.SUFFIXES)]
    meta = tmp_path / "meta.json"
    numbers.generate()
    subprocess.run(
        [
            *(find_node().path, ROOT / "node_modules/esbuild/bin/esbuild"),
            *(file for file in files if not file.endswith(".d.ts")),
            *("--bundle", "--format=esm", "--packages=external", "--log-level=error"),
            *("--loader:.py=text", "--loader:.css=text"),
            *(f"--external:*/{name}" for name in scripts.BUILT),
            *(f"--outdir={tmp_path / 'out'}", f"--metafile={meta}"),
        ],
        cwd=ROOT,
        check=True,
    )
    parsed = {
        (source, name_of(source_of(ROOT / found["path"])))
        for source, about in json.loads(meta.read_text(encoding="utf-8"))["inputs"].items()
        for found in about["imports"]
        if not found.get("external") and not source.startswith(numbers.GENERATED)
    }
    assert len(parsed) > 200
    assert parsed - {(one.source, one.target) for one in scripts.dependencies()} == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import sospeso.paths", "sospeso.paths import"),
        ("from . import paths", "sospeso.paths import"),
        ("from .paths import ROOT", "sospeso.paths import"),
        ("def f():\n    from sospeso import paths as p", "sospeso.paths import"),
        ("importlib.import_module('sospeso.paths')", "sospeso.paths import"),
        ("if TYPE_CHECKING:\n    from .paths import ROOT", "sospeso.paths type"),
        ("run([python, '-m', 'sospeso'])", "sospeso.__main__ command"),
    ],
)
def test_forms_of_import_in_python(text: str, expected: str) -> None:
    world = python_code.host()
    name, how = expected.split()
    found = [
        (python_code.resolve(world, one), one.how)
        for one in python_code.imports(ast.parse(text), "sospeso.cli", False)
    ]
    assert found == [(world.modules[name], how)]


def test_newer_syntax_is_read_by_an_older_python(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text("type A[T] = list[T]\nclass B[T]:\n    async def f[R](self, r: R) -> R: ...\n")
    assert len(python_code.parse(file).body) == 2


def test_declarations_of_c_are_read(tmp_path: Path) -> None:
    file = tmp_path / "x.c"
    file.write_text(
        "extern int other(void);\nextern char *(*pointer)(int);\n"
        'static const char text[] = "int no(void) {";\n'
        "typedef struct { int field; } name;\n"
        "int *made(void *(*run)(void *), int n)\n{\n    int local = 0;\n    return &local;\n}\n"
        "PyMethodDef table[] = {\n    {NULL},\n};\n/* int comment(void); */\n"
    )
    names = c_code.names(file)
    assert set(names.defined) == {"made", "table"}
    assert set(names.declared) == {"other", "pointer"}


@pytest.mark.parametrize("suffix", [".c", ".h", ".ts", ".py", ".mjs", ".js"])
def test_every_file_opens_by_saying_what_it_is(suffix: str) -> None:
    silent = [
        name_of(file)
        for file in files_with(suffix, below=FOLDERS)
        if (text := file.read_text(encoding="utf-8")).strip()
        and not re.match(r'(#!.*\n)?\s*(/\*|//|#|r?"""|usage)', text)
    ]
    assert not silent
