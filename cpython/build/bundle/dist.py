# The last steps: JavaScript, build-info.json, and dist/ put together.
# dist/ is only ever written here; a file is replaced only when its bytes change, and files of an
# earlier build that are no longer made are removed (a core of another link would not fit the glue).
# Called by plan.py (js step) and by driver.py (assembly after the steps).
"""Assembly of `dist/`."""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ..engine.digest import file_sha256, tree_files
from ..engine.step import MARKER, Build, Context, Step
from ..inputs.pins import Pins
from ..inputs.sources import taken
from ..inputs.toolchain import VERSIONS, Spec
from ..steps.profiles import CONFIGURE, Profile
from . import javascript

INFO = "build-info.json"
# Nobody downloads these to run a program, and wheels are compressed already.
SIZES_LEAVE_OUT = ("types/", "stubs/", "python_test.zip")
SIZES_LEAVE_OUT_SUFFIX = ".whl"

# Inputs of the JavaScript bundles, relative to the project.
JS_FOLDERS = ("jspi", "ffi", "polyfills", "asyncio_bridge", "runtime", "console")
# Some Python is bundled as text, the stubs go along, and numbers.toml becomes TypeScript.
JS_SUFFIXES = (".ts", ".mts", ".js", ".mjs", ".py", ".pyi", ".typed", ".css", ".html", ".toml")
JS_FILES = ("package.json", "package-lock.json", "tsconfig.json")


def js_inputs(project: Path) -> tuple[Path, ...]:
    """Everything the bundles are made from."""
    found = [project / name for name in JS_FILES if (project / name).exists()]
    for folder in JS_FOLDERS:
        if (project / folder).is_dir():
            found += [f for f in tree_files(project / folder) if f.suffix in JS_SUFFIXES]
    return tuple(found)


def js_step(project: Path, profile: Profile) -> Step:
    """Output: the bundles and their .d.ts files, as javascript.py writes them."""

    def run(context: Context) -> None:
        javascript.bundle(context.out, profile.name)
        javascript.emit_types(context.out)

    return Step(
        "js",
        run,
        files=js_inputs(project),
        variant=profile.name,
        recipe={"profile": profile.name},
        seconds=3,
    )


def collect(build: Build, steps: Sequence[Step]) -> dict[str, Path]:
    """Name in dist/ -> file, over the outputs of the steps that ship something."""
    found: dict[str, Path] = {}
    for step in steps:
        root = build.path(step)
        for file in tree_files(root):
            if file.name != MARKER:
                found[str(file.relative_to(root))] = file
    return found


def sizes(cache: Path, file: Path, sha256: str) -> dict[str, int]:
    """`raw` bytes, `gzip` (level 9) and `brotli` (quality 11); remembered by content."""
    kept = cache / "sizes" / sha256
    if kept.exists():
        known: dict[str, int] = json.loads(kept.read_text(encoding="utf-8"))
        return known
    import brotli  # late: half a minute of work that most builds do not do

    data = file.read_bytes()
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    gzip = len(packer.compress(data)) + len(packer.flush())
    found = {
        "raw": len(data),
        "gzip": gzip,
        "brotli": len(brotli.compress(data, quality=11, lgwin=24)),
    }
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def info_step(
    pins: Pins,
    profile: Profile,
    spec: Spec,
    flags: Mapping[str, Any],
    toolchain: Step,
    sources: Mapping[str, Step],
    shipped: Sequence[Step],
    inputs: Sequence[Step],
) -> Step:
    """Output: build-info.json. It holds no date: the same inputs give the same bytes.

    `sources` are the source steps by the names of their pins.
    """

    def run(context: Context) -> None:
        build = context.build

        def measure(item: tuple[str, Path]) -> tuple[str, dict[str, Any]]:
            name, file = item
            digest = file_sha256(file)
            measured = {"raw": file.stat().st_size}
            left_out = name.startswith(SIZES_LEAVE_OUT) or name.endswith(SIZES_LEAVE_OUT_SUFFIX)
            if profile.compressed_sizes and not left_out:
                measured = sizes(context.cache, file, digest)
            return name, {"sha256": digest, **measured}

        if profile.compressed_sizes:
            context.note("compressing, to record the sizes")
        with ThreadPoolExecutor(context.jobs) as pool:
            files = dict(pool.map(measure, sorted(collect(build, shipped).items())))
        used = {
            name: taken(context.output(step), pins.sources[name]) for name, step in sources.items()
        }
        tools = json.loads((context.output(toolchain) / VERSIONS).read_text(encoding="utf-8"))
        info = {
            "profile": profile.name,
            "cores": list(profile.cores),
            "versions": {
                "cpython": used["cpython"].version,
                "emscripten": tools["emscripten"],
                **{name: source.version for name, source in used.items() if name != "cpython"},
            },
            "toolchain": {
                "kind": "emsdk" if spec.emsdk else f"debian {spec.suite}",
                "packages": tools["packages"],
            },
            "flags": flags,
            "inputs": {
                "sources": {source.file: source.sha256 for source in used.values()},
                "steps": {step.name: build.digest(step) for step in inputs},
            },
            "files": files,
        }
        (context.out / INFO).write_text(json.dumps(info, indent=2) + "\n", encoding="utf-8")

    return Step(
        "build-info",
        run,
        needs=(toolchain, *sources.values(), *shipped),
        variant=profile.name,
        recipe={
            "flags": flags,
            "configure": [*CONFIGURE, *profile.configure],
            "cores": profile.cores,
            "compressed": profile.compressed_sizes,
        },
        seconds=45 if profile.compressed_sizes else 1,
    )


def assemble(files: Mapping[str, Path], dist: Path) -> list[str]:
    """Makes `dist` hold exactly `files`; returns the names that were written or removed."""
    changed: list[str] = []
    dist.mkdir(parents=True, exist_ok=True)
    previous: set[str] = set()
    try:
        previous = set(json.loads((dist / INFO).read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError):
        previous = {path.name for path in dist.glob("core.*")}
    for name in sorted(previous - set(files)):
        (dist / name).unlink(missing_ok=True)
        changed.append(name)
    # build-info.json last: it says what is there.
    for name in sorted(files, key=lambda n: (n == INFO, n)):
        source, target = files[name], dist / name
        if target.is_file() and _same(source, target):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        shutil.copyfile(source, part)
        shutil.copystat(source, part)
        part.replace(target)
        changed.append(name)
    return changed


def remove(dist: Path) -> int:
    """Removes what build-info.json lists from `dist`, and folders that are empty then.

    Returns how many files were removed: nothing without a build-info.json, as the folder could be
    anybody's.
    """
    try:
        names = [*json.loads((dist / INFO).read_text(encoding="utf-8"))["files"], INFO]
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    removed = 0
    folders: set[Path] = set()
    for name in names:
        path = dist / name
        if not path.resolve().is_relative_to(dist.resolve()) or not path.is_file():
            continue
        path.unlink()
        removed += 1
        folders.update(parent for parent in path.parents if parent.is_relative_to(dist))
    for folder in sorted(folders, key=lambda path: -len(path.parts)):
        if not any(folder.iterdir()):
            folder.rmdir()
    return removed


def _same(a: Path, b: Path) -> bool:
    """Same size and time (assemble keeps times), else the same bytes."""
    one, two = a.stat(), b.stat()
    if one.st_size != two.st_size:
        return False
    return one.st_mtime_ns == two.st_mtime_ns or a.read_bytes() == b.read_bytes()
