# What the build takes from outside: pinned versions, sources, the toolchain. Called by plan.py and
# by the steps.
"""Versions, downloads and the toolchain."""
