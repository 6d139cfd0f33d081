"""marimo's export to WebAssembly: why it does not run here."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.clients

CLIENT = "marimo 0.25.2"


def test_a_notebook_exported_to_webassembly() -> None:
    pytest.skip(
        "it carries Pyodide's own loader, which wants pyodide.asm.js, and there is none here"
    )
