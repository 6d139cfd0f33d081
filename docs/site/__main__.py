"""Builds the documentation site: `python -m docs.site`, which `make docs` calls.

Why: one command turns docs/, the types of the JavaScript side, the stubs of the Python side and the
gallery into a folder that any web server can serve. MkDocs makes the pages; stage.py says what goes
in; reference.py makes the API reference.
"""

from __future__ import annotations

import sys

import click

from docs.site.stage import SITE, build
from sospeso.paths import UserError


@click.command(help=__doc__.partition("\n")[0])
@click.option(
    "--without-runtime",
    is_flag=True,
    help="Leave dist/ out: the pages are complete, but what runs in them does not start.",
)
def main(without_runtime: bool) -> None:
    """Build, and say where the site is."""
    try:
        build(with_runtime=not without_runtime, say=click.echo)
    except UserError as error:
        sys.exit(f"docs: {error}")
    click.echo(f"The site is in {SITE}. Look at it: .venv/bin/sospeso serve {SITE}")


if __name__ == "__main__":
    main()
