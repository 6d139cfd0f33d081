"""pyodide.FS: what its functions refuse, and that the runtime goes on.

Emscripten ended the runtime at an encoding that it does not know (`abort()`), and wrote nonsense for data
that is neither text nor bytes.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import scripts

SCRIPTS = scripts(__file__)


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("reads_in_an_encoding_that_is_none", 'Error: Invalid encoding type "latin1"'),
        ("writes_a_number", "Error: Unsupported data type"),
        ("writes_an_array_of_numbers", "Error: Unsupported data type"),
        ("writes_nothing", "Error: Unsupported data type"),
    ],
)
async def test_wrong_arguments_are_errors_and_the_runtime_goes_on(
    runtime: Any, program: str, told: str
) -> None:
    assert await runtime.js(getattr(SCRIPTS, program)) == [told, 42]


async def test_what_is_refused_leaves_the_file_alone(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.refused_and_read_again) == "before"


async def test_text_and_every_kind_of_bytes_are_written_and_read(runtime: Any) -> None:
    assert await runtime.js(SCRIPTS.writes_and_reads) == {
        "text": "grün",
        "bytes": [103, 114, 195, 188, 110],
        "named binary": [103, 114, 195, 188, 110],
        "a view of words": [1, 0, 2, 0],
        "a DataView": [7, 8],
        "added": "one, two",
    }
