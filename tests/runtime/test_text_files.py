"""Text files and what is below them, where CPython's patches 0015, 0016 and 0023 take a shorter way.

The program uses each way around it, too: methods that somebody replaced, subclasses, characters cut in two,
error handlers, descriptors that do not block. Native CPython says what has to come out.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from tests.programs import programs

PROGRAM = programs(__file__).use_files_in_every_way


async def test_files_do_what_they_do_natively(runtime: Any) -> None:
    native = f"{PROGRAM.text}\nprint({PROGRAM.name}())"
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-W", "ignore", "-c", native], stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    assert await runtime.call(PROGRAM) == output.decode().strip()
