"""A quick subset of CPython's own tests on both cores, as part of the suite.

One pytest test is one module on one core. The whole of it is `make test-cpython`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sospeso.engines import find_node
from sospeso.paths import need_dist

from . import catalog
from .__main__ import core_command
from .expectations import Expectations
from .process import run_module


@pytest.mark.timeout(300)
@pytest.mark.parametrize("core", ["jspi", "asyncify"])
@pytest.mark.parametrize("module", catalog.FAST)
async def test_cpythons_own_module_does_as_expected(module: str, core: str, tmp_path: Path) -> None:
    expected = Expectations.load()
    dist = need_dist("sospeso.mjs", f"core.{core}.wasm", "python_test.zip")
    tests = catalog.tests_folder(dist)
    command = core_command(core, find_node(need_jspi=core == "jspi"), tests, dist)
    result = await run_module(module, core, command, tmp_path, expected.not_started(core))
    surprises = expected.compare([result])
    assert not surprises, "\n\n".join(f"{s.id}: {s.text}" for s in surprises)
    assert result.count("pass") > 0
