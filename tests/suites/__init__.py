"""The test suites of packages, run inside with the wheels that others built.

`python -m tests.suites` runs them on both cores and over Pyodide, and compares; what passes there
has to pass here. suites.toml says which tests, hosts and wheels there are.
"""
