"""Programs that clients' users bundle: esbuild puts npm's packages and `pyodide` into one file.

Used by the tests of comlink and pyodide-worker-runner.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from sospeso.engines import find_node
from sospeso.paths import ROOT

from .over import Over


def bundle(entry: Path, out: Path, node_modules: Path, over: Over) -> None:
    """Bundle a script for a page or a classic worker; `pyodide` is what the client runs over."""
    esbuild = ROOT / "node_modules/esbuild/bin/esbuild"
    command = find_node().command(str(esbuild), str(entry), "--bundle", f"--outfile={out}")
    command += [f"--alias:pyodide={over.dist / 'pyodide.mjs'}", "--format=iife"]
    command += ["--define:import.meta.url=self.location.href", "--log-level=error"]
    command += ["--external:node:*", "--external:ws"]  # Node's: not there in a page
    environment = {**os.environ, "NODE_PATH": str(node_modules)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
