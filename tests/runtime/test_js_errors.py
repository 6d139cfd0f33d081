"""Errors cross between Python and JavaScript with type, message, traceback and cause."""

from __future__ import annotations

from typing import Any

import pytest

PRELUDE = "from js import eval as js"


async def check(runtime: Any, body: str) -> None:
    """Run assertions in Python, in a function: nothing stays in the namespace."""
    lines = "\n".join("    " + line for line in body.strip("\n").splitlines())
    program = f"async def check():\n    {PRELUDE}\n{lines}\n"
    await runtime.value(program + "await check()\ndel check\nNone")


async def test_a_javascript_error_is_an_exception_with_its_fields(runtime: Any) -> None:
    await check(
        runtime,
        """
import traceback
from pyodide.ffi import JsException, JsProxy
thrower = js("(function thrower() { const e = new RangeError('out'); e.extra = 5; throw e })")
try:
    thrower()
except JsException as error:
    assert isinstance(error, JsProxy) and isinstance(error, Exception)
    assert error.name == "RangeError" and error.message == "out" and error.extra == 5
    assert str(error) == "RangeError: out" and "thrower" in error.stack
    text = "".join(traceback.format_exception(error))
    assert "in thrower" in text and text.endswith("pyodide.ffi.JsException: RangeError: out\\n")
else:
    raise AssertionError("nothing was raised")
""",
    )


@pytest.mark.parametrize(
    "thrown",
    ["42", "'text'", "null", "undefined", "Symbol('s')", "({a: 1})", "[1]", "10n", "() => 1"],
)
async def test_a_thrown_value_that_is_no_error_survives(runtime: Any, thrown: str) -> None:
    await check(
        runtime,
        f"""
from pyodide.ffi import JsException
try:
    js({f"(() => {{ throw ({thrown}) }})()"!r})
except JsException as error:
    value = error.js_error
    text = str(error)
else:
    raise AssertionError("nothing was raised")
expected = js({f"({thrown})"!r})
assert type(value) is type(expected)
assert value == expected or not isinstance(value, (int, str)), (value, expected)
assert text == js("String")(expected), text
""",
    )


@pytest.mark.parametrize(
    ("thrown", "fields"),
    [
        ("'text'", ["Error", "text", ""]),
        ("5", ["Error", "5", ""]),
        ("null", ["Error", "null", ""]),
        ("undefined", ["Error", "undefined", ""]),
        ("({name: 'Mine', code: 3})", ["Mine", "[object Object]", ""]),
        ("Object.create(null)", ["Error", "[object Object]", ""]),
    ],
)
async def test_whatever_was_thrown_has_name_message_and_stack(
    runtime: Any, thrown: str, fields: list[str]
) -> None:
    """A handler that reads error.message failed when a library threw a string, and with null worse."""
    await check(
        runtime,
        f"""
from pyodide.ffi import JsException
try:
    js({f"(() => {{ throw ({thrown}) }})()"!r})
except JsException as error:
    assert [error.name, error.message, error.stack] == {fields!r}, (error.name, error.message)
    assert not hasattr(error, "nothing")
else:
    raise AssertionError("nothing was raised")
""",
    )


async def test_an_error_can_be_raised_caught_and_raised_again(runtime: Any) -> None:
    await check(
        runtime,
        """
from pyodide.ffi import JsException
error = js("new TypeError('mine')")
try:
    raise error
except JsException as caught:
    assert caught is error
try:
    raise JsException(js("({code: 3})"))
except JsException as caught:
    assert caught.code == 3
try:
    raise ValueError("v") from error
except ValueError as caught:
    assert caught.__cause__ is error
error.add_note("a note")
assert error.__notes__ == ["a note"]
catch = js("(f) => { try { f() } catch (e) { return e.cause } }")
def again():
    raise error
assert catch(again) == error
""",
    )


async def test_causes_of_javascript_errors_are_causes_in_python(runtime: Any) -> None:
    await check(
        runtime,
        """
from pyodide.ffi import JsException
try:
    js("(() => { throw new Error('outer', {cause: new Error('inner', {cause: new Error('root')})}) })()")
except JsException as error:
    assert error.__cause__.message == "inner"
    assert error.__cause__.__cause__.message == "root"
loop = js("(() => { const e = new Error('e'); e.cause = e; return e })()")
try:
    js("e => { throw e }")(loop)
except JsException:
    pass
""",
    )


async def test_the_same_exception_comes_back_through_javascript(runtime: Any) -> None:
    await check(
        runtime,
        """
import traceback
class Mine(Exception):
    pass
mine = Mine("x")
def inner():
    raise mine
between = js("(function between(f) { return f() })")
try:
    between(inner)
except Mine as error:
    assert error is mine
    text = "".join(traceback.format_exception(error))
    assert text.index("in check") < text.index("in between") < text.index("in inner"), text
else:
    raise AssertionError("nothing came back")
for kind in (KeyboardInterrupt, SystemExit, GeneratorExit, StopIteration):
    def stop():
        raise kind()
    try:
        between(stop)
    except kind:
        continue
    raise AssertionError(kind)
try:
    js("e => { throw e }")(mine)
except Mine as error:
    assert error is mine
mine.__traceback__ = None
""",
    )


async def test_a_python_error_reaches_javascript_with_type_message_and_cause(runtime: Any) -> None:
    seen = await runtime.js("""
        const out = [];
        for (const code of ["1/0", "raise KeyboardInterrupt", "import sys; sys.exit(3)"]) {
          try { pyodide.runPython(code) } catch (e) {
            out.push([e.constructor.name, e.name, e.type, e.message.trim().split("\\n").at(-1), e.exitCode ?? null]);
          }
        }
        try {
          pyodide.runPython("import js\\njs.eval('null.x')");
        } catch (e) { out.push([e.type, e.cause instanceof TypeError]); }
        pyodide.runPython("import sys; sys.last_exc = None; del js");
        return out;
    """)
    assert seen[0] == [
        "PythonError",
        "PythonError",
        "ZeroDivisionError",
        "ZeroDivisionError: division by zero",
        None,
    ]
    assert seen[1][2] == "KeyboardInterrupt"
    assert seen[2][2:] == ["SystemExit", "SystemExit: 3", 3]
    assert seen[3] == ["JsException", True]


async def test_rejected_promises_raise_where_they_are_awaited(runtime: Any) -> None:
    await check(
        runtime,
        """
from pyodide.ffi import JsException, run_sync
for how in ("await", "run_sync"):
    promise = js("Promise.reject(new SyntaxError('later'))")
    try:
        (await promise) if how == "await" else run_sync(promise)
    except JsException as error:
        assert error.name == "SyntaxError"
    else:
        raise AssertionError(how)
""",
    )
