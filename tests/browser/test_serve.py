"""ServedApp.mount(): a service worker leads a path of the site to a server inside the page."""

from __future__ import annotations

from tests.browser.conftest import OpenPage, call
from tests.programs import programs, scripts

PROGRAMS = programs(__file__)
SCRIPTS = scripts(__file__)


async def test_a_frame_visits_an_application_that_runs_in_the_page(
    open_page: OpenPage, core: str
) -> None:
    page = await open_page()
    got = await call(page, SCRIPTS.mountAndVisit, core, PROGRAMS.start, PROGRAMS.stop)
    assert got == [["/app/page", "made inside", "201", "LOUD", "404"], "/app/"]
