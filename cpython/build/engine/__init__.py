# What runs the steps of a build: digests, the cache, commands, progress, errors. Called by
# driver.py.
"""The step engine."""
