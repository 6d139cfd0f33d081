# `python -m cpython.build build|status|package|release|clean`: the build driver's command line.
# It exists so that `make build` is one short line; it parses options, calls driver.py and turns a
# BuildError into a message with its cure and an exit status (1 failed, 130 interrupted).
"""Command line of the build driver."""

from __future__ import annotations

import argparse
import signal
import sys

from .engine.errors import BuildError
from .steps.profiles import CORES, PROFILES


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m cpython.build", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="bring dist/ up to date")
    status = commands.add_parser("status", help="say which steps are ready")
    for command in (build, status):
        command.add_argument("--profile", choices=sorted(PROFILES), default="release")
        command.add_argument(
            "--core", choices=(*CORES, "both"), help="cores to build (default: the profile's)"
        )
    build.add_argument("--until", metavar="STEP", help="stop after this step")
    build.add_argument(
        "--quick", action="store_true", help="only what a run in Node needs: the JSPI core"
    )
    package = commands.add_parser("package", help="make packages for npm and pip of dist/")
    package.add_argument("--out", metavar="DIR", help="where they go (default: build/packages)")
    release = commands.add_parser("release", help="make all that is published of a version")
    release.add_argument("--out", metavar="DIR", help="where it goes (default: build/release)")
    clean = commands.add_parser("clean", help="remove dist/ and what can be built again")
    clean.add_argument("--profile", choices=sorted(PROFILES), help="only this profile's outputs")
    clean.add_argument("--only-dist", action="store_true", help="leave the cache alone")
    clean.add_argument("--all", action="store_true", help="downloads and the toolchain too")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; returns the exit status."""
    options = parse(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):  # end the running command, as Ctrl-C does
        signal.signal(number, signal.default_int_handler)
    from . import driver
    from .engine import progress

    try:
        if options.command == "build":
            driver.build(options.profile, options.core, until=options.until, quick=options.quick)
        elif options.command == "status":
            rows = driver.status(options.profile, options.core)
            width = max(len(row[0]) for row in rows)
            for label, state, digest, seconds, size in rows:
                print(f"{label:<{width}}  {state:<8}  {digest}  {seconds:>13}  {size:>9}")
            print(f"cache: {driver.cache_folder()}")
        elif options.command == "package":
            for path in driver.pack(options.out):
                print(path)
        elif options.command == "release":
            for path in driver.release(options.out):
                print(path)
        else:
            reporter = progress.make_reporter()
            if not options.only_dist:
                driver.clean(options.profile, options.all, reporter)
            driver.clean_dist(reporter)
    except BuildError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        if error.log is not None:
            print(f"  log: {error.log}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; the same command goes on where this one stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
