"""Option `cachePackages`: a page keeps packages by hash; where it cannot, it does without."""

from __future__ import annotations

import pytest

from tests.programs import scripts

from .conftest import OpenPage, call

SCRIPTS = scripts(__file__)
WHEEL = "six-1.17.0-py2.py3-none-any.whl"


async def test_a_package_is_fetched_at_the_first_visit_only(open_page: OpenPage) -> None:
    page = await open_page()
    assert await call(page, SCRIPTS.visit, True) == ["1.17.0", [WHEEL]]
    await page.reload()
    assert await call(page, SCRIPTS.visit, True) == ["1.17.0", []]


async def test_without_the_option_nothing_is_kept(open_page: OpenPage) -> None:
    page = await open_page()
    for _ in range(2):
        assert await call(page, SCRIPTS.visit, False) == ["1.17.0", [WHEEL]]
    assert await page.evaluate("caches.keys()") == []


async def test_what_is_kept_is_compared_with_its_hash(open_page: OpenPage) -> None:
    page = await open_page()
    await call(page, SCRIPTS.visit, True)
    await call(page, SCRIPTS.damage_what_is_kept)
    for fetched in ([WHEEL], []):
        assert await call(page, SCRIPTS.visit, True) == ["1.17.0", fetched]


@pytest.mark.parametrize("how", ["open", "match", "put"])
async def test_a_page_that_may_keep_nothing_fetches(open_page: OpenPage, how: str) -> None:
    """Some private windows refuse to open a Cache, and a full disk to take anything."""
    page = await open_page()
    await call(page, SCRIPTS.refuse, how)
    assert await call(page, SCRIPTS.visit, True) == ["1.17.0", [WHEEL]]
