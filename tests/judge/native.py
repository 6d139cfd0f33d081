"""The same tests in the build's own Python on Linux: what "passes natively" means.

Why: a test that native Linux skips or fails says nothing about this platform, and one that starts
processes cannot pass where there are none. The toolchain of the build has a Python of the very same
version; each module runs there once, and the result stays in the cache beside the unpacked tests.
Called by __main__.py; executed as a program, it is what runs inside that Python.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

INSIDE = Path(__file__).with_name("inside.py")


def command_maker(tests: Path) -> object:
    """From a job to the command line that runs it natively.

    Raises:
        BuildError: there is no toolchain.
    """
    from cpython.build import driver, plan
    from cpython.build.engine.engine import Engine
    from cpython.build.engine.progress import make_reporter
    from cpython.build.inputs import pins
    from cpython.build.steps.profiles import PROFILES

    made = plan.make(driver.PROJECT, pins.load(), PROFILES["release"])
    cache = driver.cache_folder()
    engine = Engine(driver.PROJECT, cache, make_reporter())
    toolchain = made.make_toolchain(driver.PROJECT, cache)(engine)

    def command(job: Mapping[str, object]) -> Sequence[str]:
        words = json.dumps({**job, "tests": str(tests), "inside": str(INSIDE)})
        argv = [toolchain.python, "-X", "utf8", str(Path(__file__).resolve()), words]
        return toolchain.command(argv, tests, {"LANG": "C.UTF-8", "HOME": "/tmp"})

    return command


def _main() -> None:
    # A shell that starts us in the background has SIGINT ignored, which tests rely on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    job = json.loads(sys.argv[1])
    sys.path.pop(0)  # this folder has a process.py, say
    sys.argv[1:] = []
    source = Path(job["inside"]).read_text(encoding="utf-8")
    space: dict[str, object] = {"__name__": "judge_inside"}
    exec(compile(source, job["inside"], "exec"), space)
    with open(job["report"], "a", encoding="utf-8") as report:

        def emit(line: dict[str, object]) -> None:
            report.write(json.dumps(line) + "\n")
            report.flush()

        run = space["main"]
        assert callable(run)
        run(job["module"], job["tests"], job["skip"], job["only"], emit)


if __name__ == "__main__":
    _main()
