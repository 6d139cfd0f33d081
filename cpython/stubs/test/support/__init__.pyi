# Lib/test/support/__init__.py, as much of it as tests/judge/inside.py uses.
from collections.abc import Iterable
from typing import TextIO

verbose: int
use_resources: Iterable[str] | None

def record_original_stdout(stdout: TextIO) -> None: ...
def set_match_tests(accept_patterns: object = None) -> None: ...
