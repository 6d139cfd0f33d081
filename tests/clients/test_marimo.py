"""marimo's export to WebAssembly: what it lacks here.

It carries the loader of Pyodide 314.0.0, which starts our runtime (test_own_loader.py).
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.clients

CLIENT = "marimo 0.25.2"


def test_a_notebook_exported_to_webassembly() -> None:
    pytest.skip("marimo needs msgspec, which is compiled, and no registry has it for Pyodide 0.29")
