"""Leak checks as Pyodide's own tests have them: a test must leave no JavaScript value and no proxy.

For the tests of this folder, which run under pytest-pyodide (../test_pytest_pyodide.py). The
browser is the one that $SOSPESO_CHROMIUM names: pytest-pyodide itself knows Playwright's own
download alone.
"""

import os

import pytest
from pytest_pyodide.config import get_global_config


@pytest.fixture(scope="module")
def playwright_browsers(request):
    """The browsers of pytest-pyodide's fixtures; takes the place of its fixture of this name."""
    if request.config.option.runner.lower() != "playwright":
        yield {}
        return
    from playwright.sync_api import sync_playwright

    flags = get_global_config().get_flags("chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["SOSPESO_CHROMIUM"], args=[*flags]
        )
        yield {"chrome": browser}
        browser.close()


def pytest_configure(config):
    """A build with the JSPI core alone needs Node's flag for it."""
    dist = config.getoption("dist_dir")
    if (dist / "core.jspi.wasm").exists() and not (dist / "core.asyncify.wasm").exists():
        settings = get_global_config()
        settings.set_flags("node", [*settings.get_flags("node"), "--experimental-wasm-jspi"])


@pytest.hookimpl(hookwrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    """Count before and after, in the test's runtime."""
    runtime = pyfuncitem.funcargs.get("selenium")
    if runtime is None:
        yield
        return
    # Pyodide keeps what these calls were made with, from the first time on.
    runtime.run("0")
    runtime.run_async("async def f(): return [1]\nf()")
    runtime.enable_pyproxy_tracing()
    before = runtime.get_num_hiwire_keys(), runtime.get_num_proxies()
    outcome = yield
    outcome.get_result()
    runtime.disable_pyproxy_tracing()
    after = runtime.get_num_hiwire_keys(), runtime.get_num_proxies()
    assert after == before, "left behind"
