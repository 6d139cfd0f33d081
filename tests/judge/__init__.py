"""The judge: CPython's own tests, run on each core in Node and held to what is expected of them.

Why: `Lib/test` knows what Python is better than anything written here could. No test is edited;
what fails is in expectations.toml with its cause, and a surprise either way fails the run.
`make test-cpython` calls __main__.py; test_fast.py runs a quick subset in `make test`.

    catalog.py       which modules there are, and where their files are
    inside.py        runs one module inside the core (or in a native Python), reports each test
    host.mjs         the Node process around a core
    process.py       starts and watches such a process, again after a crash
    expectations.py  what is known to fail, and the comparison
    native.py        the same tests in the build's own Python on Linux
    report.py        the table and docs/cpython-tests.md
"""
