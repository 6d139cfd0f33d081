"""Tests of polyfills/jspi and jspi/detect.ts.

A package, so that the test files can share conftest.py's types by relative import. Collected by
pytest; nothing else imports it.
"""
