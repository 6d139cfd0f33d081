"""Tests as people write them with pytest-pyodide, in Node or Chromium.

../test_pytest_pyodide.py runs them, and looks at what each gave. A test whose name begins with
`test_fails_` has to fail.
"""

import pytest
from pytest_pyodide import run_in_pyodide
from pytest_pyodide.decorator import PyodideHandle
from pytest_pyodide.runner import JavascriptException


def test_run_gives_values(selenium):
    assert selenium.run("6 * 7") == 42
    assert selenium.run("'a' + 'b'") == "ab"


def test_run_async_waits(selenium):
    assert selenium.run_async("import asyncio\nawait asyncio.sleep(0.01)\n'waited'") == "waited"


def test_run_js_gives_values(selenium):
    assert selenium.run_js("return pyodide.runPython('1 + 1')") == 2
    assert selenium.run_js("return await new Promise((go) => setTimeout(go, 5, 3))") == 3


def test_errors_of_python_arrive(selenium):
    with pytest.raises(JavascriptException, match="ZeroDivisionError"):
        selenium.run("1 / 0")


def test_errors_of_javascript_arrive(selenium):
    with pytest.raises(JavascriptException, match="RangeError: mine"):
        selenium.run_js("throw new RangeError('mine')")


def test_the_logs_have_what_is_printed(selenium):
    selenium.run("print('printed')")
    assert "printed" in selenium.logs


def test_packages_load(selenium_standalone):
    selenium_standalone.load_package(["six"])
    assert selenium_standalone.run("import six; six.PY3") is True


def test_a_standalone_runtime(selenium_standalone):
    assert selenium_standalone.run("import sys; sys.platform") == "emscripten"


def test_a_runtime_that_the_test_loads(selenium_standalone_noload):
    found = (
        selenium_standalone_noload.run_js(
            "const pyodide = await loadPyodide({ indexURL: './', fullStdLib: false });"
            "return pyodide.runPython('7');",
            pyodide_checks=False,
        )
        if selenium_standalone_noload.browser != "node"
        else selenium_standalone_noload.run_js(
            "const pyodide = await loadPyodide(); return pyodide.runPython('7');",
            pyodide_checks=False,
        )
    )
    assert found == 7


@run_in_pyodide
def test_a_test_runs_inside(selenium):
    import sys

    assert sys.platform == "emscripten"


@run_in_pyodide
async def test_an_async_test_runs_inside(selenium):
    import asyncio

    await asyncio.sleep(0.01)


@run_in_pyodide(packages=["six"])
def test_a_test_inside_has_packages(selenium):
    import six

    assert six.PY3


@pytest.mark.parametrize("value", [1, "text", [1, {"a": (2, 3)}]])
def test_arguments_and_results_cross(selenium, value):
    @run_in_pyodide
    def twice(selenium, value):
        return [value, value]

    assert twice(selenium, value) == [value, value]


def test_exceptions_cross(selenium):
    @run_in_pyodide
    def fails(selenium):
        raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        fails(selenium)


def test_handles_stand_for_objects_inside(selenium_standalone):
    @run_in_pyodide
    def make(selenium):
        from pytest_pyodide.decorator import PyodideHandle

        return PyodideHandle({"a": 1})

    @run_in_pyodide
    def look(selenium, handle):
        handle["b"] = 2
        return handle

    handle = make(selenium_standalone)
    assert isinstance(handle, PyodideHandle)
    assert look(selenium_standalone, handle) == {"a": 1, "b": 2}
    handle.__del__()


@run_in_pyodide
def test_fails_inside(selenium):
    assert [1, 2] == [1, 3]


def test_fails_by_leaking_a_proxy(selenium):
    selenium.run_js("self.kept = pyodide.runPython('[]'); return 0")


def test_fails_by_leaking_a_js_value(selenium):
    selenium.run("from js import Object; kept = Object.new(); None")


def test_state_is_restored(selenium_standalone):
    selenium_standalone.save_state()
    selenium_standalone.run("made = 1")
    selenium_standalone.restore_state()
    assert selenium_standalone.run("'made' in globals()") is False
