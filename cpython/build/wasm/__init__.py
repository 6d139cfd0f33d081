# Reading and changing wasm modules: names, what never waits, fast copies. Called by steps/link.py.
"""Work on wasm modules."""
