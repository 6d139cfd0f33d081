# The build driver of Sospeso's core: a folder of plain Python modules.
# It exists so that "one command builds CPython for the browser" is true on any
# Linux machine. `make build` and the host-side package call it as
# `python -m cpython.build build`; nothing here is imported by code in the browser.
"""Builds `dist/` (wasm cores, standard library, JavaScript) step by step."""
