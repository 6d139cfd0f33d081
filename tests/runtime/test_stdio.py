"""stdin, stdout and stderr served by JavaScript handlers, synchronous and asynchronous.

The programs are in stdio_scenarios.mjs, which drives the public API in Node on both cores; here is
what each of them must give, which is what Python does with a pipe or a terminal.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sospeso.engines import find_node
from sospeso.paths import dist_dir

SCENARIOS = Path(__file__).resolve().with_name("stdio_scenarios.mjs")
THREE_LINES = "one\n|two|three\nfour\n"

EXPECTED: dict[str, Any] = {
    "lineHandler": THREE_LINES,
    "asyncLineHandler": THREE_LINES,
    "readHandler": THREE_LINES,
    "endOfFile": "EOFError: EOF when reading a line",
    "inputBelowC": "['b', 'c', 'a']",
    "pageRunsMeanwhile": True,
    "twoTasks": "a,b",
    "prompt": "seen: name? ",
    "terminalInput": "typedagain > >> ",
    "terminalEnd": "EOFError",
    "pdb": True,
    "shortReads": "[b'ab', b'cdef\\n', b'']",
    "nonBlocking": "[True, b'late\\n']",
    "interrupted": "KeyboardInterrupt,kept",
    "interruptHandled": "line1",
    "plainCallWithSyncHandler": "now",
    "handlerErrors": "EPIPEENOSPC,OSError: [Errno 29] I/O error",
    "handlerCause": "29 JsException: TypeError: sync|29 JsException: RangeError: async|8 NoneType: None"
    "|51 JsException: Error: full|29 LookupError: from Python",
    "fsync": "2,fsync",
    "badHandlers": "TypeError,TypeError,TypeError,TypeError,TypeError",
    "burst": "true,true,true,true,true,true",
    "burstAtTheEnd": "true,true,true,true",
    "replacedWhileWaiting": "from the new one",
    "batched": ["grün", "ab", "", "cd"],
    "asyncBatched": "0,1,2,3,4",
    "raw": "195,169,10",
    "handlersOwnObject": "97,10,98,10,first,second",
    "memoryGrowsInAHandler": "lineline,hi",
    "redirected": r"back [b'piped', b'from the handler\n', True, True]",
    "partialWrites": "adef\n",
    "largeOutput": 200_000,
    "plainCallWithAsyncOutput": "0\n1\n2\n3\n4\n",
    "brokenOutput": "BrokenPipeError: [Errno 64] Broken pipe",
    "interruptedWrite": "4,once",
    "descriptors": "copy file ['OSErrorTrue', True, False]",
    "terminal": "[True, 22, 11],[44, 33],[80, 24],False",
    "getpass": "key: secret",
}


@pytest.fixture(scope="module", params=["jspi", "asyncify"])
def results(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What every scenario gave on one core."""
    node = find_node(need_jspi=request.param == "jspi")
    command = node.command(str(SCENARIOS), str(dist_dir()), request.param)
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=50
    )
    if done.returncode:
        pytest.fail(f"the scenarios did not run to their end:\n{done.stderr}{done.stdout}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", EXPECTED)
def test_scenario(results: dict[str, Any], name: str) -> None:
    assert results[name] == EXPECTED[name]


def test_a_plain_call_that_has_to_wait_says_what_to_do(results: dict[str, Any]) -> None:
    plain, waiting = results["plainCallWithAsyncHandler"].split(" | ")
    assert plain.startswith("RuntimeError")
    assert "runPythonAsync" in plain
    assert waiting == "for later", "the line that was already fetched must not be lost"
