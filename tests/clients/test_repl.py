"""A prompt by pyodide.console, as pages of documentation and editors have one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peer import read_pins
from sospeso.engines import find_node

from .over import Over

CLIENT = "a prompt by pyodide.console " + read_pins()[0].version
PROGRAM = Path(__file__).parent / "pages" / "repl" / "repl.mjs"

CHECKS: dict[str, Any] = {
    "banner": True,
    "value": ["complete", "42"],
    "print": ["complete", "printed\n"],
    "stderr": ["complete", "!wrong!\n"],
    "incomplete": [["incomplete", ""], ["incomplete", ""], ["complete", ""]],
    "function": ["complete", "2"],
    "await": ["complete", "'awaited'"],
    "traceback": [
        "Traceback (most recent call last):",
        '  File "<console>", line 1, in <module>',
        "ZeroDivisionError: division by zero",
    ],
    "syntax error": "syntax-error",
    "shortened": True,
    "time.sleep": ["complete", ""],
    "a proxy": ["complete", "[1, 2]"],
    "an object of JavaScript": ["complete", "'[1,2]'"],
    "completion": [["asyncio.get_running_loop()"], 0],
}


@pytest.fixture(scope="module")
def told(over: Over) -> dict[str, Any]:
    command = [*find_node().command(str(PROGRAM)), str(over.dist)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("check", CHECKS)
def test_the_prompt(told: dict[str, Any], check: str) -> None:
    assert told[check] == CHECKS[check]
