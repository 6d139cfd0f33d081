# The commands: build, status, package, clean. Finds the project and the cache, makes the plan, runs
# it, and puts dist/ together. Called by __main__.py, and by the host-side package through build().
"""What `python -m cpython.build` does."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from . import plan
from .bundle import dist, package
from .bundle import release as release_of
from .engine.digest import tree_size
from .engine.engine import Engine
from .engine.errors import BuildError, from_os_error
from .engine.progress import Reporter, human_size, human_time, make_reporter
from .engine.step import Step
from .inputs import pins
from .inputs.toolchain import Toolchain
from .steps.profiles import CORES, PROFILES

# What the driver keeps in the cache, which the host side uses too.
OURS = (
    *("steps", "work", "downloads", "objects", "configure", "sizes", "logs", "emscripten"),
    *("tmp", "home", "filehashes.json"),
)
PROJECT = Path(__file__).resolve().parent.parent.parent


def cache_folder() -> Path:
    """$SOSPESO_CACHE, else `sospeso` in the user's cache folder; absolute."""
    named = os.environ.get("SOSPESO_CACHE")
    if named:
        return Path(named).expanduser().resolve()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return (Path(base).expanduser() / "sospeso").resolve()


def dist_folder() -> Path:
    """$SOSPESO_DIST, else `dist` in the project."""
    named = os.environ.get("SOSPESO_DIST")
    return Path(named).expanduser().resolve() if named else PROJECT / "dist"


def cores_of(core: str | None) -> tuple[str, ...] | None:
    """The `--core` option (None: the profile's own). Asyncify is made from JSPI: it needs both."""
    if core is None or core in CORES[:1]:
        return CORES[:1] if core else None
    return CORES


def build(
    profile: str = "release",
    core: str | None = None,
    reporter: Reporter | None = None,
    target: Path | None = None,
    until: str | None = None,
    quick: bool = False,
) -> Path:
    """Brings dist/ up to date and returns it; `until` stops after a step of that name.

    With `quick` it makes what a run in Node needs, no more (plan.make()); where everything is there
    already, everything stays. Raises BuildError.
    """
    started = time.monotonic()
    reporter = reporter or make_reporter()
    target = target or dist_folder()
    cache = cache_folder()
    made = plan.make(PROJECT, pins.load(), PROFILES[profile], cores_of(core))
    engine = Engine(PROJECT, cache, reporter, made.make_toolchain(PROJECT, cache))
    if quick and not all(engine.is_done(step) for step in made.steps):
        made = plan.make(PROJECT, pins.load(), PROFILES[profile], quick=True)
        engine = Engine(PROJECT, cache, reporter, made.make_toolchain(PROJECT, cache))
    steps = made.steps
    if until is not None:
        last = next((step for step in steps if step.name == until), None)
        if last is None:
            names = ", ".join(step.name for step in steps)
            raise BuildError(f"there is no step named {until}", f"the steps are: {names}")
        needed = _needed(last)
        steps = tuple(step for step in steps if step in needed)
    ran = engine.run(steps)
    if until is None:
        try:
            changed = dist.assemble(dist.collect(engine, made.shipped), target)
        except OSError as error:
            raise from_os_error(error, target) from error
        reporter.say(f"{target}: {f'{len(changed)} files changed' if changed else 'unchanged'}")
    if ran:
        reporter.say(f"built in {human_time(time.monotonic() - started)}")
    return target


def _needed(step: Step) -> set[Step]:
    """A step and all that it needs."""
    return {step}.union(*(_needed(need) for need in step.needs))


def toolchain_at_hand(*folders: Path) -> Toolchain | None:
    """The toolchain if its step is in the cache, allowed to use these folders too; never made here.

    Raises BuildError (wrong EMSDK).
    """
    made = plan.make(PROJECT, pins.load(), PROFILES["release"])
    cache = cache_folder()
    engine = Engine(PROJECT, cache, make_reporter())
    if not engine.is_done(made.toolchain):
        return None
    toolchain = made.make_toolchain(PROJECT, cache)(engine)
    toolchain.bind += [folder.resolve() for folder in folders]
    return toolchain


def status(profile: str, core: str | None) -> list[tuple[str, str, str, str, str]]:
    """One row per step: name, state, digest, time it took, size of its output."""
    made = plan.make(PROJECT, pins.load(), PROFILES[profile], cores_of(core))
    engine = Engine(PROJECT, cache_folder(), make_reporter())
    rows = []
    for step in made.steps:
        digest = engine.digest(step)[:16]
        if engine.is_done(step):
            info = engine.info(step)
            rows.append(
                (
                    step.label,
                    "ready",
                    digest,
                    human_time(info["seconds"]),
                    human_size(info["bytes"]),
                )
            )
        else:
            begun = (engine.cache / "work" / engine.key(step)).exists()
            rows.append((step.label, "begun" if begun else "to build", digest, "", ""))
    return rows


def pack(out: str | None = None) -> list[Path]:
    """Makes the packages of dist/ in a folder (default: build/packages). Raises BuildError."""
    folder = Path(out).resolve() if out else PROJECT / package.FOLDER
    return package.pack(PROJECT, dist_folder(), folder)


def release(out: str | None = None) -> list[Path]:
    """Makes what is published of this version (in build/release). Raises BuildError."""
    folder = Path(out).resolve() if out else PROJECT / release_of.FOLDER
    toolchain = toolchain_at_hand()
    root = toolchain.root if toolchain else None
    return release_of.make(PROJECT, dist_folder(), cache_folder(), root, folder)


def clean(profile: str | None, everything: bool, reporter: Reporter) -> None:
    """Removes a profile's outputs from the cache, or all but the toolchain, or all."""
    cache = cache_folder()
    engine = Engine(PROJECT, cache, reporter)
    with engine.locked():
        if everything:
            doomed = [cache / name for name in OURS]
        else:
            doomed = [
                path
                for kind in ("steps", "work")
                for path in sorted((cache / kind).glob("*"))
                if (
                    f".{profile}-" in path.name
                    if profile
                    else not path.name.startswith("toolchain-")
                )
            ]
            if profile is None:
                doomed += [cache / name for name in ("objects", "configure", "sizes", "logs")]
        freed = 0
        for path in doomed:
            if path.is_dir():
                freed += tree_size(path)
                shutil.rmtree(path)
            elif path.exists():
                freed += path.stat().st_size
                path.unlink()
    reporter.say(f"freed {human_size(freed)} in {cache}")


def clean_dist(reporter: Reporter) -> None:
    """Removes from dist/ what its build-info.json lists: $SOSPESO_DIST may name any folder."""
    removed = dist.remove(dist_folder())
    reporter.say(f"removed {removed} files of a build from {dist_folder()}")
