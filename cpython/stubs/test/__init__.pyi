# The package with CPython's own tests (Lib/test), as much of it as tests/judge/inside.py uses.
