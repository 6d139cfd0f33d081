"""`python -m tests.clients`: all clients, and the table of what each check gave.

`make test-clients` calls it.

--peer          over Pyodide itself as well, for comparison
--write         put the table into docs/clients.md
FILES           some of the tests
"""

from __future__ import annotations

import argparse
import os
import sys

import pytest
from rich.console import Console

from sospeso.paths import ROOT

from . import over
from .table import Table

PAGE = ROOT / "docs" / "clients.md"


def main() -> int:
    """pytest's exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.clients")
    parser.add_argument("--peer", action="store_true", help="over Pyodide itself as well")
    parser.add_argument("--write", action="store_true", help="put the table into docs/clients.md")
    parser.add_argument("tests", nargs="*", default=["tests/clients"])
    asked = parser.parse_args()
    if asked.peer:
        os.environ[over.VARIABLE] = f"{over.OURS},{over.PEER}"
    table = Table()
    # -m "": with those that `make test` leaves out.
    code = pytest.main(["-q", "-m", "", *asked.tests], plugins=[table])
    table.show(Console(width=None if sys.stdout.isatty() else 160))
    if asked.write:
        table.write(PAGE)
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
