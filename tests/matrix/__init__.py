"""The engine matrix: one suite of Python programs that wait, run in every engine at hand.

What there is: the engines as data (catalog.toml), getting them (install.py), starting them
(launch.py), a server that sends the suite out and takes the results in (runner.py), the results as
tables and a picture (report.py, picture.py). What runs in the engines is in web/. Used by
`make test-engines`, by `make test` (tests/engines/).
"""
