"""Fixtures of the detector's tests: they share a Node and a bundler with the JSPI library's tests.

Used by every test of this folder, each of which asks for the fixtures by name.
"""

from polyfills.jspi.tests.conftest import built, node

__all__ = ["built", "node"]
