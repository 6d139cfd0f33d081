"""Programs of test_js_errors.py."""

from js import eval as js


def fields_of_an_error():
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
        assert "in thrower" in text and text.endswith("pyodide.ffi.JsException: RangeError: out\n")
    else:
        raise AssertionError("nothing was raised")


def any_value_survives(thrown):
    from pyodide.ffi import JsException

    try:
        js(f"(() => {{ throw ({thrown}) }})()")
    except JsException as error:
        value = error.js_error.cause
        text = str(error)
    else:
        raise AssertionError("nothing was raised")
    expected = js(f"({thrown})")
    assert type(value) is type(expected)
    assert value == expected or not isinstance(value, (int, str)), (value, expected)
    if isinstance(expected, str):
        assert text == f"Error: {expected}", text
        return
    first, *_, last = text.split("\n")
    tag = js("(value) => Object.prototype.toString.call(value)")(expected)
    assert first.endswith(f" with tag {tag} was thrown as an error!"), text
    assert last.startswith("The thrown value's toString method "), text


def fields_of_any_value(thrown, fields):
    from pyodide.ffi import JsException

    try:
        js(f"(() => {{ throw ({thrown}) }})()")
    except JsException as error:
        assert [error.name, error.message.split("\n")[-1]] == fields, (error.name, error.message)
        assert isinstance(error.stack, str) and str(error.args[0]) == str(error)
        assert not hasattr(error, "nothing")
    else:
        raise AssertionError("nothing was raised")


def raised_again():
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


def causes():
    from pyodide.ffi import JsException

    try:
        js(
            "(() => { throw new Error('outer', {cause: new Error('inner', {cause: new Error('root')})}) })()"
        )
    except JsException as error:
        assert error.__cause__.message == "inner"
        assert error.__cause__.__cause__.message == "root"
    loop = js("(() => { const e = new Error('e'); e.cause = e; return e })()")
    try:
        js("e => { throw e }")(loop)
    except JsException:
        pass


def through_javascript_and_back():
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
        assert (
            text.index("in through_javascript_and_back")
            < text.index("in between")
            < text.index("in inner")
        ), text
    else:
        raise AssertionError("nothing came back")
    for kind in (KeyboardInterrupt, SystemExit, GeneratorExit, StopIteration):

        def stop(kind=kind):
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


async def rejected_promises():
    from pyodide.ffi import JsException, run_sync

    for how in ("await", "run_sync"):
        promise = js("Promise.reject(new SyntaxError('later'))")
        try:
            (await promise) if how == "await" else run_sync(promise)
        except JsException as error:
            assert error.name == "SyntaxError"
        else:
            raise AssertionError(how)


def errors_by_their_parts():
    import copy
    import pickle

    from js import TypeError as JsTypeError
    from pyodide.ffi import JsException

    made = JsException("TypeError", "wrong")
    assert str(made) == "TypeError: wrong" and made.constructor == JsTypeError
    assert str(JsException("AbortError", "stopped")) == "AbortError: stopped"
    error = js("new RangeError('far')")
    for twin in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is type(error) and twin != error
        assert [twin.name, twin.message, twin.stack] == ["RangeError", "far", error.stack]
        assert len(twin.args) == 1
    try:
        JsException(1)
    except TypeError as refused:
        assert str(refused) == "__new__() argument 1 must be str, not int"
