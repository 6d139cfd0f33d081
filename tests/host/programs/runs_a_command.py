"""Runs a shell that starts a long command, notes its process's number in a file, and waits.

`python runs_a_command.py FILE`. Interrupted by test_build_driver.py.
"""

import os
import sys
from pathlib import Path

from cpython.build.engine.commands import run_group

SHELL = 'sleep 60 & echo $! > "$0"; wait'

with open(os.devnull, "wb") as out:
    run_group(["sh", "-c", SHELL, sys.argv[1]], Path("/"), out.fileno())
