"""Numbers that our Python inside has by heart, because the module that has them costs time to import.

Those that C and TypeScript share are compared by the build: tests/host/test_numbers.py.
"""

from __future__ import annotations

from typing import Any

from tests.programs import programs

PROGRAMS = programs(__file__)


async def test_the_flag_of_coroutines_is_cpythons(runtime: Any) -> None:
    assert await runtime.value(PROGRAMS.flags_of_coroutines) is True


async def test_js_and_pyodide_js_are_asked_for_by_their_names(runtime: Any) -> None:
    """They were numbers, 0 and 1, in Python, C and TypeScript; any other one gave pyodide_js."""
    assert await runtime.value(PROGRAMS.a_module_of_no_such_name) == (
        "js_module(): 'json' is neither 'js' nor 'pyodide_js'\n"
        "js_module(): 0 is neither 'js' nor 'pyodide_js'"
    )
