# The steps that make CPython, its libraries, our objects and the two cores. Called by plan.py.
"""Steps of a build."""
