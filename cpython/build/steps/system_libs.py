# Emscripten's own C library, built for our flags in a step of its own.
# It exists so that the first link does not do it unseen, and so that it is done once before steps
# that link run side by side. Called by plan.py.
"""The step that builds the system libraries."""

from __future__ import annotations

from ..engine.step import Context, Step
from .profiles import CONFIGURE_LDFLAGS, Profile


def system_libs_step(profile: Profile, tools: Step) -> Step:
    """Has Emscripten build its C library for these flags; else the first link would, unseen.

    The result is in the compiler's own cache; the output holds only a note.
    """

    def run(context: Context) -> None:
        source = context.tmp / "probe.c"
        source.write_text(
            "#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
            "int main(int c, char **v) { void *p = malloc(c);"
            ' printf("%f%p%s\\n", sin(c), p, v[0]); free(p); return 0; }\n',
            encoding="utf-8",
        )
        # As configure links, and as we do.
        plain = tuple(flag for flag in profile.flags if not flag.startswith(("-flto", "-O")))
        for flags in (plain, profile.flags):
            probe = context.tmp / "probe.mjs"
            context.run(["emcc", *flags, *CONFIGURE_LDFLAGS, source, "-o", probe])
        (context.out / "flags").write_text(" ".join(profile.flags), encoding="utf-8")

    return Step(
        "system-libs",
        run,
        needs=(tools,),
        variant=profile.name,
        recipe={"flags": profile.flags, "link": CONFIGURE_LDFLAGS},
        seconds=45,
    )
