"""The Python module pyodide.console."""

from __future__ import annotations

import json
from typing import Any

PRELUDE = """
import asyncio, json
from pyodide.console import BANNER, Console, PyodideConsole, repr_shorten, shorten
out = []
console = Console(stdout_callback=lambda text: out.append(["out", text]),
                  stderr_callback=lambda text: out.append(["err", text]))
async def push(line):
    future = console.push(line)
    try:
        value = await future
    except BaseException as error:
        value = type(error).__name__
    return [future.syntax_check, value, future.formatted_error]
"""


async def told(runtime: Any, code: str) -> Any:
    """Run the code after PRELUDE; its last expression is made JSON. Drops what the console keeps."""
    lines = code.strip().splitlines()
    lines[-1] = f"answer = json.dumps({lines[-1]})"
    tail = """
import sys
for name in ("last_exc", "last_type", "last_value", "last_traceback"):
    vars(sys).pop(name, None)
answer
"""
    return json.loads(await runtime.value(PRELUDE + "\n".join(lines) + tail))


async def test_lines_are_run_when_they_are_a_statement(runtime: Any) -> None:
    assert await told(
        runtime,
        """
[await push("1 + 1"), await push("def f(x):"), await push("  return x * 2"), await push(""),
 await push("f(21)"), await push("x = 5"), console.globals["x"], console.buffer]
""".replace("\n", " "),
    ) == [
        ["complete", 2, None],
        ["incomplete", None, None],
        ["incomplete", None, None],
        ["complete", None, None],
        ["complete", 42, None],
        ["complete", None, None],
        5,
        [],
    ]


async def test_output_goes_to_the_callbacks_while_code_runs(runtime: Any) -> None:
    code = """
await push("import sys; print('a'); print('b', file=sys.stderr)")
print("not mine")
["".join(text for kind, text in out if kind == wanted) for wanted in ("out", "err")]
"""
    assert await told(runtime, code) == ["a\n", "b\n"]


async def test_input_comes_from_the_callback(runtime: Any) -> None:
    code = """
lines = iter(["one\\n", "two\\n", ""])
console.stdin_callback = lambda size: next(lines)
[await push("input()"), await push("input()"), (await push("input()"))[:2]]
"""
    assert await told(runtime, code) == [
        ["complete", "one", None],
        ["complete", "two", None],
        ["complete", "EOFError"],
    ]


async def test_a_traceback_has_the_users_frames_only(runtime: Any) -> None:
    check, value, text = await told(runtime, 'await push("1 / 0")')
    assert (check, value) == ("complete", "ZeroDivisionError")
    assert text == (
        "Traceback (most recent call last):\n"
        '  File "<console>", line 1, in <module>\n'
        "ZeroDivisionError: division by zero\n"
    )


async def test_a_syntax_error_is_formatted(runtime: Any) -> None:
    check, value, text = await told(runtime, 'await push("a b")')
    assert (check, value) == ("syntax-error", "SyntaxError")
    assert text.startswith('  File "<console>", line 1\n    a b\n')
    assert text.endswith("SyntaxError: invalid syntax\n")


async def test_exits_are_outcomes_and_the_loop_lives(runtime: Any) -> None:
    code = """
first = (await push("raise SystemExit(3)"))[:2]
second = (await push("raise KeyboardInterrupt"))[:2]
third = (await push("next(iter([]))"))[:2]
[first, second, third, (await push("1"))[:2]]
"""
    assert await told(runtime, code) == [
        ["complete", "SystemExit"],
        ["complete", "KeyboardInterrupt"],
        ["complete", "RuntimeError"],
        ["complete", 1],
    ]


async def test_code_may_await_and_may_wait(runtime: Any) -> None:
    code = """
a = await push("import asyncio, time")
b = await push("await asyncio.sleep(0, 7)")
c = await push("time.sleep(0.01) or 8")
[a, b, c]
"""
    assert [value for _, value, _ in await told(runtime, code)] == [None, 7, 8]


async def test_pieces_run_one_after_the_other(runtime: Any) -> None:
    code = """
await push("seen = []; import asyncio")
first = console.push("await asyncio.sleep(0.01); seen.append(1)")
second = console.push("seen.append(2)")
await asyncio.gather(first, second)
console.globals["seen"]
"""
    assert await told(runtime, code) == [1, 2]


async def test_words_are_completed(runtime: Any) -> None:
    code = """
await push("import sys; my_long_name = 1")
[console.complete("my_lo"), console.complete("print(sys.byteor"), console.complete("no_such_thin")]
"""
    assert await told(runtime, code) == [
        [["my_long_name"], 0],
        [["sys.byteorder"], 6],
        [[], 0],
    ]


async def test_streams_can_stay_redirected(runtime: Any) -> None:
    code = """
console.persistent_redirect_streams()
print("kept")
console.persistent_restore_streams()
print("not kept")
"".join(text for kind, text in out)
"""
    assert await told(runtime, code) == "kept\n"


async def test_long_texts_are_shortened(runtime: Any) -> None:
    code = """
[shorten("abcdefghij", limit=4), shorten("abc", limit=4), repr_shorten("x" * 2000, limit=20),
 shorten("abcdefghij", limit=4, split=1, separator="_"), "Python 3." in BANNER]
""".replace("\n", " ")
    assert await told(runtime, code) == [
        "ab...ij",
        "abc",
        "'xxxxxxxxx...xxxxxxxxx'",
        "a_j",
        True,
    ]


async def test_the_pyodide_console_runs_code_too(runtime: Any) -> None:
    assert await told(runtime, 'await PyodideConsole().push("6 * 7")') == 42
