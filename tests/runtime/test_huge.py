"""Strings and buffers at the limits of the engine and of 32-bit memory: a clear error, or they work.

They take gigabytes, so they run on one cell only, one at a time, and nothing of them stays.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

pytestmark = pytest.mark.timeout(180)


@pytest_asyncio.fixture
async def large(hosts: dict[str, Any]) -> AsyncIterator[Any]:
    """Runs JavaScript beside a runtime in Node, and frees all of it."""
    host = hosts["node"]
    loaded = await host.ask("load", dist=host.dist, core="jspi")

    async def run(code: str) -> Any:
        got = await host.ask("script", id=loaded["id"], code=code)
        assert got["error"] is None, f"{got['error']['message']}\n{got['error']['stack']}"
        return got["value"]["value"]

    yield run
    alive = await run("return pyodide.runPython('1 + 1')")
    await host.ask("destroy", id=loaded["id"])
    await host.collect()
    assert alive == 2


OUTCOME = """
const outcome = (f) => {
  try { return `gave ${f()}`; }
  catch (error) { return `${error.type ?? error.name}: ${String(error.message).trim().split("\\n").at(-1)}`; }
};
"""


async def test_a_python_string_beyond_the_engines_strings_is_an_error(large: Any) -> None:
    told = await large(
        OUTCOME
        + """
        const seen = [];
        for (const [unit, count] of [["a", "2**29"], ["\\xe9", "2**29"], ["\\u0394", "2**29"], ["\\u{1f600}", "2**28"]]) {
          seen.push(outcome(() => pyodide.runPython(`'${unit}' * (${count})`).length));
          seen.push(outcome(() => pyodide.runPython(`['${unit}' * (${count})]`).toJs()[0].length));
          seen.push(outcome(() => pyodide.runPython(`import js; js.String('${unit}' * (${count}))`).length));
        }
        return seen;
        """
    )
    for text in told:
        assert "longer than a string of this engine can be" in text, told


async def test_a_long_string_crosses_both_ways(large: Any) -> None:
    assert await large(
        """
        const text = "a".repeat(2 ** 29 - 24);
        pyodide.globals.set("text", text);
        const length = pyodide.runPython("len(text)");
        const back = pyodide.globals.get("text");
        const same = back === text;
        pyodide.runPython("del text");
        return [length, same];
        """
    ) == [2**29 - 24, True]


async def test_a_buffer_beyond_two_gigabytes(large: Any) -> None:
    told = await large(
        OUTCOME
        + """
        const buffer = new ArrayBuffer(2 ** 31 + 8);
        const bytes = new Uint8Array(buffer);
        bytes[2 ** 31] = 7;
        pyodide.globals.set("b", bytes);
        const seen = [];
        for (const code of ["len(b)", "b[2**31]", "b[-8]", "b[2**31:2**31 + 2].to_bytes()", "b.to_bytes()",
                            "b.to_memoryview()", "b.to_py()", "b.assign(bytes(8))", "b.assign_to(bytearray(8))",
                            "bytearray(2**31)", "b.to_string()"]) {
          seen.push(`${code} ${outcome(() => String(pyodide.runPython(code)))}`);
        }
        pyodide.runPython("del b");
        return seen;
        """
    )
    assert told == []
