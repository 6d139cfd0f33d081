# The link: our objects and libpython become core.mjs and core.jspi.wasm, and Binaryen turns that
# same wasm into core.asyncify.wasm. Both cores share the one glue file.
# The tables below are all that may be tuned; each goes into a step's digest. Called by plan.py.
"""Steps that make the two wasm cores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .engine import Context, Step
from .errors import BuildError
from .profiles import CONFIGURE_LIBS, Profile

EXPORTED_FUNCTIONS = ("_malloc", "_free")  # besides those marked EMSCRIPTEN_KEEPALIVE
EXPORTED_RUNTIME_METHODS = ("FS", "PATH", "ERRNO_CODES", "HEAPU8")

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
    "WASM_BIGINT": "1",
    "DEFAULT_TO_CXX": "0",
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
# Files of ours given as --js-library.
JS_LIBRARIES = ("jspi/imports.js",)
LINK_FLAGS: Mapping[str, tuple[str, ...]] = {
    "release": ("--no-entry",),
    "dev": ("--no-entry", "--profiling-funcs"),
}

# Imports below which the Asyncify core may suspend (module.name).
ASYNCIFY_IMPORTS = ("sospeso.wait",)
ASYNCIFY_ARGS: tuple[str, ...] = ()  # further --pass-arg values, e.g. "asyncify-ignore-indirect"
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
)


def link_step(
    project: Path,
    profile: Profile,
    toolchain: Step,
    objects: Sequence[Step],
    made: Step,
    libs: Mapping[str, Step],
) -> Step:
    """Output: core.mjs, core.jspi.wasm."""
    scripts = tuple(project / name for name in JS_LIBRARIES)
    recipe = {
        "exports": EXPORTED_FUNCTIONS,
        "methods": EXPORTED_RUNTIME_METHODS,
        "settings": SETTINGS,
        "libraries": SYSTEM_LIBRARIES,
        "flags": [*profile.flags, *LINK_FLAGS[profile.name]],
    }

    def run(context: Context) -> None:
        ours = [file for step in objects for file in sorted(context.output(step).glob("*.o"))]
        archives = sorted(
            (context.output(made) / "lib").glob("*.a"),
            key=lambda p: not p.name.startswith("libpython"),
        )
        libraries = [
            flag
            for name, link in CONFIGURE_LIBS.values()
            for flag in (f"-L{context.output(libs[name])}/lib", link)
        ]
        context.run(
            [
                "emcc",
                *profile.flags,
                *LINK_FLAGS[profile.name],
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
        (context.tmp / "core.mjs").rename(context.out / "core.mjs")
        (context.tmp / "core.wasm").rename(context.out / "core.jspi.wasm")

    return Step(
        "link",
        run,
        needs=(toolchain, *objects, made, *libs.values()),
        files=scripts,
        variant=profile.name,
        recipe=recipe,
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
        *WASM_FEATURES,
        "--asyncify",
        f"--pass-arg=asyncify-imports@{','.join(ASYNCIFY_IMPORTS)}",
        *(f"--pass-arg={arg}" for arg in ASYNCIFY_ARGS),
        *profile.asyncify_optimize,
    ]
    names = "-g" if "--profiling-funcs" in LINK_FLAGS[profile.name] else ""

    def run(context: Context) -> None:
        wasm = context.output(link) / "core.jspi.wasm"
        if not wasm.exists():
            raise BuildError(f"{wasm} is missing", "remove the link step's output and build again")
        context.run(
            [
                "wasm-opt",
                wasm,
                *args,
                *([names] if names else []),
                "-o",
                context.out / "core.asyncify.wasm",
            ]
        )

    return Step(
        "asyncify",
        run,
        needs=(toolchain, link),
        variant=profile.name,
        recipe={"args": args, "names": names},
    )
