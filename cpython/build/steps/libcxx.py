# The C++ library as a library of its own, libcxx.so, for wheels of C++ (polyfills/dl/linker.ts
# fetches it when the first of them is loaded).
# Why: in the core it would cost every page 150 kB. One library for all gives them one exception tag
# and one typeinfo of each standard class, so that one catches what another throws.
# Called by plan.py.
"""The step that builds libcxx.so."""

from __future__ import annotations

from ..engine.step import Context, Step
from .profiles import COMMON_FLAGS

# Emscripten's archives, by what embuilder calls them: those for -fwasm-exceptions.
ARCHIVES = ("libc++-legacyexcept", "libc++abi-legacyexcept", "libunwind-legacyexcept")
FLAGS = ("-O2", *COMMON_FLAGS, "-sSIDE_MODULE=1", "-Wl,-Bsymbolic")
SCRIPT = r"""
embuilder --pic build $ARCHIVES
folder=$(em-config CACHE)/sysroot/lib/wasm32-emscripten/pic
em++ $FLAGS -Wl,--whole-archive $(printf "$folder/%s.a " $ARCHIVES) -Wl,--no-whole-archive \
  -o "$OUT/libcxx.so"
"""


def libcxx_step(toolchain: Step) -> Step:
    """Output: libcxx.so."""

    def run(context: Context) -> None:
        env = {
            "ARCHIVES": " ".join(ARCHIVES),
            "FLAGS": " ".join(FLAGS),
            "OUT": str(context.out),
        }
        context.script(SCRIPT, env=env)

    return Step(
        "libcxx",
        run,
        needs=(toolchain,),
        recipe={"archives": ARCHIVES, "flags": FLAGS, "script": SCRIPT},
        seconds=60,
    )
