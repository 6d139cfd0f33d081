"""What a wait costs on our JSPI polyfill, beside asyncify-wasm, Emscripten's -sASYNCIFY, and JSPI.

Why: the polyfill is a library of its own, so it is measured on its own, on one small wasm made from
polyfill.c by the build's Emscripten. The loops are in polyfill_probe.mjs; here is what they should
come to. Called by __main__.py (`--only polyfill`); in Node only.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.table import Table

from cpython.build import driver
from cpython.build.bundle import javascript as js
from cpython.build.inputs.toolchain import Toolchain
from sospeso.engines import Node
from sospeso.npm import fetch
from sospeso.paths import UserError, cache_dir

from .peer import read_pins
from .report import Samples, number

HERE = Path(__file__).parent
PROBE = HERE / "polyfill_probe.mjs"
CONTENDERS = ("polyfill", "asyncify-wasm", "emscripten", "engine")
ENGINE = "node"
LONGEST = 280.0

# For both contenders that rewind: the same optimiser at the same level, before and after.
COMPILE = ("-O2", "-Wall", "-Wextra", "-sDEFAULT_TO_CXX=0", "-sSTACK_SIZE=64KB")
NO_GLUE = ("--no-entry", "-sSTANDALONE_WASM", "-sINITIAL_MEMORY=16MB")
GLUE = (
    *("-DGLUE", "--no-entry", "-sASYNCIFY", "-sASYNCIFY_IMPORTS=host_wait,host_value"),
    *("-sMODULARIZE", "-sEXPORT_ES6", "-sENVIRONMENT=node", "-sINITIAL_MEMORY=16MB"),
    "-sEXPORTED_RUNTIME_METHODS=ccall",
)
ASYNCIFY = (
    *("--asyncify", "--pass-arg=asyncify-imports@host.wait,host.value", "-O2"),
    *("--enable-bulk-memory", "--enable-bulk-memory-opt", "--enable-sign-ext"),
    *("--enable-mutable-globals", "--enable-nontrapping-float-to-int", "--enable-multivalue"),
    *("--enable-reference-types", "--enable-call-indirect-overlong"),
)


@dataclass(frozen=True)
class Row:
    """A loop: its name in the probe, what it is, operations in one turn of it.

    Attributes:
        variant: measured with `plainValuesGoOn` and `unguarded`, in a process of its own.
    """

    name: str
    title: str
    divisor: int = 1
    variant: bool = False


ROWS = (
    Row("wait.shallow", "suspend and resume, a shallow stack"),
    Row("wait.deep", "suspend and resume, 40 calls deep"),
    Row("call.wait", "a call with one wait in it"),
    Row("call.nothing", "a call that may wait and does not"),
    Row("many", "1,000 calls at once, each", 1000),
    Row("export", "a plain export"),
    Row("import.plain", "a plain import"),
    Row("import.plain", "a plain import, `unguarded`", variant=True),
    Row("import.value", "an import that may wait, returns a value"),
    Row("import.value", "the same, `plainValuesGoOn`", variant=True),
)


def measure_of(row: Row) -> str:
    """The key of a row's samples."""
    return f"polyfill.{row.name}{'.variant' if row.variant else ''}"


def build(toolchain: Toolchain, folder: Path) -> None:
    """Make bench.wasm, bench.asyncify.wasm, glue.mjs and jspi-polyfill.mjs in `folder`.

    Raises:
        UserError: a tool failed.
    """
    for name in ("polyfill.c", "polyfill_library.js"):
        shutil.copy(HERE / name, folder)
    commands = (
        ["emcc", "polyfill.c", *COMPILE, *NO_GLUE, "-o", "bench.wasm"],
        ["wasm-opt", "bench.wasm", *ASYNCIFY, "-o", "bench.asyncify.wasm"],
        [
            "emcc",
            "polyfill.c",
            *COMPILE,
            *GLUE,
            "--js-library",
            "polyfill_library.js",
            "-o",
            "glue.mjs",
        ],
    )
    toolchain.tmp.mkdir(parents=True, exist_ok=True)
    for command in commands:
        done = subprocess.run(
            toolchain.command(command, folder, {}),
            cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise UserError(f"`{' '.join(command)}` failed:\n{done.stderr[-2000:]}")
    js.bundle_one("jspi-polyfill.mjs", folder, "release")


def install_peer() -> Path:
    """The folder of npm's asyncify-wasm, fetched into the cache when it is not there yet.

    Raises:
        UserError: npm cannot get it, or its hash is wrong.
    """
    (pin,) = read_pins(table="asyncify")
    target = cache_dir() / "peers" / f"{pin.name}-{pin.version}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        fetch(pin, target)
    return target


def run_probe(node: Node, request: Mapping[str, object]) -> dict[str, dict[str, list[float]]]:
    """Microseconds by contender and loop, from a fresh process.

    Raises:
        UserError: it failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "request.json")
        path.write_text(json.dumps(request))
        command = node.command("--expose-gc", str(PROBE), str(path))
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST
        )
    for line in done.stdout.splitlines():
        if line.startswith("@answer "):
            samples: dict[str, dict[str, list[float]]]
            samples = json.loads(line.removeprefix("@answer "))["samples"]
            return samples
    raise UserError(f"the polyfill's benchmark failed in Node:\n{done.stderr.strip()[-2000:]}")


def add_samples(
    samples: Samples, taken: Mapping[str, Mapping[str, Sequence[float]]], variant: bool
) -> None:
    """The probe's answer as nanoseconds an operation, paired turn by turn."""
    for row in ROWS:
        if row.variant != variant:
            continue
        measure = measure_of(row)
        samples.pair(measure)
        for contender in CONTENDERS:
            times = taken.get(contender, {}).get(row.name)
            if times is not None:
                values = [time * 1000 / row.divisor for time in times]
                samples.add(measure, ENGINE, contender, values)


def polyfill(node: Node, quick: bool, samples: Samples, say: Callable[[str], None]) -> None:
    """Build, and measure in several processes, contenders batch by batch in turns.

    Raises:
        UserError: there is no Emscripten, or something failed.
    """
    root = cache_dir() / "benchmarks"
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root) as name:
        folder = Path(name)
        toolchain = driver.toolchain_at_hand(folder)
        if toolchain is None:
            raise UserError("no Emscripten in the cache to build with. Run: make build")
        say("building the module that waits")
        build(toolchain, folder)
        peer = install_peer()
        repeats = 1 if quick else 3
        for at in range(repeats):
            for variant in (False, True):
                what = "polyfill, options" if variant else "polyfill"
                say(f"node: {what} {at + 1}/{repeats}")
                names = [row.name for row in ROWS if row.variant == variant]
                request = {
                    "folder": str(folder),
                    "peer": str(peer),
                    "contenders": CONTENDERS,
                    "variant": variant,
                    "only": names,
                    "rounds": 15,
                    "warm_ms": 250,
                    "batch_ms": 12,
                }
                add_samples(samples, run_probe(node, request), variant)


def make_polyfill_table(samples: Samples) -> Table:
    """One line a loop: our time, its spread, and our time as a part of each other's.

    The least time stands beside each median: on a machine that others use it says more.
    """
    title = "the JSPI polyfill, nanoseconds: median (least)"
    table = Table(title=title, title_justify="left")
    table.add_column("operation")
    for heading in ("polyfill", "min - max"):
        table.add_column(heading, justify="right", no_wrap=True)
    for contender in CONTENDERS[1:]:
        table.add_column(contender, justify="right", no_wrap=True)
        table.add_column("ratio", justify="right", no_wrap=True)
    for row in ROWS:
        own = samples.get(measure_of(row), ENGINE, CONTENDERS[0])
        if not own:
            continue
        cells = [row.title, number(median(own)), f"{number(min(own))} - {number(max(own))}"]
        for contender in CONTENDERS[1:]:
            other = samples.get(measure_of(row), ENGINE, contender)
            if other:
                ratio = median(a / b for a, b in zip(own, other, strict=True))
                cells += [f"{number(median(other))} ({number(min(other))})", f"{ratio:.2f}x"]
            else:
                cells += ["cannot", ""]
        table.add_row(*cells)
    return table
