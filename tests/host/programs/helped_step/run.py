"""Runs the toy step of this folder, from a cache beside it; prints how many steps had to run.

Copied with its neighbours into a folder by test_build_driver.py, which adds helper.py and
errors.py. A Python of its own, since a module's text is read when it is imported.
"""

from pathlib import Path

import thesteps

from cpython.build.engine.engine import Engine
from cpython.build.engine.progress import PlainReporter
from cpython.build.engine.step import Step

folder = Path(__file__).parent
engine = Engine(folder, folder / "cache", PlainReporter())
print(len(engine.run([Step("helped", thesteps.run)])))
