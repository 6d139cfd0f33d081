"""A stand-in for inside.py: "runs" tests of which one kills the process and one hangs.

Its argument is the job as process.py gives it. Run by test_expectations.py.
"""

import json
import os
import sys
import time

job = json.loads(sys.argv[1])


def emit(**line: object) -> None:
    """One line of the report."""
    with open(job["report"], "a") as file:
        file.write(json.dumps(line) + "\n")


for name in ["test_x.A.a", "test_x.A.kills", "test_x.A.b", "test_x.A.hangs", "test_x.A.c"]:
    if name in job["skip"]:
        continue
    emit(event="start", id=name)
    if name.endswith("kills"):
        print("last words", flush=True)
        os._exit(7)
    if name.endswith("hangs"):
        time.sleep(1000)
    emit(event="end", id=name, outcome="pass", seconds=0.1)
emit(event="done")
