"""Libraries that tests load: C and C++ files of sources/, compiled with the build's compiler.

Flags are those of wheels for Pyodide's ABI 2025_0.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from cpython.build import driver

SOURCES = Path(__file__).parent / "sources"
ABI = ("-fwasm-exceptions", "-sSUPPORT_LONGJMP=wasm", "-fPIC", "-Wno-experimental")


class Compiler:
    """Compiles libraries into a folder; keeps each for the session."""

    def __init__(self, folder: Path) -> None:
        toolchain = driver.toolchain_at_hand(folder, SOURCES)
        if toolchain is None:
            pytest.skip("the compiler is not in the cache: this dist/ was not built here")
        self._toolchain = toolchain
        self._folder = folder

    def library(self, source: str, name: str, *needs: str, exports: str = "") -> Path:
        """A library made of one file; `needs` are libraries made before, found by $ORIGIN."""
        made = self._folder / name
        if made.exists():
            return made
        kind = ("-sSIDE_MODULE=2", f"-sEXPORTED_FUNCTIONS={exports}") if exports else ()
        path = ("-Wl,-rpath,$ORIGIN",) if needs else ()
        command = [
            "em++" if source.endswith(".cpp") else "emcc",
            *("-O1", *ABI, *(kind or ("-sSIDE_MODULE=1",)), *path),
            str(SOURCES / source),
            *(str(self._folder / need) for need in needs),
            *("-o", str(made)),
        ]
        self._toolchain.output(command, cwd=self._folder)
        return made


def in_base64(*files: Path) -> dict[str, str]:
    """Name -> contents, as JSON can carry them."""
    return {file.name: base64.b64encode(file.read_bytes()).decode() for file in files}
