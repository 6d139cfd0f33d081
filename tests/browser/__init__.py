"""Tests in real Chromium: the example page, and every way to load the runtime or to fail at it.

Why a package: its modules import the fixtures' types from conftest.py.
Collected by pytest, `make test`.
"""
