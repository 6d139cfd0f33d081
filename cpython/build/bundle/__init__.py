# What is made of TypeScript, and dist/ put together. Called by plan.py and driver.py, and by
# `make lint`.
"""JavaScript and dist/."""
