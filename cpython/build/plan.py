# The plan: which steps a profile needs, in order. The only place that knows how the parts hang
# together. Called by driver.py.
#
#   toolchain ── system-libs
#   *-source ── zlib bzip2 xz sqlite libffi ─┐
#   cpython-source ── cpython-configure ─────┴─ cpython-make ─┬─ objects, frozen ── link
#                                                             └─ stdlib, stdlib-tests
#   link ── jspi, asyncify
#   jspi, asyncify, stdlib, stdlib-tests, js ── build-info ── dist/
"""Steps of a build."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from . import dist, interpreter, libs, link, objects, stdlib
from .engine import Context, Engine, Step
from .pins import Pins
from .profiles import (
    C_DEFINES,
    C_FLAGS,
    CONFIGURE,
    CONFIGURE_CFLAGS,
    PROFILES,
    Profile,
)
from .toolchain import Spec, Toolchain, choose, load, provide

LIBRARIES = ("zlib", "bzip2", "xz", "sqlite", "libffi")


@dataclass(frozen=True)
class Plan:
    """`steps` in order of running; `shipped` are those whose outputs make up dist/."""

    steps: tuple[Step, ...]
    shipped: tuple[Step, ...]
    toolchain: Step
    spec: Spec
    pins: Pins

    def make_toolchain(self, engine: Engine) -> Toolchain:
        """The toolchain once its step is done; for Engine."""
        return load(
            self.spec,
            engine.path(self.toolchain),
            engine.cache,
            [engine.cache, engine.project],
            self.pins.python,
        )


def make(project: Path, pins: Pins, profile: Profile, cores: tuple[str, ...] | None = None) -> Plan:
    """The plan of a profile; `cores` overrides the profile's. Raises BuildError (wrong EMSDK)."""
    profile = replace(profile, cores=cores) if cores else profile
    spec = choose(pins)

    def run(context: Context) -> None:
        provide(context, spec, pins.python)

    tools = Step("toolchain", run, recipe=spec.recipe())
    shared = PROFILES.get(profile.like, profile)
    system = system_libs_step(shared, tools)
    libraries = (*LIBRARIES, *profile.more_libraries)
    sources = {name: libs.source_step(pins, name) for name in libraries}
    built = {
        name: libs.library_step(pins, project, name, shared, sources[name], tools)
        for name in libraries
    }
    cpython = interpreter.source_step(pins, project, tools)
    configured = interpreter.configure_step(
        pins, profile, tools, cpython, built, project / "cpython" / "build" / "config.site"
    )
    made = interpreter.make_step(pins, project, profile, tools, cpython, configured)
    ours = objects.objects_step(project, profile, tools, cpython, made)
    frozen = objects.frozen_step(project, profile, tools, cpython, made)
    linked = link.link_step(project, profile, tools, (ours, frozen), made, built)
    zipped = stdlib.stdlib_step(project, profile, pins.python, tools, cpython, made)
    tests = stdlib.tests_step(project, tools, cpython)
    scripts = dist.js_step(project, shared)
    shipped = [link.jspi_step(profile, tools, linked), zipped, tests, scripts]
    if "asyncify" in profile.cores:
        shipped.insert(1, link.asyncify_step(profile, tools, linked))
    work = [
        tools,
        system,
        *sources.values(),
        *built.values(),
        cpython,
        configured,
        made,
        ours,
        frozen,
        linked,
    ]
    flags = {
        "compile": [*profile.flags],
        "c": [*C_FLAGS, *C_DEFINES],
        "configure": [*CONFIGURE, *profile.configure],
        "configure_cflags": [*CONFIGURE_CFLAGS],
        "link": [*link.LINK_FLAGS, *link.settings_flags()],
        "asyncify": [*link.ASYNCIFY_IMPORTS, *link.ASYNCIFY_ARGS, *profile.asyncify_optimize],
    }
    info = dist.info_step(pins, profile, spec, flags, tools, shipped, [*work, *shipped])
    return Plan((*work, *shipped, info), (*shipped, info), tools, spec, pins)


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
        plain = tuple(
            flag for flag in profile.flags if flag != "-flto"
        )  # what configure links with
        for flags in {plain, profile.flags}:
            context.run(["emcc", *flags, source, "-o", context.tmp / "probe.mjs"])
        (context.out / "flags").write_text(" ".join(profile.flags), encoding="utf-8")

    return Step(
        "system-libs", run, needs=(tools,), variant=profile.name, recipe={"flags": profile.flags}
    )
