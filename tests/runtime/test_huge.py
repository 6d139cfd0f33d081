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
        for (const [unit, count] of [["a", "2**29"], ["\\xe9", "2**29"]]) {
          seen.push(outcome(() => pyodide.runPython(`'${unit}' * (${count})`).length));
          seen.push(outcome(() => pyodide.runPython(`['${unit}' * (${count})]`).toJs()[0].length));
          seen.push(outcome(() => pyodide.runPython(`import js; js.String('${unit}' * (${count}))`).length));
        }
        // Wide ones need a gigabyte each.
        seen.push(outcome(() => pyodide.runPython("'\\u0394' * 2**29").length));
        seen.push(outcome(() => pyodide.runPython("chr(0x1f600) * 2**28").length));
        return seen;
        """
    )
    assert len(told) == 8
    for text in told:
        # Where a second gigabyte in a row is not to be had, Python says so itself.
        assert "longer than a string of this engine can be" in text or "MemoryError" in text, told
    assert "longer than a string of this engine can be" in told[0]


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
    assert told[2] == "b[-8] gave 7"
    for text in told[:2] + told[3:]:
        # to_string() is the engine's own decoder.
        assert " OverflowError: " in text or " IndexError: " in text or " JsException: " in text, (
            told
        )
