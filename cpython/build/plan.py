# The plan: which steps a profile needs, in order. The only place that knows how the parts hang
# together. Called by driver.py.
#
#   toolchain ── *-source ── zlib bzip2 xz sqlite libffi ──────┐
#   toolchain ── system-libs ── cpython-configure ─────────────┴─ cpython-make
#   cpython-make ── objects, frozen ── link;   cpython-make ── stdlib, stdlib-tests
#   link ── jspi, asyncify
#   toolchain ── libcxx;   cpython-source ── wheels
#   jspi, asyncify, stdlib, stdlib-tests, js, libcxx, wheels, package ── build-info ── dist/
"""Steps of a build."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from .bundle import dist, package
from .engine.step import Build, Step
from .inputs.pins import Pins
from .inputs.root import toolchain_step
from .inputs.toolchain import Spec, Toolchain, choose, load
from .inputs.wheels import wheels_step
from .steps import interpreter, libs, link, objects, stdlib
from .steps.libcxx import libcxx_step
from .steps.profiles import (
    C_DEFINES,
    C_FLAGS,
    CONFIGURE,
    CONFIGURE_CFLAGS,
    CONFIGURE_LDFLAGS,
    PROFILES,
    Profile,
)
from .steps.system_libs import system_libs_step

LIBRARIES = ("zlib", "bzip2", "xz", "sqlite", "libffi")


@dataclass(frozen=True)
class Plan:
    """`steps` in order of running; `shipped` are those whose outputs make up dist/."""

    steps: tuple[Step, ...]
    shipped: tuple[Step, ...]
    toolchain: Step
    spec: Spec
    pins: Pins

    def make_toolchain(self, project: Path, cache: Path) -> Callable[[Build], Toolchain]:
        """Makes the toolchain once its step is done; for Engine."""
        return lambda build: load(
            self.spec, build.path(self.toolchain), cache, [cache, project], self.pins.python
        )


def make(
    project: Path,
    pins: Pins,
    profile: Profile,
    cores: tuple[str, ...] | None = None,
    quick: bool = False,
) -> Plan:
    """The plan of a profile; `cores` overrides the profile's.

    With `quick` it is what a run in Node needs, no more: the JSPI core, no archive of CPython's
    tests, no wheels, no record of compressed sizes. Raises BuildError (wrong EMSDK).
    """
    profile = replace(profile, cores=cores) if cores else profile
    if quick:
        profile = replace(profile, cores=("jspi",), compressed_sizes=False)
    spec = choose(pins)

    tools = toolchain_step(spec, pins.python)
    shared = PROFILES.get(profile.like, profile)
    system = system_libs_step(shared, tools)
    libraries = (*LIBRARIES, *profile.more_libraries)
    sources = {name: libs.source_step(pins, name, tools) for name in libraries}
    built = {
        name: libs.library_step(pins, project, name, shared, sources[name], tools)
        for name in libraries
    }
    cpython = interpreter.source_step(pins, project, tools)
    configured = interpreter.configure_step(
        *(pins, profile, tools, system, cpython, built),
        project / "cpython" / "build" / "steps" / "config.site",
    )
    made = interpreter.make_step(pins, project, profile, tools, cpython, configured, built)
    ours = objects.objects_step(project, profile, tools, cpython, made)
    frozen = objects.frozen_step(project, profile, tools, cpython, made)
    linked = link.link_step(project, profile, tools, system, cpython, (ours, frozen), made, built)
    zipped = stdlib.stdlib_step(project, profile, pins.python, tools, cpython, made)
    tests = stdlib.tests_step(project, tools, cpython)
    scripts = dist.js_step(project, shared)
    wheels = wheels_step(project, pins.sources["cpython"], cpython)
    shipped = [
        link.jspi_step(profile, tools, linked),
        zipped,
        scripts,
        package.package_step(project),
        libcxx_step(tools),
    ]
    if not quick:
        shipped += [tests, wheels]
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
        "configure_ldflags": [*CONFIGURE_LDFLAGS],
        "link": [*link.LINK_FLAGS, *link.settings_flags()],
        "asyncify": [*link.ASYNCIFY_IMPORTS, *link.ASYNCIFY_ARGS, *profile.asyncify_optimize],
    }
    taken = {**sources, "cpython": cpython}
    info = dist.info_step(pins, profile, spec, flags, tools, taken, shipped, [*work, *shipped])
    return Plan((*work, *shipped, info), (*shipped, info), tools, spec, pins)
