"""The command line: `sospeso [run | -c | -m | serve | relay | build | doctor | demo]`.

Why: one program for everything a person does with a checkout or a finished build; the Makefile
calls nothing else. Click parses our own options; what belongs to the Python program that is run
passes through untouched (program.py). Heavy modules are imported by the command that needs them.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import click

from .packages import packages
from .paths import ROOT, UserError, dist_dir, need_checkout
from .program import Core, parse_program
from .relay.commands import relay, relay_token

EXIT_USER_ERROR = 2
EXIT_INTERRUPTED = 130


def say(text: str) -> None:
    """One line for the person, on stderr: stdout belongs to programs."""
    print(f"sospeso: {text}", file=sys.stderr, flush=True)


class ProgramCommand(click.Command):
    """A command whose options end where the Python program begins.

    `-c` and `-m` are not options of ours: everything from them on is the program, so that its own
    `--core`, say, reaches it.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `--` before the first word that is not one of our options or its value."""
        at = 0
        takes_value = {
            name
            for option in self.params
            if isinstance(option, click.Option) and not option.is_flag
            for name in option.opts
        }
        flags = {
            name
            for option in [*self.params, self.get_help_option(ctx)]
            if isinstance(option, click.Option) and option.is_flag
            for name in option.opts
        }
        while at < len(args):
            word = args[at]
            if word == "--":
                return super().parse_args(ctx, args)
            if word in takes_value:
                at += 2
            elif word in flags or word.split("=")[0] in takes_value:
                at += 1
            else:
                break
        return super().parse_args(ctx, [*args[:at], "--", *args[at:]])


class Commands(click.Group):
    """The group; `sospeso -c ...`, `sospeso x.py` and just `sospeso` mean `sospeso run ...`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert `run` where a program stands in place of a command."""
        first = args[0] if args else ""
        own = {"-h", "--help", "--version"}
        is_program = not args or (first.startswith("-") and first not in own)
        if is_program or (first.endswith(".py") and first not in self.commands):
            args = ["run", *args]
        return super().parse_args(ctx, args)


core_option = click.option(
    "--core",
    type=click.Choice(["auto", "jspi", "asyncify"]),
    default="auto",
    show_default=True,
    help="Which wasm core: the engine's own JSPI, or the Asyncify twin that runs everywhere.",
)
engine_option = click.option(
    "--engine",
    type=click.Choice(["node", "chromium"]),
    default="node",
    show_default=True,
    help="Where to run.",
)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sospeso")
def sospeso() -> None:
    """CPython for the browser in which ordinary blocking Python waits without freezing the page."""


@sospeso.command(cls=ProgramCommand)
@core_option
@engine_option
@click.option("--ticks", is_flag=True, help="Show how often a 10 ms JS timer fired meanwhile.")
@click.option(
    "--with",
    "named",
    metavar="PACKAGE",
    multiple=True,
    help="Install a package first; may be given again. Of PIP_INDEX_URL, or PyPI.",
)
@click.option(
    "--listen",
    metavar="[HOST:]PORT",
    multiple=True,
    help="Let servers of the program be reached at this port alone (of 127.0.0.1); may be given "
    "again. Without it they are reached as those of python are.",
)
@click.option(
    "--mount",
    "mounts",
    metavar="DIR",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Let it see this folder of the host and no others; may be given again.",
)
@click.argument(
    "words", nargs=-1, type=click.UNPROCESSED, metavar="SCRIPT|-c CODE|-m MODULE [ARG]..."
)
def run(
    core: str,
    engine: str,
    ticks: bool,
    named: tuple[str, ...],
    listen: tuple[str, ...],
    mounts: tuple[Path, ...],
    words: tuple[str, ...],
) -> int:
    """Run a Python program: streams, arguments, exit code and Ctrl-C as with `python`.

    Without a program a person gets the interactive interpreter; what comes through a pipe is run.

    On Node it may read and write what you may: the host's folders, but for /usr and other parts of
    the system; and it has the host's network. With --mount it sees these folders alone, and the
    rest of its files are in memory; a script has to lie in one of them. In Chromium it gets a copy
    of the script's folder and writes nothing.

    Packages that come along load when they are imported. Others are installed before the program
    runs: those of --with, and those that a script's header names (PEP 723).
    """
    program = parse_program(words, stdin_is_tty=os.isatty(0))
    for folder in mounts:
        if not folder.is_dir():
            raise UserError(f"--mount {folder}: there is no such folder.")
    if mounts and engine != "node":
        raise UserError("--mount is for Node: in Chromium a program gets copies of files.")
    chosen = cast("Core", core)
    if engine == "node":
        from .run import run_on_node

        return asyncio.run(
            run_on_node(program, chosen, ticks, packages(named), listen=listen, mounts=mounts)
        )
    if listen:
        raise UserError("a page cannot be reached from outside: --listen is for --engine node.")
    from .engines import ensure_chromium
    from .page import run_on_chromium

    chromium = ensure_chromium(say)
    return asyncio.run(run_on_chromium(program, chromium, chosen, ticks, packages(named)))


@sospeso.command()
@core_option
@engine_option
def demo(core: str, engine: str) -> int:
    """Run examples/hello_blocking.py against a small local server (what `make run` does)."""
    need_checkout("sospeso demo")
    from .demo import demo as run_demo

    chromium = None
    if engine == "chromium":
        from .engines import ensure_chromium

        chromium = ensure_chromium(say)
    return asyncio.run(run_demo(cast("Core", core), chromium))


@sospeso.command()
@core_option
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def venv(core: str, folder: Path) -> int:
    """Make a virtual environment in DIR whose Python is this runtime in Node.

    DIR/bin/python takes the options of `python`; DIR/bin/pip installs wheels for its platform, by
    the host's pip.
    """
    from .venv import create

    create(folder, core)
    return 0


@sospeso.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--coop", is_flag=True, help="Send COOP and COEP headers (SharedArrayBuffer).")
@click.option(
    "--origin-trial",
    metavar="TOKEN",
    help="Send an Origin-Trial header (JSPI in Chrome 123 to 136, docs/engines.md).",
)
@click.option(
    "--allow-host",
    "names",
    metavar="NAME",
    multiple=True,
    help="Another name of this machine by which pages may ask; may be given again.",
)
def serve(
    folder: Path,
    host: str,
    port: int,
    coop: bool,
    origin_trial: str | None,
    names: tuple[str, ...],
) -> int:
    """Serve DIR at / and the build at /dist/, for development.

    Files and folders whose names begin with a dot are not served, and requests for other hosts than
    this machine are refused.
    """
    from .origin_trial import read_token
    from .server import ServerOptions, serve_forever

    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder. Give one that holds the page to serve.")
    if origin_trial is not None:
        read_token(origin_trial)
    options = ServerOptions(folder.resolve(), dist_dir(), coop, origin_trial, names)
    try:
        asyncio.run(serve_forever(options, host, port))
    except KeyboardInterrupt:
        pass  # the usual way to stop it
    return 0


sospeso.add_command(relay)
sospeso.add_command(relay_token, "relay-token")


@sospeso.command()
@click.option(
    "--profile", type=click.Choice(["dev", "release"]), default="release", show_default=True
)
@click.option("--keep-profile", is_flag=True, help="Stay with the profile that dist/ was built in.")
@click.option("--quick", is_flag=True, help="Only what a run in this machine's Node needs.")
def build(profile: str, keep_profile: bool, quick: bool) -> int:
    """Build dist/ from pinned sources (cached; a second run is quick)."""
    need_checkout("sospeso build")
    if keep_profile:
        profile = built_profile() or profile
    command = [sys.executable, "-m", "cpython.build", "build", "--profile", profile]
    if quick:
        from .engines import find_node

        # The quick build has the JSPI core alone.
        command += ["--quick"] if find_node().has_jspi else []
    # A process of its own: Ctrl-C reaches it from the terminal, and it has its own exit code.
    try:
        return subprocess.run(command, cwd=ROOT).returncode
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def built_profile() -> str | None:
    """The profile that dist/ was built in, if it was built."""
    try:
        info = json.loads((dist_dir() / "build-info.json").read_text())
    except (OSError, ValueError):
        return None
    profile = info.get("profile") if isinstance(info, dict) else None
    return profile if profile in ("dev", "release") else None


@sospeso.command()
def doctor() -> int:
    """Show what this machine has: toolchain, Node, browsers, JSPI, cache."""
    from rich.console import Console

    from .doctor import doctor as examine

    return 0 if examine(Console()) else 1


def main(args: list[str] | None = None) -> None:
    """Entry point; ends the process with the command's exit code."""
    try:
        code: Any = sospeso.main(args, prog_name="sospeso", standalone_mode=False)
    except UserError as error:
        say(str(error))
        sys.exit(EXIT_USER_ERROR)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)
