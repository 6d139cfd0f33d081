# The build driver: `python -m cpython.build build|status|clean`.
# driver.py has the commands, plan.py the steps in order. engine/ runs steps, inputs/ gets what
# comes from outside, steps/ makes CPython and what it needs, wasm/ works on modules, bundle/ makes
# dist/.
"""Builds dist/ from pinned sources."""
