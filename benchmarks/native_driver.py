"""Running requests of native.py in a Python of this machine.

Why: native CPython is the far limit of some measures, and answers the same requests as the engines
(drivers.py), in a process of its own each time. Used by bench.py and __main__.py.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

from sospeso.paths import UserError

ROOT = Path(__file__).parent.parent
LONGEST = 120.0


async def run_native(python: str, request: dict[str, Any]) -> dict[str, Any]:
    """The answer of native.py in a process of that Python.

    Raises:
        UserError: it failed.
    """
    process = await asyncio.create_subprocess_exec(
        *(python, "-m", "benchmarks.native", json.dumps(request)),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), LONGEST)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise UserError(f"{python} failed natively:\n{err.decode(errors='replace')[-2000:]}")
    answer: dict[str, Any] = json.loads(out)
    return answer


def python_version(python: str) -> str:
    """The version of a native Python.

    Raises:
        UserError: it cannot be run.
    """
    code = "import platform; print(platform.python_version())"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    except OSError as error:
        raise UserError(f"no native Python to compare with: {error}") from None
    if done.returncode:
        raise UserError(f"{python} does not run: {done.stderr.strip()[-500:]}")
    return done.stdout.strip()
