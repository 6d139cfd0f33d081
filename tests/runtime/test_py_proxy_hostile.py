"""What must not harm the runtime: hostile objects, odd names, recursion through both worlds, and
proxies that end in the middle of their own use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import programs, scripts
from tests.runtime.conftest import Runtime

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)

# The cases are in programs/py_proxy_hostile.mjs; here is the text that each gives.
EXPECTED = {
    "a getter of a keyword argument throws": "Error: nope",
    "every trap of an argument throws": "2",
    "an argument is a revoked proxy": "1",
    "an argument has no prototype": "1",
    "a symbol is an argument": "1",
    "an argument was destroyed": (
        "Error: For more information about the cause of this error, use `pyodide.setDebug(true)`"
    ),
    "60,000 arguments": "60000",
    "a function destroys its own proxy": "5",
    "an attribute destroys its own proxy": "7",
    "an iterator destroys its own proxy": "1,2",
    "a key that cannot be hashed": "PythonError: TypeError: unhashable type: 'list'",
    "a lone surrogate names an attribute": "3",
    "NUL and nothing name attributes": "4,",
    "a huge int is a key": "5",
    "a length is negative": "PythonError: ValueError: __len__() should return >= 0",
    "null is thrown through Python": "JsException",
    "KeyboardInterrupt crosses as itself": "KeyboardInterrupt",
    "SystemExit crosses as itself": "SystemExit",
    "StopIteration from a call is an error": "StopIteration",
    "recursion through calls": "RecursionError",
    "recursion through sorted()": "RecursionError",
    "recursion through attributes": "RecursionError",
    "a sort that throws": "Error: no order3,1,2",
    "methods on something else": "TypeError: this method is called on something that is no PyProxy",
}


@pytest.mark.parametrize("case", EXPECTED)
async def test_the_runtime_survives(runtime: Any, case: str) -> None:
    python = {program.name: str(program) for program in PROGRAMS}
    assert await runtime.js(SCRIPTS.try_a_hostile_case, case, python) == EXPECTED[case]


async def test_a_proxy_of_another_runtime_is_a_javascript_object(runtime: Any) -> None:
    """Two runtimes in one page: each sees the other's proxies as JavaScript values."""
    loaded = await runtime.host.load_beside(runtime.core)
    try:
        await Runtime(runtime.host, runtime.engine, loaded).js(SCRIPTS.make_a_foreign_proxy)
        assert await runtime.js(SCRIPTS.use_a_foreign_proxy) == "JsProxy,2,2"
    finally:
        await runtime.host.ask("destroy", id=loaded["id"])


@pytest.mark.parametrize("runtime", ["node-jspi", "node-asyncify"], indirect=True)
async def test_the_console_of_node_shows_the_python_object(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.show_in_the_console_of_node) == [
        "PyProxy [1, 2]",
        "{ list: PyProxy [1, 2] }",
        "PyProxy (destroyed)",
    ]
