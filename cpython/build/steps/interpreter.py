# CPython itself: patched source, configure, and the static archives.
# Nothing of CPython is linked here: that is link.py, with our own objects. Called by plan.py.
# configure's cache file is kept between builds with the same toolchain and flags, so that a changed
# patch does not pay for all of configure again; make resumes in its folder after an interruption.
"""Steps that build libpython."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from ..engine.errors import BuildError
from ..engine.step import Context, Step
from ..inputs.pins import Pins
from ..inputs.sources import TAKEN, take
from ..inputs.toolchain import VERSIONS
from .probes import answers
from .profiles import (
    COLD_FLAGS,
    COLD_OBJECTS,
    CONFIGURE,
    CONFIGURE_CFLAGS,
    CONFIGURE_EARLY,
    CONFIGURE_FOLDERS,
    CONFIGURE_LDFLAGS,
    CONFIGURE_LIBS,
    CONFIGURE_MODULES,
    FORCED_INCLUDE,
    MAKE_TARGETS,
    OPT,
    SOURCE_LEAVE_OUT,
    Profile,
)

# Stands for the folder of a library in what configure writes.
LIBRARIES = "/libraries"


def source_step(pins: Pins, project: Path, toolchain: Step) -> Step:
    """CPython's source with cpython/patches/*.patch applied in the order of their names."""
    source = pins.sources["cpython"]
    folder = project / "cpython" / "patches"
    patches = tuple(sorted(folder.glob("*.patch")))

    def run(context: Context) -> None:
        version = take(context, source, SOURCE_LEAVE_OUT).version
        for patch in patches:
            context.note(f"applying {patch.name}")
            try:
                context.run(
                    [
                        "patch",
                        "-p1",
                        "--forward",
                        "--no-backup-if-mismatch",
                        "--fuzz=0",
                        "-i",
                        patch,
                    ],
                    cwd=context.out,
                )
            except BuildError as error:
                raise BuildError(
                    f"patch {patch.name} does not apply to CPython {version}\n{error.cause}",
                    f"bring {patch} up to date with the source (unpacked from {source.file})",
                    context.log,
                ) from None

    return Step(
        "cpython-source",
        run,
        needs=(toolchain,),
        files=patches,
        recipe={"sha256": source.sha256, "leave_out": SOURCE_LEAVE_OUT},
        identity=TAKEN,
        seconds=5,
    )


def configure_step(
    pins: Pins,
    profile: Profile,
    toolchain: Step,
    system: Step,
    source: Step,
    libs: Mapping[str, Step],
    site: Path,
) -> Step:
    """A configured build folder.

    Most libraries are built beside it, so that it cannot look at them: the site file answers for
    them, and LIBRARIES stands for their folders until make_step() knows these.
    """
    folders = {name: libs[name] for name in profile.more_libraries}
    early = {name: libs[name] for name in CONFIGURE_EARLY}
    recipe = {
        "configure": [*CONFIGURE, *profile.configure],
        "cflags": CONFIGURE_CFLAGS,
        "libs": CONFIGURE_LIBS,
        "folders": [CONFIGURE_FOLDERS[name] for name in profile.more_libraries],
        "setup": profile.setup_local,
        "cpython": pins.cpython,
        "ldflags": CONFIGURE_LDFLAGS,
    }

    def run(context: Context) -> None:
        where = [
            f"{CONFIGURE_FOLDERS[name][0]}={context.output(step)}" for name, step in folders.items()
        ]
        at = {name: f"{LIBRARIES}/{name}" for name in libs}
        at |= {name: str(context.output(step)) for name, step in early.items()}
        include = [f"-I{folder}/include" for folder in at.values()]
        libdirs = [f"-L{folder}/lib" for folder in at.values()]
        env = {
            "CONFIG_SITE": str(site),
            "CFLAGS": " ".join((*CONFIGURE_CFLAGS, *include)),
            "LDFLAGS": " ".join((*CONFIGURE_LDFLAGS, *libdirs)),
            # Libraries that are not there: never look for the build machine's.
            "PKG_CONFIG_LIBDIR": "/nonexistent",
        }
        for variable, (name, link) in CONFIGURE_LIBS.items():
            env[f"{variable}_CFLAGS"] = f"-I{at[name]}/include"
            env[f"{variable}_LIBS"] = f"-L{at[name]}/lib {link}"
        for name in profile.more_libraries:  # its tests cannot link: our threads are missing
            env |= CONFIGURE_FOLDERS[name][2]
        kept = (
            context.cache
            / "configure"
            / f"{_cache_key(context, recipe, site, toolchain, source)}.cache"
        )
        config_cache = context.tmp / "config.cache"
        script = context.output(source) / "configure"
        if kept.exists():
            text = _other_paths(kept.read_text(encoding="utf-8"))
        else:
            context.note("asking the compiler what there is")
            flags = [*CONFIGURE_CFLAGS, *include, *CONFIGURE_LDFLAGS, *libdirs]
            text = answers(context, script, flags, site.read_text(encoding="utf-8"))
        config_cache.write_text(text, encoding="utf-8")
        context.note("configure")
        if profile.setup_local:
            (context.out / "Modules").mkdir()
            (context.out / "Modules" / "Setup.local").write_text(
                profile.setup_local, encoding="utf-8"
            )
        context.run(
            [
                "emconfigure",
                script,
                f"--cache-file={config_cache}",
                *CONFIGURE,
                *profile.configure,
                *where,
                f"--with-build-python={context.toolchain.python}",
            ],
            cwd=context.out,
            env=env,
        )
        _check_modules(context)
        kept.parent.mkdir(exist_ok=True)
        shutil.copy(config_cache, kept)

    return Step(
        "cpython-configure",
        run,
        needs=(toolchain, system, source, *early.values(), *folders.values()),
        files=(site,),
        variant=profile.name,
        recipe=recipe,
        seconds=70,
    )


def _check_modules(context: Context) -> None:
    """Raises BuildError: configure would leave out a module that has to be there."""
    text = (context.out / "Makefile").read_text(encoding="utf-8")
    states = dict(re.findall(r"^MODULE_(\w+)_STATE=(\w+)$", text, re.MULTILINE))
    missing = [name for name in CONFIGURE_MODULES if states.get(name) != "yes"]
    if missing:
        raise BuildError(
            f"configure does not build {', '.join(name.lower() for name in missing)}",
            f"look for its reasons in {context.log} and in config.log beside the output",
            context.log,
        )


def _cache_key(context: Context, recipe: object, site: Path, toolchain: Step, source: Step) -> str:
    """Names configure's cache: what its answers depend on, less what cannot change an answer."""
    parts = [
        json.dumps(recipe, sort_keys=True),
        context.build.hash_of(site),
        context.build.digest(toolchain),
        context.build.hash_of(context.build.path(toolchain) / VERSIONS),
        context.build.hash_of(context.output(source) / "configure"),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _other_paths(cache: str) -> str:
    """Drops what configure remembers of its environment: libraries' folders differ between builds,
    and it would refuse the cache for that."""
    return "".join(
        line
        for line in cache.splitlines(keepends=True)
        if not line.startswith(("ac_cv_env_", "pkg_cv_"))
    )


def make_step(
    pins: Pins,
    project: Path,
    profile: Profile,
    toolchain: Step,
    source: Step,
    configured: Step,
    libs: Mapping[str, Step],
) -> Step:
    """Output: lib/*.a, include/pyconfig.h, Makefile, and the _sysconfigdata module."""
    headers = tuple(project / name for name in FORCED_INCLUDE)
    targets = tuple(target.format(python=pins.python) for target in MAKE_TARGETS)

    def run(context: Context) -> None:
        build = context.tmp / "build"
        # No folder of the build machine in what ships: not by __FILE__, not by getpath's VPATH.
        extra = f"-include {headers[0]} -fmacro-prefix-map={context.output(source)}/="
        if not (context.tmp / "copied").exists():
            shutil.rmtree(build, ignore_errors=True)
            shutil.copytree(context.output(configured), build, symlinks=True)
            makefile = build / "Makefile"
            text = makefile.read_text(encoding="utf-8")
            # make's last word on a flag wins over the OPT given to it below.
            cold = f"{' '.join(COLD_OBJECTS)}: override OPT += {COLD_FLAGS}\n"
            for name, step in libs.items():  # early ones stand there as they are
                text = text.replace(f"{LIBRARIES}/{name}/", f"{context.output(step)}/")
            makefile.write_text(text.replace('"$(VPATH)"', '"/source"') + cold, encoding="utf-8")
            (context.tmp / "copied").touch()
        else:
            context.note("resuming an interrupted make")
        context.run(
            [
                "emmake",
                "make",
                f"-j{context.jobs}",
                f"abs_builddir={build}",
                f"OPT={' '.join((*OPT, *profile.compile))}",
                f"EXTRA_CFLAGS={extra}",
                *targets,
            ],
            cwd=build,
        )
        for folder in ("lib", "include"):
            (context.out / folder).mkdir()
        for target in targets:
            if target.endswith(".a"):
                shutil.copy(build / target, context.out / "lib")
        shutil.copy(build / "pyconfig.h", context.out / "include")
        shutil.copy(build / "Makefile", context.out)
        data = list(
            (build / (build / "pybuilddir.txt").read_text().strip()).glob("_sysconfigdata*.py")
        )
        if len(data) != 1:
            raise BuildError(
                f"expected one _sysconfigdata module in {build}, found {len(data)}",
                f"look at {context.log}",
                context.log,
            )
        text = data[0].read_text(encoding="utf-8")
        text = (
            text.replace(f" {extra}", "")
            .replace(str(build), "/build")
            .replace(str(context.output(source)), "/source")
        )
        text = re.sub(
            re.escape(str(context.cache)) + r"/steps/([a-z0-9]+)\.[^/'\" ]*", r"/\1", text
        )
        (context.out / data[0].name).write_text(text, encoding="utf-8")

    return Step(
        "cpython-make",
        run,
        needs=(toolchain, source, configured, *libs.values()),
        variant=profile.name,
        files=headers,
        recipe={
            "targets": targets,
            "opt": OPT,
            "flags": profile.compile,
            "cold": [COLD_FLAGS, *COLD_OBJECTS],
        },
        resumable=True,
        seconds=60,
    )
