"""`sospeso relay` and `sospeso relay-token`, as cli.py shows them."""

from __future__ import annotations

import asyncio
from dataclasses import fields
from pathlib import Path

import click

from ..paths import UserError
from .limits import Limits
from .policy import BadEntry
from .tokens import make_token, read_key

allow_option = click.option(
    "--allow",
    multiple=True,
    metavar="TARGET",
    help="host:port, *.domain:port, CIDR:port or *:port; may be given again. A port may be * or "
    "a-b. Private addresses are reached by CIDR alone.",
)
key_option = click.option(
    "--key-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    envvar="SOSPESO_RELAY_KEY_FILE",
    help="The secret that tokens are signed with: a file of 32 characters or more.",
)
limit_option = click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=NUMBER",
    help="Of each token; names: " + ", ".join(one.name for one in fields(Limits)) + ".",
)


def address(text: str) -> tuple[str, int]:
    """HOST:PORT, or a port of this machine alone.

    Raises:
        UserError: it is neither.
    """
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65535:
        raise UserError(f"{text!r} is no address to listen on. Give HOST:PORT.")
    return host.removeprefix("[").removesuffix("]") or "127.0.0.1", int(port)


def read_limits(pairs: tuple[str, ...]) -> dict[str, float]:
    """The values of --limit.

    Raises:
        UserError: one is no NAME=NUMBER.
    """
    found: dict[str, float] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            found[name] = float(value)
        except ValueError:
            raise UserError(f"--limit {pair!r} is not NAME=NUMBER.") from None
    return found


def key_of(path: Path) -> bytes:
    """The key in a file.

    Raises:
        UserError: it is too short.
    """
    try:
        return read_key(path.read_bytes())
    except ValueError as error:
        raise UserError(f"{path}: {error}.") from None


@click.command()
@click.option("--listen", default="127.0.0.1:8765", show_default=True, metavar="HOST:PORT")
@allow_option
@click.option("--origin", "origins", multiple=True, help="A page that may come; * for any.")
@key_option
@click.option("--no-token", is_flag=True, help="Let anybody in that --origin lets in.")
@click.option("--audience", default="relay", show_default=True, help="What tokens have to be for.")
@limit_option
@click.option("--no-udp", is_flag=True, help="Carry no datagrams.")
@click.option("--metrics", metavar="HOST:PORT", help="Serve Prometheus metrics there.")
@click.option("--behind-proxy", is_flag=True, help="Take clients' addresses from X-Forwarded-For.")
@click.option("--drain-seconds", default=30.0, show_default=True, help="How long SIGTERM waits.")
def relay(
    listen: str,
    allow: tuple[str, ...],
    origins: tuple[str, ...],
    key_file: Path | None,
    no_token: bool,
    audience: str,
    limits: tuple[str, ...],
    no_udp: bool,
    metrics: str | None,
    behind_proxy: bool,
    drain_seconds: float,
) -> int:
    """Carry TCP and UDP for programs in pages, over WebSockets (docs/relay.md)."""
    from .server import Relay, RelayOptions, serve

    if key_file is None and not no_token:
        raise UserError("who may use the relay? Give --key-file FILE (tokens), or --no-token.")
    if not allow:
        raise UserError("nothing can be reached without --allow TARGET, such as --allow db:5432.")
    wanted = read_limits(limits)
    try:
        chosen = Limits.of(wanted)
        made = Relay(
            RelayOptions(
                allow=allow,
                key=None if key_file is None else key_of(key_file),
                audience=audience,
                origins=origins,
                limits=chosen,
                udp=not no_udp,
                behind_proxy=behind_proxy,
                drain_seconds=drain_seconds,
            )
        )
    except (BadEntry, ValueError) as error:
        raise UserError(f"{error}.") from None
    where = None if metrics is None else address(metrics)
    asyncio.run(serve(made, *address(listen), where))
    return 0


@click.command()
@key_option
@allow_option
@click.option("--audience", default="relay", show_default=True)
@click.option("--seconds", default=300.0, show_default=True, help="How long it is valid.")
@limit_option
@click.option("--id", help="Whose it is; limits are counted by it. Default: a random one.")
def relay_token(
    key_file: Path | None,
    allow: tuple[str, ...],
    audience: str,
    seconds: float,
    limits: tuple[str, ...],
    id: str | None,
) -> int:
    """Print a token for a relay, to try one; a site of yours makes them by make_token()."""
    if key_file is None:
        raise UserError("a token is signed: give the relay's --key-file FILE.")
    wanted = read_limits(limits)
    try:
        token = make_token(
            key_of(key_file),
            audience=audience,
            seconds=seconds,
            allow=allow or None,
            limits=wanted or None,
            id=id,
        )
    except ValueError as error:
        raise UserError(f"{error}.") from None
    click.echo(token)
    return 0
