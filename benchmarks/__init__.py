"""How fast, how big, how hungry: Sospeso beside Pyodide, on the same engine in the same run.

Why: absolute times say more about the machine than about the program; ratios taken in turns on one
engine hold. `make bench` runs `python -m benchmarks` (__main__.py). The tests of the arithmetic and
of the table are in tests/host/test_benchmarks.py; nothing timed is part of `make test`.
"""
