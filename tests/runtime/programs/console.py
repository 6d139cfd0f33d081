"""Programs of test_console.py."""

import asyncio
import json
import sys

from pyodide.console import BANNER, Console, PyodideConsole, repr_shorten, shorten

out = []
console = Console(
    stdout_callback=lambda text: out.append(["out", text]),
    stderr_callback=lambda text: out.append(["err", text]),
)


async def _push(line):
    future = console.push(line)
    try:
        value = await future
    except BaseException as error:
        value = type(error).__name__
    return [future.syntax_check, value, future.formatted_error]


def _told(value):
    """Its JSON; sys drops what the console keeps of an exception."""
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        vars(sys).pop(name, None)
    return json.dumps(value)


async def statements():
    return _told(
        [
            await _push("1 + 1"),
            await _push("def f(x):"),
            await _push("  return x * 2"),
            await _push(""),
            await _push("f(21)"),
            await _push("x = 5"),
            console.globals["x"],
            console.buffer,
        ]
    )


async def the_last_value():
    import builtins

    told = []
    for line in ("40 + 2", "None", "_ + 1", "x = 7", "_", "1 / 0", "_"):
        told.append((await _push(line))[1])
    told.append(builtins._)
    del builtins._
    return _told(told)


async def output():
    await _push("import sys; print('a'); print('b', file=sys.stderr)")
    print("not mine")
    return _told(
        ["".join(text for kind, text in out if kind == wanted) for wanted in ("out", "err")]
    )


async def input():
    lines = iter(["one\n", "two\n", ""])
    console.stdin_callback = lambda size: next(lines)
    return _told([await _push("input()"), await _push("input()"), (await _push("input()"))[:2]])


async def exits():
    first = (await _push("raise SystemExit(3)"))[:2]
    second = (await _push("raise KeyboardInterrupt"))[:2]
    third = (await _push("next(iter([]))"))[:2]
    return _told([first, second, third, (await _push("1"))[:2]])


async def waits():
    a = await _push("import asyncio, time")
    b = await _push("await asyncio.sleep(0, 7)")
    c = await _push("time.sleep(0.01) or 8")
    return _told([a, b, c])


async def pieces_in_order():
    await _push("seen = []; import asyncio")
    first = console.push("await asyncio.sleep(0.01); seen.append(1)")
    second = console.push("seen.append(2)")
    await asyncio.gather(first, second)
    return _told(console.globals["seen"])


async def completions():
    await _push("import sys; my_long_name = 1")
    return _told(
        [
            console.complete("my_lo"),
            console.complete("print(sys.byteor"),
            console.complete("no_such_thin"),
        ]
    )


def redirected_streams():
    console.persistent_redirect_streams()
    print("kept")
    console.persistent_restore_streams()
    print("not kept")
    return _told("".join(text for kind, text in out))


def shortened_texts():
    return _told(
        [
            shorten("abcdefghij", limit=4),
            shorten("abc", limit=4),
            repr_shorten("x" * 2000, limit=20),
            shorten("abcdefghij", limit=4, split=1, separator="_"),
            "Python 3." in BANNER,
        ]
    )


async def a_traceback():
    return _told(await _push("1 / 0"))


async def a_syntax_error():
    return _told(await _push("a b"))


async def the_pyodide_console():
    return _told(await PyodideConsole().push("6 * 7"))
