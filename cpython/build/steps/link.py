# The link: our objects and libpython become core.mjs and core.wasm. That is core.jspi.wasm when
# its names are cut off, and Binaryen makes core.asyncify.wasm of it. Both share the one glue file,
# and core.symbols.json, which says where libraries find what they import (wasm/symbols.py).
# The tables below are all that may be tuned; each goes into a step's digest. Called by plan.py.
"""Steps that make the two wasm cores."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..engine.step import Context, Step
from ..wasm import exports, fast_copies, glue, names, never_waits, symbols
from .profiles import CONFIGURE_FOLDERS, CONFIGURE_LIBS, Profile

EXPORTED_FUNCTIONS = ("_malloc", "_free")  # besides those marked EMSCRIPTEN_KEEPALIVE
EXPORTED_RUNTIME_METHODS = ("FS", "PATH", "PATH_FS", "ERRNO_CODES", "HEAPU8")

SETTINGS = {
    "MODULARIZE": "1",
    "EXPORT_ES6": "1",
    "ENVIRONMENT": "web,worker,node",
    "INVOKE_RUN": "0",
    "EXIT_RUNTIME": "0",
    "ALLOW_MEMORY_GROWTH": "1",
    "MAXIMUM_MEMORY": "4GB",
    "INITIAL_MEMORY": "32MB",
    "STACK_SIZE": "1MB",
    "FORCE_FILESYSTEM": "1",
    "FS_DEBUG": "1",  # FS.trackingDelegate, which pages use; prints nothing
    "WASM_BIGINT": "1",
    "DEFAULT_TO_CXX": "0",
    "AUTO_NATIVE_LIBRARIES": "0",  # no GL, no OpenAL, no html5
    # For libffi's JavaScript (closures are entries of the table).
    "ALLOW_TABLE_GROWTH": "1",
    "DEFAULT_LIBRARY_FUNCS_TO_INCLUDE": "$stackSave,$stackRestore,$stackAlloc,$getEmptyTableSlot",
    "INCOMING_MODULE_JS_API": (
        "instantiateWasm,preRun,print,printErr,onAbort,noInitialRun,locateFile,wasmBinary,"
        "noExitRuntime"
    ),
}
# Linked after our objects and libpython. exports.js is named for its side effect: from -O3 on emcc
# would shorten the names of imports and exports, which the runtime and --asyncify go by.
SYSTEM_LIBRARIES = ("-lexports.js", "-lnodefs.js", "-lidbfs.js", "-lworkerfs.js", "-lproxyfs.js")
SYMBOLS = "core.symbols.json"
# What stands for functions of the C library, and is given to libraries under their names: file ->
# how it names a function and what stands for it.
STAND_INS = {
    "jspi/pthread_names.h": r"^#define (\w+) (sospeso_\w+)$",
    "jspi/library_threads.h": r"^int (?=sospeso_library_(\w+)\()(\w+)",
}
# Files of ours given as --js-library.
JS_LIBRARIES = ("jspi/imports.js",)
# With the functions' names: never_waits.toml goes by them.
LINK_FLAGS = ("--no-entry", "--profiling-funcs")

# Imports below which the Asyncify core may suspend (module.name).
ASYNCIFY_IMPORTS = ("sospeso.wait",)
# asyncify-asserts: a function that is not instrumented and is unwound all the same traps at once,
# and does not go on with garbage. 0.5 % of the size (never_waits.toml).
ASYNCIFY_ARGS = ("asyncify-asserts",)
# How much Asyncify optimises by itself, so that fewer locals have to be saved. The passes that
# follow it come later, after fast_copies.py.
ASYNCIFY_LEVEL = ("--optimize-level=2", "--shrink-level=0")
# What the wasm uses beyond the minimum; Binaryen must know, because the link strips the note of it.
WASM_FEATURES = (
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-exception-handling",
    "--enable-call-indirect-overlong",
    "--enable-simd",
)


def link_step(
    project: Path,
    profile: Profile,
    toolchain: Step,
    system: Step,
    source: Step,
    objects: Sequence[Step],
    made: Step,
    libs: Mapping[str, Step],
) -> Step:
    """Output: core.mjs, core.wasm with names, core.symbols.json, never_waits.txt."""
    scripts = tuple(project / name for name in JS_LIBRARIES)
    threads = [project / name for name in STAND_INS]
    recipe = {
        "exports": EXPORTED_FUNCTIONS,
        "methods": EXPORTED_RUNTIME_METHODS,
        "settings": SETTINGS,
        "libraries": SYSTEM_LIBRARIES,
        "flags": [*profile.flags, *LINK_FLAGS],
    }

    def run(context: Context) -> None:
        ours = [file for step in objects for file in sorted(context.output(step).glob("*.o"))]
        archives = sorted(
            (context.output(made) / "lib").glob("*.a"),
            key=lambda p: not p.name.startswith("libpython"),
        )
        links: list[tuple[str, tuple[str, ...]]]
        links = [(name, (link,)) for name, link in CONFIGURE_LIBS.values()]
        links += [(name, CONFIGURE_FOLDERS[name][1]) for name in profile.more_libraries]
        libraries = [
            flag for name, link in links for flag in (f"-L{context.output(libs[name])}/lib", *link)
        ]
        stand_in = {
            name: other
            for file, pattern in zip(threads, STAND_INS.values(), strict=True)
            for name, other in re.findall(pattern, file.read_text(encoding="utf-8"), re.MULTILINE)
        }
        offered = {
            name: stand_in.get(name, name)
            for name in exports.api_names(context.output(source) / "Include", archives)
            | exports.listed()
        }
        wanted = context.tmp / "exports.txt"
        wanted.write_text(
            "\n".join(
                f"-Wl,--export={name}"
                for name in sorted({*offered.values(), *exports.OF_THE_LINKER})
            ),
            encoding="utf-8",
        )
        context.run(
            [
                "emcc",
                *profile.flags,
                *LINK_FLAGS,
                f"@{wanted}",
                *ours,
                *archives,
                *libraries,
                *SYSTEM_LIBRARIES,
                *(arg for script in scripts for arg in ("--js-library", script)),
                *settings_flags(),
                "-o",
                context.tmp / "core.mjs",
            ],
        )
        script, used = glue.without_exports(
            (context.tmp / "core.mjs").read_text(encoding="utf-8"),
            {*offered.values(), *exports.OF_THE_LINKER},
        )
        used |= {name.removeprefix("_") for name in EXPORTED_FUNCTIONS}
        module, found = symbols.take_out((context.tmp / "core.wasm").read_bytes(), offered, used)
        (context.out / "core.mjs").write_text(script, encoding="utf-8")
        (context.out / "core.wasm").write_bytes(module)
        (context.out / SYMBOLS).write_text(found.json(), encoding="utf-8")
        linked = [*ours, *archives]
        for name, flags in links:
            folder = context.output(libs[name]) / "lib"
            linked += [folder / f"lib{flag.rpartition('-l')[2]}.a" for flag in flags]

        # emnm does not find itself when it is called through a link, as Debian installs it.
        nm = context.toolchain.output(["emcc", "--print-prog-name=llvm-nm"], cwd=context.tmp)

        def defined_in(path: Path) -> set[str]:
            argv = [nm.strip(), "--defined-only", "--format=posix", str(path)]
            listing = context.toolchain.output(argv, cwd=context.tmp)
            lines = [line.split() for line in listing.splitlines()]
            return {never_waits.base_name(line[0]) for line in lines if len(line) > 1}

        present = names.function_names((context.out / "core.wasm").read_bytes())
        never = never_waits.functions(never_waits.read(), linked, present, defined_in)
        (context.out / "never_waits.txt").write_text("\n".join(never), encoding="utf-8")

    return Step(
        "link",
        run,
        needs=(toolchain, system, source, *objects, made, *libs.values()),
        files=(*scripts, *threads, never_waits.FILE, exports.FILE),
        variant=profile.name,
        recipe=recipe,
        seconds=65 if "-flto" in profile.flags else 15,
    )


def jspi_step(profile: Profile, toolchain: Step, link: Step) -> Step:
    """Output: core.mjs, core.jspi.wasm, core.symbols.json."""

    def run(context: Context) -> None:
        linked = context.output(link)
        for name in ("core.mjs", SYMBOLS):
            shutil.copy(linked / name, context.out)
        module = (linked / "core.wasm").read_bytes()
        kept = module if profile.keep_names else names.without_names(module)
        (context.out / "core.jspi.wasm").write_bytes(kept)

    return Step(
        "jspi",
        run,
        needs=(toolchain, link),
        variant=profile.name,
        recipe={"names": profile.keep_names},
    )


def settings_flags() -> list[str]:
    """emcc's -s options."""
    return [
        *(f"-s{name}={value}" for name, value in SETTINGS.items()),
        "-sEXPORTED_FUNCTIONS=" + ",".join(EXPORTED_FUNCTIONS),
        "-sEXPORTED_RUNTIME_METHODS=" + ",".join(EXPORTED_RUNTIME_METHODS),
    ]


def asyncify_step(profile: Profile, toolchain: Step, link: Step) -> Step:
    """Output: core.asyncify.wasm, made from the linked wasm."""
    args = [
        *ASYNCIFY_LEVEL,
        "--asyncify",
        f"--pass-arg=asyncify-imports@{','.join(ASYNCIFY_IMPORTS)}",
        *(f"--pass-arg={arg}" for arg in ASYNCIFY_ARGS),
    ]
    optimise = [fast_copies.OPTIMISE, *profile.asyncify_optimize]
    threads = ["--enable-threads"] if profile.more_libraries else []  # OpenSSL counts atomically
    features = [*WASM_FEATURES, *threads]

    def run(context: Context) -> None:
        linked = context.output(link)
        never = f"--pass-arg=asyncify-removelist@@{linked / 'never_waits.txt'}"
        made, copied = context.tmp / "made.wasm", context.tmp / "copied.wasm"
        shipped = context.out / "core.asyncify.wasm"
        context.run(["wasm-opt", linked / "core.wasm", *features, *args, never, "-g", "-o", made])
        module, without = fast_copies.make(made.read_bytes(), fast_copies.read())
        copied.write_bytes(module)
        context.run(["wasm-opt", copied, *features, *optimise, "-g", "-o", shipped])
        if without:
            context.note(f"not instrumented, or not there, and so not copied: {', '.join(without)}")
        if not profile.keep_names:
            shipped.write_bytes(names.without_names(shipped.read_bytes()))

    return Step(
        "asyncify",
        run,
        needs=(toolchain, link),
        files=(fast_copies.FILE,),
        variant=profile.name,
        recipe={
            "features": features,
            "args": args,
            "optimise": optimise,
            "names": profile.keep_names,
        },
        seconds=35,
    )
