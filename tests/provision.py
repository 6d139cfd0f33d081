"""`python -m tests.provision`: finds or installs what the tests need. `make test` calls it.

A Node, a Chromium and the engines of the quick matrix. An engine that cannot be had is named, and
its tests are skipped with that reason.
"""

from __future__ import annotations

import sys

from sospeso.cli import EXIT_USER_ERROR, say
from sospeso.engines import ensure_chromium, find_node
from sospeso.paths import UserError
from tests.matrix.install import EngineMissing, install
from tests.matrix.machine import quick_engines


def provision() -> None:
    """Say what is here, install what is not.

    Raises:
        UserError: there is no Node or no Chromium, and none can be installed.
    """
    node = find_node()
    say(f"Node {node.version} ({node.source}), JSPI: {node.jspi}")
    chromium = ensure_chromium(say)
    say(f"Chromium {chromium.version} ({chromium.source})")
    for engine in quick_engines():
        try:
            install(engine, say)
        except EngineMissing as error:
            say(f"{engine.title} will not be tested: {error}")


if __name__ == "__main__":
    try:
        provision()
    except UserError as error:
        say(str(error))
        sys.exit(EXIT_USER_ERROR)
