# Compiles our own C: every .c file below the folders named in profiles.C_FOLDERS, with headers that
# numbers.py makes first, and the modules frozen into the core (profiles.FROZEN).
# One step for all of them; within it each object is kept by the digest of its own inputs, so that
# one touched file is one compiler call. Called by plan.py.
# Objects live in $SOSPESO_CACHE/objects and are hard-linked into the step's output: an object with
# no other link belongs to no output any more and is removed.
"""The step that compiles the project's C files."""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from ..bundle import numbers
from ..engine.digest import tree_files
from ..engine.errors import BuildError
from ..engine.step import Context, Step
from ..inputs.toolchain import VERSIONS
from .profiles import C_DEFINES, C_FLAGS, C_FOLDERS, C_INCLUDES, FORCED_INCLUDE, FROZEN, Profile


def c_files(project: Path, suffix: str = ".c") -> tuple[Path, ...]:
    """Our C sources (or headers), sorted; cpython/patches holds none, examples are not ours."""
    found = []
    for name in C_FOLDERS:
        if (project / name).is_dir():
            files = tree_files(project / name)
            found += [f for f in files if f.suffix == suffix and f.parent.name != "example"]
    return tuple(found)


def object_name(project: Path, source: Path) -> str:
    """`jspi/task.c` -> `jspi_task.o`: unique within one archive or link."""
    return str(source.relative_to(project).with_suffix(".o")).replace("/", "_")


def compile_flags(project: Path, profile: Profile, source: Path, made: Path) -> list[str]:
    """Flags of one compiler call; `source` is CPython's source, `made` the make step's output."""
    includes = [project, made / "include", *(source / name for name in C_INCLUDES)]
    # CPython's headers are not ours to warn about.
    return [
        *profile.flags,
        *C_FLAGS,
        *C_DEFINES,
        "-include",
        str(project / FORCED_INCLUDE[0]),
        f"-I{includes[0]}",
        *(arg for path in includes[1:] for arg in ("-isystem", str(path))),
    ]


def objects_step(
    project: Path, profile: Profile, toolchain: Step, source: Step, made: Step
) -> Step:
    """Output: one .o per C file."""
    sources, headers = c_files(project), c_files(project, ".h")
    # The runtime compares it with its own, which comes from the same place.
    version = json.loads((project / "package.json").read_text(encoding="utf-8"))["version"]

    def run(context: Context) -> None:
        build = context.build
        numbers.generate(project)
        made_headers = sorted((project / numbers.GENERATED).rglob("*.h"))
        flags = compile_flags(project, profile, context.output(source), context.output(made))
        flags.append(f'-DSOSPESO_VERSION="{version}"')
        shared = [*flags, build.digest(toolchain), build.digest(made)]
        shared.append(build.hash_of(build.path(toolchain) / VERSIONS))
        shared += [build.hash_of(header) for header in (*headers, *made_headers)]
        store = context.cache / "objects"
        store.mkdir(exist_ok=True)

        def compile_one(file: Path) -> None:
            name = object_name(project, file)
            digest = hashlib.sha256(json.dumps([str(file), build.hash_of(file), *shared]).encode())
            kept = store / f"{digest.hexdigest()[:32]}.o"
            if not kept.exists():
                part = context.tmp / name
                context.run(["emcc", *flags, "-c", file, "-o", part], cwd=project)
                part.replace(kept)
            os.link(kept, context.out / name)

        context.note(f"{len(sources)} files")
        with ThreadPoolExecutor(context.jobs) as pool:
            # All of them, so that every file's errors are in the log; the first is raised.
            futures = [pool.submit(compile_one, file) for file in sources]
            try:
                wait(futures)
            except KeyboardInterrupt:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        for future in futures:
            future.result()
        for kept in store.iterdir():
            if kept.stat().st_nlink == 1:
                kept.unlink()

    return Step(
        "objects",
        run,
        needs=(toolchain, source, made),
        files=(*sources, *headers, *numbers.tables(project)),
        variant=profile.name,
        recipe={"flags": [*profile.flags, *C_FLAGS, *C_DEFINES, *C_INCLUDES], "version": version},
    )


def frozen_step(project: Path, profile: Profile, toolchain: Step, source: Step, made: Step) -> Step:
    """Output: frozen.o, the table of profiles.FROZEN made by freeze.py with the build Python."""
    ours = {name: project / path for name, path in FROZEN.items() if not path.startswith("Lib/")}
    for name, file in ours.items():
        if not file.exists():
            raise BuildError(
                f"{file} is missing; it is frozen as {name}",
                "restore the file, or take it out of FROZEN in cpython/build/steps/profiles.py",
            )
    tool = project / "cpython" / "build" / "steps" / "freeze.py"

    def run(context: Context) -> None:
        cpython = context.output(source)
        pairs = [f"{name}={ours.get(name, cpython / path)}" for name, path in FROZEN.items()]
        table = context.tmp / "frozen.c"
        context.run([context.toolchain.python, "-I", tool, table, *pairs])
        header = project / FORCED_INCLUDE[0]
        includes = [f"-I{cpython}/Include", f"-I{context.output(made)}/include"]
        flags = ["-O1", "-include", str(header), *includes]
        context.run(["emcc", *flags, "-c", table, "-o", context.out / "frozen.o"])

    return Step(
        "frozen",
        run,
        needs=(toolchain, source, made),
        files=(tool, *ours.values()),
        variant=profile.name,
        recipe={"modules": FROZEN},
    )
